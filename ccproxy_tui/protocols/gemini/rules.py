"""A group's rules on a raw request, the same for both lanes."""

from re import Pattern
from typing import Any, Final

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.gemini.fields import camel, drop, find, listed, put
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.rules import injection_note, injects, scale_temperature
from ccproxy_tui.wildcards import compile_pattern

_HIGHEST_TEMPERATURE: Final = 2.0


def apply_rules(body: JsonObject, rules: Rules) -> list[str]:
    """Change `body` as the group asks; say what was changed."""
    notes = _filter_tools(body, rules.tool_filter)
    if injects(body, rules):
        put(body, "systemInstruction", _inject(find(body, "systemInstruction"), rules))
        notes.append(injection_note(rules))
    return notes + _scale(body, rules.temperature_ratio)


def _inject(system: Any, rules: Rules) -> Any:
    added = {"text": rules.inject}
    if rules.replace or not system:
        return {"parts": [added]}
    if isinstance(system, str):
        return f"{system}\n\n{rules.inject}"
    if isinstance(system, list):
        return [*system, added]
    return {**system, "parts": [*listed(system.get("parts")), added]}


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
