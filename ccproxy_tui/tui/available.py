"""Which commands can be given now, and how one is given by name instead of by key."""

from dataclasses import dataclass
from typing import Any

from textual.dom import DOMNode
from textual.keys import format_key
from textual.screen import Screen
from textual.widgets import Input, TextArea

from ccproxy_tui.tui.commands import COMMANDS, Command, find, shown_key

_ORDER = {command.id: place for place, command in enumerate(COMMANDS)}

_NEVER_TYPED = frozenset({"up", "down", "left", "right", "enter", "tab"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A command, and who carries it out."""

    command: Command
    node: DOMNode
    action: str
    key: str
    """The key that it is bound to now, as shown."""

    async def give(self) -> None:
        """Carry it out."""
        await self.node.app.run_action(self.action, default_namespace=self.node)


def offers(screen: Screen[Any]) -> list[Offer]:
    """Return what can be done on a screen as it stands, in the registry's order."""
    found: dict[str, Offer] = {}
    ascii_only = screen.app.has_class("-ascii")
    typing = isinstance(screen.focused, (Input, TextArea))
    for key, (node, binding, enabled, _tooltip) in screen.active_bindings.items():
        command = find(binding.id or "")
        if typing and len(format_key(key)) == 1 and key not in _NEVER_TYPED:
            continue
        if command is not None and enabled and command.id not in found:
            found[command.id] = Offer(
                command, node, binding.action, shown_key(key, ascii_only=ascii_only)
            )
    return sorted(found.values(), key=lambda offer: _ORDER[offer.command.id])
