"""Pane 5: the calls, live."""

import time
from collections.abc import Hashable
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.call_filter import parse
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.drain import Changes
from ccproxy_tui.tui.panes.list_pane import ListPane
from ccproxy_tui.tui.quantities import clock, count, percent, seconds
from ccproxy_tui.tui.widgets.cells import Cell, Tone, cut, width_of
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.rows import Rows

_EMPTY = """
No calls yet. Point a client here, such as Claude Code (W shows how),
and each call appears the moment it starts."""
_NO_MATCH = "\nNo call matches the filter. esc shows all again."
_PHASE_TONES: dict[Phase, Tone] = {
    Phase.WAITING: "warn",
    Phase.FIRST_BYTE: "accent",
    Phase.STREAMING: "accent",
    Phase.DONE: "muted",
    Phase.FAILED: "bad",
    Phase.CANCELLED: "warn",
}


class LogPane(ListPane[Call]):
    """The newest calls, each from its start to its end."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log")]
    number = 5
    title = "Log"

    class Asked(Message):
        """The user wants to see or copy a call."""

        def __init__(self, call: Call, verb: str) -> None:
            self.call = call
            self.verb = verb
            super().__init__()

    class Selected(Message):
        """The user moved to another call."""

        def __init__(self, call: Call) -> None:
            self.call = call
            super().__init__()

    def __init__(self, log: CallLog) -> None:
        columns = (
            Column("time", self._time, 8, priority=1),
            Column("st", self._status, 3),
            Column("phase", self._phase, 12, priority=2),
            Column("key", self._key, 10, grow=1, least=8, most=16, priority=4),
            Column("group", self._group, 8, grow=1, most=16, priority=6),
            Column("route", self._target, 36, grow=8, least=26, sized=self._target_in),
            Column("in", self._tokens_in, 5, align="right", priority=5),
            Column("cache", self._cached, 5, align="right", priority=7),
            Column("out", self._tokens_out, 5, align="right", priority=3),
            Column("ttft", self._ttft, 5, align="right", priority=8),
            Column("dur", self._duration, 5, align="right", priority=2),
            Column("session", self._session, 8, priority=9),
        )
        rows = Rows(columns, empty=_EMPTY, can_follow=True, version=_version)
        super().__init__(rows, id="log")
        self._log = log
        self._seen = 0
        rows.set_reactive(Rows.following, True)

    def on_mount(self) -> None:
        """Show what is there."""
        self.rows.show(self._log)
        self.describe()

    # --- what comes in -----------------------------------------------------------------------

    def take(self, changes: Changes) -> None:
        """Paint what a drain brought."""
        if changes.moved:
            self.rows.rows_added()
            self.describe()
        if not (changes.moved and self.rows.following):
            self.rows.rows_changed(changes.calls)

    def show_remembered(self) -> None:
        """Show the calls of earlier runs, which are no news."""
        self._seen = self._log.come
        self.rows.show(self._log)
        self.describe()

    def tick(self) -> None:
        """Let the clocks of running calls go on, and the scrollbar catch up."""
        self.rows.rows_changed(call for call in self.rows.seen if call.live)
        if self.rows.following:
            self.rows.sync()

    def describe(self) -> None:
        """Write into the frame what is shown of how much."""
        parts = []
        new = self._log.come - self._seen
        if self.rows.following:
            parts.append(f"{self.signs.following} following")
        elif new:
            parts.append(f"paused · {count(new)} new, f follows")
        else:
            parts.append("paused, f follows")
        shown = f"{len(self._log):,}"
        parts.append(
            f"{shown} of {self._log.total:,}"
            if self.filter_text
            else shown + (" call" if len(self._log) == 1 else " calls")
        )
        if self._log.forgotten:
            parts.append(f"{count(self._log.forgotten)} older ones dropped")
        if self.filter_text:
            parts.append(f"/{self.filter_text}")
        self.set_subtitle(" · ".join(parts))

    def apply_filter(self, text: str) -> None:
        """Show only calls that pass."""
        matches = parse(text)
        self._log.keep(matches)
        self.rows.empty = _NO_MATCH if matches else _EMPTY
        self.rows.show(self._log)
        self.describe()

    # --- what the user does ------------------------------------------------------------------

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        """Tell that another call is selected."""
        event.stop()
        if (call := self.rows.item) is not None:
            self.post_message(self.Selected(call))

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show a double-clicked call."""
        event.stop()
        self.action_log_open()

    def on_rows_follow_changed(self, event: Rows.FollowChanged) -> None:
        """Say so in the frame."""
        event.stop()
        self._seen = self._log.come
        self.describe()

    def _ask(self, verb: str) -> None:
        if (call := self.rows.item) is not None:
            self.post_message(self.Asked(call, verb))

    def action_log_open(self) -> None:
        """Show the selected call."""
        self._ask("open")

    def action_log_copy(self) -> None:
        """Copy the selected call's facts."""
        self._ask("copy")

    def action_log_follow(self) -> None:
        """Follow, or stay."""
        self.rows.follow(not self.rows.following)

    def action_log_errors(self) -> None:
        """Show failures only, or all again."""
        self.put_filter("" if self.filter_text == "is:error" else "is:error")

    def action_log_similar(self) -> None:
        """Show only calls like the selected one."""
        call = self.rows.item
        if call is None:
            return
        terms = [f"{name}:{value}" for name, value in (("group", call.group), ("key", call.key))
                 if value and " " not in value]  # fmt: skip
        self.put_filter(" ".join(terms))

    def action_log_recall(self) -> None:
        """Drop the filter, or bring it back."""
        self.recall_filter()

    # --- cells -------------------------------------------------------------------------------

    def _time(self, call: Call) -> Cell:
        return clock(call.started_at)

    def _status(self, call: Call) -> Cell:
        if call.live:
            return self.signs.live, "warn" if call.phase is Phase.WAITING else "accent"
        if not call.status:
            return self.signs.off, "muted"
        if call.status >= 500 or call.phase is Phase.FAILED:
            return str(call.status), "bad"
        return str(call.status), "warn" if call.status >= 400 else "good"

    def _phase(self, call: Call) -> Cell:
        sign = self.signs.phase(call.phase)
        rate = tokens_per_second(call) if call.phase is Phase.STREAMING else 0
        words = f"{count(rate)} tok/s" if rate >= 1 else str(call.phase)
        return f"{sign} {words}", _PHASE_TONES[call.phase]

    def _key(self, call: Call) -> Cell:
        return call.key or self.signs.off

    def _group(self, call: Call) -> Cell:
        return call.group, "muted"

    def _target(self, call: Call) -> Cell:
        asked = call.alias or call.requested or call.path
        return f"{asked} {self.signs.to} {call.target}" if call.target else asked

    def _target_in(self, call: Call, width: int) -> Cell:
        """Show the target in full, and as much of the alias as fits."""
        asked = call.alias or call.requested or call.path
        room = width - width_of(f" {self.signs.to} {call.target}")
        if not call.target or room >= width_of(asked):
            return self._target(call)
        return (
            f"{cut(asked, room, mark=self.signs.more)} {self.signs.to} {call.target}"
            if room >= 6
            else call.target
        )

    def _tokens_in(self, call: Call) -> Cell:
        return count(call.tokens.context) if call.tokens.context else ""

    def _cached(self, call: Call) -> Cell:
        return percent(call.tokens.cache_read, call.tokens.context), "muted"

    def _tokens_out(self, call: Call) -> Cell:
        tokens = call.tokens.output or call.output_so_far
        return count(tokens) if tokens else ""

    def _ttft(self, call: Call) -> Cell:
        return seconds(call.ttft), "muted"

    def _duration(self, call: Call) -> Cell:
        return (seconds(elapsed(call)), "warn") if call.live else seconds(call.duration)

    def _session(self, call: Call) -> Cell:
        return call.session[:8], "muted"


def elapsed(call: Call) -> float:
    """Return how long a call took, or takes so far."""
    return max(0.0, time.time() - call.started_at) if call.duration is None else call.duration


def tokens_per_second(call: Call) -> float:
    """Return the rate of output since its first token."""
    tokens = call.tokens.output or call.output_so_far
    running = elapsed(call) - (call.ttft or 0.0)
    return tokens / running if running > 0.2 else 0.0


def _version(call: Call) -> Hashable | None:
    """Tell apart the looks of a call; those of a running one change by themselves."""
    if call.live:
        return None
    return call.phase, call.status, call.duration, call.tokens.output
