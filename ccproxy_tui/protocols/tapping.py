"""What all taps do: pass on whole frames of a stream, and look only at the few that tell."""

from typing import Any

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols import ndjson, sse
from ccproxy_tui.protocols.base import Failure, Framing, TapState
from ccproxy_tui.protocols.ndjson import LineSplitter
from ccproxy_tui.protocols.sse import FrameSplitter, read_frame

_DONE = b"[DONE]"
_LARGEST_HELD = 1024 * 1024
"""Bytes of one frame that are held until it is whole; a larger one is let through in pieces."""


class StreamTap:
    """Reads a stream that is relayed as it is; a protocol says which frames tell, and what."""

    framing: Framing = "sse"
    content_type = sse.CONTENT_TYPE
    content_mark = b""
    """What every frame with a piece of content has in it."""
    overhead = 0
    """Bytes of such a frame that are not text, about."""

    def __init__(self) -> None:
        self.state = TapState()
        self.characters = 0
        self.begun = False
        self._frames = FrameSplitter() if self.framing == "sse" else LineSplitter()
        self._split = sse.split_whole if self.framing == "sse" else ndjson.split_whole
        self._held = b""
        self._inside = False
        """Whether the client has half of a frame, one that was too large to hold."""

    def feed(self, data: bytes) -> bytes:
        """Take more bytes of the stream, and give those that may go on to the client.

        Raises `FrameTooLongError`.
        """
        self._look(data)
        ready, held = self._split(self._held + data if self._held else data)
        if ready:
            self._inside = False
        elif len(held) > _LARGEST_HELD:
            ready, held, self._inside = held, b"", True
        self._held = held
        return ready

    def end(self) -> bytes:
        """Give what was held back, if only its blank line was missing."""
        held, self._held = self._held, b""
        event = read_frame(held) if self.framing == "sse" else ("", held)
        if event is None or not (event[1].strip() == _DONE or is_json(event[1])):
            return b""
        end = b"\n\n" if self.framing == "sse" else b"\n"
        self._look(end)
        return held + end

    def frame_end(self) -> bytes:
        """Give what ends a frame of which the client has a part, so that another one can follow."""
        return (b"\n\n" if self.framing == "sse" else b"\n") if self._inside else b""

    def broken(self, failure: Failure) -> bytes:
        """Give the bytes that end a broken stream, so that no client takes it for complete."""
        raise NotImplementedError

    def ping(self) -> bytes:
        """Give what keeps a silent stream alive: a comment, where the framing has such a thing."""
        return b"" if self._inside or self.framing != "sse" else b": keep-alive\n\n"

    def announces(self, event: str, content: Any) -> bool:
        """Whether an event only announces a reply; asked until one does more."""
        return False

    def tells(self, frame: bytes) -> bool:
        """Whether the frame is worth parsing; called for each, so it has to be cheap."""
        raise NotImplementedError

    def note(self, event: str, data: bytes) -> None:
        """Take from a frame what it tells."""
        raise NotImplementedError

    def _look(self, data: bytes) -> None:
        mark = self.content_mark
        for frame in self._frames.feed(data):
            if mark and mark in frame:
                self.characters += max(len(frame) - self.overhead, 4)
            if self.tells(frame) and (event := self._read(frame)) is not None:
                self.note(*event)
            if not self.begun and not self.state.error:
                self.begun = self._begins(frame)

    def _read(self, frame: bytes) -> tuple[str, bytes] | None:
        return read_frame(frame) if self.framing == "sse" else ("", frame)

    def _begins(self, frame: bytes) -> bool:
        event = self._read(frame)
        if event is None or event[1].strip() == _DONE:
            return False
        try:
            content = json_bytes.read(event[1])
        except (ValueError, RecursionError):
            return True
        return not self.announces(event[0], content)


def is_json(data: bytes) -> bool:
    """Whether the data of an event is JSON, be there half of an emoji in it."""
    try:
        json_bytes.read(data)
    except (ValueError, RecursionError):
        return False
    return True
