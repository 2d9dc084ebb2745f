"""A streamed body cut into its events, each with the moment at which it was complete."""

from dataclasses import dataclass

from ccproxy_tui.protocols import ndjson, sse
from ccproxy_tui.traffic.call import Message


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream."""

    name: str
    data: bytes
    time: float | None
    """Seconds after the call's start; None where nobody knows."""


def is_stream(message: Message) -> bool:
    """Tell whether a body is a row of events."""
    for name, value in message.headers:
        if name.lower() == "content-type":
            return sse.CONTENT_TYPE in value or ndjson.CONTENT_TYPE in value
    return message.chunks[:1] != [] and message.chunks[0].startswith((b"event:", b"data:"))


def clean_body(message: Message) -> bytes:
    """Return a body without credentials, which the gateway takes out of it when its call ends."""
    body = message.body
    return body if message.clean is None else message.clean(body)


class EventReader:
    """Reads the events of a message, and each time only those that are new."""

    def __init__(self, message: Message) -> None:
        of_lines = any(ndjson.CONTENT_TYPE in value for _, value in message.headers)
        self._cutter = ndjson.LineSplitter() if of_lines else sse.FrameSplitter()
        self._of_lines = of_lines
        self._message = message
        self._taken = 0
        self._ended = False
        self.events: list[StreamEvent] = []

    def read(self, *, ended: bool) -> list[StreamEvent]:
        """Return the events so far; `ended` says that nothing more comes."""
        times = self._message.times
        for at in range(self._taken, len(self._message.chunks)):
            time = times[at] if at < len(times) else None
            self._take(self._cut(self._message.chunks[at]), time)
            self._taken += 1
        if ended and not self._ended:
            self._ended = True
            rest = self._cutter.end()
            self._take([rest] if rest else [], times[-1] if times else None)
        return self.events

    def _cut(self, data: bytes) -> list[bytes]:
        """Cut off whole frames; one that never ends is given up, and what follows it read on."""
        try:
            return self._cutter.feed(data)
        except sse.FrameTooLongError:
            rest = self._cutter.end()
            self._cutter = ndjson.LineSplitter() if self._of_lines else sse.FrameSplitter()
            return [rest]

    def _take(self, frames: list[bytes], time: float | None) -> None:
        clean = self._message.clean
        for frame in frames:
            if clean is not None:
                frame = clean(frame)
            if self._of_lines:
                self.events.append(StreamEvent("", frame, time))
            elif frame.strip():
                name, data = sse.read_frame(frame) or ("", frame)
                self.events.append(StreamEvent(name, data, time))
