"""A recorded stream's events, read as its bytes come."""

from collections.abc import Iterator

from ccproxy_tui.protocols import sse
from ccproxy_tui.protocols.base import ProtocolModule
from ccproxy_tui.protocols.hub import Event
from ccproxy_tui.protocols.stream import ObjectEnd

_ARRAY = b"["
_LOSSLESS = "latin-1"
"""A character a byte, wherever a stream was cut."""
_PIECE = 4096
"""Bytes that are looked through at a time, as what is left of them is copied for each element."""


class StreamReader:
    """Reads what a client was sent or an upstream has sent.

    Gemini's clients may have asked for one JSON array, which no upstream is ever asked for: its
    elements are given to the decoder as events.
    """

    def __init__(self, module: ProtocolModule) -> None:
        self._decoder = module.decoder()
        self._has_events = module.framing == "sse"
        self._array: _Elements | None = None
        self._begun = False

    def feed(self, data: bytes) -> list[Event]:
        """Take more bytes, cut anywhere, and give the events that they complete."""
        if not self._begun and (first := data.lstrip()[:1]):
            self._begun = True
            if first == _ARRAY and self._has_events:
                self._array = _Elements()
        if self._array is not None:
            data = b"".join(sse.frame("", element) for element in self._array.feed(data))
        return self._decoder.feed(data) if data else []

    def end(self) -> list[Event]:
        """Say that nothing more comes."""
        return self._decoder.end()


class _Elements:
    """Cuts the objects out of a JSON array that comes in pieces."""

    def __init__(self) -> None:
        self._object = ObjectEnd()
        self._pieces: list[str] = []

    def feed(self, data: bytes) -> list[bytes]:
        """Give the objects that `data` completes, each in one line."""
        text = data.decode(_LOSSLESS)
        pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
        return [element for piece in pieces for element in self._cut(piece)]

    def _cut(self, text: str) -> Iterator[bytes]:
        while text:
            if not self._pieces:
                text = text[text.find("{") :] if "{" in text else ""
            taken = self._object.take(text)
            self._pieces.append(taken)
            text = text[len(taken) :]
            if self._object.reached:
                # a line break can only stand between values: in a string it is written \n
                yield "".join(self._pieces).replace("\n", " ").encode(_LOSSLESS)
                self._object, self._pieces = ObjectEnd(), []
