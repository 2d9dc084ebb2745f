"""A searchable list with its search line and a count."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.check_list import CheckList, Item
from ccproxy_tui.tui.fields.field import Edited
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import LineInput

_FEWEST_ROWS = 3
"""Lines of the list itself, however little there is in it."""


class SearchInput(LineInput):
    """The line of a list's search words; down leads into the list."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("search")]

    def action_search_take(self) -> None:
        """Choose the row marked in the list."""
        self.post_message(Input.Submitted(self, self.value))

    def action_search_list(self) -> None:
        """Go down into the list."""
        self.screen.focus_next()


class PickList(Widget):
    """Type to search, enter takes the row marked, down leads into the list."""

    DEFAULT_CSS = """
    PickList {
        width: 1fr;
        height: auto;
        layout: vertical;
        .pick-list--count { height: 1; padding: 0 1; color: $text-muted; }
    }
    """

    LIST: ClassVar[type[CheckList]] = CheckList

    def __init__(
        self,
        items: Iterable[Item],
        chosen: Iterable[str] = (),
        *,
        single: bool = False,
        ordered: bool = False,
        by_hand: Callable[[str], Item | str] | None = None,
        search: str = "type to search",
        empty: str = "nothing to choose from",
    ) -> None:
        super().__init__()
        self.list = self.LIST(items, chosen, single=single, by_hand=by_hand, empty=empty)
        self._ordered = ordered
        self._search = SearchInput(placeholder=search)
        self._count = Static(classes="pick-list--count", markup=False)
        self._count.display = not single

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield self._search
        yield self.list
        yield self._count

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the chosen items, in the order chosen."""
        return self.list.value

    @property
    def value(self) -> tuple[object, ...]:
        """What is chosen, as a form takes it."""
        return self.keys

    @property
    def full_rows(self) -> int:
        """The lines that it would take to show all."""
        headings = {item.heading for item in self.list.items} - {""}
        return len(self.list.items) + len(headings) + self._other_rows

    def set_rows(self, rows: int) -> None:
        """Be `rows` lines high in all."""
        self.list.styles.height = max(_FEWEST_ROWS, rows - self._other_rows)

    @property
    def _other_rows(self) -> int:
        return 2 if self._count.display else 1

    def on_mount(self) -> None:
        """Start with the count."""
        self._say_count()

    def on_resize(self) -> None:
        """Cut the count anew."""
        self._say_count()

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self.list.search(event.value)
        self._say_count()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        # Done by the list itself, or its messages would count as ours and end here.
        self.list.call_next(self.list.toggle_current)
        self._search.select_all()

    @on(CheckList.SearchWanted)
    def _search_wanted(self) -> None:
        self._search.focus()

    @on(Edited)
    def _edited(self) -> None:
        self._say_count()

    def _say_count(self) -> None:
        said = self.list.counts()
        if self._ordered and len(self.keys) > 1:
            said += ": " + f" {glyphs(self).to} ".join(self.keys)
        self._count.update(glyphs(self).fix(plain(said, max(10, self.size.width - 2))))
