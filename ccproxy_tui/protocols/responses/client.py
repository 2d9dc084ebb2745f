"""A client's Responses request: checked, and read into a conversation."""

from typing import Any, Final

from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation
from ccproxy_tui.protocols.checking import need, number
from ccproxy_tui.protocols.hub import SHARED, Conversation, JsonObject, Reasoning, Text
from ccproxy_tui.protocols.opening import first_of_user
from ccproxy_tui.protocols.responses.tools import Form, read_forms, read_tool_choice, read_tools
from ccproxy_tui.protocols.responses.turns import item_type, read_turns

_SESSION_HEADERS: Final = ("x-session-id", "session-id", "session_id")
_STORED: Final = ("previous_response_id", "conversation")
_NOT_STORED: Final = "nothing is stored here: send the whole conversation in `input`"
_ECHOED: Final = frozenset(
    [
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "parallel_tool_calls",
        "prompt_cache_key",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
    ]
)
_READ: Final = SHARED | frozenset(
    [
        "model",
        "input",
        "instructions",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_output_tokens",
        "temperature",
        "top_p",
        "reasoning",
        "text",
        "stream",
        "user",
        "include",
        "client_metadata",
        "stream_options",
        "previous_response_id",
        "conversation",
        "background",
    ]
)
"""Fields that are read here, or that mean nothing to another vendor."""


def claims(address: Address) -> bool:
    """Whether a request on a shared path is this protocol's: none is, it shares no path."""
    return False


def check_request(body: Any, operation: Operation = Operation.GENERATE) -> JsonObject:
    """Check what both lanes need; unknown fields are fine."""
    if not isinstance(body, dict):
        raise BadRequestError("body", "must be a JSON object")
    if operation is not Operation.GENERATE:
        return body
    need(isinstance(body.get("model"), str) and body["model"], "model", "a non-empty string")
    for name in _STORED:
        if body.get(name) is not None:
            raise BadRequestError(name, _NOT_STORED)
    if body.get("background"):
        raise BadRequestError("background", "nothing is stored here: ask for a stream instead")
    _check_input(body.get("input"), needed=body.get("prompt") is None)
    instructions = body.get("instructions")
    need(instructions is None or isinstance(instructions, str), "instructions", "a string")
    limit = body.get("max_output_tokens")
    whole = limit is None or (isinstance(limit, int) and not isinstance(limit, bool) and limit > 0)
    need(whole, "max_output_tokens", "a positive whole number")
    need(isinstance(body.get("stream") or False, bool), "stream", "true or false")
    _check_objects(body.get("tools"), "tools")
    for index, tool in enumerate(body.get("tools") or []):
        if tool.get("type") == "namespace":
            field = f"tools[{index}]"
            need(isinstance(tool.get("name"), str) and tool["name"], f"{field}.name", "a string")
            _check_objects(tool.get("tools"), f"{field}.tools")
    return body


def read_asked(body: JsonObject, address: Address) -> Asked:
    """Read from a checked request what the client wants."""
    key = body.get("prompt_cache_key")
    named = next((address.headers[n] for n in _SESSION_HEADERS if address.headers.get(n)), "")
    return Asked(
        address.route.operation,
        str(body.get("model") or ""),
        body.get("stream") is True,
        named or (key if isinstance(key, str) else ""),
        first_of_user(body.get("input")),
        Form({name: body[name] for name in _ECHOED & body.keys()}, read_forms(body)),
    )


def read_request(body: JsonObject) -> Conversation:
    """Read a checked request; raises `BadRequestError` where it cannot be understood."""
    if body.get("prompt") is not None:
        raise BadRequestError("prompt", "stored prompts are not known here: send the text itself")
    system, turns = read_turns(body["input"])
    if instructions := body.get("instructions"):
        system.insert(0, Text(instructions))
    conversation = Conversation(
        model=body["model"],
        system=system,
        turns=turns,
        tools=read_tools(body),
        tool_choice=read_tool_choice(body),
        max_tokens=body.get("max_output_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        reasoning=_read_reasoning(body.get("reasoning")),
        user=str(body.get("user") or ""),
        shared={name: body[name] for name in sorted(SHARED) if body.get(name) is not None},
    )
    _read_text(conversation, body.get("text"))
    left = sorted(name for name in body.keys() - _READ if body[name] is not None)
    if body.get("truncation") == "disabled":
        left.remove("truncation")
    if left:
        conversation.notes.append("fields left out: " + ", ".join(left))
    return conversation


def _check_objects(value: Any, field: str) -> None:
    need(value is None or isinstance(value, list), field, "a list of objects")
    for index, one in enumerate(value or []):
        need(isinstance(one, dict), f"{field}[{index}]", "an object")


def _check_input(items: Any, *, needed: bool) -> None:
    if items is None and not needed:
        return
    fits = isinstance(items, str | list) and bool(items)
    need(fits, "input", "a non-empty string or list of items")
    if isinstance(items, str):
        return
    for index, item in enumerate(items):
        field = f"input[{index}]"
        need(isinstance(item, dict), field, "an object")
        if item_type(item) != "message":
            continue
        content = item.get("content")
        fits = content is None or isinstance(content, str | list)
        need(fits, f"{field}.content", "a string or a list of parts")
        if isinstance(content, list):
            _check_objects(content, f"{field}.content")


def _read_reasoning(said: Any) -> Reasoning | None:
    if not isinstance(said, dict):
        return None
    effort = said.get("effort")
    if not isinstance(effort, str) or not effort:
        return Reasoning() if said.get("summary") else None
    return Reasoning("off") if effort == "none" else Reasoning(effort=effort)


def _read_text(conversation: Conversation, text: Any) -> None:
    """Read the form that the reply's text shall have."""
    if not isinstance(text, dict):
        return
    if isinstance(text.get("verbosity"), str):
        conversation.shared["verbosity"] = text["verbosity"]
    match text.get("format"):
        case {"type": "json_schema", "schema": dict(schema), **rest}:
            conversation.output_schema = schema
            conversation.output_name = str(rest.get("name") or "")
            strict = rest.get("strict")
            conversation.output_strict = strict if isinstance(strict, bool) else None
        case {"type": "json_object"}:
            conversation.output_schema = {"type": "object"}
