"""Messages as they are kept: all bodies compressed as one, with how and when they came.

What the proxy passed on unchanged is so stored once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from typing import Any

import orjson
import zstandard

from ccproxy_tui.traffic.call import Call, Exchange, Headers, Message, Phase

_LEVEL = 1
"""Of compression: the higher ones take more time than they save space on text like this."""
_TICK = 0.0001
"""Seconds; times are kept as whole numbers of it."""

PARTS = tuple(field.name for field in fields(Exchange))

Packed = tuple[str, bytes]
"""The heads as JSON; the bodies, and the lengths and times of their chunks, compressed."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What a message has gained since it was written last."""

    part: int
    """Which of the four it is."""
    head: str
    headers: Headers
    size: int
    """Bytes of the whole body, kept or not."""
    chunks: Sequence[bytes]
    times: Sequence[float]
    """When they came; none where nobody knows."""
    anew: bool = True
    """Whether it is all that there is: what was written before is no more."""


def message_of(exchange: Exchange, part: int) -> Message:
    """Return one of the four messages."""
    message = getattr(exchange, PARTS[part])
    assert isinstance(message, Message)
    return message


def captured(call: Call) -> bool:
    """Tell whether the messages of an ended call are kept."""
    failed = call.phase is Phase.FAILED or call.status >= 400
    return call.capture == "full" or (call.capture == "errors" and failed)


def gains_of(exchange: Exchange) -> list[Gain]:
    """Return all of the four messages."""
    return [_whole(part, message_of(exchange, part)) for part in range(len(PARTS))]


def _whole(part: int, message: Message) -> Gain:
    times = message.times if len(message.times) == len(message.chunks) else ()
    return Gain(part, message.head, message.headers, message.size, message.chunks, times)


def pack(gains: Iterable[Gain]) -> Packed:
    """Write messages, or what they have gained."""
    heads, bodies, chunks = [], [], []
    for gain in gains:
        body = b"".join(gain.chunks)
        heads.append((gain.head, gain.headers, len(body), gain.size, gain.part, gain.anew))
        bodies.append(body)
        chunks.append(([len(chunk) for chunk in gain.chunks], _ticks(gain.times)))
    bodies.append(orjson.dumps(chunks))
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return orjson.dumps(heads).decode(), compressor.compress(b"".join(bodies))


def unpack(pieces: Iterable[Packed]) -> Exchange:
    """Read messages from all that was written of them, in its order."""
    exchange = Exchange()
    for heads, bodies in pieces:
        for gain in _gains(heads, bodies):
            if gain.anew:
                setattr(exchange, PARTS[gain.part], Message())
            message = message_of(exchange, gain.part)
            message.head, message.headers, message.size = gain.head, gain.headers, gain.size
            message.chunks += gain.chunks
            message.times += gain.times
    return exchange


def _gains(heads: str, bodies: bytes) -> Iterable[Gain]:
    data = zstandard.ZstdDecompressor().decompress(bodies)
    listed: list[Any] = orjson.loads(heads)
    ends = [0, *accumulate(length for _, _, length, *_ in listed)]
    written = data[ends[-1] :]
    chunks = orjson.loads(written) if written else [([length], []) for _, _, length, *_ in listed]
    for index, (head, headers, length, *more) in enumerate(listed):
        size, part, anew = more or (length, index, True)
        lengths, ticks = chunks[index]
        places = accumulate(lengths, initial=ends[index])
        pairs = tuple([(name, value) for name, value in headers])
        pieces = [data[start:end] for start, end in pairwise(places) if length]
        times = [tick * _TICK for tick in accumulate(ticks)]
        yield Gain(part, head, pairs, max(size, length), pieces, times, anew)


def _ticks(times: Sequence[float]) -> list[int]:
    """Write times as the differences between them, which are small numbers."""
    ticks = [round(time / _TICK) for time in times]
    return [ticks[0], *(after - before for before, after in pairwise(ticks))] if ticks else []
