"""A group's rules on a raw request, the same for both lanes."""

from re import Pattern
from typing import Any, Final

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.gemini.fields import camel, drop, find, listed, put, wrapped
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.rules import Replacing, inject, join, scale_temperature
from ccproxy_tui.wildcards import compile_pattern

_HIGHEST_TEMPERATURE: Final = 2.0


def apply_rules(body: JsonObject, rules: Rules) -> list[str]:
    """Change `body` as the group asks; say what was changed."""
    if (inner := wrapped(body)) is not None:
        inner = dict(inner)
        notes = apply_rules(inner, rules)
        put(body, "generateContentRequest", inner)
        return notes
    notes = _replace(body, rules) + _filter_tools(body, rules.tool_filter)
    notes += inject(body, rules, _add_to_user, _add_to_system)
    return notes + _scale(body, rules.temperature_ratio)


def _replace(body: JsonObject, rules: Rules) -> list[str]:
    """Replace in the system prompt; the API refuses one without parts, so none is left then."""
    system = find(body, "systemInstruction")
    replacing = Replacing(rules)
    if isinstance(system, dict):
        parts = replacing.content(listed(system.get("parts")))
        changed: Any = {**system, "parts": parts} if parts else None
    else:
        changed = replacing.content(system)
    if replacing.count and changed:
        put(body, "systemInstruction", changed)
    elif replacing.count:
        drop(body, "systemInstruction")
    return replacing.notes()


def _add_to_user(body: JsonObject, text: str) -> bool:
    """Put a part before whatever the user said last, but behind the results of functions.

    Contents of the older role `function` are results alone, and have no place for it.
    """
    contents = listed(find(body, "contents"))
    for at in reversed(range(len(contents))):
        content = contents[at]
        if (content.get("role") or "user") != "user":
            continue
        parts = listed(content.get("parts"))
        others = (i for i, part in enumerate(parts) if find(part, "functionResponse") is None)
        place = next(others, len(parts))
        changed = {**content, "parts": [*parts[:place], {"text": text}, *parts[place:]]}
        put(body, "contents", [*contents[:at], changed, *contents[at + 1 :]])
        return True
    return False


def _add_to_system(body: JsonObject, rules: Rules) -> None:
    system, added = find(body, "systemInstruction"), {"text": rules.inject}
    if rules.replace or not system:
        changed: Any = {"parts": [added]}
    elif isinstance(system, str):
        changed = join(system, rules.inject)
    elif isinstance(system, list):
        changed = [*system, added]
    else:
        changed = {**system, "parts": [*listed(system.get("parts")), added]}
    put(body, "systemInstruction", changed)


def _scale(body: JsonObject, ratio: float) -> list[str]:
    config = find(body, "generationConfig")
    if not isinstance(config, dict):
        return []
    changed = dict(config)
    notes = scale_temperature(changed, ratio, _HIGHEST_TEMPERATURE)
    if notes:
        put(body, "generationConfig", changed)
    return notes


def _filter_tools(body: JsonObject, patterns: tuple[str, ...]) -> list[str]:
    """Take tools out of all entries, by the function's name or that of the vendor's own tool."""
    tests = [compile_pattern(pattern) for pattern in patterns]
    removed: list[str] = []
    entries = [_filtered(entry, tests, removed) for entry in listed(find(body, "tools"))]
    if not removed:
        return []
    kept = [entry for entry in entries if entry]
    if kept:
        put(body, "tools", kept)
    else:
        drop(body, "tools")
    return ["tools removed: " + ", ".join(removed), *_free_choice(body, set(removed))]


def _filtered(entry: JsonObject, tests: list[Pattern[str]], removed: list[str]) -> JsonObject:
    kept: JsonObject = {}
    for key, value in entry.items():
        if camel(key) != "functionDeclarations":
            if _any(tests, camel(key)):
                removed.append(camel(key))
            else:
                kept[key] = value
            continue
        gone = [one["name"] for one in listed(value) if _any(tests, one["name"])]
        removed += gone
        left = [one for one in listed(value) if one["name"] not in gone]
        if left:
            kept[key] = left if gone else value
    return kept


def _any(tests: list[Pattern[str]], name: str) -> bool:
    return any(test.fullmatch(name) for test in tests)


def _free_choice(body: JsonObject, removed: set[str]) -> list[str]:
    """Let no choice stand that names a tool which is gone, or that has no tool left."""
    config = find(body, "toolConfig")
    calling = find(config or {}, "functionCallingConfig")
    if not config or not calling:
        return []
    config, calling = dict(config), dict(calling)
    names = find(calling, "allowedFunctionNames") or []
    left = [name for name in names if name not in removed]
    if _has_functions(body) and len(left) == len(names):
        return []
    if not _has_functions(body):
        drop(config, "functionCallingConfig")
    elif left:
        put(calling, "allowedFunctionNames", left)
        put(config, "functionCallingConfig", calling)
    else:
        drop(calling, "allowedFunctionNames")
        put(config, "functionCallingConfig", {**calling, "mode": "AUTO"})
    if config:
        put(body, "toolConfig", config)
    else:
        drop(body, "toolConfig")
    return ["tool choice freed of the tools that are gone"]


def _has_functions(body: JsonObject) -> bool:
    entries = listed(find(body, "tools"))
    return any(find(entry, "functionDeclarations") for entry in entries)
