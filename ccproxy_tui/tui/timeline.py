"""What a call spent its time on, as a bar and in words."""

from dataclasses import dataclass

from ccproxy_tui.traffic.attempt import Attempt
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.bars import cells
from ccproxy_tui.tui.progress import elapsed
from ccproxy_tui.tui.quantities import seconds

_SIGNS = {"queue": "░", "connect": "▒", "first byte": "▓", "first content": "▓", "stream": "█"}
_LEAST = 0.005
"""Seconds below which a part is not told."""
_SCALES = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a call's time."""

    name: str
    seconds: float

    @property
    def sign(self) -> str:
        """What it is drawn with."""
        return _SIGNS[self.name]


def call_spans(call: Call) -> list[Span]:
    """Return the parts of a call: what came before its last attempt, and that attempt's own."""
    if not call.attempts:
        return [Span("queue", elapsed(call))]
    last = call.attempts[-1]
    queue = [Span("queue", last.began)] if last.began >= _LEAST else []
    return [*queue, *attempt_spans(last, call)]


def attempt_spans(attempt: Attempt, call: Call) -> list[Span]:
    """Return the parts of an attempt, up to where it has come."""
    end = max(0.0, _end(attempt, call) - attempt.began)
    connected = min(attempt.connected or 0.0, end)
    first, name = attempt.first_byte, "first byte"
    if first is None and call.ttft is not None and attempt is call.attempts[-1]:
        first, name = call.ttft - attempt.began, "first content"
    first = end if first is None else max(connected, min(first, end))
    spans = [
        Span("connect", connected),
        Span(name, first - connected),
        Span("stream", end - first),
    ]
    return [span for span in spans if span.seconds >= _LEAST]


def _end(attempt: Attempt, call: Call) -> float:
    """Return when an attempt was over, in seconds after the call's start."""
    if attempt.seconds is None or (attempt is call.attempts[-1] and not call.live):
        return elapsed(call)
    return attempt.began + attempt.seconds


def scale(call: Call) -> float:
    """Return the seconds that a whole bar stands for; it grows in steps while the call runs."""
    took = elapsed(call)
    if not call.live:
        return took
    return next((step for step in _SCALES if took <= step), took)


def bar(spans: list[Span], start: float, whole: float, width: int) -> str:
    """Draw spans that begin after `start` seconds, where `width` cells are `whole` seconds."""
    took = sum(span.seconds for span in spans)
    parts = [start, *(span.seconds for span in spans), max(0.0, whole - start - took)]
    before, *drawn, _ = cells(parts, width)
    signs = (span.sign * count for span, count in zip(spans, drawn, strict=True))
    return " " * before + "".join(signs)


def legend(spans: list[Span]) -> str:
    """Say which part took how long."""
    return "  ".join(f"{span.sign} {span.name} {seconds(span.seconds)}" for span in spans)
