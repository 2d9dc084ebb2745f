"""Addresses, credentials and lists of all protocols, and requests written for Claude."""

from typing import Any

import pytest

from ccproxy_tui.protocols import claude, openai
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.hub import Conversation, Reasoning
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.registry import PROTOCOLS


def test_the_registry_names_each_protocol_as_it_names_itself() -> None:
    assert {name: protocol.name for name, protocol in PROTOCOLS.items()} == {
        "claude": "claude",
        "openai": "openai",
    }
    with pytest.raises(KeyError):
        PROTOCOLS["telepathy"]


@pytest.mark.parametrize(
    ("base", "root"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("https://api.example.com/api/anthropic", "https://api.example.com/api/anthropic"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        (" http://127.0.0.1:8080/ ", "http://127.0.0.1:8080/v1"),
    ],
)
def test_addresses(base: str, root: str) -> None:
    def at(protocol: Any, operation: Operation) -> Any:
        return protocol.url(base, "m", operation, stream=True)

    assert at(claude, Operation.GENERATE) == f"{root}/messages"
    assert at(claude, Operation.COUNT_TOKENS) == f"{root}/messages/count_tokens"
    assert at(claude, Operation.LIST_MODELS) == f"{root}/models"
    assert at(openai, Operation.GENERATE) == f"{root}/chat/completions"
    assert at(openai, Operation.LIST_MODELS) == f"{root}/models"
    assert at(openai, Operation.COUNT_TOKENS) is None
    assert at(claude, Operation.SAY_HELLO) is None


def test_credentials() -> None:
    assert claude.credentials("k") == {"x-api-key": "k"}
    assert openai.credentials("k") == {"authorization": "Bearer k"}
    assert claude.credentials("") == openai.credentials("") == {}


def test_model_lists_are_read() -> None:
    assert claude.read_models({"data": [{"id": "a"}, {"id": "b"}, {}]}) == ["a", "b"]
    assert openai.read_models({"object": "list", "data": [{"id": "a"}]}) == ["a"]
    assert openai.read_models({"models": [{"name": "a"}, "b"]}) == ["a", "b"]
    assert openai.read_models({}) == []


def test_model_lists_are_written() -> None:
    assert claude.write_models([], discovery=False) == {
        "data": [],
        "has_more": False,
        "first_id": None,
        "last_id": None,
    }
    listed = claude.write_models(["claude-x", "qwen3"], discovery=False)
    assert [entry["id"] for entry in listed["data"]] == ["claude-x", "qwen3"]
    assert (listed["first_id"], listed["last_id"]) == ("claude-x", "qwen3")
    shown = claude.write_models(["claude-x", "anthropic/y", "qwen3"], discovery=True)
    assert [(entry["id"], entry["display_name"]) for entry in shown["data"]] == [
        ("claude-x", "claude-x"),
        ("anthropic/y", "anthropic/y"),
        ("claude-qwen3", "qwen3"),
    ]
    assert [entry["id"] for entry in openai.write_models(["a"], discovery=True)["data"]] == ["a"]


def test_token_counts() -> None:
    assert claude.read_token_count({"input_tokens": 5}) == 5
    assert claude.read_token_count({}) is None
    assert openai.read_token_count({"input_tokens": 5}) is None


def test_a_claude_request_is_written_as_it_was_read() -> None:
    request: dict[str, Any] = {
        "model": "m",
        "max_tokens": 5000,
        "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "a"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "sig"},
                    {"type": "redacted_thinking", "data": "z"},
                    {"type": "tool_use", "id": "t", "name": "A", "input": {"x": 1}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t",
                        "content": [
                            {"type": "text", "text": "r"},
                            {"type": "image", "source": {"type": "url", "url": "https://x"}},
                        ],
                        "is_error": True,
                    },
                    {
                        "type": "document",
                        "source": {
                            "type": "base64",
                            "media_type": "application/pdf",
                            "data": "AA",
                        },
                        "title": "T",
                    },
                ],
            },
        ],
        "tools": [
            {"name": "A", "description": "d", "input_schema": {"type": "object"}},
            {"type": "web_search_20250305", "name": "web_search"},
        ],
        "tool_choice": {"type": "tool", "name": "A", "disable_parallel_tool_use": True},
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {}}},
        "stop_sequences": ["x"],
        "metadata": {"user_id": "u"},
        "top_k": 4,
        "stream": True,
    }
    written, _ = claude.write_request(claude.read_request(request), Profile())
    assert written == request


def test_what_claude_refuses_is_not_sent() -> None:
    """Failures 20 and 22: unsigned reasoning, a budget beyond the limit, words before results."""
    request = {
        "model": "m",
        "messages": [
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "unsigned"},
                    {"type": "tool_use", "id": "t", "name": "A", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "first"},
                    {"type": "tool_result", "tool_use_id": "t", "content": "r"},
                ],
            },
            {"role": "system", "content": "s"},
        ],
    }
    conversation = claude.read_request(request)
    conversation.reasoning = Reasoning("on", 100_000)
    conversation.temperature = 1.7
    body, _ = claude.write_request(conversation, Profile(max_output_tokens=4096))
    assert [block["type"] for block in body["messages"][0]["content"]] == ["tool_use"]
    assert [block["type"] for block in body["messages"][1]["content"]] == [
        "tool_result",
        "text",
        "text",
    ]
    assert body["max_tokens"] == 4096
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 4095}
    assert "temperature" not in body


def test_a_bare_conversation_gets_what_claude_insists_on() -> None:
    body, _ = claude.write_request(Conversation("m", temperature=1.7), Profile())
    assert body == {"model": "m", "max_tokens": 8192, "messages": [], "temperature": 1.0}


def test_retargeting_changes_the_model_only() -> None:
    for protocol in PROTOCOLS.values():
        body = {"model": "claude-x", "other": 1}
        protocol.retarget(body, "qwen3")
        assert body == {"model": "qwen3", "other": 1}
