"""A group's rules on a Gemini client's request."""

from copy import deepcopy
from typing import Any

import pytest

from ccproxy_tui.protocols import gemini
from ccproxy_tui.protocols.base import Rules

HI = [{"role": "user", "parts": [{"text": "hi"}]}]
TOOLS = [
    {"functionDeclarations": [{"name": "Read"}, {"name": "WebFetch"}]},
    {"function_declarations": [{"name": "WebSearch"}]},
    {"googleSearch": {}},
]


def ruled(rules: Rules, **body: Any) -> tuple[dict[str, Any], list[str]]:
    body.setdefault("contents", HI)
    before = deepcopy(body)
    changed = dict(body)
    notes = gemini.apply_rules(changed, rules)
    assert body == before, "the client's own objects were changed"
    gemini.check_request(changed)
    return changed, notes


@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize(
    ("system", "added"),
    [
        ({"parts": [{"text": "a"}]}, {"parts": [{"text": "a"}, {"text": "b"}]}),
        ({"role": "user", "parts": {"text": "a"}}, {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}),
        ("a", "a\n\nb"),
        ([{"text": "a"}], [{"text": "a"}, {"text": "b"}]),
    ],
)  # fmt: skip
def test_a_prompt_is_added_under_the_spelling_that_is_there(
    key: str, system: Any, added: Any
) -> None:
    body, notes = ruled(Rules(inject="b", inject_always=True), **{key: system})
    assert body == {"contents": HI, key: added}
    assert notes == ["prompt added (1 characters)"]
    body, notes = ruled(Rules(inject="b", replace=True, inject_always=True), **{key: system})
    assert body == {"contents": HI, key: {"parts": [{"text": "b"}]}}
    assert notes == ["prompt replaced (1 characters)"]


def test_a_prompt_where_there_is_none_and_where_there_are_two() -> None:
    body, _ = ruled(Rules(inject="b", inject_always=True))
    assert body["systemInstruction"] == {"parts": [{"text": "b"}]}
    body, _ = ruled(
        Rules(inject="b", inject_always=True), systemInstruction="a", system_instruction="x"
    )
    assert body == {"contents": HI, "systemInstruction": "a\n\nb"}


def test_without_tools_a_prompt_is_added_only_when_always() -> None:
    assert "systemInstruction" not in ruled(Rules(inject="b"))[0]
    assert "systemInstruction" in ruled(Rules(inject="b"), tools=TOOLS)[0]


def test_tools_are_filtered_in_every_entry() -> None:
    body, notes = ruled(Rules(tool_filter=("Web*", "googleSearch")), tools=TOOLS)
    assert body["tools"] == [{"functionDeclarations": [{"name": "Read"}]}]
    assert notes == ["tools removed: WebFetch, WebSearch, googleSearch"]
    body, _ = ruled(Rules(tool_filter=("*",)), tools=TOOLS)
    assert body == {"contents": HI}
    assert ruled(Rules(tool_filter=("X",)), tools=TOOLS) == ({"contents": HI, "tools": TOOLS}, [])


@pytest.mark.parametrize("key", ["toolConfig", "tool_config"])
@pytest.mark.parametrize(
    ("names", "left"),
    [
        (["Read", "WebFetch"], {"mode": "ANY", "allowedFunctionNames": ["Read"]}),
        (["WebFetch"], {"mode": "AUTO"}),
        (["Read"], {"mode": "ANY", "allowedFunctionNames": ["Read"]}),
    ],
)
def test_no_choice_names_a_tool_that_is_gone(key: str, names: list[str], left: Any) -> None:
    config = {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": names}}
    body, _ = ruled(Rules(tool_filter=("Web*",)), tools=TOOLS, **{key: config})
    assert body[key] == {"functionCallingConfig": left}


def test_no_choice_without_functions() -> None:
    config = {"functionCallingConfig": {"mode": "ANY"}, "retrievalConfig": {}}
    body, _ = ruled(Rules(tool_filter=("Read", "Web*")), tools=TOOLS, toolConfig=config)
    assert body["tools"] == [{"googleSearch": {}}]
    assert body["toolConfig"] == {"retrievalConfig": {}}
    del config["retrievalConfig"]
    body, _ = ruled(Rules(tool_filter=("*",)), tools=TOOLS, toolConfig=config)
    assert body == {"contents": HI}


@pytest.mark.parametrize("key", ["generationConfig", "generation_config"])
def test_temperature(key: str) -> None:
    rules = Rules(temperature_ratio=1.5)
    body, notes = ruled(rules, **{key: {"temperature": 1.0, "topK": 1}})
    assert body[key] == {"temperature": 1.5, "topK": 1}
    assert notes == ["temperature 1.0 → 1.5"]
    assert ruled(rules, **{key: {"temperature": 1.8}})[0][key] == {"temperature": 2.0}
    assert ruled(rules, **{key: {"topK": 1}})[1] == []
    assert ruled(rules) == ({"contents": HI}, [])
