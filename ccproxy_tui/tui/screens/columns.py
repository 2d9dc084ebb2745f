"""A dialog in which the log's columns are chosen and put in order; the log follows at once."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.screen import ModalScreen

from ccproxy_tui.tui.arrangement import Row
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.check_list import Item
from ccproxy_tui.tui.log_columns import LogColumn
from ccproxy_tui.tui.log_layout import LogLayout
from ccproxy_tui.tui.screens.selection import Selection
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource

_CHROME_ROWS = 3
_UNSORTED = "when they began"
_NO_ROOM = "no room now"


def sort_selection(layout: LogLayout) -> Selection:
    """Return the dialog that asks for the column to sort the log by."""
    current = layout.sort
    turned = "the largest first" if layout.reverse else "the smallest first"
    items = [
        Item("", _UNSORTED),
        *(
            Item(one.name, f"{one.name:8} {one.words}", note=turned if one is current else "")
            for one in layout.sortable
        ),
    ]
    chosen = () if current is None else (current.name,)
    help_text = "The same column again turns the order around, and so does O in the log."
    return Selection("Sort calls by", items, chosen, single=True, help_text=help_text)


class ColumnsScreen(ModalScreen[None]):
    """All columns; those with a cross are shown, as far as there is room."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("columns")]
    DEFAULT_CSS = """
    ColumnsScreen {
        align: center middle;
        & > Vertical {
            width: 76; max-width: 100%; height: auto; max-height: 100%;
            border: round $border; background: $background; padding: 0 1;
            border-title-color: $border; border-title-style: bold;
            &:ansi { background: ansi_default; }
        }
        & KeyFooter { dock: initial; }
        &.-ascii > Vertical { border: ascii $border; }
    }
    """

    def __init__(
        self,
        layout: LogLayout,
        changed: Callable[[], None],
        crowded_out: Callable[[], Sequence[Column[Row]]],
    ) -> None:
        """`crowded_out` gives the columns that the log has no room for now."""
        super().__init__()
        self._crowded_out = crowded_out
        self._layout_of_rows = layout
        self._changed = changed
        self.rows: Rows[LogColumn] = Rows(
            (
                Column("shown", self._check, 5),
                Column("column", lambda column: column.name, 8),
                Column("", lambda column: (column.words, "muted"), 20, grow=1),
                Column("", self._room, len(_NO_ROOM)),
            )
        )

    def compose(self) -> ComposeResult:
        """Lay it out."""
        self.set_class(self.app.has_class("-ascii"), "-ascii")
        with Vertical() as frame:
            frame.border_title = "Columns of the log"
            yield self.rows
            yield KeyFooter()

    def on_mount(self) -> None:
        """Begin at the first column."""
        self._show()
        self.rows.focus()

    def on_resize(self, event: Resize) -> None:
        """Be as high as there are columns, as far as there is room."""
        room = max(2, event.size.height - _CHROME_ROWS)
        self.rows.styles.height = min(room, self.rows.count + 1)
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        self.rows.show(FixedSource(self._layout_of_rows.columns, lambda column: column.name))

    def _check(self, column: LogColumn) -> Cell:
        return " [ ]" if column.name in self._layout_of_rows.hidden else (" [x]", "accent")

    def _room(self, column: LogColumn) -> Cell:
        missing = [one.cell for one in self._crowded_out()]
        return (_NO_ROOM, "warn") if column.column.cell in missing else ""

    def _choose(self, names: list[str], hidden: list[str] | None) -> None:
        self._layout_of_rows.choose(names, hidden)
        self._changed()
        self._show()

    @property
    def _names(self) -> list[str]:
        return [column.name for column in self._layout_of_rows.columns]

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Show or hide what was double-clicked."""
        event.stop()
        self.action_columns_toggle()

    def action_columns_toggle(self) -> None:
        """Show the column at the cursor, or hide it; the last one stays."""
        column = self.rows.item
        assert column is not None
        hidden = set(self._layout_of_rows.hidden) ^ {column.name}
        names = self._names
        if hidden >= set(names):
            self.app.bell()
            return
        self._choose(names, [name for name in names if name in hidden])

    def _move(self, by: int) -> None:
        names, index = self._names, self.rows.index
        assert index is not None
        there = index + by
        if 0 <= there < len(names):
            names[index], names[there] = names[there], names[index]
            self._choose(names, sorted(self._layout_of_rows.hidden))

    def action_columns_down(self) -> None:
        """Move the column to the right."""
        self._move(1)

    def action_columns_up(self) -> None:
        """Move the column to the left."""
        self._move(-1)

    def action_columns_reset(self) -> None:
        """Show the usual columns in their usual order."""
        self._choose([], None)

    def action_columns_close(self) -> None:
        """Go back to the log."""
        self.dismiss()
