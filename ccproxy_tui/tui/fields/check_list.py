"""A long list to choose from: rows under headings, drawn line by line, as fast for 10,000 as for 10."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.field import Edited
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be chosen."""

    key: str
    """What it is known by; unique."""
    text: str
    heading: str = ""
    note: str = ""
    """Shown dim at the right."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: an item, a heading, or the offer to add what was typed."""

    kind: Literal["item", "heading", "add"]
    item: Item


class CheckList(ScrollView, can_focus=True):
    """Items with check marks, in the order chosen; with `single`, one is picked and that is all."""

    DEFAULT_CSS = """
    CheckList {
        height: 8;
        border-left: outer $border-blurred;
        background: $surface;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        &:focus { border-left: outer $primary; }
        &:ansi { background: ansi_default; }
        & > .check-list--heading { text-style: bold; }
        & > .check-list--chosen { color: $text-success; text-style: bold; }
        & > .check-list--note { text-style: dim; }
        & > .check-list--cursor {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .check-list--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "check-list--heading",
        "check-list--chosen",
        "check-list--note",
        "check-list--cursor",
    }
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("picker")]

    cursor = reactive(0)

    class Picked(Message):
        """An item of a `single` list was picked."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class SearchWanted(Message):
        """The user wants to type what to search for."""

    def __init__(
        self,
        items: Iterable[Item],
        chosen: Iterable[str] = (),
        *,
        single: bool = False,
        by_hand: Callable[[str], Item | str] | None = None,
        empty: str = "nothing to choose from",
    ) -> None:
        super().__init__()
        self.items = list(items)
        self.chosen = dict.fromkeys(chosen)
        self.single = single
        self._by_hand = by_hand
        self._empty = empty
        self._words = ""
        self._rows: list[Row] = []
        self._select_rows()

    @property
    def value(self) -> tuple[str, ...]:
        """The keys of the chosen items, in the order chosen."""
        return tuple(self.chosen)

    @property
    def shown(self) -> list[Item]:
        """The items that the search leaves."""
        return [row.item for row in self._rows if row.kind == "item"]

    def search(self, words: str) -> None:
        """Show only the items that have all the words, in name or heading."""
        here = self._rows[self.cursor].item if self._rows else None
        self._words = words.strip()
        self._select_rows()
        keep = next((i for i, row in enumerate(self._rows) if row.item is here), None)
        first = next((i for i, row in enumerate(self._rows) if row.kind != "heading"), 0)
        self.cursor = first if keep is None or self._words else keep
        self._rows_changed()

    def _select_rows(self) -> None:
        words = self._words.lower().split()
        rows: list[Row] = []
        heading = ""
        for item in self.items:
            haystack = f"{item.heading}/{item.text}".lower()
            if not all(word in haystack for word in words):
                continue
            if item.heading != heading:
                heading = item.heading
                rows.append(Row("heading", item))
            rows.append(Row("item", item))
        if self._words and self._by_hand is not None:
            added = self._by_hand(self._words)
            if isinstance(added, Item) and all(item.key != added.key for item in self.items):
                rows.append(Row("add", added))
        self._rows = rows

    def _rows_changed(self) -> None:
        self.virtual_size = Size(self.size.width, max(1, len(self._rows)))
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)
        self.refresh()

    def on_mount(self) -> None:
        """Start at the first item."""
        self.cursor = next((i for i, row in enumerate(self._rows) if row.kind == "item"), 0)

    def on_resize(self, _event: Resize) -> None:
        """Take the new width."""
        self._rows_changed()

    def watch_cursor(self) -> None:
        """Keep the cursor in sight."""
        above = self.cursor == 1 and self._rows[0].kind == "heading"
        self.scroll_to_region(
            Region(0, 0 if above else self.cursor, 1, 1), animate=False, force=True
        )
        self.refresh()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.size.width
        index = y + self.scroll_offset.y
        base = self.rich_style
        if not self._rows:
            empty = self._explain_empty() if y == 0 else ""
            note = self.get_component_rich_style("check-list--note", partial=True)
            return Strip(
                [Segment(glyphs(self).fix(plain(f" {empty}", width)), base + note)]
            ).adjust_cell_length(width, base)
        if index >= len(self._rows):
            return Strip.blank(width, base)
        cursor = index == self.cursor
        over = self.get_component_rich_style("check-list--cursor") if cursor else None
        segments = self._segments(self._rows[index], cursor, width)
        fix = glyphs(self).fix
        return Strip(
            [Segment(fix(text), over or base + style) for text, style in segments]
        ).adjust_cell_length(width, over or base)

    def _segments(self, row: Row, cursor: bool, width: int) -> list[tuple[str, Style]]:  # noqa: FBT001
        item, none = row.item, Style.null()
        here = glyphs(self).here if cursor else " "
        note = self.get_component_rich_style("check-list--note", partial=True)
        if row.kind == "heading":
            style = self.get_component_rich_style("check-list--heading", partial=True)
            count = self._heading_count(item.heading)
            room = width - cell_len(count) - 3
            return [(f"{here}{plain(item.heading, room)}", style), (f"  {count}", note)]
        if row.kind == "add":
            return [(f'{here}+ add "{plain(item.key, width - 11)}"', none)]
        if self.single:
            mark, style = "", none
        elif item.key in self.chosen:
            mark = "[x] "
            style = self.get_component_rich_style("check-list--chosen", partial=True)
        else:
            mark, style = "[ ] ", none
        left = f"{here}{'  ' if item.heading else ''}{mark}"
        right = self.note(item)
        if not self.single and len(self.chosen) > 1 and item.key in self.chosen:
            right = f"{right} #{list(self.chosen).index(item.key) + 1}".strip()
        right = plain(right, max(0, width - 24))
        room = width - cell_len(left) - cell_len(right) - 2
        text = plain(item.text, room)
        gap = " " * (room - cell_len(text) + 1)
        return [(left, style), (text, style), (gap, none), (right, note)]

    def note(self, item: Item) -> str:
        """Return what to say of an item at the right."""
        return item.note

    @property
    def here(self) -> Item | None:
        """The chosen item under the cursor, if it is one."""
        row = self._rows[self.cursor] if self._rows else None
        chosen = row is not None and row.kind == "item" and row.item.key in self.chosen
        return row.item if chosen and row is not None else None

    def _heading_count(self, heading: str) -> str:
        keys = [item.key for item in self.items if item.heading == heading]
        if self.single:
            return ""
        return f"{sum(key in self.chosen for key in keys)} of {len(keys)}"

    def _explain_empty(self) -> str:
        if not self._words:
            return self._empty
        if self._by_hand is not None and isinstance(why := self._by_hand(self._words), str):
            return why
        return f'nothing has "{self._words}"'

    # Choosing

    def add(self, item: Item) -> None:
        """Put an item first in the list, and choose it."""
        self.items.insert(
            next((i for i, known in enumerate(self.items) if known.heading == item.heading), 0),
            item,
        )
        self.chosen[item.key] = None
        self._select_rows()
        self._rows_changed()
        self.post_message(Edited())

    def toggle_current(self) -> None:
        """Choose the item under the cursor, or no longer; for a heading, its items that are shown."""
        if not self._rows:
            return
        row = self._rows[self.cursor]
        if row.kind == "add":
            self.add(row.item)
        elif self.single:
            if row.kind == "item":
                self.post_message(self.Picked(row.item))
        elif row.kind == "heading":
            self._toggle([item for item in self.shown if item.heading == row.item.heading])
        else:
            self._toggle([row.item])

    def _toggle(self, items: Sequence[Item]) -> None:
        if all(item.key in self.chosen for item in items):
            for item in items:
                del self.chosen[item.key]
        else:
            self.chosen.update(dict.fromkeys(item.key for item in items))
        self.refresh()
        self.post_message(Edited())

    def _move_chosen(self, by: int) -> None:
        if self.here is None:
            return
        order = list(self.chosen)
        index = order.index(self.here.key)
        order.insert(max(0, index + by), order.pop(index))
        self.chosen = dict.fromkeys(order)
        self.refresh()
        self.post_message(Edited())

    def counts(self) -> str:
        """Say how many are chosen of how many."""
        known = Counter(item.key in self.chosen for item in self.items)
        shown = f" · {len(self.shown)} shown" if self._words else ""
        return f"{known[True]} of {len(self.items)} selected{shown}"

    # Commands

    def action_picker_toggle(self) -> None:
        """Choose the row, or no longer."""
        self.toggle_current()

    def action_picker_all(self) -> None:
        """Choose all shown, or none of them."""
        if not self.single and (items := self.shown):
            self._toggle(items)

    def action_picker_search(self) -> None:
        """Go to where one types what to search for."""
        self.post_message(self.SearchWanted())

    def action_picker_earlier(self) -> None:
        """Move the chosen row forward in the order."""
        self._move_chosen(-1)

    def action_picker_later(self) -> None:
        """Move the chosen row back in the order."""
        self._move_chosen(1)

    def action_picker_down(self) -> None:
        """Go one row down."""
        self._go(self.cursor + 1)

    def action_picker_up(self) -> None:
        """Go one row up, or from the first to where one searches."""
        if self.cursor == 0:
            self.post_message(self.SearchWanted())
        self._go(self.cursor - 1)

    def action_picker_first(self) -> None:
        """Go to the first row."""
        self._go(0)

    def action_picker_last(self) -> None:
        """Go to the last row."""
        self._go(len(self._rows) - 1)

    def action_picker_page_down(self) -> None:
        """Go one page down."""
        self._go(self.cursor + self.size.height)

    def action_picker_page_up(self) -> None:
        """Go one page up."""
        self._go(self.cursor - self.size.height)

    def _go(self, index: int) -> None:
        self.cursor = max(0, min(len(self._rows) - 1, index))

    def on_click(self, event: Click) -> None:
        """Choose what was clicked on."""
        index = event.y + self.scroll_offset.y
        if 0 <= index < len(self._rows):
            self.cursor = index
            self.toggle_current()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what a list to pick one from cannot do."""
        many = {"picker_all", "picker_earlier", "picker_later"}
        return not (self.single and action in many)
