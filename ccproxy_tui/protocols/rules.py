"""What the rules of a group mean in every protocol."""

from collections.abc import Callable
from typing import Any

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.wildcards import compile_pattern


def filter_tools(
    body: JsonObject,
    patterns: tuple[str, ...],
    name_of: Callable[[JsonObject], str],
    field: str = "tools",
) -> list[str]:
    """Take tools out of `body` by name or wildcard, and the list when it is empty; give their names.

    The client's list is never changed but replaced, as the record still shows it.
    """
    tools = body.get(field)
    if not patterns or not isinstance(tools, list):
        return []
    tests = [compile_pattern(pattern) for pattern in patterns]
    kept, removed = [], []
    for tool in tools:
        name = name_of(tool)
        if any(test.fullmatch(name) for test in tests):
            removed.append(name)
        else:
            kept.append(tool)
    if removed and kept:
        body[field] = kept
    elif removed:
        del body[field]
    return removed


def injects(body: JsonObject, rules: Rules) -> bool:
    """Whether the group's prompt belongs into this request; a blank one changes nothing."""
    return bool(rules.inject.strip()) and (rules.inject_always or bool(body.get("tools")))


def injection_note(rules: Rules) -> str:
    """Say that the prompt was changed."""
    return f"prompt {'replaced' if rules.replace else 'added'} ({len(rules.inject)} characters)"


def scale_temperature(body: JsonObject, ratio: float, highest: float) -> list[str]:
    """Multiply the temperature, when the client sent one; say so."""
    asked: Any = body.get("temperature")
    if ratio == 1.0 or isinstance(asked, bool) or not isinstance(asked, int | float):
        return []
    scaled = round(min(max(asked * ratio, 0.0), highest), 4)
    if scaled == asked:
        return []
    body["temperature"] = scaled
    return [f"temperature {asked} → {scaled}"]
