"""Which lines of an outline are seen: the nodes of which everything above is unfolded."""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from ccproxy_tui.tui.outline import Node

Path = tuple[Hashable, ...]
"""The keys of a node and of all above it."""

_MOST_UNFOLDED = 20_000
"""Nodes that are unfolded in one go at most; what is deeper stays folded."""
_MOST_SEARCHED = 200_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody was in an outline, and what they had unfolded."""

    folds: dict[Path, bool] = field(default_factory=dict)
    path: Path = ()
    offset: int = 0
    """Lines from the node's first one to the cursor."""
    height: int = 0
    """Lines from the top of the screen to the cursor."""
    at_end: bool = False
    """Whether the cursor was put on the last line, to stay there."""


class Row(NamedTuple):
    """A node that is seen."""

    node: Node
    depth: int
    open: bool


class Hit(NamedTuple):
    """A line of a node, folded away or not."""

    path: Path
    line: int


class Unfolding:
    """The rows of an outline. `folds` holds what the user has said, by path, and outlives it."""

    def __init__(self, nodes: Sequence[Node], folds: dict[Path, bool]) -> None:
        self._nodes = nodes
        self.folds = folds
        self._children: dict[Path, Sequence[Node]] = {}
        self.rows = self._rows(nodes, ())

    def _rows(self, nodes: Sequence[Node], path: Path) -> list[Row]:
        """Return the rows of nodes and of what is unfolded below them."""
        rows = []
        levels = [(iter(nodes), path)]
        while levels:
            siblings, above = levels[-1]
            for node in siblings:
                if not node.can_open:
                    rows.append(Row(node, len(above), open=False))
                    continue
                here = (*above, node.key)
                unfolded = self.folds.get(here, node.open)
                rows.append(Row(node, len(above), unfolded))
                if unfolded:
                    levels.append((iter(self._below(here, node)), here))
                    break
            else:
                levels.pop()
        return rows

    def _below(self, path: Path, node: Node) -> Sequence[Node]:
        """Return a node's children, asking for them once."""
        children = self._children.get(path)
        if children is None:
            children = node.children() if callable(node.children) else node.children
            self._children[path] = children
        return children

    def path(self, row: int) -> Path:
        """Return the path of a row."""
        keys = []
        depth = self.rows[row].depth + 1
        for at in range(row, -1, -1):
            node, here, _ = self.rows[at]
            if here < depth:
                keys.append(node.key)
                depth = here
                if not depth:
                    break
        return tuple(reversed(keys))

    def row_of(self, path: Path) -> int | None:
        """Return where a node is, or else the deepest node above it that is seen."""
        found, depth = None, 0
        for at, (node, here, _) in enumerate(self.rows):
            if depth == len(path) or here < depth:
                break
            if here == depth and node.key == path[depth]:
                found, depth = at, depth + 1
        return found

    def parent(self, row: int) -> int | None:
        """Return the row that a row is below of."""
        depth = self.rows[row].depth
        rows = range(row - 1, -1, -1)
        return next((at for at in rows if self.rows[at].depth < depth), None)

    def end(self, row: int) -> int:
        """Return the first row that is no longer below a row."""
        depth = self.rows[row].depth
        rows = range(row + 1, len(self.rows))
        return next((at for at in rows if self.rows[at].depth <= depth), len(self.rows))

    def unfold(self, row: int, unfolded: bool) -> tuple[int, int]:  # noqa: FBT001 - a switch
        """Unfold a row or fold it; tells how many rows below it went and came."""
        node, depth, _ = self.rows[row]
        path = self.path(row)
        self.folds[path] = unfolded
        end = self.end(row)
        below = self._rows(self._below(path, node), path) if unfolded else []
        self.rows[row:end] = [Row(node, depth, unfolded), *below]
        return end - row - 1, len(below)

    def unfold_all(self) -> None:
        """Unfold everything, level by level, as far as that goes."""
        level: list[tuple[Path, Node]] = [((node.key,), node) for node in self._nodes]
        left = _MOST_UNFOLDED
        while level and left > 0:
            left -= len(level)
            openable = [(path, node) for path, node in level if node.can_open]
            self.folds.update((path, True) for path, _ in openable)
            level = [
                ((*path, child.key), child)
                for path, node in openable
                for child in self._below(path, node)
            ]
        self.rows = self._rows(self._nodes, ())

    def fold_all(self) -> None:
        """Fold everything that was ever unfolded."""
        self.folds.update(dict.fromkeys(self._children, False))
        self.folds.update(((node.key,), False) for node in self._nodes if node.can_open)
        self.rows = self._rows(self._nodes, ())

    def reveal(self, path: Path) -> None:
        """Unfold everything above a node."""
        self.folds.update((path[:end], True) for end in range(1, len(path)))
        self.rows = self._rows(self._nodes, ())

    def hits(self, pattern: re.Pattern[str], start: Path) -> tuple[list[Hit], int]:
        """Find a pattern in all nodes, folded or not; tells how many hits are before `start`."""
        hits: list[Hit] = []
        before = 0
        for path, node in islice(self._all(), _MOST_SEARCHED):
            if path == start:
                before = len(hits)
            lines = node.line.text.split("\n")
            lines[-1] += f"  {node.summary}" if node.summary else ""
            hits += [Hit(path, at) for at, line in enumerate(lines) if pattern.search(line)]
        return hits, before

    def _all(self) -> Iterator[tuple[Path, Node]]:
        levels: list[tuple[Iterator[Node], Path]] = [(iter(self._nodes), ())]
        while levels:
            siblings, above = levels[-1]
            node = next(siblings, None)
            if node is None:
                levels.pop()
                continue
            path = (*above, node.key)
            yield path, node
            if node.can_open:
                levels.append((iter(self._below(path, node)), path))
