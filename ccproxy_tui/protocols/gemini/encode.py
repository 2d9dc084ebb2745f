"""Hub events written as a `GenerateContentResponse`, whole or as a stream of them."""

from collections.abc import Iterable
from secrets import token_hex
from typing import Any, Final

import orjson

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.base import Asked, Failure
from ccproxy_tui.protocols.collect import collect, read_arguments
from ccproxy_tui.protocols.gemini.client import form_of
from ccproxy_tui.protocols.gemini.fields import NAME
from ccproxy_tui.protocols.gemini.framing import Chunks, chunks
from ccproxy_tui.protocols.gemini.signed import DUMMY, is_foreign, seal
from ccproxy_tui.protocols.gemini.usage import write_usage
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    Block,
    BlockStart,
    BlockStop,
    Event,
    JsonObject,
    Opaque,
    ReplyError,
    ReplyStop,
    SignatureDelta,
    StopReason,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolUse,
)
from ccproxy_tui.protocols.usage import estimated_output

_REASONS: Final[dict[StopReason, str]] = {
    "end_turn": "STOP",
    "tool_use": "STOP",
    "max_tokens": "MAX_TOKENS",
    "stop_sequence": "STOP",
    "refusal": "SAFETY",
    "pause_turn": "STOP",
    "overflow": "MAX_TOKENS",
}


class GeminiEncoder:
    """Writes a stream; a call goes out whole, once its arguments are.

    The first call of a turn is never without one: a Gemini model that takes the session over
    insists on it, so a call of another vendor's has the stand-in that Google documents.
    A signature goes out with the call that follows it. One of another vendor's stays with its
    thought where that has words, the two being worth nothing without each other, or where no call
    follows; Gemini's own would then be one of a text, which none is missed of.
    """

    def __init__(self, model: str, input_estimate: int, framing: Chunks, *, thoughts: bool) -> None:
        self._framing = framing
        self._input_estimate = input_estimate
        self._thoughts = thoughts
        self._characters = 0
        self._open = BlockStart(-1, "text")
        self._pieces: list[str] = []
        self._thought = False
        self._signature = self._maker = ""
        self._waiting = ""
        """A signature for the next call."""
        self._called = False
        self._names = {"modelVersion": model, "responseId": token_hex(12)}
        names = orjson.dumps(self._names)[1:]
        self._text_tail = b'}],"role":"model"},"index":0}],' + names
        self._thought_tail = b',"thought":true' + self._text_tail
        self.content_type = framing.content_type

    def encode(self, events: Iterable[Event]) -> bytes:
        """Give the bytes for these events, to be written at once."""
        out: list[bytes] = []
        for event in events:
            kind = type(event)
            if kind is TextDelta:
                self._say(out, event.text, self._text_tail)  # type: ignore[union-attr]
            elif kind is ThinkingDelta:
                self._think(out, event.text)  # type: ignore[union-attr]
            elif kind is ArgumentsDelta:
                self._pieces.append(event.json)  # type: ignore[union-attr]
            else:
                self._take(out, event)
        return b"".join(out)

    def ping(self) -> bytes:
        """Give nothing: google-genai for Python takes a comment for JSON and raises."""
        return b""

    def _say(self, out: list[bytes], text: str, tail: bytes) -> None:
        self._characters += len(text)
        head = b'{"candidates":[{"content":{"parts":[{"text":'
        out.append(self._framing.chunk(b"%b%b%b" % (head, orjson.dumps(text), tail)))

    def _think(self, out: list[bytes], text: str) -> None:
        self._thought = True
        if self._thoughts:
            self._say(out, text, self._thought_tail)
        else:
            self._characters += len(text)

    def _take(self, out: list[bytes], event: Event) -> None:
        match event:
            case SignatureDelta(_, signature, maker):
                self._signature += signature
                self._maker = maker
            case BlockStart(kind=kind):
                if kind != "tool_use":
                    self._settle(out)
                self._open = event
                self._pieces = []
                self._thought = False
            case BlockStop():
                self._close(out)
            case ReplyStop():
                self._settle(out)
                self._stop(out, event)
            case ReplyError(status, message, kind):
                out.append(self._framing.broken(Failure(status, message, kind)))

    def _close(self, out: list[bytes]) -> None:
        block, said = self._open, "".join(self._pieces)
        if block.kind == "thinking":
            kept, self._signature = seal(self._signature, self._maker), ""
            if is_foreign(kept) and self._thought:
                if self._thoughts:
                    self._part(out, _write_signature(kept))
            else:
                self._waiting = kept
        elif block.kind == "tool_use":
            self._characters += len(said)
            call = _write_call(block.id, block.name, read_arguments(said))
            self._part(out, _signed(call, self._waiting or ("" if self._called else DUMMY)))
            self._waiting, self._called = "", True
        elif block.kind == "opaque" and block.maker == NAME and block.raw:
            self._part(out, block.raw)

    def _settle(self, out: list[bytes]) -> None:
        """Write the signature that waits, as no call follows."""
        if is_foreign(self._waiting):
            self._part(out, _write_signature(self._waiting))
        self._waiting = ""

    def _part(self, out: list[bytes], part: JsonObject) -> None:
        candidate = {"content": {"parts": [part], "role": "model"}, "index": 0}
        body = {"candidates": [candidate], **self._names}
        out.append(self._framing.chunk(json_bytes.write(body)))

    def _stop(self, out: list[bytes], event: ReplyStop) -> None:
        # a content without parts would make the SDKs' chats forget the whole turn
        parts: list[JsonObject] = [{"text": ""}]
        estimate = estimated_output(self._characters)
        usage = write_usage(event.usage, self._input_estimate, estimate)
        body = _write_response(parts, event.reason, usage, self._names)
        out.append(self._framing.chunk(json_bytes.write(body)))
        out.append(self._framing.end())


def encoder(asked: Asked, input_estimate: int = 0) -> GeminiEncoder:
    """Make a writer of a stream; `input_estimate` (tokens) stands until usage is known."""
    form = form_of(asked)
    framing = chunks(json_array=form.json_array)
    return GeminiEncoder(asked.model, input_estimate, framing, thoughts=form.thoughts)


def write_reply(events: Iterable[Event], asked: Asked, input_estimate: int = 0) -> JsonObject:
    """Write a whole reply; raises `ReplyBrokeError` unless a `ReplyStop` comes."""
    reply = collect(events)
    parts = _write_parts(reply.content, thoughts=form_of(asked).thoughts)
    usage = write_usage(reply.usage, input_estimate, _estimate(reply.content))
    names = {"modelVersion": asked.model, "responseId": token_hex(12)}
    return _write_response(parts or [{"text": ""}], reply.stop_reason, usage, names)


def _write_parts(content: list[Block], *, thoughts: bool) -> list[JsonObject]:
    parts: list[JsonObject] = []
    waiting = ""
    for block in content:
        if is_foreign(waiting) and not isinstance(block, ToolUse):
            parts.append(_write_signature(waiting))
        match block:
            case Thinking(text, signature, maker):
                waiting = seal(signature, maker)
                if text and thoughts:
                    parts.append({"text": text, "thought": True})
                    if is_foreign(waiting):
                        parts[-1] = _signed(parts[-1], waiting)
                if text and is_foreign(waiting):
                    waiting = ""
                continue
            case Text(text):
                parts.append({"text": text})
            case ToolUse(id, name, arguments):
                called = any("functionCall" in part for part in parts)
                proof = waiting or ("" if called else DUMMY)
                parts.append(_signed(_write_call(id, name, arguments), proof))
            case Opaque(raw, maker) if maker == NAME:
                parts.append(raw)
        waiting = ""
    return [*parts, _write_signature(waiting)] if is_foreign(waiting) else parts


def _write_signature(signature: str) -> JsonObject:
    return {"text": "", "thought": True, "thoughtSignature": signature}


def _write_call(id_: str, name: str, arguments: Any) -> JsonObject:
    if not isinstance(arguments, dict):
        arguments = {"malformed_arguments": arguments}
    return {"functionCall": {"id": id_, "name": name, "args": arguments}}


def _signed(part: JsonObject, signature: str) -> JsonObject:
    return {**part, "thoughtSignature": signature} if signature else part


def _write_response(
    parts: list[JsonObject], reason: StopReason, usage: JsonObject, names: dict[str, str]
) -> JsonObject:
    candidate = {
        "content": {"parts": parts, "role": "model"},
        "finishReason": _REASONS[reason],
        "index": 0,
    }
    return {"candidates": [candidate], "usageMetadata": usage, **names}


def _estimate(content: list[Block]) -> int:
    characters = 0
    for block in content:
        if isinstance(block, Text | Thinking):
            characters += len(block.text)
        elif isinstance(block, ToolUse):
            characters += len(json_bytes.write(block.input))
    return estimated_output(characters)
