"""A group's rules on a raw chat completions request, the same for both lanes."""

from typing import Final

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.rules import (
    Replacing,
    add_to_user,
    append,
    filter_tools,
    inject,
    scale_temperature,
)

_HIGHEST_TEMPERATURE: Final = 2.0
_SYSTEM_ROLES: Final = ("system", "developer")


def apply_rules(body: JsonObject, rules: Rules) -> list[str]:
    """Change `body` as the group asks; say what was changed."""
    notes = _replace(body, rules)
    removed = filter_tools(body, rules.tool_filter, _name)
    removed += filter_tools(body, rules.tool_filter, _older_name, "functions")
    if removed:
        notes.append("tools removed: " + ", ".join(removed))
        notes += _free_tool_choice(body, removed)
    notes += inject(body, rules, add_to_user, _add_to_system)
    return notes + scale_temperature(body, rules.temperature_ratio, _HIGHEST_TEMPERATURE)


def leading_system_messages(messages: list[JsonObject]) -> int:
    """Count the messages at the start that are the system prompt."""
    for index, message in enumerate(messages):
        if message.get("role") not in _SYSTEM_ROLES:
            return index
    return len(messages)


def _name(tool: JsonObject) -> str:
    """Name of a tool, in whose form it is nested by the tool's type."""
    form = tool.get(str(tool.get("type") or "function"))
    return str(form.get("name") or "") if isinstance(form, dict) else ""


def _older_name(function: JsonObject) -> str:
    return str(function.get("name") or "")


def _free_tool_choice(body: JsonObject, removed: list[str]) -> list[str]:
    """Let no choice stand that names a tool which is gone."""
    choice = body.get("tool_choice")
    older = body.get("function_call")
    if isinstance(older, dict) and older.get("name") in removed:
        body["function_call"] = "auto"
    if "functions" not in body:
        body.pop("function_call", None)
    if "tools" not in body:
        body.pop("tool_choice", None)
        body.pop("parallel_tool_calls", None)
        return []
    if not isinstance(choice, dict):
        return []
    allowed = choice.get("allowed_tools")
    if isinstance(allowed, dict) and isinstance(allowed.get("tools"), list):
        named = allowed["tools"]
        left = [one for one in named if not isinstance(one, dict) or _name(one) not in removed]
        if left:
            body["tool_choice"] = {**choice, "allowed_tools": {**allowed, "tools": left}}
            return []
    elif _name(choice) not in removed:
        return []
    body["tool_choice"] = "auto"
    return ["tool_choice → auto"]


def _replace(body: JsonObject, rules: Rules) -> list[str]:
    replacing = Replacing(rules)
    messages = body["messages"]
    changed = replacing.messages(messages, leading_system_messages(messages))
    if replacing.count:
        body["messages"] = changed
    return replacing.notes()


def _add_to_system(body: JsonObject, rules: Rules) -> None:
    messages = body["messages"]
    count = leading_system_messages(messages)
    if rules.replace or not count:
        role = messages[0]["role"] if count else "system"
        body["messages"] = [{"role": role, "content": rules.inject}, *messages[count:]]
        return
    last = messages[count - 1]
    added = {**last, "content": append(last.get("content"), rules.inject)}
    body["messages"] = [*messages[: count - 1], added, *messages[count:]]
