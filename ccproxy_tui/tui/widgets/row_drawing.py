"""How rows are drawn: line by line, and only those that are seen."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ccproxy_tui.tui.widgets.cells import Cell, Tone, cut, fit, one_line
from ccproxy_tui.tui.widgets.columns import Column, Placed, place, widened
from ccproxy_tui.tui.widgets.lines import Line, wrap
from ccproxy_tui.tui.widgets.source import FixedSource, Source

T = TypeVar("T")

HEADER = 1
"""Lines above the rows, with the names of the columns."""


class RowDrawing(ScrollView, Generic[T]):
    """Rows in columns; whoever moves a cursor over them says on which it is."""

    def __init__(
        self,
        columns: Sequence[Column[T]],
        *,
        empty: str = "",
        version: Callable[[T], Hashable | None] = lambda _item: 0,
        heading: Callable[[T], str] = lambda _item: "",
        summary: Sequence[Column[T]] = (),
        sums_up: Callable[[T], bool] = lambda _item: False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`summary` has the columns of rows that sum up others, which `sums_up` tells."""
        super().__init__(id=id)
        self._columns = self._given = tuple(columns)
        self._placed: tuple[Placed[T], ...] = ()
        self._summary = tuple(summary)
        self._summary_placed: tuple[Placed[T], ...] = ()
        self._sums_up = sums_up
        self._source: Source[T] = FixedSource()
        self._cursor: Hashable | None = None
        self._cache: LRUCache[tuple[Hashable, Hashable], Strip] = LRUCache(512)
        self._drawn: list[list[Cell]] = []
        self._plain: Style | None = None
        self._version = version
        self._heading = heading
        self.empty = empty
        self.mark = "…"
        """What a cell ends with that is cut."""
        self.sorted_by: tuple[str, str] | None = None
        """The name of a column, and the sign to put behind it."""

    # --- what is seen ------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._source)

    @property
    def page(self) -> int:
        """How many rows are seen."""
        return max(0, self.scrollable_size.height - HEADER)

    @property
    def _first_index(self) -> int:
        """Which row is the first that is seen."""
        return self.scroll_offset.y

    @property
    def seen(self) -> list[T]:
        """The rows that are on the screen."""
        first = self._first_index
        last = min(len(self._source), first + self.page)
        return [self._source[index] for index in range(first, last)]

    # --- columns -----------------------------------------------------------------------------

    @property
    def crowded_out(self) -> list[Column[T]]:
        """The columns that there is no room for."""
        placed = [one.column for one in self._placed]
        return [column for column in self._columns if column.width and column not in placed]

    def lay_out(self, columns: Sequence[Column[T]]) -> None:
        """Show other columns."""
        self._columns = self._given = tuple(columns)
        self.make_room_for(self.seen, anew=True)
        self._lay_out()
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
        self._summary_placed = place(self._summary, self.scrollable_size.width)
        self._cache.clear()

    # --- painting ----------------------------------------------------------------------------

    def rows_changed(self, items: Iterable[T]) -> None:
        """Repaint those of the rows that are seen."""
        first = self._first_index
        last = first + self.page
        for item in items:
            index = self._source.index_of(self._source.identity(item))
            if index is not None and first <= index < last:
                self.refresh(Region(0, HEADER + index - first, self.scrollable_size.width, 1))

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

    def render_line(self, y: int) -> Strip:
        """Draw a line: the head, a row, or the words for an empty list."""
        width = self.scrollable_size.width
        if y < HEADER:
            return self._draw_head(width)
        index = self._first_index + y - HEADER
        if index < len(self._source):
            return self._draw_row(self._source[index], width)
        if not len(self._source) and self.empty:
            return self._draw_empty(y - HEADER, width)
        return Strip.blank(width, self.rich_style)

    def _draw_head(self, width: int) -> Strip:
        style = self.get_component_rich_style("rows--head")
        names = " ".join(
            fit(self._head_of(placed), placed.width, placed.column.align) for placed in self._placed
        )
        return Strip([Segment(fit(names, width), style)], width)

    def _head_of(self, placed: Placed[T]) -> str:
        name, sign = self.sorted_by or ("", "")
        if placed.column.name != name:
            return placed.column.name
        return cut(name, placed.width - len(sign), mark="") + sign

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
        base = self.get_component_rich_style("rows--cursor") if on_cursor else self._base_style
        strip = Strip(self._draw_cells(item, base)).adjust_cell_length(width, base).simplify()
        if keep:
            self._cache[identity, version] = strip
        return strip

    @property
    def _base_style(self) -> Style:
        if self._plain is None:
            self._plain = self.rich_style
        return self._plain

    def _draw_cells(self, item: T, base: Style) -> list[Segment]:
        if heading := self._heading(item):
            return [Segment(heading, base + self._tone("strong"))]
        segments = []
        columns = self._summary_placed if self._sums_up(item) else self._placed
        for number, placed in enumerate(columns):
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
        self._plain = None
        self._cache.clear()


def _text_and_tone(cell: Cell) -> tuple[str, Tone]:
    return cell if isinstance(cell, tuple) else (cell, "")
