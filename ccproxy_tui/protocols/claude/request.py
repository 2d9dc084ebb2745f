"""A client's Messages request: checked, and read into a conversation."""

from typing import Any, Final, cast

import orjson

from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation
from ccproxy_tui.protocols.checking import need, number
from ccproxy_tui.protocols.claude.blocks import read_blocks
from ccproxy_tui.protocols.hub import (
    Conversation,
    JsonObject,
    Reasoning,
    Role,
    Text,
    Tool,
    ToolChoice,
    Turn,
)

_SESSION_HEADERS: Final = ("x-claude-code-session-id", "x-session-id")
_READ: Final = frozenset(
    [
        "model",
        "messages",
        "system",
        "tools",
        "tool_choice",
        "metadata",
        "max_tokens",
        "thinking",
        "output_config",
        "output_format",
        "stream",
        "stop_sequences",
        "temperature",
        "top_p",
        "top_k",
        "cache_control",
    ]
)
"""Fields that are read here, or that mean nothing to another vendor."""


def claims(address: Address) -> bool:
    """Whether a request for the list of models is from a client of this protocol."""
    head = address.headers
    agent = head.get("User-Agent", "").lower()
    return (
        "anthropic-version" in head
        or "x-api-key" in head
        or agent.startswith(("claude", "anthropic"))
    )


def check_request(body: Any, operation: Operation = Operation.GENERATE) -> JsonObject:
    """Check what both lanes need, and what the vendor insists on; unknown fields are fine."""
    if not isinstance(body, dict):
        raise BadRequestError("body", "must be a JSON object")
    need(isinstance(body.get("model"), str) and body["model"], "model", "a non-empty string")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequestError("messages", "must be a non-empty list")
    for index, message in enumerate(messages):
        _check_message(message, index)
    if "max_tokens" in body or operation is Operation.GENERATE:
        limit = body.get("max_tokens")
        if not isinstance(limit, int) or isinstance(limit, bool) or limit <= 0:
            raise BadRequestError("max_tokens", "must be a positive whole number")
    need(isinstance(body.get("stream", False), bool), "stream", "true or false")
    _check_list(body.get("tools", []), "tools")
    system = body.get("system", "")
    if not isinstance(system, str):
        _check_list(system, "system", "a string or a list of objects")
    return body


def read_asked(body: JsonObject, address: Address) -> Asked:
    """Read from a checked request what the client wants."""
    named = next((address.headers[n] for n in _SESSION_HEADERS if address.headers.get(n)), "")
    return Asked(
        address.route.operation,
        str(body["model"]),
        body.get("stream") is True,
        named or _session_of(_user(body)),
        opening=body["messages"][0],
    )


def _session_of(user: str) -> str:
    """Name the session as older clients do, inside `metadata.user_id`."""
    if user.startswith("{"):
        try:
            return str(orjson.loads(user).get("session_id") or "")
        except (orjson.JSONDecodeError, AttributeError):
            return ""
    _, mark, old_form = user.rpartition("_session_")
    return old_form if mark else ""


def read_request(body: JsonObject) -> Conversation:
    """Read a checked request; raises `BadRequestError` where a block cannot be understood."""
    turns = [
        Turn(
            cast("Role", message["role"]), read_blocks(message["content"], f"messages[{i}].content")
        )
        for i, message in enumerate(body["messages"])
    ]
    output = body.get("output_config")
    conversation = Conversation(
        model=str(body["model"]),
        system=_read_system(body.get("system", "")),
        turns=turns,
        tool_choice=_read_tool_choice(body.get("tool_choice")),
        max_tokens=body.get("max_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        top_k=cast("int | None", number(body, "top_k")),
        stop=_read_stop(body.get("stop_sequences") or []),
        reasoning=_read_reasoning(body.get("thinking"), output),
        output_schema=_read_schema(output, body.get("output_format")),
        user=_user(body),
    )
    if left := sorted(body.keys() - _READ):
        conversation.notes.append("fields left out: " + ", ".join(left))
    _read_tools(conversation, body)
    return conversation


def _check_list(value: Any, field: str, what: str = "a list of objects") -> None:
    need(isinstance(value, list), field, what)
    for index, item in enumerate(value):
        need(isinstance(item, dict), f"{field}[{index}]", "an object")


def _check_message(message: Any, index: int) -> None:
    """Check one message; places are only worded when something is wrong, as this runs a lot."""
    if not isinstance(message, dict):
        raise BadRequestError(f"messages[{index}]", "must be an object")
    if not isinstance(message.get("role"), str):
        raise BadRequestError(f"messages[{index}].role", "must be a string")
    content = message.get("content")
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        place = f"messages[{index}].content"
        raise BadRequestError(place, "must be a string or a list of blocks")
    for at, block in enumerate(content):
        if not isinstance(block, dict):
            raise BadRequestError(f"messages[{index}].content[{at}]", "must be an object")
        if not isinstance(block.get("type"), str):
            place = f"messages[{index}].content[{at}].type"
            raise BadRequestError(place, "must be a string")


def _user(body: JsonObject) -> str:
    metadata = body.get("metadata")
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    return user if isinstance(user, str) else ""


def _read_stop(stop: Any) -> list[str]:
    if not isinstance(stop, list) or not all(isinstance(text, str) for text in stop):
        raise BadRequestError("stop_sequences", "must be a list of strings")
    return stop


def _read_system(system: Any) -> list[Text]:
    blocks = read_blocks(system, "system") if system else []
    return [block for block in blocks if isinstance(block, Text)]


def _read_tools(conversation: Conversation, body: JsonObject) -> None:
    """Read the tools that the model shall see: a deferred one only once a result refers to it."""
    tools = body.get("tools") or []
    if any(tool.get("defer_loading") is True for tool in tools):
        known = _referenced(body["messages"])
        tools = [t for t in tools if t.get("defer_loading") is not True or t.get("name") in known]
    conversation.tools = [_read_tool(tool, f"tools[{i}]") for i, tool in enumerate(tools)]


def _read_tool(tool: JsonObject, field: str) -> Tool:
    name = tool.get("name")
    if not isinstance(name, str) or not name:
        raise BadRequestError(f"{field}.name", "must be a non-empty string")
    kind = tool.get("type")
    if kind not in (None, "custom"):
        return Tool(name, raw=tool)
    schema = tool.get("input_schema")
    return Tool(
        name,
        description=str(tool.get("description") or ""),
        schema=schema if isinstance(schema, dict) else {},
        strict=tool.get("strict") if isinstance(tool.get("strict"), bool) else None,
    )


def _referenced(content: Any) -> list[str]:
    """Names in the `tool_reference` blocks of messages."""
    names: list[str] = []
    for item in content if isinstance(content, list) else []:
        if isinstance(item, dict):
            if item.get("type") == "tool_reference":
                names.append(str(item.get("tool_name") or item.get("name") or ""))
            else:
                names += _referenced(item.get("content"))
    return names


def _read_tool_choice(choice: Any) -> ToolChoice | None:
    if not isinstance(choice, dict):
        return None
    mode = choice.get("type")
    if mode not in ("auto", "any", "none", "tool"):
        raise BadRequestError("tool_choice.type", "must be auto, any, none or tool")
    name = str(choice.get("name") or "")
    return ToolChoice(mode, name, parallel=choice.get("disable_parallel_tool_use") is not True)


def _read_reasoning(thinking: Any, output: Any) -> Reasoning | None:
    effort = output.get("effort") if isinstance(output, dict) else None
    effort = effort if isinstance(effort, str) else ""
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    if kind == "enabled":
        budget = thinking.get("budget_tokens")
        return Reasoning("on", budget if isinstance(budget, int) else None, effort)
    if kind == "disabled":
        return Reasoning("off", effort=effort)
    return Reasoning("adaptive", effort=effort) if kind or effort else None


def _read_schema(output: Any, older: Any) -> JsonObject | None:
    form = output.get("format") if isinstance(output, dict) else older
    if not isinstance(form, dict) or form.get("type") != "json_schema":
        return None
    schema = form.get("schema")
    return schema if isinstance(schema, dict) else None
