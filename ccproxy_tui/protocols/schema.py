"""JSON schemas of tools, cut down to what an upstream's dialect of JSON schema takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ccproxy_tui.protocols.hub import JsonObject


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an upstream does not take."""

    refused: frozenset[str]
    """Keywords that are left out."""


OPENAI: Final = Dialect(refused=frozenset({"$schema", "$id", "$comment"}))

_TYPES: Final = frozenset(
    {"object", "array", "string", "number", "integer", "boolean", "null"},
)
_MAPS: Final = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
)
"""Keywords whose keys are names of the user's choice."""
_LISTS: Final = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SINGLE: Final = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"},
)


def tool_schema(schema: JsonObject, dialect: Dialect = OPENAI) -> JsonObject:
    """Give the schema of a tool's arguments, which is always one of an object."""
    clean = clean_schema(schema, dialect)
    if clean.get("type") != "object":
        clean["type"] = "object"
    if not isinstance(clean.get("properties"), dict):
        clean["properties"] = {}
    return clean


def clean_schema(schema: JsonObject, dialect: Dialect = OPENAI) -> JsonObject:
    """Give a copy without what the dialect refuses, and with a type where one is missing."""
    clean: JsonObject = {}
    for keyword, value in schema.items():
        if keyword in dialect.refused:
            continue
        clean[keyword] = _clean_value(keyword, value, lambda inner: clean_schema(inner, dialect))
    _mend_type(clean)
    if "required" in clean and not isinstance(clean["required"], list):
        del clean["required"]
    return clean


def _clean_value(keyword: str, value: Any, clean: Callable[[JsonObject], JsonObject]) -> Any:
    if keyword in _MAPS and isinstance(value, dict):
        return {name: clean(s) if isinstance(s, dict) else s for name, s in value.items()}
    if keyword in _LISTS and isinstance(value, list):
        return [clean(s) if isinstance(s, dict) else s for s in value]
    if keyword in _SINGLE and isinstance(value, dict):
        return clean(value)
    return value


def _mend_type(schema: JsonObject) -> None:
    """Put a usable type in place of a null or unknown one; an absent one may well be meant."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [one for one in kind if _is_type(one)]
        schema["type"] = kinds if kinds else _guess(schema)
    elif not _is_type(kind) and ("type" in schema or "properties" in schema):
        schema["type"] = _guess(schema)
    if schema.get("type") is None:
        schema.pop("type", None)


def _is_type(kind: object) -> bool:
    return isinstance(kind, str) and kind in _TYPES


def _guess(schema: JsonObject) -> str | None:
    if "properties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    if any(keyword in schema for keyword in ("anyOf", "oneOf", "allOf", "$ref", "const")):
        return None
    return "string"
