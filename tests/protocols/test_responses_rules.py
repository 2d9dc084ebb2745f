from copy import deepcopy
from typing import Any

import pytest

from ccproxy_tui.protocols import responses
from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.hub import JsonObject
from tests.protocols.test_responses_client import FUNCTION, NAMESPACE, TOOLS, body, user


def applied(fields: JsonObject, rules: Rules) -> tuple[JsonObject, list[str]]:
    """Apply rules to a shallow copy, as the gateway does, and see that the client's is unhurt."""
    before = deepcopy(fields)
    changed = dict(fields)
    notes = responses.apply_rules(changed, rules)
    assert fields == before
    return changed, notes


@pytest.mark.parametrize(
    ("pattern", "left", "removed"),
    [
        ("read", ["patch", "multi_agent_v1", "web_search"], "read"),
        ("web_*", ["read", "patch", "multi_agent_v1"], "web_search"),
        ("multi_agent_v1", ["read", "patch", "web_search"], "multi_agent_v1"),
        ("multi_agent_v1__*", ["read", "patch", "web_search"],
         "multi_agent_v1__spawn_agent, multi_agent_v1__wait"),
        ("wait", ["read", "patch", "multi_agent_v1", "web_search"], "multi_agent_v1__wait"),
    ],
)  # fmt: skip
def test_tools_go_by_any_of_their_names(pattern: str, left: list[str], removed: str) -> None:
    changed, notes = applied(body(tools=TOOLS), Rules(tool_filter=(pattern,)))
    assert [tool.get("name") or tool["type"] for tool in changed["tools"]] == left
    assert notes == [f"tools removed: {removed}"]
    if pattern == "wait":
        (namespace,) = (tool for tool in changed["tools"] if tool["type"] == "namespace")
        assert [tool["name"] for tool in namespace["tools"]] == ["spawn_agent"]


def test_without_tools_there_is_no_choice() -> None:
    fields = body(tools=[FUNCTION], tool_choice="required", parallel_tool_calls=True)
    changed, _ = applied(fields, Rules(tool_filter=("*",)))
    assert not changed.keys() & {"tools", "tool_choice", "parallel_tool_calls"}


def allowed(*names: str) -> JsonObject:
    tools = [{"type": "function", "name": name} for name in names]
    return {"type": "allowed_tools", "mode": "auto", "tools": tools}


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ("required", "required"),
        ({"type": "function", "name": "read"}, "auto"),
        ({"type": "custom", "name": "patch"}, {"type": "custom", "name": "patch"}),
        (allowed("read", "patch"), allowed("patch")),
        (allowed("read"), "auto"),
    ],
)
def test_no_choice_names_a_tool_that_is_gone(choice: Any, left: Any) -> None:
    changed, notes = applied(body(tools=TOOLS, tool_choice=choice), Rules(tool_filter=("read",)))
    assert changed["tool_choice"] == left
    assert ("tool_choice → auto" in notes) == (left == "auto")


def developer(content: Any) -> JsonObject:
    return {"type": "message", "role": "developer", "content": content}


@pytest.mark.parametrize(
    ("fields", "replace", "expected"),
    [
        (body(), False, {"instructions": "NEW", "input": "hi"}),
        (body(instructions="old"), False, {"instructions": "old\n\nNEW"}),
        (body(instructions="old"), True, {"instructions": "NEW"}),
        (body(user()), False, {"instructions": "NEW", "input": [user()]}),
        (body(developer("old"), user()), False, {"input": [developer("old\n\nNEW"), user()]}),
        (
            body(developer([{"type": "input_text", "text": "old"}]), user()),
            False,
            {"input": [developer([{"type": "input_text", "text": "old"},
                                  {"type": "input_text", "text": "NEW"}]), user()]},
        ),
        (body(developer("a"), developer("b"), user()), True, {"input": [developer("NEW"), user()]}),
        (
            body(developer("a"), user(), instructions="old"),
            False,
            {"instructions": "old\n\nNEW", "input": [developer("a"), user()]},
        ),
        (
            body(developer("a"), user(), instructions="old"),
            True,
            {"instructions": "NEW", "input": [user()]},
        ),
    ],
)  # fmt: skip
def test_the_groups_prompt(fields: JsonObject, replace: bool, expected: JsonObject) -> None:
    rules = Rules(inject="NEW", replace=replace, inject_always=True)
    changed, notes = applied(fields, rules)
    assert {name: changed.get(name) for name in expected} == expected
    assert ("instructions" in changed) == ("instructions" in expected)
    assert notes == [f"prompt {'replaced' if replace else 'added'} (3 characters)"]


def test_calls_without_tools_keep_their_prompt() -> None:
    assert applied(body(), Rules(inject="NEW")) == (body(), [])
    assert applied(body(tools=[NAMESPACE]), Rules(inject="NEW"))[0]["instructions"] == "NEW"


def test_temperature() -> None:
    assert applied(body(temperature=1.5), Rules(temperature_ratio=2))[0]["temperature"] == 2.0
    assert applied(body(), Rules(temperature_ratio=2)) == (body(), [])
