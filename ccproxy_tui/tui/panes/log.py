"""Pane 5: the calls, live, one after the other or under the heads of their sessions."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.arrangement import Row
from ccproxy_tui.tui.call_cells import CallCells
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.drain import Changes
from ccproxy_tui.tui.filters.terms import written
from ccproxy_tui.tui.log_columns import head_columns, log_columns
from ccproxy_tui.tui.log_layout import LogLayout
from ccproxy_tui.tui.panes.call_pane import CallPane
from ccproxy_tui.tui.panes.filtered_pane import FilteredPane, like
from ccproxy_tui.tui.quantities import count
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.session_cells import SessionCells, session_version
from ccproxy_tui.tui.sessions import Session
from ccproxy_tui.tui.signs import Signs
from ccproxy_tui.tui.widgets.rows import Rows

_EMPTY = (
    "\nNo calls yet. Point a client here, such as Claude Code (W shows how), "
    "and each call appears the moment it starts."
)
_NO_MATCH = "\nNo call matches the filter. esc shows all again."
_ON_A_CALL = frozenset({"log_why", "log_copy", "log_preview"})
_ON_A_ROW = frozenset({"log_open", "log_similar", "log_export"})
_IN_SESSIONS = frozenset({"log_fold", "log_unfold", "log_fold_all", "log_unfold_all"})
_BREATH = 0.02
"""Seconds for others between two slices of a long work."""


class LogPane(FilteredPane[Row], CallPane):
    """The newest calls, each from its start to its end."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("log")]
    number = 5
    title = "Log"

    class OpenAsked(Message):
        """The user wants to see a call."""

        def __init__(self, call: Call) -> None:
            self.call = call
            super().__init__()

    class ExportAsked(Message):
        """The user wants the calls that are shown in a file."""

    class SortAsked(Message):
        """The user wants to choose what rows are sorted by."""

    class ColumnsAsked(Message):
        """The user wants to choose columns."""

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

    def __init__(self, log: CallLog, records: Records, memory: Memory) -> None:
        self._cells = CallCells(log.sessions)
        self._head_cells = SessionCells()
        self.layout_of_rows = LogLayout(log_columns(self._cells), memory)
        rows: Rows[Row] = Rows(
            (),
            empty=_EMPTY,
            version=_version,
            summary=head_columns(self._head_cells),
            sums_up=lambda row: isinstance(row, Session),
        )
        super().__init__(rows, log, records, memory, id="log")
        self._log = log
        self._seen = 0
        self._offered_for: Hashable = None
        """What row the keys that are shown are for, as far as that matters to them."""
        self._working = False
        self._older_to_come = False
        """Whether calls of earlier runs are still being read."""
        rows.can_follow = True
        rows.set_reactive(Rows.following, True)

    def on_mount(self) -> None:
        """Show what is there."""
        self.lay_out()

    def draw_with(self, signs: Signs) -> None:
        """Take other signs."""
        self._cells.signs = self._head_cells.signs = signs
        super().draw_with(signs)
        self._say_order()

    # --- what comes in -----------------------------------------------------------------------

    def take(self, changes: Changes) -> None:
        """Paint what a drain brought."""
        self._cells.annotated = self._log.annotated
        self.rows.make_room_for(changes.calls)
        self.filter_changed_calls(changes.calls)
        if changes.moved:
            self.show_moved()
        else:
            self.describe()
        self.rows.rows_changed(self._with_heads(changes.calls))

    def _with_heads(self, calls: Sequence[Call]) -> Iterator[Row]:
        yield from calls
        if self.layout_of_rows.grouped:
            found = (self._log.sessions.of(call) for call in calls)
            yield from {session for session in found if session is not None}

    def show_moved(self) -> None:
        """Show that rows came, went or changed places."""
        self.rows.rows_moved()
        self.describe()

    def show_older(self, *, loading: bool) -> None:
        """Show calls of earlier runs, which are no news."""
        self._older_to_come = loading
        self._cells.annotated = self._log.annotated
        self.filter_older_calls()
        self.show_moved()

    def tick(self) -> None:
        """Let the clocks of running calls go on, and the scrollbar catch up."""
        live = self._log.sessions.running
        self.filter_tick(live)
        if self.layout_of_rows.sort is not None and self._log.judge_again(one.id for one in live):
            self.show_moved()
        self.rows.rows_changed(row for row in self.rows.seen if row.live)
        self.rows.sync()

    def describe(self) -> None:
        """Write into the frame what is shown of how much."""
        row = self.rows.item
        kind = type(row), isinstance(row, Call) and row.live
        if self._offered_for != kind:
            self._offered_for = kind
            self.refresh_bindings()
        log, parts = self._log, [self._where()]
        if (sort := self.layout_of_rows.sort) is not None:
            parts[0] = f"by {sort.name} · {parts[0]}"
        shown = f"{log.shown:,}"
        parts.append(
            f"{shown} of {log.total:,}"
            if self.filtered
            else shown + (" call" if log.shown == 1 else " calls")
        )
        if self._older_to_come or log.unjudged:
            parts.append("older ones to come…")
        elif log.forgotten:
            parts.append(f"{count(log.forgotten)} older ones dropped")
        if self.search_progress:
            parts.append(self.search_progress)
        if self.filter_text:
            parts.append(f"/{self.filter_text}")
        self.set_subtitle(" · ".join(parts))

    def _where(self) -> str:
        if self.rows.following:
            up = self.layout_of_rows.newest_first
            return f"{self.signs.rising if up else self.signs.following} following"
        new = self._log.come - self._seen
        return f"paused · {count(new)} new, f follows" if new else "paused, f follows"

    # --- what is shown how -------------------------------------------------------------------

    def lay_out(self) -> None:
        """Show columns and rows as they are laid out now."""
        layout, rows = self.layout_of_rows, self.rows
        self._cells.annotated = self._log.annotated
        self._cells.grouped = layout.grouped
        self._cells.tree = layout.grouped and layout.sort is None
        rows.newest_first = layout.newest_first
        self._log.arrange(layout.order, grouped=layout.grouped)
        rows.lay_out([column.column for column in layout.shown])
        self._say_order()
        self.show_filtered()

    def _say_order(self) -> None:
        sort = self.layout_of_rows.sort
        sign = self.signs.falling if self.layout_of_rows.reverse else self.signs.rising
        self.rows.sorted_by = None if sort is None else (sort.column.name, sign)

    def show_filtered(self) -> None:
        """Show the rows anew; older ones find their places bit by bit."""
        self.rows.empty = _NO_MATCH if self.filtered else _EMPTY
        self.rows.show(self._log)
        self.describe()
        if self._log.unjudged and not self._working:
            self._working = True
            self.set_timer(_BREATH, self._go_on)

    def _go_on(self) -> None:
        at_top = self.layout_of_rows.sort is not None and self.rows.index == 0
        self._log.judge_more()
        self._working = self._log.unjudged
        if self._working:
            self.set_timer(_BREATH, self._go_on)
        self.show_moved()
        if at_top:
            self.rows.move(-self.rows.count)

    def calls_shown(self) -> Sequence[Call]:
        """Return the calls that the filter lets by, in the order of the rows."""
        return self._log.calls_shown()

    def neighbour(self, call: Call, by: int) -> Call | None:
        """Return the call so many rows below another one, passing over heads; None beyond the end."""
        index = self._log.index_of(call.id)
        step = 1 if by > 0 else -1
        while index is not None and by:
            index += step
            if not 0 <= index < len(self._log):
                return None
            row = self._log[index]
            if isinstance(row, Call):
                call, by = row, by - step
        return None if index is None else call

    # --- what the user does ------------------------------------------------------------------

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        """Tell that another call is selected."""
        event.stop()
        self.describe()
        if (call := self.call_at_hand) is not None:
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

    def on_rows_head_clicked(self, event: Rows.HeadClicked) -> None:
        """Sort by the column whose name was clicked."""
        event.stop()
        if any(column.name == event.name for column in self.layout_of_rows.sortable):
            self.sort_by(event.name)

    @property
    def call_at_hand(self) -> Call | None:
        """The call at the cursor."""
        row = self.rows.item
        return row if isinstance(row, Call) else None

    @property
    def _session(self) -> Session | None:
        """The session whose head, or one of whose calls, is at the cursor."""
        row = self.rows.item
        return self._log.sessions.of(row) if isinstance(row, Call) else row

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done with a call or a session only where there is one."""
        if action in _ON_A_CALL and self.call_at_hand is None:
            return False
        if action in _ON_A_ROW and self.rows.item is None:
            return False
        if action in _IN_SESSIONS and not self.layout_of_rows.grouped:
            return False
        return super().check_action(action, parameters)

    def action_log_open(self) -> None:
        """Show the selected call, or fold the session."""
        if (call := self.call_at_hand) is not None:
            self.post_message(self.OpenAsked(call))
        elif (session := self._session) is not None:
            self._fold(session, folded=not session.folded)

    def action_log_export(self) -> None:
        """Write the calls that are shown to a file."""
        self.post_message(self.ExportAsked())

    def action_log_why(self) -> None:
        """Tell why the selected call went where it went."""
        self.ask_for("why")

    def action_log_copy(self) -> None:
        """Copy the selected call's facts."""
        self.ask_for("copy")

    def action_log_preview(self) -> None:
        """Show what the selected call would become now."""
        if (call := self.call_at_hand) is not None:
            self.post_message(self.PreviewAsked(call))

    def action_log_follow(self) -> None:
        """Follow, or stay."""
        self.rows.follow(not self.rows.following)

    def action_log_toggle(self) -> None:
        """Fold the session at whose head the cursor is, or else follow or stay."""
        if isinstance(self.rows.item, Session):
            self.action_log_open()
        else:
            self.action_log_follow()

    def action_log_errors(self) -> None:
        """Show failures only, or all again."""
        self.put_filter("" if self.filter_text == "is:error" else "is:error")

    def action_log_similar(self) -> None:
        """Show only calls like the selected one, or those of the session."""
        row = self.rows.item
        if isinstance(row, Call):
            self.put_filter(like(row, self.filter_text))
        elif row is not None and row.id:
            self.put_filter(f"session:={written(row.id)}")

    def action_log_recall(self) -> None:
        """Drop the filter, or bring it back."""
        self.recall_filter()

    # --- layout ------------------------------------------------------------------------------

    def sort_by(self, name: str) -> None:
        """Sort by a column, or by none with an empty name, and begin at the top."""
        self._change(lambda: self.layout_of_rows.sort_by(name))
        if name:
            self.rows.follow(False)
            self.rows.move(-self.rows.count)

    def _change(self, change: Callable[[], None]) -> None:
        change()
        self.lay_out()
        self.refresh_bindings()

    def action_log_sort(self) -> None:
        """Choose what rows are sorted by."""
        self.post_message(self.SortAsked())

    def action_log_columns(self) -> None:
        """Choose columns."""
        self.post_message(self.ColumnsAsked())

    def action_log_turn(self) -> None:
        """Turn the order around."""
        self._change(self.layout_of_rows.turn)

    def action_log_group(self) -> None:
        """Put calls under the heads of their sessions, or no longer."""
        self._change(self.layout_of_rows.group)

    def _fold(self, session: Session, *, folded: bool) -> None:
        """Fold a session or unfold it; the cursor goes to its head."""
        self._log.fold((session,), folded=folded)
        self._rows_folded(session)

    def _rows_folded(self, session: Session | None) -> None:
        following = self.rows.following
        if session is not None and not following:
            self.rows.select(session.id)
        self.show_moved()
        self.rows.sync()
        self.rows.refresh()

    def action_log_fold(self) -> None:
        """Show only the head of the session at the cursor."""
        if (session := self._session) is not None:
            self._fold(session, folded=True)

    def action_log_unfold(self) -> None:
        """Show the calls of the session at the cursor."""
        if isinstance(session := self.rows.item, Session):
            self._fold(session, folded=False)

    def action_log_fold_all(self) -> None:
        """Show only the heads of sessions."""
        session = self._session
        self._log.fold_all(folded=True)
        self._rows_folded(session)

    def action_log_unfold_all(self) -> None:
        """Show the calls of all sessions."""
        self._log.fold_all(folded=False)
        self._rows_folded(None)


def _version(row: Row) -> Hashable | None:
    """Tell apart the looks of a row; those of a running call change by themselves."""
    if isinstance(row, Session):
        return session_version(row)
    if row.live:
        return None
    return row.phase, row.status, row.duration, row.tokens.output, row.marked, row.remark
