"""The schema of a reply as the Messages API takes it.

Every object has to be closed, and neither values nor lengths are limited: "JSON Schema
limitations" in https://platform.claude.com/docs/en/build-with-claude/structured-outputs, and
`transform_schema` in Anthropic's own SDK.
"""

from collections.abc import Iterator
from typing import Any, Final

from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.schema import CLAUDE, Dialect, clean_schema

_LIMITS: Final = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"}
    | {"minProperties", "maxProperties", "patternProperties", "propertyNames"}
)
_DIALECT: Final = Dialect(refused=CLAUDE.refused | _LIMITS)


def write_output_schema(schema: JsonObject) -> JsonObject | None:
    """Give the schema with its objects closed; None where one is open or holds itself."""
    clean = clean_schema(schema, _DIALECT)
    if "$defs" in clean or not all(_can_close(one) for one in _objects(clean)):
        return None
    return _closed(clean)


def _can_close(node: JsonObject) -> bool:
    return bool(node.get("properties")) and not isinstance(node.get("additionalProperties"), dict)


def _closed(node: JsonObject) -> JsonObject:
    closed = dict(node)
    if _is_object(node):
        closed["additionalProperties"] = False
    if "properties" in node:
        closed["properties"] = {name: _closed(one) for name, one in node["properties"].items()}
    if isinstance(node.get("items"), dict):
        closed["items"] = _closed(node["items"])
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in node:
            closed[keyword] = [_closed(one) for one in node[keyword]]
    return closed


def _objects(node: JsonObject) -> Iterator[JsonObject]:
    if _is_object(node):
        yield node
    inner: list[Any] = [*(node.get("properties") or {}).values(), node.get("items")]
    for keyword in ("anyOf", "oneOf", "allOf"):
        inner += node.get(keyword) or ()
    for one in inner:
        if isinstance(one, dict):
            yield from _objects(one)


def _is_object(node: JsonObject) -> bool:
    kind = node.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)
