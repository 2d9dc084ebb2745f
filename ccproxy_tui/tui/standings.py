"""How candidates stand, in words: a cell of the list, what is below it, and all of it as text."""

from collections.abc import Iterator

from ccproxy_tui.traffic.standing import Outlook, Standing, State
from ccproxy_tui.tui.quantities import clock, countdown, percent
from ccproxy_tui.tui.widgets.cells import Tone

_AVAILABLE = frozenset({State.READY, State.HALF_OPEN})
_WHAT_TO_DO = {
    State.OUT: "t probes it, and an answer brings it back; r makes it ready at once.",
    State.COOLING: "r makes it ready at once.",
    State.OPEN: "t probes it, and an answer makes it ready; r does so at once.",
    State.DISABLED: "space enables it.",
}
TONES: dict[State, Tone] = {
    State.READY: "good",
    State.HALF_OPEN: "warn",
    State.COOLING: "warn",
    State.OPEN: "bad",
    State.BUSY: "warn",
    State.OUT: "bad",
    State.DISABLED: "muted",
}
"""A colour for each state, which its sign and word say too."""


def available(standing: Standing) -> bool:
    """Tell whether a candidate can be chosen."""
    return standing.state in _AVAILABLE


def state_words(standing: Standing, now: float) -> str:
    """Return a candidate's state as its cell shows it: `cooling 00:42`, `out: 401 …`."""
    if standing.until:
        return f"{standing.state} {countdown(standing.until - now)}"
    if standing.state is State.OUT and standing.reason:
        return f"{standing.state}: {standing.reason}"
    return str(standing.state)


def explanation(standing: Standing, now: float) -> Iterator[str]:
    """Say all that is known of a candidate, a sentence each."""
    state = str(standing.state)
    if standing.until:
        state += f" until {clock(standing.until)}, in {countdown(standing.until - now)}"
    reason = f": {standing.reason}" if standing.reason else ""
    yield f"{state}{reason}"
    if standing.lessons:
        yield f"learnt of its model: {', '.join(standing.lessons)}"
    if standing.state in _WHAT_TO_DO:
        yield _WHAT_TO_DO[standing.state]


def verdict(outlook: Outlook, now: float) -> str:
    """Say whom a call would go to now, or what to do when nobody can take it."""
    if outlook.chosen:
        return f"A call now goes to {outlook.chosen}"
    if not outlook.standings:
        return (
            "Nobody answers for it: its targets, or their providers, are off or have no API key. "
            "Edit the proxy (2, then e) or its providers (4)."
        )
    back = [standing.until for standing in outlook.standings if standing.until]
    if back:
        return (
            "No candidate is available now; the first one is back in "
            f"{countdown(min(back) - now)}. r makes the selected one ready at once."
        )
    return (
        "No candidate is available, and none comes back by itself: t probes the selected one, "
        "r makes it ready, space enables it."
    )


def as_text(outlook: Outlook, now: float) -> str:
    """Return all of it as text, for the clipboard."""
    lines = [f"{outlook.group}: {outlook.alias} ({outlook.strategy})"]
    for standing in outlook.standings:
        facts = [
            state_words(standing, now),
            f"share {percent(standing.share, 1)}",
            f"{standing.in_flight} in flight",
            f"{standing.succeeded} succeeded",
            f"{standing.failed} failed",
            *standing.lessons,
        ]
        lines.append(f"- {standing.name}: {', '.join(facts)}")
    return "\n".join([*lines, verdict(outlook, now), *(f"  {line}" for line in outlook.why)])
