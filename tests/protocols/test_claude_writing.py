"""Requests written for Claude, and passed on to it."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from ccproxy_tui.protocols import claude
from ccproxy_tui.protocols.effort import LEVELS
from ccproxy_tui.protocols.hub import (
    Block,
    Conversation,
    Reasoning,
    RedactedThinking,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile, find_profile
from ccproxy_tui.protocols.signatures import seal

CLAUDE = find_profile("claude", "", "m")
BUDGETED = replace(CLAUDE, budgets=(1024, 32_000))
EMPTY: dict[str, Any] = {"type": "object", "properties": {}}
REQUEST: dict[str, Any] = {
    "model": "m",
    "max_tokens": 5000,
    "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "a"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "sig"},
                {"type": "redacted_thinking", "data": "z"},
                {"type": "tool_use", "id": "t", "name": "A", "input": {"x": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "content": [
                        {"type": "text", "text": "r"},
                        {"type": "image", "source": {"type": "url", "url": "https://x"}},
                    ],
                    "is_error": True,
                },
                {
                    "type": "document",
                    "source": {
                        "type": "base64",
                        "media_type": "application/pdf",
                        "data": "AA",
                    },
                    "title": "T",
                },
                {
                    "type": "document",
                    "source": {"type": "text", "media_type": "text/plain", "data": "words"},
                },
            ],
        },
    ],
    "tools": [{"name": "A", "description": "d", "input_schema": EMPTY}],
    "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    "stop_sequences": ["x"],
    "metadata": {"user_id": "u"},
}
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "additionalProperties": False,
}
FORM = {"type": "json_schema", "schema": SCHEMA}
ADAPTIVE = {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high", "format": FORM}}
ENABLED = {
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "output_config": {"format": FORM},
}
FORCED = {"tool_choice": {"type": "tool", "name": "A", "disable_parallel_tool_use": True}}


def written(request: dict[str, Any], profile: Profile = CLAUDE) -> tuple[dict[str, Any], list[str]]:
    """Read a request and write it for Claude; give the notes as well."""
    conversation = claude.read_request(deepcopy(request))
    body, _ = claude.write_request(conversation, profile)
    return body, conversation.notes


@pytest.mark.parametrize(
    ("fields", "profile"),
    [
        (ADAPTIVE, CLAUDE),
        (ENABLED, BUDGETED),
        ({"temperature": 0.5, "top_k": 4}, CLAUDE),
        ({"top_p": 0.5}, CLAUDE),
        (FORCED, CLAUDE),
        ({"tool_choice": {"type": "none"}}, CLAUDE),
    ],
)
def test_a_claude_request_is_written_as_it_was_read(
    fields: dict[str, Any], profile: Profile
) -> None:
    request = {**REQUEST, **fields}
    assert written(request, profile) == (request, [])


def test_a_stream_is_asked_for() -> None:
    conversation = claude.read_request(deepcopy(REQUEST))
    conversation.stream = True
    assert claude.write_request(conversation, CLAUDE)[0]["stream"] is True


def test_server_tools_are_left_out_and_noted() -> None:
    """Failure 29; a conversation that is written comes from another protocol."""
    hosted = {"type": "web_search_20250305", "name": "web_search"}
    body, notes = written({**REQUEST, "tools": [*REQUEST["tools"], hosted]})
    assert body["tools"] == REQUEST["tools"]
    assert notes == ["server tools left out: web_search"]


def test_long_tool_names_are_shortened_everywhere() -> None:
    long = "mcp__" + "x" * 100
    request = deepcopy(REQUEST)
    request["messages"][1]["content"][2]["name"] = long
    request["tools"][0]["name"] = long
    request["tool_choice"] = {"type": "tool", "name": long}
    body, names = claude.write_request(claude.read_request(request), CLAUDE)
    wire = body["tools"][0]["name"]
    assert len(wire) <= 64
    assert body["messages"][1]["content"][2]["name"] == wire
    assert body["tool_choice"]["name"] == wire
    assert names.original(wire) == long


def test_what_claude_refuses_is_not_sent() -> None:
    """Failures 20 and 22: unsigned reasoning, words before results, a model's turn at the start."""
    request = {
        "model": "m",
        "messages": [
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "unsigned"},
                    {"type": "tool_use", "id": "t", "name": "A", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "first"},
                    {"type": "tool_result", "tool_use_id": "t", "content": "r"},
                ],
            },
            {"role": "system", "content": "s"},
        ],
    }
    body, _ = written(request, replace(CLAUDE, max_output_tokens=4096))
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert [block["type"] for block in body["messages"][1]["content"]] == ["tool_use"]
    assert [block["type"] for block in body["messages"][2]["content"]] == [
        "tool_result",
        "text",
        "text",
    ]
    assert body["max_tokens"] == 4096


def test_signed_reasoning_is_neither_changed_nor_sent_to_others() -> None:
    """Failure 20."""
    turn = Turn(
        "assistant",
        [
            Thinking("own", "c2ln", "claude"),
            RedactedThinking("z"),
            Thinking("theirs", "sig", "gemini"),
            RedactedThinking("y", "responses"),
            Text("said"),
        ],
    )
    conversation = Conversation("m", turns=[Turn("user", [Text("a")]), turn])
    body, _ = claude.write_request(conversation, CLAUDE)
    assert body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "own", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "z"},
        {"type": "text", "text": "said"},
    ]


def asking(reasoning: Reasoning, **fields: Any) -> Conversation:
    return Conversation("m", turns=[Turn("user", [Text("a")])], reasoning=reasoning, **fields)


@pytest.mark.parametrize(
    ("reasoning", "fields"),
    [
        (Reasoning("adaptive"), {"thinking": {"type": "adaptive"}}),
        (
            Reasoning("adaptive", effort="max"),
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}},
        ),
        (
            Reasoning("on", 10_000),
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "medium"}},
        ),
        (Reasoning("on"), {"thinking": {"type": "adaptive"}}),
        (Reasoning("off"), {}),
    ],
)
def test_newer_models_think_by_a_level(reasoning: Reasoning, fields: dict[str, Any]) -> None:
    """Failure 22."""
    body, _ = claude.write_request(asking(reasoning), CLAUDE)
    assert {k: v for k, v in body.items() if k in ("thinking", "output_config")} == fields


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_one_that_claude_knows(level: str) -> None:
    """Its SDK says low, medium, high, xhigh, max; OpenAI's clients may say minimal."""
    body, _ = claude.write_request(asking(Reasoning("adaptive", effort=level)), CLAUDE)
    sent = body.get("output_config", {}).get("effort")
    assert sent in (None, "low", "medium", "high", "xhigh", "max")
    if sent is None:
        assert level in ("none", "minimal")


def test_a_level_is_the_nearest_that_the_model_knows() -> None:
    profile = replace(CLAUDE, efforts=("low", "medium", "high"))
    for asked, sent in (("max", "high"), ("minimal", "low"), ("medium", "medium")):
        body, _ = claude.write_request(asking(Reasoning("adaptive", effort=asked)), profile)
        assert body["output_config"] == {"effort": sent}


@pytest.mark.parametrize(
    ("reasoning", "limit", "budget"),
    [
        (Reasoning("on", 2000), 9000, 2000),
        (Reasoning("on", 100), 9000, 1024),
        (Reasoning("on", 100_000), 200_000, 32_000),
        (Reasoning("on", 100_000), 4096, 2048),
        (Reasoning("on", 100_000), 1025, 1024),
        (Reasoning("on", 100_000), 1024, None),
        (Reasoning("on"), 9000, 4500),
        (Reasoning("adaptive"), 60_000, 16_384),
        (Reasoning("adaptive", effort="low"), 9000, 4096),
        (Reasoning("off"), 9000, None),
        (Reasoning("off", 5000), 9000, None),
    ],
)
def test_older_models_think_by_a_number_of_tokens(
    reasoning: Reasoning, limit: int, budget: int | None
) -> None:
    """Failure 22: a budget below the least or not below `max_tokens` is refused.

    Half of `max_tokens` is left to the answer, where the least allows that.
    """
    conversation = asking(reasoning, max_tokens=limit)
    body, _ = claude.write_request(conversation, BUDGETED)
    assert body.get("thinking", {}).get("budget_tokens") == budget
    assert "output_config" not in body
    if budget is None and reasoning.mode == "on":
        assert any("thinking left off" in note for note in conversation.notes)


def test_what_does_not_go_beside_thinking_is_left_out_and_noted() -> None:
    conversation = asking(Reasoning("adaptive"), temperature=0.5, top_k=3)
    body, _ = claude.write_request(conversation, CLAUDE)
    assert not {"temperature", "top_k"} & set(body)
    assert any("temperature" in note and "top_k" in note for note in conversation.notes)


@pytest.mark.parametrize("mode", ["any", "tool"])
def test_no_thinking_beside_a_forced_tool(mode: Any) -> None:
    for profile in (CLAUDE, BUDGETED):
        conversation = asking(
            Reasoning("on", 2000), tools=[Tool("A")], tool_choice=ToolChoice(mode, "A")
        )
        body, _ = claude.write_request(conversation, profile)
        assert "thinking" not in body
        assert conversation.notes == ["thinking left off: a tool is forced"]


def test_a_model_that_does_not_think_is_not_asked_to() -> None:
    conversation = asking(Reasoning("on", 2000))
    body, _ = claude.write_request(conversation, replace(CLAUDE, thinking=False))
    assert not {"thinking", "output_config"} & set(body)
    assert conversation.notes == ["thinking left off: the model does not think"]


@pytest.mark.parametrize(
    ("thoughts", "thinks"),
    [
        ([], False),
        ([Thinking("hm")], False),
        ([Thinking("hm", "sig", "gemini")], False),
        ([Thinking("hm", "sig", "claude")], True),
        ([RedactedThinking("z")], True),
    ],
)
def test_no_budget_in_a_tool_loop_that_has_lost_its_reasoning(
    thoughts: list[Block], thinks: bool
) -> None:
    """The vendor refuses a last call without signed thinking, but not beside adaptive thinking."""

    def loop() -> Conversation:
        conversation = asking(Reasoning("on", 2000), max_tokens=9000)
        conversation.turns += [
            Turn("assistant", [*thoughts, ToolUse("t", "A", {})]),
            Turn("user", [ToolResult("t", [Text("r")])]),
        ]
        return conversation

    conversation = loop()
    body, _ = claude.write_request(conversation, BUDGETED)
    assert ("thinking" in body) is thinks
    assert ("thinking left off: a past tool call has lost its own" in conversation.notes) is (
        not thinks
    )
    assert claude.write_request(loop(), CLAUDE)[0]["thinking"] == {"type": "adaptive"}
    over = loop()
    over.turns += [Turn("assistant", [Text("done")]), Turn("user", [Text("next")])]
    assert "thinking" in claude.write_request(over, BUDGETED)[0]


def test_a_schema_without_properties_is_said_in_words() -> None:
    conversation = Conversation("m", output_schema={"type": "object"})
    body, _ = claude.write_request(conversation, CLAUDE)
    assert "output_config" not in body
    assert body["system"][-1]["text"].endswith('{"type":"object"}')


@pytest.mark.parametrize("schema", [SCHEMA, {"type": "object"}])
@pytest.mark.parametrize("how", ["object", "none"])
def test_a_schema_is_said_once_and_in_words_where_the_target_has_no_field(
    schema: Any, how: Any
) -> None:
    """As servers have none that only speak like Claude's."""
    conversation = Conversation("m", output_schema=schema)
    body, _ = claude.write_request(conversation, replace(CLAUDE, output_schema=how))
    assert "output_config" not in body
    assert str(body["system"]).count("JSON schema") == 1
    assert len(conversation.notes) == 1


def test_what_claude_has_no_word_for_is_noted() -> None:
    conversation = Conversation("m", seed=1, presence_penalty=0.5, shared={"store": False})
    body, _ = claude.write_request(conversation, CLAUDE)
    assert not {"seed", "presence_penalty", "store"} & set(body)
    (note,) = conversation.notes
    assert all(name in note for name in ("seed", "presence_penalty", "store"))


def test_a_bare_conversation_gets_what_claude_insists_on() -> None:
    body, _ = claude.write_request(Conversation("m", temperature=1.7), Profile())
    (message,) = body.pop("messages")
    assert message["role"] == "user"
    assert message["content"][0]["text"].strip()
    assert body == {"model": "m", "max_tokens": 8192, "temperature": 1.0}


def test_retargeting_keeps_signed_reasoning_to_the_letter() -> None:
    """Failure 20: a signed block that is changed is refused."""
    body = deepcopy(REQUEST)
    claude.retarget(body, "claude-y")
    assert body == {**REQUEST, "model": "claude-y"}


def test_retargeting_takes_out_reasoning_that_the_vendor_did_not_sign() -> None:
    """Failure 20: after a switch from another vendor, or from one that signs nothing."""
    signed = {"type": "thinking", "thinking": "own", "signature": "sig"}
    sealed = {"type": "thinking", "thinking": "theirs", "signature": seal("s", "gemini", "claude")}
    unsigned = {"type": "thinking", "thinking": "local", "signature": ""}
    bare = {"type": "thinking", "thinking": "bare"}
    said = {"type": "text", "text": "said"}
    messages = [
        {"role": "user", "content": [said]},
        {"role": "assistant", "content": [signed, sealed, unsigned, bare, said]},
        {"role": "user", "content": [unsigned, said]},
        {"role": "assistant", "content": [sealed]},
        {"role": "assistant", "content": "plain"},
    ]
    body: dict[str, Any] = {"model": "m", "messages": messages}
    kept = deepcopy(messages)
    claude.retarget(body, "claude-y")
    assert body["messages"][1]["content"] == [signed, said]
    (left,) = body["messages"][3]["content"]
    assert left["type"] == "text"
    assert left["text"].strip()
    assert [body["messages"][at] for at in (0, 2, 4)] == [kept[at] for at in (0, 2, 4)]
    assert messages == kept, "the client's own objects were changed"


def test_the_prompt_is_marked_for_the_cache_where_the_client_could_not_say_so() -> None:
    mark = {"type": "ephemeral"}
    turns = [Turn("user", [Text("a")]), Turn("assistant", [Text("b")]), Turn("user", [Text("c")])]
    body, _ = claude.write_request(Conversation("m", [Text("s"), Text("t")], turns), CLAUDE)
    assert [block.get("cache_control") for block in body["system"]] == [None, mark]
    marks = [block.get("cache_control") for one in body["messages"] for block in one["content"]]
    assert marks == [None, None, mark]
    own = Conversation("m", [Text("s", {"type": "ephemeral", "ttl": "1h"})], turns[:1])
    body, _ = claude.write_request(own, CLAUDE)
    assert "cache_control" not in body["messages"][0]["content"][0]


def test_a_union_at_the_top_of_a_tools_schema_is_not_sent() -> None:
    """The vendor: "input_schema does not support oneOf, allOf, or anyOf at the top level"."""
    union = {
        "anyOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"type": "object", "properties": {"b": {"type": "number", "exclusiveMinimum": True}}},
        ]
    }
    said = Conversation("m", turns=[Turn("user", [Text("a")])], tools=[Tool("A", schema=union)])
    (tool,) = claude.write_request(said, CLAUDE)[0]["tools"]
    schema = tool["input_schema"]
    assert schema["type"] == "object"
    assert set(schema["properties"]) == {"a", "b"}
    assert not {"anyOf", "oneOf", "allOf"} & schema.keys()
    assert not isinstance(schema["properties"]["b"].get("exclusiveMinimum"), bool)
