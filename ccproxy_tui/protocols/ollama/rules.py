"""A group's rules on a raw chat or generate request, the same for both lanes."""

from typing import Final

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.ollama.history import leading_system_messages
from ccproxy_tui.protocols.rules import (
    Replacing,
    add_to_user,
    filter_tools,
    inject,
    join,
    scale_temperature,
)

_HIGHEST_TEMPERATURE: Final = 2.0


def apply_rules(body: JsonObject, rules: Rules) -> list[str]:
    """Change `body` (shallowly, in place) as the group asks; say what was changed."""
    notes = _replace(body, rules)
    if removed := filter_tools(body, rules.tool_filter, _name):
        notes.append("tools removed: " + ", ".join(removed))
    if _takes_prompt(body):
        notes += inject(body, rules, _add_to_user, _add_to_system)
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


def _replace(body: JsonObject, rules: Rules) -> list[str]:
    """Replace in the system prompt.

    A message that becomes empty stays: where none comes first, Ollama puts in that of the model's
    own Modelfile (`ChatHandler` in its server/routes.go).
    """
    replacing = Replacing(rules)
    messages, told = body.get("messages") or [], body.get("system")
    count = leading_system_messages(messages)
    changed = [{**m, "content": replacing.text(m.get("content") or "")} for m in messages[:count]]
    if replacing.count:
        body["messages"] = [*changed, *messages[count:]]
    if told and not messages:
        body["system"] = replacing.text(told)
    return replacing.notes()


def _takes_prompt(body: JsonObject) -> bool:
    """Whether there is something to answer, and no prompt that the model gets as it is.

    Ollama refuses a system prompt beside `raw`, and leaves it out where `suffix` asks for what
    comes in between (`GenerateHandler` in its server/routes.go).
    """
    as_it_is = body.get("raw") is True or body.get("suffix")
    return bool(body.get("messages") or (body.get("prompt") and not as_it_is))


def _add_to_user(body: JsonObject, text: str) -> bool:
    if body.get("messages"):
        return add_to_user(body, text)
    body["prompt"] = join(text, body["prompt"])
    return True


def _add_to_system(body: JsonObject, rules: Rules) -> None:
    messages = body.get("messages")
    if not messages:
        told = None if rules.replace else body.get("system")
        body["system"] = join(told, rules.inject)
        return
    count = leading_system_messages(messages)
    if rules.replace or not count:
        body["messages"] = [{"role": "system", "content": rules.inject}, *messages[count:]]
        return
    last = messages[count - 1]
    added = {**last, "content": join(last.get("content"), rules.inject)}
    body["messages"] = [*messages[: count - 1], added, *messages[count:]]
