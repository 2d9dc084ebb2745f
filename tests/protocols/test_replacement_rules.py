"""A group's replacements in the client's system prompt, in every form that one has."""

from copy import deepcopy
from typing import Any

import pytest

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.registry import PROTOCOLS

MARK: dict[str, Any] = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
NOTE = {"type": "text", "text": "x-anthropic-billing-header: cc_version=2; cc_entrypoint=cat;"}
HI = {"role": "user", "content": "the cat says hi"}
CONTENTS = [{"role": "user", "parts": [{"text": "the cat says hi"}]}]
CAT = Rules(replacements=(("cat", "dog"),))
GONE = Rules(replacements=(("cat", ""),))


def text(said: str, kind: str = "text", **fields: Any) -> dict[str, Any]:
    return {"type": kind, "text": said, **fields}


def told(said: Any, role: str = "system", **fields: Any) -> dict[str, Any]:
    return {"role": role, "content": said, **fields}


def ruled(protocol: str, body: dict[str, Any], rules: Rules) -> tuple[dict[str, Any], list[str]]:
    """Apply rules to a shallow copy, as the gateway does, and see that the client's is unhurt."""
    before, changed = deepcopy(body), dict(body)
    notes = PROTOCOLS[protocol].apply_rules(changed, rules)
    assert body == before, "the client's own objects were changed"
    return changed, notes


# Each system prompt has two cats, in as many blocks as its form has; the user has one of his own.
FORMS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("claude", {"messages": [HI], "system": "cat, cat"}, {"system": "dog, dog"}),
    (
        "claude",
        {"messages": [HI], "system": [NOTE, text("a cat", **MARK), text("cat é", **MARK)]},
        {"system": [NOTE, text("a dog", **MARK), text("dog é", **MARK)]},
    ),
    ("openai", {"messages": [told("cat, cat"), HI]}, {"messages": [told("dog, dog"), HI]}),
    (
        "openai",
        {"messages": [told("cat"), told([text("x"), text("cat", **MARK)], "developer"), HI]},
        {"messages": [told("dog"), told([text("x"), text("dog", **MARK)], "developer"), HI]},
    ),
    (
        "openai",
        {"messages": [told("cat, cat"), HI, told("a cat later")]},
        {"messages": [told("dog, dog"), HI, told("a cat later")]},
    ),
    ("responses", {"input": "cat", "instructions": "cat cat"}, {"instructions": "dog dog"}),
    (
        "responses",
        {"input": [told("cat", "developer", id="i"), HI], "instructions": "cat"},
        {"input": [told("dog", "developer", id="i"), HI], "instructions": "dog"},
    ),
    (
        "responses",
        {"input": [told([text("cat", "input_text"), text("cat", "input_text", id=1)]), HI]},
        {"input": [told([text("dog", "input_text"), text("dog", "input_text", id=1)]), HI]},
    ),
    *(
        ("gemini", {"contents": CONTENTS, key: system}, {key: changed})
        for key in ("systemInstruction", "system_instruction")
        for system, changed in (
            (
                {"role": "x", "parts": [{"text": "cat"}, {"text": "cat"}]},
                {"role": "x", "parts": [{"text": "dog"}, {"text": "dog"}]},
            ),
            ({"parts": {"text": "cat cat"}}, {"parts": [{"text": "dog dog"}]}),
            ("cat cat", "dog dog"),
            (["cat", {"text": "cat"}], ["dog", {"text": "dog"}]),
        )
    ),
    (
        "ollama",
        {"messages": [told("cat"), told("cat"), HI]},
        {"messages": [told("dog"), told("dog"), HI]},
    ),
    ("ollama", {"prompt": "cat", "system": "cat, cat"}, {"system": "dog, dog"}),
]


@pytest.mark.parametrize(("protocol", "body", "expected"), FORMS)
def test_every_occurrence_is_replaced_in_the_system_prompt_alone(
    protocol: str, body: dict[str, Any], expected: dict[str, Any]
) -> None:
    changed, notes = ruled(protocol, body, CAT)
    assert changed == {**body, **expected}
    assert notes == ["system prompt: 2 replacements"]


@pytest.mark.parametrize(("protocol", "body", "_"), FORMS)
def test_a_request_without_the_text_stays_as_it_is(
    protocol: str, body: dict[str, Any], _: object
) -> None:
    assert ruled(protocol, body, Rules(replacements=(("Cat", "x"), ("CAT", "x")))) == (body, [])


WITHOUT: list[tuple[str, dict[str, Any]]] = [
    ("claude", {"messages": [HI]}),
    ("claude", {"messages": [HI, told("a cat")], "system": ""}),
    ("openai", {"messages": [HI]}),
    ("responses", {"input": "cat"}),
    ("responses", {"input": [HI], "instructions": None}),
    ("responses", {"prompt": {"id": "cat"}}),
    ("gemini", {"contents": CONTENTS}),
    ("ollama", {"messages": [HI]}),
    ("ollama", {"messages": []}),
    ("ollama", {"prompt": "cat"}),
    ("ollama", {}),
]


@pytest.mark.parametrize(("protocol", "body"), WITHOUT)
def test_a_request_without_a_system_prompt_stays_as_it_is(
    protocol: str, body: dict[str, Any]
) -> None:
    assert ruled(protocol, body, CAT) == (body, [])


@pytest.mark.parametrize(
    ("protocol", "body", "left"),
    [
        ("claude", {"messages": [HI], "system": "cat"}, {"messages": [HI]}),
        (
            "claude",
            {"messages": [HI], "system": [NOTE, text("cat cat\n", **MARK), text("b", **MARK)]},
            {"messages": [HI], "system": [NOTE, text("b", **MARK)]},
        ),
        ("claude", {"messages": [HI], "system": [NOTE, text("cat")]},
         {"messages": [HI], "system": [NOTE]}),
        ("claude", {"messages": [HI], "system": [text("cat")]}, {"messages": [HI]}),
        ("openai", {"messages": [told("cat"), told("b", "developer"), HI]},
         {"messages": [told("b", "developer"), HI]}),
        ("openai", {"messages": [told([text("cat")]), HI]}, {"messages": [HI]}),
        ("openai", {"messages": [told([text("cat"), text("b")]), HI]},
         {"messages": [told([text("b")]), HI]}),
        ("openai", {"messages": [told("cat")]}, {"messages": [told("")]}),
        ("openai", {"messages": [told([text("cat")])]}, {"messages": [told("")]}),
        ("responses", {"input": "hi", "instructions": "cat"}, {"input": "hi"}),
        ("responses", {"input": [told("cat", "developer"), HI]}, {"input": [HI]}),
        ("responses", {"input": [told("cat")]}, {"input": [told("")]}),
        ("gemini", {"contents": CONTENTS, "system_instruction": "cat"}, {"contents": CONTENTS}),
        ("gemini", {"contents": CONTENTS, "systemInstruction": {"parts": [{"text": "cat"}]}},
         {"contents": CONTENTS}),
        (
            "gemini",
            {"contents": CONTENTS, "systemInstruction": {"parts": [{"text": "cat"}, {"text": "b"}]}},
            {"contents": CONTENTS, "systemInstruction": {"parts": [{"text": "b"}]}},
        ),
        # an empty message of the system's keeps the prompt of the model's own Modelfile out
        ("ollama", {"messages": [told("cat"), HI]}, {"messages": [told(""), HI]}),
        ("ollama", {"prompt": "hi", "system": "cat"}, {"prompt": "hi", "system": ""}),
    ],
)  # fmt: skip
def test_what_becomes_empty_is_left_out(
    protocol: str, body: dict[str, Any], left: dict[str, Any]
) -> None:
    changed, notes = ruled(protocol, body, GONE)
    assert changed == left
    assert [note for note in notes if note.startswith("system prompt: ")]


def test_replacements_are_literal_and_follow_each_other() -> None:
    pairs = ((".*", "a"), ("a", "bb"), ("é世", "🙂"), (r"\1", r"\2"), ("split", "x"))
    body = {"messages": [HI], "system": [text(r".* é世 \1 sp"), text("lit")]}
    changed, notes = ruled("claude", body, Rules(replacements=pairs))
    assert changed["system"] == [text(r"bb 🙂 \2 sp"), text("lit")]
    assert notes == ["system prompt: 4 replacements"]


def test_one_replacement_is_one() -> None:
    body = {"messages": [HI], "system": "a cat"}
    assert ruled("claude", body, CAT)[1] == ["system prompt: 1 replacement"]


@pytest.mark.parametrize(("protocol", "body", "expected"), FORMS)
def test_the_groups_own_text_comes_later(
    protocol: str, body: dict[str, Any], expected: dict[str, Any]
) -> None:
    rules = Rules(replacements=CAT.replacements, inject="the group's cat", inject_always=True)
    changed, notes = ruled(protocol, body, rules)
    only = Rules(inject="the group's cat", inject_always=True)
    assert changed == ruled(protocol, {**body, **expected}, only)[0]
    assert "the group's cat" in str(changed)
    assert notes == ["system prompt: 2 replacements", "prompt added (15 characters)"]


def test_the_prompt_inside_of_a_count_is_ruled_as_well() -> None:
    """Gemini's clients may wrap the request whose tokens they want to know."""
    tools = [{"functionDeclarations": [{"name": "a"}, {"name": "b"}]}]
    inner = {"model": "models/m", "contents": CONTENTS, "systemInstruction": "cat", "tools": tools}
    rules = Rules(replacements=CAT.replacements, tool_filter=("a",))
    changed, notes = ruled("gemini", {"generateContentRequest": inner}, rules)
    left = {"systemInstruction": "dog", "tools": [{"functionDeclarations": [{"name": "b"}]}]}
    assert changed == {"generateContentRequest": {**inner, **left}}
    assert notes == ["system prompt: 1 replacement", "tools removed: a"]
