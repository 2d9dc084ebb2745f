"""Reads usage and the end from an Ollama stream that passes by, at little cost."""

from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols import ndjson
from ccproxy_tui.protocols.base import Asked, Failure, Framing, TapState
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.ollama.errors import write_failure_line
from ccproxy_tui.protocols.ollama.usage import read_usage
from ccproxy_tui.protocols.tapping import StreamTap

_TELLING: Final = (b'"done":true', b'"done": true', b'"error"', b'"tool_calls"')


class OllamaTap(StreamTap):
    """Looks only at the lines that start, end or break a reply, or that call a tool."""

    framing: Framing = "ndjson"
    content_type = ndjson.CONTENT_TYPE
    content_mark = b'"done":false'
    overhead = 120

    def tells(self, frame: bytes) -> bool:
        """Whether the line is more than content."""
        return not self.state.started or any(mark in frame for mark in _TELLING)

    def note(self, event: str, data: bytes) -> None:
        """Take from a line what it tells."""
        try:
            content = json_bytes.read(data)
        except (ValueError, RecursionError):
            return
        if isinstance(content, dict):
            _note(self.state, content)

    def broken(self, failure: Failure) -> bytes:
        """Give the line that ends a broken stream."""
        return write_failure_line(failure)


def tap(asked: Asked) -> OllamaTap:
    """Make a reader of a passing stream."""
    return OllamaTap()


def tap_reply(body: JsonObject) -> TapState:
    """Read usage and the end from a whole reply, also of embeddings, which know no `done`."""
    state = TapState()
    _note(state, {"done": True, **body})
    return state


def _note(state: TapState, content: JsonObject) -> None:
    if content.get("error"):
        state.error = read_error(content, 502).message
        return
    state.started = True
    _note_calls(state, content.get("message"))
    if content.get("done") is True:
        state.stop_reason = str(content.get("done_reason") or "")
        state.usage = read_usage(content)
        state.finished = True


def _note_calls(state: TapState, said: Any) -> None:
    calls = said.get("tool_calls") if isinstance(said, dict) else None
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            state.calls(function.get("name"))
