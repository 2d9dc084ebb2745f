"""What OpenAI refuses in a request for a chat completion."""

from collections.abc import Iterator

import orjson

from ccproxy_tui.demo.reading.turn import fields
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject
from ccproxy_tui.demo.strict import schema
from ccproxy_tui.demo.strict.openai_fields import EFFORTS, common, function, image, unknown
from ccproxy_tui.demo.strict.words import words

_FIELDS = words(
    "model messages audio frequency_penalty function_call functions logit_bias logprobs"
    " max_completion_tokens max_tokens metadata modalities moderation n parallel_tool_calls"
    " prediction presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention"
    " reasoning_effort response_format safety_identifier seed service_tier stop store stream"
    " stream_options temperature tool_choice tools top_logprobs top_p user verbosity"
    " web_search_options"
)
_NEEDS_TOOLS = ("tool_choice", "parallel_tool_calls")
_REASONING = {"reasoning_content", "reasoning", "reasoning_details"}
"""Not OpenAI's own, but of upstreams that speak its protocol."""
_MESSAGE_FIELDS: dict[str, frozenset[str]] = {
    "user": frozenset({"role", "content", "name"}),
    "system": frozenset({"role", "content", "name"}),
    "developer": frozenset({"role", "content", "name"}),
    "tool": frozenset({"role", "content", "tool_call_id"}),
    "assistant": frozenset(
        {"role", "content", "name", "refusal", "audio", "tool_calls", "function_call", *_REASONING}
    ),
}
_PARTS = {
    "user": {"text", "image_url", "input_audio", "file"},
    "assistant": {"text", "refusal"},
    "tool": {"text"},
    "system": {"text"},
    "developer": {"text"},
}
_MOST_STOPS = 4
_LONGEST_ID = 40
_EMBEDDING_FIELDS = words("model input dimensions encoding_format user")


def faults(request: ReceivedRequest) -> Iterator[str]:
    """Everything that is wrong with the request."""
    body = request.json
    if request.operation == "embed":
        yield from unknown(body, _EMBEDDING_FIELDS)
        yield from common(body)
        if body.get("input") in ("", []):
            yield "Invalid 'input': input cannot be an empty string or array."
        return
    yield from unknown(body, _FIELDS)
    yield from common(body)
    for name in _NEEDS_TOOLS:
        if body.get(name) is not None and not body.get("tools"):
            yield f"Invalid value for '{name}': only allowed when 'tools' is specified."
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > _MOST_STOPS:
        yield f"Invalid 'stop': array too long. Expected at most {_MOST_STOPS}."
    for name in ("max_tokens", "max_completion_tokens"):
        limit = body.get(name)
        if limit is not None and (not isinstance(limit, int) or limit < 1):
            yield f"Invalid '{name}': integer below minimum value. Expected a value >= 1."
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        yield "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
    if body.get("reasoning_effort") is not None and body["reasoning_effort"] not in EFFORTS:
        yield f"Invalid value for 'reasoning_effort': supported values are {sorted(EFFORTS)}."
    yield from _tools(body)
    yield from _choice(request)
    yield from _format(body.get("response_format"))
    yield from _messages(request.messages)


def _tools(body: JsonObject) -> Iterator[str]:
    tools = body.get("tools")
    if tools == []:
        yield "Invalid 'tools': empty array. Expected an array with minimum length 1"
    for at, tool in enumerate(tools or ()):
        where = f"tools[{at}]"
        if tool.get("type") == "custom":
            continue
        if tool.get("type") != "function" or not isinstance(tool.get("function"), dict):
            yield f"Missing required parameter: '{where}.function' (tools[].function)."
            return
        yield from unknown(tool, frozenset({"type", "function"}), where)
        inner = tool["function"]
        known = frozenset({"name", "description", "parameters", "strict"})
        yield from unknown(inner, known, f"{where}.function")
        yield from function(inner, f"{where}.function")
        if inner.get("strict") is True:
            yield from schema.openai_faults(inner.get("parameters"), f"function '{inner['name']}'")
    names = [fields(tool.get("function")).get("name") for tool in tools or ()]
    if len(names) != len(set(names)):
        yield "tools: Tool names must be unique"


def _choice(request: ReceivedRequest) -> Iterator[str]:
    choice = request.json.get("tool_choice")
    if isinstance(choice, str):
        if choice not in {"none", "auto", "required"}:
            yield f"Invalid value: '{choice}'. Supported values are: 'none', 'auto', 'required'."
    elif choice is not None and choice.get("type") == "function":
        name = choice["function"]["name"]
        if name not in request.tools:
            yield f"Tool choice '{name}' not found in 'tools' parameter."


def _format(given: JsonObject | None) -> Iterator[str]:
    if given is None:
        return
    if given.get("type") not in {"text", "json_object", "json_schema"}:
        yield f"Invalid value: '{given.get('type')}' in 'response_format.type'."
    if given.get("type") == "json_schema":
        inner = given.get("json_schema") or {}
        known = frozenset({"name", "description", "schema", "strict"})
        yield from unknown(inner, known, "response_format.json_schema")
        yield from function(inner, "response_format.json_schema")
        if inner.get("strict") is True:
            yield from schema.openai_faults(inner.get("schema"), "response_format")


def _messages(messages: list[JsonObject]) -> Iterator[str]:
    if not messages:
        yield "Invalid 'messages': empty array. Expected an array with minimum length 1"
    open_calls: set[str] = set()
    for at, message in enumerate(messages):
        role = str(message.get("role"))
        if role not in _PARTS:
            yield f"Invalid value: '{role}'. Supported values are {sorted(_PARTS)}."
            return
        yield from unknown(message, _MESSAGE_FIELDS[role], f"messages[{at}]")
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                yield f"messages[{at}]: 'tool' must answer a preceding message with 'tool_calls'."
            open_calls.discard(str(message.get("tool_call_id")))
        elif open_calls:
            yield f"messages[{at}]: 'tool_calls' without tool messages for {sorted(open_calls)}"
        yield from _content(at, role, message)
        yield from _calls(at, message.get("tool_calls"))
        open_calls |= {call["id"] for call in message.get("tool_calls") or ()}
    if open_calls:
        yield f"messages: 'tool_calls' without tool messages for {sorted(open_calls)}"


def _content(at: int, role: str, message: JsonObject) -> Iterator[str]:
    content = message.get("content")
    where = f"messages[{at}].content"
    if content is None and not (role == "assistant" and message.get("tool_calls")):
        yield f"Invalid value for '{where}': expected a string, got null."
    if content is not None and not isinstance(content, str | list):
        yield f"Invalid type for '{where}': expected a string or an array of parts."
    if content == []:
        yield f"Invalid '{where}': empty array. Expected an array with minimum length 1"
    for place, part in enumerate(content if isinstance(content, list) else ()):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in _PARTS[role]:
            yield f"Invalid value: '{kind}' in messages[{at}] of role '{role}'."
            return
        yield from _part(part, f"{where}[{place}]")


def _part(part: JsonObject, where: str) -> Iterator[str]:
    kind = part["type"]
    yield from unknown(part, frozenset({"type", kind, "prompt_cache_breakpoint"}), where)
    if kind == "text" and (not isinstance(part.get("text"), str) or not part["text"]):
        yield f"Invalid '{where}.text': expected a text that is not empty."
    if kind == "image_url":
        inner = part.get("image_url")
        if not isinstance(inner, dict):
            yield f"Invalid type for '{where}.image_url': expected an object."
            return
        yield from unknown(inner, frozenset({"url", "detail"}), f"{where}.image_url")
        yield from image(inner.get("url"), f"{where}.image_url.url")


def _calls(at: int, calls: list[JsonObject] | None) -> Iterator[str]:
    where = f"messages[{at}].tool_calls"
    if calls == []:
        yield f"Invalid '{where}': empty array."
    for call in calls or ():
        yield from unknown(call, frozenset({"id", "type", "function", "custom"}), where)
        inner = call.get("function") or {}
        try:
            arguments = orjson.loads(inner.get("arguments") or "")
        except (TypeError, ValueError):
            arguments = None
        if call.get("type") != "function" or not isinstance(arguments, dict):
            yield f"Invalid '{where}': expected a function with JSON arguments."
        yield from function(inner | {"parameters": None}, f"{where}.function")
    ids = [call.get("id") for call in calls or ()]
    if not all(isinstance(one, str) and one for one in ids) or len(ids) != len(set(ids)):
        yield f"Invalid '{where}': each needs an id of its own."
    if any(len(one or "") > _LONGEST_ID for one in ids):
        yield f"Invalid '{where}[].id': string too long. Expected maximum length {_LONGEST_ID}."
