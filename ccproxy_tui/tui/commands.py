"""Everything that can be done in the app, once: keys, footer, help, palette and README read this.

A command is data. The widget or screen whose context it names carries it out in an
`action_<id with _ for .>` method.
"""

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

Context = Literal[
    "app", "pane", "config", "log", "inspect", "form", "lines", "picker", "dialog", "welcome"
]
"""Where a command is understood: anywhere, in every pane, in the panes of configuration, …"""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done."""

    id: str
    title: str
    """One or two words, for the footer."""
    help: str
    """One sentence, for help and palette."""
    keys: str
    """Default keys, comma-separated, the first one shown."""
    context: Context
    footer: bool = True
    """Whether the footer has it; the rest is in help."""

    @property
    def action(self) -> str:
        """The Textual action that carries it out."""
        return self.id.replace(".", "_")


COMMANDS: tuple[Command, ...] = ()


def bindings(context: Context) -> list[Binding]:
    """Return the key bindings of a context, in the registry's order."""
    return [
        Binding(
            command.keys,
            command.action,
            command.title,
            show=command.footer,
            id=command.id,
            tooltip=command.help,
            priority=False,
        )
        for command in COMMANDS
        if command.context == context
    ]
