"""Lines that can be unfolded, with a cursor: it draws those that are seen, however many there are."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.signs import ASCII, PLAIN, UNICODE, Signs
from ccproxy_tui.tui.unfolding import Hit, Place, Row, Unfolding
from ccproxy_tui.tui.widgets.cells import cut, one_line, width_of
from ccproxy_tui.tui.widgets.lines import Line
from ccproxy_tui.tui.widgets.moving import Moving
from ccproxy_tui.tui.widgets.outline_lines import LEAST, MARK, OutlineLines


class Outline(Moving, ScrollView, can_focus=True):
    """An outline."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("outline")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "outline--cursor",
        "outline--strong",
        "outline--muted",
        "outline--good",
        "outline--warn",
        "outline--bad",
        "outline--accent",
    }
    DEFAULT_CSS = """
    Outline {
        width: 1fr;
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-color: $foreground 25%;
        & > .outline--cursor {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .outline--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .outline--strong { text-style: bold; }
        & > .outline--muted { color: $text-muted; }
        & > .outline--good { color: $text-success; }
        & > .outline--warn { color: $text-warning; }
        & > .outline--bad { color: $text-error; }
        & > .outline--accent { color: $text-primary; }
    }
    """

    class FindAsked(Message):
        """The user wants to type what to find."""

    class Found(Message):
        """The hits, or the place among them, changed."""

        def __init__(self, here: int, hits: int) -> None:
            self.here = here
            self.hits = hits
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.signs: Signs = UNICODE
        self._unfolding = Unfolding((), {})
        self._lines = OutlineLines()
        self._cursor = 0
        self._at_end = False
        self._pattern: re.Pattern[str] | None = None
        self._hits: list[Hit] = []
        self._here = -1
        self._stale = False

    # --- what is shown -----------------------------------------------------------------------

    def show(
        self, nodes: Sequence[Node], *, stay: bool = False, place: Place | None = None
    ) -> None:
        """Show other nodes: from their start, from a place, or where one is, if it stays the same."""
        before = self._seen() if stay else None
        at = self.place if stay else place or Place()
        self._unfolding = Unfolding(nodes, at.folds)
        self._lay_out()
        self._go_back_to(at)
        self._stale = True
        if self._pattern is not None and not stay:
            self._search()
            self._tell()
        self._repaint(before)

    @property
    def place(self) -> Place:
        """Where the user is now."""
        folds = self._unfolding.folds
        if not self.count:
            return Place(folds)
        row, offset = self._lines.row_at(self._cursor)
        height = self._cursor - self.scroll_offset.y
        return Place(folds, self._unfolding.path(row), offset, height, self._at_end)

    def _go_back_to(self, place: Place) -> None:
        row = self._unfolding.row_of(place.path)
        self._at_end = place.at_end
        if place.at_end:
            self._cursor = max(0, self.count - 1)
        elif row is None:
            self._cursor = 0
        else:
            self._cursor = self._lines.first(row) + min(
                place.offset, self._lines.end(row) - self._lines.first(row) - 1
            )
        self.scroll_y = max(0, self._cursor - place.height)
        self._show_cursor()

    def draw_with(self, signs: Signs) -> None:
        """Take other signs."""
        self.signs = signs
        self._lines.draw_plainly(plain=signs is ASCII)
        self._lay_out()
        self.refresh()

    def text_of_cursor(self) -> str:
        """Return the whole text of the node under the cursor."""
        if not self.count:
            return ""
        node = self._unfolding.rows[self._lines.row_at(self._cursor)[0]].node
        if node.text is None:
            return node.line.text
        return node.text() if callable(node.text) else node.text

    # --- where lines are ---------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self._lines.count

    @property
    def page(self) -> int:
        """How many lines are seen."""
        return self.scrollable_size.height

    @property
    def room(self) -> int:
        """How many cells a line at the top level has."""
        return max(LEAST, self.scrollable_size.width - MARK)

    def _lay_out(self) -> None:
        self._lines.lay_out(self._unfolding.rows, self.scrollable_size.width)
        self._fit()

    def _fit(self) -> None:
        size = Size(self._lines.width, self.count)
        if size != self.virtual_size:
            self.virtual_size = size

    def on_resize(self) -> None:
        """Wrap to the new width."""
        place = self.place
        self._lay_out()
        self._go_back_to(place)

    # --- drawing -----------------------------------------------------------------------------

    def _seen(self) -> list[Strip]:
        """Draw what is on the screen."""
        return [self.render_line(y) for y in range(self.page)]

    def _repaint(self, before: list[Strip] | None) -> None:
        """Paint anew the lines that look different from before."""
        if before is None:
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._seen(), strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self._lines.width
        line = self.scroll_offset.y + y
        if line >= self.count:
            return Strip.blank(width, self.rich_style)
        number, offset = self._lines.row_at(line)
        row = self._unfolding.rows[number]
        piece = self._lines.block(row).pieces[offset]
        on_cursor = line == self._cursor
        base = self.get_component_rich_style("outline--cursor") if on_cursor else self.rich_style
        mark = "  "
        if row.node.can_open and not offset:
            mark = f"{self.signs.unfolded if row.open else self.signs.folded} "
        drawn = [
            Segment(" " * self._lines.indent(row) + mark, base + self._style("muted", base)),
            *self._text(row, offset, piece, base),
        ]
        return Strip(drawn).adjust_cell_length(width, base).simplify()

    def _text(self, row: Row, offset: int, piece: Line, base: Style) -> list[Segment]:
        style = base + self._style(piece.tone, base)
        drawn = self._marked(piece.text, style)
        if len(drawn) == 1 and piece.lead:
            label = Segment(piece.text[: piece.lead], base + self._style("accent", base))
            drawn = [label, Segment(piece.text[piece.lead :], style)]
        if row.node.summary and not row.open and offset == self._last_offset(row):
            room = self._lines.room(row) - width_of(piece.text) - MARK
            muted = base + self._style("muted", base)
            drawn += self._marked(self._summary(row.node.summary, room), muted)
        return drawn

    def _summary(self, text: str, room: int) -> str:
        """Return as much of a summary as fits."""
        if room <= LEAST:
            return ""
        text = one_line(text)
        if self.signs is ASCII:
            text = text.translate(PLAIN)
        return "  " + cut(text, room, mark=self.signs.more)

    def _last_offset(self, row: Row) -> int:
        return len(self._lines.block(row).pieces) - 1

    def _style(self, tone: str, base: Style) -> Style:
        if not tone or base.reverse:
            return Style.null()
        style = self.get_component_rich_style(f"outline--{tone}")
        return Style(color=style.color, bold=style.bold, dim=style.dim)

    def _marked(self, text: str, style: Style) -> list[Segment]:
        """Cut a line at the hits in it."""
        pieces: list[Segment] = []
        start = 0
        if self._pattern is not None:
            hit = style + Style(reverse=not style.reverse, bold=True)
            for found in self._pattern.finditer(text):
                pieces += [Segment(text[start : found.start()], style), Segment(found[0], hit)]
                start = found.end()
        return [*pieces, Segment(text[start:], style)]

    # --- cursor ------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Move the cursor; on the last line it stays on the last line."""
        if self.count:
            self._put_cursor(self._cursor + by)
            self._at_end = by > 0 and self._cursor == self.count - 1

    def _put_cursor(self, line: int) -> None:
        old, top = self._cursor, self.scroll_offset.y
        self._cursor = max(0, min(line, self.count - 1))
        self._show_cursor()
        for changed in (old, self._cursor):
            self.refresh(Region(0, changed - top, self.size.width, 1))

    def _show_cursor(self) -> None:
        line, top = self._cursor, self.scroll_offset.y
        if line < top:
            self.scroll_y = line
        elif line >= top + self.page:
            self.scroll_y = line - self.page + 1

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a line; a click on its sign, and a double click, unfolds it or folds it."""
        line = self.scroll_offset.y + event.y
        if line >= self.count:
            return
        self._at_end = False
        self._put_cursor(line)
        row = self._unfolding.rows[self._lines.row_at(line)[0]]
        if event.chain > 1 or event.x < self._lines.indent(row) + MARK:
            self.action_outline_toggle()

    # --- folding -----------------------------------------------------------------------------

    def _unfold(self, number: int, *, unfolded: bool) -> None:
        """Unfold a row or fold it, and show as much as fits of what is below."""
        gone, new = self._unfolding.unfold(number, unfolded)
        rows = self._unfolding.rows[number + 1 : number + 1 + new]
        self._lines.replace(number + 1, gone, rows)
        self._fit()
        first = self._lines.first(number)
        self._at_end = False
        self._put_cursor(first)
        last = self._lines.end(number + new)
        if last > self.scroll_offset.y + self.page:
            self.scroll_y = min(first, last - self.page)
        self.refresh()

    def action_outline_unfold(self) -> None:
        """Unfold the node, or go to the first one below it."""
        if not self.count:
            return
        number, _ = self._lines.row_at(self._cursor)
        row = self._unfolding.rows[number]
        if row.open and number + 1 < self._unfolding.end(number):
            self._put_cursor(self._lines.first(number + 1))
        elif row.node.can_open and not row.open:
            self._unfold(number, unfolded=True)

    def action_outline_fold(self) -> None:
        """Fold the node, or go to the one above."""
        if not self.count:
            return
        number, _ = self._lines.row_at(self._cursor)
        self._at_end = False
        if self._unfolding.rows[number].open:
            self._unfold(number, unfolded=False)
        elif (parent := self._unfolding.parent(number)) is not None:
            self._put_cursor(self._lines.first(parent))

    def action_outline_toggle(self) -> None:
        """Unfold the node, or fold it."""
        if not self.count:
            return
        number, _ = self._lines.row_at(self._cursor)
        row = self._unfolding.rows[number]
        if row.node.can_open:
            self._unfold(number, unfolded=not row.open)

    def action_outline_fold_all(self) -> None:
        """Fold everything."""
        self._change_all(self._unfolding.fold_all)

    def action_outline_unfold_all(self) -> None:
        """Unfold everything."""
        self._change_all(self._unfolding.unfold_all)

    def _change_all(self, change: Callable[[], None]) -> None:
        place = replace(self.place, at_end=False)
        change()
        self._lay_out()
        self._go_back_to(place)
        self.refresh()

    # --- finding -----------------------------------------------------------------------------

    def find(self, words: str) -> None:
        """Mark all hits, and go to the first one from the cursor on."""
        self._pattern = re.compile(re.escape(words), re.IGNORECASE) if words else None
        self._go_to(self._search())
        self._tell()
        self.refresh()

    def _search(self) -> int:
        """Find all hits; tells which is the first from the cursor on."""
        self._stale = False
        self._here = -1
        if self._pattern is None:
            self._hits = []
            return 0
        self._hits, before = self._unfolding.hits(self._pattern, self.place.path)
        return before

    def _go_to(self, here: int) -> None:
        """Go to a hit, and unfold what it is in."""
        if not self._hits:
            return
        self._here = here % len(self._hits)
        hit = self._hits[self._here]
        row = self._unfolding.row_of(hit.path)
        if row is None or len(hit.path) != self._unfolding.rows[row].depth + 1:
            self._unfolding.reveal(hit.path)
            self._lay_out()
            row = self._unfolding.row_of(hit.path)
        if row is None:
            return
        self._at_end = False
        line = self._lines.first(row) + self._piece(self._unfolding.rows[row], hit.line)
        if not self.scroll_offset.y <= line < self.scroll_offset.y + self.page:
            self.scroll_y = max(0, line - self.page // 3)
        self._put_cursor(line)
        self._tell()
        self.refresh()

    def _piece(self, row: Row, line: int) -> int:
        """Return which piece of a row shows the hit in one of its lines."""
        block = self._lines.block(row)
        start = block.starts[line]
        end = block.starts[line + 1] if line + 1 < len(block.starts) else len(block.pieces)
        assert self._pattern is not None
        found = (at for at in range(start, end) if self._pattern.search(block.pieces[at].text))
        return next(found, start)

    def _step(self, by: int) -> None:
        if self._stale:
            here = self._here
            self._search()
            self._here = here
        self._go_to(self._here + by)

    def _tell(self) -> None:
        self.post_message(self.Found(self._here + 1, len(self._hits)))

    def action_outline_find(self) -> None:
        """Ask what to find."""
        self.post_message(self.FindAsked())

    def action_outline_next(self) -> None:
        """Go to the next hit."""
        self._step(1)

    def action_outline_previous(self) -> None:
        """Go to the hit before."""
        self._step(-1)
