"""A call's facts as a row, and back."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from math import isfinite
from typing import Any

import orjson

from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Phase, Tokens, plain_text

log = logging.getLogger(__name__)

LARGEST_NUMBER = 2**63 - 1
"""That SQLite holds."""

_LISTS = ("attempts", "why", "notes", "tools")
"""Fields that are kept as JSON."""
_FACTS = tuple(
    field.name for field in fields(Call) if field.name not in {"tokens", "exchange", *_LISTS}
)
_TOKENS = tuple(field.name for field in fields(Tokens))
_NAMES = (*_FACTS, *_TOKENS, *_LISTS)
_PERSONS = frozenset({"marked", "remark"})
"""What a person says of a call; who writes the call again does not know better."""

COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
_MARKS = ", ".join("?" * len(_NAMES))
_AGAIN = ", ".join(
    f'"{name}" = excluded."{name}"' for name in _NAMES if name not in {"id", *_PERSONS}
)
PUT = f"insert into call ({COLUMNS}) values ({_MARKS}) on conflict (id) do update set {_AGAIN}"  # noqa: S608 - our own names


def to_row(call: Call, **instead: Any) -> tuple[Any, ...]:
    """Return a call's row, with some facts `instead` of its own.

    Raises `TypeError` or `ValueError` when it cannot be kept.
    """
    facts = [stored(instead[name] if name in instead else getattr(call, name)) for name in _FACTS]
    bounded = call.tokens.bounded()
    tokens = [getattr(bounded, name) for name in _TOKENS]
    return (*facts, *tokens, *(_list(getattr(call, name)) for name in _LISTS))


def from_rows(rows: Iterable[Sequence[Any]]) -> list[Call]:
    """Read calls, without their messages."""
    return [_call(row) for row in rows]


def stored(value: Any) -> Any:
    """Fit a value into a column: no half characters, no number beyond what SQLite holds."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    return max(-LARGEST_NUMBER, min(value, LARGEST_NUMBER)) if type(value) is int else value


def _list(items: Sequence[Any]) -> str:
    """Write texts or attempts as a JSON list."""
    return orjson.dumps([_whole(item) for item in items]).decode() if items else "[]"


def _whole(item: Any) -> Any:
    """Make good what JSON cannot hold: half characters."""
    if isinstance(item, Attempt):
        return replace(item, reason=plain_text(item.reason))
    return plain_text(item) if isinstance(item, str) else item


def _call(row: Sequence[Any]) -> Call:
    kept: dict[str, Any] = {
        name: shared(value) if type(value) is str else value
        for name, value in zip(_NAMES, row, strict=True)
    }
    tokens = {name: kept.pop(name) for name in _TOKENS}
    tokens["estimated"] = bool(tokens["estimated"])
    kept["phase"] = Phase(kept["phase"])
    for name in ("streaming", "marked"):
        kept[name] = bool(kept[name])
    attempts = kept["attempts"]
    kept["attempts"] = [] if attempts == "[]" else list(map(_attempt, orjson.loads(attempts)))
    kept["why"] = _texts(kept["why"])
    kept["tools"] = _texts(kept["tools"])
    kept["notes"] = list(_texts(kept["notes"]))
    return Call(tokens=Tokens(**tokens), **kept)


# A log of a hundred thousand calls has the same few names over and over.


@lru_cache(maxsize=8192)
def shared(text: str) -> str:
    """Return the text that came first of all that are equal."""
    return text


@lru_cache(maxsize=2048)
def _texts(written: str) -> tuple[str, ...]:
    return tuple([shared(text) for text in orjson.loads(written)])


def _attempt(kept: dict[str, Any]) -> Attempt:
    outcome = kept.pop("outcome")
    kept["candidate"] = shared(kept["candidate"])
    return Attempt(**kept, outcome=None if outcome is None else Outcome(outcome))
