"""Reads usage and the end from a chat completions stream that passes by, at little cost."""

from typing import Any, Final

import orjson

from ccproxy_tui.protocols.base import Asked, Failure, TapState
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.openai.errors import write_failure_event
from ccproxy_tui.protocols.openai.usage import read_usage
from ccproxy_tui.protocols.tapping import StreamTap

_USAGE: Final = b'"usage"'
_NO_USAGE: Final = (b'"usage":null', b'"usage": null')
_REASONS: Final = (b'"finish_reason":"', b'"finish_reason": "')
_NAMES: Final = (b'"name":"', b'"name": "')
"""Of the chunks with a call's arguments, only the first names its tool."""
_SHORT: Final = 20
"""No chunk is as short as the mark at the end."""
_ERROR: Final = b'"error"'


class OpenAITap(StreamTap):
    """Looks only at the chunks that start, end or break a reply, name a tool or hold usage."""

    content_mark = b'"delta":'
    overhead = 250

    def broken(self, failure: Failure) -> bytes:
        """Give the event that ends a broken stream."""
        return write_failure_event(failure)

    def announces(self, event: str, content: Any) -> bool:
        """Whether a chunk only says who will speak."""
        choices = content.get("choices") if isinstance(content, dict) else None
        if not isinstance(choices, list):
            return isinstance(content, dict)
        return not any(_says_something(choice) for choice in choices)

    def tells(self, frame: bytes) -> bool:
        """Whether the frame is more than content."""
        return not self.state.started or _is_telling(frame)

    def note(self, event: str, data: bytes) -> None:
        """Take from a frame what it tells."""
        if data.strip() == b"[DONE]":
            self.state.finished = self.state.started
            return
        try:
            content = orjson.loads(data)
        except orjson.JSONDecodeError:
            return
        if isinstance(content, dict):
            _note(self.state, content)


def tap(asked: Asked) -> OpenAITap:
    """Make a reader of a passing stream."""
    return OpenAITap()


def tap_reply(body: JsonObject) -> TapState:
    """Read usage and the end from a whole reply."""
    state = TapState()
    _note(state, body)
    if not state.error and not body.get("choices"):
        state.error = "the upstream's reply has no choices"
    state.finished = not state.error
    return state


def _note(state: TapState, content: JsonObject) -> None:
    if content.get("error"):
        state.error = read_error(content, 502).message
        return
    state.started = True
    choices = content.get("choices")
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict):
            state.stop_reason = str(choice.get("finish_reason") or state.stop_reason)
            _note_calls(state, choice.get("delta") or choice.get("message"))
    if usage := read_usage(content.get("usage")):
        state.usage = usage


def _note_calls(state: TapState, said: Any) -> None:
    if not isinstance(said, dict):
        return
    calls = said.get("tool_calls")
    functions = [
        call.get("function")
        for call in (calls if isinstance(calls, list) else [])
        if isinstance(call, dict)
    ]
    for function in (*functions, said.get("function_call")):
        if isinstance(function, dict):
            state.calls(function.get("name"))


def _says_something(choice: Any) -> bool:
    if not isinstance(choice, dict):
        return False
    delta = choice.get("delta")
    said = delta if isinstance(delta, dict) else {}
    content = any(value for name, value in said.items() if name != "role")
    return content or bool(choice.get("finish_reason") or choice.get("text"))


def _is_telling(frame: bytes) -> bool:
    """Spelled out, as it is asked of each chunk, and a loop takes twice as long."""
    if _USAGE in frame and not (_NO_USAGE[0] in frame or _NO_USAGE[1] in frame):
        return True
    if _NAMES[0] in frame or _NAMES[1] in frame or _REASONS[0] in frame or _REASONS[1] in frame:
        return True
    return _ERROR in frame or len(frame) < _SHORT
