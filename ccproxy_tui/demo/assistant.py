"""The default script: a small agent that can write one file, and otherwise says what it is."""

import re
from pathlib import PurePosixPath

import orjson

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject, Reply, ToolCall

INTRODUCTION = (
    "Hello! I am the demo model that is built into ccproxy. I run inside the proxy itself, "
    "I know nothing and I cost nothing: I am here so that you can watch a call go through "
    "before you have set anything up.\n\n"
    "I can do one trick: ask me to create a file, such as "
    '"create hello.txt with the text hello".\n\n'
    "To talk to a real model, go to the ccproxy window and press `4` (Providers), then `a` "
    "(add): choose a provider, paste its API key, and point an alias of your group at it."
)

_WRITING_TOOLS = ("write", "write_file", "create_file")
_PATH_FIELDS = ("file_path", "filePath", "absolute_path", "path")
_CONTENT_FIELDS = ("content", "contents", "text")
_TASK = re.compile(
    r"\b(?:create|write|make|add)\b[^\n]{0,80}?[\s`\"'](?P<path>[\w~./-]*\w\.\w{1,8})\b",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    r"\b(?:text|contents?|saying|says|containing|contains)\b:?\s+[\"'`]?(?P<content>[^\n]*?)[\"'`]?\.?$",
    re.IGNORECASE | re.MULTILINE,
)
_FOLDER = re.compile(r"working directory:\s*[`\"']?(?P<folder>/[^\s`\"'<]*)", re.IGNORECASE)


def assistant(request: ReceivedRequest) -> Reply:
    """Choose the reply of a helpful, very small agent."""
    if (schema := request.answer_schema) is not None and not request.tools:
        return Reply(text=orjson.dumps(_fill(schema, request)).decode())
    if results := request.last_tool_results:
        failed = next((one.text for one in results if one.is_error), "")
        return Reply(text=f"That did not work: {failed}" if failed else _done(request))
    if (call := _writing_call(request)) is not None:
        return Reply(
            thinking=f"A file is wanted. The {call.name} tool can make it in one step.",
            text="I will create that file for you.",
            tools=[call],
        )
    return Reply(text=INTRODUCTION)


def _fill(schema: JsonObject, request: ReceivedRequest) -> JsonObject:
    """A title for each text that the schema asks for; zero values for anything else."""
    words = request.last_user_text.split()[:6]
    title = " ".join(words).strip(".,:;!?\"'<>")[:50].capitalize() or "A chat with the demo model"
    zeros: JsonObject = {"boolean": False, "integer": 0, "number": 0, "array": [], "object": {}}
    fields = schema.get("properties") or {}
    return {
        name: zeros.get(str(field.get("type")).lower(), title) for name, field in fields.items()
    }


def _done(request: ReceivedRequest) -> str:
    paths = [
        str(arguments[name])
        for _, arguments in request.last_tool_calls
        for name in _PATH_FIELDS
        if name in arguments
    ]
    names = ", ".join(PurePosixPath(path).name for path in paths)
    return f"Done: I created {names}." if names else "Done: the tool has finished."


def _writing_call(request: ReceivedRequest) -> ToolCall | None:
    task = _TASK.search(request.last_user_text)
    tool = next((name for name in request.tools if name.lower() in _WRITING_TOOLS), None)
    if task is None or tool is None:
        return None
    fields = request.tools[tool].get("properties") or {}
    path_field = next((name for name in _PATH_FIELDS if name in fields), _PATH_FIELDS[0])
    content_field = next((name for name in _CONTENT_FIELDS if name in fields), _CONTENT_FIELDS[0])
    stated = _CONTENT.search(request.last_user_text, task.end())
    content = stated["content"].strip() if stated else "hello"
    arguments = {path_field: _absolute(task["path"], request), content_field: content}
    return ToolCall(tool, arguments)


def _absolute(path: str, request: ReceivedRequest) -> str:
    folder = _FOLDER.search(request.system_text)
    return str(PurePosixPath(folder["folder"]) / path) if folder else path
