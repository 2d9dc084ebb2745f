"""Chat completion chunks for tests, and whatever runs a stream through the converters."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ccproxy_tui.protocols.base import Asked, Decoder
from ccproxy_tui.protocols.hub import Event
from ccproxy_tui.protocols.registry import PROTOCOLS
from tests.protocols.validity import Seen, assert_valid_claude_stream

DONE = b"data: [DONE]\n\n"


def chunk(finish: str | None = None, usage: Any = None, **delta: Any) -> bytes:
    """Write one chunk with this delta."""
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": "qwen3",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    if usage is not None:
        body["usage"] = usage
    return b"data: %b\n\n" % orjson.dumps(body)


def usage_chunk(
    prompt: int, completion: int, cached: int = 0, reasoning: int | None = None
) -> bytes:
    """Write the chunk that holds nothing but usage."""
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    if reasoning is not None:
        usage["completion_tokens_details"] = {"reasoning_tokens": reasoning}
    return b"data: %b\n\n" % orjson.dumps({"id": "chatcmpl-1", "choices": [], "usage": usage})


def tool(
    index: int | None, arguments: Any = "", id_: str | None = None, name: str | None = None
) -> bytes:
    """Write a chunk with one piece of a tool call."""
    function: dict[str, Any] = {"arguments": arguments}
    if name is not None:
        function["name"] = name
    call: dict[str, Any] = {"function": function}
    if index is not None:
        call["index"] = index
    if id_ is not None:
        call["id"] = id_
    return chunk(tool_calls=[call])


def decoded(decoder: Decoder, pieces: Iterable[bytes]) -> list[Event]:
    """Give all events of a stream that comes in these pieces and ends."""
    events: list[Event] = []
    for piece in pieces:
        events += decoder.feed(piece)
    return events + decoder.end()


def as_claude(pieces: Iterable[bytes], upstream: str = "openai") -> Seen:
    """Give what a Claude client sees of an upstream's stream."""
    decoder, encoder = (
        PROTOCOLS[upstream].decoder(),
        PROTOCOLS["claude"].encoder(Asked(model="claude-x"), 100),
    )
    written = [encoder.encode(decoder.feed(piece)) for piece in pieces]
    written.append(encoder.encode(decoder.end()))
    return assert_valid_claude_stream(b"".join(written))


def one_by_one(data: bytes) -> Iterator[bytes]:
    """Give single bytes."""
    for at in range(len(data)):
        yield data[at : at + 1]


def every_cut(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the data in two pieces, in all ways."""
    for at in range(len(data) + 1):
        yield data[:at], data[at:]
