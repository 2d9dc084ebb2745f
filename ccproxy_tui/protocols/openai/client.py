"""A client's chat completions request: checked, and read into a conversation."""

from dataclasses import dataclass
from typing import Any, Final

from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation
from ccproxy_tui.protocols.collect import read_arguments
from ccproxy_tui.protocols.hub import (
    SHARED,
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    JsonObject,
    Opaque,
    Reasoning,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.openai.rules import leading_system_messages

_SESSION_HEADER: Final = "x-session-id"
_READ: Final = frozenset(
    [
        "model",
        "messages",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_tokens",
        "max_completion_tokens",
        "stream",
        "stream_options",
        "stop",
        "temperature",
        "top_p",
        "top_k",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "user",
        "response_format",
        "reasoning_effort",
        *SHARED,
    ]
)
"""Fields that are read here, or that say nothing to an upstream."""
_MEANS_NOTHING: Final = {"n": 1, "logprobs": False, "logit_bias": {}, "modalities": ["text"]}
"""Values that ask for nothing."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a client wants its reply."""

    usage: bool = False
    """Whether a stream shall end with its usage."""
    encoding: str = ""
    """Of embeddings: `base64`, or empty or `float` for numbers."""


def check_request(body: Any, operation: Operation = Operation.GENERATE) -> JsonObject:
    """Check what both lanes need; unknown fields are fine."""
    if not isinstance(body, dict):
        raise BadRequestError("body", "must be a JSON object")
    _need(isinstance(body.get("model"), str) and body["model"], "model", "a non-empty string")
    if operation is Operation.EMBED:
        return body
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequestError("messages", "must be a non-empty list")
    for index, message in enumerate(messages):
        field = f"messages[{index}]"
        _need(isinstance(message, dict), field, "an object")
        _need(isinstance(message.get("role"), str), f"{field}.role", "a string")
        content = message.get("content")
        fits = content is None or isinstance(content, str | list)
        _need(fits, f"{field}.content", "a string or a list of parts")
        for at, part in enumerate(content if isinstance(content, list) else []):
            _need(isinstance(part, dict), f"{field}.content[{at}]", "an object")
    for name in ("max_tokens", "max_completion_tokens"):
        limit = body.get(name)
        whole = limit is None or (isinstance(limit, int) and not isinstance(limit, bool))
        _need(whole and (limit is None or limit > 0), name, "a positive whole number")
    _need(isinstance(body.get("stream") or False, bool), "stream", "true or false")
    tools = body.get("tools") or []
    _need(isinstance(tools, list), "tools", "a list of objects")
    for index, tool in enumerate(tools):
        _need(isinstance(tool, dict), f"tools[{index}]", "an object")
    return body


def claims(address: Address) -> bool:
    """Whether a request for the list of models is from a client of this protocol: if no other's."""
    return True


def read_asked(body: JsonObject, address: Address) -> Asked:
    """Read from a checked request what the client wants."""
    options = body.get("stream_options")
    return Asked(
        address.route.operation,
        str(body["model"]),
        body.get("stream") is True,
        str(address.headers.get(_SESSION_HEADER) or body.get("prompt_cache_key") or ""),
        Form(
            usage=isinstance(options, dict) and options.get("include_usage") is True,
            encoding=str(body.get("encoding_format") or ""),
        ),
    )


def read_request(body: JsonObject) -> Conversation:
    """Read a checked request; raises `BadRequestError` where a message cannot be understood."""
    messages = body["messages"]
    count = leading_system_messages(messages)
    stop = body.get("stop") or []
    texts = stop if isinstance(stop, list) else [stop]
    _need(all(isinstance(text, str) for text in texts), "stop", "a string or a list of strings")
    form = body.get("response_format")
    conversation = Conversation(
        model=str(body["model"]),
        system=[Text(text) for message in messages[:count] if (text := _text(message))],
        turns=_read_turns(messages, count),
        tools=[_read_tool(tool, f"tools[{i}]") for i, tool in enumerate(body.get("tools") or [])],
        tool_choice=_read_tool_choice(body),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        temperature=_number(body, "temperature"),
        top_p=_number(body, "top_p"),
        top_k=_number(body, "top_k"),
        stop=texts,
        seed=_number(body, "seed"),
        presence_penalty=_number(body, "presence_penalty"),
        frequency_penalty=_number(body, "frequency_penalty"),
        reasoning=_read_reasoning(body.get("reasoning_effort")),
        output_schema=_read_schema(form),
        user=str(body.get("user") or ""),
        shared={name: body[name] for name in SHARED if body.get(name) is not None},
    )
    match form:
        case {"json_schema": {"name": str(name), **rest}}:
            conversation.output_name = name
            conversation.output_strict = rest.get("strict") is True
    left = [name for name in sorted(body.keys() - _READ) if body[name] is not None]
    if left := [name for name in left if body[name] != _MEANS_NOTHING.get(name)]:
        conversation.notes.append("fields left out: " + ", ".join(left))
    return conversation


def _need(holds: object, field: str, what: str) -> None:
    if not holds:
        raise BadRequestError(field, f"must be {what}")


def _number(body: JsonObject, name: str) -> Any:
    value = body.get(name)
    fits = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    _need(fits, name, "a number")
    return value


def _text(message: JsonObject) -> str:
    blocks = _read_parts(message.get("content"))
    return "\n\n".join(block.text for block in blocks if isinstance(block, Text))


def _read_turns(messages: list[JsonObject], start: int) -> list[Turn]:
    turns: list[Turn] = []
    in_results = False
    for index in range(start, len(messages)):
        message, field = messages[index], f"messages[{index}]"
        role = message["role"]
        if role == "tool":
            result = _read_result(message, field)
            if in_results:
                turns[-1].content.append(result)
            else:
                turns.append(Turn("user", [result]))
        elif role == "assistant":
            turns.append(Turn("assistant", _read_assistant(message, field)))
        elif role == "user":
            turns.append(Turn("user", _read_parts(message.get("content"))))
        elif role in ("system", "developer"):
            turns.append(Turn("system", [Text(_text(message))]))
        else:
            raise BadRequestError(
                f"{field}.role", "must be system, developer, user, assistant, tool"
            )
        in_results = role == "tool"
    return turns


def _read_result(message: JsonObject, field: str) -> ToolResult:
    call = message.get("tool_call_id")
    if not isinstance(call, str):
        raise BadRequestError(f"{field}.tool_call_id", "must be a string")
    return ToolResult(call, _read_parts(message.get("content")))


def _read_assistant(message: JsonObject, field: str) -> list[Block]:
    blocks: list[Block] = []
    if thought := message.get("reasoning_content") or message.get("reasoning"):
        blocks.append(Thinking(str(thought)))
    blocks += _read_parts(message.get("content"))
    if refusal := message.get("refusal"):
        blocks.append(Text(str(refusal)))
    calls = message.get("tool_calls") or []
    _need(isinstance(calls, list), f"{field}.tool_calls", "a list")
    for index, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise BadRequestError(f"{field}.tool_calls[{index}].function.name", "must be a string")
        arguments = read_arguments(str(function.get("arguments") or ""))
        blocks.append(ToolUse(str(call.get("id") or ""), function["name"], arguments))
    return blocks


def _read_parts(content: Any) -> list[Block]:
    if isinstance(content, str):
        return [Text(content)] if content else []
    return [_read_part(part) for part in content or []]


def _read_part(part: JsonObject) -> Block:
    match part:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "refusal", "refusal": str(text)}:
            return Text(text)
        case {"type": "image_url", "image_url": {"url": str(address), **rest}}:
            kind, data = _split_data_url(address)
            detail = str(rest.get("detail") or "")
            return Image(kind, data, "" if data else address, detail)
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(kind)}}:
            return Audio(f"audio/{kind}", data)
        case {"type": "file", "file": {"file_data": str(address), **rest}}:
            kind, data = _split_data_url(address)
            return Document(kind, data, title=str(rest.get("filename") or ""))
    return Opaque(part, "openai")


def _split_data_url(address: str) -> tuple[str, str]:
    """Give media type and base64 data, both empty for an ordinary address."""
    head, comma, data = address.partition(",")
    if not comma or not head.startswith("data:"):
        return "", ""
    return head.removeprefix("data:").removesuffix(";base64"), data


def _read_tool(tool: JsonObject, field: str) -> Tool:
    function = tool.get("function")
    if tool.get("type", "function") != "function":
        return Tool(str(tool.get("type")), raw=tool)
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise BadRequestError(f"{field}.function.name", "must be a string")
    schema = function.get("parameters")
    return Tool(
        function["name"],
        str(function.get("description") or ""),
        schema if isinstance(schema, dict) else {},
        function.get("strict") if isinstance(function.get("strict"), bool) else None,
    )


def _read_tool_choice(body: JsonObject) -> ToolChoice | None:
    choice, parallel = body.get("tool_choice"), body.get("parallel_tool_calls") is not False
    match choice:
        case None if parallel:
            return None
        case None | "auto":
            return ToolChoice("auto", parallel=parallel)
        case "none":
            return ToolChoice("none", parallel=parallel)
        case "required":
            return ToolChoice("any", parallel=parallel)
        case {"function": {"name": str(name)}}:
            return ToolChoice("tool", name, parallel)
    raise BadRequestError("tool_choice", "must be auto, none, required or name a function")


def _read_reasoning(effort: Any) -> Reasoning | None:
    if not isinstance(effort, str):
        return None
    return Reasoning("off") if effort == "none" else Reasoning("adaptive", effort=effort)


def _read_schema(form: Any) -> JsonObject | None:
    match form:
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return schema
        case {"type": "json_object"}:
            return {"type": "object"}
    return None
