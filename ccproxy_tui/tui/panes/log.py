"""Pane 5: the calls, live."""

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
from ccproxy_tui.tui.progress import elapsed, only_counts, output_tokens, tokens_per_second
from ccproxy_tui.tui.quantities import clock, count, percent, seconds
from ccproxy_tui.tui.widgets.cells import Cell, Tone, cut, one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.rows import Rows

_EMPTY = (
    "\nNo calls yet. Point a client here, such as Claude Code (W shows how), "
    "and each call appears the moment it starts."
)
_NO_MATCH = "\nNo call matches the filter. esc shows all again."
_WIDEST_ROUTE = 48
"""Cells up to which other columns make way for alias and target."""
_LEAST_ALIAS = 6
"""Cells below which a cut alias says nothing."""
_ON_A_CALL = frozenset({"log_open", "log_why", "log_copy", "log_preview", "log_similar"})
_PHASE_TONES: dict[Phase, Tone] = {
    Phase.HELD: "warn",
    Phase.WAITING: "warn",
    Phase.FIRST_BYTE: "accent",
    Phase.STREAMING: "accent",
    Phase.DONE: "muted",
    Phase.FAILED: "bad",
    Phase.CANCELLED: "warn",
}


_PATIENT = frozenset({Phase.HELD, Phase.WAITING})


class LogPane(ListPane[Call]):
    """The newest calls, each from its start to its end."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log")]
    number = 5
    title = "Log"

    class Asked(Message):
        """The user wants to see, copy or understand a call."""

        def __init__(self, call: Call, verb: str) -> None:
            self.call = call
            self.verb = verb
            super().__init__()

    class PreviewAsked(Message):
        """The user wants to know what a call would become now."""

        def __init__(self, call: Call) -> None:
            self.call = call
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
            Column("", self._sign, 1, priority=1),
            Column("phase", self._phase, 10, priority=7),
            Column("key", self._key, 3, most=16, priority=3, content=_key_width),
            Column("group", self._group, 5, most=16, priority=4, content=_group_width),
            Column("route", self._target, 24, grow=1, least=24, sized=self._target_in,
                   content=self._target_width),
            Column("try", self._tries, 3, align="right", priority=8),
            Column("in", self._tokens_in, 4, align="right", priority=2),
            Column("cache", self._cached, 5, align="right", priority=6),
            Column("out", self._tokens_out, 4, align="right", priority=2),
            Column("ttft", self._ttft, 5, align="right", priority=8),
            Column("dur", self._duration, 5, align="right", priority=2),
            Column("session", self._session, 8, priority=9),
        )  # fmt: skip
        rows = Rows(columns, empty=_EMPTY, can_follow=True, version=_version)
        super().__init__(rows, id="log")
        self._log = log
        self._seen = 0
        self._empty = True
        rows.set_reactive(Rows.following, True)

    def on_mount(self) -> None:
        """Show what is there."""
        self.rows.show(self._log)
        self.describe()

    # --- what comes in -----------------------------------------------------------------------

    def take(self, changes: Changes) -> None:
        """Paint what a drain brought."""
        self.rows.make_room_for(changes.calls)
        if changes.moved:
            self.rows.rows_added()
            self.describe()
        if not (changes.moved and self.rows.following):
            self.rows.rows_changed(changes.calls)

    def show_remembered(self) -> None:
        """Show the calls of earlier runs, which are no news."""
        self._seen = self._log.come
        self.rows.make_room_for(self._log[index] for index in range(len(self._log)))
        self.rows.show(self._log)
        self.describe()

    def tick(self) -> None:
        """Let the clocks of running calls go on, and the scrollbar catch up."""
        self.rows.rows_changed(call for call in self.rows.seen if call.live)
        if self.rows.following:
            self.rows.sync()

    def describe(self) -> None:
        """Write into the frame what is shown of how much."""
        if self._empty != (self.rows.item is None):
            self._empty = not self._empty
            self.refresh_bindings()
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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done with a call only where there is one."""
        if action in _ON_A_CALL and self.rows.item is None:
            return False
        return super().check_action(action, parameters)

    def _ask(self, verb: str) -> None:
        if (call := self.rows.item) is not None:
            self.post_message(self.Asked(call, verb))

    def action_log_open(self) -> None:
        """Show the selected call."""
        self._ask("open")

    def action_log_why(self) -> None:
        """Tell why the selected call went where it went."""
        self._ask("why")

    def action_log_copy(self) -> None:
        """Copy the selected call's facts."""
        self._ask("copy")

    def action_log_preview(self) -> None:
        """Show what the selected call would become now."""
        if (call := self.rows.item) is not None:
            self.post_message(self.PreviewAsked(call))

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
            return self.signs.live, "warn" if call.phase in _PATIENT else "accent"
        if not call.status:
            return self.signs.off, "muted"
        if call.status >= 500 or call.phase is Phase.FAILED:
            return str(call.status), "bad"
        return str(call.status), "warn" if call.status >= 400 else "good"

    def _sign(self, call: Call) -> Cell:
        return self.signs.phase(call.phase), _PHASE_TONES[call.phase]

    def _phase(self, call: Call) -> Cell:
        if call.phase is Phase.DONE and only_counts(call):
            return "count", "muted"
        rate = tokens_per_second(call) if call.phase is Phase.STREAMING else 0
        words = f"{count(rate)} tok/s" if rate >= 1 else str(call.phase)
        return words, _PHASE_TONES[call.phase]

    def _key(self, call: Call) -> Cell:
        return call.key or self.signs.off

    def _group(self, call: Call) -> Cell:
        return call.group, "muted"

    def _target(self, call: Call) -> Cell:
        return self._target_in(call, _WIDEST_ROUTE)

    def _target_in(self, call: Call, width: int) -> Cell:
        """Show the target in full, and as much of the alias as fits."""
        tone: Tone = "muted" if only_counts(call) else ""
        asked = one_line(call.alias or call.requested or call.path)
        if not call.target:
            return asked, tone
        target = f"{self.signs.to} {one_line(call.target)}"
        room = width - width_of(target) - 1
        if room < min(_LEAST_ALIAS, width_of(asked)):
            return call.target, tone
        return f"{cut(asked, room, mark=self.signs.more)} {target}", tone

    def _target_width(self, call: Call) -> int:
        if not call.target:
            return 0
        route = f"{call.alias or call.requested} {self.signs.to} {call.target}"
        return min(width_of(one_line(route)), _WIDEST_ROUTE)

    def _tries(self, call: Call) -> Cell:
        return (str(len(call.attempts)), "warn") if len(call.attempts) > 1 else ""

    def _tokens_in(self, call: Call) -> Cell:
        return count(call.tokens.context) if call.tokens.context else ""

    def _cached(self, call: Call) -> Cell:
        if only_counts(call):
            return ""
        return percent(call.tokens.cache_read, call.tokens.context), "muted"

    def _tokens_out(self, call: Call) -> Cell:
        tokens = output_tokens(call)
        return count(tokens) if tokens else ""

    def _ttft(self, call: Call) -> Cell:
        return seconds(call.ttft), "muted"

    def _duration(self, call: Call) -> Cell:
        return (seconds(elapsed(call)), "warn") if call.live else seconds(call.duration)

    def _session(self, call: Call) -> Cell:
        return call.session[:8], "muted"


def _key_width(call: Call) -> int:
    return width_of(one_line(call.key))


def _group_width(call: Call) -> int:
    return width_of(one_line(call.group))


def _version(call: Call) -> Hashable | None:
    """Tell apart the looks of a call; those of a running one change by themselves."""
    if call.live:
        return None
    return call.phase, call.status, call.duration, call.tokens.output
