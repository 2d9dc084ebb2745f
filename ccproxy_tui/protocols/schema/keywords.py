"""The values of a schema's keywords, as they have to be; what cannot be mended is left out."""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, Final

from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.schema.dialects import TYPES

_ALIASES: Final = {
    "int": "integer", "int32": "integer", "int64": "integer", "long": "integer",
    "float": "number", "double": "number", "bool": "boolean", "str": "string",
    "dict": "object", "map": "object", "list": "array",
}  # fmt: skip
_NAMES: Final = {name: name for name in (*TYPES, "null")} | _ALIASES
_OF_VALUE: Final = {
    str: "string", bool: "boolean", int: "integer", float: "number",
    dict: "object", list: "array", type(None): "null",
}  # fmt: skip
_GREATEST: Final = 2**63 - 1


def mended(schema: JsonObject) -> JsonObject:
    """Give a copy with only such values as its keywords can have."""
    mended: JsonObject = {}
    for keyword, value in schema.items():
        mend = _MENDS.get(keyword)
        if mend is not None:
            value = mend(value)
            if value is None:
                continue
        mended[keyword] = value
    return mended


def types_in(value: Any) -> list[str]:
    """Read the value of `type`: lower case, in JSON schema's words, "null" among them."""
    if isinstance(value, str):
        name = _NAMES.get(value) or _NAMES.get(value.lower())
        return [name] if name else []
    if not isinstance(value, list):
        return []
    types = [name for one in value if isinstance(one, str) for name in types_in(one)]
    return list(dict.fromkeys(types))


def type_of(value: Any) -> str:
    """Give the type of a JSON value."""
    return _OF_VALUE.get(type(value), "string")


def types_of(values: list[Any]) -> list[str]:
    """Give the types of JSON values, each once."""
    return list(dict.fromkeys(type_of(value) for value in values))


def is_number(value: Any) -> bool:
    """Whether a JSON value is a usable number."""
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def distinct(values: Iterable[Any]) -> list[Any]:
    """Give each of some JSON values once; `true` is another one than `1`."""
    return list({repr(value): value for value in values}.values())


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: Any) -> int | float | None:
    return value if is_number(value) else None


def _step(value: Any) -> int | float | None:
    return value if is_number(value) and value > 0 else None


def _number_or_flag(value: Any) -> int | float | None:
    return value if isinstance(value, bool) else _number(value)


def _count(value: Any) -> int | None:
    """Read a count; OpenAPI by protobuf writes it as a text."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 20:
        value = int(value)
    if not is_number(value) or value != int(value) or not 0 <= value <= _GREATEST:
        return None
    return int(value)


def _names(value: Any) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return list(dict.fromkeys(name for name in value if isinstance(name, str)))


def _full(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) and value else None


def _map(value: Any) -> JsonObject | None:
    return value if isinstance(value, dict) else None


def _schema(value: Any) -> JsonObject | bool | None:
    return value if isinstance(value, dict | bool) else None


def _schemas(value: Any) -> JsonObject | bool | list[Any] | None:
    return value if isinstance(value, dict | bool | list) else None


_MENDS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("title", "description", "pattern", "format", "$ref"), _text),
    **dict.fromkeys(("nullable", "uniqueItems", "deprecated", "readOnly", "writeOnly"), _flag),
    **dict.fromkeys(("minimum", "maximum"), _number),
    "multipleOf": _step,
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _number_or_flag),
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength"), _count),
    **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), _count),
    **dict.fromkeys(("required", "propertyOrdering"), _names),
    **dict.fromkeys(("enum", "allOf", "anyOf", "oneOf", "prefixItems", "examples"), _full),
    **dict.fromkeys(("properties", "patternProperties", "$defs", "definitions"), _map),
    **dict.fromkeys(("dependentSchemas", "dependentRequired", "dependencies"), _map),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties", "propertyNames"), _schema),
    **dict.fromkeys(("not", "if", "then", "else", "contains", "unevaluatedItems"), _schema),
    "additionalItems": _schema,
    "items": _schemas,
}

_HINTS: Final[dict[str, frozenset[str]]] = {
    "object": frozenset(
        {"properties", "required", "additionalProperties", "patternProperties", "minProperties"}
    ),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"pattern", "minLength", "maxLength"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
}
"""Keywords that tell the type of a schema that does not."""


def guess(schema: JsonObject) -> list[str]:
    """Give the type that a schema without one is probably of; empty when nothing tells it."""
    return next(([kind] for kind, hints in _HINTS.items() if hints & schema.keys()), [])


def fits(value: Any, kinds: list[str]) -> bool:
    """Whether a JSON value is of one of these types."""
    kind = type_of(value)
    if kind in kinds or (kind == "integer" and "number" in kinds):
        return True
    return kind == "number" and "integer" in kinds and is_number(value) and value == int(value)
