"""Hub events written as a chat completion, whole or streamed."""

import time
from collections.abc import Iterable
from secrets import token_hex
from typing import Final

import orjson

from ccproxy_tui.protocols.base import Asked, Failure
from ccproxy_tui.protocols.collect import collect
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Event,
    JsonObject,
    ReplyError,
    ReplyStart,
    ReplyStop,
    StopReason,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolUse,
    Usage,
)
from ccproxy_tui.protocols.openai.calls import StreamedCall, write_calls
from ccproxy_tui.protocols.openai.client import Form
from ccproxy_tui.protocols.openai.errors import write_failure_event
from ccproxy_tui.protocols.usage import estimated_output

_DONE: Final = b"data: [DONE]\n\n"
_KEEP_ALIVE: Final = b": waiting for the upstream\n\n"
_REASONS: Final[dict[StopReason, str]] = {
    "end_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "stop_sequence": "stop",
    "refusal": "content_filter",
    "pause_turn": "stop",
    "overflow": "length",
}


class OpenAIEncoder:
    """Writes a stream of chat completion chunks."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, model: str, input_estimate: int, form: Form) -> None:
        self._input_estimate = input_estimate
        self._form = form
        self._characters = 0
        self._calls = 0
        self._call: StreamedCall | None = None
        head = orjson.dumps(
            {
                "id": f"chatcmpl-{token_hex(12)}",
                "object": "chat.completion.chunk",
                "created": int(time.time()),
                "model": model,
            }
        )
        self._head = b"data: %b," % head[:-1]

    def encode(self, events: Iterable[Event]) -> bytes:
        """Give the bytes for these events, to be written at once."""
        out: list[bytes] = []
        for event in events:
            match event:
                case TextDelta(_, text):
                    self._say(out, b'{"content":%b}', text)
                case ThinkingDelta(_, text):
                    self._say(out, b'{"reasoning_content":%b}', text)
                case ArgumentsDelta(_, text) if self._call is not None:
                    self._argue(out, self._call.take(text))
                case BlockStart(kind="tool_use", id=id, name=name):
                    self._open_call(out, id, name)
                case BlockStop() if self._call is not None:
                    self._argue(out, self._call.rest())
                    self._call = None
                case ReplyStart():
                    self._chunk(out, {"role": "assistant", "content": ""})
                case ReplyStop():
                    self._stop(out, event)
                case ReplyError(status, message, kind):
                    out.append(write_failure_event(Failure(status, message, kind)))
        return b"".join(out)

    def ping(self) -> bytes:
        """Give what keeps a silent stream alive: a comment."""
        return _KEEP_ALIVE

    def _open_call(self, out: list[bytes], id_: str, name: str) -> None:
        if self._form.older_calls and self._calls:
            return
        self._call = StreamedCall(self._calls, id_, name, self._form)
        self._calls += 1
        self._chunk(out, self._call.opening)

    def _argue(self, out: list[bytes], text: str) -> None:
        if text and self._call is not None:
            self._say(out, self._call.delta, text)

    def _say(self, out: list[bytes], form: bytes, text: str) -> None:
        self._characters += len(text)
        self._write(out, form % orjson.dumps(text), b"null")

    def _chunk(self, out: list[bytes], delta: JsonObject, reason: bytes = b"null") -> None:
        self._write(out, orjson.dumps(delta), reason)

    def _write(self, out: list[bytes], delta: bytes, reason: bytes) -> None:
        form = b'%b"choices":[{"index":0,"delta":%b,"finish_reason":%b}]}\n\n'
        out.append(form % (self._head, delta, reason))

    def _stop(self, out: list[bytes], event: ReplyStop) -> None:
        self._chunk(out, {}, orjson.dumps(_reason(event.reason, self._form)))
        if self._form.usage:
            estimate = estimated_output(self._characters)
            usage = orjson.dumps(write_usage(event.usage, self._input_estimate, estimate))
            out.append(b'%b"choices":[],"usage":%b}\n\n' % (self._head, usage))
        out.append(_DONE)


def encoder(asked: Asked, input_estimate: int = 0) -> OpenAIEncoder:
    """Make a writer of a stream; it holds usage when the client asked for that."""
    return OpenAIEncoder(asked.model, input_estimate, _form(asked))


def write_reply(events: Iterable[Event], asked: Asked, input_estimate: int = 0) -> JsonObject:
    """Write a whole reply; raises `ReplyBrokeError` unless a `ReplyStop` comes."""
    reply = collect(events)
    text = "".join(block.text for block in reply.content if isinstance(block, Text))
    thoughts = [block.text for block in reply.content if isinstance(block, Thinking) and block.text]
    uses = [block for block in reply.content if isinstance(block, ToolUse)]
    message: JsonObject = {"role": "assistant", "content": text or (None if uses else "")}
    thought = "\n\n".join(thoughts)
    if thought:
        message["reasoning_content"] = thought
    form = _form(asked)
    calls = write_calls(uses, form)
    message.update(calls)
    estimate = estimated_output(len(text) + len(thought) + len(orjson.dumps(calls)))
    reason = _reason(reply.stop_reason, form)
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return {
        "id": f"chatcmpl-{token_hex(12)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": [choice],
        "usage": write_usage(reply.usage, input_estimate, estimate),
    }


def write_usage(usage: Usage, input_estimate: int, output_estimate: int) -> JsonObject:
    """Write a `usage` object, in which the prompt's count includes what was cached."""
    read, written = usage.cache_read or 0, usage.cache_write or 0
    own = input_estimate if usage.input is None else usage.input
    output = output_estimate if usage.output is None else usage.output
    return {
        "prompt_tokens": own + read + written,
        "completion_tokens": output,
        "total_tokens": own + read + written + output,
        "prompt_tokens_details": {"cached_tokens": read},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
    }


def _form(asked: Asked) -> Form:
    return asked.form if isinstance(asked.form, Form) else Form()


def _reason(reason: StopReason, form: Form) -> str:
    return "function_call" if form.older_calls and reason == "tool_use" else _REASONS[reason]
