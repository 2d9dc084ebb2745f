"""Where the rows of an outline are: which lines each of them takes, wrapped to the width."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from textual.cache import LRUCache

from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.unfolding import Row
from ccproxy_tui.tui.widgets.lines import Line, wrap

MARK = 2
"""Cells before each line, for the sign that says whether it is unfolded."""
LEAST = 8
"""Cells that a line has, however deep it is."""
_STEP = 2
_KEPT = 8192


@dataclass(frozen=True, slots=True)
class Block:
    """A node's line, wrapped."""

    pieces: list[Line]
    starts: list[int]
    """The piece that each line of it begins with."""


class OutlineLines:
    """Lines are counted over all rows; what was wrapped once is kept."""

    def __init__(self) -> None:
        self.width = 0
        self._plain = False
        self._heights: list[int] = []
        self._ends: list[int] = []
        self._blocks: LRUCache[tuple[Line, int], Block] = LRUCache(_KEPT)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self._ends[-1] if self._ends else 0

    def draw_plainly(self, *, plain: bool) -> None:
        """Replace what is not ASCII in our own words, or no longer."""
        self._plain = plain
        self._blocks.clear()

    def lay_out(self, rows: Sequence[Row], width: int) -> None:
        """Find a place for each row; as long as there is no width, a line each."""
        self.width = width
        self._heights = [self._height(row) for row in rows] if width else [1] * len(rows)
        self._ends = list(accumulate(self._heights))

    def replace(self, start: int, gone: int, rows: Sequence[Row]) -> None:
        """Put other rows in the place of some."""
        self._heights[start : start + gone] = [self._height(row) for row in rows]
        self._ends = list(accumulate(self._heights))

    def row_at(self, line: int) -> tuple[int, int]:
        """Return the row that a line is of, and which of its lines it is."""
        row = bisect_right(self._ends, line)
        return row, line - self.first(row)

    def first(self, row: int) -> int:
        """Return the first line of a row."""
        return self._ends[row] - self._heights[row]

    def end(self, row: int) -> int:
        """Return the line after the last one of a row."""
        return self._ends[row]

    def indent(self, row: Row) -> int:
        """Return how far a row is indented."""
        return min(_STEP * row.depth, self.width // 2)

    def room(self, row: Row) -> int:
        """Return how many cells the lines of a row have."""
        return max(LEAST, self.width - self.indent(row) - MARK)

    def block(self, row: Row) -> Block:
        """Return a row's line, wrapped."""
        line, room = row.node.line, self.room(row)
        block = self._blocks.get((line, room))
        if block is None:
            block = self._blocks[line, room] = self._wrapped(line, room)
        return block

    def _height(self, row: Row) -> int:
        text = row.node.line.text
        if len(text) <= self.room(row) and text.isascii() and "\n" not in text:
            return 1
        return len(self.block(row).pieces)

    def _wrapped(self, line: Line, room: int) -> Block:
        block = Block([], [])
        text = line.text.translate(PLAIN) if self._plain else line.text
        for number, part in enumerate(text.split("\n")):
            block.starts.append(len(block.pieces))
            indented = " " * line.hang + part if number and line.hang > 0 else part
            one = replace(line, text=indented, lead=0 if number else line.lead)
            block.pieces.extend(wrap((one,), room))
        return block
