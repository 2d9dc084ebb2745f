"""The tools that the models of the corpus are offered."""

from typing import Final

from ccproxy_tui.protocols.hub import JsonObject, Tool

_TEXT: Final[JsonObject] = {"type": "string"}
_INTEGER: Final[JsonObject] = {"type": "integer"}
_NUMBER: Final[JsonObject] = {"type": "number"}
_BOOLEAN: Final[JsonObject] = {"type": "boolean"}


def _tool(name: str, description: str, required: str = "", /, **properties: JsonObject) -> Tool:
    schema: JsonObject = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }
    return Tool(name, description, schema)


def _described(description: str, schema: JsonObject) -> JsonObject:
    return {**schema, "description": description}


_EDIT: Final[JsonObject] = {
    "old_string": _described("The text to replace", _TEXT),
    "new_string": _described("The text to replace it with", _TEXT),
    "replace_all": {"type": "boolean", "default": False, "description": "Replace all occurrences"},
}

CLAUDE_CODE: Final = [
    _tool(
        "Read",
        "Reads a file from the local filesystem.",
        "file_path",
        file_path=_described("The absolute path to the file to read", _TEXT),
        offset=_described("The line number to start reading from", _INTEGER),
        limit=_described("The number of lines to read", _INTEGER),
    ),
    _tool(
        "Write",
        "Writes a file to the local filesystem.",
        "file_path content",
        file_path=_described("The absolute path to the file to write", _TEXT),
        content=_described("The content to write to the file", _TEXT),
    ),
    _tool(
        "Edit",
        "Performs exact string replacements in files.",
        "file_path old_string new_string",
        file_path=_described("The absolute path to the file to modify", _TEXT),
        **_EDIT,
    ),
    _tool(
        "MultiEdit",
        "Makes multiple edits to a single file in one operation.",
        "file_path edits",
        file_path=_described("The absolute path to the file to modify", _TEXT),
        edits={
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": _EDIT,
                "required": ["old_string", "new_string"],
                "additionalProperties": False,
            },
        },
    ),
    _tool(
        "Bash",
        "Executes a bash command.",
        "command",
        command=_described("The command to execute", _TEXT),
        timeout=_described("Timeout in milliseconds (max 600000)", _NUMBER),
        description=_described("What this command does, in 5-10 words", _TEXT),
        run_in_background=_described("Run this command in the background", _BOOLEAN),
    ),
    _tool(
        "Grep",
        "Searches file contents, built on ripgrep.",
        "pattern",
        **{
            "pattern": _described("The regular expression to search for", _TEXT),
            "path": _described("File or directory to search in", _TEXT),
            "glob": _TEXT,
            "output_mode": {"type": "string", "enum": ["content", "files_with_matches", "count"]},
            "-A": _NUMBER,
            "-C": _NUMBER,
            "-n": _BOOLEAN,
            "-i": _BOOLEAN,
            "head_limit": _NUMBER,
            "multiline": _BOOLEAN,
        },
    ),
    _tool("Glob", "Finds files by pattern.", "pattern", pattern=_TEXT, path=_TEXT),
    _tool(
        "TodoWrite",
        "Keeps the list of tasks of this session.",
        "todos",
        todos={
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "content": {"type": "string", "minLength": 1},
                    "status": {"type": "string", "enum": ["pending", "in_progress", "completed"]},
                    "activeForm": {"type": "string", "minLength": 1},
                },
                "required": ["content", "status", "activeForm"],
                "additionalProperties": False,
            },
        },
    ),
    _tool(
        "WebFetch",
        "Fetches an address and answers a question about it.",
        "url prompt",
        url={"type": "string", "format": "uri"},
        prompt=_TEXT,
    ),
    _tool(
        "Task",
        "Launches another agent.",
        "description prompt subagent_type",
        description=_TEXT,
        prompt=_TEXT,
        subagent_type=_TEXT,
    ),
    _tool(
        "mcp__github__create_issue",
        "Create a new issue in a GitHub repository",
        "owner repo title",
        owner=_TEXT,
        repo=_TEXT,
        title=_TEXT,
        body=_TEXT,
        labels={"type": "array", "items": _TEXT},
        assignees={"type": "array", "items": _TEXT},
        milestone=_NUMBER,
    ),
]

ODD: Final = [
    Tool(
        "configure",
        "Sets whatever is given.",
        {
            "type": "object",
            "$defs": {
                "Limits": {
                    "type": "object",
                    "properties": {
                        "max": _INTEGER,
                        "burst": _BOOLEAN,
                        "window": {"$ref": "#/$defs/Window"},
                    },
                },
                "Window": {"type": "object", "properties": {"seconds": _NUMBER}},
                "Level": {"type": "string", "enum": ["debug", "info", "warning"]},
            },
            "properties": {
                "text": _TEXT,
                "retries": _INTEGER,
                "ratio": _NUMBER,
                "enabled": _BOOLEAN,
                "nothing": {"type": "null"},
                "level": {"$ref": "#/$defs/Level"},
                "priority": {"type": "integer", "enum": [1, 2, 3]},
                "title": {"anyOf": [_TEXT, {"type": "null"}]},
                "size": {"anyOf": [_INTEGER, {"type": "null"}]},
                "label": {"type": ["string", "integer"]},
                "count": {"type": ["integer", "null"]},
                "files": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
                "filter": {"oneOf": [_TEXT, {"type": "object"}]},
                "switch": {"oneOf": [_INTEGER, _BOOLEAN]},
                "limits": {"$ref": "#/$defs/Limits"},
                "window": {"allOf": [{"$ref": "#/$defs/Window"}]},
                "place": {
                    "type": "object",
                    "properties": {
                        "name": _TEXT,
                        "at": {"type": "object", "properties": {"x": _INTEGER, "y": _INTEGER}},
                    },
                },
                "matrix": {"type": "array", "items": {"type": "array", "items": _NUMBER}},
                "codes": {"type": "array", "items": _INTEGER},
                "tags": {"type": "array", "items": _TEXT},
                "anything": {"description": "Whatever you like"},
            },
        },
    ),
    Tool("list_tabs", "Lists the open tabs.", {"type": "object", "properties": {}}),
    Tool(
        "send_event",
        "Sends an event with a free payload.",
        {
            "type": "object",
            "properties": {
                "name": _TEXT,
                "payload": {"type": "object", "additionalProperties": True},
            },
            "required": ["name"],
        },
    ),
    Tool("get_page", "Gets a page.", {"type": "object", "properties": {"number": _INTEGER}}),
    Tool("getPage", "Gets a page, anew.", {"type": "object", "properties": {"url": _TEXT}}),
]
"""Schemas for coercion; two of these names differ in their writing only."""

TOOLS: Final = CLAUDE_CODE + ODD
