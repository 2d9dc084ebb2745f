"""Reads usage and the end from a Messages stream that passes by, at little cost."""

from typing import Any, Final

import orjson

from ccproxy_tui.protocols.base import Asked, Failure, TapState
from ccproxy_tui.protocols.claude.errors import write_failure_event
from ccproxy_tui.protocols.claude.usage import merge, read_usage
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.tapping import StreamTap

_PASSED_OVER: Final = (
    b"event: content_block_delta",
    b"event: content_block_stop",
    b"event: ping",
    b'data: {"type":"content_block_delta',
    b'data: {"type":"content_block_stop',
)
_ANNOUNCING: Final = ("message_start", "ping")


class ClaudeTap(StreamTap):
    """Looks only at the events that start, end or break a reply or begin a block."""

    content_mark = b'_delta"'
    overhead = 118

    def broken(self, failure: Failure) -> bytes:
        """Give the event that ends a broken stream."""
        return write_failure_event(failure)

    def announces(self, event: str, content: Any) -> bool:
        """Whether an event only announces a reply."""
        return (_field(content, "type") or event) in _ANNOUNCING

    def tells(self, frame: bytes) -> bool:
        """Whether the frame is more than content."""
        return not frame.startswith(_PASSED_OVER)

    def note(self, event: str, data: bytes) -> None:
        """Take from a frame what it tells."""
        try:
            content = orjson.loads(data)
        except orjson.JSONDecodeError:
            return
        if isinstance(content, dict):
            self._note(event, content)

    def _note(self, event: str, content: JsonObject) -> None:
        state = self.state
        match content.get("type") or event:
            case "message_start":
                state.started = True
                message = content.get("message")
                merge(state.usage, read_usage(_field(message, "usage")))
            case "content_block_start":
                _note_call(state, content.get("content_block"))
            case "message_delta":
                merge(state.usage, read_usage(content.get("usage")))
                reason = _field(content.get("delta"), "stop_reason")
                state.stop_reason = str(reason or state.stop_reason)
            case "message_stop":
                state.finished = True
            case _ if event == "error" or "error" in content:
                state.error = read_error(content, 500).message


def tap(asked: Asked) -> ClaudeTap:
    """Make a reader of a passing stream."""
    return ClaudeTap()


def tap_reply(body: JsonObject) -> TapState:
    """Read usage and the end from a whole reply."""
    if body.get("type") == "error" or "error" in body:
        return TapState(error=read_error(body, 500).message)
    state = TapState(
        read_usage(body.get("usage")),
        str(body.get("stop_reason") or ""),
        started=True,
        finished=True,
    )
    content = body.get("content")
    for block in content if isinstance(content, list) else []:
        _note_call(state, block)
    return state


def _note_call(state: TapState, block: Any) -> None:
    if _field(block, "type") == "tool_use":
        state.calls(block.get("name"))


def _field(content: Any, name: str) -> Any:
    return content.get(name) if isinstance(content, dict) else None
