"""What the inspector shows: lines that can be unfolded. Every tab gives a list of these."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from ccproxy_tui.tui.widgets.lines import Line


@dataclass(frozen=True, slots=True)
class Node:
    """A line, and what is below it once it is unfolded."""

    key: Hashable
    """What it is known by among its siblings, so that it stays open when the outline is drawn anew."""
    line: Line
    """A line that is too long wraps; line breaks in it begin new ones."""
    children: Sequence["Node"] | Callable[[], Sequence["Node"]] = ()
    """A function is called when the node is first opened."""
    open: bool = False
    """Whether it is unfolded until the user says otherwise."""
    text: str | Callable[[], str] | None = None
    """What copying and opening it elsewhere give, in full; None: the line."""
    summary: str = ""
    """Shown behind the line, muted, while the node is folded."""

    @property
    def can_open(self) -> bool:
        """Whether there is something below."""
        return bool(self.children)


def plain(*lines: Line) -> list[Node]:
    """Return lines that have nothing below them."""
    return [Node(number, line) for number, line in enumerate(lines)]
