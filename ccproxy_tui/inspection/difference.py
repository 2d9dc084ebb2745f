"""What is different between two requests, line by line, as a unified diff shows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, takewhile
from typing import Literal

from ccproxy_tui.inspection.json_text import Section

Sign = Literal["+", "-", " ", "@"]

_CONTEXT = 3
"""Lines that are shown around a change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A line: added, removed, the same, or (`@`) the name of the place where others begin."""

    sign: Sign
    text: str


def difference(before: Sequence[Section], after: Sequence[Section]) -> list[Change]:
    """Compare two documents; empty when they are the same.

    Sections are matched first, and lines only where sections differ: comparing a long document
    line by line takes a time that grows with its square.
    """
    matcher = SequenceMatcher(None, [one.lines for one in before], [one.lines for one in after])
    placed: list[tuple[str, Change]] = []
    for kind, first, last, start, end in matcher.get_opcodes():
        old, new = before[first:last], after[start:end]
        if kind == "equal":
            placed += [(one.name, Change(" ", line)) for one in new for line in one.lines]
        elif len(old) == len(new):
            for one, other in zip(old, new, strict=True):
                placed += [(other.name, change) for change in _compare(one.lines, other.lines)]
        else:
            placed += _several(old, new)
    return list(_hunks(placed))


def _several(old: Sequence[Section], new: Sequence[Section]) -> Iterator[tuple[str, Change]]:
    """Compare sections that have no counterparts: they are named by the first of them."""
    name = (new or old)[0].name
    lines = [tuple(chain.from_iterable(one.lines for one in side)) for side in (old, new)]
    return ((name, change) for change in _compare(*lines))


def _compare(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Compare lines; what both begin and end with is set aside, as that costs next to nothing."""
    same = _alike(before, after)
    tail = _alike(before[same:][::-1], after[same:][::-1])
    for line in before[:same]:
        yield Change(" ", line)
    old, new = before[same : len(before) - tail], after[same : len(after) - tail]
    for kind, first, last, start, end in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield from (Change(" ", line) for line in old[first:last])
            continue
        yield from (Change("-", line) for line in old[first:last])
        yield from (Change("+", line) for line in new[start:end])
    for line in before[len(before) - tail :]:
        yield Change(" ", line)


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines are the same from the start on."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _hunks(placed: Sequence[tuple[str, Change]]) -> Iterator[Change]:
    """Leave out what is far from any change, and name the places of the rest."""
    kept = bytearray(len(placed))
    for at, (_, change) in enumerate(placed):
        if change.sign != " ":
            first = max(0, at - _CONTEXT)
            width = min(len(placed), at + _CONTEXT + 1) - first
            kept[first : first + width] = b"\1" * width
    for at, (_, change) in enumerate(placed):
        if not kept[at]:
            continue
        if at == 0 or not kept[at - 1]:
            yield Change("@", _place(placed, at))
        yield change


def _place(placed: Sequence[tuple[str, Change]], at: int) -> str:
    """Return the name of the section of the first change from there on."""
    return next(name for name, change in placed[at:] if change.sign != " ")
