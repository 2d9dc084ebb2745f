"""Reads usage and the end from a stream that passes by, at little cost."""

from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.base import Asked, Failure, TapState
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.gemini.client import form_of
from ccproxy_tui.protocols.gemini.fields import find, listed
from ccproxy_tui.protocols.gemini.framing import ArrayChunks, EventChunks
from ccproxy_tui.protocols.gemini.usage import read_usage
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.sse import SseParser
from ccproxy_tui.protocols.tapping import StreamTap, is_json

_MARKS: Final = (b'"finishReason"', b'"error"', b'"blockReason"', b'"functionCall"')
_USAGE: Final = b'"usageMetadata"'


class GeminiTap(StreamTap):
    """Reads the chunks that start, finish or break a reply, or that call a tool.

    Every chunk holds usage, so of the others the last one counts, once the stream is over. The
    protocol has no end mark: a reply is finished when the stream ends after a finish reason.
    """

    content_mark = b'"parts":'
    overhead = 380

    def __init__(self) -> None:
        super().__init__()
        self._latest: bytes | None = None
        self._unfinished = b""

    def tells(self, frame: bytes) -> bool:
        """Whether the frame is more than content."""
        if not self.state.started or any(mark in frame for mark in _MARKS):
            return True
        if _USAGE in frame:
            self._latest = frame
        return False

    def note(self, event: str, data: bytes) -> None:
        """Take from a frame what it tells."""
        self._latest = None
        try:
            content = json_bytes.read(data)
        except (ValueError, RecursionError):
            return
        if isinstance(content, dict):
            _note(self.state, content)
        if self.state.error:
            self._unfinished = data.replace(b"\n", b" ")

    def end(self) -> bytes:
        """Give what was held back, and settle what has come.

        An error is said once more in an event that is left unfinished, for the SDKs that pass over
        the event itself; see `EventChunks.broken`.
        """
        held = super().end()
        self._settle()
        return held + self._unfinished

    def ping(self) -> bytes:
        """Give nothing: the vendor's own SDK fails at comments."""
        return b""

    def broken(self, failure: Failure) -> bytes:
        """Give the bytes that end a broken stream, so that no client takes it for complete."""
        self._settle()
        return EventChunks().broken(failure)

    def _settle(self) -> None:
        if self._latest is not None:
            self.note("", self._latest.partition(b"data:")[2])
        state = self.state
        state.finished = bool(state.stop_reason) and not state.error


class GeminiArrayTap(GeminiTap):
    """Passes the upstream's events on to a client that wants a JSON array."""

    content_type = ArrayChunks.content_type

    def __init__(self) -> None:
        super().__init__()
        self._events = SseParser()
        self._array = ArrayChunks()

    def feed(self, data: bytes) -> bytes:
        """Take more bytes of the stream, and give the elements that they complete."""
        return self._elements(super().feed(data))

    def end(self) -> bytes:
        """Give the last element, and close the array unless the reply broke off."""
        last = self._elements(super().end())
        over = self.state.finished or self.state.error
        return last + (self._array.end() if over else b"")

    def broken(self, failure: Failure) -> bytes:
        """Give the array's last element, an error, and close it."""
        self._settle()
        return self._array.broken(failure)

    def _elements(self, frames: bytes) -> bytes:
        """Write the events that are whole JSON; a mark or half of an event has no place."""
        events = self._events.feed(frames)
        return b"".join(self._array.chunk(data) for _, data in events if is_json(data))


def tap(asked: Asked) -> GeminiTap:
    """Make a reader of a passing stream."""
    return GeminiArrayTap() if form_of(asked).json_array else GeminiTap()


def tap_reply(body: JsonObject) -> TapState:
    """Read usage and the end from a whole reply."""
    state = TapState()
    _note(state, body)
    if not body.get("candidates") and not find(body, "promptFeedback"):
        state.error = state.error or "the upstream's reply has no candidates"
    state.finished = not state.error
    return state


def _note(state: TapState, content: JsonObject) -> None:
    if content.get("error"):
        state.error = read_error(content, 502).message
        return
    state.started = True
    feedback = find(content, "promptFeedback")
    if isinstance(feedback, dict) and (reason := find(feedback, "blockReason")):
        state.stop_reason = str(reason)
    for candidate in listed(content.get("candidates"))[:1]:
        if isinstance(candidate, dict):
            state.stop_reason = str(find(candidate, "finishReason") or state.stop_reason)
            _note_calls(state, candidate.get("content"))
    if usage := read_usage(find(content, "usageMetadata")):
        state.usage = usage


def _note_calls(state: TapState, said: Any) -> None:
    for part in listed(said.get("parts")) if isinstance(said, dict) else []:
        call = find(part, "functionCall") if isinstance(part, dict) else None
        if isinstance(call, dict):
            state.calls(call.get("name"))
