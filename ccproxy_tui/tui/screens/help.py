"""Help: all keys of where one is, then all others, then the signs; searchable."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from ccproxy_tui.tui.available import offers
from ccproxy_tui.tui.commands import COMMANDS, CONTEXTS, Command, bindings, shown_key
from ccproxy_tui.tui.filters.fields import FIELDS, FORMS, STATES
from ccproxy_tui.tui.signs import MEANINGS, signs
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.lines import Line, wrap
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource

FILTER_TERMS = "Terms of a filter"
_KEYS = 11
_TITLE = max(len(command.title) for command in COMMANDS)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of help: a heading, or keys, command and what it does, as far as they fit."""

    keys: str = ""
    title: str = ""
    what: str = ""
    heading: str = ""


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

    def __init__(self, over: Screen[Any], *, at: str = "") -> None:
        """`at` is the heading to begin at; the first one if there is none like it."""
        super().__init__()
        self._at = at
        self._here = [offer.command for offer in offers(over)]
        columns = (
            Column("keys", _keys, _KEYS),
            Column("command", _title, _TITLE),
            Column("", _what, 20, grow=1),
        )
        self.rows: Rows[Entry] = Rows(
            columns, empty="No key or command like that.", heading=lambda entry: entry.heading
        )
        self.input = Input(placeholder="search: a key, or words")

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical() as frame:
            frame.border_title = "Help"
            yield self.input
            yield self.rows
            yield KeyFooter()

    def on_mount(self) -> None:
        """Let the keys work at once."""
        self.rows.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Break what is said to the width that there is."""
        del event
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        words = self.input.value.lower().split()
        room = max(10, self.rows.scrollable_size.width - _KEYS - _TITLE - 2)
        entries: list[Entry] = []
        for heading, commands in self._sections():
            found = [command for command in commands if _fits(_words(command), words)]
            if found:
                entries.append(Entry(heading=heading))
            for command in found:
                entries += _broken(keys_of(command), command.title, command.help, room)
        entries += _filter_terms(words, room)
        entries += self._legend(words, room)
        self.rows.show(FixedSource(entries))
        if entries:
            places = [place for place, one in enumerate(entries) if one.heading == self._at]
            first = places[0] if places and self._at else 0
            if first:
                self.rows.select(id(entries[-1]))
                self.rows.select(id(entries[first]))
            self.rows.select(id(entries[first + 1]))

    def _sections(self) -> Iterator[tuple[str, Iterable[Command]]]:
        yield "Here and now", self._here
        for context, heading in CONTEXTS.items():
            yield heading, (command for command in COMMANDS if command.context == context)

    def _legend(self, words: list[str], room: int) -> list[Entry]:
        """Say what the signs mean."""
        drawn = signs(ascii_only=self.app.has_class("-ascii"))
        entries: list[Entry] = []
        for heading, meanings in MEANINGS:
            shown = [(getattr(drawn, name), what) for name, what in meanings]
            found = [(sign, what) for sign, what in shown if _fits(f"{sign} {what} signs", words)]
            if found:
                entries.append(Entry(heading=heading))
            for sign, what in found:
                entries += _broken(sign, "", what, room)
        return entries

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

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


def _filter_terms(words: list[str], room: int) -> Iterator[Entry]:
    """Say what may be typed as the log's filter."""
    said = [("", form, what) for form, what in FORMS]
    for field in FIELDS.values():
        examples = "  ".join(f"{field.name}:{example}" for example in field.examples)
        said.append((f"{field.name}:", "", f"{field.help}  {examples}"))
    said += [("is:", name, what) for name, (_judge, what) in STATES.items()]
    found = [one for one in said if _fits(f"{' '.join(one)} filter", words)]
    if found:
        yield Entry(heading=FILTER_TERMS)
    for keys, title, what in found:
        yield from _broken(keys, title, what, room)


def keys_of(command: Command) -> str:
    """Return all keys of a command, as shown."""
    return " ".join(shown_key(key) for key in command.keys.split(","))


def _words(command: Command) -> str:
    return f"{keys_of(command)} {command.keys} {command.title} {command.help}"


def _fits(text: str, words: list[str]) -> bool:
    return all(word in text.lower() for word in words)


def _broken(keys: str, title: str, what: str, room: int) -> Iterator[Entry]:
    """Break an entry over as many lines as it takes."""
    for first, name, last in zip_longest(
        _lines(keys, _KEYS), (title,), _lines(what, room), fillvalue=""
    ):
        yield Entry(first, name, last)


def _lines(text: str, width: int) -> list[str]:
    return [line.text for line in wrap([Line(text, hang=0)], width)]


def _keys(entry: Entry) -> Cell:
    return entry.keys, "accent"


def _title(entry: Entry) -> Cell:
    return entry.title


def _what(entry: Entry) -> Cell:
    return entry.what, "muted"
