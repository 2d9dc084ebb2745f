"""A strict upstream refuses what OpenAI's Responses API refuses."""

from typing import Any

import pytest

from ccproxy_tui.demo.strict import find_fault
from tests.demo.asking import asked

USER = {"role": "user", "content": "?"}
CALL = {"type": "function_call", "call_id": "c1", "name": "Read", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "x"}
TOOL = {"type": "function", "name": "Read", "parameters": {"type": "object"}}
THOUGHT = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [{"type": "summary_text", "text": "Hm."}],
    "encrypted_content": "e",
}
PNG = {"type": "input_image", "image_url": "data:image/png;base64,aGk="}
OPEN_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def fault(*items: Any, **body: Any) -> str:
    return find_fault(asked("responses", {"model": "m", "input": [*items] or [USER]} | body))


def said(role: str, **part: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": [part]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"messages": []}, "Unknown parameter: 'messages'"),
        ({"max_tokens": 99}, "Unknown parameter: 'max_tokens'"),
        ({"stop": ["x"]}, "Unknown parameter: 'stop'"),
        ({"model": ""}, "model"),
        ({"input": []}, "Invalid 'input': empty array"),
        ({"max_output_tokens": 10}, ">= 16, but got 10"),
        ({"temperature": 2.5}, "temperature"),
        ({"stream_options": {"include_obfuscation": False}}, "only allowed when 'stream'"),
        (
            {"stream": True, "stream_options": {"include_usage": True}},
            "stream_options.include_usage",
        ),
        ({"include": ["reasoning"]}, "'reasoning'"),
        ({"reasoning": {"budget": 5}}, "reasoning.budget"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"reasoning": {"summary": "long"}}, "reasoning.summary"),
        ({"user": "u" * 65}, "'user': string too long"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"tools": [{"type": "function", "function": {"name": "a"}}]}, "tools[0].name"),
        ({"tools": [TOOL | {"name": "a b"}]}, "pattern"),
        ({"tools": [TOOL | {"parameters": {"type": "string"}}]}, 'type: "object"'),
        ({"tools": [TOOL | {"cache_control": {}}]}, "tools[0].cache_control"),
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, "bash_20250124"),
        ({"tools": [TOOL | {"parameters": OPEN_SCHEMA, "strict": True}]}, "additionalProperties"),
        ({"tools": [TOOL], "tool_choice": "any"}, "'any'"),
        (
            {"tools": [TOOL], "tool_choice": {"type": "function", "name": "Gone"}},
            "'Gone' not found",
        ),
        (
            {"tools": [TOOL], "tool_choice": {"type": "function", "function": {}}},
            "tool_choice.name",
        ),
        ({"tool_choice": "required"}, "must be specified with 'tools'"),
        ({"text": {"format": {"type": "json_schema", "schema": {}}}}, "text.format.name"),
        ({"text": {"format": {"type": "json_schema", "name": "a"}}}, "text.format.schema"),
        ({"text": {"format": {"type": "json_schema", "json_schema": {}}}}, "json_schema"),
    ],
)
def test_refuses_fields(body: dict[str, Any], words: str) -> None:
    assert words in fault(**body)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"type": "tool_use"}], "'tool_use' in 'input[0].type'"),
        ([{"content": "x"}], "input[0].type"),
        ([{"role": "user"}], "Missing required parameter: 'input[0].content'"),
        ([USER | {"cache_control": {}}], "input[0].cache_control"),
        ([{"role": "tool", "content": "x"}], "Invalid value: 'tool'"),
        ([{"role": "user", "content": 5}], "input[0].content"),
        ([said("user", type="text", text="x")], "'text' in 'input[0].content[0].type'"),
        ([said("user", type="output_text", text="x")], "'output_text'"),
        ([said("assistant", type="input_text", text="x")], "'input_text'"),
        ([said("user", type="input_text")], "content[0].text"),
        ([said("user", type="input_image", image_url={"url": "x"})], "image_url"),
        ([said("user", type="input_image", image_url="data:image/png;base64,!")], "data URL"),
        ([said("user", type="input_image", image_url="data:text/x;base64,aGk=")], "data URL"),
        ([USER | {"id": "item-1"}], "begins with 'msg'"),
        ([CALL | {"id": "call_1"}, OUTPUT], "begins with 'fc'"),
        ([CALL | {"arguments": {}}, OUTPUT], "input[0].arguments"),
        ([CALL | {"name": "a b"}, OUTPUT], "input[0].name"),
        ([CALL | {"call_id": "c" * 65}, OUTPUT], "too long"),
        ([{"type": "function_call", "id": "fc_1"}], "input[0].call_id"),
        ([OUTPUT], "No tool call found for function call output with call_id c1"),
        ([OUTPUT, CALL], "No tool call found"),
        ([CALL], "No tool output found for function call c1"),
        ([CALL, CALL, OUTPUT], "Duplicate"),
        ([CALL, OUTPUT | {"output": {}}], "input[1].output"),
        ([CALL, OUTPUT | {"is_error": True}], "input[1].is_error"),
        ([THOUGHT], "without its required following item"),
        ([THOUGHT, USER], "without its required following item"),
        ([{"type": "reasoning", "id": "rs_1"}], "input[0].summary"),
        ([THOUGHT | {"summary": [{"type": "text", "text": ""}]}, CALL, OUTPUT], "summary_text"),
        ([THOUGHT | {"id": "thought"}, CALL, OUTPUT], "begins with 'rs'"),
    ],
)
def test_refuses_items(items: list[Any], words: str) -> None:
    assert words in fault(*items)


def test_what_is_not_stored_must_be_sent() -> None:
    bare = {"type": "reasoning", "id": "rs_1", "summary": []}
    assert fault(bare, CALL, OUTPUT) == ""
    assert "not persisted" in fault(bare, CALL, OUTPUT, store=False)


def test_lets_in_a_tool_loop() -> None:
    closed = OPEN_SCHEMA | {"additionalProperties": False, "required": ["a"]}
    items = [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "a"}]},
        {"role": "user", "content": [{"type": "input_text", "text": "?"}, PNG]},
        THOUGHT,
        said("assistant", type="output_text", text="I look.", annotations=[]) | {"id": "msg_1"},
        CALL | {"id": "fc_1", "status": "completed"},
        OUTPUT | {"output": [PNG]},
    ]
    body = {
        "instructions": "Be brief.",
        "tools": [TOOL | {"parameters": closed, "strict": True}, {"type": "web_search"}],
        "tool_choice": {"type": "function", "name": "Read"},
        "parallel_tool_calls": True,
        "reasoning": {"effort": "high", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "stream": True,
        "stream_options": {"include_obfuscation": False},
        "max_output_tokens": 16,
        "text": {"format": {"type": "json_schema", "name": "a", "schema": closed, "strict": True}},
    }
    assert fault(*items, **body) == ""


def test_a_stored_response_may_be_answered() -> None:
    assert fault(OUTPUT, previous_response_id="resp_1") == ""
