"""Values as a tool's JSON schema wants them, from what a model has written."""

import json
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Final, Literal, NoReturn

import json_repair
import orjson

from ccproxy_tui.protocols.hub import JsonObject

Kind = Literal["string", "integer", "number", "boolean", "array", "object", "null"]

LONGEST_MENDED: Final = 5_000
"""Characters of broken JSON that are mended; the time that takes can grow with their square."""

_DEEPEST_REFERENCE: Final = 8
_UNIONS: Final = ("anyOf", "oneOf", "allOf")
_SHOWN: Final = 60
_INTEGER: Final = re.compile(r"[+-]?\d+(?:\.0*)?")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_ORDER: Final[tuple[Kind, ...]] = ("null", "boolean", "integer", "number", "array", "object")
_DECLARED: Final[dict[str, Kind]] = {
    **dict.fromkeys(("str", "string", "text"), "string"),
    **dict.fromkeys(("number", "float", "double", "f32", "f64", "float32", "float64"), "number"),
    **dict.fromkeys(("int", "integer", "i32", "i64", "int32", "int64", "long"), "integer"),
    **dict.fromkeys(("uint", "u32", "u64", "uint32", "uint64", "usize"), "integer"),
    **dict.fromkeys(("bool", "boolean"), "boolean"),
    **dict.fromkeys(("array", "list", "vec"), "array"),
    **dict.fromkeys(("object", "map", "dict", "json"), "object"),
    "null": "null",
}
_NOT: Final = object()
"""What a conversion gives that does not succeed."""


class CoercionError(ValueError):
    """A value is not, and cannot be made, what the schema wants; the message says so in words."""


class Shape:
    """A JSON schema, or a part of one, with its references resolved."""

    def __init__(self, schema: Any, root: JsonObject | None = None) -> None:
        self._root = root if root is not None else (schema if isinstance(schema, dict) else {})
        self._schema = self._resolved(schema)

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """The types that are allowed; none: anything is."""
        return frozenset(self._kinds(self._schema))

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values that are allowed, where they are listed."""
        listed = self._schema.get("enum")
        return tuple(listed) if isinstance(listed, list) else ()

    @property
    def required(self) -> frozenset[str]:
        """Properties that may not be missing."""
        listed = self._schema.get("required")
        return frozenset(str(one) for one in listed) if isinstance(listed, list) else frozenset()

    def member(self, name: str) -> "Shape":
        """Give the shape of a property; of an unknown one, whatever the schema says of those."""
        found = [
            properties[name]
            for part in self._parts("object")
            if isinstance(properties := part.get("properties"), dict) and name in properties
        ]
        return self._any_of(found or [self._schema.get("additionalProperties")])

    @property
    def names(self) -> frozenset[str]:
        """Properties that are listed; none where any is allowed."""
        listed = [part.get("properties") for part in self._parts("object")]
        return frozenset(name for one in listed if isinstance(one, dict) for name in one)

    @property
    def items(self) -> "Shape":
        """The shape of an array's items."""
        return self._any_of([part["items"] for part in self._parts("array") if "items" in part])

    def _any_of(self, schemas: list[Any]) -> "Shape":
        """Of several branches nobody knows which one is meant: what fits any of them is right."""
        return Shape(schemas[0] if len(schemas) == 1 else {"anyOf": schemas}, self._root)

    def _parts(self, kind: Kind) -> Iterable[JsonObject]:
        yield self._schema
        for name in _UNIONS:
            for part in map(self._resolved, _listed(self._schema.get(name))):
                if kind in self._kinds(part):
                    yield part

    def _resolved(self, schema: Any) -> JsonObject:
        for _ in range(_DEEPEST_REFERENCE):
            if not isinstance(schema, dict):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#"):
                return schema
            found: Any = self._root
            for step in reference[1:].split("/")[1:]:
                step = step.replace("~1", "/").replace("~0", "~")
                found = found.get(step) if isinstance(found, dict) else None
            schema = found
        return {}

    def _kinds(self, schema: JsonObject, seen: frozenset[int] = frozenset()) -> set[Kind]:
        said = schema.get("type")
        if isinstance(said, str | list):
            return {kind for kind in _KINDS if kind in _listed(said)}
        if "const" in schema:
            return {kind_of(schema["const"])}
        if isinstance(values := schema.get("enum"), list):
            return {kind_of(value) for value in values}
        found: set[Kind] = set()
        seen = seen | {id(schema)}
        for name in _UNIONS:
            for part in map(self._resolved, _listed(schema.get(name))):
                if id(part) not in seen:
                    found |= self._kinds(part, seen)
        if not found and "properties" in schema:
            return {"object"}
        if not found and "items" in schema:
            return {"array"}
        return found


_KINDS: Final[frozenset[Kind]] = frozenset({*_ORDER, "string"})


def kind_of(value: Any) -> Kind:
    """Name the type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
    return "object"


def is_plain_text(shape: Shape, declared: str) -> bool:
    """Whether a value is a string whatever it says, so that it need not be complete to be known."""
    kinds = shape.kinds or {_DECLARED.get(declared.lower(), "string")}
    return kinds == {"string"} and not shape.choices


def from_text(text: str, declared: str, shape: Shape) -> Any:
    """Read a value that was written as text, with the type that the model has `declared` for it.

    Raises `CoercionError`.
    """
    said = _DECLARED.get(declared.lower())
    kinds = shape.kinds or frozenset({said or "string"})
    if said == "number" and "number" not in kinds:
        said = "integer"
    first = said if said in kinds else None
    if "string" in kinds:
        return _text_or(text, first, shape)
    for kind in dict.fromkeys((first, *_ORDER) if first else _ORDER):
        if kind in kinds:
            value = _convert(kind, text.strip(), kinds)
            if value is not _NOT:
                return _inside(value, shape)
    stripped = text.strip()
    if "array" in kinds and not stripped.startswith(("[", "{")):
        return [from_text(text, "", shape.items)]
    raise _refusal(text, kinds)


def coerce(value: Any, shape: Shape) -> Any:
    """Correct a JSON value; raises `CoercionError`."""
    kinds, kind = shape.kinds, kind_of(value)
    if not kinds or kind in kinds or (kind == "integer" and "number" in kinds):
        return _inside(value, shape)
    if kind == "number" and "integer" in kinds and value == int(value):
        return int(value)
    if isinstance(value, str):
        return from_text(value, "", shape)
    if "string" in kinds and value is not None:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "array" in kinds and value is not None:
        return [coerce(value, shape.items)]
    if value is None:
        return None  # the client knows best what it makes of one that is not there
    raise _refusal(json.dumps(value, ensure_ascii=False), kinds)


def read_json(text: str) -> Any:
    """Read JSON, mended where that can be done; raises `CoercionError`."""
    try:
        return json.loads(text, strict=False, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        pass
    mended = _NOT
    if len(text) <= LONGEST_MENDED and text.lstrip().startswith(("{", "[")):
        try:
            mended = json_repair.loads(text, skip_json_loads=True)
        except (ValueError, RecursionError):
            mended = _NOT
    if not isinstance(mended, dict | list):
        raise CoercionError(f"{shown(text)} is no JSON")
    return mended


def shown(text: str) -> str:
    """Quote a text for an error, shortened."""
    text = text.strip()
    return json.dumps(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…", ensure_ascii=False)


def _text_or(text: str, first: Kind | None, shape: Shape) -> Any:
    """Read a value that may be a string, but need not."""
    stripped, kinds = text.strip(), shape.kinds
    if first is not None and first != "string":
        value = _convert(first, stripped, kinds)
        if value is not _NOT:
            return _inside(value, shape)
    elif first is None and len(kinds) > 1:
        if "null" in kinds and stripped == "null":
            return None
        if kinds & {"array", "object"} and stripped.startswith(("[", "{")):
            try:
                value = orjson.loads(stripped)
            except orjson.JSONDecodeError:
                return text
            if kind_of(value) in kinds:
                return _inside(value, shape)
    choices = shape.choices
    return stripped if text not in choices and stripped in choices else text


def _inside(value: Any, shape: Shape) -> Any:
    if isinstance(value, dict):
        return {name: _at(name, inner, shape.member(name)) for name, inner in value.items()}
    if isinstance(value, list):
        items = shape.items
        return [_at(str(place), inner, items) for place, inner in enumerate(value)]
    if isinstance(value, str) and shape.choices:
        return _text_or(value, "string", shape)
    return value


def _at(place: str, value: Any, shape: Shape) -> Any:
    try:
        return coerce(value, shape)
    except CoercionError as error:
        raise CoercionError(f"{place}: {error}") from error


def _convert(kind: Kind, text: str, kinds: Iterable[Kind]) -> Any:
    return _CONVERSIONS[kind](text, frozenset(kinds))


def _null(text: str, _: frozenset[Kind]) -> Any:
    return None if text.lower() in {"", "null", "none"} else _NOT


def _boolean(text: str, kinds: frozenset[Kind]) -> Any:
    words = {"true": True, "false": False}
    if not kinds & {"integer", "number"}:
        words |= {"1": True, "0": False, "yes": True, "no": False}
    return words.get(text.lower(), _NOT)


def _integer(text: str, _: frozenset[Kind]) -> Any:
    return int(text.partition(".")[0]) if _INTEGER.fullmatch(text) else _NOT


def _number(text: str, _: frozenset[Kind]) -> Any:
    if not _NUMBER.fullmatch(text):
        return _NOT
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def _array(text: str, _: frozenset[Kind]) -> Any:
    return _structure(text, list)


def _object(text: str, _: frozenset[Kind]) -> Any:
    return _structure(text, dict)


def _structure(text: str, wanted: type) -> Any:
    try:
        value = read_json(text)
    except CoercionError:
        return _NOT
    return value if isinstance(value, wanted) else _NOT


_CONVERSIONS: Final[dict[Kind, Callable[[str, frozenset[Kind]], Any]]] = {
    "null": _null,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "array": _array,
    "object": _object,
}


def _refusal(text: str, kinds: Iterable[Kind]) -> CoercionError:
    named = " or ".join(kind for kind in (*_ORDER, "string") if kind in kinds)
    return CoercionError(f"{shown(text)} is no {named}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
