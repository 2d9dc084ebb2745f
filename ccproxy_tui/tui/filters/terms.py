"""How a filter is written: words and `field:value` terms, each with the place where it stands.

`status:>=400,429 group:qwen !key:ci "two words"`: all terms must hold, of the values behind a field
one; `!` or `-` turns a term around.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPACE = re.compile(r"\s*")
_NOT = re.compile(r"!+|-")
_FIELD = re.compile(r"([A-Za-z_]+)(?::|(?=[<>=]))")
_TEST = re.compile(r">=|<=|>|<|=|")
_QUOTED = re.compile(r'"((?:\\["\\]|[^"])*)("|\Z)')
_BARE_WORD = re.compile(r"\S*")
_BARE_VALUE = re.compile(r"[^\s,]*")
_ESCAPED = re.compile(r'\\(["\\])')
_NEEDS_QUOTES = re.compile(r'[\s,"*?]|\.\.|^[<>=]')


class FilterError(ValueError):
    """A filter cannot be understood: what is wrong, and from where to where."""

    def __init__(self, problem: str, start: int, end: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.start = start
        self.end = end


class UnfinishedError(FilterError):
    """The filter is fine so far, but something must follow."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is behind a field, or a word: its text, and how it is compared."""

    text: str
    start: int
    end: int
    test: str = ""
    """`>=`, `<`, `=` …; empty where nothing is said."""
    quoted: bool = False
    closed: bool = True
    """Whether the quotes end."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    start: int
    end: int
    negated: bool
    field: str
    """In lower case; empty for words."""
    values: tuple[Value, ...]
    """One of them must hold; none where nothing follows `!`."""

    @property
    def last(self) -> Value | None:
        """The value that is typed last."""
        return self.values[-1] if self.values else None


def split(text: str) -> list[Term]:
    """Split a filter into its terms. Raises `FilterError` where quotes are amiss."""
    return list(_terms(text))


def _terms(text: str) -> Iterator[Term]:
    place = _end(_SPACE, text, 0)
    while place < len(text):
        start = place
        place = _end(_NOT, text, start)
        negated = text[start:place].count("!") % 2 == 1 or text[start:place] == "-"
        found = _FIELD.match(text, place)
        if found is not None:
            values = _values(text, found.end())
        elif place == len(text) or text[place].isspace():
            values = []
        else:
            values = [_value(text, place, _BARE_WORD)]
        place = values[-1].end if values else place
        name = "" if found is None else found[1].lower()
        yield Term(start, place, negated, name, tuple(values))
        place = _end(_SPACE, text, place)


def _values(text: str, place: int) -> list[Value]:
    values: list[Value] = []
    while True:
        test = _end(_TEST, text, place)
        value = _value(text, test, _BARE_VALUE, text[place:test])
        values.append(value)
        if not text.startswith(",", value.end):
            return values
        place = value.end + 1


def _value(text: str, place: int, bare: re.Pattern[str], test: str = "") -> Value:
    found = _QUOTED.match(text, place)
    if found is None:
        end = _end(bare, text, place)
        return Value(text[place:end], place, end, test)
    end = found.end()
    if end < len(text) and not text[end].isspace() and (bare is _BARE_WORD or text[end] != ","):
        raise FilterError("a space is missing after the quotes", end, _end(_BARE_WORD, text, end))
    inner = _ESCAPED.sub(r"\1", found[1])
    return Value(inner, place, end, test, quoted=True, closed=bool(found[2]))


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return place if found is None else found.end()


def saved_names(text: str) -> list[Value]:
    """Return the words that stand for saved filters: `@slow`."""
    try:
        words = [term.last for term in split(text) if not term.field and not term.negated]
    except FilterError:
        return []
    return [one for one in words if one and one.text[:1] == "@" and not one.quoted]


def written(value: str) -> str:
    """Write a value such that it is read as it is: in quotes where it must be."""
    if value and not _NEEDS_QUOTES.search(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
