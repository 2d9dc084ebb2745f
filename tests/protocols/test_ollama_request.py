"""Conversations written for an Ollama server."""

from typing import Any

import pytest
from ollama._types import ChatRequest

from ccproxy_tui.protocols import ollama
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.hub import (
    Conversation,
    Image,
    Reasoning,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile

PLAIN = Profile(protocol="ollama")
THINKS = Profile(
    reasoning_replay="thinking",
    protocol="ollama",
    thinking=True,
    thinking_on={"think": True},
    thinking_off={"think": False},
)
LEVELS = Profile(protocol="ollama", thinking=True, efforts=("low", "medium", "high"))


def write(conversation: Conversation, profile: Profile = PLAIN) -> dict[str, Any]:
    body, _ = ollama.write_request(conversation, profile)
    ChatRequest.model_validate(body)
    return body


def asking(**fields: Any) -> Conversation:
    return Conversation("m", turns=[Turn("user", [Text("a")])], **fields)


def test_a_conversation_is_written() -> None:
    conversation = Conversation(
        "m",
        system=[Text("be"), Text("kind")],
        turns=[
            Turn("user", [Text("see"), Image("image/png", "AAAA")]),
            Turn(
                "assistant",
                [Thinking("hm"), Text("so"), ToolUse("t1", "a", {"x": 1}), ToolUse("t2", "b", {})],
            ),
            Turn(
                "user",
                [ToolResult("t2", [Text("two")]), ToolResult("t1", [Text("bad")], is_error=True)],
            ),
        ],
        stream=True,
    )
    body = write(conversation, THINKS)
    assert body["messages"] == [
        {"role": "system", "content": "be\n\nkind"},
        {"role": "user", "content": "see", "images": ["AAAA"]},
        {
            "role": "assistant",
            "content": "so",
            "thinking": "hm",
            "tool_calls": [
                {"id": "t1", "function": {"name": "a", "arguments": {"x": 1}}},
                {"id": "t2", "function": {"name": "b", "arguments": {}}},
            ],
        },
        {"role": "tool", "content": "two", "tool_name": "b", "tool_call_id": "t2"},
        {"role": "tool", "content": "Error: bad", "tool_name": "a", "tool_call_id": "t1"},
    ]
    assert body["stream"] is True
    assert conversation.notes == []


def test_whether_to_stream_is_always_said() -> None:
    assert write(asking())["stream"] is False


def test_reasoning_goes_back_only_to_a_model_that_thinks() -> None:
    turns = [Turn("user", [Text("a")]), Turn("assistant", [Thinking("hm"), Text("b")])]
    assert "thinking" not in write(Conversation("m", turns=turns))["messages"][1]


def test_long_names_are_shortened_everywhere_and_known_again() -> None:
    name = "mcp__" + "x" * 80
    turns = [
        Turn("user", [Text("a")]),
        Turn("assistant", [ToolUse("t", name, {})]),
        Turn("user", [ToolResult("t", [Text("r")])]),
    ]
    body, names = ollama.write_request(Conversation("m", turns=turns, tools=[Tool(name)]), PLAIN)
    short = body["tools"][0]["function"]["name"]
    assert len(short) <= 64
    assert body["messages"][1]["tool_calls"][0]["function"]["name"] == short
    assert body["messages"][2]["tool_name"] == short
    assert names.original(short) == name


def test_tools_are_written_and_the_vendors_own_are_not() -> None:
    tools = [Tool("a", "d", {"properties": {"x": {"type": "string"}}}), Tool("web", raw={"t": 1})]
    conversation = asking(tools=tools)
    parameters = {"type": "object", "properties": {"x": {"type": "string"}}}
    function = {"name": "a", "description": "d", "parameters": parameters}
    assert write(conversation)["tools"] == [{"type": "function", "function": function}]
    assert conversation.notes == ["server tools left out: web"]


@pytest.mark.parametrize(
    ("choice", "offered", "notes"),
    [
        (None, True, []),
        (ToolChoice("auto"), True, []),
        (ToolChoice("none"), False, ["tools left out: tool_choice is none"]),
        (ToolChoice("any"), True, ["tool_choice any → auto: not in this protocol"]),
        (ToolChoice("tool", "a"), True, ["tool_choice tool a → auto: not in this protocol"]),
        (
            ToolChoice("auto", parallel=False),
            True,
            ["a single tool call cannot be asked for: not in this protocol"],
        ),
    ],
)
def test_a_choice_of_tools(choice: ToolChoice | None, offered: bool, notes: list[str]) -> None:
    conversation = asking(tools=[Tool("a")], tool_choice=choice)
    assert ("tools" in write(conversation)) is offered
    assert conversation.notes == notes


def test_options() -> None:
    conversation = asking(
        max_tokens=99,
        temperature=0.0,
        top_p=0.9,
        top_k=5,
        stop=["x"],
        seed=0,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        user="u",
        shared={"metadata": {}},
    )
    profile = Profile(
        protocol="ollama",
        max_output_tokens=50,
        fields={"options": {"num_ctx": 32768, "top_k": 1}, "keep_alive": "1h"},
    )
    body = write(conversation, profile)
    assert body["options"] == {
        "num_predict": 50,
        "temperature": 0.0,
        "top_p": 0.9,
        "top_k": 5,
        "stop": ["x"],
        "seed": 0,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "num_ctx": 32768,
    }
    assert body["keep_alive"] == "1h"
    assert conversation.notes == [
        "max_tokens 99 → 50",
        "left out, as the target has no such field: metadata",
    ]
    assert profile.fields["options"] == {"num_ctx": 32768, "top_k": 1}
    assert "options" not in write(asking())


def test_a_model_without_sampling() -> None:
    conversation = asking(temperature=1.0, top_k=5)
    assert "options" not in write(conversation, Profile(protocol="ollama", sampling=False))
    assert conversation.notes == [
        "temperature left out: the model takes none",
        "top_k left out: the model takes none",
    ]


@pytest.mark.parametrize(
    ("reasoning", "profile", "think"),
    [
        (None, THINKS, None),
        (Reasoning("on", budget=9000), THINKS, True),
        (Reasoning("off"), THINKS, False),
        (Reasoning("adaptive", effort="none"), THINKS, False),
        (Reasoning("adaptive"), THINKS, None),
        (Reasoning("on", budget=2000), LEVELS, "low"),
        (Reasoning("on", budget=9000), LEVELS, "medium"),
        (Reasoning("adaptive", effort="max"), LEVELS, "high"),
        (Reasoning("off"), LEVELS, "low"),
        (Reasoning("on"), PLAIN, None),
        (Reasoning("off"), PLAIN, None),
        (Reasoning("adaptive", effort="high"), PLAIN, None),
    ],
)
def test_reasoning(reasoning: Reasoning | None, profile: Profile, think: Any) -> None:
    conversation = asking(reasoning=reasoning)
    assert write(conversation, profile).get("think") == think
    plain_on = profile is PLAIN and reasoning != Reasoning("off")
    noted = ["thinking left out: the model is not known to think"]
    assert conversation.notes == (noted if plain_on else [])


def test_a_schema_for_the_reply() -> None:
    clean = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^a"}}}
    schema = {**clean, "$schema": "x"}
    assert write(asking(output_schema=schema))["format"] == clean
    assert write(asking(output_schema={"type": "object"}))["format"] == "json"
    words = Profile(protocol="ollama", output_schema="object")
    body = write(asking(output_schema=schema, system=[Text("s")]), words)
    assert body["format"] == "json"
    assert body["messages"][0]["content"].startswith("s\n\nReply with one JSON object")
    silent = Profile(protocol="ollama", output_schema="none")
    body = write(asking(output_schema=schema), silent)
    assert "format" not in body
    assert '"properties"' in body["messages"][0]["content"]


def test_images_by_address_are_replaced_by_a_note() -> None:
    conversation = Conversation("m", turns=[Turn("user", [Image(url="https://x/y.png")])])
    message = write(conversation)["messages"][0]
    assert message == {"role": "user", "content": "[an image was here, at https://x/y.png]"}
    assert conversation.notes == ["1 image addresses replaced by a note: not in this protocol"]


def test_images_of_results() -> None:
    def turns() -> list[Turn]:
        result = ToolResult("t", [Text("r"), Image("image/png", "AAAA")])
        return [
            Turn("user", [Text("a")]),
            Turn("assistant", [ToolUse("t", "a", {})]),
            Turn("user", [result]),
        ]

    *_, result, following = write(Conversation("m", turns=turns()))["messages"]
    assert "images" not in result
    assert following["images"] == ["AAAA"]
    profile = Profile(protocol="ollama", tool_images=True)
    *_, result = write(Conversation("m", turns=turns()), profile)["messages"]
    assert (result["content"], result["images"]) == ("r", ["AAAA"])


@pytest.mark.parametrize(
    "base",
    [
        "http://host:11434",
        " http://host:11434/ ",
        "http://host:11434/api",
        "http://host:11434/api/",
        "http://host:11434/v1",
    ],
)
def test_addresses(base: str) -> None:
    def at(operation: Operation) -> str | None:
        return ollama.url(base, "m", operation, stream=True)

    assert at(Operation.GENERATE) == "http://host:11434/api/chat"
    assert at(Operation.COMPLETE) == "http://host:11434/api/generate"
    assert at(Operation.EMBED) == "http://host:11434/api/embed"
    assert at(Operation.LIST_MODELS) == "http://host:11434/api/tags"
    assert at(Operation.COUNT_TOKENS) is None


def test_credentials_lists_and_the_target() -> None:
    assert ollama.credentials("k") == {"authorization": "Bearer k"}
    assert ollama.credentials("") == {}
    assert ollama.read_models({"models": [{"name": "a", "model": "a:1"}, {"name": "b"}, 3]}) == [
        "a:1",
        "b",
    ]
    assert ollama.read_models({"models": None}) == []
    body = {"model": "x", "messages": []}
    ollama.retarget(body, "y")
    assert body == {"model": "y", "messages": []}
    assert ollama.read_token_count({"count": 3}) is None
