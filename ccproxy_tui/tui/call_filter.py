"""What may be typed after `/` in the log: words and `field:value` terms that must all hold.

`status:>=400 group:qwen !key:ci is:error sonnet` reads as it says; `!` turns a term around.
"""

import operator
import re
from collections.abc import Callable, Mapping

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.call_log import Matches
from ccproxy_tui.tui.progress import output_tokens

_TERM = re.compile(r"(?P<field>[a-z]+)(?P<test>:?(?:>=|<=|>|<|=)|:)(?P<value>.*)")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(k|m|s)?")
_SCALE = {"k": 1_000.0, "m": 1_000_000.0, "s": 1.0, None: 1.0}
_TESTS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "": operator.eq,
}
_WORDS: Mapping[str, Callable[[Call], str]] = {
    "key": lambda call: call.key,
    "group": lambda call: call.group,
    "alias": lambda call: f"{call.requested} {call.alias}",
    "model": lambda call: f"{call.requested} {call.model}",
    "provider": lambda call: call.provider,
    "target": lambda call: call.target,
    "session": lambda call: call.session,
    "path": lambda call: call.path,
    "error": lambda call: call.error,
}
_NUMBERS: Mapping[str, Callable[[Call], float | None]] = {
    "status": lambda call: call.status,
    "in": lambda call: call.tokens.context,
    "out": output_tokens,
    "dur": lambda call: call.duration,
    "ttft": lambda call: call.ttft,
    "try": lambda call: len(call.attempts),
    "cost": lambda call: call.cost,
    "id": lambda call: call.id,
}
_STATES: Mapping[str, Matches] = {
    "live": lambda call: call.live,
    "held": lambda call: call.phase is Phase.HELD,
    "error": lambda call: call.phase is Phase.FAILED or call.status >= 400,
    "done": lambda call: call.phase is Phase.DONE,
    "failed": lambda call: call.phase is Phase.FAILED,
    "cancelled": lambda call: call.phase is Phase.CANCELLED,
    "agent": lambda call: bool(call.agent),
}


class FilterError(ValueError):
    """The filter cannot be understood; says which term and what is possible."""


def parse(text: str) -> Matches | None:
    """Read a filter; None when it is empty. Raises `FilterError`."""
    terms = [_term(word) for word in text.lower().split()]
    if not terms:
        return None
    return lambda call: all(term(call) for term in terms)


def _term(word: str) -> Matches:
    if word.startswith("!") and len(word) > 1:
        wanted = _term(word[1:])
        return lambda call: not wanted(call)
    found = _TERM.fullmatch(word)
    if found is None:
        return lambda call: word in _all_words(call)
    name, test, value = found["field"], found["test"].removeprefix(":"), found["value"]
    if name == "is":
        return _state(value)
    if name in _NUMBERS:
        return _number(name, test, value)
    if name in _WORDS:
        words = _WORDS[name]
        return lambda call: value in words(call).lower()
    known = ", ".join([*_WORDS, *_NUMBERS, "is"])
    raise FilterError(f'"{name}" is no field; there are {known}')


def _state(value: str) -> Matches:
    if value not in _STATES:
        raise FilterError(f"is: takes {', '.join(_STATES)}")
    return _STATES[value]


def _number(name: str, test: str, value: str) -> Matches:
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise FilterError(f"{name}: takes a number, as in {name}:>=400")
    wanted, compare, number = float(found[1]) * _SCALE[found[2]], _TESTS[test], _NUMBERS[name]

    def holds(call: Call) -> bool:
        value = number(call)
        return value is not None and compare(value, wanted)

    return holds


def _all_words(call: Call) -> str:
    return " ".join(
        (
            f"#{call.id}",
            str(call.status or ""),
            call.phase,
            call.key,
            call.group,
            call.requested,
            call.alias,
            call.target,
            call.session,
            call.path,
            call.error,
        )
    ).lower()
