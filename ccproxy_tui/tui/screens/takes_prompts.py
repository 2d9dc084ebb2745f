"""What a form with a prompt's text adds: taking one from the library, and keeping its own there."""

from collections.abc import Sequence

from textual import on
from textual.message import Message

from ccproxy_tui.config.models import Prompt
from ccproxy_tui.tui.fields.choice import Choice
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.text import TextLines
from ccproxy_tui.tui.screens.form import FormScreen

_TEXT, _MODE, _NAME = "prompt_text", "prompt_injection", "name"


class TakesPrompts(FormScreen):
    """A form with the fields of a group's prompt."""

    class LibraryAsked(Message):
        """The user wants to choose a prompt for the form."""

        def __init__(self, form: "TakesPrompts") -> None:
            self.form = form
            super().__init__()

    class KeepAsked(Message):
        """The user wants the form's text among the prompts of their own."""

        def __init__(self, name: str, text: str) -> None:
            self.name = name
            self.text = text
            super().__init__()

    _row: int | None = None
    """Before which line a prompt goes; None for behind the text."""

    @property
    def _area(self) -> TextLines:
        control = self.field(_TEXT).control
        assert isinstance(control, TextLines)
        return control

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to keep the text where the user is in it."""
        if action == "form_keep":
            return self.focused is self._area
        return super().check_action(action, parameters)

    def action_form_library(self) -> None:
        """Choose a prompt; it goes to the cursor where that is in the text."""
        self._row = None
        if self.focused is self._area:
            row, column = self._area.cursor_location
            self._row = row + 1 if column else row
        self.post_message(self.LibraryAsked(self))

    def action_form_keep(self) -> None:
        """Keep the text."""
        if self._area.text.strip():
            name = str(self.field(_NAME).value).strip()
            self.post_message(self.KeepAsked(name, self._area.text))
        else:
            self.app.notify("There is no text to keep yet.", severity="warning")

    def take(self, prompt: Prompt) -> None:
        """Insert a prompt as a paragraph of its own, and see that it is used."""
        area, mode = self._area, self.field(_MODE).control
        lines = area.text.split("\n")
        row = len(lines) if self._row is None else self._row
        text, end = with_paragraph(lines, row, prompt.text)
        area.text = text
        area.move_cursor((end, len(area.document.get_line(end))))
        said = f"inserted {plain(prompt.name)}"
        if isinstance(mode, Choice) and mode.value == "off":
            mode.choose("enhance")
            said += f"; {self.field(_MODE).label} was off and is enhance now"
        self.field(_TEXT).show_note(said)
        self.go_to(self.field(_TEXT))

    @on(Field.Left)
    def _said_long_enough(self) -> None:
        """Take the note back once the user goes on."""
        if self.focused is not self._area and self.app.screen is self:
            self.field(_TEXT).show_note("")


def with_paragraph(lines: Sequence[str], row: int, paragraph: str) -> tuple[str, int]:
    """Return a text with a paragraph put in before a line, and the line on which that ends."""
    paragraph = paragraph.strip("\n")
    before = "\n".join(lines[:row]).rstrip()
    after = "\n".join(lines[row:]).lstrip("\n")
    head = f"{before}\n\n{paragraph}" if before else paragraph
    text = f"{head}\n\n{after}" if after.strip() else head
    return text, head.count("\n")
