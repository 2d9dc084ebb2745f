"""Hub events written as a response, whole or streamed."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.base import Asked, Failure
from ccproxy_tui.protocols.collect import collect
from ccproxy_tui.protocols.free_text import unpacked
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    Block,
    BlockStart,
    BlockStop,
    Event,
    JsonObject,
    Opaque,
    RedactedThinking,
    ReplyError,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolUse,
)
from ccproxy_tui.protocols.responses import reasoning
from ccproxy_tui.protocols.responses.envelope import (
    Envelope,
    call_item,
    message_item,
    new_id,
    reasoning_item,
)
from ccproxy_tui.protocols.responses.errors import stream_error
from ccproxy_tui.protocols.responses.items import Item, open_item
from ccproxy_tui.protocols.responses.usage import write_usage
from ccproxy_tui.protocols.sse import frame
from ccproxy_tui.protocols.usage import estimated_output

_KEEP_ALIVE: Final = b": waiting for the upstream\n\n"


class ResponsesEncoder:
    """Writes a stream of numbered response events."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, asked: Asked, input_estimate: int = 0) -> None:
        self._envelope = Envelope(asked)
        self._input_estimate = input_estimate
        self._characters = 0
        self._number = 0
        self._begun = False
        self._done: list[JsonObject] = []
        self._item: Item | None = None
        self._pieces: list[str] = []

    def encode(self, events: Iterable[Event]) -> bytes:
        """Give the bytes for these events, to be written at once."""
        out: list[bytes] = []
        for event in events:
            match event:
                case TextDelta(_, text) | ThinkingDelta(_, text) | ArgumentsDelta(_, text):
                    self._say(out, text)
                case SignatureDelta(_, signature, maker):
                    if self._item is not None:
                        self._item.sign(signature, maker)
                case BlockStart():
                    self._item = open_item(event, len(self._done), self._envelope.form)
                    if self._item is not None:
                        self._write(out, self._item.opening())
                case BlockStop():
                    self._close(out)
                case ReplyStart():
                    self._begin(out)
                case ReplyStop(reason, usage):
                    output = estimated_output(self._characters)
                    said = write_usage(usage, self._input_estimate, output)
                    response = self._envelope.write_stop(reason, self._done, said)
                    self._event(out, f"response.{response['status']}", response=response)
                case ReplyError(status, message, kind):
                    self._begin(out)
                    error = stream_error(Failure(status, message, kind))
                    response = self._envelope.write("failed", self._done, error=error)
                    self._event(out, "response.failed", response=response)
        return b"".join(out)

    def ping(self) -> bytes:
        """Give what keeps a silent stream alive: a comment."""
        return _KEEP_ALIVE

    def _begin(self, out: list[bytes]) -> None:
        if not self._begun:
            self._begun = True
            response = self._envelope.write("in_progress")
            self._event(out, "response.created", response=response)
            self._event(out, "response.in_progress", response=response)

    def _say(self, out: list[bytes], text: str) -> None:
        item = self._item
        if item is None:
            return
        self._characters += len(text)
        if not self._pieces:
            self._write(out, item.beginning())
        self._pieces.append(text)
        if item.delta:
            out.append(item.delta % (self._number, orjson.dumps(text)))
            self._number += 1

    def _close(self, out: list[bytes]) -> None:
        if self._item is not None:
            item, self._item = self._item, None
            closing, done = item.closing("".join(self._pieces))
            self._write(out, closing)
            self._done.append(done)
        self._pieces.clear()

    def _write(self, out: list[bytes], events: Iterable[tuple[str, JsonObject]]) -> None:
        for kind, fields in events:
            self._event(out, kind, **fields)

    def _event(self, out: list[bytes], kind: str, **fields: Any) -> None:
        content = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        out.append(frame(kind, json_bytes.write(content)))


def encoder(asked: Asked, input_estimate: int = 0) -> ResponsesEncoder:
    """Make a writer of a stream; `input_estimate` (tokens) stands until usage is known."""
    return ResponsesEncoder(asked, input_estimate)


def write_reply(events: Iterable[Event], asked: Asked, input_estimate: int = 0) -> JsonObject:
    """Write a whole reply; raises `ReplyBrokeError` unless a `ReplyStop` comes."""
    reply = collect(events)
    envelope = Envelope(asked)
    output = [item for block in reply.content for item in _items(block, envelope)]
    estimate = estimated_output(sum(_characters(block) for block in reply.content))
    usage = write_usage(reply.usage, input_estimate, estimate)
    return envelope.write_stop(reply.stop_reason, output, usage)


def _items(block: Block, envelope: Envelope) -> Iterator[JsonObject]:
    match block:
        case Text(text):
            yield message_item(new_id("msg"), text)
        case Thinking(text, signature, maker):
            yield reasoning_item(
                new_id(reasoning.OWN_ID), text, reasoning.kept_signature(signature, maker)
            )
        case RedactedThinking(data, maker):
            yield reasoning_item(new_id(reasoning.OWN_ID), "", reasoning.kept_redacted(data, maker))
        case ToolUse(id, name, arguments):
            tool = envelope.form.tool(name)
            said = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
            said = unpacked(said) if tool.free_text else said
            kind = "ctc" if tool.free_text else "fc"
            yield call_item(new_id(kind), id, tool, said, "completed")
        case Opaque(raw, maker) if maker == reasoning.NAME:
            yield raw


def _characters(block: Block) -> int:
    match block:
        case Text(text) | Thinking(text):
            return len(text)
        case ToolUse(_, _, arguments):
            return len(orjson.dumps(arguments))
    return 0
