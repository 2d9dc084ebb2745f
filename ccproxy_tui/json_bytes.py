"""JSON as it crosses the wire: fast, and forgiving where real clients need it.

Clients that cut text by UTF-16 units send half of a surrogate pair; the fast parser refuses that,
the standard library carries it through unharmed.
"""

import json
from typing import Any

import orjson


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
