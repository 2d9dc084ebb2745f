from copy import deepcopy
from typing import Any

import pytest

from ccproxy_tui.protocols.profiles import Profile, find_profile
from ccproxy_tui.protocols.schema import clean_schema, tool_schema
from ccproxy_tui.protocols.tool_names import ToolNames


def test_what_is_refused_goes_and_what_only_looks_like_it_stays() -> None:
    """Failure 27: a property may be called as a keyword is."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "$schema": {"type": "string", "$comment": "goes"},
            "type": {"$schema": "goes", "enum": ["$schema"]},
            "list": {"type": "array", "items": {"$id": "goes", "type": "string"}},
            "either": {"anyOf": [{"$schema": "goes", "type": "null"}, {"type": "string"}]},
        },
        "required": ["$schema"],
        "additionalProperties": False,
        "propertyNames": {"pattern": "a"},
    }
    before = deepcopy(schema)
    assert clean_schema(schema) == {
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "type": {"enum": ["$schema"]},
            "list": {"type": "array", "items": {"type": "string"}},
            "either": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        },
        "required": ["$schema"],
        "additionalProperties": False,
        "propertyNames": {"pattern": "a"},
    }
    assert schema == before


@pytest.mark.parametrize(
    ("schema", "clean"),
    [
        ({"type": None}, {"type": "string"}),
        ({"type": "any"}, {"type": "string"}),
        ({"type": None, "anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}]}),
        ({"properties": {}}, {"type": "object", "properties": {}}),
        ({"type": None, "items": {}}, {"type": "array", "items": {}}),
        ({"type": ["string", None, "null"]}, {"type": ["string", "null"]}),
        ({"type": []}, {"type": "string"}),
        ({"description": "anything"}, {"description": "anything"}),
        ({"type": "object", "required": None}, {"type": "object"}),
    ],
)
def test_types_are_mended(schema: dict[str, Any], clean: dict[str, Any]) -> None:
    assert clean_schema(schema) == clean


@pytest.mark.parametrize("schema", [{}, {"type": None}, {"type": "string"}, {"properties": None}])
def test_a_tool_always_takes_an_object(schema: dict[str, Any]) -> None:
    assert tool_schema(schema) == {"type": "object", "properties": {}}


def test_names_that_fit_are_kept() -> None:
    names = ToolNames()
    assert names.wire("mcp__server__tool-1") == "mcp__server__tool-1"
    assert names.original("mcp__server__tool-1") == "mcp__server__tool-1"


@pytest.mark.parametrize("name", ["a.b", "ä", "x" * 65, "mcp__" + "y" * 200 + ".z", ""])
def test_other_names_are_changed_stably_and_restored(name: str) -> None:
    names = ToolNames()
    wire = names.wire(name)
    assert wire == ToolNames().wire(name)
    assert 0 < len(wire) <= 64
    assert wire.replace("-", "_").replace("_", "a").isalnum()
    assert wire.isascii()
    assert names.original(wire) == name


def test_long_names_that_begin_alike_stay_apart() -> None:
    names = ToolNames()
    first, second = names.wire("x" * 80 + "1"), names.wire("x" * 80 + "2")
    assert first != second


@pytest.mark.parametrize(
    ("model", "url", "expected"),
    [
        ("some-model", "http://127.0.0.1:8080/v1", Profile()),
        ("GPT-5-mini", "https://x/v1", "max_completion_tokens"),
        ("openai/o3", "https://x/v1", "max_completion_tokens"),
    ],
)
def test_profiles_are_found_by_model(model: str, url: str, expected: object) -> None:
    profile = find_profile("openai", url, model)
    assert expected in (profile, profile.max_tokens_field)


def test_profiles_put_fitting_entries_together() -> None:
    profile = find_profile("openai", "https://api.moonshot.ai/v1", "kimi-k2-thinking")
    assert profile.reasoning_replay == "reasoning_content"
    local = find_profile("openai", "http://127.0.0.1:1/v1", "deepseek-v3.2")
    assert (local.reasoning_replay, local.images) == ("reasoning_content", False)
    assert find_profile("claude", "https://x/v1", "deepseek-v3.2") == Profile()
