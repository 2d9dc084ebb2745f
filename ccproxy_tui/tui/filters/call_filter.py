"""A filter that was understood: which calls pass, and what makes it change its mind.

Most terms depend on the call alone. `since:10m` also on the time, and `body:` on what the search
has found so far.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.call_log import Matches
from ccproxy_tui.tui.filters.amounts import wanted
from ccproxy_tui.tui.filters.fields import (
    FIELDS,
    STATES,
    BodyField,
    Field,
    NumberField,
    StateField,
    TextField,
    TimeField,
)
from ccproxy_tui.tui.filters.judging import every, negated, text_judge, word_judge
from ccproxy_tui.tui.filters.terms import FilterError, Term, UnfinishedError, Value, split
from ccproxy_tui.tui.filters.times import Moment, moment

Verdicts = Mapping[int, bool]
"""Whether calls, by their ids, have a text in a body; those that nobody has looked at are not in it."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What a filter says."""

    matches: Matches
    facts: Matches
    """As `matches`, but for what must be looked for in bodies."""
    texts: tuple[str, ...] = ()
    """What is looked for in bodies."""
    ages: tuple[float, ...] = ()
    """Seconds after whose passing a call comes or goes."""
    clock: bool = False
    """Whether a running call comes or goes as time passes."""


@dataclass(frozen=True, slots=True)
class _Judged:
    judge: Matches
    cost: int
    texts: tuple[str, ...] = ()
    ages: tuple[float, ...] = ()
    clock: bool = False


def parse(
    text: str,
    verdicts: Callable[[str], Verdicts] = lambda _text: {},
    *,
    typing: bool = False,
) -> CallFilter | None:
    """Read a filter; None when it is empty. Raises `FilterError`.

    While somebody is `typing`, a last term that is not whole yet says nothing.
    """
    terms = split(text)
    begun = terms[-1] if typing and terms and terms[-1].end == len(text) else None
    judged = []
    for term in terms:
        try:
            if term is begun and may_become_a_field(term):
                continue
            judged.append(_judged(term, verdicts))
        except UnfinishedError:
            if term is not begun:
                raise
    return _whole(judged) if judged else None


def may_become_a_field(term: Term) -> bool:
    """Tell whether a word is the beginning of a field, or of a saved filter's name."""
    word = term.last
    if term.field or word is None or word.quoted or not word.text:
        return False
    text = word.text.lower()
    return text.startswith("@") or any(name.startswith(text) for name in FIELDS)


def _whole(judged: Iterable[_Judged]) -> CallFilter:
    judged = sorted(judged, key=lambda one: one.cost)
    plain = [one.judge for one in judged if not one.texts]
    facts = every(plain) if plain else _anything
    return CallFilter(
        every([one.judge for one in judged]),
        facts,
        tuple(dict.fromkeys(text for one in judged for text in one.texts)),
        tuple({age for one in judged for age in one.ages}),
        any(one.clock for one in judged),
    )


def _anything(_call: Call) -> bool:
    return True


def _judged(term: Term, verdicts: Callable[[str], Verdicts]) -> _Judged:
    if not term.values:
        raise UnfinishedError("a term must follow", term.start, term.end)
    for value in term.values:
        if not value.closed:
            raise UnfinishedError("the quotes do not end", value.start, value.end)
        if not value.text and (not value.quoted or not term.field):
            raise _missing(term, value)
    if not term.field:
        return _turned(term, _Judged(_words(term.values[0]), 4))
    field = FIELDS.get(term.field)
    if field is None:
        raise _unknown(term)
    if isinstance(field, BodyField):
        return _body(term, verdicts)
    return _turned(term, _facts(field, term))


def _turned(term: Term, judged: _Judged) -> _Judged:
    if not term.negated:
        return judged
    return _Judged(negated(judged.judge), judged.cost, (), judged.ages, judged.clock)


def _facts(field: Field, term: Term) -> _Judged:
    match field:
        case StateField():
            return _Judged(_any([_state(value) for value in term.values]), 0)
        case NumberField():
            return _Judged(_number(field, term.values), 2, clock=field.clock)
        case TimeField():
            now = time.time()
            moments = [moment(field.name, value, now) for value in term.values]
            ages = tuple(found.ago for found in moments if found.ago is not None)
            return _Judged(_any([_edge(field, found) for found in moments]), 1, ages=ages)
        case TextField():
            for value in term.values:
                if value.test not in ("", "="):
                    problem = f"{field.name}: takes words, which are not more or less"
                    raise FilterError(problem, value.start, value.end)
            return _Judged(text_judge(field, term.values), 3)
    raise AssertionError(field)


def _words(value: Value) -> Matches:
    if value.text.startswith("@") and not value.quoted:
        problem = f"there is no saved filter {value.text[1:]}; ctrl+l lists them"
        raise UnfinishedError(problem, value.start, value.end)
    return word_judge(value.text)


def _state(value: Value) -> Matches:
    state = STATES.get(value.text.lower())
    if state is not None and not value.test:
        return state[0]
    begun = not value.test and any(name.startswith(value.text.lower()) for name in STATES)
    error = UnfinishedError if begun else FilterError
    close = get_close_matches(value.text.lower(), STATES, n=1)
    takes = f"a state; did you mean is:{close[0]}?" if close else ", ".join(STATES)
    raise error(f"is: takes {takes}", value.start, value.end)


def _number(field: NumberField, values: Iterable[Value]) -> Matches:
    holds = [wanted(field.name, field.unit, field.examples[0], value) for value in values]
    read, only = field.read, holds[0]
    if len(holds) == 1:
        return lambda call: (number := read(call)) is not None and only(number)
    return lambda call: (number := read(call)) is not None and any(hold(number) for hold in holds)


def _edge(field: TimeField, found: Moment) -> Matches:
    ago, first, last = found.ago, found.first, found.last
    if field.edge == "since":
        if ago is None:
            return lambda call: call.started_at >= first
        return lambda call: call.started_at >= time.time() - ago
    if ago is None:
        return lambda call: call.started_at < last
    return lambda call: call.started_at < time.time() - ago


def _any(judges: list[Matches]) -> Matches:
    return judges[0] if len(judges) == 1 else lambda call: any(judge(call) for judge in judges)


def _body(term: Term, verdicts: Callable[[str], Verdicts]) -> _Judged:
    for value in term.values:
        if value.test not in ("", "=") or not value.text:
            problem = 'body: takes text, as in body:"some words"'
            raise FilterError(problem, value.start, value.end)
    texts = tuple(value.text for value in term.values)
    found = [verdicts(text) for text in texts]
    return _Judged(partial(_found, found, not term.negated), 5, texts)


def _found(found: list[Verdicts], wanted: bool, call: Call) -> bool:  # noqa: FBT001 - of a partial
    """Tell whether a call is known to have one of the texts, or known to have none of them."""
    verdicts = [verdict.get(call.id) for verdict in found]
    return True in verdicts if wanted else all(verdict is False for verdict in verdicts)


def _missing(term: Term, value: Value) -> FilterError:
    field = FIELDS.get(term.field)
    if field is None:
        return (
            _unknown(term)
            if term.field
            else UnfinishedError("there is nothing in the quotes", value.start, value.end)
        )
    problem = f"{field.name}: takes a value, as in {field.name}:{field.examples[0]}"
    return UnfinishedError(problem, term.start, max(value.end, term.end))


def _unknown(term: Term) -> FilterError:
    name = term.field
    close = [one for one in FIELDS if name.startswith(one) and len(one) > 2]
    close = close or get_close_matches(name, FIELDS, n=1)
    meant = f"did you mean {close[0]}:?" if close else "in quotes it is words, ? lists the fields"
    end = term.start + term.negated + len(name) + 1
    return FilterError(f'"{name}" is no field; {meant}', term.start, min(end, term.end))
