"""Columns of a list: which of them fit, and how wide they are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from ccproxy_tui.tui.widgets.cells import Align, Cell

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column; the higher its priority number, the sooner it goes when there is no room."""

    name: str
    cell: Callable[[T], Cell]
    width: int
    """Cells that it should have; 0 leaves it out, until its content asks for more."""
    grow: int = 0
    """Share of the room that is left over; 0 takes none."""
    least: int = 0
    """Cells that it can do with when even `DISPENSABLE` columns are gone; 0 is `width`."""
    most: int = 400
    """Cells beyond which growing is of no use."""
    align: Align = "left"
    priority: int = 0
    sized: Callable[[T, int], Cell] | None = None
    """Replaces `cell` where what is shown depends on the width."""
    content: Callable[[T], int] | None = None
    """Cells that a row asks for; the column should then be as wide as its widest row, from `width`
    to `most`."""

    def draw(self, item: T, width: int) -> Cell:
        """Return what to show of a row in so many cells."""
        return self.cell(item) if self.sized is None else self.sized(item, width)


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A column with the width that it got."""

    column: Column[T]
    width: int


def widened(columns: Sequence[Column[T]], items: Iterable[T]) -> tuple[Column[T], ...]:
    """Return the columns as wide as some more rows ask for."""
    wanted = [(column.content, column.width) for column in columns]
    widths = [width for _content, width in wanted]
    for item in items:
        for index, (content, _width) in enumerate(wanted):
            if content is not None:
                widths[index] = max(widths[index], content(item))
    return tuple(
        column if column.content is None else replace(column, width=min(width, column.most))
        for column, width in zip(columns, widths, strict=True)
    )


DISPENSABLE = 5
"""From this priority on, a column goes before another one gets less than it should have."""


def place(columns: Sequence[Column[T]], room: int, gap: int = 1) -> tuple[Placed[T], ...]:
    """Choose the columns that fit into `room` cells and share out what is left."""
    kept = [column for column in columns if column.width]
    while sum(column.width + gap for column in kept) - gap > room:
        last = max(reversed(kept), key=lambda column: column.priority)
        if last.priority < DISPENSABLE:
            break
        kept.remove(last)
    while (
        len(kept) > 1 and sum((column.least or column.width) + gap for column in kept) - gap > room
    ):
        kept.remove(max(reversed(kept), key=lambda column: column.priority))
    widths = [column.width for column in kept]
    missing = sum(widths) + gap * (len(kept) - 1) - room
    for index, column in enumerate(kept):
        less = min(max(0, missing), column.width - (column.least or column.width))
        widths[index] -= less
        missing -= less
    left = max(0, -missing)
    growing = [index for index, column in enumerate(kept) if column.grow]
    while left and growing:
        shares = sum(kept[index].grow for index in growing)
        before = left
        for index in growing:
            more = min(
                -(-before * kept[index].grow // shares), kept[index].most - widths[index], left
            )
            widths[index] += more
            left -= more
        growing = [index for index in growing if widths[index] < kept[index].most]
    return tuple(Placed(column, width) for column, width in zip(kept, widths, strict=True))
