"""A small menu: in which form a call is copied."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which a call can be copied."""

    name: str
    note: str
    make: Callable[[], str] | None
    """None where the call has nothing of the kind; then the note says why."""


class CopyAs(ModalScreen[Form | None]):
    """Asks for a form; None when nothing is to be copied."""

    CSS_PATH = "task.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("copy_as")]

    def __init__(self, title: str, forms: Sequence[Form]) -> None:
        super().__init__()
        self._title = title
        self._forms = forms
        self.rows: Rows[Form] = Rows((Column("copy", _name, 22), Column("", _note, 20, grow=1)))

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="task") as frame:
            frame.border_title = self._title.replace("[", "\\[")
            yield self.rows
            yield KeyFooter()

    def on_mount(self) -> None:
        """Begin at the first form."""
        self.rows.show(FixedSource(self._forms, lambda form: form.name))
        self.rows.styles.height = len(self._forms) + 1
        self.rows.select(self._forms[0].name)
        self.rows.focus()

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Copy what was double-clicked."""
        event.stop()
        self.action_copy_as_take()

    def action_copy_as_take(self) -> None:
        """Copy the form at the cursor."""
        form = self.rows.item
        if form is not None and form.make is not None:
            self.dismiss(form)
        else:
            self.app.bell()

    def action_copy_as_close(self) -> None:
        """Copy nothing."""
        self.dismiss(None)


def _name(form: Form) -> Cell:
    return form.name if form.make is not None else (form.name, "muted")


def _note(form: Form) -> Cell:
    return form.note, "muted"
