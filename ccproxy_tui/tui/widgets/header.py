"""The top line: where the proxy listens, what is going on, and how it goes."""

import time

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.quantities import cents, count, percent
from ccproxy_tui.tui.signs import UNICODE, Signs
from ccproxy_tui.tui.status import ProxyStatus
from ccproxy_tui.tui.widgets.cells import one_line, width_of

Part = tuple[int, list[str | tuple[str, str]]]
"""How early it gives way when there is no room (0: never), and its styled pieces."""


_LEAST_BARS = 6


class Header(Widget):
    """One line; parts give way in the order of their number, the highest first."""

    DEFAULT_CSS = """
    Header {
        dock: top; height: 1; width: 100%; padding: 0 1;
        background: $panel; color: $foreground;
    }
    """

    def __init__(self, status: ProxyStatus, figures: Figures) -> None:
        super().__init__()
        self._status = status
        self._figures = figures
        self.active_group = ""
        self.signs: Signs = UNICODE
        self._drawn: tuple[list[Part], list[int]] = ([], [])

    def look(self) -> None:
        """Draw it anew, if it says something else by now."""
        now = time.time()
        if (self._parts(now), self._figures.spark(now)) != self._drawn:
            self.refresh()

    def render(self) -> RenderResult:
        """Draw the parts that fit."""
        now = time.time()
        parts = self._parts(now)
        self._drawn = parts, self._figures.spark(now)
        gaps = 2
        while True:
            wide = sum(_width(pieces) + gaps for _rank, pieces in parts) - gaps
            droppable = [rank for rank, _pieces in parts if rank]
            if wide <= self.size.width or not droppable:
                break
            parts = [part for part in parts if part[0] != max(droppable)]
        if spark := self._spark(self.size.width - wide - gaps, now):
            parts = [*parts, spark]
        assembled: list[str | tuple[str, str]] = []
        for number, (_rank, pieces) in enumerate(parts):
            assembled += ["  " if number else "", *pieces]
        return Content.assemble(*assembled)

    def _parts(self, now: float) -> list[Part]:
        figures, signs = self._figures, self.signs
        bar = (signs.bar, "$foreground 30%")
        live = len(figures.live)
        share = figures.failed_share
        failed = f"{share:.1%}" if share is not None else signs.off
        failed_style = "$text-error bold" if share else "$text-success"
        parts: list[Part] = [
            (0, [("ccproxy ", "bold"), (signs.live, "$text-success")]),
            (4, [self._status.address]),
            (3, [bar, " active: ", (one_line(self.active_group), "bold")]),
            (0, [bar, " ", (f"{signs.injects} {live} live", "$text-warning bold" if live else "")]),
            (2, [f"{figures.per_minute(now)} req/min"]),
            (0, ["err ", (failed, failed_style if share is not None else "")]),
            (7, ["in ", count(figures.tokens_in)]),
            (8, ["cached ", percent(figures.tokens_cached, figures.tokens_in) or "0%"]),
            (7, ["out ", count(figures.tokens_out)]),
            (1, ["today ", cents(figures.spent_today.amount(now))]),
        ]
        if self._status.note:
            parts.append((2, [bar, " ", (one_line(self._status.note), "$text-accent bold")]))
        return parts

    def _spark(self, room: int, now: float) -> Part | None:
        """Return as many bars of the newest calls as fit, None when that is no picture."""
        counts = self._figures.spark(now)[-max(1, room - 2) :]
        if room < _LEAST_BARS + 2 or not any(counts):
            return None
        top = max(*counts, 4)
        steps = len(self.signs.spark) - 1
        bars = "".join(self.signs.spark[-(-number * steps // top)] for number in counts)
        return 9, [(self.signs.bar, "$foreground 30%"), " ", (bars, "$text-primary")]


def _width(pieces: list[str | tuple[str, str]]) -> int:
    return sum(width_of(piece if isinstance(piece, str) else piece[0]) for piece in pieces)
