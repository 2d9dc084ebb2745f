"""What an error says that a model cannot do, and how to ask again without it.

The wordings are data: `lacks.toml`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.effort import LEVELS
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW, OUTPUT_LIMIT
from ccproxy_tui.protocols.profiles import Profile, plain_name

_STATUSES: Final = frozenset({400, 404, 405, 415, 422, 500, 501, 502})
"""llama.cpp says such things with 500; an error in a stream has no status and is taken for a 502."""
_REPAIRED: Final = frozenset({CONTEXT_OVERFLOW, OUTPUT_LIMIT})
_ALL: Final = "*"
"""Stands for all protocols."""
_LONGEST_TEXT: Final = 4000
_LEVELS_NAMED: Final = re.compile(
    r"effort\b.*\b(?:supported values are|input should be):? (?P<all>(?:(?:, | or |,? and )?'\w+')+)"
    r"|\bsupported values are:? (?P<only>(?:(?:, | or |,? and )?'\w+')+)\.? \([\w.]*effort\)",
    re.IGNORECASE | re.DOTALL,
)
"""OpenAI's words, of `reasoning_effort` or with its `param` behind them; and Anthropic's."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What a model cannot do."""

    words: str
    """For people, as in `no images`."""
    entry: Mapping[str, Any]
    """Fields of a profile that leave it out; to stand before all other entries."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a request, and the entries that leave it out, each going further."""

    words: str
    entries: list[dict[str, Any]]
    drop: dict[str, list[str]] = field(default_factory=dict)
    protocols: list[str] | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    parts: dict[str, _Part]
    wordings: list[tuple[str, re.Pattern[str]]]
    parameters: list[re.Pattern[str]]
    fields: dict[str, str]
    """Parameters that may be left out, by their plain names."""
    parameter_parts: dict[str, str]


def names_lack(failure: Failure) -> bool:
    """Whether an error says that the model cannot do a part of what was asked for."""
    return next(_found(failure), None) is not None


def read_lack(failure: Failure, profile: Profile) -> Lack | None:
    """Read what a model cannot do.

    None when the error says no such thing, or the profile has no way to say it or says it already:
    asking again would be no different.
    """
    lacks = (_lack(part, profile) for part in _found(failure))
    return next((lack for lack in lacks if lack is not None), None)


def _lack(part: _Part, profile: Profile) -> Lack | None:
    if part.protocols is not None and profile.protocol not in part.protocols:
        return None
    held = [number for number, entry in enumerate(part.entries, 1) if _holds(profile, entry)]
    rest = part.entries[max(held, default=0) :]
    entry = dict(rest[0]) if rest else {}
    refused = [*part.drop.get(profile.protocol, ()), *part.drop.get(_ALL, ())]
    if drop := [name for name in refused if name not in profile.drop]:
        entry["drop"] = [*profile.drop, *drop]
    return Lack(part.words, entry) if entry else None


def _holds(profile: Profile, entry: Mapping[str, Any]) -> bool:
    said = {name: tuple(one) if isinstance(one, list) else one for name, one in entry.items()}
    return all(getattr(profile, name) == value for name, value in said.items())


def _found(failure: Failure) -> Iterator[_Part]:
    """Give all that an error may be about, the surest first."""
    if failure.status not in _STATUSES or failure.kind in _REPAIRED:
        return
    text, known = failure.message[:_LONGEST_TEXT], _known()
    if levels := _levels(text):
        yield levels
        return
    for name, pattern in known.wordings:
        if pattern.search(text):
            yield known.parts[name]
    named = dict.fromkeys(
        name for pattern in known.parameters for name in _names(pattern.finditer(text))
    )
    for name in named:
        if name in known.parameter_parts:
            yield known.parts[known.parameter_parts[name]]
    if fields := [known.fields[name] for name in named if name in known.fields]:
        words = "parameter" if len(fields) == 1 else "parameters"
        yield _Part(f"no {words} {', '.join(fields)}", [{}], {_ALL: fields})


def _levels(text: str) -> _Part | None:
    """Read which levels of thinking there are, where an error names them."""
    found = _LEVELS_NAMED.search(text)
    if found is None:
        return None
    named = re.findall(r"\w+", found["all"] or found["only"])
    levels = [level for level in LEVELS if level in named]
    words = f"no levels of thinking but {', '.join(levels)}"
    return _Part(words, [{"efforts": levels}]) if levels else None


def _names(matches: Iterator[re.Match[str]]) -> Iterator[str]:
    for match in matches:
        at = match.groupdict().get("at")
        for name in match["name"].split(", "):
            yield plain_name(f"{at}.{name}" if at else name)


@cache
def _known() -> _Known:
    source = resources.files("ccproxy_tui.protocols").joinpath("lacks.toml")
    file = tomllib.loads(source.read_text("utf-8"))
    parameters = file["parameters"]
    return _Known(
        parts={name: _part(**said) for name, said in file["parts"].items()},
        wordings=[
            (wording["part"], _compiled(pattern))
            for wording in file["wordings"]
            for pattern in wording["patterns"]
        ],
        parameters=[_compiled(pattern) for pattern in parameters["patterns"]],
        fields={plain_name(name): name for name in parameters["fields"]},
        parameter_parts={plain_name(name): part for name, part in parameters["parts"].items()},
    )


def _part(entry: Any, **said: Any) -> _Part:
    return _Part(entries=entry if isinstance(entry, list) else [entry], **said)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
