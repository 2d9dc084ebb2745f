"""The attempts of a call in words, and why they went where they went."""

from ccproxy_tui.traffic.attempt import HEALTH_OUTCOMES, Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.progress import elapsed
from ccproxy_tui.tui.quantities import seconds
from ccproxy_tui.tui.widgets.cells import Tone
from ccproxy_tui.tui.widgets.lines import Line

_INDENT = 2


def attempt_tone(attempt: Attempt) -> Tone:
    """Return the tone of how an attempt went; its words say the same."""
    if attempt.outcome is None or attempt.outcome is Outcome.CANCELLED:
        return "warn"
    if attempt.outcome is Outcome.SUCCESS:
        return "good"
    return "bad"


def attempt_facts(number: int, attempt: Attempt, call: Call) -> str:
    """Return all that is known of an attempt: whom it went to, what came of it, and when."""
    parts = [
        f"{number}. {attempt.candidate}",
        _result(attempt),
        attempt.reason,
        _times(attempt, call),
    ]
    return " · ".join(part for part in parts if part)


def attempt_sentence(number: int, attempt: Attempt, call: Call) -> str:
    """Return an attempt as one tells it: `1. groq/llama: 429 throttle after 0.30s: slow down`."""
    took = seconds(_lasted(attempt, call))
    if attempt.outcome is None:
        return f"{number}. {attempt.candidate}: running for {took}"
    reason = f": {attempt.reason}" if attempt.reason else ""
    return f"{number}. {attempt.candidate}: {_result(attempt)} after {took}{reason}"


def why(call: Call) -> list[Line]:
    """Tell why a call went where it went, a line for each reason and each attempt."""
    lines = [Line(f"#{call.id} asked for {call.requested or call.path}{_caught(call)}.", "strong")]
    lines += [Line(""), *(Line(sentence) for sentence in call.why)] if call.why else []
    if call.attempts:
        lines += [Line(""), Line("Attempts", "accent")]
        lines += [
            Line(attempt_sentence(number, attempt, call), attempt_tone(attempt), hang=_INDENT)
            for number, attempt in enumerate(call.attempts, 1)
        ]
    lines += [Line(""), _end(call)]
    return lines


def _caught(call: Call) -> str:
    return f"; alias {call.alias} of group {call.group} caught it" if call.alias else ""


def _end(call: Call) -> Line:
    if call.phase is Phase.HELD:
        return Line("No candidate is available; the call waits until one is back.", "warn")
    if call.phase is Phase.FAILED:
        return Line(f"It failed: {call.error or f'status {call.status}'}", "bad")
    if call.phase is Phase.CANCELLED:
        return Line("The client went away, or somebody stopped the call.", "warn")
    if not call.attempts:
        return Line("Nothing was sent upstream for it.", "muted")
    verb = "answers" if call.live else "answered"
    attempts = call.attempts
    if call.live and attempts[-1].outcome in HEALTH_OUTCOMES:
        return Line("Another candidate is being chosen.", "warn")
    return Line(f"{attempts[-1].candidate} {verb}.", "" if call.live else "good")


def _result(attempt: Attempt) -> str:
    if attempt.outcome is None:
        return "running"
    return f"{attempt.status} {attempt.outcome}" if attempt.status else str(attempt.outcome)


def _lasted(attempt: Attempt, call: Call) -> float:
    if attempt.seconds is None:
        return max(0.0, elapsed(call) - attempt.began)
    return attempt.seconds


def _times(attempt: Attempt, call: Call) -> str:
    began = f"began after {seconds(attempt.began)}"
    verb = "running for" if attempt.seconds is None else "took"
    return f"{began}, {verb} {seconds(_lasted(attempt, call))}"
