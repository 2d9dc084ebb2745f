"""Questions that a line of text answers."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import LineInput
from ccproxy_tui.tui.widgets.footer import KeyFooter


def _accept(_text: str) -> str:
    return ""


class AskLine(ModalScreen[str | None]):
    """Asks for a line; None when it was left."""

    CSS_PATH = "task.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("ask")]

    def __init__(
        self,
        title: str,
        value: str,
        help_text: str,
        *,
        problem_of: Callable[[str], str] = _accept,
    ) -> None:
        """`problem_of` says what is wrong with what is typed; nothing when it will do."""
        super().__init__()
        self._title = plain(title)
        self._help = help_text
        self._problem_of = problem_of
        self._line = LineInput(value, select_on_focus=False)
        self._problem = Static(classes="task--status -wrong", markup=False)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="task") as frame:
            frame.border_title = self._title.replace("[", "\\[")
            yield self._line
            yield Static(self._help, classes="task--help", markup=False)
            yield self._problem
            yield KeyFooter()

    def on_mount(self) -> None:
        """Let the user go on behind what is there."""
        self._line.focus()
        self._line.cursor_position = len(self._line.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._problem.update("")

    @on(Input.Submitted)
    def action_ask_keep(self) -> None:
        """Take the line, if it will do."""
        text = self._line.value.strip()
        if problem := self._problem_of(text):
            self._problem.update(f"{glyphs(self).wrong} {plain(problem)}")
            self.app.bell()
        else:
            self.dismiss(text)

    def action_ask_close(self) -> None:
        """Leave all as it was."""
        self.dismiss(None)
