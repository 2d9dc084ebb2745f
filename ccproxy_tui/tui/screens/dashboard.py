"""What the calls of today, a day, a week or a month add up to, live."""

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import Worker

from ccproxy_tui.traffic.totals import Slot
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.filters.terms import written
from ccproxy_tui.tui.plot import draw_bars
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.usage import DIMENSIONS, MEASURES, PERIODS, Used, bars, by, total
from ccproxy_tui.tui.usage_text import UsageRows, as_text, summary
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.source import FixedSource
from ccproxy_tui.tui.widgets.tab_line import TabLine

_LEAST_WAIT = 1.0
_SHARE = 20
"""So many times as long as looking took, it is waited before looking again."""
_LEAST_PLOT = 5
"""Rows below which bars say nothing."""
_MEASURES = tuple(MEASURES)
_DIMENSIONS = tuple(DIMENSIONS)
_LOOKING = "Adding up…"
_NOTHING = "No call in this time. ] shows a longer one."


class Dashboard(ModalScreen[str]):
    """Figures, bars, and who has used how much; gives a filter for the log, or nothing."""

    CSS_PATH = "dashboard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dashboard")]

    def __init__(self, records: Records) -> None:
        super().__init__()
        self._records = records
        self._slots: Sequence[Slot] = ()
        self._period = 0
        self._measure = 0
        self._frame = Vertical(classes="dashboard")
        self.periods = TabLine([period.title for period in PERIODS])
        self._summary = Static(classes="dashboard--summary", markup=False)
        self._plot = Static(classes="dashboard--plot", markup=False)
        self.dimensions = TabLine([f"by {name}" for name in DIMENSIONS])
        self.rows = UsageRows()

    def compose(self) -> ComposeResult:
        """Lay it out."""
        self._frame.border_title = "Dashboard"
        with self._frame:
            yield self.periods
            yield self._summary
            yield self._plot
            yield self.dimensions
            yield self.rows
            yield KeyFooter()

    def on_mount(self) -> None:
        """Look, and again while this is open."""
        self.rows.focus()
        self.rows.empty = _LOOKING
        self._look()

    def on_resize(self, event: Resize) -> None:
        """Draw the bars in the room that there is."""
        del event
        self.call_after_refresh(self._draw_bars)

    # --- what is shown -----------------------------------------------------------------------

    @work(exclusive=True, group="usage", exit_on_error=False)
    async def _look(self) -> None:
        """Ask what there is, in a rhythm that costs little whatever there is."""
        began = time.monotonic()
        period = PERIODS[self._period]
        slots = await self._records.slots(period.since(time.time()))
        if slots != self._slots or self.rows.empty == _LOOKING:
            self._slots = slots
            self._draw()
        took = time.monotonic() - began
        self.set_timer(max(_LEAST_WAIT, _SHARE * took), self._look)

    def _draw(self) -> None:
        self._summary.update(self._shown(summary(total(self._slots))))
        used: list[Used] = by(_DIMENSIONS[self.dimensions.current], self._slots)
        self.rows.empty = _NOTHING
        self.rows.make_room_for(used, anew=True)
        self.rows.show(FixedSource(used, lambda one: one.name))
        self._draw_bars()
        self.refresh_bindings()

    def _draw_bars(self) -> None:
        width, height = self._plot.size
        self._frame.border_subtitle = f"bars: {_MEASURES[self._measure]}"
        if height < _LEAST_PLOT or not self._slots:
            self._plot.update("")
            return
        measure = MEASURES[_MEASURES[self._measure]]
        drawn = bars(PERIODS[self._period], self._slots, time.time())
        values = [measure(totals) for _label, totals in drawn]
        labels = [label for label, _totals in drawn]
        if not any(values):
            self._plot.update(
                Content(f"No {_MEASURES[self._measure]} to draw. p draws something else.")
            )
            return
        ascii_only = self.app.has_class("-ascii")
        lines = draw_bars(labels, values, width, height, ascii_only=ascii_only)
        self._plot.update(Content("\n".join(lines)))

    def _shown(self, text: str) -> str:
        return text.translate(PLAIN) if self.app.has_class("-ascii") else text

    def on_tab_line_changed(self, event: TabLine.Changed) -> None:
        """Show another time, or sum up by something else."""
        event.stop()
        if self.periods.current != self._period:
            self._period = self.periods.current
            self._slots = ()
            self.rows.empty = _LOOKING
            self._look()
        else:
            self._draw()

    # --- what the user does ------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done with a row only where there is one."""
        if action in {"dashboard_open", "dashboard_copy"} and self.rows.item is None:
            return False
        return super().check_action(action, parameters)

    def action_dashboard_later(self) -> None:
        """Show a longer time."""
        self.periods.move(1)

    def action_dashboard_earlier(self) -> None:
        """Show a shorter time."""
        self.periods.move(-1)

    def action_dashboard_by(self) -> None:
        """Sum up by something else."""
        self.dimensions.move(1)

    def action_dashboard_by_before(self) -> None:
        """Sum up by what came before."""
        self.dimensions.move(-1)

    def action_dashboard_bars(self) -> None:
        """Draw something else in bars."""
        self._measure = (self._measure + 1) % len(_MEASURES)
        self._draw_bars()

    def action_dashboard_open(self) -> None:
        """Show the calls of the selected row in the log."""
        used = self.rows.item
        if used is None:
            return
        dimension = _DIMENSIONS[self.dimensions.current]
        group, _, alias = used.name.partition(": ")
        if dimension == "alias" and alias:
            self.dismiss(f"group:={written(group)} alias:={written(alias)}")
        else:
            self.dismiss(f"{dimension}:={written(used.name)}")

    @work(group="copy", exit_on_error=False)
    async def action_dashboard_copy(self) -> None:
        """Copy what is shown, as text."""
        used = by(_DIMENSIONS[self.dimensions.current], self._slots)
        text = as_text(PERIODS[self._period].title, total(self._slots), used)
        self.app.notify(f"the figures: {await copy(self.app, text)}", markup=False)

    def action_dashboard_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)
