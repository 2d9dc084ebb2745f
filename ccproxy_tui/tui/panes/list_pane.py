"""A framed, numbered list with a filter: what all panes but the inspector are."""

from typing import Any, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.signs import ASCII, PLAIN, UNICODE, Signs
from ccproxy_tui.tui.widgets.cells import one_line
from ccproxy_tui.tui.widgets.rows import Rows

T = TypeVar("T")


class FilterInput(Input):
    """Where a filter is typed; it is there only while there is one."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("filter")]
    DEFAULT_CSS = """
    FilterInput {
        dock: bottom; height: 1; border: none; padding: 0 1; display: none;
        background: $surface;
        &:focus { border: none; }
        &.-wrong { color: $text-error; }
    }
    """

    class Left(Message):
        """The typing is over."""

    def action_filter_keep(self) -> None:
        """Keep the filter."""
        self.post_message(self.Left())

    async def action_submit(self) -> None:
        """Keep the filter, as enter is the input's own key."""
        self.action_filter_keep()

    def action_filter_clear(self) -> None:
        """Clear the filter."""
        self.value = ""
        self.post_message(self.Left())


class ListPane(Vertical, Generic[T]):
    """A pane; subclasses say what is in it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pane")]
    DEFAULT_CSS = """
    ListPane {
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

    number: ClassVar[int]
    title: ClassVar[str]

    def __init__(
        self,
        rows: Rows[T],
        *,
        filter_input: FilterInput | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.rows = rows
        self.filter = filter_input or FilterInput(
            placeholder="words that the rows must have", select_on_focus=False
        )
        self.signs: Signs = UNICODE
        self._last_filter = ""
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Put the list and its filter into the frame."""
        yield self.rows
        yield self.filter

    def on_mount(self) -> None:
        """Write the title into the frame."""
        self.set_title("")

    def set_title(self, more: str) -> None:
        """Write number, name and something more into the frame."""
        title = f"{self.number} {self.title}" + (f" · {more}" if more else "")
        self.border_title = self._edge(title)

    def set_subtitle(self, text: str) -> None:
        """Write something into the lower edge, unless a filter that is wrong needs it."""
        shown = self._edge(self._problem or text)
        if shown != self.border_subtitle:
            self.border_subtitle = shown

    def _edge(self, text: str) -> str:
        """Return text as the frame can take it."""
        text = one_line(text).replace("[", r"\[")
        return text.translate(PLAIN) if self.signs is ASCII else text

    def draw_with(self, signs: Signs) -> None:
        """Take other signs."""
        self.signs = signs
        self.rows.mark = signs.more
        self.rows.repaint()

    @property
    def filter_text(self) -> str:
        """The filter as it was typed."""
        return self.filter.value.strip()

    def put_filter(self, text: str) -> None:
        """Set the filter from outside, as if it had been typed."""
        self.filter.value = text
        self.filter.display = bool(text) or self.filter.has_focus

    def apply_filter(self, text: str) -> None:
        """Show only what passes."""
        raise NotImplementedError

    def action_pane_filter(self) -> None:
        """Type a filter."""
        self.filter.display = True
        self.filter.cursor_position = len(self.filter.value)
        self.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        event.stop()
        self.apply_filter(self.filter_text)
        if self.filter_text and not self._problem:
            self._last_filter = self.filter_text

    def on_filter_input_left(self, event: FilterInput.Left) -> None:
        """Go back to the rows."""
        event.stop()
        self.leave_filter()

    def leave_filter(self) -> None:
        """End typing."""
        self.filter.display = bool(self.filter_text)
        self.rows.focus()

    def back(self) -> bool:
        """Take back the filter; tells whether there was one."""
        if not self.filter_text:
            return False
        self.put_filter("")
        self.filter.display = False
        return True

    def recall_filter(self) -> None:
        """Drop the filter, or bring the last one back."""
        self.put_filter("" if self.filter_text else self._last_filter)


AnyListPane = ListPane[Any]
