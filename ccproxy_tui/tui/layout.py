"""Which panes are to be seen: all of them where there is room, else one at a time."""

from dataclasses import dataclass
from typing import Literal

Layout = Literal["all", "one", "none"]

ROOM = (100, 30)
"""Columns and rows from which all panes fit."""
BESIDE = 140
"""Columns from which the inspector has room to the right of the log."""
LEAST = (60, 15)
"""Columns and rows below which nothing does."""


@dataclass(frozen=True, slots=True)
class View:
    """What is on the screen."""

    layout: Layout
    current: str
    """The pane that is shown when there is but one."""

    def shows(self, pane: str) -> bool:
        """Tell whether a pane is to be seen."""
        return self.layout == "all" or (self.layout == "one" and pane == self.current)


def view(width: int, height: int, current: str, *, zoomed: bool) -> View:
    """Decide by size and zoom."""
    if width < LEAST[0] or height < LEAST[1]:
        return View("none", current)
    roomy = width >= ROOM[0] and height >= ROOM[1]
    return View("all" if roomy and not zoomed else "one", current)
