"""Reads usage and the end from a chat completions stream that passes by, at little cost."""

from typing import Any, Final

import orjson

from ccproxy_tui.protocols.base import TapState
from ccproxy_tui.protocols.failures import read_error
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.openai.usage import read_usage
from ccproxy_tui.protocols.sse import FrameSplitter, FrameTooLongError, read_frame

_USAGE: Final = b'"usage"'
_NO_USAGE: Final = (b'"usage":null', b'"usage": null')
_REASONS: Final = (b'"finish_reason":"', b'"finish_reason": "')
_SHORT: Final = 20
"""No chunk is as short as the mark at the end."""
_ERROR: Final = b'"error"'


class OpenAITap:
    """Looks only at the chunks that start, end or break a reply, or that hold usage."""

    def __init__(self) -> None:
        self.state = TapState()
        self._frames = FrameSplitter()
        self._blind = False

    def feed(self, data: bytes) -> None:
        """Look at more bytes of the stream, cut anywhere."""
        if self._blind:
            return
        try:
            frames = self._frames.feed(data)
        except FrameTooLongError:
            self._blind = True
            return
        for frame in frames:
            if not self.state.started or _is_telling(frame):
                self._look(frame)

    def _look(self, frame: bytes) -> None:
        event = read_frame(frame)
        if event is None:
            return
        if event[1].strip() == b"[DONE]":
            self.state.finished = True
            return
        try:
            content = orjson.loads(event[1])
        except orjson.JSONDecodeError:
            return
        if isinstance(content, dict):
            self._note(content)

    def _note(self, content: JsonObject) -> None:
        if content.get("error"):
            self.state.error = read_error(content, 502).message
            return
        self.state.started = True
        for choice in content.get("choices") or []:
            self.state.stop_reason = choice.get("finish_reason") or self.state.stop_reason
        if usage := read_usage(content.get("usage")):
            self.state.usage = usage


def tap() -> OpenAITap:
    """Make a reader of a passing stream."""
    return OpenAITap()


def tap_reply(body: JsonObject) -> TapState:
    """Read usage and the end from a whole reply."""
    if body.get("error"):
        return TapState(error=read_error(body, 502).message)
    choices: Any = body.get("choices")
    reason = choices[0].get("finish_reason") if choices else ""
    state = TapState(stop_reason=str(reason or ""), started=True, finished=True)
    state.usage = read_usage(body.get("usage")) or state.usage
    return state


def _is_telling(frame: bytes) -> bool:
    if _USAGE in frame and not any(mark in frame for mark in _NO_USAGE):
        return True
    return any(mark in frame for mark in _REASONS) or _ERROR in frame or len(frame) < _SHORT
