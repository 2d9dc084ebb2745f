"""What is different between two documents, line by line, as a unified diff shows it."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from typing import Final, Literal

from ccproxy_tui.inspection.json_text import Section

Sign = Literal["+", "-", " ", "@"]

_CONTEXT: Final = 3
"""Lines that are shown around a change."""
_MOST_PAIRS: Final = 400_000
"""Lines times lines that are compared each with each; more would take seconds."""
_INDEX: Final = re.compile(r"\[\d+\]")

_Span = tuple[str, int, int, int, int]
"""An opcode as `SequenceMatcher` gives it."""
_Differ = Callable[[list[int], list[int], int, int], Iterator[_Span]]


@dataclass(frozen=True, slots=True)
class Change:
    """A line: added, removed, the same, or (`@`) the name of the place where others begin."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of one section that are changed in a row, with some that are not around them."""

    place: str
    changes: tuple[Change, ...]

    @property
    def removed(self) -> list[str]:
        """What is there no more."""
        return [change.text for change in self.changes if change.sign == "-"]

    @property
    def added(self) -> list[str]:
        """What is new."""
        return [change.text for change in self.changes if change.sign == "+"]


@dataclass(frozen=True, slots=True)
class _Placed:
    section: int
    place: str
    change: Change


def difference(before: Sequence[Section], after: Sequence[Section]) -> list[Change]:
    """Compare two documents; empty when they are the same."""
    return list(_hunks(_placed(before, after)))


def pieces(before: Sequence[Section], after: Sequence[Section]) -> list[Piece]:
    """Compare two documents, each change by itself; empty when they are the same."""
    found: list[Piece] = []
    for _, group in groupby(_placed(before, after), key=lambda one: one.section):
        lines = list(group)
        changes = [one.change for one in lines]
        found += [Piece(lines[0].place, tuple(run)) for run in _runs(changes)]
    return found


def _placed(before: Sequence[Section], after: Sequence[Section]) -> list[_Placed]:
    """Lay both documents over one another.

    Sections are matched first, and lines only where sections differ: comparing a long document
    line by line takes a time that grows with its square.
    """
    placed: list[_Placed] = []
    for number, (one, other) in enumerate(_pairs(before, after)):
        section = other or one
        assert section is not None
        old, new = one.lines if one else (), other.lines if other else ()
        placed += [_Placed(number, section.name, change) for change in _compare(old, new)]
    return placed


def _pairs(
    before: Sequence[Section], after: Sequence[Section]
) -> Iterator[tuple[Section | None, Section | None]]:
    """Give sections with their counterparts: the same ones, then those of the same name."""
    for kind, first, last, start, end in _spans(_lines(before), _lines(after)):
        old, new = before[first:last], after[start:end]
        if kind == "equal":
            yield from zip(old, new, strict=True)
            continue
        for same, a, b, c, d in _spans(_labels(old), _labels(new)):
            if same == "equal":
                yield from zip(old[a:b], new[c:d], strict=True)
                continue
            yield from ((one, None) for one in old[a:b])
            yield from ((None, one) for one in new[c:d])


def _lines(sections: Sequence[Section]) -> list[Hashable]:
    return [section.lines for section in sections]


def _labels(sections: Sequence[Section]) -> list[Hashable]:
    """Give what sections are called whatever their number is."""
    return [_INDEX.sub("", section.name) for section in sections]


def _compare(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Compare lines."""
    for kind, first, last, start, end in _spans(before, after):
        if kind == "equal":
            yield from (Change(" ", line) for line in before[first:last])
            continue
        yield from (Change("-", line) for line in before[first:last])
        yield from (Change("+", line) for line in after[start:end])


def _spans(before: Sequence[Hashable], after: Sequence[Hashable]) -> Iterator[_Span]:
    """Tell what is equal and what is not.

    What both begin and end with costs next to nothing. What is between is compared piece by piece
    where it is long: between what occurs once on both sides.
    """
    numbers: dict[Hashable, int] = {}
    old = [numbers.setdefault(one, len(numbers)) for one in before]
    new = [numbers.setdefault(one, len(numbers)) for one in after]
    yield from _between(old, new, 0, 0, _part)


def _between(
    old: list[int], new: list[int], first: int, start: int, differ: _Differ
) -> Iterator[_Span]:
    """Set aside what two ranges begin and end with; `differ` compares what is left of them."""
    same = _alike(old, new)
    if same:
        yield "equal", first, first + same, start, start + same
    old, new, first, start = old[same:], new[same:], first + same, start + same
    tail = _alike(old[::-1], new[::-1])
    if len(old) > tail or len(new) > tail:
        yield from differ(old[: len(old) - tail], new[: len(new) - tail], first, start)
    if tail:
        last, end = first + len(old) - tail, start + len(new) - tail
        yield "equal", last, last + tail, end, end + tail


def _part(old: list[int], new: list[int], first: int, start: int) -> Iterator[_Span]:
    """Compare two ranges, a long one between its anchors."""
    at = to = 0
    for one, other in _anchors(old, new):
        yield from _between(old[at:one], new[to:other], first + at, start + to, _match)
        yield "equal", first + one, first + one + 1, start + other, start + other + 1
        at, to = one + 1, other + 1
    yield from _between(old[at:], new[to:], first + at, start + to, _match)


def _match(old: list[int], new: list[int], first: int, start: int) -> Iterator[_Span]:
    """Compare two ranges in one go."""
    if len(old) * len(new) > _MOST_PAIRS:
        yield "replace", first, first + len(old), start, start + len(new)
        return
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield kind, first + a, first + b, start + c, start + d


def _anchors(old: list[int], new: list[int]) -> list[tuple[int, int]]:
    """Find what occurs once on both sides, as much of it as stands in the same order."""
    if len(old) * len(new) <= _MOST_PAIRS:
        return []
    once_old, once_new = _once(old), _once(new)
    tops: list[int] = []
    best: list[int] = []
    shared = [(at, once_new[one]) for one, at in once_old.items() if one in once_new]
    before: list[int] = []
    for number, (_, to) in enumerate(shared):
        place = bisect_left(tops, to)
        before.append(best[place - 1] if place else -1)
        tops[place : place + 1], best[place : place + 1] = [to], [number]
    chain: list[tuple[int, int]] = []
    at = best[-1] if best else -1
    while at >= 0:
        chain.append(shared[at])
        at = before[at]
    return chain[::-1]


def _once(numbers: list[int]) -> dict[int, int]:
    counts = Counter(numbers)
    return {one: at for at, one in enumerate(numbers) if counts[one] == 1}


def _alike(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many are the same from the start on."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _runs(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Give each row of changes with the lines around it; none is in two of them."""
    end = 0
    at = 0
    while at < len(changes):
        if changes[at].sign == " ":
            at += 1
            continue
        last = at
        while last < len(changes) and changes[last].sign != " ":
            last += 1
        until = last
        while until < min(last + _CONTEXT, len(changes)) and changes[until].sign == " ":
            until += 1
        yield changes[max(end, at - _CONTEXT) : until]
        end = at = until


def _hunks(placed: Sequence[_Placed]) -> Iterator[Change]:
    """Leave out what is far from any change, and name the places of the rest."""
    kept = bytearray(len(placed))
    for at, one in enumerate(placed):
        if one.change.sign != " ":
            first = max(0, at - _CONTEXT)
            width = min(len(placed), at + _CONTEXT + 1) - first
            kept[first : first + width] = b"\1" * width
    for at, one in enumerate(placed):
        if not kept[at]:
            continue
        if at == 0 or not kept[at - 1]:
            yield Change("@", _place(placed, at))
        yield one.change


def _place(placed: Sequence[_Placed], at: int) -> str:
    """Return the name of the section of the first change from there on."""
    return next(one.place for one in placed[at:] if one.change.sign != " ")
