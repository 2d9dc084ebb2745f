"""The tools that a client offers, as compatibility mode asks for them by name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ccproxy_tui.compat.coercion import Shape
from ccproxy_tui.protocols.hub import Tool, ToolChoice

_PREFIX: Final = re.compile(r"^(?:functions?|tools?|default_api|default|api)[.:/]+")
_MOST_NAMED: Final = 40


@dataclass(frozen=True)
class OfferedTool:
    """A tool, and what its arguments have to be."""

    name: str
    arguments: Shape


@dataclass(frozen=True)
class Offer:
    """What may be called in one reply."""

    tools: dict[str, OfferedTool]
    forbidden: bool = False
    """The client wants no call in this reply."""

    @classmethod
    def of(cls, tools: Sequence[Tool], choice: ToolChoice | None = None) -> "Offer":
        """Offer the client's own tools; those that another vendor would run itself are none."""
        offered = {
            tool.name: OfferedTool(tool.name, Shape(tool.schema))
            for tool in tools
            if tool.raw is None
        }
        return cls(offered, forbidden=choice is not None and choice.mode == "none")

    def find(self, name: str) -> OfferedTool | None:
        """Find a tool, also by a name that differs only in what models tend to mistake."""
        name = name.strip()
        return self.tools.get(name) or self._alike.get(_plain(name))

    def unknown(self, name: str) -> str:
        """Say in words that there is no such tool."""
        names = list(self.tools)
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        known = ", ".join(names[:_MOST_NAMED]) or "none"
        return f'there is no tool "{name[:100]}"; there are: {known}{more}'

    @cached_property
    def _alike(self) -> dict[str, OfferedTool]:
        plain = [_plain(name) for name in self.tools]
        return {
            _plain(tool.name): tool
            for tool in self.tools.values()
            if plain.count(_plain(tool.name)) == 1
        }


def _plain(name: str) -> str:
    return re.sub(r"[-_\s]", "", _PREFIX.sub("", name.lower()))
