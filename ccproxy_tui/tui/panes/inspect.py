"""Pane 6: one call, as the client and as the upstream saw it."""

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.traffic.call import Message as HttpMessage
from ccproxy_tui.tui.bodies import message_lines, message_text
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.facts import facts_text, overview
from ccproxy_tui.tui.panes.list_pane import FilterInput
from ccproxy_tui.tui.signs import ASCII, PLAIN, UNICODE, Signs
from ccproxy_tui.tui.widgets.lines import Line
from ccproxy_tui.tui.widgets.tab_line import TabLine
from ccproxy_tui.tui.widgets.text_view import TextView

_TABS = ("Overview", "Request", "Upstream request", "Upstream reply", "Reply")
_EMPTY = [Line("enter on a call of the log shows it here.", "muted")]
_ON_A_CALL = frozenset(
    {f"inspect_{verb}" for verb in ("next", "previous", "raw", "copy", "open", "why")}
)
_ASKING = [Line("Asking the journal…", "muted")]
_NOTHING_YET = "Nothing yet."
_NO_MESSAGE = (
    "",
    "No request came.",
    "No request went upstream.",
    "No reply came.",
    "No reply was sent.",
)
"""What is said, tab by tab, of messages that an ended call has not."""
_NOT_KEPT = [Line("The messages of this call were not kept.", "muted")]


class InspectPane(Vertical):
    """Facts and messages of a call."""

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
        """The messages of a call are no longer in memory and must be asked for."""

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

    class WhyAsked(Message):
        """The user wants to know why a call went where it went."""

        def __init__(self, call: Call) -> None:
            self.call = call
            super().__init__()

    def __init__(self) -> None:
        super().__init__(id="inspect")
        self.tabs = TabLine(_TABS)
        self.text = TextView()
        self.finder = FilterInput(placeholder="words to find")
        self.call_shown: Call | None = None
        self._exchange: Exchange | None = None
        self._asking = False
        self._pretty = True
        self.signs: Signs = UNICODE
        self._drawn = (-1, False)

    def compose(self) -> ComposeResult:
        """Put tabs and text into the frame."""
        yield self.tabs
        yield self.text
        yield self.finder

    def on_mount(self) -> None:
        """Say what this is for."""
        self.border_title = f"{self.number} {self.title}"
        self.text.show(_EMPTY)

    # --- what is shown -----------------------------------------------------------------------

    def show_call(self, call: Call) -> None:
        """Show a call, in the tab that is open."""
        if call is self.call_shown:
            return
        self.call_shown = call
        self._exchange = call.exchange
        self._asking = False
        self.border_title = f"{self.number} {self.title} · #{call.id}"
        self.refresh_bindings()
        if self._exchange is None and not call.live:
            self._asking = True
            self.post_message(self.Wanted(call))
        self._draw(stay=False)

    def show_exchange(self, call: Call, exchange: Exchange | None) -> None:
        """Show the messages that were asked for."""
        if call is self.call_shown:
            self._exchange = exchange
            self._asking = False
            self._draw(stay=False)

    def tick(self) -> None:
        """Follow a call that is running."""
        call = self.call_shown
        if call is None:
            return
        if self._exchange is None:
            self._exchange = call.exchange
        if self.tabs.current == 0 or self._look() != self._drawn:
            self._draw(stay=True)

    def _message(self) -> HttpMessage | None:
        exchange = self._exchange
        if exchange is None or self.tabs.current == 0:
            return None
        return (
            exchange.client_request,
            exchange.upstream_request,
            exchange.upstream_reply,
            exchange.client_reply,
        )[self.tabs.current - 1]

    def _look(self) -> tuple[int, bool]:
        """Tell apart the looks of a message: how many bytes have come, and whether more may."""
        call, message = self.call_shown, self._message()
        size = -1 if message is None else sum(map(len, tuple(message.chunks)))
        return size, call is not None and call.live

    def _draw(self, *, stay: bool) -> None:
        call = self.call_shown
        if call is None:
            return
        self._drawn = self._look()
        message = self._message()
        if self.tabs.current == 0:
            lines = [self._drawable(line) for line in overview(call, self._exchange)]
        elif message is not None:
            none = _NOTHING_YET if call.live else _NO_MESSAGE[self.tabs.current]
            lines = message_lines(message, pretty=self._pretty, none=none)
        else:
            lines = _ASKING if self._asking else _NOT_KEPT
        self.text.show(lines, stay=stay)

    def _drawable(self, line: Line) -> Line:
        """Return a line of ours in the signs that the terminal has."""
        return replace(line, text=line.text.translate(PLAIN)) if self.signs is ASCII else line

    def draw_with(self, signs: Signs) -> None:
        """Take other signs."""
        self.signs = signs
        self._draw(stay=True)

    # --- what the user does ------------------------------------------------------------------

    def on_tab_line_changed(self, event: TabLine.Changed) -> None:
        """Show another tab."""
        event.stop()
        self._draw(stay=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done with a call only once one is shown."""
        if action in _ON_A_CALL and self.call_shown is None:
            return False
        return super().check_action(action, parameters)

    def action_inspect_next(self) -> None:
        """Go to the next tab."""
        self.tabs.move(1)

    def action_inspect_previous(self) -> None:
        """Go to the previous tab."""
        self.tabs.move(-1)

    def action_inspect_raw(self) -> None:
        """Show JSON laid out, or as it was sent."""
        self._pretty = not self._pretty
        self._draw(stay=False)

    def action_inspect_why(self) -> None:
        """Tell why the call went where it went."""
        if self.call_shown is not None:
            self.post_message(self.WhyAsked(self.call_shown))

    def action_inspect_copy(self) -> None:
        """Copy the message's body, or the facts."""
        self._ask("copy", whole=False)

    def action_inspect_open(self) -> None:
        """Open the message in the user's own pager."""
        self._ask("open", whole=True)

    def _ask(self, verb: str, *, whole: bool) -> None:
        call, message = self.call_shown, self._message()
        if call is None:
            return
        if message is None:
            text = facts_text(call)
        elif whole:
            text = message_text(message, pretty=self._pretty)
        else:
            text = message.body.decode("utf-8", "replace")
        self.post_message(self.Asked(verb, text, ".txt"))

    # --- finding -----------------------------------------------------------------------------

    def on_text_view_find_asked(self, event: TextView.FindAsked) -> None:
        """Type what to find."""
        event.stop()
        self.finder.display = True
        self.finder.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find as it is typed."""
        event.stop()
        self.text.find(self.finder.value)

    def on_filter_input_left(self, event: FilterInput.Left) -> None:
        """Go back to the text."""
        event.stop()
        self.finder.display = bool(self.finder.value)
        self.text.focus()

    def on_text_view_found(self, event: TextView.Found) -> None:
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
