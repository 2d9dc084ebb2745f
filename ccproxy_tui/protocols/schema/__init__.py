"""JSON schemas of tools and replies, cut down to what an upstream's dialect of JSON schema takes.

Nothing is deleted that can be said in other words: references are inlined, `const` becomes an
enum, a tuple a list of any of its members. What cannot be said is allowed rather than forbidden,
so that whatever fits the schema given fits the one written. No schema, however broken, raises.
"""

from functools import lru_cache
from typing import Any, Final

import orjson

from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.schema.cleaning import Cleaning
from ccproxy_tui.protocols.schema.dialects import (
    CLAUDE,
    GEMINI,
    OLLAMA,
    OPENAI,
    OPENAI_STRICT,
    Dialect,
)

__all__ = [
    "CLAUDE",
    "GEMINI",
    "OLLAMA",
    "OPENAI",
    "OPENAI_STRICT",
    "Dialect",
    "clean_schema",
    "strict_schema",
    "tool_schema",
]


_CACHED: Final = 1024
_LONGEST_CACHED: Final = 64_000
"""Bytes of JSON."""


def tool_schema(schema: Any, dialect: Dialect = OPENAI) -> JsonObject:
    """Give the schema of a tool's arguments: always an object, always with `properties`.

    An agent sends the same tools with each request, so the parts are shared: not to be changed.
    Gemini refuses an object without properties at the top: such a declaration goes without
    `parameters`.
    """
    return dict(_written(schema, dialect)[0])


def strict_schema(schema: Any) -> JsonObject | None:
    """Give the schema of a tool or reply for OpenAI's `strict`; None when it allows too much.

    A property that may be missing becomes one that may be null. Not to be changed, either.
    """
    strict, is_open = _written(schema, OPENAI_STRICT)
    return None if is_open else dict(strict)


def is_strict(schema: Any) -> bool:
    """Whether a schema can be OpenAI's `strict` as it is: with nothing optional, and closed.

    To close one that is not would let the model say null where its client expects nothing.
    """
    return strict_schema(schema) == tool_schema(schema)


def clean_schema(schema: Any, dialect: Dialect = OPENAI) -> JsonObject:
    """Give a schema for a dialect."""
    return Cleaning(schema, dialect).document()


def _written(schema: Any, dialect: Dialect) -> tuple[JsonObject, bool]:
    try:
        source = orjson.dumps(schema)
    except orjson.JSONEncodeError:
        return _write(schema, dialect)
    if len(source) > _LONGEST_CACHED:
        return _write(schema, dialect)
    return _write_again(source, dialect)


@lru_cache(_CACHED)
def _write_again(source: bytes, dialect: Dialect) -> tuple[JsonObject, bool]:
    return _write(orjson.loads(source), dialect)


def _write(schema: Any, dialect: Dialect) -> tuple[JsonObject, bool]:
    cleaning = Cleaning(schema, dialect)
    return cleaning.arguments(), cleaning.open
