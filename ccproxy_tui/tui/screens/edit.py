"""What a form hands back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.screen import Screen

from ccproxy_tui.config.models import Configuration


@dataclass(frozen=True, slots=True)
class Edit:
    """A decided edit: the resulting configuration, and how to reach it from another state."""

    value: Configuration
    what: str
    """Its name for undo and toasts, as in `add provider local`."""
    change: Callable[[Configuration], Configuration]
    """The edit itself, for when the configuration has moved on meanwhile; may raise pydantic's
    `ValidationError`."""
    focus: str = ""
    """The name (for a proxy: the alias) of what was edited, to select afterwards."""
    then: Screen[Any] | None = None
    """What to show once the edit is saved."""

    @classmethod
    def of(
        cls,
        configuration: Configuration,
        change: Callable[[Configuration], Configuration],
        what: str,
        *,
        focus: str = "",
        then: Screen[Any] | None = None,
    ) -> "Edit":
        """Apply `change` to `configuration`; raises `ValidationError` when that is not valid."""
        return cls(change(configuration), what, change, focus, then)
