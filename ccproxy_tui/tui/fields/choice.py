"""A field for one of a few possibilities, all in sight where there is room."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.content import Content
from textual.events import Click, Key
from textual.reactive import reactive
from textual.widget import Widget

from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.field import Edited
from ccproxy_tui.tui.fields.glyphs import glyphs
from ccproxy_tui.tui.fields.plain import plain

T = TypeVar("T")


class Choice(Widget, Generic[T], can_focus=True):
    """One of some values, each with a label."""

    DEFAULT_CSS = """
    Choice {
        width: 1fr;
        height: 1;
        padding: 0 1 0 0;
        border-left: outer $border-blurred;
        background: $surface;
        &:focus { border-left: outer $primary; }
        &:ansi { background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("choice")]

    index = reactive(0)

    def __init__(self, options: Sequence[tuple[T, str]], value: T) -> None:
        super().__init__()
        self._options = [(option, plain(label)) for option, label in options]
        self.set_reactive(Choice.index, [option for option, _ in options].index(value))

    @property
    def value(self) -> T:
        """The value chosen."""
        return self._options[self.index][0]

    def choose(self, value: T) -> None:
        """Choose a value."""
        self.index = [option for option, _ in self._options].index(value)

    def render(self) -> Content:
        """Show all possibilities, the chosen one in brackets, or that one alone when narrow."""
        strong = "bold reverse" if self.has_focus else "bold"
        chosen = self._options[self.index][1]
        parts: list[tuple[str, str]] = []
        for index, (_, label) in enumerate(self._options):
            if index == self.index:
                parts.append((f"[{label}]", strong))
            else:
                parts.append((f" {label} ", ""))
        if sum(cell_len(text) for text, _ in parts) <= self.content_size.width:
            return Content.assemble(*parts)
        signs = glyphs(self)
        count = f"  {self.index + 1} of {len(self._options)}"
        label = signs.fix(plain(chosen, self.content_size.width - len(count) - 4))
        return Content.assemble(
            f"{signs.previous} ", (label, strong), f" {signs.next}", (count, "dim")
        )

    def watch_index(self) -> None:
        """Tell that another one is chosen."""
        self.post_message(Edited())

    def action_choice_next(self) -> None:
        """Choose the next possibility."""
        self._step(1)

    def action_choice_previous(self) -> None:
        """Choose the previous possibility."""
        self._step(-1)

    def _step(self, by: int) -> None:
        self.index = (self.index + by) % len(self._options)

    def on_key(self, event: Key) -> None:
        """Go to the next possibility that starts with the letter typed."""
        if not (event.character and event.character.isalnum()) or event.key in {"h", "l"}:
            return
        for step in range(1, len(self._options) + 1):
            index = (self.index + step) % len(self._options)
            if self._options[index][1].lower().startswith(event.character.lower()):
                self.index = index
                event.stop()
                return

    def on_click(self, event: Click) -> None:
        """Choose what was clicked on."""
        left = event.x - 1
        for index, (_, label) in enumerate(self._options):
            left -= cell_len(label) + 2
            if left < 0:
                self.index = index
                return


def on_off(*, disabled: bool) -> Choice[bool]:
    """Return the choice whether something is in use; its value says `disabled`."""
    return Choice([(False, "in use"), (True, "off")], disabled)
