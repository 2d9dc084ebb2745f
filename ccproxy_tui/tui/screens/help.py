"""Help: all keys of where one is, then all others, searchable; made from the registry."""

from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from ccproxy_tui.tui.available import offers
from ccproxy_tui.tui.commands import COMMANDS, CONTEXTS, Command, bindings, shown_key
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of help: a heading, or a command."""

    heading: str
    command: Command | None = None


class Help(ModalScreen[None]):
    """Keys and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]
    DEFAULT_CSS = """
    Help {
        align: center middle;
        & > Vertical {
            width: 90; max-width: 100%; height: 90%;
            border: round $border; background: $background; padding: 0 1;
            border-title-color: $border; border-title-style: bold;
        }
        & Input {
            height: 1; border: none; padding: 0; margin-bottom: 1; background: $surface;
            &:focus { border: none; }
        }
        & Rows { height: 1fr; }
        & KeyFooter { dock: initial; }
    }
    """

    def __init__(self, over: Screen[Any]) -> None:
        super().__init__()
        self._here = [offer.command for offer in offers(over)]
        columns = (
            Column("keys", _keys, 16),
            Column("command", _title, 16),
            Column("", _what, 20, grow=1),
        )
        self.rows: Rows[Entry] = Rows(columns, empty="No key or command like that.")
        self.input = Input(placeholder="search: a key, or words")

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical() as frame:
            frame.border_title = "Help"
            yield self.input
            yield self.rows
            yield KeyFooter()

    def on_mount(self) -> None:
        """Show everything."""
        self._show("")
        self.rows.focus()

    def _show(self, text: str) -> None:
        words = text.lower().split()
        entries: list[Entry] = []
        here = [command for command in self._here if _fits(command, words)]
        if here:
            entries += [Entry("Here and now"), *(Entry("", command) for command in here)]
        for context, heading in CONTEXTS.items():
            found = [
                command
                for command in COMMANDS
                if command.context == context and _fits(command, words)
            ]
            if found:
                entries += [Entry(heading), *(Entry("", command) for command in found)]
        self.rows.show(FixedSource(entries))
        self.rows.action_list_first()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.rows.focus()

    def action_help_search(self) -> None:
        """Type what to search for."""
        self.input.focus()

    def action_help_close(self) -> None:
        """Go back one level: the search, then help itself."""
        if self.input.value:
            self.input.value = ""
            self.rows.focus()
        else:
            self.dismiss()


def keys_of(command: Command) -> str:
    """Return all keys of a command, as shown."""
    return " ".join(shown_key(key) for key in command.keys.split(","))


def _fits(command: Command, words: list[str]) -> bool:
    text = f"{keys_of(command)} {command.keys} {command.title} {command.help}".lower()
    return all(word in text for word in words)


def _keys(entry: Entry) -> Cell:
    return (
        (entry.heading, "strong") if entry.command is None else (keys_of(entry.command), "accent")
    )


def _title(entry: Entry) -> Cell:
    return "" if entry.command is None else entry.command.title


def _what(entry: Entry) -> Cell:
    return "" if entry.command is None else (entry.command.help, "muted")
