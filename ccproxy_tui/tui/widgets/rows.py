"""The one list widget: it draws the lines that are seen, so that 100,000 rows cost what 100 do.

Cursor and sight hold on to rows' identities, never to their places: whatever comes, goes or changes
places elsewhere, what is seen stays. While it follows, the newest row is painted straight from the
source, and the geometry for the scrollbar catches up now and then.
"""

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, TypeVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from ccproxy_tui.tui.widgets.moving import Moving
from ccproxy_tui.tui.widgets.row_drawing import HEADER, RowDrawing
from ccproxy_tui.tui.widgets.source import Source

T = TypeVar("T")


class Rows(RowDrawing[T], Moving, can_focus=True):
    """Rows in columns, with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = Moving.BINDINGS
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--head",
        "rows--empty",
        "rows--cursor",
        "rows--strong",
        "rows--muted",
        "rows--good",
        "rows--warn",
        "rows--bad",
        "rows--accent",
    }
    DEFAULT_CSS = """
    Rows {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-color: $foreground 25%;
        & > .rows--head { text-style: bold; color: $text-muted; }
        & > .rows--empty { color: $text-muted; }
        & > .rows--cursor {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .rows--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .rows--strong { text-style: bold; }
        & > .rows--muted { color: $text-muted; }
        & > .rows--good { color: $text-success; }
        & > .rows--warn { color: $text-warning; }
        & > .rows--bad { color: $text-error; text-style: bold; }
        & > .rows--accent { color: $text-primary; }
    }
    """

    following: reactive[bool] = reactive(False)
    """Whether the newest row stays in sight and under the cursor, whatever comes."""

    class Highlighted(Message):
        """The cursor was moved by the user."""

        def __init__(self, rows: "Rows[Any]") -> None:
            self.rows = rows
            super().__init__()

        @property
        def control(self) -> "Rows[Any]":
            """The list."""
            return self.rows

    class Opened(Highlighted):
        """A row was chosen with the mouse."""

    class FollowChanged(Highlighted):
        """Following began or ended."""

    class HeadClicked(Highlighted):
        """The name of a column was clicked."""

        def __init__(self, rows: "Rows[Any]", name: str) -> None:
            self.name = name
            super().__init__(rows)

    can_follow = False
    """Whether rows come while one looks."""
    newest_first = False
    """Whether they come at the upper end."""
    _held: Sequence[Hashable] = ()
    _first = 0
    _place = 0
    _settling = False

    # --- what the owner says and asks ---------------------------------------------------------

    def show(self, source: Source[T]) -> None:
        """Show other rows; the cursor stays on its row, or else about where it was."""
        self._source = source
        self._cache.clear()
        self._find_cursor()
        self.sync()
        self._show_cursor()
        self._hold()
        self.refresh()

    def rows_moved(self) -> None:
        """Repaint after rows came, went or changed places; what is seen stays where it is."""
        self._find_cursor()
        held = self._held
        if self.following:
            self._first = self._first_following
        elif (first := self._first_holding(held)) != self._first_index:
            self._scroll_to_row(first)
        self._hold()
        if self._held != held:
            self.refresh()

    def _first_holding(self, held: Sequence[Hashable]) -> int:
        """Return which row is to be the first, so that the one at the cursor, or else another one
        that was seen, stays on its line."""
        lines = {identity: line for line, identity in enumerate(held)}
        for identity in (self._cursor, *held) if self._cursor in lines else held:
            index = self._source.index_of(identity)
            if index is not None:
                return max(0, index - lines[identity])
        return self._first_index

    def _hold(self) -> None:
        """Note which rows are seen now; a list that grows gives their columns room."""
        seen = self.seen
        if self.can_follow:
            self.make_room_for(seen)
        self._held = [self._source.identity(item) for item in seen]

    def sync(self) -> None:
        """Bring scrollbar and scroll position up to date with the source."""
        if self.following:
            self._first = self._first_following
        self._scroll_to_row(self._first if self.following else None)

    def _scroll_to_row(self, first: int | None) -> None:
        """Let a row be the first that is seen, None for the one that is."""
        self._settling = True
        size = Size(self.scrollable_size.width, len(self._source) + HEADER)
        if size != self.virtual_size:
            self.virtual_size = size
        if first is not None:
            self.scroll_y = first
        self._settling = False

    @property
    def item(self) -> T | None:
        """The row under the cursor."""
        index = self.index
        return None if index is None else self._source[index]

    @property
    def index(self) -> int | None:
        """Where the cursor is."""
        return None if self._cursor is None else self._source.index_of(self._cursor)

    def select(self, identity: Hashable) -> bool:
        """Put the cursor on a row; tells whether there is such a row."""
        index = self._source.index_of(identity)
        if index is None:
            return False
        self._put_cursor(index)
        self._show_cursor()
        return True

    @property
    def _first_index(self) -> int:
        return self._first if self.following else self.scroll_offset.y

    @property
    def _first_following(self) -> int:
        """Which row is to be the first, so that the newest is seen and little moves."""
        newest = self._source.newest or 0
        first = max(newest - self.page + 1, min(self._first, newest))
        return max(0, min(first, len(self._source) - self.page))

    def on_resize(self) -> None:
        """Give the columns their widths."""
        self._lay_out()
        self.sync()
        self._show_cursor()
        self._hold()

    # --- cursor ------------------------------------------------------------------------------

    def _put_cursor(self, index: int) -> None:
        count = len(self._source)
        self._place = max(0, min(index, count - 1))
        self._cursor = self._source.identity(self._source[self._place]) if count else None

    def _find_cursor(self) -> None:
        """Put the cursor on the newest row or, where its own is gone, about where that was."""
        if self.following:
            self._cursor_to_newest()
        elif (index := self.index) is not None:
            self._place = index
        else:
            self._put_cursor(self._place)

    def _cursor_to_newest(self) -> None:
        self._put_cursor(self._source.newest or 0)

    def _show_cursor(self) -> None:
        if self.following:
            return
        index = self.index
        if index is None:
            return
        first = self.scroll_offset.y
        if not first <= index < first + self.page:
            self._scroll_to_row(index if index < first else index - self.page + 1)
            self._hold()
        self.refresh()

    def move(self, by: int) -> None:
        """Move the cursor; a step beyond the end begins to follow, one up ends that."""
        if not len(self._source):
            return
        index = self.index
        if index is None:
            index = self._place
        wanted = index + by
        beyond = wanted < 0 if self.newest_first else wanted >= len(self._source)
        if self.following:
            if beyond:
                return
            self._stop_following()
        self._put_cursor(wanted)
        self._show_cursor()
        if self.can_follow and beyond and self.index == self._source.newest:
            self.following = True
        self.post_message(self.Highlighted(self))

    def _stop_following(self) -> None:
        """Stay where the tail is now."""
        first = self._first_index
        self.following = False
        self._scroll_to_row(first)
        self._hold()
        self.refresh()

    def watch_following(self, following: bool) -> None:  # noqa: FBT001 - Textual's signature
        """Go to the newest row when following begins."""
        if following:
            self._cursor_to_newest()
        self.sync()
        self.refresh()
        self.post_message(self.FollowChanged(self))

    def follow(self, following: bool) -> None:  # noqa: FBT001 - a switch is a switch
        """Begin or stop to follow."""
        if following:
            self.following = True
        elif self.following:
            self._stop_following()

    # --- mouse -------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a row; a double click opens it."""
        index = self._first_index + event.y - HEADER
        if event.y < HEADER:
            self._click_head(event.x)
            return
        if index >= len(self._source):
            return
        if self.following and index != self._source.newest:
            self._stop_following()
        self._put_cursor(index)
        self.refresh()
        self.post_message(self.Highlighted(self))
        if event.chain > 1:
            self.post_message(self.Opened(self))

    def _click_head(self, x: int) -> None:
        start = 0
        for placed in self._placed:
            if start <= x < start + placed.width:
                self.post_message(self.HeadClicked(self, placed.column.name))
            start += placed.width + 1

    def on_mouse_scroll_up(self) -> None:
        """Scrolling back ends following."""
        if self.following and not self.newest_first:
            self._stop_following()

    def on_mouse_scroll_down(self) -> None:
        """As does scrolling down when the newest is above."""
        if self.following and self.newest_first:
            self._stop_following()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Dragging the scrollbar away ends following."""
        super().watch_scroll_y(old_value, new_value)
        if self._settling:
            return
        if self.following and new_value not in {self._first, self.max_scroll_y}:
            self.set_reactive(Rows.following, False)  # the position is already the wanted one
            self.post_message(self.FollowChanged(self))
        self._hold()
