"""Several schemas that hold at once, made one."""

from collections.abc import Callable
from typing import Any, Final

from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.schema.keywords import is_number, types_in


def merge(first: JsonObject, second: JsonObject) -> JsonObject:
    """Give a schema for what fits both; of two descriptions the first one's stands.

    Both must have been mended. Where two values cannot be joined the first one stays, so that
    the result may allow more than both.
    """
    merged = dict(first)
    for keyword, value in second.items():
        if keyword not in merged:
            merged[keyword] = value
        elif merged[keyword] != value and (join := _JOINS.get(keyword)):
            merged[keyword] = join(merged[keyword], value)
    return merged


def united(first: JsonObject, second: JsonObject) -> JsonObject:
    """Give a schema of an object for what fits at least one of two; both must have been mended."""
    either: JsonObject = {"type": "object"}
    properties = dict(first.get("properties", {}))
    for name, schema in second.get("properties", {}).items():
        known = properties.setdefault(name, schema)
        if known != schema:
            properties[name] = {"anyOf": [*_alternatives(known), schema]}
    either["properties"] = properties
    others = second.get("required", ())
    required = [name for name in first.get("required", ()) if name in others]
    if required:
        either["required"] = required
    return either


def _alternatives(schema: Any) -> list[Any]:
    if isinstance(schema, dict) and schema.keys() == {"anyOf"}:
        return list(schema["anyOf"])
    return [schema]


def _both(first: Any, second: Any) -> Any:
    if not isinstance(first, dict):
        return second if first is True else first
    return {"allOf": [first, second]} if isinstance(second, dict) else first


def _properties(first: JsonObject, second: JsonObject) -> JsonObject:
    joined = dict(first)
    for name, schema in second.items():
        known = joined.setdefault(name, schema)
        if known != schema:
            joined[name] = _both(known, schema)
    return joined


def _types(first: Any, second: Any) -> list[str]:
    one, other = types_in(first), types_in(second)
    shared = [name for name in one if name in other]
    if "integer" not in shared and ("integer" in one or "integer" in other):
        shared += ["integer"] if "number" in one or "number" in other else []
    return shared or one or other


def _values(first: list[Any], second: list[Any]) -> list[Any]:
    return [value for value in first if value in second] or first


def _most(first: Any, second: Any) -> Any:
    return max(first, second) if is_number(first) and is_number(second) else first


def _least(first: Any, second: Any) -> Any:
    return min(first, second) if is_number(first) and is_number(second) else first


_JOINS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "type": _types,
    "enum": _values,
    "properties": _properties,
    "patternProperties": _properties,
    "items": _both,
    "required": lambda first, second: list(dict.fromkeys([*first, *second])),
    "allOf": lambda first, second: [*first, *second],
    "nullable": lambda first, second: first and second,
    "additionalProperties": lambda first, second: (
        first is not False and second is not False and first
    ),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength"), _most),
    **dict.fromkeys(("minItems", "minProperties"), _most),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength"), _least),
    **dict.fromkeys(("maxItems", "maxProperties"), _least),
}
"""How the values of a keyword are joined that both schemas have."""
