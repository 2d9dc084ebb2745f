"""Objects of a dialect whose objects are closed: just the named properties, all of them required."""

from typing import Any

from ccproxy_tui.protocols.hub import JsonObject


def close(clean: JsonObject, source: JsonObject) -> bool:
    """Close an object in place; False when it was meant to be open.

    A property that may be missing may be null instead.
    """
    properties = clean.setdefault("properties", {})
    required = source.get("required", ())
    for name, schema in properties.items():
        if name not in required:
            properties[name] = _or_null(schema)
    clean["required"] = list(properties)
    clean["additionalProperties"] = False
    others = source.get("additionalProperties")
    free = isinstance(others, dict) or others is True or bool(source.get("patternProperties"))
    return not free and (bool(properties) or others is False)


def _or_null(schema: JsonObject) -> JsonObject:
    if "anyOf" in schema:
        null: Any = {"type": "null"}
        options = schema["anyOf"]
        return schema if null in options else {**schema, "anyOf": [*options, null]}
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "null" in kinds:
        return schema
    nullable = {**schema, "type": [*kinds, "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable
