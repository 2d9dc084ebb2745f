"""The one list widget: it draws the lines that are seen, so that 100,000 rows cost what 100 do.

The cursor holds on to a row's identity, never to its place. While it follows, the tail is painted
straight from the source, and the geometry for the scrollbar catches up now and then.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ccproxy_tui.tui.widgets.cells import Cell, Tone, fit, one_line
from ccproxy_tui.tui.widgets.columns import Column, Placed, place, widened
from ccproxy_tui.tui.widgets.lines import Line, wrap
from ccproxy_tui.tui.widgets.moving import Moving
from ccproxy_tui.tui.widgets.source import FixedSource, Source

T = TypeVar("T")

_HEADER = 1


class Rows(Moving, ScrollView, Generic[T], can_focus=True):
    """Rows in columns, with a cursor."""

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
    """Whether the last row stays in sight and under the cursor, whatever comes."""

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

    def __init__(
        self,
        columns: Sequence[Column[T]],
        *,
        empty: str = "",
        can_follow: bool = False,
        version: Callable[[T], Hashable | None] = lambda _item: 0,
        heading: Callable[[T], str] = lambda _item: "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._columns = self._given = tuple(columns)
        self._placed: tuple[Placed[T], ...] = ()
        self._source: Source[T] = FixedSource()
        self._cache: LRUCache[tuple[Hashable, Hashable], Strip] = LRUCache(512)
        self._dropped = 0
        self._drawn: list[list[Cell]] = []
        self._cursor: Hashable | None = None
        self._place = 0
        self._can_follow = can_follow
        self._version = version
        self._heading = heading
        self.empty = empty
        self.mark = "…"
        """What a cell ends with that is cut."""

    # --- what the owner says and asks ---------------------------------------------------------

    def show(self, source: Source[T]) -> None:
        """Show other rows; the cursor stays on its row, or else about where it was."""
        self._source = source
        self._dropped = source.dropped
        self._cache.clear()
        if self.following:
            self._cursor_to_end()
        elif self._cursor is None or source.index_of(self._cursor) is None:
            self._put_cursor(self._place)
        self.sync()
        self._show_cursor()
        self.refresh()

    def make_room_for(self, items: Iterable[T], *, anew: bool = False) -> None:
        """Give columns that follow their content the width for some more rows, or for just these."""
        columns = widened(self._given if anew else self._columns, items)
        if columns != self._columns:
            self._columns = columns
            self._lay_out()
            self.refresh()

    def _lay_out(self) -> None:
        self._placed = place(self._columns, self.scrollable_size.width)
        self._cache.clear()

    def rows_added(self) -> None:
        """Repaint after rows came at the end or went at the front."""
        if self.following:
            self._cursor_to_end()
            self.refresh()
        elif len(self._source) <= self.page or self._source.dropped != self._dropped:
            if self._cursor is None or self._source.index_of(self._cursor) is None:
                self._put_cursor(0)
            self.sync()
            self.refresh()

    def rows_changed(self, items: Iterable[T]) -> None:
        """Repaint those of the rows that are seen."""
        first = self._first_index
        last = first + self.page
        for item in items:
            index = self._source.index_of(self._source.identity(item))
            if index is not None and first <= index < last:
                self.refresh(Region(0, _HEADER + index - first, self.scrollable_size.width, 1))

    def repaint(self) -> None:
        """Draw all rows anew, as what they are drawn from has changed."""
        self._cache.clear()
        self._drawn = self._cells()
        self.refresh()

    def repaint_if_changed(self) -> None:
        """Draw all rows anew, if what is to be seen of them has changed."""
        if self._cells() != self._drawn:
            self.repaint()

    def _cells(self) -> list[list[Cell]]:
        return [
            [placed.column.draw(item, placed.width) for placed in self._placed]
            for item in self.seen
        ]

    def sync(self) -> None:
        """Bring scrollbar and scroll position up to date with the source."""
        gone = self._source.dropped - self._dropped
        self._dropped = self._source.dropped
        size = Size(self.scrollable_size.width, len(self._source) + _HEADER)
        if size != self.virtual_size:
            self.virtual_size = size
        if self.following:
            self.scroll_y = self.max_scroll_y
        elif gone:
            self.scroll_y = max(0, self.scroll_y - gone)

    @property
    def item(self) -> T | None:
        """The row under the cursor."""
        index = self.index
        return None if index is None else self._source[index]

    @property
    def index(self) -> int | None:
        """Where the cursor is."""
        return None if self._cursor is None else self._source.index_of(self._cursor)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._source)

    @property
    def seen(self) -> list[T]:
        """The rows that are on the screen."""
        first = self._first_index
        last = min(len(self._source), first + self.page)
        return [self._source[index] for index in range(first, last)]

    def select(self, identity: Hashable) -> bool:
        """Put the cursor on a row; tells whether there is such a row."""
        index = self._source.index_of(identity)
        if index is None:
            return False
        self._put_cursor(index)
        self._show_cursor()
        return True

    # --- drawing -----------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """How many rows are seen."""
        return max(0, self.scrollable_size.height - _HEADER)

    @property
    def _first_index(self) -> int:
        if self.following:
            return max(0, len(self._source) - self.page)
        return self.scroll_offset.y

    def render_line(self, y: int) -> Strip:
        """Draw a line: the head, a row, or the words for an empty list."""
        width = self.scrollable_size.width
        if y < _HEADER:
            return self._draw_head(width)
        index = self._first_index + y - _HEADER
        if index < len(self._source):
            return self._draw_row(self._source[index], width)
        if not len(self._source) and self.empty:
            return self._draw_empty(y - _HEADER, width)
        return Strip.blank(width, self.rich_style)

    def _draw_head(self, width: int) -> Strip:
        style = self.get_component_rich_style("rows--head")
        names = " ".join(
            fit(placed.column.name, placed.width, placed.column.align) for placed in self._placed
        )
        return Strip([Segment(fit(names, width), style)], width)

    def _draw_empty(self, line: int, width: int) -> Strip:
        lines = wrap((Line(text, hang=0) for text in self.empty.splitlines()), max(1, width))
        text = lines[line].text if line < len(lines) else ""
        style = self.get_component_rich_style("rows--empty")
        return Strip([Segment(fit(text, width, mark="…"), style)], width)

    def _draw_row(self, item: T, width: int) -> Strip:
        identity = self._source.identity(item)
        version = self._version(item)
        on_cursor = identity == self._cursor
        keep = version is not None and not on_cursor
        if keep and (strip := self._cache.get((identity, version))) is not None:
            return strip
        base = self.get_component_rich_style("rows--cursor") if on_cursor else self.rich_style
        strip = Strip(self._draw_cells(item, base)).adjust_cell_length(width, base).simplify()
        if keep:
            self._cache[identity, version] = strip
        return strip

    def _draw_cells(self, item: T, base: Style) -> list[Segment]:
        if heading := self._heading(item):
            return [Segment(heading, base + self._tone("strong"))]
        segments = []
        for number, placed in enumerate(self._placed):
            text, tone = _text_and_tone(placed.column.draw(item, placed.width))
            style = base if base.reverse else base + self._tone(tone)
            gap = " " if number else ""
            shown = fit(one_line(text), placed.width, placed.column.align, mark=self.mark)
            segments.append(Segment(gap + shown, style))
        return segments

    def _tone(self, tone: Tone) -> Style:
        if not tone:
            return Style.null()
        style = self.get_component_rich_style(f"rows--{tone}")
        return Style(color=style.color, bold=style.bold, dim=style.dim)

    def notify_style_update(self) -> None:
        """Forget lines drawn with the old colours."""
        super().notify_style_update()
        self._cache.clear()

    def on_resize(self) -> None:
        """Give the columns their widths."""
        self._lay_out()
        self.sync()
        self._show_cursor()

    # --- cursor ------------------------------------------------------------------------------

    def _put_cursor(self, index: int) -> None:
        count = len(self._source)
        self._place = max(0, min(index, count - 1))
        self._cursor = self._source.identity(self._source[self._place]) if count else None

    def _cursor_to_end(self) -> None:
        self._put_cursor(len(self._source) - 1)

    def _show_cursor(self) -> None:
        if self.following:
            return
        index = self.index
        if index is None:
            return
        if index < self.scroll_offset.y:
            self.scroll_y = index
        elif index >= self.scroll_offset.y + self.page:
            self.scroll_y = index - self.page + 1
        self.refresh()

    def move(self, by: int) -> None:
        """Move the cursor; a step beyond the end begins to follow, one up ends that."""
        if not len(self._source):
            return
        index = self.index
        if index is None:
            index = self._place
        wanted = index + by
        if self.following:
            if by >= 0:
                return
            self._stop_following()
        self._put_cursor(wanted)
        self._show_cursor()
        if self._can_follow and by > 0 and wanted > len(self._source) - 1:
            self.following = True
        self.post_message(self.Highlighted(self))

    def _stop_following(self) -> None:
        """Stay where the tail is now."""
        first = self._first_index
        self.following = False
        self.sync()
        self.scroll_y = first
        self.refresh()

    def watch_following(self, following: bool) -> None:  # noqa: FBT001 - Textual's signature
        """Go to the end when following begins."""
        if following:
            self._cursor_to_end()
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
        index = self._first_index + event.y - _HEADER
        if event.y < _HEADER or index >= len(self._source):
            return
        if self.following and index < len(self._source) - 1:
            self._stop_following()
        self._put_cursor(index)
        self.refresh()
        self.post_message(self.Highlighted(self))
        if event.chain > 1:
            self.post_message(self.Opened(self))

    def on_mouse_scroll_up(self) -> None:
        """Scrolling back ends following."""
        if self.following:
            self._stop_following()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Dragging the scrollbar up ends following."""
        super().watch_scroll_y(old_value, new_value)
        if self.following and new_value < old_value and new_value < self.max_scroll_y:
            self.set_reactive(Rows.following, False)  # the position is already the wanted one
            self.post_message(self.FollowChanged(self))


def _text_and_tone(cell: Cell) -> tuple[str, Tone]:
    return cell if isinstance(cell, tuple) else (cell, "")
