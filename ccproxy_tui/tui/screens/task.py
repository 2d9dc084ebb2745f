"""The frame of dialogs that do something with calls: an introduction, fields, help, a status line."""

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.widgets.footer import KeyFooter

T = TypeVar("T")


class TaskScreen(ModalScreen[T]):
    """A dialog; subclasses say what is in it and what enter does."""

    CSS_PATH = "task.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("task")]

    def __init__(self, title: str, intro: str) -> None:
        super().__init__()
        self._title = plain(title)
        self._intro = Static(classes="task--intro", markup=False)
        self._said = intro
        self._help = Static(classes="task--help", markup=False)
        self._status = Static(classes="task--status", markup=False)
        self._fields = tuple(self.make_fields())

    def make_fields(self) -> Iterable[Field]:
        """Return the fields, from top to bottom."""
        raise NotImplementedError

    def begin(self) -> None:
        """Do what enter is for."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="task") as frame:
            frame.border_title = self._title.replace("[", "\\[")
            yield self._intro
            yield from self._fields
            yield self._help
            yield self._status
            yield KeyFooter()

    def on_mount(self) -> None:
        """Begin at the first field."""
        self._intro.update("\n".join(map(self._drawable, self._said.split("\n"))))
        next(self._fields[0].focusables).focus()

    def complain(self, words: str) -> None:
        """Say what is wrong; nothing takes it back."""
        self._status.set_class(bool(words), "-wrong")
        self._status.update(f"{glyphs(self).wrong} {self._drawable(words)}" if words else "")

    def tell(self, words: str) -> None:
        """Say how something goes."""
        self._status.remove_class("-wrong")
        self._status.update(self._drawable(words))

    def _drawable(self, text: str) -> str:
        """Return a line in the signs that the terminal has."""
        line = plain(text)
        return line.translate(PLAIN) if self.app.has_class("-ascii") else line

    @on(DescendantFocus)
    def _show_help(self) -> None:
        here = self.focused
        nodes = here.ancestors_with_self if here else ()
        self._help.update(next((node.help_text for node in nodes if isinstance(node, Field)), ""))
        self.refresh_bindings()

    @on(Field.Changed)
    def _changed(self) -> None:
        self.complain("")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.begin()

    def action_task_next(self) -> None:
        """Go to the next field."""
        self.focus_next()

    def action_task_previous(self) -> None:
        """Go to the field before."""
        self.focus_previous()

    def action_task_close(self) -> None:
        """Leave it."""
        self.dismiss(None)
