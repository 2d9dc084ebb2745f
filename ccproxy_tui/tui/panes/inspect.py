"""Pane 6: one call, from what it cost to the bytes that were sent."""

import asyncio
from dataclasses import replace
from time import monotonic
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input
from textual.worker import Worker

from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.outline import plain
from ccproxy_tui.tui.panes.call_pane import CallPane
from ccproxy_tui.tui.panes.list_pane import FilterInput
from ccproxy_tui.tui.sheets.cache import CacheSheet
from ccproxy_tui.tui.sheets.changes import ChangesSheet
from ccproxy_tui.tui.sheets.context import ContextSheet
from ccproxy_tui.tui.sheets.conversation import ConversationSheet
from ccproxy_tui.tui.sheets.overview import OverviewSheet
from ccproxy_tui.tui.sheets.raw import RawSheet
from ccproxy_tui.tui.sheets.sheet import Sheet, Subject
from ccproxy_tui.tui.signs import ASCII, PLAIN, Signs
from ccproxy_tui.tui.unfolding import Place
from ccproxy_tui.tui.widgets.lines import Line
from ccproxy_tui.tui.widgets.outline import Outline
from ccproxy_tui.tui.widgets.tab_line import TabLine

_EMPTY = plain(Line("enter on a call of the log shows it here.", "muted"))
_READING = plain(Line("Reading…", "muted"))
_PATIENCE = 0.2
"""Seconds that a drawing may take before something is said."""
_OFTEN = 0.2
"""Seconds between two drawings of a running call at least."""
_ON_A_CALL = frozenset(
    {
        f"inspect_{verb}"
        for verb in ("next", "previous", "copy", "open", "why", "save", "later", "earlier")
    }
)


class InspectPane(Vertical, CallPane):
    """A call in several tabs. Each is drawn in the background, and again while the call runs."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("inspect")]
    DEFAULT_CSS = """
    InspectPane {
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        &:focus-within {
            border: round $border;
            border-title-color: $border; border-title-style: bold;
            border-subtitle-color: $border;
        }
    }
    """
    number: ClassVar[int] = 6
    title: ClassVar[str] = "Inspect"

    class Wanted(Message):
        """A call's messages, and the call before it, must be looked up."""

        def __init__(self, call: Call) -> None:
            self.call = call
            super().__init__()

    class Asked(Message):
        """The user wants the shown text elsewhere."""

        def __init__(self, verb: str, text: str, suffix: str) -> None:
            self.verb = verb
            self.text = text
            self.suffix = suffix
            super().__init__()

    class StepAsked(Message):
        """The user wants to see another call of the log."""

        def __init__(self, call: Call, by: int) -> None:
            self.call = call
            self.by = by
            super().__init__()

    def __init__(self) -> None:
        super().__init__(id="inspect")
        self._raw = RawSheet()
        self._conversation = ConversationSheet()
        self.cache = CacheSheet()
        self._sheets: tuple[Sheet, ...] = (
            OverviewSheet(),
            self._conversation,
            ChangesSheet(),
            self._raw,
            ContextSheet(),
            self.cache,
        )
        self.tabs = TabLine([sheet.title for sheet in self._sheets])
        self.outline = Outline()
        self.finder = FilterInput(placeholder="words to find")
        self._subject: Subject | None = None
        self._complete = False
        self._places: dict[Sheet, Place] = {}
        self._shown: tuple[Call, Sheet] | None = None
        self._drawn: object = None
        self._drawn_at = 0.0
        self._wanted = False
        self._drawing = False
        self._will_look = False
        self._was_live = False

    def compose(self) -> ComposeResult:
        """Put tabs and lines into the frame."""
        yield self.tabs
        yield self.outline
        yield self.finder

    def on_mount(self) -> None:
        """Say what this is for."""
        self._entitle()
        self.outline.show(_EMPTY)

    # --- what is shown -----------------------------------------------------------------------

    @property
    def call_shown(self) -> Call | None:
        """The call that is shown."""
        return None if self._subject is None else self._subject.call

    call_at_hand = call_shown

    @property
    def _sheet(self) -> Sheet:
        return self._sheets[self.tabs.current]

    def show_call(self, call: Call, *, keep_place: bool = False) -> None:
        """Show a call in the tab that is open; what was unfolded stays so, as far as it is there."""
        if call is self.call_shown:
            return
        self._keep_place()
        self._shown = None
        if not keep_place:
            self._places = {sheet: Place(place.folds) for sheet, place in self._places.items()}
        self._subject = Subject(call, call.exchange)
        self._complete = False
        self._entitle()
        self.refresh_bindings()
        self.post_message(self.Wanted(call))
        self._draw_anew()

    def _entitle(self) -> None:
        """Write into the frame which call is shown."""
        call = self.call_shown
        name = f"{self.number} {self.title}" + (f" · #{call.id}" if call is not None else "")
        self.border_title = name.translate(PLAIN) if self.outline.signs is ASCII else name

    def show_messages(
        self,
        call: Call,
        exchange: Exchange | None,
        previous: Call | None,
        previous_exchange: Exchange | None,
    ) -> None:
        """Show what was looked up."""
        if call is self.call_shown:
            self._subject = Subject(call, exchange, previous, previous_exchange)
            self._complete = True
            self._draw_soon()

    def look(self) -> None:
        """Follow a call that runs, or is changed by a person."""
        if self._subject is None:
            return
        if self._subject.exchange is None and self._subject.call.exchange is not None:
            self._subject = replace(self._subject, exchange=self._subject.call.exchange)
        if self._was_live != (live := self._subject.call.live):
            self._was_live = live
            self.refresh_bindings()
        since = monotonic() - self._drawn_at
        if self._look() == self._drawn or self._will_look:
            return
        if since >= _OFTEN:
            self._draw_soon()
        else:
            self._will_look = True
            self.set_timer(_OFTEN - since, self._look_again)

    def _look_again(self) -> None:
        self._will_look = False
        self.look()

    def tick(self) -> None:
        """Let the clock of a running call go on."""
        call = self.call_shown
        if call is not None and call.live and self._sheet in (self._sheets[0], self._conversation):
            self._draw_soon()
        else:
            self.look()

    def _look(self) -> object:
        """Tell apart the looks of a call: how far it has come, and what is said of it."""
        assert self._subject is not None
        call, exchange = self._subject.call, self._subject.exchange
        pieces = () if exchange is None else tuple(
            len(message.chunks)
            for message in (
                exchange.client_request,
                exchange.upstream_request,
                exchange.upstream_reply,
                exchange.client_reply,
            )
        )  # fmt: skip
        return (
            (call.phase, call.status, call.duration, len(call.attempts), call.cost),
            (call.marked, call.remark, len(call.notes), call.output_so_far, pieces),
        )

    # --- drawing -----------------------------------------------------------------------------

    def _keep_place(self) -> None:
        if self._shown is not None:
            self._places[self._shown[1]] = self.outline.place

    def _draw_anew(self) -> None:
        """Draw another call or tab, and say so if that takes long."""
        self._draw_soon()
        self.set_timer(_PATIENCE, self._say_reading)

    def _say_reading(self) -> None:
        wanted = (self.call_shown, self._sheet)
        if self._subject is not None and self._shown != wanted:
            self._keep_place()
            self._shown = None
            self.outline.show(_READING)

    def _draw_soon(self) -> None:
        """Draw as soon as the drawing that is going on, if any, is done."""
        self._wanted = self._subject is not None
        if self._wanted and not self._drawing:
            self._drawing = True
            self._draw()

    @work(group="sheet", exit_on_error=False)
    async def _draw(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._draw_once()
        finally:
            self._drawing = False

    async def _draw_once(self) -> None:
        """Draw the open tab; all but the first wait until the call's messages are there."""
        sheet, subject = self._sheet, self._subject
        if subject is None or not (self._complete or sheet is self._sheets[0]):
            return
        subject = replace(subject, width=self.outline.room)
        self._drawn, self._drawn_at = self._look(), monotonic()
        nodes = await asyncio.to_thread(sheet.draw, subject)
        if subject.call is not self.call_shown or sheet is not self._sheet:
            return
        if self._shown == (subject.call, sheet):
            self.outline.show(nodes, stay=True)
        else:
            self._keep_place()
            self._shown = subject.call, sheet
            self.outline.show(nodes, place=self._place_in(sheet, subject.call))

    def _place_in(self, sheet: Sheet, call: Call) -> Place:
        """Return where to begin in a tab: what a model is writing is at the end."""
        place = self._places.get(sheet, Place())
        return replace(place, at_end=True) if call.live and sheet is self._conversation else place

    def draw_with(self, signs: Signs) -> None:
        """Take other signs."""
        self.outline.draw_with(signs)
        self._entitle()

    def on_resize(self) -> None:
        """Draw bars to the new width."""
        self._draw_soon()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what could not be drawn."""
        report_failure(event)

    # --- what the user does ------------------------------------------------------------------

    def on_tab_line_changed(self, event: TabLine.Changed) -> None:
        """Show another tab."""
        event.stop()
        self.refresh_bindings()
        if self._subject is not None:
            self._draw_anew()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done with a call only once one is shown."""
        if action in _ON_A_CALL and self._subject is None:
            return False
        if action == "inspect_raw" and (self._subject is None or self._sheet is not self._raw):
            return False
        return super().check_action(action, parameters)

    def action_inspect_next(self) -> None:
        """Go to the next tab."""
        self.tabs.move(1)

    def action_inspect_previous(self) -> None:
        """Go to the previous tab."""
        self.tabs.move(-1)

    def action_inspect_later(self) -> None:
        """Show the next call of the log."""
        self._step(1)

    def action_inspect_earlier(self) -> None:
        """Show the call before in the log."""
        self._step(-1)

    def _step(self, by: int) -> None:
        if (call := self.call_shown) is not None:
            self.post_message(self.StepAsked(call, by))

    def action_inspect_raw(self) -> None:
        """Show JSON as a tree, or as it was sent."""
        self._raw.as_text = not self._raw.as_text
        self._draw_soon()

    def action_inspect_why(self) -> None:
        """Tell why the call went where it went."""
        self.ask_for("why")

    def action_inspect_save(self) -> None:
        """Write the call to a file."""
        self.ask_for("save")

    def action_inspect_copy(self) -> None:
        """Copy what the line at the cursor stands for, in full."""
        self._ask("copy")

    def action_inspect_open(self) -> None:
        """Open what the line at the cursor stands for in the user's own pager."""
        self._ask("open")

    def _ask(self, verb: str) -> None:
        text = self.outline.text_of_cursor()
        suffix = ".json" if text.startswith(("{", "[")) else ".txt"
        self.post_message(self.Asked(verb, text, suffix))

    # --- finding -----------------------------------------------------------------------------

    def on_outline_find_asked(self, event: Outline.FindAsked) -> None:
        """Type what to find."""
        event.stop()
        self.finder.display = True
        self.finder.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find as it is typed."""
        event.stop()
        self.outline.find(self.finder.value)

    def on_filter_input_left(self, event: FilterInput.Left) -> None:
        """Go back to the lines."""
        event.stop()
        self.finder.display = bool(self.finder.value)
        self.outline.focus()

    def on_outline_found(self, event: Outline.Found) -> None:
        """Say how many hits there are."""
        event.stop()
        if not self.finder.value:
            self.border_subtitle = ""
        elif event.hits:
            self.border_subtitle = f"{event.here} of {event.hits} lines"
        else:
            self.border_subtitle = "not found"

    def back(self) -> bool:
        """End finding; tells whether there was something to end."""
        if not self.finder.value:
            return False
        self.finder.value = ""
        self.finder.display = False
        return True
