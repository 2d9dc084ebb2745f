"""Schemas of replies, written for the Messages API."""

from typing import Any

import pytest

from ccproxy_tui.protocols.claude.output_schema import write_output_schema

TEXT = {"type": "string"}


def object_of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def closed(**properties: Any) -> dict[str, Any]:
    return {**object_of(**properties), "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        (object_of(a=TEXT), closed(a=TEXT)),
        (closed(a=TEXT), closed(a=TEXT)),
        ({"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}, closed(a=TEXT)),
        (object_of(a=object_of(b=TEXT)), closed(a=closed(b=TEXT))),
        (
            object_of(a={"type": "array", "items": object_of(b=TEXT), "minItems": 3}),
            closed(a={"type": "array", "items": closed(b=TEXT)}),
        ),
        (
            object_of(a={"anyOf": [object_of(b=TEXT), {"type": "null"}]}),
            closed(a={"anyOf": [closed(b=TEXT), {"type": "null"}]}),
        ),
        (object_of(n={"type": "integer", "minimum": 1}), closed(n={"type": "integer"})),
        (
            object_of(minimum={"type": "number", "maximum": 2}),
            closed(minimum={"type": "number"}),
        ),
    ],
)
def test_objects_are_closed_and_nothing_is_limited(
    schema: dict[str, Any], written: dict[str, Any]
) -> None:
    assert write_output_schema(schema) == written


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        object_of(a={"type": "object"}),
        object_of(a={**object_of(b=TEXT), "additionalProperties": TEXT}),
        {"$ref": "#/$defs/tree", "$defs": {"tree": object_of(left={"$ref": "#/$defs/tree"})}},
    ],
)
def test_what_cannot_be_closed_is_left_to_words(schema: dict[str, Any]) -> None:
    assert write_output_schema(schema) is None
