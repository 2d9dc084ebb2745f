"""A group's text at the front of the last user message, for every client."""

from copy import deepcopy
from typing import Any

import pytest

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.registry import PROTOCOLS

RULES = Rules(inject="Bé brief 🙂", position="user", inject_always=True)
REPLACE = Rules(inject="Bé brief 🙂", position="user", inject_always=True, replace=True)
MARK: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}


def said(role: str, content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **fields}


def text(words: str, kind: str = "text", **fields: Any) -> dict[str, Any]:
    return {"type": kind, "text": words, **fields}


def parts(role: str, *given: Any) -> dict[str, Any]:
    return {"role": role, "parts": list(given)}


ADDED = text("Bé brief 🙂")
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "done", **MARK}
USE = said("assistant", [{"type": "tool_use", "id": "t1", "name": "Read", "input": {}}])
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://a/b.png"}}
CALLS = said("assistant", None, tool_calls=[{"id": "t1", "function": {"name": "Read"}}])
CALL = {"type": "function_call", "call_id": "t1", "name": "Read", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "t1", "output": "done"}
PART = {"text": "Bé brief 🙂"}
RESPONSE = {"functionResponse": {"name": "Read", "response": {"output": "done"}}}
SNAKE = {"function_response": {"name": "Read", "response": {"output": "done"}}}
MODEL = parts("model", {"functionCall": {"name": "Read", "args": {}}})

CONVERSATIONS: list[tuple[str, str, list[Any], list[Any]]] = [
    # Claude
    ("claude", "messages", [said("user", "hi")], [said("user", "Bé brief 🙂\n\nhi")]),
    (
        "claude",
        "messages",
        [said("user", "old"), said("assistant", "a"), said("user", [text("hi", **MARK), IMAGE])],
        [
            said("user", "old"),
            said("assistant", "a"),
            said("user", [ADDED, text("hi", **MARK), IMAGE]),
        ],
    ),
    (
        "claude",
        "messages",
        [said("user", "old"), USE, said("user", [RESULT, RESULT, text("and now"), IMAGE])],
        [said("user", "old"), USE, said("user", [RESULT, RESULT, ADDED, text("and now"), IMAGE])],
    ),
    # Claude Code in the middle of its work: nothing but results
    (
        "claude",
        "messages",
        [said("user", "old"), USE, said("user", [RESULT, RESULT])],
        [said("user", "old"), USE, said("user", [RESULT, RESULT, ADDED])],
    ),
    # what stands behind it: an answer that is begun, and a reminder in the conversation
    (
        "claude",
        "messages",
        [said("user", "hi"), said("system", [text("note")]), said("assistant", "{")],
        [
            said("user", "Bé brief 🙂\n\nhi"),
            said("system", [text("note")]),
            said("assistant", "{"),
        ],
    ),
    ("claude", "messages", [said("user", "")], [said("user", "Bé brief 🙂")]),
    ("claude", "messages", [said("user", [])], [said("user", [ADDED])]),
    # OpenAI
    (
        "openai",
        "messages",
        [said("system", "s"), said("user", "old"), said("user", "hi", name="me")],
        [
            said("system", "s"),
            said("user", "old"),
            said("user", "Bé brief 🙂\n\nhi", name="me"),
        ],
    ),
    (
        "openai",
        "messages",
        [said("user", [{"type": "image_url", "image_url": {"url": "u"}}, text("hi", **MARK)])],
        [
            said(
                "user",
                [ADDED, {"type": "image_url", "image_url": {"url": "u"}}, text("hi", **MARK)],
            )
        ],
    ),
    (
        "openai",
        "messages",
        [said("user", "hi"), CALLS, said("tool", "done", tool_call_id="t1")],
        [said("user", "Bé brief 🙂\n\nhi"), CALLS, said("tool", "done", tool_call_id="t1")],
    ),
    ("openai", "messages", [said("user", None)], [said("user", "Bé brief 🙂")]),
    # Responses
    (
        "responses",
        "input",
        [said("developer", "s"), said("user", "old"), said("user", "hi", type="message")],
        [
            said("developer", "s"),
            said("user", "old"),
            said("user", "Bé brief 🙂\n\nhi", type="message"),
        ],
    ),
    (
        "responses",
        "input",
        [said("user", [text("hi", "input_text")]), CALL, OUTPUT],
        [
            said("user", [text("Bé brief 🙂", "input_text"), text("hi", "input_text")]),
            CALL,
            OUTPUT,
        ],
    ),
    # Gemini
    (
        "gemini",
        "contents",
        [parts("user", {"text": "old"}), parts("model", {"text": "a"}), parts("user", {"text": "hi"})],
        [
            parts("user", {"text": "old"}),
            parts("model", {"text": "a"}),
            parts("user", PART, {"text": "hi"}),
        ],
    ),
    ("gemini", "contents", [{"parts": {"text": "hi"}}], [{"parts": [PART, {"text": "hi"}]}]),
    (
        "gemini",
        "contents",
        [parts("user", {"text": "hi"}), MODEL, parts("user", RESPONSE, SNAKE, {"text": "now"})],
        [
            parts("user", {"text": "hi"}),
            MODEL,
            parts("user", RESPONSE, SNAKE, PART, {"text": "now"}),
        ],
    ),
    (
        "gemini",
        "contents",
        [parts("user", {"text": "hi"}), MODEL, parts("user", RESPONSE)],
        [parts("user", {"text": "hi"}), MODEL, parts("user", RESPONSE, PART)],
    ),
    (
        "gemini",
        "contents",
        [parts("user", {"text": "hi"}), MODEL, parts("function", RESPONSE)],
        [parts("user", PART, {"text": "hi"}), MODEL, parts("function", RESPONSE)],
    ),
    # Ollama
    (
        "ollama",
        "messages",
        [said("system", "s"), said("user", "old"), said("user", "hi", images=["aGk="])],
        [
            said("system", "s"),
            said("user", "old"),
            said("user", "Bé brief 🙂\n\nhi", images=["aGk="]),
        ],
    ),
    (
        "ollama",
        "messages",
        [said("user", "hi"), said("assistant", ""), said("tool", "done", tool_name="Read")],
        [
            said("user", "Bé brief 🙂\n\nhi"),
            said("assistant", ""),
            said("tool", "done", tool_name="Read"),
        ],
    ),
]  # fmt: skip
TEXTS: list[tuple[str, str]] = [("responses", "input"), ("ollama", "prompt")]
OWN: dict[str, dict[str, Any]] = {
    "claude": {"system": [text("own", **MARK)]},
    "responses": {"instructions": "own"},
    "gemini": {"system_instruction": {"parts": [{"text": "own"}]}},
}
"""System prompts that are no messages."""


def ruled(protocol: str, body: dict[str, Any], rules: Rules) -> tuple[dict[str, Any], list[str]]:
    """Apply rules to a shallow copy, as the gateway does, and see that the client's is unhurt."""
    before, changed = deepcopy(body), dict(body)
    notes = PROTOCOLS[protocol].apply_rules(changed, rules)
    assert body == before, "the client's own objects were changed"
    return changed, notes


@pytest.mark.parametrize("rules", [RULES, REPLACE], ids=["enhance", "replace"])
@pytest.mark.parametrize(("protocol", "field", "messages", "expected"), CONVERSATIONS)
def test_the_last_user_message_has_the_text_in_front(
    protocol: str, field: str, messages: list[Any], expected: list[Any], rules: Rules
) -> None:
    """The client's own system prompt stays, whatever the mode."""
    own = OWN.get(protocol, {})
    changed, notes = ruled(protocol, {field: messages, **own}, rules)
    assert changed == {field: expected, **own}
    assert notes == ["prompt added to the last user message (10 characters)"]


@pytest.mark.parametrize("rules", [RULES, REPLACE], ids=["enhance", "replace"])
@pytest.mark.parametrize(("protocol", "field"), TEXTS)
def test_a_bare_prompt_is_the_users(protocol: str, field: str, rules: Rules) -> None:
    body = {field: "hi", "system": "own", "instructions": "own"}
    changed, notes = ruled(protocol, body, rules)
    assert changed == {**body, field: "Bé brief 🙂\n\nhi"}
    assert notes == ["prompt added to the last user message (10 characters)"]


@pytest.mark.parametrize("rules", [RULES, REPLACE], ids=["enhance", "replace"])
@pytest.mark.parametrize(
    ("protocol", "body", "expected"),
    [
        (
            "claude",
            {"messages": [said("assistant", "a")], "system": [text("own", **MARK)]},
            {"system": [text("own", **MARK), ADDED]},
        ),
        ("claude", {"messages": [said("assistant", "a")]}, {"system": [ADDED]}),
        (
            "openai",
            {"messages": [said("system", "own"), CALLS, said("tool", "done")]},
            {"messages": [said("system", "own\n\nBé brief 🙂"), CALLS, said("tool", "done")]},
        ),
        (
            "openai",
            {"messages": [said("assistant", "a")]},
            {"messages": [said("system", "Bé brief 🙂"), said("assistant", "a")]},
        ),
        (
            "responses",
            {"input": [CALL, OUTPUT], "instructions": "own"},
            {"instructions": "own\n\nBé brief 🙂"},
        ),
        (
            "responses",
            {"input": [said("developer", "own"), CALL, OUTPUT]},
            {"input": [said("developer", "own\n\nBé brief 🙂"), CALL, OUTPUT]},
        ),
        (
            "gemini",
            {"contents": [MODEL, parts("function", RESPONSE)], "systemInstruction": "own"},
            {"systemInstruction": "own\n\nBé brief 🙂"},
        ),
        (
            "ollama",
            {"messages": [said("system", "own"), said("assistant", "a")]},
            {"messages": [said("system", "own\n\nBé brief 🙂"), said("assistant", "a")]},
        ),
    ],
)
def test_without_a_user_message_the_system_prompt_takes_the_text(
    protocol: str, body: dict[str, Any], expected: dict[str, Any], rules: Rules
) -> None:
    """No message is made up for it, and the client's own prompt is not replaced."""
    changed, notes = ruled(protocol, body, rules)
    assert changed == {**body, **expected}
    assert notes == [
        "prompt added to the system prompt, as there is no user message (10 characters)"
    ]


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        ("claude", {"messages": [said("user", "hi")]}),
        ("openai", {"messages": [said("user", "hi")]}),
        ("responses", {"input": "hi"}),
        ("gemini", {"contents": [parts("user", {"text": "hi"})]}),
        ("ollama", {"messages": [said("user", "hi")]}),
    ],
)
def test_the_scope_holds_for_this_position_as_well(protocol: str, body: dict[str, Any]) -> None:
    only = Rules(inject="x", position="user")
    assert ruled(protocol, body, only) == (body, [])
    assert ruled(protocol, {**body, "tools": [{"name": "t"}]}, only)[1] == [
        "prompt added to the last user message (1 characters)"
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"prompt": ""},
        {"prompt": "<s>p", "raw": True},
        {"prompt": "def f(", "suffix": "return x"},
    ],
)
@pytest.mark.parametrize("position", ["system", "user"])
def test_ollamas_requests_that_are_no_conversation_stay(body: Any, position: Any) -> None:
    rules = Rules(inject="x", position=position, inject_always=True)
    assert ruled("ollama", body, rules) == (body, [])
