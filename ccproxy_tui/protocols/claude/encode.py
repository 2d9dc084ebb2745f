"""Hub events written as a Messages reply, whole or streamed."""

from collections.abc import Iterable
from secrets import token_hex
from typing import Final

import orjson

from ccproxy_tui.protocols.base import Asked, Failure
from ccproxy_tui.protocols.claude.blocks import NAME, as_object
from ccproxy_tui.protocols.claude.errors import write_failure_event
from ccproxy_tui.protocols.claude.usage import write_usage
from ccproxy_tui.protocols.collect import collect
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
from ccproxy_tui.protocols.signatures import seal
from ccproxy_tui.protocols.usage import estimated_output

_PING: Final = b'event: ping\ndata: {"type":"ping"}\n\n'
_MESSAGE_STOP: Final = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
_UNKNOWN: Final = "[a block of another vendor was here, which this protocol has no form for]"
_REASONS: Final = {"overflow": "model_context_window_exceeded"}


class ClaudeEncoder:
    """Writes a Messages stream, in the vendor's own order of events."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, model: str, input_estimate: int) -> None:
        self._model = model
        self._input_estimate = input_estimate
        self._characters = 0
        self._delta = b""

    def encode(self, events: Iterable[Event]) -> bytes:
        """Give the bytes for these events, to be written at once."""
        out: list[bytes] = []
        for event in events:
            kind = type(event)
            if kind is TextDelta:
                self._say(out, b'"text_delta","text":', event.text)  # type: ignore[union-attr]
            elif kind is ArgumentsDelta:
                self._say(out, b'"input_json_delta","partial_json":', event.json)  # type: ignore[union-attr]
            elif kind is ThinkingDelta:
                self._say(out, b'"thinking_delta","thinking":', event.text)  # type: ignore[union-attr]
            else:
                self._frame(out, event)
        return b"".join(out)

    def ping(self) -> bytes:
        """Give what keeps a silent stream alive."""
        return _PING

    def _say(self, out: list[bytes], field: bytes, text: str) -> None:
        self._characters += len(text)
        out += (self._delta, field, orjson.dumps(text), b"}}\n\n")

    def _frame(self, out: list[bytes], event: Event) -> None:
        match event:
            case BlockStart():
                self._open(out, event)
            case BlockStop(index):
                head = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":'
                out.append(b"%b%d}\n\n" % (head, index))
            case SignatureDelta(_, signature, maker):
                data = orjson.dumps(seal(signature, maker, NAME))
                out += (self._delta, b'"signature_delta","signature":', data, b"}}\n\n")
            case ReplyStart():
                self._start(out, event)
            case ReplyStop():
                self._stop(out, event)
            case ReplyError(status, message, kind):
                out.append(write_failure_event(Failure(status, message, kind)))

    def _start(self, out: list[bytes], event: ReplyStart) -> None:
        message: JsonObject = {
            "id": message_id(event.id),
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": write_usage(event.usage, self._input_estimate, 0),
        }
        data = orjson.dumps({"type": "message_start", "message": message})
        out.append(b"event: message_start\ndata: %b\n\n" % data)

    def _open(self, out: list[bytes], event: BlockStart) -> None:
        unknown = event.kind == "opaque" and event.maker not in ("", NAME)
        block = {"type": "text", "text": ""} if unknown else _empty(event)
        data = orjson.dumps(
            {"type": "content_block_start", "index": event.index, "content_block": block}
        )
        out.append(b"event: content_block_start\ndata: %b\n\n" % data)
        self._delta = (
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,'
            b'"delta":{"type":' % event.index
        )
        if unknown:
            self._say(out, b'"text_delta","text":', _UNKNOWN)

    def _stop(self, out: list[bytes], event: ReplyStop) -> None:
        delta = {
            "stop_reason": _REASONS.get(event.reason, event.reason),
            "stop_sequence": event.stop_sequence,
        }
        usage = write_usage(event.usage, self._input_estimate, estimated_output(self._characters))
        data = orjson.dumps({"type": "message_delta", "delta": delta, "usage": usage})
        out += (b"event: message_delta\ndata: %b\n\n" % data, _MESSAGE_STOP)


def encoder(asked: Asked, input_estimate: int = 0) -> ClaudeEncoder:
    """Make a writer of a stream; `input_estimate` (tokens) stands until usage is known."""
    return ClaudeEncoder(asked.model, input_estimate)


def write_reply(events: Iterable[Event], asked: Asked, input_estimate: int = 0) -> JsonObject:
    """Write a whole reply; raises `ReplyBrokeError` unless a `ReplyStop` comes."""
    reply = collect(events)
    content = [_write_block(block) for block in reply.content]
    estimate = estimated_output(len(orjson.dumps(content)) if reply.usage.output is None else 0)
    return {
        "id": message_id(reply.id),
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": content,
        "stop_reason": _REASONS.get(reply.stop_reason, reply.stop_reason),
        "stop_sequence": reply.stop_sequence,
        "usage": write_usage(reply.usage, input_estimate, estimate),
    }


def message_id(given: str) -> str:
    """Give the upstream's id where it has the vendor's form, else a new one."""
    return given if given.startswith("msg_") and len(given) <= 64 else f"msg_{token_hex(12)}"


def _empty(event: BlockStart) -> JsonObject:
    match event.kind:
        case "text":
            return {"type": "text", "text": ""}
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "tool_use":
            return {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
    return event.raw or {"type": event.kind}


def _write_block(block: Block) -> JsonObject:
    match block:
        case Text(text):
            return {"type": "text", "text": text}
        case Thinking(text, signature, maker):
            sealed = seal(signature, maker, NAME)
            return {"type": "thinking", "thinking": text, "signature": sealed}
        case ToolUse(id, name, arguments):
            return {"type": "tool_use", "id": id, "name": name, "input": as_object(arguments)}
        case RedactedThinking(data):
            return {"type": "redacted_thinking", "data": data}
        case Opaque(raw, maker):
            return raw if maker in ("", NAME) else {"type": "text", "text": _UNKNOWN}
    raise TypeError(f"a reply cannot hold a {type(block).__name__}")
