"""Fields for text, of one line and of many."""

from rich.text import Text
from textual.widgets import Input, TextArea

_CONTROLS = {code: "·" for code in (*range(32), *range(127, 160)) if code != ord("\t")}


class LineInput(Input):
    """One line of text."""

    DEFAULT_CSS = """
    LineInput, LineInput:focus, LineInput:ansi {
        width: 1fr;
        height: 1;
        padding: 0 1;
        border: none;
        border-left: outer $border-blurred;
    }
    LineInput:focus { border-left: outer $primary; background-tint: $foreground 5%; }
    """


class TextLines(TextArea):
    """Several lines of text; up and down leave it at its ends."""

    DEFAULT_CSS = """
    TextLines, TextLines:focus {
        width: 1fr;
        height: 4;
        padding: 0 1;
        border: none;
        border-left: outer $border-blurred;
    }
    TextLines:focus { border-left: outer $primary; }
    TextLines .text-area--placeholder { text-style: dim italic; }
    """

    def __init__(self, text: str = "", *, rows: int = 4, placeholder: str = "") -> None:
        super().__init__(text, placeholder=placeholder, highlight_cursor_line=False)
        self.styles.height = rows

    @property
    def value(self) -> str:
        """The text."""
        return self.text

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is drawn: what controls a terminal is shown as a dot."""
        line = self.document.get_line(line_index)
        return Text(line.translate(_CONTROLS), end="", no_wrap=True)

    def undo(self) -> None:
        """Undo; Textual fails where the cursor stands behind the end of the shorter text."""
        if self.history.undo_stack:
            self.move_cursor((0, 0))
            super().undo()

    def redo(self) -> None:
        """Redo, with the same care."""
        if self.history.redo_stack:
            self.move_cursor((0, 0))
            super().redo()

    def action_cursor_up(self, select: bool = False) -> None:  # noqa: FBT001 - Textual's
        """Go up, or to the previous field."""
        if not select and self.cursor_at_first_line:
            self.screen.focus_previous()
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:  # noqa: FBT001 - Textual's
        """Go down, or to the next field."""
        if not select and self.cursor_at_last_line:
            self.screen.focus_next()
        else:
            super().action_cursor_down(select)
