"""A recorded call with its four messages, made by hand."""

from typing import Any

import orjson

from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens

SECRET = "sk-ant-api03-abcdefghijklmnop"


def sse(*events: dict[str, Any]) -> bytes:
    """Write events as Claude does."""
    return b"".join(
        b"event: " + str(event["type"]).encode() + b"\ndata: " + orjson.dumps(event) + b"\n\n"
        for event in events
    )


def claude_stream(*texts: str, stop: str | None = "end_turn") -> bytes:
    """Write a reply of one text block; without a stop it breaks off."""
    start = {
        "type": "message_start",
        "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "sonnet",
            "content": [], "stop_reason": None, "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 1},
        },
    }  # fmt: skip
    block = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        for text in texts
    ]
    end = [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    return sse(start, block, *deltas, *(end if stop else ()))


def recorded_call(number: int = 7, **facts: Any) -> Call:
    """Return a call that is over; its second attempt answered."""
    call = Call(
        number, 1_700_000_000.25, path="/qwen/v1/messages", operation="generate", protocol="claude",
        key="dev", group="qwen", requested="claude-sonnet-4-5", alias="claude-*", provider="vendor",
        model="sonnet", upstream_protocol="claude", streaming=True, session="5f0c", phase=Phase.DONE,
        status=200, tokens=Tokens(10, 80, 10, 40), ttft=0.5, duration=2.0, stop_reason="end_turn",
        tools=("Bash",), cost=0.0123, notes=["prompt added"],
        attempts=[
            Attempt("vendor/sonnet key 1", 0.0, 0.1, 429, Outcome.THROTTLE, "slow down"),
            Attempt("vendor/sonnet key 2", 0.1, 1.9, 200, Outcome.SUCCESS, "", 0.05, 0.3),
        ],
    )  # fmt: skip
    for name, value in facts.items():
        setattr(call, name, value)
    return call


def recorded_exchange(said: str = "Hello.", *, asked: str = "Say hello.") -> Exchange:
    """Return the messages of such a call."""
    body = orjson.dumps(
        {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": asked}]}
    )
    json_type, stream_type = (
        ("content-type", "application/json"),
        ("content-type", "text/event-stream"),
    )
    reply = claude_stream(said)
    return Exchange(
        Message("POST /qwen/v1/messages?beta=true",
                (("Host", "127.0.0.1:11435"), ("authorization", "•••"), json_type), [body]),
        Message("POST https://api.example.com/v1/messages?n=1", (("x-api-key", "•••"), json_type), [body]),
        Message("200 OK", (stream_type,), [reply]),
        Message("200", (stream_type,), [reply]),
    )  # fmt: skip
