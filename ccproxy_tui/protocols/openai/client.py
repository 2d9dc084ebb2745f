"""A client's chat completions request: checked, and read into a conversation."""

from dataclasses import dataclass
from typing import Any, Final

from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation
from ccproxy_tui.protocols.checking import need, number
from ccproxy_tui.protocols.hub import SHARED, Conversation, JsonObject, Text
from ccproxy_tui.protocols.openai import reasoning
from ccproxy_tui.protocols.openai.rules import leading_system_messages
from ccproxy_tui.protocols.openai.tools import (
    free_text_names,
    is_older_form,
    read_tool_choice,
    read_tools,
)
from ccproxy_tui.protocols.openai.turns import read_text, read_turns
from ccproxy_tui.protocols.opening import first_of_user

_SESSION_HEADER: Final = "x-session-id"
_READ: Final = frozenset(
    [
        "model",
        "messages",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "functions",
        "function_call",
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
        *reasoning.FIELDS,
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
    free_text: frozenset[str] = frozenset()
    """Names of the tools whose calls have plain text, not JSON."""
    older_calls: bool = False
    """Whether it knows but one call a message, `function_call`, the older form."""


def check_request(body: Any, operation: Operation = Operation.GENERATE) -> JsonObject:
    """Check what both lanes need; unknown fields are fine."""
    if not isinstance(body, dict):
        raise BadRequestError("body", "must be a JSON object")
    need(isinstance(body.get("model"), str) and body["model"], "model", "a non-empty string")
    if operation is Operation.EMBED:
        return body
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequestError("messages", "must be a non-empty list")
    for index, message in enumerate(messages):
        field = f"messages[{index}]"
        need(isinstance(message, dict), field, "an object")
        need(isinstance(message.get("role"), str), f"{field}.role", "a string")
        content = message.get("content")
        fits = content is None or isinstance(content, str | list)
        need(fits, f"{field}.content", "a string or a list of parts")
        for at, part in enumerate(content if isinstance(content, list) else []):
            need(isinstance(part, dict), f"{field}.content[{at}]", "an object")
    for name in ("max_tokens", "max_completion_tokens"):
        limit = body.get(name)
        whole = limit is None or (isinstance(limit, int) and not isinstance(limit, bool))
        need(whole and (limit is None or limit > 0), name, "a positive whole number")
    need(isinstance(body.get("stream") or False, bool), "stream", "true or false")
    for name in ("tools", "functions"):
        tools = body.get(name) or []
        need(isinstance(tools, list), name, "a list of objects")
        for index, tool in enumerate(tools):
            need(isinstance(tool, dict), f"{name}[{index}]", "an object")
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
        first_of_user(body.get("messages")),
        Form(
            usage=isinstance(options, dict) and options.get("include_usage") is True,
            encoding=str(body.get("encoding_format") or ""),
            free_text=free_text_names(body),
            older_calls=is_older_form(body),
        ),
    )


def read_request(body: JsonObject) -> Conversation:
    """Read a checked request; raises `BadRequestError` where a message cannot be understood."""
    messages = body["messages"]
    count = leading_system_messages(messages)
    stop = body.get("stop") or []
    texts = stop if isinstance(stop, list) else [stop]
    need(all(isinstance(text, str) for text in texts), "stop", "a string or a list of strings")
    form = body.get("response_format")
    conversation = Conversation(
        model=str(body["model"]),
        system=[Text(text) for message in messages[:count] if (text := read_text(message))],
        turns=read_turns(messages, count),
        tools=read_tools(body),
        tool_choice=read_tool_choice(body),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        top_k=number(body, "top_k"),
        stop=texts,
        seed=number(body, "seed"),
        presence_penalty=number(body, "presence_penalty"),
        frequency_penalty=number(body, "frequency_penalty"),
        reasoning=reasoning.read_reasoning(body),
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


def _read_schema(form: Any) -> JsonObject | None:
    match form:
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return schema
        case {"type": "json_object"}:
            return {"type": "object"}
    return None
