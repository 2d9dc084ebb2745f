"""Questions with two answers, of which the safe one has the focus."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.widgets.footer import KeyFooter

Answer = bool | None
"""What a question ended with; None when it was taken away."""


class Confirm(ModalScreen[bool]):
    """Asks a question; True when the answer is yes."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog")]

    def __init__(
        self,
        title: str,
        text: str | Sequence[str],
        yes_label: str = "Yes",
        *,
        no_label: str = "Cancel",
        destructive: bool = True,
    ) -> None:
        """`destructive` makes the yes look like one that loses something."""
        super().__init__()
        self._title = plain(title)
        self._lines = text.splitlines() if isinstance(text, str) else list(text)
        self._yes = Button(
            yes_label, id="yes", variant="error" if destructive else "primary", compact=True
        )
        self._no = Button(no_label, id="no", compact=True)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = self._title.replace("[", "\\[")
            with VerticalScroll(classes="dialog--text", can_focus=False):
                for line in self._lines:
                    yield Static(plain(line), markup=False)
            with Horizontal(classes="dialog--answers"):
                yield self._no
                yield self._yes
            yield KeyFooter()

    def on_mount(self) -> None:
        """Make the safe answer the one that enter gives."""
        self._no.focus()

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        self.dismiss(event.button is self._yes)

    def action_dialog_yes(self) -> None:
        """Answer yes."""
        self.dismiss(True)

    def action_dialog_no(self) -> None:
        """Answer no."""
        self.dismiss(False)

    def action_dialog_next(self) -> None:
        """Go to the other answer."""
        (self._no if self._yes.has_focus else self._yes).focus()


class ConfirmDelete(Confirm):
    """Asks before deleting, and says what else that changes."""

    def __init__(self, title: str, consequences: Sequence[str]) -> None:
        lines = ["Nothing else depends on it.", "", "u takes the deletion back."]
        if consequences:
            lines = ["This changes with it:", *(f"  - {line}" for line in consequences), *lines[1:]]
        super().__init__(title, lines, "Delete")
