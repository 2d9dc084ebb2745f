"""Temperatures that the makers of models recommend, as data: the first entry that fits counts."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ccproxy_tui.wildcards import compile_pattern


@dataclass(frozen=True, slots=True)
class Hint:
    """What is recommended for a model."""

    words: str
    """For people, short enough for the side of a form's field."""
    source: str
    """URL of the maker's page that says so."""


def find_hint(model: str) -> Hint | None:
    """Return what is recommended for a model; case, and a vendor's name before it, do not count."""
    name = model.lower().rpartition("/")[2]
    for entry in _entries():
        if any(compile_pattern(pattern).fullmatch(name) for pattern in entry["models"]):
            return Hint(entry["words"], entry["source"])
    return None


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    source = files("ccproxy_tui.config").joinpath("temperatures.toml")
    return tuple(tomllib.loads(source.read_text(encoding="utf-8"))["hints"])
