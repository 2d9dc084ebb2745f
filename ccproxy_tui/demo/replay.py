"""The cheapest possible upstream, for benchmarks: prebuilt bytes, no HTTP library, no JSON."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast

import orjson

from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.received import Dialect, ReceivedRequest
from ccproxy_tui.demo.reply import Reply, Usage
from ccproxy_tui.demo.wires import WIRES, stream_type

Writing = Literal["whole", "events", "spaced"]
_SPACE = 0.0005
"""Seconds between spaced events, enough for each to be read alone."""
_STREAMING = (b'"stream":true', b'"stream": true')
_NOT_STREAMING = (b'"stream":false', b'"stream": false')
_PATHS: Mapping[str, Dialect] = {
    "/v1/messages": "claude",
    "/v1/chat/completions": "openai",
    "/v1/responses": "responses",
    ":streamGenerateContent": "gemini",
    ":generateContent": "gemini",
    "/api/chat": "ollama",
}
"""Gemini's paths hold the model; they are told by their end."""
_STREAMS: Mapping[str, bool] = {
    ":streamGenerateContent": True,
    ":generateContent": False,
    "/api/chat": True,
}
"""Whether a path streams unless it is told not to; where nothing is said, the body asks for it."""


class ReplayServer:
    """Answers every POST with bytes made at the start: a stream, or the same reply whole.

    All five dialects have `events` events; Gemini's stream is always that of `alt=sse`.
    `writing="whole"` sends a stream in one write, `"events"` makes one write an event, and
    `"spaced"` lets some time pass between them.
    """

    def __init__(self, events: int = 300, writing: Writing = "whole") -> None:
        self._answers = {
            path: _prebuild(path, dialect, events, writing) for path, dialect in _PATHS.items()
        }
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self.port = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one, which `port` then tells."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connect, host, port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and drop the connections."""
        if self._server is not None:
            self._server.close()
            for connection in list(self._open):
                connection.abort()
            await self._server.wait_closed()
            self._server = None

    def _connect(self) -> "_Connection":
        return _Connection(self._answers, self._open)


class _Answer:
    __slots__ = ("_streams", "spaced", "stream", "whole")

    def __init__(
        self, stream: Sequence[bytes], whole: bytes, *, streams: bool | None, spaced: bool
    ) -> None:
        self.stream = stream
        self.whole = whole
        self.spaced = spaced
        self._streams = streams

    def is_wanted_streamed(self, body: bytes) -> bool:
        if self._streams is None:
            return any(one in body for one in _STREAMING)
        return self._streams and not any(one in body for one in _NOT_STREAMING)


class _Connection(asyncio.Protocol):
    def __init__(self, answers: Mapping[str, _Answer], others: "set[_Connection]") -> None:
        self._answers = answers
        self._others = others
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._others.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._others.discard(self)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._take_request()) is not None:
            head, body = request
            path = head.split(b" ", 2)[1].split(b"?", 1)[0].decode()
            action = path.rpartition(":")[2]
            answer = self._answers.get(path) or self._answers.get(f":{action}")
            self._reply(answer, body)

    def _take_request(self) -> tuple[bytes, bytes] | None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._received[:end])
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line[15:])
        if len(self._received) < end + 4 + length:
            return None
        body = bytes(self._received[end + 4 : end + 4 + length])
        del self._received[: end + 4 + length]
        return head, body

    def _reply(self, answer: _Answer | None, body: bytes) -> None:
        if self._transport is None:
            return
        if answer is None:
            self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        elif answer.is_wanted_streamed(body):
            if answer.spaced:
                self._write_spaced(iter(answer.stream))
                return
            for piece in answer.stream:
                self._transport.write(piece)
        else:
            self._transport.write(answer.whole)

    def _write_spaced(self, pieces: Iterator[bytes]) -> None:
        piece = next(pieces, None)
        if piece is not None and self._transport is not None and not self._transport.is_closing():
            self._transport.write(piece)
            asyncio.get_running_loop().call_later(_SPACE, self._write_spaced, pieces)


def _prebuild(path: str, dialect: Dialect, events: int, writing: Writing) -> _Answer:
    wire = WIRES[dialect]
    asked = {"model": "replay", "stream": True, "stream_options": {"include_usage": True}}
    request = ReceivedRequest("POST", path, "alt=sse", {}, orjson.dumps(asked), dialect)
    usage = Usage(input=2_000, output=events, cached=12_000)
    frames_around = len(wire.frames(Reply(text=["x"], usage=usage), request, IdMaker(1))) - 1
    text = [f"word {number} " for number in range(events - frames_around)]
    reply = Reply(text=text, usage=usage)
    frames = wire.frames(reply, request, IdMaker(1))
    body = orjson.dumps(wire.whole(reply, request, IdMaker(1)))
    chunks = [b"%x\r\n%b\r\n" % (len(frame), frame) for frame in frames]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [head % stream_type(request).encode(), *chunks, b"0\r\n\r\n"]
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    stream = [b"".join(pieces)] if writing == "whole" else pieces
    answer = whole % (len(body), body)
    return _Answer(stream, answer, streams=_STREAMS.get(path), spaced=writing == "spaced")
