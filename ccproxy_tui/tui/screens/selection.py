"""A dialog to pick from a long list: one row, or as many as wanted."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.check_list import CheckList, Item
from ccproxy_tui.tui.fields.pick_list import PickList
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.widgets.footer import KeyFooter

_CHROME_ROWS = 6
_MOST_ROWS = 32

Picked = tuple[str, ...] | None
"""The keys of what was picked; None when nothing was decided."""


class Selection(ModalScreen[Picked]):
    """Asks which of the items to take."""

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("selection")]

    def __init__(
        self,
        title: str,
        items: Iterable[Item],
        chosen: Iterable[str] = (),
        *,
        single: bool = False,
        help_text: str = "",
    ) -> None:
        super().__init__()
        self._title = title
        self._help = help_text
        self._single = single
        self._list = PickList(items, chosen, single=single)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="form") as frame:
            frame.border_title = Content(plain(self._title)).markup
            yield self._list
            yield Static(self._help, classes="form--help", markup=False)
            yield KeyFooter()

    def on_resize(self, event: Resize) -> None:
        """Give the list the room that it needs, as far as there is room."""
        rows = min(event.size.height - _CHROME_ROWS, _MOST_ROWS, self._list.full_rows)
        self._list.set_rows(rows)

    def on_check_list_picked(self, event: CheckList.Picked) -> None:
        """Take the one that was picked."""
        event.stop()
        self.dismiss((event.item.key,))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to take several only where there can be several."""
        return not (self._single and action == "selection_take")

    def action_selection_take(self) -> None:
        """Take what is chosen."""
        self.dismiss(self._list.keys)

    def action_selection_close(self) -> None:
        """Decide nothing."""
        self.dismiss(None)

    def action_selection_next(self) -> None:
        """Go between search words and list."""
        self.focus_next()
