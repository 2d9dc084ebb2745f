"""What a command is: data that keys, footer, help, palette and README are made from.

The widget or screen whose context it names carries it out in an `action_<id with _ for .>` method.
"""

from dataclasses import dataclass
from typing import Literal

Context = Literal[
    "app",
    "main",
    "list",
    "text",
    "pane",
    "filter",
    "call_filter",
    "saved",
    "config",
    "groups",
    "providers",
    "proxies",
    "log",
    "inspect",
    "call",
    "outline",
    "why",
    "preview",
    "candidates",
    "dashboard",
    "columns",
    "prompts",
    "route",
    "command",
    "help",
    "form",
    "choice",
    "lines",
    "pairs",
    "fold",
    "search",
    "picker",
    "targets",
    "selection",
    "template",
    "dialog",
    "ask",
    "copy_as",
    "replay",
    "export",
    "task",
    "compare",
    "welcome",
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
    at_once: str = ""
    """Those of its keys that act before anything typed after them is handed out, so that what is
    typed ahead goes to the field it is meant for."""

    @property
    def action(self) -> str:
        """The Textual action that carries it out."""
        return self.id.replace(".", "_")
