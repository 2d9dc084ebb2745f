"""Reads usage and the end from a response stream that passes by, at little cost."""

from typing import Any, Final

import orjson

from ccproxy_tui.protocols.base import Asked, Failure, TapState
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.responses.envelope import Envelope
from ccproxy_tui.protocols.responses.errors import stream_error
from ccproxy_tui.protocols.responses.tools import flat_name
from ccproxy_tui.protocols.responses.usage import read_usage
from ccproxy_tui.protocols.sse import frame, read_frame
from ccproxy_tui.protocols.tapping import StreamTap

_ENDS: Final = ("response.completed", "response.incomplete")
_ERRORS: Final = ("response.failed", "error")
_ANNOUNCING: Final = ("response.created", "response.in_progress", "response.queued")
_CALLS: Final = ("function_call", "custom_tool_call")
_MARKS: Final = (
    b"response.completed",
    b"response.incomplete",
    b"response.failed",
    b"response.output_item.added",
    b'"error"',
)


class ResponsesTap(StreamTap):
    """Looks only at the events that start, end or break a reply or begin an item."""

    content_mark = b'"delta":'
    overhead = 240

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self._asked = asked
        self._id = ""
        self._last = b""

    def announces(self, event: str, content: Any) -> bool:
        """Whether an event only announces a reply."""
        kind = content.get("type") if isinstance(content, dict) else None
        return (kind or event) in _ANNOUNCING

    def tells(self, frame: bytes) -> bool:
        """Whether the frame is more than content; the last one is kept for its number."""
        self._last = frame
        return not self.state.started or any(mark in frame for mark in _MARKS)

    def note(self, event: str, data: bytes) -> None:
        """Take from a frame what it tells."""
        content = _read(data)
        kind = content.get("type") or event
        response = content.get("response")
        if isinstance(response, dict) and not self._id:
            self._id = str(response.get("id") or "")
        if kind in _ERRORS:
            self.state.error = _error(content)
        elif kind in _ENDS and isinstance(response, dict):
            _note(self.state, response)
            self.state.finished = True
        elif content:
            self.state.started = True
            _note_call(self.state, content.get("item"))

    def broken(self, failure: Failure) -> bytes:
        """Give an event that says that the response failed, numbered after what has passed."""
        response = Envelope(self._asked).write("failed", error=stream_error(failure))
        content = {
            "type": "response.failed",
            "sequence_number": self._next_number(),
            "response": {**response, "id": self._id or response["id"]},
        }
        return frame("response.failed", orjson.dumps(content, default=str))

    def _next_number(self) -> int:
        event = read_frame(self._last)
        number = _read(event[1]).get("sequence_number") if event else None
        return number + 1 if isinstance(number, int) else 0


def tap(asked: Asked) -> ResponsesTap:
    """Make a reader of a passing stream."""
    return ResponsesTap(asked)


def tap_reply(body: JsonObject) -> TapState:
    """Read usage and the end from a whole reply."""
    state = TapState(started=True)
    if body.get("error") or body.get("status") == "failed":
        state.error = _error({"response": body})
        return state
    _note(state, body)
    state.finished = True
    return state


def _read(data: bytes) -> JsonObject:
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _note(state: TapState, response: JsonObject) -> None:
    details = response.get("incomplete_details")
    reason: Any = details.get("reason") if isinstance(details, dict) else None
    state.started = True
    state.stop_reason = str(reason or response.get("status") or "completed")
    if usage := read_usage(response.get("usage")):
        state.usage = usage
    output = response.get("output")
    for item in output if isinstance(output, list) else []:
        _note_call(state, item)


def _note_call(state: TapState, item: Any) -> None:
    if isinstance(item, dict) and item.get("type") in _CALLS:
        state.calls(flat_name(str(item.get("name") or ""), item.get("namespace")))


def _error(content: JsonObject) -> str:
    response = content.get("response")
    error = response.get("error") if isinstance(response, dict) else None
    if isinstance(response, dict) and not error:
        return "the upstream's reply failed, and it does not say why"
    return read_error({"error": error} if error else content, 502).message
