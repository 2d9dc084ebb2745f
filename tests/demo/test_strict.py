"""A strict upstream refuses what the vendors refuse, and nothing that real clients send."""

from typing import Any

import orjson
import pytest

from ccproxy_tui.demo.received import Dialect, ReceivedRequest
from ccproxy_tui.demo.strict import find_fault

CALL = {"type": "tool_use", "id": "t1", "name": "Read", "input": {}}
OPENAI_TOOL = {"type": "function", "function": {"name": "Read"}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "x"}
OPENAI_CALL = {
    "id": "t1",
    "type": "function",
    "function": {"name": "Read", "arguments": "{}"},
}


def fault(dialect: Dialect, beta: str = "", **body: Any) -> str:
    headers = {"anthropic-version": "2023-06-01", "anthropic-beta": beta}
    whole = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "?"}]} | body
    return find_fault(ReceivedRequest("POST", "", "", headers, orjson.dumps(whole), dialect))


def claude_messages(*messages: tuple[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in messages]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"frequency_penalty": 1}, "frequency_penalty: Extra inputs"),
        ({"context_management": {}}, "context_management: Extra inputs"),
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"temperature": 1.4}, "temperature"),
        ({"tools": [{"name": "a b", "input_schema": {"type": "object"}}]}, "pattern"),
        ({"tools": [{"name": "a", "input_schema": {"type": "string"}}]}, "'object'"),
        ({"tool_choice": {"type": "tool", "name": "gone"}}, "'gone' not found"),
        ({"thinking": {"type": "on"}}, "thinking.type"),
        ({"thinking": {"type": "enabled", "budget_tokens": 9}}, "at least 1024"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, "greater than"),
        ({"thinking": {"type": "adaptive"}, "temperature": 0.5}, "only be set to 1"),
        ({"system": [{"type": "text", "text": "x", "cache_control": {}}] * 5}, "maximum of 4"),
        (claude_messages(("user", [{"type": "input_text", "text": "x"}])), "Input tag"),
        (claude_messages(("user", [{"type": "image", "source": {"type": "base64"}}])), "image"),
        (
            claude_messages(
                ("user", "?"),
                ("assistant", [CALL | {"id": "call:1"}]),
                ("user", [RESULT | {"tool_use_id": "call:1"}]),
            ),
            "tool_use.id",
        ),
        (claude_messages(("user", "?"), ("assistant", [CALL, CALL]), ("user", [RESULT])), "unique"),
        (claude_messages(("assistant", "hi")), "first message"),
        (claude_messages(("user", "")), "non-empty"),
        (claude_messages(("user", [{"type": "text", "text": " "}])), "non-whitespace"),
        (claude_messages(("user", "?"), ("tool", "x")), "role"),
        (claude_messages(("user", "?"), ("assistant", [CALL]), ("user", "go")), "t1"),
        (claude_messages(("user", "?"), ("assistant", [CALL])), "t1"),
        (claude_messages(("user", [RESULT])), "unexpected `tool_use_id`"),
        (
            claude_messages(("user", "?"), ("assistant", [{"type": "thinking", "thinking": "x"}])),
            "signature",
        ),
    ],
)
def test_claude_refuses(body: dict[str, Any], words: str) -> None:
    assert words in fault("claude", **body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"context_management": {}, "thinking": {"type": "adaptive"}, "stream": True},
        claude_messages(("user", "?"), ("system", "be brief")),
        claude_messages(("user", "?"), ("assistant", [CALL]), ("user", [RESULT])),
        claude_messages(("user", "?"), ("assistant", [CALL]), ("system", "!"), ("user", [RESULT])),
    ],
)
def test_claude_lets_in(body: dict[str, Any]) -> None:
    assert fault("claude", beta="context-management-2025-06-27", **body) == ""


def openai_messages(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(messages)}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"thinking": {}}, "Unrecognized request argument supplied: thinking"),
        ({"tools": []}, "empty array"),
        ({"tools": [{"name": "a"}]}, "tools[].function"),
        ({"tool_choice": "auto"}, "only allowed when 'tools'"),
        ({"stream_options": {"include_usage": True}}, "only allowed when 'stream'"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "at most 4"),
        ({"max_tokens": 0}, ">= 1"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "at the same time"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"user": "u" * 65}, "'user': string too long"),
        ({"tools": [OPENAI_TOOL], "tool_choice": "any"}, "'any'"),
        ({"tools": [OPENAI_TOOL, OPENAI_TOOL]}, "unique"),
        (
            {
                "tools": [OPENAI_TOOL],
                "tool_choice": {"type": "function", "function": {"name": "Gone"}},
            },
            "'Gone' not found",
        ),
        (
            {"tools": [{"type": "function", "function": {"name": "a", "input_schema": {}}}]},
            "tools[0].function.input_schema",
        ),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "a", "strict": True, "schema": {"type": "object"}},
                }
            },
            "additionalProperties",
        ),
        (openai_messages({"role": "user", "content": "x", "cache_control": {}}), "cache_control"),
        (openai_messages({"role": "user", "content": []}), "empty array"),
        (openai_messages({"role": "user", "content": [{"type": "text", "text": ""}]}), "not empty"),
        (
            openai_messages({"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}),
            "expected an object",
        ),
        (
            openai_messages(
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
            ),
            "valid URL",
        ),
        (
            openai_messages({"role": "assistant", "tool_calls": [OPENAI_CALL | {"id": "t" * 41}]}),
            "string too long",
        ),
        (openai_messages({"role": "assistant", "tool_calls": [OPENAI_CALL] * 2}), "of its own"),
        (openai_messages({"role": "user", "content": {}}), "expected a string or an array"),
        ({"messages": []}, "empty array"),
        (openai_messages({"role": "robot", "content": "x"}), "robot"),
        (openai_messages({"role": "assistant", "content": None}), "got null"),
        (openai_messages({"role": "user", "content": [{"type": "tool_result"}]}), "tool_result"),
        (openai_messages({"role": "tool", "content": "x", "tool_call_id": "t1"}), "preceding"),
        (openai_messages({"role": "assistant", "content": "", "tool_calls": [OPENAI_CALL]}), "t1"),
        (
            openai_messages(
                {"role": "assistant", "tool_calls": [OPENAI_CALL]}, {"role": "user", "content": "x"}
            ),
            "t1",
        ),
        (
            openai_messages(
                {
                    "role": "assistant",
                    "tool_calls": [
                        OPENAI_CALL | {"function": {"name": "Read", "arguments": "{"}},
                    ],
                },
            ),
            "JSON arguments",
        ),
    ],
)
def test_openai_refuses(body: dict[str, Any], words: str) -> None:
    assert words in fault("openai", **body)


def test_openai_lets_in_a_tool_loop() -> None:
    messages = openai_messages(
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "?"}]},
        {"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL]},
        {"role": "tool", "tool_call_id": "t1", "content": "x"},
    )
    tool = {"type": "function", "function": {"name": "Read", "parameters": {"type": "object"}}}
    body: dict[str, Any] = {
        "tools": [tool],
        "tool_choice": "required",
        "stream": True,
        "stream_options": {},
    }
    assert fault("openai", **messages, **body) == ""


def test_what_no_checker_foresees_is_a_fault_too() -> None:
    assert "invalid request" in fault("openai", tools=[5])
