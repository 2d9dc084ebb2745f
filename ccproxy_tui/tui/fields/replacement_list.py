"""A field for replacements: their list, and below it the two texts of the one at the cursor."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget

from ccproxy_tui.config.models import Replacement
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.field import Edited, Field
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import TextLines
from ccproxy_tui.tui.group_fields import one_row

_MOST_ROWS = 6


@dataclass(slots=True)
class Pair:
    """A replacement as it is being edited, and whether saving takes it away."""

    find: str = ""
    replace: str = ""
    deleted: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing has been typed."""
        return not (self.find or self.replace)


class PairList(Widget, can_focus=True):
    """The pairs, a line each, as many as there is room for around the cursor; never none."""

    DEFAULT_CSS = """
    PairList {
        width: 1fr;
        height: auto;
        padding: 0 1;
        border-left: outer $border-blurred;
        background: $surface;
        &:focus { border-left: outer $primary; }
        &:ansi { background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lines"), *bindings("pairs")]

    cursor = reactive(0)

    def __init__(self, pairs: Iterable[Pair]) -> None:
        super().__init__()
        self.pairs = list(pairs) or [Pair()]

    @property
    def here(self) -> Pair:
        """The pair at the cursor."""
        return self.pairs[self.cursor]

    @property
    def _top(self) -> int:
        last = max(0, len(self.pairs) - _MOST_ROWS)
        return max(0, min(last, self.cursor - _MOST_ROWS // 2))

    def render(self) -> Content:
        """Show what is replaced by what."""
        top = self._top
        shown = enumerate(self.pairs[top : top + _MOST_ROWS], start=top)
        return Content("\n").join(self._row(index, pair) for index, pair in shown)

    def _row(self, index: int, pair: Pair) -> Content:
        signs = glyphs(self)
        here = index == self.cursor
        mark = f"{signs.here} " if here and self.has_focus else "  "
        number = f"{index + 1:>{len(str(len(self.pairs)))}} "
        if pair.blank:
            number = "none yet; " if len(self.pairs) == 1 else number
            return Content.assemble(mark, (f"{number}type below what to find", "dim"))
        room = self.content_size.width - len(mark) - len(number)
        find = one_row(pair.find) or "(nothing yet)"
        if pair.deleted:
            note = "  goes when you save (d keeps it)"
            shown = signs.fix(plain(find, max(4, room - len(note))))
            return Content.assemble(mark, number, (shown, "strike"), (note, "dim"))
        room -= len(signs.to) + 2
        style = "bold" if here else ""
        replace = one_row(pair.replace)
        right = signs.fix(plain(replace or "(nothing)", max(4, room // 2)))
        left = signs.fix(plain(find, max(4, room - cell_len(right))))
        return Content.assemble(
            mark,
            number,
            (left, style),
            f" {signs.to} ",
            (right, style if replace else f"{style} dim"),
        )

    def show(self) -> None:
        """Show the pairs as they are now."""
        self.refresh(layout=True)

    # Commands

    def action_lines_add(self) -> None:
        """Begin a new pair, unless one has been begun."""
        blank = next((index for index, pair in enumerate(self.pairs) if pair.blank), None)
        if blank is None:
            blank = len(self.pairs)
            self.pairs.append(Pair())
        self.cursor = blank
        self.show()
        self.screen.focus_next()

    def action_lines_delete(self) -> None:
        """Mark the pair as going, or take that back."""
        self.here.deleted = not self.here.deleted
        self._edited()

    def action_lines_down(self) -> None:
        """Go one line down, or to the texts."""
        if self.cursor + 1 < len(self.pairs):
            self.cursor += 1
        else:
            self.screen.focus_next()

    def action_lines_up(self) -> None:
        """Go one line up, or to the previous field."""
        if self.cursor > 0:
            self.cursor -= 1
        else:
            self.screen.focus_previous()

    def action_pairs_edit(self) -> None:
        """Go to the texts of the pair."""
        self.screen.focus_next()

    def action_pairs_earlier(self) -> None:
        """Let the pair be replaced earlier."""
        self._move(-1)

    def action_pairs_later(self) -> None:
        """Let the pair be replaced later."""
        self._move(1)

    def _move(self, by: int) -> None:
        there = self.cursor + by
        if not 0 <= there < len(self.pairs):
            return
        pairs = self.pairs
        pairs[self.cursor], pairs[there] = pairs[there], pairs[self.cursor]
        self.cursor = there
        self._edited()

    def _edited(self) -> None:
        self.show()
        self.post_message(Edited())

    def on_click(self, event: Click) -> None:
        """Go to the line clicked on."""
        index = event.y + self._top
        if 0 <= index < len(self.pairs):
            self.cursor = index


class ReplacementLines(Widget):
    """The list and its two texts; its value is the pairs that would be saved."""

    DEFAULT_CSS = """
    ReplacementLines {
        width: 1fr;
        height: auto;
        layout: vertical;
        Field .field--label { width: 13; }
    }
    """

    def __init__(self, replacements: Iterable[Replacement]) -> None:
        super().__init__()
        self.list = PairList(Pair(one.find, one.replace) for one in replacements)
        self._find = TextLines(rows=2, placeholder="text of the client's system prompt")
        self._replace = TextLines(rows=2, placeholder="nothing: it is taken out")
        self._shown = self.list.here
        self._texts = ("", "")

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield self.list
        yield Field("find", "Find", self._find,
                    "Literal text: capitals count, and all places are replaced. It may have "
                    "several lines; ctrl+o opens $EDITOR.")  # fmt: skip
        yield Field("replace", "Replace by", self._replace,
                    "What takes its place; empty takes it out. ctrl+o opens $EDITOR.")  # fmt: skip

    def on_mount(self) -> None:
        """Show the texts of the pair at the cursor, whichever that is."""
        self.watch(self.list, "cursor", self._show_texts)

    @property
    def value(self) -> tuple[tuple[str, str], ...]:
        """What is to be found and what takes its place, in order."""
        return tuple((pair.find, pair.replace) for _, pair in self._kept())

    @property
    def problem(self) -> str:
        """What is wrong, and in which line of the list."""
        number = next((number for number, pair in self._kept() if not pair.find), None)
        return "" if number is None else f"line {number} needs a text to find"

    def _kept(self) -> Iterator[tuple[int, Pair]]:
        self._take()
        for number, pair in enumerate(self.list.pairs, start=1):
            if not (pair.deleted or pair.blank):
                yield number, pair

    def _take(self) -> None:
        """Take over what was typed. What was not touched stays as it is, with ends of lines that
        an editor of text would not keep."""
        pair, (find, replace) = self._shown, self._texts
        self._texts = self._find.text, self._replace.text
        if self._find.text != find:
            pair.find, pair.deleted = self._find.text, False
        if self._replace.text != replace:
            pair.replace, pair.deleted = self._replace.text, False

    def _show_texts(self) -> None:
        self._take()
        if self.list.here is not self._shown or self._texts == ("", ""):
            self._shown = self.list.here
            self._find.text, self._replace.text = self._shown.find, self._shown.replace
            self._texts = self._find.text, self._replace.text

    @on(Field.Changed)
    def _typed(self) -> None:
        self._take()
        self.list.show()
