"""JSON as it crosses the wire: fast, and forgiving where real clients need it.

Clients that cut text by UTF-16 units send half of a surrogate pair; the fast parser refuses that,
the standard library carries it through unharmed.
"""

import json
from typing import Any

import orjson

_TOO_DEEP = "Recursion limit reached"
"""What orjson says when it cannot write so many levels, in a `TypeError`."""


def read(data: bytes) -> Any:
    """Parse JSON; raises `ValueError` with the position of what is wrong."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data)


def write(value: Any) -> bytes:
    """Serialise to compact JSON."""
    try:
        return orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        return json.dumps(value, separators=(",", ":")).encode()


def is_too_deep(error: Exception) -> bool:
    """Whether something failed because JSON is nested too deeply to be worked on."""
    return isinstance(error, RecursionError) or str(error) == _TOO_DEEP
