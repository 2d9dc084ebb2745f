"""Hub events written as an Ollama reply, whole or streamed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from time import perf_counter_ns
from typing import Final

import orjson

from ccproxy_tui.protocols import ndjson
from ccproxy_tui.protocols.base import Asked, Failure, Operation
from ccproxy_tui.protocols.collect import collect, read_arguments
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Event,
    JsonObject,
    ReplyError,
    ReplyStop,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolUse,
    Usage,
)
from ccproxy_tui.protocols.ollama.errors import write_failure_line
from ccproxy_tui.protocols.ollama.usage import prompt_tokens
from ccproxy_tui.protocols.usage import estimated_output

_REASONS: Final = {"max_tokens": "length", "overflow": "length"}
_GOES_ON: Final = b',"done":false}\n'


class OllamaEncoder:
    """Writes a line of JSON for each piece; a tool call is written when it is whole."""

    content_type = ndjson.CONTENT_TYPE

    def __init__(self, asked: Asked, input_estimate: int) -> None:
        self._bare = asked.operation is Operation.COMPLETE
        self._input_estimate = input_estimate
        self._characters = 0
        self._began = perf_counter_ns()
        self._first = 0
        """When the first content came."""
        self._call: BlockStart | None = None
        self._arguments: list[str] = []
        self._calls = 0
        self._fields = {"model": asked.model, "created_at": _now()}
        head = orjson.dumps(self._fields)[:-1]
        if self._bare:
            self._text = (head + b',"response":', _GOES_ON)
            self._thinking = (head + b',"response":"","thinking":', _GOES_ON)
        else:
            message = head + b',"message":{"role":"assistant","content":'
            self._text = (message, b"}" + _GOES_ON)
            self._thinking = (message + b'"","thinking":', b"}" + _GOES_ON)

    def encode(self, events: Iterable[Event]) -> bytes:
        """Give the bytes for these events, to be written at once."""
        out: list[bytes] = []
        for event in events:
            match event:
                case TextDelta(_, text):
                    self._say(out, self._text, text)
                case ThinkingDelta(_, text):
                    self._say(out, self._thinking, text)
                case ArgumentsDelta(_, text) if self._call:
                    self._arguments.append(text)
                case BlockStart(kind="tool_use"):
                    self._call = event
                case BlockStop() if self._call:
                    self._write_call(out, self._call)
                case ReplyStop():
                    self._stop(out, event)
                case ReplyError(status, message, kind):
                    out.append(write_failure_line(Failure(status, message, kind)))
        return b"".join(out)

    def ping(self) -> bytes:
        """Give what keeps a silent stream alive: a line that says nothing."""
        before, after = self._text
        return b'%b""%b' % (before, after)

    def _say(self, out: list[bytes], form: tuple[bytes, bytes], text: str) -> None:
        self._note_content(len(text))
        out += (form[0], orjson.dumps(text), form[1])

    def _note_content(self, characters: int) -> None:
        self._first = self._first or perf_counter_ns()
        self._characters += characters

    def _write_call(self, out: list[bytes], call: BlockStart) -> None:
        said = "".join(self._arguments)
        self._call = None
        self._arguments.clear()
        self._note_content(len(said))
        written = write_call(ToolUse(call.id, call.name, read_arguments(said)), self._calls)
        self._calls += 1
        self._line(out, said_fields("", "", [written], bare=self._bare), {"done": False})

    def _stop(self, out: list[bytes], event: ReplyStop) -> None:
        now = perf_counter_ns()
        first = self._first or now
        durations = (now - self._began, first - self._began, now - first)
        output = estimated_output(self._characters)
        end = write_end(event.reason, event.usage, (self._input_estimate, output), durations)
        self._line(out, said_fields("", "", [], bare=self._bare), end)

    def _line(self, out: list[bytes], said: JsonObject, rest: JsonObject) -> None:
        out.append(orjson.dumps({**self._fields, **said, **rest}) + b"\n")


def encoder(asked: Asked, input_estimate: int = 0) -> OllamaEncoder:
    """Make a writer of a stream; `input_estimate` (tokens) stands until usage is known."""
    return OllamaEncoder(asked, input_estimate)


def write_reply(events: Iterable[Event], asked: Asked, input_estimate: int = 0) -> JsonObject:
    """Write a whole reply; raises `ReplyBrokeError` unless a `ReplyStop` comes."""
    reply = collect(events)
    text = "".join(block.text for block in reply.content if isinstance(block, Text))
    thoughts = [block.text for block in reply.content if isinstance(block, Thinking) and block.text]
    thought = "\n\n".join(thoughts)
    uses = [block for block in reply.content if isinstance(block, ToolUse)]
    calls = [write_call(use, index) for index, use in enumerate(uses)]
    output = estimated_output(len(text) + len(thought) + sum(len(orjson.dumps(c)) for c in calls))
    return {
        "model": asked.model,
        "created_at": _now(),
        **said_fields(text, thought, calls, bare=asked.operation is Operation.COMPLETE),
        **write_end(reply.stop_reason, reply.usage, (input_estimate, output), (0, 0, 0)),
    }


def write_call(use: ToolUse, index: int) -> JsonObject:
    """Write a tool call, whose arguments are always an object."""
    fine = isinstance(use.input, dict)
    arguments = use.input if fine else {"malformed_arguments": use.input}
    return {"id": use.id, "function": {"index": index, "name": use.name, "arguments": arguments}}


def said_fields(text: str, thought: str, calls: list[JsonObject], *, bare: bool) -> JsonObject:
    """Write what the model says: in a message, or bare for a generate request."""
    said: JsonObject = {"response": text} if bare else {"role": "assistant", "content": text}
    if thought:
        said["thinking"] = thought
    if calls:
        said["tool_calls"] = calls
    return said if bare else {"message": said}


def write_end(
    reason: str, usage: Usage, estimates: tuple[int, int], durations: tuple[int, int, int]
) -> JsonObject:
    """Write the fields of a last line.

    `estimates` are the tokens of prompt and answer, which stand where usage is not known.
    `durations` are those of the whole, of the wait for the first content, and of the content, in
    nanoseconds; 0 is not known.
    """
    total, prompt, output = durations
    return {
        "done": True,
        "done_reason": _REASONS.get(reason, "stop"),
        "total_duration": total,
        "load_duration": 0,
        "prompt_eval_count": prompt_tokens(usage, estimates[0]),
        "prompt_eval_duration": prompt,
        "eval_count": estimates[1] if usage.output is None else usage.output,
        "eval_duration": output,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
