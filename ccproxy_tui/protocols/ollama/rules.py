"""A group's rules on a raw chat or generate request, the same for both lanes."""

from typing import Final

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.ollama.history import leading_system_messages
from ccproxy_tui.protocols.rules import filter_tools, injection_note, injects, scale_temperature

_HIGHEST_TEMPERATURE: Final = 2.0


def apply_rules(body: JsonObject, rules: Rules) -> list[str]:
    """Change `body` (shallowly, in place) as the group asks; say what was changed."""
    notes = []
    if removed := filter_tools(body, rules.tool_filter, _name):
        notes.append("tools removed: " + ", ".join(removed))
    if injects(body, rules) and _inject(body, rules):
        notes.append(injection_note(rules))
    options = body.get("options")
    if isinstance(options, dict):
        options = dict(options)
        if scaled := scale_temperature(options, rules.temperature_ratio, _HIGHEST_TEMPERATURE):
            body["options"] = options
            notes += scaled
    return notes


def _name(tool: JsonObject) -> str:
    function = tool.get("function")
    return str(function.get("name") or "") if isinstance(function, dict) else ""


def _inject(body: JsonObject, rules: Rules) -> bool:
    """Add to the system prompt, unless there is nothing to answer or a prompt as it is."""
    if messages := body.get("messages"):
        body["messages"] = _in_messages(messages, rules)
    elif body.get("prompt") and body.get("raw") is not True:
        body["system"] = _joined(body.get("system"), rules)
    else:
        return False
    return True


def _in_messages(messages: list[JsonObject], rules: Rules) -> list[JsonObject]:
    count = leading_system_messages(messages)
    if rules.replace or not count:
        return [{"role": "system", "content": rules.inject}, *messages[count:]]
    last = messages[count - 1]
    content = _joined(last.get("content"), rules)
    return [*messages[: count - 1], {**last, "content": content}, *messages[count:]]


def _joined(system: str | None, rules: Rules) -> str:
    return f"{system}\n\n{rules.inject}" if system and not rules.replace else rules.inject
