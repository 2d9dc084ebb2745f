"""Whatever a peer sends, what comes out is an error of the right kind, never an exception."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.failures import read_failure
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.registry import PROTOCOLS
from tests.protocols.chunks import decoded
from tests.protocols.validity import assert_valid_events

JUNK: list[Any] = [None, True, 7, -1.5, "text", "", [], [None], ["x"], {}, {"type": 3}, [{}]]

REQUESTS: dict[str, dict[str, Any]] = {
    "claude": {
        "model": "m",
        "max_tokens": 9,
        "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "a"}]},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "t", "name": "A", "input": {"x": 1}}],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t",
                        "content": [
                            {
                                "type": "image",
                                "source": {"type": "base64", "media_type": "i/p", "data": "A"},
                            },
                            {"type": "document", "source": {"type": "text", "data": "A"}},
                            {"type": "tool_reference", "tool_name": "B"},
                        ],
                    }
                ],
            },
        ],
        "tools": [
            {"name": "A", "input_schema": {"type": "object", "properties": {"x": {"type": "any"}}}},
            {"name": "B", "defer_loading": True},
        ],
        "tool_choice": {"type": "tool", "name": "A"},
        "thinking": {"type": "enabled", "budget_tokens": 5},
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {}}},
        "metadata": {"user_id": '{"session_id":"s"}'},
        "temperature": 0.5,
        "stop_sequences": ["x"],
    },
    "openai": {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
                    {"type": "file", "file": {"file_data": "data:a/b;base64,AA"}},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "t", "type": "function", "function": {"name": "A", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "t", "content": [{"type": "text", "text": "r"}]},
        ],
        "tools": [
            {"type": "function", "function": {"name": "A", "parameters": {"type": "object"}}}
        ],
        "tool_choice": {"type": "function", "function": {"name": "A"}},
        "max_completion_tokens": 5,
        "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
        "reasoning_effort": "low",
        "temperature": 0.5,
        "stop": ["x"],
    },
}
REPLIES: dict[str, list[dict[str, Any]]] = {
    "claude": [
        {
            "id": "m",
            "model": "m",
            "content": [
                {"type": "text", "text": "t"},
                {"type": "tool_use", "id": "t", "name": "A", "input": {"x": 1}},
            ],
            "stop_reason": "tool_use",
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }
    ],
    "openai": [
        {
            "id": "m",
            "model": "m",
            "choices": [
                {
                    "message": {
                        "content": [{"type": "thinking", "thinking": [{"text": "x"}]}],
                        "reasoning_content": "r",
                        "tool_calls": [
                            {"index": 0, "id": "t", "function": {"name": "A", "arguments": "{}"}}
                        ],
                    },
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1}},
        }
    ],
}
EVENTS: dict[str, list[dict[str, Any]]] = {
    "claude": [
        {"type": "message_start", "message": {"id": "i", "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "tool_use", "id": "i", "name": "A"},
        },
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": "{}"},
        },
        {"type": "message_delta", "delta": {"stop_reason": "stop_sequence"}, "usage": {}},
        {"type": "error", "error": {"type": "t", "message": "m"}},
    ],
    "openai": [
        {"choices": [{"delta": {"content": "x", "reasoning": "y"}, "finish_reason": None}]},
        {
            "choices": [
                {"delta": {"tool_calls": [{"index": 0, "id": "i", "function": {"name": "A"}}]}}
            ]
        },
        {"choices": [{"delta": {}, "finish_reason": "stop", "stop_reason": "x"}]},
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
        {"error": {"message": "m", "code": 5, "metadata": {"raw": "r"}}},
    ],
}


def spoiled(good: Any) -> Iterator[Any]:
    """Give copies in which one part is replaced by junk, or is missing, for every part."""
    paths: list[tuple[Any, ...]] = []

    def walk(node: Any, path: tuple[Any, ...]) -> None:
        if path:
            paths.append(path)
        items = (
            node.items()
            if isinstance(node, dict)
            else enumerate(node)
            if isinstance(node, list)
            else ()
        )
        for key, value in items:
            walk(value, (*path, key))

    walk(good, ())
    for path in paths:
        for junk in [*JUNK, ...]:
            bad = deepcopy(good)
            place = bad
            for key in path[:-1]:
                place = place[key]
            if junk is ...:
                del place[path[-1]]
            else:
                place[path[-1]] = deepcopy(junk)
            yield bad


@pytest.mark.parametrize("name", PROTOCOLS)
def test_requests(name: str) -> None:
    protocol = PROTOCOLS[name]
    refused = 0
    for body in spoiled(REQUESTS[name]):
        try:
            protocol.check_request(body)
            protocol.session(body, {})
            conversation = protocol.read_request(body)
        except BadRequestError as error:
            refused += bool(error.field)
            continue
        for upstream in PROTOCOLS.values():
            written, _ = upstream.write_request(conversation, Profile())
            orjson.dumps(written)
    assert refused


@pytest.mark.parametrize("name", PROTOCOLS)
def test_replies(name: str) -> None:
    protocol = PROTOCOLS[name]
    for body in spoiled(REPLIES[name][0]):
        events = assert_valid_events(protocol.read_reply(body))
        for client in PROTOCOLS.values():
            client.encoder("m", 1).encode(events)
        protocol.tap_reply(body)
        protocol.read_models(body)
        protocol.read_token_count(body)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_streams(name: str) -> None:
    protocol = PROTOCOLS[name]
    for events in spoiled(EVENTS[name]):
        frames = [b"data: %b\n\n" % orjson.dumps(event) for event in events]
        hub_events = assert_valid_events(decoded(protocol.decoder(), frames))
        tap = protocol.tap()
        for frame in frames:
            tap.feed(frame)
        for client in PROTOCOLS.values():
            client.encoder("m", 1).encode(hub_events)


def test_failures() -> None:
    good = {"error": {"message": "m", "type": "t", "code": 5, "metadata": {"raw": "x"}}}
    for body in [*spoiled(good), *spoiled({"message": "m"}), *JUNK]:
        failure = read_failure(400, orjson.dumps(body), {})
        assert isinstance(failure.message, str)
        assert isinstance(failure.kind, str)
        for client in PROTOCOLS.values():
            orjson.dumps(client.write_failure(failure)[1])
