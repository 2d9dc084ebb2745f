"""The list of prompts: the user's own, then those that are shipped."""

from collections.abc import Hashable, Iterable
from typing import NamedTuple

from ccproxy_tui.config.models import Prompt
from ccproxy_tui.tui.quantities import count
from ccproxy_tui.tui.signs import signs
from ccproxy_tui.tui.widgets.cells import Cell, one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource

_BYTES_PER_TOKEN = 4
"""About what tokenizers make of prose and code; of Chinese, too, as its characters have three."""


class Entry(NamedTuple):
    """A prompt, and whether it is the user's own."""

    prompt: Prompt
    own: bool

    @property
    def identity(self) -> Hashable:
        """What it is known by."""
        return self.own, self.prompt.name

    @property
    def whose(self) -> str:
        """Say in a word where it comes from."""
        return "yours" if self.own else "shipped"

    def has(self, words: Iterable[str]) -> bool:
        """Tell whether all the words, in lower case, are in it."""
        prompt = self.prompt
        text = f"{prompt.name} {self.whose} {prompt.description} {prompt.text}".lower()
        return all(word in text for word in words)


def size_of(text: str) -> str:
    """Say how long a text is."""
    tokens = -(-len(text.encode()) // _BYTES_PER_TOKEN)
    return f"{len(text):,} character{_s(len(text))}, about {count(tokens)} token{_s(tokens)}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


class PromptRows(Rows[Entry]):
    """A row for each prompt."""

    def __init__(self) -> None:
        super().__init__(
            (
                Column("name", _name, 8, most=40, least=8, content=_name_width),
                Column("whose", _whose, 7),
                Column("for", _description, 12, grow=1, priority=6),
            )
        )

    def on_mount(self) -> None:
        """Cut with a sign that the terminal has."""
        self.mark = signs(ascii_only=self.app.has_class("-ascii")).more

    def show_entries(self, entries: list[Entry]) -> None:
        """Show some prompts; the cursor stays on its one."""
        self.make_room_for(entries, anew=True)
        self.show(FixedSource(entries, lambda entry: entry.identity))


def _name(entry: Entry) -> Cell:
    return entry.prompt.name


def _name_width(entry: Entry) -> int:
    return width_of(one_line(entry.prompt.name))


def _whose(entry: Entry) -> Cell:
    return (entry.whose, "accent") if entry.own else (entry.whose, "muted")


def _description(entry: Entry) -> Cell:
    return entry.prompt.description, "muted"
