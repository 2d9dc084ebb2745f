"""What a scripted upstream answers, faults included, said once for every protocol."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from ccproxy_tui.demo.compression import Encoding

JsonObject = dict[str, Any]

_TEXT_PIECE = 12
_ARGUMENT_PIECE = 24


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants run."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    """An object, or text that is sent as it is (and may be broken)."""
    id: str = ""
    """Made up in the protocol's style when empty."""

    @property
    def argument_object(self) -> JsonObject | None:
        """The arguments as an object; None when they are broken text."""
        given = self.arguments
        if not isinstance(given, str):
            return dict(given)
        try:
            found = orjson.loads(given)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    @property
    def argument_pieces(self) -> tuple[str, ...]:
        """The arguments as JSON text, cut as they are streamed."""
        given = self.arguments
        text = given if isinstance(given, str) else orjson.dumps(dict(given)).decode()
        step = _ARGUMENT_PIECE
        return tuple(text[at : at + step] for at in range(0, len(text), step))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as a vendor would bill them; the four numbers do not overlap."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0
    thinking: int = 0
    """How many of `output` were thinking."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, and what goes wrong with it.

    Event counts refer to the frames of the stream, from the very first one on.
    """

    text: str | Sequence[str] = ""
    """A sequence gives the exact pieces in which the text is streamed."""
    thinking: str | Sequence[str] = ""
    signature: str = "ZGVtby1zaWduYXR1cmU="
    """Proof of the thinking, where the protocol has one; empty sends none."""
    hidden_thinking: bool = False
    """The model thinks but shows no more of it than the signature; `thinking` is to be empty."""
    tools: Sequence[ToolCall] = ()
    stop: str = ""
    """Reason in the protocol's own word; derived from the content when empty."""
    usage: Usage | None = None
    """None estimates from the request and the reply."""
    no_usage: bool = False

    status: int = 200
    error: str = ""
    """Message of the error body (`status` not 200) or of the error event (`error_after`)."""
    error_kind: str = ""
    """The vendor's word for the error; derived from `status` when empty."""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_body: bytes | None = None
    """Sent as the whole body instead of anything derived."""
    raw_chunks: Sequence[bytes] | None = None
    """Sent as the frames of the stream instead of anything derived."""
    content_type: str = ""
    encoding: Encoding = ""
    """Compresses the body, whether the client has asked for that or not."""
    streamed: bool | None = None
    """True or False answers so whatever was asked for."""

    delay: float = 0.0
    """Seconds before the headers."""
    first_event_delay: float = 0.0
    """Seconds between the headers and the first event."""
    pace: float = 0.0
    """Seconds between two events."""

    reasoning_field: str = "reasoning_content"
    """Where an OpenAI-like upstream puts thinking."""
    bare_events: bool = False
    """Write the Responses protocol as llama.cpp does: no numbers, raw reasoning, a bare start."""
    failed_event: bool = False
    """Let `error_after` end the Responses protocol with `response.failed`, not with `error`."""
    interleave_tools: bool = False
    """Stream the arguments of parallel tool calls in turns, with all the blocks open.

    Gemini and Ollama send a call whole, so Gemini puts all calls into one chunk instead of one
    each, and Ollama does so anyway.
    """
    ping: bool = False
    """Keep-alive after the first event: an event of its own (Claude, Responses), a comment (OpenAI),
    or a chunk without content (Gemini, whose own client fails at comments, and Ollama)."""
    crlf: bool = False
    """End lines with CR and LF; Gemini always does in its event streams."""
    byte_by_byte: bool = False
    one_write: bool = False
    no_finish: bool = False
    """End cleanly after the content: no stop reason, no last event."""
    end_after: int | None = None
    """End cleanly after that many events."""
    cut_after: int | None = None
    """Drop the connection after that many events; 0 is right after the headers."""
    cut_in_character: bool = False
    """Drop the connection in the middle of the first character of more than one byte."""
    repeat: int | None = None
    """Send the event of that number, counted from 0, or the last one, over and over without end."""
    error_after: int | None = None
    """Send an error event after that many events, then end cleanly."""
    hang_after: int | None = None
    """Fall silent after that many events, until the request's `release` is set."""
    hang_before_headers: bool = False
    """Stay silent from the start, until the request's `release` is set."""
    close_before_headers: bool = False
    """Drop the connection without an answer."""
    reset: bool = False
    """Drop connections with a reset, as a crashed server does, instead of just ending them."""

    @property
    def error_message(self) -> str:
        """The error in words."""
        return self.error or "a scripted error"

    @property
    def thinks(self) -> bool:
        """Whether there is thinking, shown or not."""
        return bool(self.thinking) or self.hidden_thinking

    @property
    def text_pieces(self) -> tuple[str, ...]:
        """The text as it is streamed."""
        return pieces(self.text)

    @property
    def thinking_pieces(self) -> tuple[str, ...]:
        """The thinking as it is streamed."""
        return pieces(self.thinking)


def pieces(text: str | Sequence[str], size: int = _TEXT_PIECE) -> tuple[str, ...]:
    """Cut text into pieces of about `size` characters, as tokens come; a sequence stays."""
    if not isinstance(text, str):
        return tuple(text)
    cut: list[str] = []
    piece = ""
    for word in re.findall(r"\S+\s*|\s+", text):
        piece += word
        if len(piece) >= size:
            cut.append(piece)
            piece = ""
    return tuple([*cut, piece] if piece else cut)
