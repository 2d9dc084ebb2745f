"""The command line: a command by name, completed as it is typed."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.suggester import SuggestFromList
from textual.widgets import Input

from ccproxy_tui.tui.available import Offer, offers
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource

_HIDDEN = frozenset({"list", "text"})
"""Contexts of mere movement, which nobody types."""


class CommandLine(ModalScreen[None]):
    """Names of commands, with those that fit what is typed above the line."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("command")]
    DEFAULT_CSS = """
    CommandLine {
        align: left bottom; background: transparent;
        & > Vertical {
            height: auto; max-height: 12; background: $panel; padding: 0 1;
            border-top: solid $border;
        }
        & Rows { height: auto; max-height: 9; }
        & Input {
            height: 1; border: none; padding: 0; background: $panel;
            &:focus { border: none; }
        }
    }
    """

    def __init__(self, over: Screen[Any]) -> None:
        super().__init__()
        self._over = over
        self._offers: list[Offer] = []
        columns = (
            Column("command", short, 14, grow=1, most=20),
            Column("key", _key, 6),
            Column("", _help, 20, grow=6),
        )
        self.rows: Rows[Offer] = Rows(columns, empty="No such command here.")
        self.rows.can_focus = False
        self.input = Input(placeholder="command")

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical():
            yield self.rows
            yield self.input

    def on_mount(self) -> None:
        """Offer all that can be done."""
        self._offers = [
            offer for offer in offers(self._over) if offer.command.context not in _HIDDEN
        ]
        self.input.suggester = SuggestFromList([short(offer) for offer in self._offers])
        self._show("")
        self.input.focus()

    def _show(self, text: str) -> None:
        words = text.lower().split()
        fitting = [offer for offer in self._offers if all(word in _text(offer) for word in words)]
        if words:
            fitting.sort(key=lambda offer: not short(offer).startswith(words[0]))
        self.rows.show(FixedSource(fitting, lambda offer: offer.command.id))
        self.rows.styles.height = min(9, max(1, len(fitting)) + 1)
        if fitting:
            self.rows.select(fitting[0].command.id)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    @on(Rows.Opened)
    @on(Input.Submitted)
    def action_command_run(self) -> None:
        """Carry out the command at the cursor."""
        offer = self.rows.item
        if offer is None:
            self.app.bell()
            return
        self.dismiss()
        self.app.call_later(offer.give)

    def action_command_complete(self) -> None:
        """Take over the name at the cursor."""
        if (offer := self.rows.item) is not None:
            self.input.value = short(offer)
            self.input.cursor_position = len(self.input.value)

    def action_command_down(self) -> None:
        """Go to the next command."""
        self.rows.action_list_down()

    def action_command_up(self) -> None:
        """Go to the command before."""
        self.rows.action_list_up()

    def action_command_close(self) -> None:
        """Do nothing."""
        self.dismiss()


def short(offer: Offer) -> str:
    """Return what is typed for a command."""
    return offer.command.id.partition(".")[2]


def _key(offer: Offer) -> Cell:
    return offer.key, "accent"


def _help(offer: Offer) -> Cell:
    return offer.command.help, "muted"


def _text(offer: Offer) -> str:
    return f"{offer.command.id} {offer.command.title}".lower()
