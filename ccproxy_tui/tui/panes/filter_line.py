"""Where the log's filter is typed: completed from what calls have, with earlier and saved filters."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events, on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.filters.completion import Completion, Option, complete
from ccproxy_tui.tui.filters.terms import saved_names
from ccproxy_tui.tui.panes.list_pane import FilterInput
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource

_PLACEHOLDER = "words, or status:>=400 model:sonnet; tab completes, up recalls, ? helps"
_MOST_ROWS = 6
_REMEMBERED = 100


class Offered(Rows[Option]):
    """What could be typed, above the line."""

    class Taken(Message):
        """The user has double-clicked an option."""

    DEFAULT_CSS = """
    Offered {
        height: auto; display: none; background: $panel; scrollbar-background: $panel;
        & > .rows--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__(
            (
                Column("tab takes", _shown, 16, grow=1, most=34),
                Column("up, down choose, esc closes", _what, 20, grow=3),
            )
        )
        self.can_focus = False

    def offer(self, options: tuple[Option, ...]) -> None:
        """Show some options; none closes the list."""
        self.display = bool(options)
        self.styles.height = min(_MOST_ROWS, len(options)) + 1
        self.show(FixedSource(options))
        if options:
            self.select(id(options[0]))

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        """Keep it from those who would take it for a row of the log."""
        event.stop()

    def on_rows_head_clicked(self, event: Rows.HeadClicked) -> None:
        """Keep it from them, too."""
        event.stop()

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Take what was double-clicked."""
        event.stop()
        self.post_message(self.Taken())


class _BadPart(Highlighter):
    """Marks what is wrong, whatever the colours."""

    def __init__(self) -> None:
        self.span = (0, 0)

    def highlight(self, text: Text) -> None:
        """Turn it around."""
        if self.span[0] < self.span[1]:
            text.stylize("reverse underline", *self.span)


class CallFilterInput(FilterInput):
    """The line; its `offered` belongs right above it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("call_filter")]

    class SaveAsked(Message):
        """The user wants to keep a filter under a name."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class SavedAsked(Message):
        """The user wants one of the saved filters."""

        def __init__(self, line: "CallFilterInput") -> None:
            self.line = line
            super().__init__()

    class HelpAsked(Message):
        """The user wants to know what can be typed."""

    def __init__(self, memory: Memory, calls: Callable[[], Iterable[Call]]) -> None:
        """`calls` gives the calls to offer values of, newest first."""
        self._bad = _BadPart()
        super().__init__(placeholder=_PLACEHOLDER, select_on_focus=False, highlighter=self._bad)
        self.offered = Offered()
        self._memory = memory
        self._calls = calls
        self._completion: Completion | None = None
        self._chosen = False
        self._place = 0
        self._draft = ""
        self._untouched = ""

    # --- what the pane says ------------------------------------------------------------------

    @property
    def typing(self) -> bool:
        """Whether what is there is being typed by somebody."""
        return self.has_focus and self.value != self._untouched

    def put(self, text: str) -> None:
        """Write something that nobody has typed."""
        self._place = 0
        self._write(text)

    def mark_wrong(self, start: int = 0, end: int = 0) -> None:
        """Mark a part that is wrong, or none."""
        self._bad.span = (start, end)
        self.set_class(end > start, "-wrong")
        self.refresh()

    def keep(self) -> None:
        """Remember the filter, and offer nothing more."""
        self._close()
        text = self.value.strip()
        self._place, self._untouched = 0, self.value
        if text:
            earlier = [one for one in self._memory.value.filter_history if one != text]
            self._memory.change(filter_history=(*earlier, text)[-_REMEMBERED:])

    def with_saved(self) -> str:
        """Return the text with the names of saved filters, as in `@slow`, replaced by what they say."""
        text, saved = self.value, self._memory.value.saved_filters
        for place in reversed(saved_names(text)):
            name = text[place.start + 1 : place.end]
            if name in saved:
                text = text[: place.start] + saved[name] + text[place.end :]
        return text

    # --- offering ----------------------------------------------------------------------------

    def _write(self, text: str) -> None:
        self._untouched = text
        self.value = text
        self.cursor_position = len(text)
        self._close()

    def _close(self) -> None:
        self._completion = None
        self._chosen = False
        self.offered.offer(())

    def _offer(self, *, asked: bool) -> None:
        self._chosen = False
        saved = self._memory.value.saved_filters
        self._completion = complete(
            self.value, self.cursor_position, self._calls(), saved, asked=asked
        )
        self.offered.offer(self._completion.options if self._completion is not None else ())

    @on(Input.Changed)
    def _typed(self) -> None:
        if self.typing:
            self._place = 0
            self._offer(asked=False)
        else:
            self._close()

    def on_blur(self) -> None:
        """Offer nothing to somebody who is elsewhere."""
        self._close()

    def on_focus(self) -> None:
        """Take what is there for something that nobody has touched."""
        self._untouched = self.value

    def action_call_filter_take(self) -> None:
        """Take what is offered."""
        option = self.offered.item
        if self._completion is None or option is None:
            self._offer(asked=True)
            return
        value, place = self._completion.taken(self.value, option)
        self._close()
        self.value = value
        self.cursor_position = place

    # --- keys that depend on what is there ---------------------------------------------------

    def action_call_filter_up(self) -> None:
        """Go up in the list, or to an earlier filter."""
        if self._completion is not None:
            self.offered.action_list_up()
            self._chosen = True
        elif not self.value or self.value == self._untouched:
            self._recall(self._place + 1)

    def action_call_filter_down(self) -> None:
        """Go down in the list, to a later filter, or to the rows."""
        if self._completion is not None:
            if self._chosen:
                self.offered.action_list_down()
            self._chosen = True
        elif self._place:
            self._recall(self._place - 1)
        else:
            super().action_filter_keep()

    def _recall(self, place: int) -> None:
        if self._place == 0:
            self._draft = self.value
        earlier = [one for one in self._memory.value.filter_history if one != self._draft]
        if place > len(earlier):
            self.app.bell()
            return
        self._place = place
        self._write(earlier[-place] if place else self._draft)

    def action_filter_keep(self) -> None:
        """Keep the filter, or take what was chosen in the list."""
        if self._chosen:
            self.action_call_filter_take()
        else:
            super().action_filter_keep()

    def action_filter_clear(self) -> None:
        """Close the list, or else clear the filter."""
        if self._completion is not None:
            self._close()
        else:
            super().action_filter_clear()

    def action_call_filter_save(self) -> None:
        """Ask for a name to keep the filter under."""
        self._close()
        if self.value.strip():
            self.post_message(self.SaveAsked(self.with_saved().strip()))
        else:
            self.app.bell()

    def action_call_filter_saved(self) -> None:
        """Show what is saved."""
        self._close()
        self.post_message(self.SavedAsked(self))

    def action_call_filter_help(self) -> None:
        """Show what can be typed."""
        self._close()
        self.post_message(self.HelpAsked())

    def on_key(self, event: events.Key) -> None:
        """Let `?` help where a term begins; inside of one it stands for any character."""
        before = self.value[: self.cursor_position]
        if event.key == "question_mark" and (not before or before[-1] == " "):
            event.stop()
            event.prevent_default()
            self.action_call_filter_help()


def _shown(option: Option) -> Cell:
    return option.name or option.text


def _what(option: Option) -> Cell:
    return option.what, "muted"
