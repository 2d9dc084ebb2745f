"""Server-sent events as bytes: cutting a stream into frames, reading one and writing one."""

from typing import Final

MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
"""A frame longer than this is a broken peer, not a long answer."""

CONTENT_TYPE: Final = "text/event-stream"

_FRAME_ENDS: Final = (b"\n\n", b"\r\n\r\n", b"\r\r")
_BOM: Final = b"\xef\xbb\xbf"


class FrameTooLongError(ValueError):
    """A stream went on for too long without the blank line that ends a frame."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the event stream has a frame of more than {limit} bytes")


class FrameSplitter:
    """Cuts a stream at its blank lines, wherever the network had cut it before.

    Line ends become LF on the way, so that the common case costs one search and one split.
    """

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._limit = limit
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._skip_lf = False
        self._head: bytes | None = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Give the frames that `data` completes, without their blank line; raises `FrameTooLongError`."""
        if self._head is not None:
            data = self._after_bom(data)
        if self._skip_lf or b"\r" in data:
            data = self._with_lf(data)
        if not data:
            return []
        waiting = self._waiting
        if waiting:
            across = data[0] == 10 and waiting[-1][-1] == 10
            if not across and b"\n\n" not in data:
                self._wait(data)
                return []
            waiting.append(data)
            data = b"".join(waiting)
            waiting.clear()
            self._waiting_bytes = 0
        frames = data.split(b"\n\n")
        rest = frames.pop()
        if rest:
            self._wait(rest)
        return frames

    def end(self) -> bytes:
        """Give what came after the last blank line."""
        rest = (self._head or b"") + b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        self._head = None
        return rest

    def _wait(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > self._limit:
            raise FrameTooLongError(self._limit)

    def _after_bom(self, data: bytes) -> bytes:
        head = (self._head or b"") + data
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._head = head
            return b""
        self._head = None
        return head.removeprefix(_BOM)

    def _with_lf(self, data: bytes) -> bytes:
        if self._skip_lf and data:
            self._skip_lf = False
            data = data.removeprefix(b"\n")
        if data.endswith(b"\r"):
            self._skip_lf = True
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def read_frame(frame: bytes) -> tuple[str, bytes] | None:
    """Give event name and data of a frame, None when it carries no data (a comment)."""
    if frame.startswith(b"data: ") and b"\n" not in frame:
        return "", frame[6:]
    if frame.startswith(b"event: ") and frame.count(b"\n") == 1:
        name, _, value = frame.partition(b"\n")
        if value.startswith(b"data: "):
            return name[7:].decode("utf-8", "replace"), value[6:]
    event = ""
    data: list[bytes] = []
    for line in frame.split(b"\n"):
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            data.append(value)
        elif name == b"event":
            event = value.decode("utf-8", "replace")
    if not data:
        return None
    return event, data[0] if len(data) == 1 else b"\n".join(data)


class SseParser:
    """Reads events from a stream that is cut anywhere."""

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._frames = FrameSplitter(limit)

    def feed(self, data: bytes) -> list[tuple[str, bytes]]:
        """Give name and data of the events that `data` completes; raises `FrameTooLongError`."""
        events = []
        for frame in self._frames.feed(data):
            event = read_frame(frame)
            if event is not None:
                events.append(event)
        return events

    def end(self) -> list[tuple[str, bytes]]:
        """Give the last event when its blank line never came."""
        event = read_frame(self._frames.end())
        return [] if event is None else [event]


def frame(event: str, payload: bytes) -> bytes:
    """Write one event; `payload` is a single line, the name may be empty."""
    if not event:
        return b"data: %b\n\n" % payload
    return b"event: %b\ndata: %b\n\n" % (event.encode(), payload)


def split_whole(data: bytes) -> tuple[bytes, bytes]:
    """Split off the end of the data that is not a whole frame yet."""
    if data.endswith(_FRAME_ENDS):
        return data, b""
    end = max(at + len(mark) if (at := data.rfind(mark)) >= 0 else 0 for mark in _FRAME_ENDS)
    return data[:end], data[end:]
