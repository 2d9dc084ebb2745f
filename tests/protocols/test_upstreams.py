"""Addresses, credentials and lists of the protocols that were there first."""

from copy import deepcopy
from typing import Any

import pytest
from multidict import CIMultiDict

from ccproxy_tui.protocols import claude, openai
from ccproxy_tui.protocols.base import Address, ModelCard, Operation, ProtocolModule
from ccproxy_tui.protocols.registry import EMBEDDINGS, PROTOCOLS


def test_the_registry_names_each_protocol_as_it_names_itself() -> None:
    names = {"claude", "openai", "responses", "gemini", "ollama"}
    assert {name: protocol.name for name, protocol in PROTOCOLS.items()} == {n: n for n in names}
    assert EMBEDDINGS.keys() <= names
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
    assert at(openai, Operation.EMBED) == f"{root}/embeddings"
    assert at(openai, Operation.COUNT_TOKENS) is None
    assert at(claude, Operation.EMBED) is None
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


def address(module: ProtocolModule, operation: Operation, **headers: str) -> Address:
    route = next(route for route in module.routes if route.operation is operation)
    return Address(route, headers=CIMultiDict(headers))


def cards(*names: str) -> list[ModelCard]:
    return [ModelCard(name, "box") for name in names]


def test_model_lists_are_written() -> None:
    curl = address(claude, Operation.LIST_MODELS, user_agent="curl/8")
    assert claude.describe(curl, []) == {
        "data": [],
        "has_more": False,
        "first_id": None,
        "last_id": None,
    }
    listed = claude.describe(curl, cards("claude-x", "qwen3"))
    assert [entry["id"] for entry in listed["data"]] == ["claude-x", "qwen3"]
    assert (listed["first_id"], listed["last_id"]) == ("claude-x", "qwen3")
    discovery = address(claude, Operation.LIST_MODELS, **{"User-Agent": "claude-code/2.1"})
    shown = claude.describe(discovery, cards("claude-x", "anthropic/y", "qwen3"))
    assert [(entry["id"], entry["display_name"]) for entry in shown["data"]] == [
        ("claude-x", "claude-x"),
        ("anthropic/y", "anthropic/y"),
        ("claude-qwen3", "qwen3"),
    ]
    assert shown["last_id"] == "claude-qwen3"
    chat = openai.describe(address(openai, Operation.LIST_MODELS), cards("a", "b"))
    assert chat["object"] == "list"
    assert [(entry["id"], entry["owned_by"]) for entry in chat["data"]] == [
        ("a", "box"),
        ("b", "box"),
    ]


def test_one_model_is_described() -> None:
    """By the name that was asked for, whoever asks."""
    asking = address(claude, Operation.DESCRIBE_MODEL, **{"User-Agent": "claude-code/2.1"})
    one = claude.describe(asking, cards("qwen3"))
    assert (one["type"], one["id"], one["display_name"]) == ("model", "qwen3", "qwen3")
    other = openai.describe(address(openai, Operation.DESCRIBE_MODEL), cards("qwen3"))
    assert (other["object"], other["id"], other["owned_by"]) == ("model", "qwen3", "box")


def test_token_counts() -> None:
    assert claude.read_token_count({"input_tokens": 5}) == 5
    assert claude.read_token_count({}) is None
    assert openai.read_token_count({"input_tokens": 5}) is None


@pytest.mark.parametrize("name", ["claude", "openai", "ollama", "responses"])
def test_retargeting_changes_the_model_only(name: str) -> None:
    body = {"model": "claude-x", "messages": [{"role": "user", "content": "hi"}], "other": 1}
    before = deepcopy(body)
    PROTOCOLS[name].retarget(body, "qwen3")
    assert body == {**before, "model": "qwen3"}
