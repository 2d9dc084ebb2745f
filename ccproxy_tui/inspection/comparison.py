"""Two calls side by side: their facts with the better one of each, and documents to be compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection.json_text import Section, sections
from ccproxy_tui.inspection.reading import ReadReply
from ccproxy_tui.protocols.hub import Block, Opaque, Text, Thinking, ToolUse
from ccproxy_tui.traffic.call import Call, Message, Phase, plain_text
from ccproxy_tui.traffic.totals import output_rate

Kind = Literal["words", "seconds", "number", "rate", "share", "dollars"]
"""What a value is, and so how it is written."""

Value = str | float | None
Better = Literal["left", "right", ""]

_ALIKE = 0.02
"""Share by which values may differ and still be no better than one another."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of both calls."""

    name: str
    kind: Kind
    left: Value
    right: Value
    better: Better = ""
    """Which of them is better, where one is and that can be told."""


def compare(left: Call, right: Call, now: float) -> list[Fact]:
    """Compare the facts of two calls; a failure is not better for being quick or cheap."""
    fair = left.phase is Phase.DONE and right.phase is Phase.DONE

    def fact(name: str, kind: Kind, ask: Callable[[Call], Value], wanted: int = 0) -> Fact:
        """`wanted` is 1 where more is better, -1 where less is."""
        one, other = ask(left), ask(right)
        better: Better = _better(one, other, wanted) if fair and wanted else ""
        return Fact(name, kind, one, other, better)

    return [
        fact("call", "words", lambda call: f"#{call.id}"),
        fact("target", "words", lambda call: call.target or "none"),
        Fact("status", "words", _status(left), _status(right), _better_end(left, right)),
        fact("ttft", "seconds", lambda call: call.ttft, -1),
        fact("duration", "seconds", lambda call: _duration(call, now), -1),
        fact("tok/s", "rate", _rate, 1),
        fact("in", "number", lambda call: call.tokens.context or None),
        fact("cached", "share", _cached, 1),
        fact("out", "number", _output),
        fact("cost", "dollars", lambda call: call.cost, -1),
        fact("stop reason", "words", lambda call: call.stop_reason),
        fact("tools called", "words", lambda call: ", ".join(call.tools)),
    ]


def _better(one: Value, other: Value, wanted: int) -> Better:
    if not isinstance(one, float | int) or not isinstance(other, float | int):
        return ""
    if abs(one - other) <= _ALIKE * max(abs(one), abs(other)):
        return ""
    return "left" if (one > other) == (wanted > 0) else "right"


def _better_end(left: Call, right: Call) -> Better:
    """Return which of them came to a good end while the other did not."""
    if left.live or right.live or (left.phase is Phase.DONE) == (right.phase is Phase.DONE):
        return ""
    return "left" if left.phase is Phase.DONE else "right"


def _status(call: Call) -> str:
    return f"{call.status} {call.phase}" if call.status else str(call.phase)


def _duration(call: Call, now: float) -> float:
    return max(0.0, now - call.started_at) if call.duration is None else call.duration


def _rate(call: Call) -> float | None:
    """Return tokens a second after the first content, of a stream that is over."""
    return output_rate(call)


def _cached(call: Call) -> float | None:
    return call.tokens.cache_read / call.tokens.context if call.tokens.context else None


def _output(call: Call) -> int | None:
    return call.tokens.output or (call.output_so_far if call.live else 0) or None


def reply_sections(reply: ReadReply) -> list[Section]:
    """Lay a reply out, a section for each block."""
    laid_out = [
        Section(f"[{number}] {_name(block)}", (f"--- {_name(block)} ---", *_lines(block)))
        for number, block in enumerate(reply.blocks)
    ]
    if reply.error:
        laid_out.append(Section("error", ("--- error ---", *_split(reply.error))))
    return laid_out


def request_sections(message: Message) -> list[Section]:
    """Lay a request's body out; one that is no JSON line by line."""
    body = message.body
    try:
        return sections(json_bytes.read(body)) if body else []
    except (ValueError, RecursionError):
        return [Section("body", tuple(_split(body.decode("utf-8", "replace"))))]


def _name(block: Block) -> str:
    match block:
        case Text():
            return "text"
        case Thinking():
            return "thinking"
        case ToolUse():
            return f"calls {block.name}"
        case Opaque():
            return block.type
    return type(block).__name__.lower()


def _lines(block: Block) -> Sequence[str]:
    match block:
        case Text() | Thinking():
            return _split(block.text)
        case ToolUse():
            return _laid_out(block.input)
        case Opaque():
            return _laid_out(block.raw)
    return ()


def _laid_out(value: object) -> list[str]:
    if isinstance(value, str):
        return _split(value)
    try:
        return [line for section in sections(value) for line in section.lines]
    except RecursionError:
        return ["(nested too deeply to be shown)"]


def _split(text: str) -> list[str]:
    return plain_text(text).split("\n")
