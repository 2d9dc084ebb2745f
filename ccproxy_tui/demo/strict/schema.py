"""JSON schemas that a vendor takes only in part."""

from collections.abc import Iterator

from ccproxy_tui.demo.reading.gemini import camel
from ccproxy_tui.demo.reading.turn import fields
from ccproxy_tui.demo.reply import JsonObject
from ccproxy_tui.demo.strict.words import words

_GEMINI_FIELDS = words(
    "type format title description nullable enum maxItems minItems properties required"
    " minProperties maxProperties minLength maxLength pattern example anyOf propertyOrdering"
    " default items minimum maximum"
)
_GEMINI_TYPES = words("STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL")
_GEMINI_FORMATS = {
    "STRING": {"enum", "date-time"},
    "NUMBER": {"float", "double"},
    "INTEGER": {"int32", "int64"},
}


def openai_faults(schema: object, where: str) -> Iterator[str]:
    """What OpenAI refuses in a schema marked `strict`: objects that are not closed and complete."""
    for path, one in _walk(schema, ""):
        properties = fields(one.get("properties"))
        if one.get("type") == "object" and one.get("additionalProperties") is not False:
            yield (
                f"Invalid schema for {where}: In context=({path}), 'additionalProperties' is "
                "required to be supplied and to be false."
            )
        if missing := properties.keys() - set(one.get("required") or ()):
            yield (
                f"Invalid schema for {where}: In context=({path}), 'required' is required to be "
                f"supplied and to include every key in properties. Missing {sorted(missing)}."
            )


def _walk(schema: object, path: str) -> Iterator[tuple[str, JsonObject]]:
    if not isinstance(schema, dict):
        return
    yield path, schema
    for group in ("properties", "$defs", "definitions"):
        for name, inner in fields(schema.get(group)).items():
            yield from _walk(inner, f"{path}/{group}/{name}")
    yield from _walk(schema.get("items"), f"{path}/items")
    for inner in schema.get("anyOf") or ():
        yield from _walk(inner, f"{path}/anyOf")


def gemini_faults(schema: object, where: str) -> Iterator[str]:
    """What Gemini refuses in `parameters` and `responseSchema`, a part of OpenAPI's schema.

    https://ai.google.dev/api/caching#Schema
    """
    if not isinstance(schema, dict):
        yield f"Invalid value at '{where}': expected a Schema"
        return
    for name in schema:
        if camel(name) not in _GEMINI_FIELDS:
            yield unknown_name(name, where)
    kind = schema.get("type")
    if kind is None and "anyOf" not in schema:
        yield f"{where}.type: must be specified"
    if kind is not None and str(kind).upper() not in _GEMINI_TYPES:
        yield f"Invalid value at '{where}.type' (type.googleapis.com/Type), {kind!r}"
    kind = str(kind).upper()
    form = schema.get("format")
    if form and form not in _GEMINI_FORMATS.get(kind, ()):
        yield f"{where}.format: {form!r} is not supported for {kind} type"
    yield from _enum_faults(schema.get("enum"), kind, where)
    properties = fields(schema.get("properties"))
    if kind == "OBJECT" and not properties:
        yield f"{where}.properties: should be non-empty for OBJECT type"
    if unknown := set(schema.get("required") or ()) - properties.keys():
        yield f"{where}.required: property is not defined: {sorted(unknown)}"
    if kind == "ARRAY" and "items" not in schema:
        yield f"{where}.items: missing field."
    for name, inner in properties.items():
        yield from gemini_faults(inner, f"{where}.properties[{name}]")
    if "items" in schema:
        yield from gemini_faults(schema["items"], f"{where}.items")
    for at, inner in enumerate(schema.get("anyOf") or ()):
        yield from gemini_faults(inner, f"{where}.any_of[{at}]")


def _enum_faults(enum: object, kind: str, where: str) -> Iterator[str]:
    if enum is None:
        return
    if kind != "STRING":
        yield f"{where}.enum: only allowed for STRING type"
    if not isinstance(enum, list) or not all(isinstance(one, str) and one for one in enum):
        yield f"{where}.enum: cannot be empty, and must hold strings"


def unknown_name(name: str, where: str) -> str:
    """How Google's servers refuse a field that they do not know."""
    return (
        f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field."
    )
