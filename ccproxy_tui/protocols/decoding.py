"""What all decoders share: framing, and upstreams that do not stream at all."""

import json
import re
from typing import Any, Final

import orjson

from ccproxy_tui.protocols.base import Failure, Framing
from ccproxy_tui.protocols.failures import read_failure
from ccproxy_tui.protocols.hub import Event, JsonObject, ReplyError
from ccproxy_tui.protocols.ndjson import LineParser
from ccproxy_tui.protocols.sse import FrameTooLongError, SseParser
from ccproxy_tui.protocols.stream import ReplyMachine

MAX_BODY_BYTES: Final = 64 * 1024 * 1024
"""A reply that comes in one piece may not be longer."""


_MALFORMED: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading raises where an upstream's JSON has other types than its protocol says."""

_HIGH_HALF_AT_END: Final = re.compile(rb'\\u[dD][89abAB][0-9a-fA-F]{2}(?=")')
_LOW_HALF_AT_START: Final = re.compile(rb'(?<=")\\u[dD][c-fC-F][0-9a-fA-F]{2}')


class JsonReader:
    """Reads the JSON of one event after the other.

    Some servers cut a stream inside an emoji that they have escaped as two halves, which no JSON
    may hold alone: the first half waits for the second.
    """

    def __init__(self) -> None:
        self._half = b""

    def read(self, data: bytes) -> Any:
        """Read one event; raises `ValueError`."""
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return self._mended(data)

    def _mended(self, data: bytes) -> Any:
        if self._half and (low := _LOW_HALF_AT_START.search(data)):
            data = data[: low.start()] + self._half + data[low.start() :]
            self._half = b""
        if high := _HIGH_HALF_AT_END.search(data):
            self._half = high[0]
            data = data[: high.start()] + data[high.end() :]
        text = json.dumps(json.loads(data), ensure_ascii=False)
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


class StreamDecoder:
    """Cuts an upstream's stream into events and gives them to a machine that makes them valid.

    An upstream that sends one JSON body or a web page instead of a stream is read as such.
    """

    maker = ""
    """The protocol; signatures in the stream are of its vendor."""
    framing: Framing = "sse"

    def __init__(self) -> None:
        self.machine = ReplyMachine(self.maker)
        self._frames = SseParser() if self.framing == "sse" else LineParser()
        self._json = JsonReader()
        self._looked = False
        self._body: list[bytes] | None = None
        self._body_bytes = 0

    def feed(self, data: bytes) -> list[Event]:
        """Take more bytes, cut anywhere, and give the events that they complete."""
        if not self._looked:
            self._look(data)
        if self._body is not None:
            self._gather(data)
        elif not self.machine.ended:
            try:
                for event, payload in self._frames.feed(data):
                    self._take(event, payload)
            except FrameTooLongError as error:
                self.machine.fail(502, str(error))
        return self.machine.take()

    def end(self) -> list[Event]:
        """Say that the upstream has closed; gives a `ReplyError` unless it had finished."""
        if self._body is not None and not self.machine.ended:
            return self._take_body(b"".join(self._body))
        if not self.machine.ended:
            for event, payload in self._frames.end():
                if payload.endswith((b"}", b"]")):
                    self._take(event, payload)
        self.machine.end()
        return self.machine.take()

    def take_whole(self, body: JsonObject) -> list[Event]:
        """Take a whole reply and give its events, of a broken one the error only."""
        try:
            self.read_whole(body)
        except _MALFORMED as error:
            self._malformed(error)
        events = self.machine.take()
        return events[-1:] if isinstance(events[-1], ReplyError) else events

    def read(self, event: str, content: JsonObject) -> None:
        """Tell the machine what one event of the stream says."""
        raise NotImplementedError

    def read_whole(self, body: JsonObject) -> None:
        """Tell the machine what a whole reply says."""
        raise NotImplementedError

    def read_mark(self, event: str, payload: bytes) -> bool:
        """Read an event that is no JSON; False when the protocol has no such event."""
        return False

    def fail(self, failure: Failure) -> None:
        """Break the reply off."""
        self.machine.fail(failure.status, failure.message, failure.kind)

    def _take(self, event: str, payload: bytes) -> None:
        if self.machine.ended:
            return
        try:
            content = self._json.read(payload)
        except ValueError:
            if not self.read_mark(event, payload):
                said = payload[:200].decode("utf-8", "replace")
                self.machine.fail(502, f"the upstream sent an event that is no JSON: {said}")
            return
        if not isinstance(content, dict):
            self.machine.fail(502, "the upstream sent an event that is no JSON object")
            return
        try:
            self.read(event, content)
        except _MALFORMED as error:
            self._malformed(error)

    def _look(self, data: bytes) -> None:
        first = data.lstrip()[:1]
        self._looked = bool(first)
        if first == b"<" or (first in (b"{", b"[") and self.framing == "sse"):
            self._body = []

    def _gather(self, data: bytes) -> None:
        if self._body is not None and not self.machine.ended:
            self._body.append(data)
            self._body_bytes += len(data)
            if self._body_bytes > MAX_BODY_BYTES:
                self.machine.fail(502, f"the upstream's reply has more than {MAX_BODY_BYTES} bytes")

    def _malformed(self, error: Exception) -> None:
        self.machine.fail(502, f"the upstream's reply cannot be understood: {error}")

    def _take_body(self, data: bytes) -> list[Event]:
        try:
            body = self._json.read(data)
        except ValueError:
            body = None
        if isinstance(body, dict) and not body.get("error"):
            return self.take_whole(body)
        self.fail(read_failure(502, data, {}))
        return self.machine.take()
