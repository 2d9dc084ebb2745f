from copy import deepcopy
from typing import Any

import pytest

from ccproxy_tui.protocols import claude, openai
from ccproxy_tui.protocols.base import Rules

ATTRIBUTION = {
    "type": "text",
    "text": "x-anthropic-billing-header: cc_version=2; cc_entrypoint=cli;",
}
PROMPT = {"type": "text", "text": "You are an agent.", "cache_control": {"type": "ephemeral"}}
ADDED = {"type": "text", "text": "Answer briefly."}
ENHANCE = Rules(inject="Answer briefly.")
REPLACE = Rules(inject="Answer briefly.", replace=True)
TOOLS = ["Bash", "WebFetch", "WebSearch", "mcp__puppeteer__click", "mcp__puppeteer__goto"]


def claude_body(**fields: Any) -> dict[str, Any]:
    return {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": name, "input_schema": {}} for name in TOOLS],
        **fields,
    }


def openai_body(**fields: Any) -> dict[str, Any]:
    return {
        "model": "m",
        "messages": [
            {"role": "system", "content": "You are an agent."},
            {"role": "user", "content": "hi"},
        ],
        "tools": [{"type": "function", "function": {"name": name}} for name in TOOLS],
        **fields,
    }


@pytest.mark.parametrize(
    ("system", "rules", "changed"),
    [
        ([ATTRIBUTION, PROMPT], ENHANCE, [ATTRIBUTION, PROMPT, ADDED]),
        ([ATTRIBUTION, PROMPT], REPLACE, [ATTRIBUTION, ADDED]),
        ([PROMPT], REPLACE, [ADDED]),
        ("You are.", ENHANCE, [{"type": "text", "text": "You are."}, ADDED]),
        ("You are.", REPLACE, [ADDED]),
        (None, ENHANCE, [ADDED]),
        ([ATTRIBUTION, PROMPT], Rules(inject="  ", replace=True), [ATTRIBUTION, PROMPT]),
        ([ATTRIBUTION, PROMPT], Rules(), [ATTRIBUTION, PROMPT]),
    ],
)
def test_the_prompt_of_a_claude_client(system: Any, rules: Rules, changed: Any) -> None:
    request = claude_body(system=system)
    before = deepcopy(request)
    shallow = dict(request)
    notes = claude.apply_rules(request, rules)
    assert request["system"] == changed
    assert shallow == before, "the client's own lists were changed"
    if changed != system:
        verb = "replaced" if rules.replace else "added"
        assert notes == [f"prompt {verb} (15 characters)"]
    else:
        assert notes == []


def test_calls_without_tools_are_left_alone_unless_asked() -> None:
    request = claude_body(system="title, please")
    del request["tools"]
    assert claude.apply_rules(request, ENHANCE) == []
    assert request["system"] == "title, please"
    assert claude.apply_rules(request, Rules(inject="x", inject_always=True)) != []


def test_a_call_whose_tools_are_all_filtered_is_left_alone() -> None:
    request = claude_body(system="s", tool_choice={"type": "any"})
    notes = claude.apply_rules(request, Rules(inject="x", tool_filter=("*",)))
    assert notes == ["tools removed: " + ", ".join(TOOLS)]
    assert "tools" not in request
    assert "tool_choice" not in request
    assert request["system"] == "s"


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (("WebFetch", "WebSearch"), ["Bash", TOOLS[3], TOOLS[4]]),
        (("mcp__puppeteer__*",), TOOLS[:3]),
        (("Web?etch",), ["Bash", "WebSearch", TOOLS[3], TOOLS[4]]),
        (("bash", "Bas", "[B]ash"), TOOLS),
        ((), TOOLS),
    ],
)
def test_tools_are_filtered_by_wildcards(patterns: tuple[str, ...], left: list[str]) -> None:
    request = claude_body()
    offered = request["tools"]
    claude.apply_rules(request, Rules(tool_filter=patterns))
    assert [tool["name"] for tool in request["tools"]] == left
    assert len(offered) == len(TOOLS), "the client's own list was changed"
    chat = openai_body()
    openai.apply_rules(chat, Rules(tool_filter=patterns))
    assert [tool["function"]["name"] for tool in chat["tools"]] == left


def test_a_choice_of_a_removed_tool_becomes_free() -> None:
    rules = Rules(tool_filter=("Bash",))
    choice = {"type": "tool", "name": "Bash", "disable_parallel_tool_use": True}
    request = claude_body(tool_choice=choice)
    assert claude.apply_rules(request, rules) == ["tools removed: Bash", "tool_choice → auto"]
    assert request["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    assert choice["type"] == "tool"
    other = claude_body(tool_choice={"type": "tool", "name": "WebFetch"})
    claude.apply_rules(other, rules)
    assert other["tool_choice"] == {"type": "tool", "name": "WebFetch"}
    chat = openai_body(tool_choice={"type": "function", "function": {"name": "Bash"}})
    openai.apply_rules(chat, rules)
    assert chat["tool_choice"] == "auto"


@pytest.mark.parametrize(
    ("asked", "ratio", "sent"),
    [
        (1.0, 0.7, 0.7),
        (1, 0.5, 0.5),
        (0.9, 2.0, 1.0),
        (0, 0.7, 0),
        (0.3, 1.0, 0.3),
        (True, 0.5, True),
    ],
)
def test_the_temperature_is_scaled_when_it_is_there(asked: Any, ratio: float, sent: Any) -> None:
    request = claude_body(temperature=asked)
    notes = claude.apply_rules(request, Rules(temperature_ratio=ratio))
    assert request["temperature"] == sent
    assert notes == ([] if sent == asked else [f"temperature {asked} → {sent}"])


def test_no_temperature_is_made_up() -> None:
    request = claude_body()
    claude.apply_rules(request, Rules(temperature_ratio=0.7))
    assert "temperature" not in request


@pytest.mark.parametrize(
    ("messages", "rules", "changed"),
    [
        (
            [{"role": "system", "content": "A"}, {"role": "user", "content": "hi"}],
            ENHANCE,
            [
                {"role": "system", "content": "A\n\nAnswer briefly."},
                {"role": "user", "content": "hi"},
            ],
        ),
        (
            [{"role": "developer", "content": [{"type": "text", "text": "A"}]}],
            ENHANCE,
            [{"role": "developer", "content": [{"type": "text", "text": "A"}, ADDED]}],
        ),
        (
            [{"role": "user", "content": "hi"}],
            ENHANCE,
            [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "hi"}],
        ),
        (
            [
                {"role": "developer", "content": "A"},
                {"role": "system", "content": "B"},
                {"role": "user", "content": "hi"},
            ],
            REPLACE,
            [
                {"role": "developer", "content": "Answer briefly."},
                {"role": "user", "content": "hi"},
            ],
        ),
    ],
)
def test_the_prompt_of_a_chat_client(messages: Any, rules: Rules, changed: Any) -> None:
    request = openai_body(messages=messages)
    before = deepcopy(messages)
    openai.apply_rules(request, rules)
    assert request["messages"] == changed
    assert messages == before


def test_functions_of_the_older_form_are_filtered_as_well() -> None:
    request = {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "functions": [{"name": "WebFetch"}, {"name": "Read"}],
        "function_call": {"name": "WebFetch"},
    }
    rules = Rules(tool_filter=("Web*",))
    assert openai.apply_rules(request, rules) == ["tools removed: WebFetch"]
    assert request["functions"] == [{"name": "Read"}]
    assert request["function_call"] == "auto"
    openai.apply_rules(request, Rules(tool_filter=("*",)))
    assert not {"functions", "function_call"} & request.keys()
    before = {"functions": [{"name": "Read"}], "messages": [{"role": "user", "content": "hi"}]}
    assert openai.apply_rules(before, ENHANCE) == ["prompt added (15 characters)"]


def allowed(*names: str) -> dict[str, Any]:
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    return {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": tools}}


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        (allowed("Bash", "WebFetch"), allowed("WebFetch")),
        (allowed("Bash"), "auto"),
        (allowed("WebFetch"), allowed("WebFetch")),
    ],
)
def test_no_list_of_allowed_tools_names_one_that_is_gone(choice: Any, left: Any) -> None:
    before = deepcopy(choice)
    chat = openai_body(tool_choice=choice)
    openai.apply_rules(chat, Rules(tool_filter=("Bash",)))
    assert chat["tool_choice"] == left
    assert choice == before


def test_no_search_for_tools_has_found_one_that_is_gone() -> None:
    """The vendor refuses the whole session otherwise."""
    references = [{"type": "tool_reference", "tool_name": name} for name in TOOLS[:3]]
    found = [
        {"type": "tool_result", "tool_use_id": "a", "content": references},
        {"type": "tool_result", "tool_use_id": "b", "content": references[1:2]},
        {"type": "tool_result", "tool_use_id": "c", "content": "WebFetch"},
    ]
    messages = [{"role": "user", "content": "hi"}, {"role": "user", "content": found}]
    request = claude_body(messages=messages)
    before = deepcopy(messages)
    claude.apply_rules(request, Rules(tool_filter=("Web*",)))
    first, second, third = request["messages"][1]["content"]
    assert first["content"] == references[:1]
    assert [block["type"] for block in second["content"]] == ["text"]
    assert third == found[2]
    assert messages == before


@pytest.mark.parametrize("kind", ["enabled", "adaptive", "disabled"])
def test_beside_thinking_the_only_temperature_that_the_vendor_takes_stays(kind: str) -> None:
    request = claude_body(temperature=1, thinking={"type": kind})
    claude.apply_rules(request, Rules(temperature_ratio=0.5))
    assert request["temperature"] == (0.5 if kind == "disabled" else 1)
