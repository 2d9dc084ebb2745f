"""A group's rules on raw Ollama requests."""

from copy import deepcopy
from typing import Any

from ccproxy_tui.protocols import ollama
from ccproxy_tui.protocols.base import Rules

TOOLS = [{"type": "function", "function": {"name": name}} for name in ("Read", "mcp__a", "mcp__b")]


def changed(body: dict[str, Any], rules: Rules) -> tuple[dict[str, Any], list[str]]:
    """Apply the rules, and check that what the record shows is not changed."""
    shown = dict(body)
    before = deepcopy(shown)
    notes = ollama.apply_rules(body, rules)
    assert shown == before, "a nested object of the client's has been changed"
    return body, notes


def test_the_prompt_is_added_to_the_last_leading_system_message() -> None:
    messages = [
        {"role": "system", "content": "a"},
        {"role": "system", "content": "b"},
        {"role": "user", "content": "c"},
    ]
    body, notes = changed({"messages": messages, "tools": TOOLS}, Rules(inject="X"))
    assert [m["content"] for m in body["messages"]] == ["a", "b\n\nX", "c"]
    assert notes == ["prompt added (1 characters)"]
    body, notes = changed({"messages": messages, "tools": TOOLS}, Rules(inject="X", replace=True))
    assert [m["content"] for m in body["messages"]] == ["X", "c"]
    body, _ = changed({"messages": messages[2:], "tools": TOOLS}, Rules(inject="X"))
    assert body["messages"][0] == {"role": "system", "content": "X"}


def test_calls_without_tools_are_left_alone_unless_always() -> None:
    messages = [{"role": "user", "content": "c"}]
    assert changed({"messages": messages}, Rules(inject="X"))[1] == []
    assert changed({"messages": messages}, Rules(inject="X", inject_always=True))[1]


def test_generate_has_a_field_for_it() -> None:
    rules = Rules(inject="X", inject_always=True)
    assert changed({"prompt": "p", "system": "s"}, rules)[0]["system"] == "s\n\nX"
    assert changed({"prompt": "p"}, rules)[0]["system"] == "X"
    replacing = Rules(inject="X", replace=True, inject_always=True)
    assert changed({"prompt": "p", "system": "s"}, replacing)[0]["system"] == "X"


def test_nothing_is_added_where_nothing_is_asked_or_the_prompt_is_raw() -> None:
    rules = Rules(inject="X", inject_always=True)
    body: dict[str, Any]
    for body in ({}, {"messages": []}, {"prompt": ""}, {"prompt": "p", "raw": True}):
        assert changed(dict(body), rules) == (body, [])


def test_tools_are_taken_away_by_the_functions_name() -> None:
    body, notes = changed({"messages": [], "tools": TOOLS}, Rules(tool_filter=("mcp__*",)))
    assert body["tools"] == TOOLS[:1]
    assert notes == ["tools removed: mcp__a, mcp__b"]
    assert "tools" not in changed({"tools": TOOLS}, Rules(tool_filter=("*",)))[0]


def test_the_temperature_is_an_option() -> None:
    body, notes = changed(
        {"options": {"temperature": 0.8, "seed": 1}}, Rules(temperature_ratio=0.5)
    )
    assert body["options"] == {"temperature": 0.4, "seed": 1}
    assert notes == ["temperature 0.8 → 0.4"]
    assert changed({"options": {"temperature": 1.5}}, Rules(temperature_ratio=9))[0] == {
        "options": {"temperature": 2.0}
    }
    assert changed({"temperature": 0.8}, Rules(temperature_ratio=0.5))[1] == []
