"""The signs that panes and header draw with, also in plain ASCII."""

from dataclasses import dataclass

from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.traffic.standing import State


@dataclass(frozen=True, slots=True)
class Signs:
    """One sign for each meaning; a colour only repeats it."""

    live: str = "●"
    degraded: str = "◐"
    down: str = "○"
    off: str = "–"
    injects: str = "▲"
    following: str = "▼"
    to: str = "→"
    bar: str = "│"
    more: str = "…"
    held: str = "‖"
    waiting: str = "◌"
    first_byte: str = "◔"
    streaming: str = "▸"
    done: str = "✓"
    failed: str = "✗"
    cancelled: str = "⊘"
    spark: str = "▁▂▃▄▅▆▇█"
    folded: str = "▸"
    unfolded: str = "▾"
    helper: str = "↳"
    marked: str = "◆"
    remark: str = "✎"
    annotated: str = "◈"
    rising: str = "↑"
    falling: str = "↓"

    def phase(self, phase: Phase) -> str:
        """Return the sign for where a call is in its life."""
        return str(getattr(self, phase.name.lower()))

    def state(self, state: State) -> str:
        """Return the sign for how a candidate stands."""
        return str(getattr(self, _OF_STATES[state]))


_OF_STATES = {
    State.READY: "live",
    State.HALF_OPEN: "degraded",
    State.COOLING: "held",
    State.OPEN: "down",
    State.BUSY: "injects",
    State.OUT: "failed",
    State.DISABLED: "off",
}


UNICODE = Signs()
ASCII = Signs(
    live="*",
    degraded="%",
    down="o",
    off="-",
    injects="^",
    following="v",
    to="->",
    bar="|",
    more="~",
    held="h",
    waiting=".",
    first_byte=":",
    streaming=">",
    done="=",
    failed="!",
    cancelled="x",
    spark="_.:-=+*#",
    folded="+",
    unfolded="-",
    helper="\\",
    marked="#",
    remark='"',
    annotated="&",
    rising="^",
    falling="v",
)


MEANINGS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Signs of groups", (("live", "the active one"), ("off", "disabled"))),
    (
        "Signs of proxies, keys and providers",
        (
            ("live", "used since the start, without failures of late"),
            (
                "degraded",
                "a provider of whose last calls some failed, or a proxy that lacks candidates",
            ),
            ("down", "a provider whose last three calls failed, or a proxy with no candidate left"),
            ("off", "disabled, expired, or a proxy with no provider that is enabled"),
        ),
    ),
    (
        "Signs of calls",
        (
            ("live", "running"),
            ("held", "it waits until a candidate is back"),
            ("waiting", "nothing has come from the provider yet"),
            ("first_byte", "it has begun to answer"),
            ("streaming", "content flows"),
            ("done", "done"),
            ("failed", "failed"),
            ("cancelled", "the client went away"),
            ("helper", "a sub-agent's call"),
            ("marked", "marked by you"),
            ("remark", "you have noted something on it"),
            ("annotated", "both"),
        ),
    ),
    (
        "Signs of candidates",
        (
            ("to", "a call would go there now"),
            ("live", "ready"),
            ("degraded", "half-open: one call may try it"),
            ("held", "cooling down"),
            ("down", "breaker open: it failed several times in a row"),
            ("injects", "busy: a limit of its API key is reached"),
            ("failed", "out: its API key was refused"),
            ("off", "disabled"),
        ),
    ),
)
"""What the signs say, place by place, for help and README."""


PLAIN = str.maketrans(
    {"·": "-", "…": "~", "→": "->", "×": "x", "█": "#", "▓": "=", "▒": ":", "░": ".", "│": "|"}
)
"""Replaces what is not ASCII in our own sentences and bars."""


def signs(*, ascii_only: bool) -> Signs:
    """Return the signs to draw with."""
    return ASCII if ascii_only else UNICODE
