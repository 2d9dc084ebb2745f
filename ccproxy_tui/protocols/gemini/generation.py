"""A client's request to generate, read into a conversation."""

from math import isfinite
from typing import Any, Final

from ccproxy_tui.protocols.checking import need
from ccproxy_tui.protocols.gemini.contents import read_contents, read_texts
from ccproxy_tui.protocols.gemini.declarations import read_choice, read_schema, read_tools
from ccproxy_tui.protocols.gemini.fields import camel, find, listed, wrapped
from ccproxy_tui.protocols.hub import Conversation, JsonObject, Reasoning, Text

_READ: Final = frozenset(
    {"contents", "generationConfig", "model", "systemInstruction", "toolConfig", "tools"}
)
_READ_CONFIG: Final = frozenset(
    {
        "candidateCount",
        "frequencyPenalty",
        "maxOutputTokens",
        "presencePenalty",
        "responseJsonSchema",
        "responseMimeType",
        "responseSchema",
        "seed",
        "stopSequences",
        "temperature",
        "thinkingConfig",
        "topK",
        "topP",
    }
)
_JSON: Final = "application/json"
_UNSPECIFIED: Final = "thinking_level_unspecified"


def read_request(body: JsonObject) -> Conversation:
    """Read a checked request to generate, or to count tokens; raises `BadRequestError`."""
    body = wrapped(body) or body
    config = find(body, "generationConfig") or {}
    choice, tools = read_choice(body, read_tools(body))
    top_k = _number(config, "topK")
    return Conversation(
        model="",
        system=[Text(text) for text in _read_system(body)],
        turns=read_contents(find(body, "contents")),
        tools=tools,
        tool_choice=choice,
        max_tokens=_limit(config),
        temperature=_number(config, "temperature"),
        top_p=_number(config, "topP"),
        top_k=None if top_k is None else int(top_k),
        stop=_read_stop(config),
        seed=_whole(config, "seed"),
        presence_penalty=_number(config, "presencePenalty"),
        frequency_penalty=_number(config, "frequencyPenalty"),
        reasoning=_read_reasoning(find(config, "thinkingConfig")),
        output_schema=_read_output(config),
        notes=_notes(body, config),
    )


def _read_system(body: JsonObject) -> list[str]:
    return read_texts(find(body, "systemInstruction"), "systemInstruction")


def _notes(body: JsonObject, config: JsonObject) -> list[str]:
    unread = [camel(key) for key in _unread(body, _READ)]
    unread += [f"generationConfig.{camel(key)}" for key in _unread(config, _READ_CONFIG)]
    notes = [f"fields left out: {', '.join(unread)}"] if unread else []
    count = find(config, "candidateCount")
    if isinstance(count, int) and count > 1:
        notes.append(f"candidateCount {count} → 1")
    return notes


def _unread(of: JsonObject, known: frozenset[str]) -> list[str]:
    return [key for key, value in of.items() if value is not None and camel(key) not in known]


def _number(config: JsonObject, name: str) -> float | None:
    value: Any = find(config, name)
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    need(value is None or number, f"generationConfig.{name}", "a number")
    found: float | None = value
    return found


def _whole(config: JsonObject, name: str) -> int | None:
    value = _number(config, name)
    need(value is None or value == int(value), f"generationConfig.{name}", "a whole number")
    return None if value is None else int(value)


def _limit(config: JsonObject) -> int | None:
    limit = _whole(config, "maxOutputTokens")
    fits = limit is None or limit > 0
    need(fits, "generationConfig.maxOutputTokens", "a positive whole number")
    return limit


def _read_stop(config: JsonObject) -> list[str]:
    texts = listed(find(config, "stopSequences"))
    fits = all(isinstance(text, str) for text in texts)
    need(fits, "generationConfig.stopSequences", "a list of strings")
    return [text for text in texts if text]


def _read_reasoning(thinking: Any) -> Reasoning | None:
    """Read the thinking config; a budget of -1 leaves the amount to the model."""
    if thinking is None:
        return None
    field = "generationConfig.thinkingConfig"
    need(isinstance(thinking, dict), field, "an object")
    budget, level = find(thinking, "thinkingBudget"), find(thinking, "thinkingLevel")
    whole = budget is None or (isinstance(budget, int) and not isinstance(budget, bool))
    need(whole, f"{field}.thinkingBudget", "a whole number")
    if isinstance(level, str) and level and level.lower() != _UNSPECIFIED:
        return Reasoning("adaptive", effort=level.lower())
    if budget is not None:
        if budget < 0:
            return Reasoning("adaptive")
        return Reasoning("on", budget) if budget else Reasoning("off")
    return Reasoning("adaptive") if find(thinking, "includeThoughts") is True else None


def _read_output(config: JsonObject) -> JsonObject | None:
    schema = find(config, "responseJsonSchema")
    if isinstance(schema, dict):
        return schema
    schema = find(config, "responseSchema")
    if isinstance(schema, dict):
        return read_schema(schema)
    kind = str(find(config, "responseMimeType") or "")
    return {"type": "object"} if kind.lower() == _JSON else None
