"""Keywords said in other words, where a dialect does not take them; schemas are changed in place."""

from collections.abc import Callable
from math import ceil, floor
from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.schema.dialects import UNTYPED_ITEMS, Dialect
from ccproxy_tui.protocols.schema.keywords import distinct

_LIMITS: Final[tuple[tuple[str, str, Callable[..., Any], Callable[[Any], int]], ...]] = (
    ("exclusiveMinimum", "minimum", max, lambda limit: floor(limit) + 1),
    ("exclusiveMaximum", "maximum", min, lambda limit: ceil(limit) - 1),
)
_LONGEST_HINT: Final = 300


def rewrite_limits(flat: JsonObject, kinds: list[str], dialect: Dialect) -> None:
    """Rewrite exclusive limits, also those of draft 4, where they are flags."""
    for exclusive, bound, stricter, beyond in _LIMITS:
        if exclusive not in flat:
            continue
        limit = flat.pop(exclusive)
        if isinstance(limit, bool):
            limit = flat.pop(bound, None) if limit else None
            if limit is None:
                continue
        if dialect.takes(exclusive):
            flat[exclusive] = limit
            continue
        if kinds == ["integer"]:
            limit = beyond(limit)
        flat[bound] = stricter(limit, flat[bound]) if bound in flat else limit


def rewrite_items(flat: JsonObject, kinds: list[str], dialect: Dialect) -> None:
    """Rewrite a tuple as a list of any of its members; a list that says nothing allows anything."""
    items = flat.get("items")
    members, rest = flat.pop("prefixItems", None), items
    if isinstance(items, list):
        members, rest = items, flat.get("additionalItems")
    if members:
        unique = distinct([*members, rest] if isinstance(rest, dict) else members)
        flat["items"] = unique[0] if len(unique) == 1 else {"anyOf": unique}
    elif ("items" in flat or "array" in kinds) and (not items or not isinstance(items, dict)):
        flat["items"] = UNTYPED_ITEMS if dialect.openapi else {}


def add_hints(flat: JsonObject, kinds: list[str], dialect: Dialect) -> None:
    """Say in the description what the dialect has no keyword for."""
    hints: list[str] = []
    if "enum" in flat and dialect.openapi and not _strings(flat["enum"]):
        hints.append(_hint("one of", flat.pop("enum")))
    if "format" in flat and dialect.formats is not None:
        taken = any(flat["format"] in dialect.formats.get(kind, ()) for kind in kinds)
        if not taken or len(kinds) != 1:
            name = flat.pop("format")
            hints.append(f"(format: {name})" if "string" in kinds else "")
    if "default" in flat and not dialect.takes("default"):
        hints.append(_hint("default", [flat["default"]]))
    if "examples" in flat and dialect.takes("example"):
        flat.setdefault("example", flat["examples"][0])
    elif "examples" in flat:
        hints.append(_hint("examples", flat["examples"]))
    said = [flat.get("description", ""), *hints]
    if any(hints):
        flat["description"] = " ".join(text for text in said if text)


def _strings(values: list[Any]) -> bool:
    """Whether these can be an enum of OpenAPI's: texts, none of them empty."""
    return all(isinstance(value, str) and value for value in values)


def _hint(name: str, values: list[Any]) -> str:
    if not all(isinstance(value, str | int | float) for value in values):
        return ""
    text = ", ".join(json_bytes.write(value).decode() for value in values)
    return f"({name}: {text})" if len(text) <= _LONGEST_HINT else ""
