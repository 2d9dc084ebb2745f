"""How an alias stands beside the others of its group."""

from collections.abc import Iterable, Sequence

from ccproxy_tui.config.models import Proxy
from ccproxy_tui.config.snapshot import is_pattern, specificity
from ccproxy_tui.wildcards import compile_pattern

_NAMED = 3


def alias_note(alias: str, others: Iterable[Proxy]) -> str:
    """Say which other aliases share calls with this one, and which of them is asked first."""
    before: list[str] = []
    after: list[str] = []
    for other in others:
        if other.disabled or other.alias == alias or not overlap(alias, other.alias):
            continue
        (before if _rank(other.alias) >= _rank(alias) else after).append(other.alias)
    said = []
    if before:
        verb = "keeps its" if len(before) == 1 else "keep their"
        said.append(f"{_list(before)} {verb} calls: more exact")
    if after:
        said.append(f"goes before {_list(after)}")
    return "; ".join(said)


def overlap(one: str, other: str) -> bool:
    """Tell whether some model's name matches both patterns."""
    if not is_pattern(one):
        return compile_pattern(other).fullmatch(one) is not None
    if not is_pattern(other):
        return compile_pattern(one).fullmatch(other) is not None
    reachable = {(0, 0)}
    seen: set[tuple[int, int]] = set()
    while reachable:
        here = reachable.pop()
        seen.add(here)
        if here == (len(one), len(other)):
            return True
        reachable |= _steps(one, other, *here) - seen
    return False


def _steps(one: str, other: str, i: int, j: int) -> set[tuple[int, int]]:
    """Return where two patterns can stand after one more character of a name, or after a `*`."""
    steps = set()
    left, right = one[i : i + 1], other[j : j + 1]
    if left == "*":
        steps.add((i + 1, j))
        if right:
            steps.add((i, j + 1))
    if right == "*":
        steps.add((i, j + 1))
        if left:
            steps.add((i + 1, j))
    if left and right and "*" not in {left, right} and (left == right or "?" in {left, right}):
        steps.add((i + 1, j + 1))
    return steps


def _rank(alias: str) -> tuple[bool, tuple[int, int]]:
    return not is_pattern(alias), specificity(alias)


def _list(aliases: Sequence[str]) -> str:
    named = ", ".join(aliases[:_NAMED])
    more = len(aliases) - _NAMED
    return f"{named} and {more} more" if more > 0 else named
