"""A strict upstream refuses what the Gemini API refuses."""

from typing import Any

import pytest

from ccproxy_tui.demo.strict import find_fault
from tests.demo.asking import asked

USER = {"role": "user", "parts": [{"text": "?"}]}
CALL = {"functionCall": {"name": "Read", "args": {}}}
ANSWER = {"functionResponse": {"name": "Read", "response": {"output": "x"}}}
CALLED = {"role": "model", "parts": [CALL]}
ANSWERED = {"role": "user", "parts": [ANSWER]}
PATH = {"type": "STRING", "description": "a path"}
PARAMETERS = {"type": "OBJECT", "properties": {"path": PATH}, "required": ["path"]}


def fault(*contents: Any, **body: Any) -> str:
    return find_fault(asked("gemini", {"contents": [*contents] or [USER]} | body))


def declared(**more: Any) -> dict[str, Any]:
    return {"tools": [{"functionDeclarations": [{"name": "Read"} | more]}]}


def with_path(**schema: Any) -> dict[str, Any]:
    return declared(parameters={"type": "OBJECT", "properties": {"path": schema}})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"messages": []}, 'Unknown name "messages"'),
        ({"contents": []}, "contents is not specified"),
        ({"generationConfig": {"max_tokens": 5}}, 'Unknown name "max_tokens"'),
        ({"generationConfig": {"thinkingConfig": {"effort": 5}}}, 'Unknown name "effort"'),
        (
            {"generationConfig": {"thinkingConfig": {"thinkingBudget": 5, "thinkingLevel": "LOW"}}},
            "only one of",
        ),
        ({"generationConfig": {"thinkingConfig": {"thinkingLevel": "XHIGH"}}}, "thinking_level"),
        ({"generationConfig": {"maxOutputTokens": 0}}, "max_output_tokens"),
        ({"generationConfig": {"temperature": 2.5}}, "temperature"),
        ({"generationConfig": {"stopSequences": ["a"] * 6}}, "stop_sequences"),
        ({"generationConfig": {"stopSequences": "a"}}, "stop_sequences"),
        ({"generationConfig": {"responseSchema": PARAMETERS}}, "response_mime_type"),
        (
            {
                "generationConfig": {
                    "responseMimeType": "application/json",
                    "responseSchema": PARAMETERS | {"additionalProperties": False},
                }
            },
            'Unknown name "additionalProperties"',
        ),
        ({"systemInstruction": {"parts": []}}, "system_instruction"),
        ({"tools": [{}]}, "tool_type"),
        ({"tools": [{"function": {}}]}, 'Unknown name "function"'),
        (declared(input_schema={}), 'Unknown name "input_schema"'),
        (declared(name="1st"), "Invalid function name"),
        (declared(name="a" * 65), "Invalid function name"),
        (declared(parameters=PARAMETERS, parametersJsonSchema={}), "mutually exclusive"),
        (declared(parameters=PARAMETERS | {"$schema": "x"}), 'Unknown name "$schema"'),
        (declared(parameters={"type": "OBJECT", "properties": {}}), "should be non-empty"),
        (declared(parameters=PARAMETERS | {"required": ["gone"]}), "not defined: ['gone']"),
        (with_path(type="STRING", const="x"), 'Unknown name "const"'),
        (with_path(type=["string", "null"]), "properties[path].type"),
        (with_path(type="STRING", format="uri"), "'uri' is not supported"),
        (with_path(type="INTEGER", enum=[1]), "only allowed for STRING"),
        (with_path(type="STRING", enum=[""]), "cannot be empty"),
        (with_path(type="ARRAY"), "items: missing field"),
        (with_path(type="ARRAY", items={"type": "STRING", "not": {}}), 'Unknown name "not"'),
        (with_path(anyOf=[{"type": "STRING", "not": {}}]), 'Unknown name "not"'),
        ({"tools": [*declared()["tools"], *declared()["tools"]]}, "Duplicate"),
        ({"toolConfig": {"mode": "ANY"}}, 'Unknown name "mode"'),
        ({"toolConfig": {"functionCallingConfig": {"mode": "REQUIRED"}}}, "REQUIRED"),
        (
            declared()
            | {"toolConfig": {"functionCallingConfig": {"allowedFunctionNames": ["Read"]}}},
            "when the mode is ANY",
        ),
        (
            declared()
            | {
                "toolConfig": {
                    "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["Gone"]}
                }
            },
            "Gone",
        ),
    ],
)
def test_refuses_fields(body: dict[str, Any], words: str) -> None:
    assert words in fault(**body)


def model(*parts: Any) -> dict[str, Any]:
    return {"role": "model", "parts": [*parts]}


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "parts": [*parts]}


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        ([USER | {"role": "assistant"}], "first content"),
        ([USER, USER | {"role": "system"}], "valid role"),
        ([model({"text": "x"})], "first content"),
        ([USER | {"content": "x"}], 'Unknown name "content"'),
        ([user()], "must not be empty"),
        ([{"role": "user", "parts": "x"}], "must not be empty"),
        ([user({})], "oneof field 'data'"),
        ([user({"thought": True})], "oneof field 'data'"),
        ([user({"text": "x", "inlineData": {}})], "oneof field 'data'"),
        ([user({"text": "x", "cacheControl": {}})], 'Unknown name "cacheControl"'),
        ([user({"text": 5})], "TYPE_STRING"),
        ([user({"inlineData": {"mimeType": "image/png", "data": "!"}})], "Base64"),
        ([user({"inlineData": {"data": "aGk="}})], "mime_type"),
        ([user({"inlineData": {"media_type": "image/png"}})], 'Unknown name "media_type"'),
        ([USER, CALLED], "followed by a function response"),
        ([USER, CALLED, USER], "number of function response parts"),
        ([USER, CALLED, user(ANSWER, ANSWER)], "number of function response parts"),
        ([USER, model(CALL, CALL), ANSWERED], "number of function response parts"),
        ([ANSWERED], "immediately after a function call"),
        ([USER, model({"text": "x"}), CALLED, ANSWERED], "immediately after a user turn"),
        ([user(CALL), ANSWERED], "of the model"),
        ([USER, model({"functionCall": {"args": {}}}), ANSWERED], "Name cannot be empty"),
        ([USER, model({"functionCall": {"name": "a", "args": "{}"}}), ANSWERED], "Struct"),
        ([USER, model({"functionCall": {"name": "a", "input": {}}}), ANSWERED], '"input"'),
        (
            [USER, CALLED, user({"functionResponse": {"name": "Read", "response": "x"}})],
            "Struct",
        ),
        ([USER, CALLED, user({"functionResponse": {"name": "Read"}})], "must be set"),
        ([USER, model(CALL | {"thoughtSignature": "no base64!"}), ANSWERED], "thought_signature"),
        ([USER, model({"text": "x", "thought": "yes"})], "TYPE_BOOL"),
    ],
)
def test_refuses_contents(contents: list[Any], words: str) -> None:
    assert words in fault(*contents)


@pytest.mark.parametrize(
    "signature", ["aGk=", "_-8", "skip_thought_signature_validator", "c2lnbmF0dXJl"]
)
def test_lets_in_a_tool_loop_in_either_case(signature: str) -> None:
    image = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    signed = CALL | {"thoughtSignature": signature}
    contents = [user({"text": "?"}, image), model({"text": "Hm.", "thought": True}, signed)]
    camel = {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "generationConfig": {
            "maxOutputTokens": 9,
            "thinkingConfig": {"includeThoughts": True, "thinkingBudget": -1},
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object", "additionalProperties": False},
        },
        **declared(parameters=PARAMETERS),
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["Read"]}},
    }
    assert fault(*contents, ANSWERED, **camel) == ""
    snake = {
        "system_instruction": {"parts": [{"text": "Be brief."}]},
        "generation_config": {"max_output_tokens": 9},
        "tools": [
            {
                "function_declarations": [
                    {"name": "Read", "parameters_json_schema": {"$schema": "x", "not": {}}}
                ]
            }
        ],
    }
    called = model({"function_call": {"name": "Read"}, "thought_signature": signature})
    answered = user({"function_response": {"name": "Read", "response": {}}})
    assert fault(USER, called, answered, **snake) == ""


def test_the_third_generation_wants_this_turns_calls_signed() -> None:
    path = "/v1beta/models/gemini-3-pro:generateContent"
    signed = {"role": "model", "parts": [CALL | {"thoughtSignature": "aGk="}, CALL]}
    both = user(ANSWER, ANSWER)
    earlier = [USER, CALLED, ANSWERED, model({"text": "Done."}), USER]

    def of_three(*contents: Any) -> str:
        return find_fault(asked("gemini", {"contents": contents}, path=path))

    assert "missing a thought_signature" in of_three(USER, CALLED, ANSWERED)
    assert "missing a thought_signature" in of_three(USER, CALLED, ANSWERED, signed, both)
    assert of_three(*earlier, signed, both) == ""


def test_counts_of_either_form() -> None:
    def count(body: Any) -> str:
        return find_fault(asked("gemini", body, operation="count"))

    whole = {"model": "models/m", "contents": [USER], "systemInstruction": USER}
    assert count({"contents": [USER]}) == ""
    assert count({"generateContentRequest": whole}) == ""
    assert 'Unknown name "systemInstruction"' in count(whole)
    assert "model name" in count({"generateContentRequest": {"contents": [USER]}})
    both = {"contents": [USER], "generateContentRequest": whole}
    assert "mutually exclusive" in count(both)
