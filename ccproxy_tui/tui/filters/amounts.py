"""Numbers with units as a filter takes them: 400, 4xx, 50k, 5s, 1m30, 80%, $0.10, 1s..5s."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ccproxy_tui.tui.filters.terms import FilterError, UnfinishedError, Value

Holds = Callable[[float], bool]
"""Whether a number is one of those that are wanted."""

_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?([a-z%/]*)")
_CLASS = re.compile(r"([1-5])xx")
_LONG = re.compile(r"(\d+)([hm])(\d{1,2})([ms]?)")
_BEGUN = re.compile(r"\$?\d*\.?|.*\.|\d+[a-z]")


@dataclass(frozen=True, slots=True)
class Unit:
    """What a kind of number is written in."""

    scales: Mapping[str, float]
    """What the letters behind a number multiply it by; the empty ones are those of a bare number."""
    takes: str
    """What such a number is called where another word was typed."""


PLAIN = Unit({"": 1}, "a number")
COUNT = Unit({"": 1, "k": 1e3, "m": 1e6, "g": 1e9}, "a number (k, m)")
DURATION = Unit({"": 1, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}, "a time (ms, s, m, h)")
PERCENT = Unit({"": 1, "%": 1}, "a percentage")
DOLLARS = Unit({"": 1, "$": 1}, "dollars")
RATE = Unit({"": 1, "k": 1e3, "/s": 1}, "tokens a second")


def wanted(name: str, unit: Unit, example: str, value: Value) -> Holds:
    """Read a value as a condition on numbers. Raises `FilterError`."""
    text = value.text.lower().removeprefix("#")
    low, between, high = text.partition("..")
    try:
        if between and not value.test and (low or high):
            return _within(
                _number(low, unit)[0] if low else float("-inf"),
                _number(high, unit)[0] if high else float("inf"),
            )
        found = _CLASS.fullmatch(text) if unit is PLAIN and not value.test else None
        if found is not None:
            first = int(found[1]) * 100
            return _within(first, first + 99)
        return _compared(value.test, *_number(text, unit))
    except ValueError:
        problem = f"{name}: takes {unit.takes}, as in {name}:{example}"
        error = UnfinishedError if _BEGUN.fullmatch(text) else FilterError
        raise error(problem, value.start, value.end) from None


def _number(text: str, unit: Unit) -> tuple[float, float]:
    """Return a number, and how much it stands for: half of the last digit's worth."""
    if unit is DOLLARS:
        text = text.removeprefix("$")
    if unit is DURATION and (found := _LONG.fullmatch(text)) is not None:
        inner = "m" if found[2] == "h" else "s"
        if found[4] in ("", inner):
            scale = unit.scales[inner]
            return int(found[1]) * unit.scales[found[2]] + int(found[3]) * scale, scale / 2
    found = _NUMBER.fullmatch(text)
    if found is None or found[3] not in unit.scales:
        raise ValueError(text)
    scale, decimals = unit.scales[found[3]], found[2] or ""
    return float(f"{found[1]}.{decimals or 0}") * scale, scale / 2 / 10 ** len(decimals)


def _within(low: float, high: float) -> Holds:
    return lambda number: low <= number <= high


def _compared(test: str, wanted: float, half: float) -> Holds:
    if test == ">=":
        return lambda number: number >= wanted
    if test == "<=":
        return lambda number: number <= wanted
    if test == ">":
        return lambda number: number > wanted
    if test == "<":
        return lambda number: number < wanted
    low, high = wanted - half, wanted + half
    return lambda number: low <= number < high
