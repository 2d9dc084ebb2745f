"""A client's chat or generate request, read into a conversation."""

from typing import Any, Final

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.checking import number
from ccproxy_tui.protocols.effort import LEVELS
from ccproxy_tui.protocols.hub import Conversation, JsonObject, Reasoning, Text, Tool, Turn
from ccproxy_tui.protocols.ollama.history import leading_system_messages, read_turns
from ccproxy_tui.protocols.ollama.images import read_images

_FIELDS: Final = frozenset(
    {"model", "stream", "keep_alive", "options", "format", "think", "tools"}
    | {"messages", "prompt", "system", "images"}
)
"""What is read, or means nothing to another server (`keep_alive`)."""
_OPTIONS: Final = frozenset(
    {"temperature", "top_p", "top_k", "num_predict", "stop", "seed"}
    | {"presence_penalty", "frequency_penalty"}
)


def read_request(body: JsonObject) -> Conversation:
    """Read a checked request; raises `BadRequestError` where it cannot be understood."""
    options = body.get("options") or {}
    limit = _whole(options, "num_predict")
    top_k = _whole(options, "top_k")
    conversation = Conversation(
        model=body["model"],
        tools=[_read_tool(tool, f"tools[{i}]") for i, tool in enumerate(body.get("tools") or [])],
        # 0 and the negative numbers are Ollama's words for no limit
        max_tokens=limit if limit is not None and limit > 0 else None,
        temperature=number(options, "temperature", "options.temperature"),
        top_p=number(options, "top_p", "options.top_p"),
        top_k=top_k if top_k is not None and top_k > 0 else None,
        stop=_read_stop(options.get("stop")),
        seed=_whole(options, "seed"),
        presence_penalty=number(options, "presence_penalty", "options.presence_penalty"),
        frequency_penalty=number(options, "frequency_penalty", "options.frequency_penalty"),
        reasoning=_read_think(body.get("think")),
        output_schema=_read_format(body.get("format")),
    )
    if "messages" in body:
        _read_chat(conversation, body["messages"] or [])
    else:
        _read_prompt(conversation, body)
    _note_left_out(conversation, "fields", body, _FIELDS)
    _note_left_out(conversation, "options", options, _OPTIONS)
    return conversation


def _read_chat(conversation: Conversation, messages: list[JsonObject]) -> None:
    if not messages:
        raise BadRequestError("messages", "must not be empty: there is nothing to answer")
    count = leading_system_messages(messages)
    conversation.system = [Text(said) for m in messages[:count] if (said := m.get("content"))]
    conversation.turns = read_turns(messages, count)


def _read_prompt(conversation: Conversation, body: JsonObject) -> None:
    prompt = body.get("prompt")
    images = read_images(body.get("images"), "images")
    if not prompt and not images:
        raise BadRequestError("prompt", "must not be empty: there is nothing to answer")
    if system := body.get("system"):
        conversation.system = [Text(system)]
    conversation.turns = [Turn("user", [*([Text(prompt)] if prompt else []), *images])]


def _read_tool(tool: JsonObject, field: str) -> Tool:
    if tool.get("type", "function") != "function":
        return Tool(str(tool.get("type")), raw=tool)
    function = tool.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise BadRequestError(f"{field}.function.name", "must be a string")
    schema = function.get("parameters")
    return Tool(
        function["name"],
        str(function.get("description") or ""),
        schema if isinstance(schema, dict) else {},
    )


def _read_stop(stop: Any) -> list[str]:
    texts = stop if isinstance(stop, list) else [stop] if stop else []
    if not all(isinstance(text, str) for text in texts):
        raise BadRequestError("options.stop", "must be a string or a list of strings")
    return [text for text in texts if text]


def _read_think(think: Any) -> Reasoning | None:
    match think:
        case None | "":
            return None
        case True:
            return Reasoning("on")
        case False | "none":
            return Reasoning("off")
        case str() if think in LEVELS:
            return Reasoning("on", effort=think)
    raise BadRequestError("think", "must be true, false, low, medium or high")


def _read_format(form: Any) -> JsonObject | None:
    match form:
        case None | "":
            return None
        case "json":
            return {"type": "object"}
        case dict():
            return form
    raise BadRequestError("format", "must be json or a JSON schema")


def _whole(options: JsonObject, name: str) -> int | None:
    value = number(options, name, f"options.{name}")
    if value is not None and value != value // 1:
        raise BadRequestError(f"options.{name}", "must be a whole number")
    return None if value is None else int(value)


def _note_left_out(
    conversation: Conversation, what: str, given: JsonObject, known: frozenset[str]
) -> None:
    left_out = sorted(name for name, value in given.items() if name not in known and value)
    if left_out:
        conversation.notes.append(f"{what} left out: {', '.join(left_out)}")
