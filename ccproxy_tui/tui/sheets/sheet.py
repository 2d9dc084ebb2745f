"""What a tab of the inspector is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.tui.outline import Node


@dataclass(frozen=True, slots=True)
class Subject:
    """The call that is shown, with what it is compared with."""

    call: Call
    exchange: Exchange | None
    """None when its messages were not kept."""
    previous: Call | None = None
    """The call before it in the same session, of the same agent, that asked for a reply too."""
    previous_exchange: Exchange | None = None
    width: int = 76
    """Cells of a line at the top level, for bars that fill it."""


class Sheet(Protocol):
    """One tab. It is drawn in a worker thread, one drawing at a time, and again while its call runs.

    It may keep what it has worked out of a call, so that drawing it again costs little.
    """

    title: str

    def draw(self, subject: Subject) -> Sequence[Node]:
        """Return the outline of a call; must not raise, whatever the messages hold."""
