"""Fields that are seldom needed, behind one line that opens and closes."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain


class FoldLine(Static, can_focus=True):
    """The line that opens and closes."""

    DEFAULT_CSS = """
    FoldLine {
        height: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &:focus { text-style: bold reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("fold")]

    is_open = reactive(False)

    def __init__(self, help_text: str) -> None:
        super().__init__(markup=False)
        self.help_text = help_text

    def action_fold_toggle(self) -> None:
        """Open or close."""
        self.is_open = not self.is_open

    def on_click(self, event: Click) -> None:
        """Open or close."""
        event.stop()
        self.action_fold_toggle()


class Fold(Widget):
    """Some fields and their line; closed, it says in words what is set in them."""

    DEFAULT_CSS = """
    Fold { height: auto; layout: vertical; .fold--fields { height: auto; display: none; } }
    """

    def __init__(
        self, title: str, help_text: str, fields: Iterable[Field], summary: Callable[[], str]
    ) -> None:
        super().__init__()
        self.fields = tuple(fields)
        self._title = title
        self._summary = summary
        self.line = FoldLine(help_text)
        self._within = Vertical(*self.fields, classes="fold--fields")

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield self.line
        yield self._within

    def on_mount(self) -> None:
        """Follow the line."""
        self.watch(self.line, "is_open", self._opened)

    def open(self) -> None:
        """Show the fields."""
        self.line.is_open = True
        self._opened()

    def _opened(self) -> None:
        self._within.display = self.line.is_open
        self.say()
        if self.line.is_open:
            self.call_after_refresh(self.scroll_visible, animate=False)

    def say(self) -> None:
        """Say what is set."""
        signs = glyphs(self)
        mark = signs.opened if self.line.is_open else signs.here
        wrong = f" {signs.wrong}" if any(field.wrong for field in self.fields) else ""
        self.line.update(
            Content.assemble(
                f"{mark} {self._title}{wrong}: ", (signs.fix(plain(self._summary())), "dim")
            ),
            layout=False,
        )
