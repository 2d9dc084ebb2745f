"""Numbers of tokens that no reply can have used were not said, whoever says them."""

from typing import Any

import pytest

from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.protocols.registry import EMBEDDINGS, PROTOCOLS

IMPOSSIBLE = [-1, -(10**30), 2**53 + 1, 10**30, True, 1.5, "7", None]


def replies(count: Any) -> dict[str, JsonObject]:
    """A whole reply of each protocol, in which every number of tokens is the same."""
    responses = {
        "input_tokens": count,
        "output_tokens": count,
        "input_tokens_details": {"cached_tokens": count, "cache_write_tokens": count},
        "output_tokens_details": {"reasoning_tokens": count},
    }
    return {
        "claude": {
            "usage": {
                "input_tokens": count,
                "output_tokens": count,
                "cache_read_input_tokens": count,
                "cache_creation_input_tokens": count,
            }
        },
        "openai": {
            "choices": [{}],
            "usage": {
                "prompt_tokens": count,
                "completion_tokens": count,
                "prompt_tokens_details": {"cached_tokens": count, "cache_write_tokens": count},
                "completion_tokens_details": {"reasoning_tokens": count},
            },
        },
        "responses": {"status": "completed", "output": [], "usage": responses},
        "gemini": {
            "candidates": [{"finishReason": "STOP"}],
            "usageMetadata": {
                "promptTokenCount": count,
                "candidatesTokenCount": count,
                "thoughtsTokenCount": count,
                "cachedContentTokenCount": count,
                "toolUsePromptTokenCount": count,
            },
        },
        "ollama": {"done": True, "prompt_eval_count": count, "eval_count": count},
    }


@pytest.mark.parametrize("count", IMPOSSIBLE)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_in_a_reply(protocol: str, count: Any) -> None:
    assert PROTOCOLS[protocol].tap_reply(replies(count)[protocol]).usage == Usage()


@pytest.mark.parametrize("count", [1, 2**53])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_others_are_kept(protocol: str, count: int) -> None:
    assert PROTOCOLS[protocol].tap_reply(replies(count)[protocol]).usage.output in (
        count,
        2 * count,  # the thoughts come on top
    )


@pytest.mark.parametrize("count", IMPOSSIBLE)
@pytest.mark.parametrize("protocol", ["claude", "responses", "gemini"])
def test_in_a_token_count(protocol: str, count: Any) -> None:
    read = PROTOCOLS[protocol].read_token_count
    assert read({"input_tokens": 7, "totalTokens": 7}) == 7
    assert read({"input_tokens": count, "totalTokens": count}) is None


@pytest.mark.parametrize("count", IMPOSSIBLE)
@pytest.mark.parametrize("protocol", EMBEDDINGS)
def test_of_embeddings(protocol: str, count: Any) -> None:
    def body(tokens: Any) -> JsonObject:
        return {
            "data": [{"index": 0, "embedding": [1.0]}],
            "usage": {"prompt_tokens": tokens},
            "embedding": {"values": [1.0]},
            "usageMetadata": {"promptTokenCount": tokens},
            "prompt_eval_count": tokens,
            **({"embeddings": [[1.0]]} if protocol == "ollama" else {}),
        }

    read = EMBEDDINGS[protocol].read_vectors
    assert read(body(7)).input_tokens == 7
    assert read(body(count)).input_tokens is None
