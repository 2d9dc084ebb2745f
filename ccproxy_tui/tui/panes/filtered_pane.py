"""A pane of calls under a filter: read as it is typed, kept true as time passes."""

from collections.abc import Iterable
from typing import TypeVar

from textual.app import ComposeResult
from textual.worker import Worker

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.filters.filtering import Filtering
from ccproxy_tui.tui.filters.terms import FilterError, written
from ccproxy_tui.tui.panes.filter_line import CallFilterInput, Offered
from ccproxy_tui.tui.panes.list_pane import ListPane
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.widgets.cells import cut
from ccproxy_tui.tui.widgets.rows import Rows

T = TypeVar("T")

_WIDEST_PART = 24
"""Cells of the part that is wrong, in the frame."""


class FilteredPane(ListPane[T]):
    """A pane; subclasses say what is in it, and show it when the filter has moved rows."""

    DEFAULT_CSS = "FilteredPane > Rows { height: 1fr; }"

    def __init__(
        self,
        rows: Rows[T],
        log: CallLog,
        records: Records,
        memory: Memory,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        self.line = CallFilterInput(memory, log.backwards)
        super().__init__(rows, filter_input=self.line, id=id)
        self._filtering = Filtering(log, records)
        self._was_read = ("", False)
        self._searching: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """Put what is offered between the list and its filter."""
        yield self.rows
        yield self.line.offered
        yield self.line

    # --- what subclasses do and say ----------------------------------------------------------

    def show_filtered(self) -> None:
        """Show the log anew, as another filter is in force."""
        raise NotImplementedError

    def show_moved(self) -> None:
        """Show that rows have come or gone."""
        raise NotImplementedError

    def describe(self) -> None:
        """Write into the frame what is shown of how much."""
        raise NotImplementedError

    @property
    def filtered(self) -> bool:
        """Whether a filter is in force."""
        return self._filtering.on

    @property
    def search_progress(self) -> str:
        """How far the search in bodies is, in words; nothing when there is none."""
        return self._filtering.progress

    def filter_changed_calls(self, calls: Iterable[Call]) -> None:
        """Look into the bodies of calls that have ended, if the filter asks for that."""
        if self._filtering.take(calls):
            self._search()

    def filter_older_calls(self) -> None:
        """Look also into the bodies of older calls that have come, if the filter asks for that."""
        self._filtering.look_again()
        self._search()

    def filter_tick(self, live: Iterable[Call]) -> None:
        """Let the filter see what time has changed."""
        if self._filtering.tick(live):
            self.show_moved()

    # --- typing ------------------------------------------------------------------------------

    def put_filter(self, text: str) -> None:
        """Set the filter from outside."""
        self.line.put(text)
        self.line.display = bool(text) or self.line.has_focus
        self._read(typing=False)

    def apply_filter(self, text: str) -> None:
        """Filter as it is typed."""
        del text  # places in it count from the line's own start
        self._read(typing=self.line.typing)

    def leave_filter(self) -> None:
        """Go back to the rows, unless the filter is wrong as it stands."""
        if self._settled():
            self.line.keep()
            super().leave_filter()

    def on_offered_taken(self, event: Offered.Taken) -> None:
        """Take what was double-clicked, and go on typing."""
        event.stop()
        self.line.focus()
        self.line.action_call_filter_take()

    def on_call_filter_input_save_asked(self, event: CallFilterInput.SaveAsked) -> None:
        """Let only a filter be saved that is right."""
        if not self._settled():
            event.stop()

    def _settled(self) -> bool:
        """Take the filter for whole; tells whether it is."""
        text = self.line.with_saved()
        if text != self.line.value:
            self.line.put(text)
        self._read(typing=False)
        if self._filtering.problem is not None:
            self.app.bell()
        return self._filtering.problem is None

    def _read(self, *, typing: bool) -> None:
        text = self.line.value
        if self._was_read == (text, typing):
            return
        self._was_read = (text, typing)
        changed = self._filtering.read(text, typing=typing)
        problem = self._filtering.problem
        self._problem = "" if problem is None else _sentence(text, problem)
        self.line.mark_wrong(*((0, 0) if problem is None else (problem.start, problem.end)))
        if changed:
            self.show_filtered()
            self._search(anew=True)
        self.describe()

    def _search(self, *, anew: bool = False) -> None:
        """Search bodies, where that is not going on yet; what another filter asked for is given up."""
        if anew and self._searching is not None:
            self._searching.cancel()
            self._searching = None
        idle = self._searching is None or self._searching.is_finished
        if idle and self._filtering.searches:
            self._searching = self.run_worker(
                self._search_bodies(), group="bodies", exit_on_error=False
            )

    async def _search_bodies(self) -> None:
        async for moved in self._filtering.search():
            if moved:
                self.show_moved()
            else:
                self.describe()


def _sentence(text: str, problem: FilterError) -> str:
    """Say what is wrong, and where."""
    part = cut(text[problem.start : problem.end], _WIDEST_PART)
    return f'at "{part}": {problem}' if part else str(problem)


def like(call: Call, shown: str) -> str:
    """Return a filter for calls like one: of its session, then of its group and key, then for all."""
    kind = " ".join(
        f"{name}:={written(value)}"
        for name, value in (("group", call.group), ("key", call.key))
        if value
    )
    session = f"session:={written(call.session)}" if call.session else kind
    if shown == kind:
        return ""
    return kind if shown == session else session
