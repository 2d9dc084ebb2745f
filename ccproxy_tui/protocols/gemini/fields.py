"""Field names, which clients write as `camelCase` or `snake_case`, and even mix.

Google's servers read JSON as protobuf does, which takes both; google-genai for Python sends
`parameters_json_schema` inside bodies that are camelCase otherwise.
"""

import re
from functools import cache
from typing import Any, Final

from ccproxy_tui.protocols.hub import JsonObject

NAME: Final = "gemini"
"""The protocol; the maker of its signatures and opaque blocks."""

_HUMP: Final = re.compile(r"(?<!^)[A-Z]")
_GAP: Final = re.compile(r"(?<=[a-z0-9])_([a-z])")


def find(of: JsonObject, name: str) -> Any:
    """Give the value of the field `name` (camelCase) under either spelling, else None."""
    value = of.get(name)
    return of.get(_snake(name)) if value is None else value


def spelling(of: JsonObject, name: str) -> str:
    """Give the spelling of `name` (camelCase) that the object has; camelCase when it has none."""
    return name if of.get(name) is not None or of.get(_snake(name)) is None else _snake(name)


def put(of: JsonObject, name: str, value: Any) -> None:
    """Set the field `name` (camelCase) under the spelling that is there; never have it twice."""
    spelled = spelling(of, name)
    drop(of, name)
    of[spelled] = value


def drop(of: JsonObject, name: str) -> None:
    """Take the field `name` (camelCase) out, whatever its spelling."""
    of.pop(name, None)
    of.pop(_snake(name), None)


def wrapped(body: JsonObject) -> JsonObject | None:
    """Give the request to generate inside of one to count its tokens, where that has one."""
    inner = None if body.get("contents") else find(body, "generateContentRequest")
    return inner if isinstance(inner, dict) else None


def camel(name: str) -> str:
    """Give a field's name in camelCase."""
    return _GAP.sub(lambda gap: gap[1].upper(), name)


def listed(value: Any) -> list[Any]:
    """Give a repeated field as a list; a single value may stand for a list of one."""
    if isinstance(value, list):
        return value
    return [value] if value else []


@cache
def _snake(name: str) -> str:
    return _HUMP.sub(lambda hump: f"_{hump[0].lower()}", name)
