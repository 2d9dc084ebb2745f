"""A group's rules on a raw Responses request, the same for both lanes."""

from typing import Final

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.responses.tools import choice_name, flat_name
from ccproxy_tui.protocols.responses.turns import item_type, leading_system_items
from ccproxy_tui.protocols.rules import (
    Replacing,
    add_to_user,
    append,
    inject,
    is_users,
    join,
    scale_temperature,
)
from ccproxy_tui.wildcards import compile_pattern

_HIGHEST_TEMPERATURE: Final = 2.0


def apply_rules(body: JsonObject, rules: Rules) -> list[str]:
    """Change `body` as the group asks; say what was changed."""
    notes = _replace(body, rules)
    if removed := _filter_tools(body, rules.tool_filter):
        notes.append("tools removed: " + ", ".join(removed))
        notes += _free_tool_choice(body, set(removed))
    notes += inject(body, rules, _add_to_user, _add_to_system)
    return notes + scale_temperature(body, rules.temperature_ratio, _HIGHEST_TEMPERATURE)


def _filter_tools(body: JsonObject, patterns: tuple[str, ...]) -> list[str]:
    """Take tools out, also from inside of namespaces; give their names.

    The client's lists are never changed but replaced, as the record still shows them.
    """
    tests = [compile_pattern(pattern) for pattern in patterns]
    kept: list[JsonObject] = []
    removed: list[str] = []

    def goes(*names: str) -> bool:
        return any(test.fullmatch(name) for test in tests for name in names)

    for tool in body.get("tools") or []:
        name, inner = choice_name(tool), tool.get("tools")
        if goes(name):
            removed.append(name)
        elif tool.get("type") == "namespace" and isinstance(inner, list):
            left = []
            for one in inner:
                own = choice_name(one)
                flat = flat_name(own, name)
                if goes(own, flat):
                    removed.append(flat)
                else:
                    left.append(one)
            if left:
                kept.append(tool if len(left) == len(inner) else {**tool, "tools": left})
        else:
            kept.append(tool)
    if removed and kept:
        body["tools"] = kept
    elif removed:
        del body["tools"]
    return removed


def _free_tool_choice(body: JsonObject, removed: set[str]) -> list[str]:
    """Let no choice stand that names a tool which is gone."""
    choice = body.get("tool_choice")
    if "tools" not in body:
        body.pop("tool_choice", None)
        body.pop("parallel_tool_calls", None)
        return []
    if not isinstance(choice, dict):
        return []
    allowed = choice.get("tools")
    if choice.get("type") == "allowed_tools" and isinstance(allowed, list):
        left = [
            one for one in allowed if not isinstance(one, dict) or choice_name(one) not in removed
        ]
        if left:
            body["tool_choice"] = {**choice, "tools": left}
            return []
    elif choice_name(choice) not in removed:
        return []
    body["tool_choice"] = "auto"
    return ["tool_choice → auto"]


def _replace(body: JsonObject, rules: Rules) -> list[str]:
    replacing = Replacing(rules)
    items, told = body.get("input"), body.get("instructions")
    if told:
        changed = replacing.text(told)
        if changed:
            body["instructions"] = changed
        else:
            del body["instructions"]
    before = replacing.count
    if isinstance(items, list):
        left = replacing.messages(items, leading_system_items(items))
        if replacing.count > before:
            body["input"] = left
    return replacing.notes()


def _add_to_user(body: JsonObject, text: str) -> bool:
    """Put `text` to the front of what the user said last; `input` can be just that."""
    items = body.get("input")
    if isinstance(items, str):
        body["input"] = join(text, items)
        return True
    return isinstance(items, list) and add_to_user(body, text, "input", "input_text", _is_users)


def _is_users(item: JsonObject) -> bool:
    return item_type(item) == "message" and is_users(item)


def _add_to_system(body: JsonObject, rules: Rules) -> None:
    """Put the group's text where the client has its system prompt, else into `instructions`.

    The messages at the start that are the system's or the developer's are a part of the prompt.
    """
    items, told = body.get("input"), body.get("instructions")
    count = leading_system_items(items)
    if told or not count or not isinstance(items, list):
        body["instructions"] = rules.inject if rules.replace else join(told, rules.inject)
        if rules.replace and isinstance(items, list) and count < len(items):
            body["input"] = items[count:]
        return
    last = items[count - 1]
    if rules.replace:
        item = {"type": "message", "role": last.get("role"), "content": rules.inject}
        body["input"] = [item, *items[count:]]
        return
    added = {**last, "content": append(last.get("content"), rules.inject, "input_text")}
    body["input"] = [*items[: count - 1], added, *items[count:]]
