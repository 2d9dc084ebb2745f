"""From the gateway's feed to the picture: taken at most ten times a second, on the app's thread."""

from collections.abc import Sequence
from dataclasses import dataclass

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.feed import Listener
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.figures import Figures

INTERVAL = 0.1
"""Seconds between two drains."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a drain brought."""

    calls: list[Call]
    moved: bool
    """Whether rows came, went or changed places, rather than only their content."""


class Drain:
    """Keeps log and figures up to date."""

    def __init__(self, listener: Listener, log: CallLog, figures: Figures) -> None:
        self._listener = listener
        self._log = log
        self._figures = figures

    def remember(self, calls: Sequence[Call]) -> bool:
        """Put calls of earlier runs before those in the log; tells whether it has room for more."""
        self._log.remember(calls)
        for call in calls:
            self._figures.remember(call)
        return not self._log.full

    def step(self) -> Changes | None:
        """Take what has changed since the last time; None when nothing has."""
        calls = self._listener.drain()
        if not calls:
            return None
        for call in calls:
            self._figures.take(call, new=self._log.get(call.id) is None)
        return Changes(calls, self._log.take(calls))
