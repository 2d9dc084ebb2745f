"""What OpenAI refuses in a request for a response."""

from collections.abc import Iterator

from ccproxy_tui.demo.reading.turn import fields
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject
from ccproxy_tui.demo.strict import schema
from ccproxy_tui.demo.strict.openai_fields import (
    EFFORTS,
    TOOL_NAME,
    common,
    function,
    image,
    unknown,
)
from ccproxy_tui.demo.strict.words import words

_FIELDS = words(
    "model input access_programs background background_options context_management conversation"
    " image include instructions max_output_tokens max_tool_calls metadata moderation"
    " parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options"
    " prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options"
    " temperature text tool_choice tools top_logprobs top_p truncation user"
    " client_metadata"
)
"""`client_metadata` is what Codex sends."""
_LEAST_OUTPUT = 16
_LONGEST_ID = 64
_INCLUDES = words(
    "file_search_call.results web_search_call.results web_search_call.action.sources"
    " message.input_image.image_url computer_call_output.output.image_url"
    " code_interpreter_call.outputs reasoning.encrypted_content"
    " message.output_text.logprobs"
)
_REASONING = words("context effort generate_summary mode summary")
_HOSTED_TOOLS = words(
    "web_search web_search_2025_08_26 web_search_preview web_search_preview_2025_03_11 file_search"
    " code_interpreter computer computer_use_preview mcp image_generation local_shell shell custom"
    " apply_patch namespace tool_search programmatic_tool_calling"
)
_FUNCTION = words(
    "type name description parameters strict defer_loading output_schema allowed_callers"
)
_INPUT_PARTS = frozenset({"input_text", "input_image", "input_file"})
_PARTS = {
    "user": _INPUT_PARTS,
    "system": _INPUT_PARTS,
    "developer": _INPUT_PARTS,
    "assistant": frozenset({"output_text", "refusal"}),
}
_PART_FIELDS = {
    "input_text": "text prompt_cache_breakpoint",
    "input_image": "image_url file_id detail prompt_cache_breakpoint",
    "input_file": "file_data file_id file_url filename detail prompt_cache_breakpoint",
    "output_text": "text annotations logprobs",
    "refusal": "refusal",
}
_ITEM_FIELDS = {
    "message": "role content id status phase",
    "function_call": "call_id name arguments id status namespace caller",
    "function_call_output": "call_id output id status name namespace caller",
    "reasoning": "summary id content encrypted_content status",
    "custom_tool_call": "call_id name input id status namespace caller",
    "custom_tool_call_output": "call_id output id status name namespace caller",
    "item_reference": "id",
}
_REQUIRED = {
    "message": ("role", "content"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "reasoning": ("summary",),
    "custom_tool_call": ("call_id", "name", "input"),
    "custom_tool_call_output": ("call_id", "output"),
    "item_reference": ("id",),
}
_ID_PREFIXES = {"message": "msg", "function_call": "fc", "reasoning": "rs"}
_OTHER_ITEMS = words(
    "file_search_call computer_call computer_call_output web_search_call tool_search_call"
    " tool_search_output additional_tools compaction image_generation_call code_interpreter_call"
    " local_shell_call local_shell_call_output shell_call shell_call_output apply_patch_call"
    " apply_patch_call_output mcp_list_tools mcp_approval_request mcp_approval_response mcp_call"
    " compaction_trigger configuration_update program program_output"
)


def faults(request: ReceivedRequest) -> Iterator[str]:
    """Everything that is wrong with the request."""
    body = request.json
    yield from unknown(body, _FIELDS)
    yield from common(body)
    limit = body.get("max_output_tokens")
    if limit is not None and (not isinstance(limit, int) or limit < _LEAST_OUTPUT):
        yield (
            "Invalid 'max_output_tokens': integer below minimum value. "
            f"Expected a value >= {_LEAST_OUTPUT}, but got {limit} instead."
        )
    if not isinstance(body.get("instructions", ""), str | None):
        yield "Invalid type for 'instructions': expected a string."
    for name in body.get("include") or ():
        if name not in _INCLUDES:
            yield f"Invalid value: '{name}'. Supported values are: {sorted(_INCLUDES)}."
    if body.get("truncation") not in {None, "auto", "disabled"}:
        yield "Invalid value for 'truncation': supported are 'auto' and 'disabled'."
    reasoning = body.get("reasoning") or {}
    yield from unknown(reasoning, _REASONING, "reasoning")
    if reasoning.get("effort") not in {None, *EFFORTS}:
        yield f"Invalid value for 'reasoning.effort': supported are {sorted(EFFORTS)}."
    if reasoning.get("summary") not in {None, "auto", "concise", "detailed"}:
        yield "Invalid value for 'reasoning.summary': supported are 'auto', 'concise', 'detailed'."
    yield from unknown(
        body.get("stream_options") or {}, frozenset({"include_obfuscation"}), "stream_options"
    )
    yield from _tools(request)
    yield from _text(body.get("text") or {})
    yield from _items(request)


def _tools(request: ReceivedRequest) -> Iterator[str]:
    for at, tool in enumerate(request.json.get("tools") or ()):
        where = f"tools[{at}]"
        kind = tool.get("type")
        if kind == "function":
            yield from function(tool, where)
            yield from unknown(tool, _FUNCTION, where)
            if tool.get("strict") is True:
                yield from schema.openai_faults(
                    tool.get("parameters"), f"function '{tool['name']}'"
                )
        elif kind not in _HOSTED_TOOLS:
            yield f"Invalid value: '{kind}' in '{where}.type'."
    choice = request.json.get("tool_choice")
    if isinstance(choice, str):
        if choice not in {"none", "auto", "required"}:
            yield f"Invalid value: '{choice}'. Supported values are: 'none', 'auto', 'required'."
        if choice == "required" and not request.json.get("tools"):
            yield "Tool choice 'required' must be specified with 'tools' parameter."
    elif choice is not None and choice.get("type") == "function":
        if "name" not in choice:
            yield "Missing required parameter: 'tool_choice.name'."
        elif choice["name"] not in request.tools:
            yield f"Tool choice '{choice['name']}' not found in 'tools' parameter."


def _text(text: JsonObject) -> Iterator[str]:
    yield from unknown(text, frozenset({"format", "verbosity"}), "text")
    given = text.get("format") or {"type": "text"}
    if given.get("type") not in {"text", "json_object", "json_schema"}:
        yield f"Invalid value: '{given.get('type')}' in 'text.format.type'."
    if given.get("type") == "json_schema":
        known = frozenset({"type", "name", "schema", "description", "strict"})
        yield from unknown(given, known, "text.format")
        yield from function(given, "text.format")
        if not isinstance(given.get("schema"), dict):
            yield "Missing required parameter: 'text.format.schema'."
        if given.get("strict") is True:
            yield from schema.openai_faults(given.get("schema"), "response_format")


def _items(request: ReceivedRequest) -> Iterator[str]:
    given = request.json.get("input")
    if given == []:
        yield "Invalid 'input': empty array."
    items: list[JsonObject] = given if isinstance(given, list) else []
    stored = request.json.get("store") is not False
    for at, item in enumerate(items):
        where = f"input[{at}]"
        kind = item.get("type") or ("message" if "role" in item else None)
        if kind in _OTHER_ITEMS:
            continue
        if kind not in _ITEM_FIELDS:
            yield f"Invalid value: '{kind}' in '{where}.type'."
            return
        for name in _REQUIRED[kind]:
            if item.get(name) is None:
                yield f"Missing required parameter: '{where}.{name}'."
                return
        yield from unknown(item, frozenset({"type", *_ITEM_FIELDS[kind].split()}), where)
        prefix = _ID_PREFIXES.get(kind, "")
        if not str(item.get("id") or prefix).startswith(prefix):
            yield f"Invalid '{where}.id': '{item['id']}'. Expected an ID that begins with '{prefix}'."
        if len(item.get("call_id") or "") > _LONGEST_ID:
            yield f"Invalid '{where}.call_id': string too long. Expected at most {_LONGEST_ID}."
        yield from _item(kind, item, where)
        if kind == "reasoning":
            after = items[at + 1] if at + 1 < len(items) else {}
            yield from _reasoning(item, after, where, stored=stored)
    if not request.json.get("previous_response_id") and not request.json.get("conversation"):
        yield from _pairs(items, "function_call")
        yield from _pairs(items, "custom_tool_call")


def _item(kind: str, item: JsonObject, where: str) -> Iterator[str]:
    match kind:
        case "message":
            role = item["role"]
            if role not in _PARTS:
                yield f"Invalid value: '{role}'. Supported values are: {sorted(_PARTS)}."
                return
            yield from _content(item["content"], _PARTS[role], f"{where}.content")
        case "function_call":
            if not isinstance(item["arguments"], str):
                yield f"Invalid type for '{where}.arguments': expected a string."
            if not TOOL_NAME.fullmatch(item["name"]):
                yield f"Invalid '{where}.name': string does not match '^{TOOL_NAME.pattern}$'."
        case "function_call_output":
            yield from _content(item["output"], _INPUT_PARTS, f"{where}.output")


def _content(content: object, allowed: frozenset[str], where: str) -> Iterator[str]:
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        yield f"Invalid type for '{where}': expected one of an array of objects or string."
        return
    for at, part in enumerate(content):
        place = f"{where}[{at}]"
        kind = fields(part).get("type")
        if kind not in allowed:
            yield f"Invalid value: '{kind}' in '{place}.type'. Supported values are: {sorted(allowed)}."
            return
        yield from unknown(part, frozenset({"type", *_PART_FIELDS[kind].split()}), place)
        if kind == "input_image" and part.get("file_id") is None:
            yield from image(part.get("image_url"), f"{place}.image_url")
        if kind in {"input_text", "output_text"} and not isinstance(part.get("text"), str):
            yield f"Missing required parameter: '{place}.text'."


def _reasoning(item: JsonObject, after: JsonObject, where: str, *, stored: bool) -> Iterator[str]:
    for part in item["summary"]:
        if part.get("type") != "summary_text" or not isinstance(part.get("text"), str):
            yield f"Invalid value in '{where}.summary': expected parts of type 'summary_text'."
    followed = after.get("role") == "assistant" or after.get("type") in {
        *("reasoning", "function_call", "custom_tool_call", "item_reference"),
        *_OTHER_ITEMS,
    }
    if not followed:
        yield (
            f"Item '{item.get('id')}' of type 'reasoning' was provided without its required "
            "following item."
        )
    if not stored and not item.get("encrypted_content"):
        yield (
            f"Item with id '{item.get('id')}' not found. Items are not persisted when `store` is "
            "set to false."
        )


def _pairs(items: list[JsonObject], kind: str) -> Iterator[str]:
    calls: set[str] = set()
    answered: set[str] = set()
    for item in items:
        if item.get("type") == kind:
            if item["call_id"] in calls:
                yield f"Duplicate call_id '{item['call_id']}'."
            calls.add(item["call_id"])
        elif item.get("type") == f"{kind}_output":
            if item["call_id"] not in calls:
                yield (
                    f"No tool call found for function call output with call_id {item['call_id']}."
                )
            answered.add(item["call_id"])
    if missing := calls - answered:
        yield f"No tool output found for function call {sorted(missing)[0]}."
