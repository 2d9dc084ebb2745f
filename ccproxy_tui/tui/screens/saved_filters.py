"""The filters that are kept under names: to take one, or to delete it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource

_MOST_ROWS = 12
_EMPTY = "No filter is saved yet. ctrl+s in the filter's line saves the one that is there."
Saved = tuple[str, str]
"""A name, and the filter that it stands for."""


class SavedFilters(ModalScreen[str | None]):
    """Asks for one; None when none is wanted."""

    CSS_PATH = "task.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("saved")]

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        columns = (Column("name", _name, 8, most=24), Column("filter", _text, 20, grow=1))
        self.rows: Rows[Saved] = Rows(columns, empty=_EMPTY)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="task") as frame:
            frame.border_title = "Saved filters"
            yield self.rows
            yield KeyFooter()

    def on_mount(self) -> None:
        """Begin at the first one."""
        self._show()
        self.rows.focus()

    def _show(self) -> None:
        saved = sorted(self._memory.value.saved_filters.items())
        self.rows.styles.height = min(_MOST_ROWS, max(2, len(saved))) + 1
        self.rows.make_room_for(saved, anew=True)
        self.rows.show(FixedSource(saved, lambda one: one[0]))
        if saved and self.rows.item is None:
            self.rows.select(saved[0][0])

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Take what was double-clicked."""
        event.stop()
        self.action_saved_take()

    def action_saved_take(self) -> None:
        """Take the one at the cursor."""
        if (saved := self.rows.item) is not None:
            self.dismiss(saved[1])

    def action_saved_delete(self) -> None:
        """Delete the one at the cursor."""
        if (saved := self.rows.item) is not None:
            kept = {
                name: text
                for name, text in self._memory.value.saved_filters.items()
                if name != saved[0]
            }
            self._memory.change(saved_filters=kept)
            self._show()

    def action_saved_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what goes with what is there."""
        if action in {"saved_take", "saved_delete"} and self.rows.item is None:
            return False
        return super().check_action(action, parameters)


def _name(saved: Saved) -> Cell:
    return f"@{saved[0]}"


def _text(saved: Saved) -> Cell:
    return saved[1], "muted"


def problem_of_name(name: str) -> str:
    """Say why a filter cannot be saved under a name; nothing when it can."""
    name = name.removeprefix("@")
    if not name:
        return "Type a name."
    return "A name is one word, without quotes." if set(name) & set(' "@') else ""
