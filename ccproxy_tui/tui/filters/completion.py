"""What may be meant by the term at the cursor: fields, what they take, values that calls have."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.filters.fields import FIELDS, STATES, BodyField, Field, StateField, TextField
from ccproxy_tui.tui.filters.terms import FilterError, Term, split, written

_MOST = 50
_CALLS = 5_000
"""How many of the newest calls are looked at for their values."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that could be typed."""

    text: str
    what: str
    """What it means, in a few words."""
    more: bool = False
    """Whether something must follow."""
    name: str = ""
    """What it is shown as, where not as its text."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What could stand between two places of a filter."""

    start: int
    end: int
    options: tuple[Option, ...]

    def taken(self, text: str, option: Option) -> tuple[str, int]:
        """Return the filter with an option taken, and where the cursor is then."""
        before, after = text[: self.start] + option.text, text[self.end :]
        if not option.more and not after.startswith((" ", ",")):
            after = " " + after
        place = len(before) + (0 if option.more else 1)
        return before + after, place


def complete(
    text: str, cursor: int, calls: Iterable[Call], saved: Mapping[str, str], *, asked: bool = False
) -> Completion | None:
    """Return what could be meant at the cursor; None when there is nothing to offer.

    Between terms nothing is offered, unless it was `asked` for.
    """
    term = _at(text, cursor)
    if term is None or not term.values:
        fields = tuple(_fields(""))
        return Completion(cursor, cursor, fields) if asked or term is not None else None
    before = [value for value in term.values if value.start <= cursor]
    value = before[-1] if before else term.values[0]
    typed = value.text.lower()
    if not term.field:
        options = tuple(_beginnings(typed, saved)) if not value.quoted else ()
    elif (field := FIELDS.get(term.field)) is not None:
        options = tuple(_values(field, typed, calls))
    else:
        options = ()
    as_typed = [option.text.lower() for option in options] == [
        text[value.start : value.end].lower()
    ]
    if not options or as_typed:
        return None
    start = value.start if not _begins_with_test(options[0]) else value.start - len(value.test)
    return Completion(start, value.end, options[:_MOST])


def _at(text: str, cursor: int) -> Term | None:
    """Return the term that the cursor is in or right behind."""
    try:
        terms = split(text)
    except FilterError:
        return None
    return next((term for term in terms if term.start < cursor <= term.end), None)


def _begins_with_test(option: Option) -> bool:
    return option.text.startswith((">", "<", "="))


def _beginnings(typed: str, saved: Mapping[str, str]) -> Iterator[Option]:
    if typed.startswith("@"):
        for name, text in saved.items():
            if name.lower().startswith(typed[1:]):
                yield Option(text, text, name=f"@{name}")
        return
    yield from _fields(typed)
    for name, (_judge, what) in STATES.items():
        if name.startswith(typed):
            yield Option(f"is:{name}", what)


def _fields(typed: str) -> Iterator[Option]:
    for field in FIELDS.values():
        if field.name.startswith(typed):
            yield Option(f"{field.name}:", field.help, more=True)


def _values(field: Field, typed: str, calls: Iterable[Call]) -> Iterator[Option]:
    if isinstance(field, StateField):
        states = ((name, what) for name, (_judge, what) in STATES.items())
        yield from (Option(name, what) for name, what in states if name.startswith(typed))
    elif isinstance(field, TextField):
        yield from _known(field, typed, calls)
    elif isinstance(field, BodyField):
        if not typed:
            yield Option('"', "words, then quotes again", more=True)
    elif not typed:
        for number, example in enumerate(field.examples):
            yield Option(example, field.help if number == 0 else "")


def _known(field: TextField, typed: str, calls: Iterable[Call]) -> Iterator[Option]:
    """Offer what calls have, those that begin as typed first, then the most frequent."""
    found: Counter[str] = Counter()
    for _place, call in zip(range(_CALLS), calls, strict=False):
        found.update(set(field.read(call)))
    pattern = typed.strip("*?")
    fitting = [(text, times) for text, times in found.items() if text and pattern in text.lower()]
    fitting.sort(key=lambda one: (not one[0].lower().startswith(pattern), -one[1]))
    for text, times in fitting:
        yield Option(written(text), f"{times:,} call" + ("" if times == 1 else "s"))
