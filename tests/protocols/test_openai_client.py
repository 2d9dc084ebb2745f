from typing import Any

import orjson
import pytest

from ccproxy_tui.protocols import openai
from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation, Route
from ccproxy_tui.protocols.hub import (
    Audio,
    BlockStart,
    BlockStop,
    Document,
    Event,
    Image,
    Opaque,
    Reasoning,
    ReplyError,
    ReplyStart,
    ReplyStop,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
    Usage,
)
from ccproxy_tui.protocols.openai.client import Form
from ccproxy_tui.protocols.stream import ReplyMachine
from tests.protocols.chunks import DONE, chunk, decoded, tool, usage_chunk


def body(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}], **fields}


@pytest.mark.parametrize(
    ("request_body", "field"),
    [
        ("text", "body"),
        (body(model=None), "model"),
        (body(messages=[]), "messages"),
        (body(messages=[{"content": "x"}]), "messages[0].role"),
        (body(messages=[{"role": "user", "content": 5}]), "messages[0].content"),
        (body(messages=[{"role": "user", "content": ["x"]}]), "messages[0].content[0]"),
        (body(max_completion_tokens=0), "max_completion_tokens"),
        (body(stream="yes"), "stream"),
        (body(tools=[5]), "tools[0]"),
    ],
)
def test_what_is_wrong_is_named(request_body: Any, field: str) -> None:
    with pytest.raises(BadRequestError) as bad:
        openai.check_request(request_body)
    assert bad.value.field == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"messages": [{"role": "narrator", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"stop": 5}, "stop"),
        ({"temperature": "hot"}, "temperature"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tools": [{"type": "function"}]}, "tools[0].function.name"),
    ],
)
def test_what_cannot_be_converted_is_named(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequestError) as bad:
        openai.read_request(body(**fields))
    assert bad.value.field == field


def test_messages_become_turns() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "A", "arguments": '{"x":1}'}}
    conversation = openai.read_request(
        body(
            messages=[
                {"role": "developer", "content": [{"type": "text", "text": "s1"}]},
                {"role": "system", "content": "s2"},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "a"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
                        {"type": "image_url", "image_url": {"url": "https://x/i", "detail": "low"}},
                        {
                            "type": "file",
                            "file": {
                                "filename": "f.pdf",
                                "file_data": "data:application/pdf;base64,BB",
                            },
                        },
                        {"type": "input_audio", "input_audio": {"data": "CC", "format": "wav"}},
                        {"type": "input_audio", "input_audio": {}},
                    ],
                },
                {
                    "role": "assistant",
                    "content": None,
                    "reasoning_content": "hm",
                    "tool_calls": [call, {**call, "id": "d"}],
                },
                {"role": "tool", "tool_call_id": "c", "content": "one"},
                {
                    "role": "tool",
                    "tool_call_id": "d",
                    "content": [{"type": "text", "text": "two"}],
                },
                {"role": "system", "content": "s3"},
            ]
        )
    )
    assert conversation.system == [Text("s1"), Text("s2")]
    assert conversation.turns == [
        Turn(
            "user",
            [
                Text("a"),
                Image("image/png", "AA"),
                Image(url="https://x/i", detail="low"),
                Document("application/pdf", "BB", title="f.pdf"),
                Audio("audio/wav", "CC"),
                Opaque({"type": "input_audio", "input_audio": {}}, "openai"),
            ],
        ),
        Turn(
            "assistant",
            [Thinking("hm"), ToolUse("c", "A", {"x": 1}), ToolUse("d", "A", {"x": 1})],
        ),
        Turn("user", [ToolResult("c", [Text("one")]), ToolResult("d", [Text("two")])]),
        Turn("system", [Text("s3")]),
    ]


def test_the_rest_of_a_request() -> None:
    conversation = openai.read_request(
        body(
            tools=[
                {
                    "type": "function",
                    "function": {"name": "A", "description": "d", "parameters": {"type": "object"}},
                },
                {"type": "web_search"},
            ],
            tool_choice="required",
            parallel_tool_calls=False,
            max_tokens=5,
            stop="x",
            reasoning_effort="high",
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "n", "schema": {"a": 1}, "strict": True},
            },
            seed=7,
            presence_penalty=0.5,
            frequency_penalty=-0.5,
            top_k=3,
            user="me",
            service_tier="flex",
            metadata={"a": "b"},
            store=None,
            stream=True,
        )
    )
    assert conversation.tools == [
        Tool("A", "d", {"type": "object"}),
        Tool("web_search", raw={"type": "web_search"}),
    ]
    assert conversation.tool_choice == ToolChoice("any", parallel=False)
    assert conversation.max_tokens == 5
    assert conversation.stop == ["x"]
    assert conversation.reasoning == Reasoning("adaptive", effort="high")
    assert conversation.output_schema == {"a": 1}
    assert (conversation.output_name, conversation.output_strict) == ("n", True)
    assert conversation.seed == 7
    assert (conversation.presence_penalty, conversation.frequency_penalty) == (0.5, -0.5)
    assert conversation.top_k == 3
    assert conversation.user == "me"
    assert conversation.shared == {"service_tier": "flex", "metadata": {"a": "b"}}
    assert conversation.notes == []


@pytest.mark.parametrize(
    ("fields", "reasoning"),
    [
        ({"reasoning_effort": "none"}, Reasoning("off")),
        ({"reasoning_effort": "low", "thinking": {"type": "disabled"}}, Reasoning("off")),
        ({"reasoning_effort": "low", "enable_thinking": True}, Reasoning("on", effort="low")),
        ({"reasoning": {"effort": "high", "exclude": True}}, Reasoning(effort="high")),
        ({"reasoning": {"effort": "none"}}, Reasoning("off")),
        ({"reasoning": {"effort": "high", "enabled": False}}, Reasoning("off")),
        ({"reasoning": {"max_tokens": 2000}}, Reasoning("on", 2000)),
        ({"reasoning": {"max_tokens": 0}}, Reasoning("off")),
        ({"reasoning": {"enabled": True}}, Reasoning("on")),
        ({"reasoning": {}}, None),
        ({"reasoning": "high"}, None),
        ({"thinking": {"type": "enabled", "budget_tokens": 500}}, Reasoning("on", 500)),
        ({"thinking": {"type": "enabled", "budget_tokens": True}}, Reasoning("on")),
        ({"thinking": {"type": "adaptive"}}, Reasoning()),
        ({"thinking": {"type": "disabled"}}, Reasoning("off")),
        ({"thinking": {"type": 5}}, None),
        ({"enable_thinking": True, "thinking_budget": 500}, Reasoning("on", 500)),
        ({"enable_thinking": True}, Reasoning("on")),
        ({"enable_thinking": False, "thinking_budget": 500}, Reasoning("off")),
        ({"thinking_budget": -1}, None),
    ],
)
def test_reasoning_is_wished_for_in_many_ways(
    fields: dict[str, Any], reasoning: Reasoning | None
) -> None:
    conversation = openai.read_request(body(**fields))
    assert conversation.reasoning == reasoning
    assert conversation.notes == []


def test_fields_that_nobody_reads_are_noted_unless_they_say_nothing() -> None:
    quiet = {"n": 1, "logprobs": False, "logit_bias": {}, "modalities": ["text"], "audio": None}
    assert openai.read_request(body(**quiet)).notes == []
    loud = {"n": 2, "logprobs": True, "prediction": {"type": "content"}}
    assert openai.read_request(body(**loud)).notes == ["fields left out: logprobs, n, prediction"]


AT_CHAT = Address(openai.routes[0])


def test_what_a_client_asks_for() -> None:
    asked = openai.read_asked(body(), AT_CHAT)
    assert (asked.operation, asked.model, asked.stream) == (Operation.GENERATE, "m", False)
    options = {"include_usage": True}
    asked = openai.read_asked(body(stream=True, stream_options=options), AT_CHAT)
    assert (asked.stream, asked.form) == (True, Form(usage=True))
    assert openai.read_asked(body(stream=True), AT_CHAT).form == Form()


@pytest.mark.parametrize(
    ("fields", "headers", "session"),
    [
        ({}, {"x-session-id": "s1"}, "s1"),
        ({"prompt_cache_key": "s2"}, {}, "s2"),
        ({"prompt_cache_key": "s2"}, {"x-session-id": "s1"}, "s1"),
        ({}, {}, ""),
    ],
)
def test_sessions(fields: dict[str, Any], headers: dict[str, str], session: str) -> None:
    address = Address(openai.routes[0], headers=headers)
    assert openai.read_asked(body(**fields), address).session == session


def test_a_list_of_models_is_for_every_client_that_no_other_protocol_claims() -> None:
    assert openai.claims(Address(Route("GET", "/v1/models", Operation.LIST_MODELS)))


STREAM = [
    chunk(role="assistant", content=""),
    chunk(reasoning_content="hm"),
    chunk(content="tä"),
    tool(0, "", "c", "A"),
    tool(1, '{"y":2}', "d", "B"),
    tool(0, '{"x":1}'),
    chunk(finish="tool_calls"),
    usage_chunk(10, 5, 4, reasoning=2),
    DONE,
]


def test_a_stream_is_written_so_that_it_reads_the_same() -> None:
    events = decoded(openai.decoder(), STREAM)
    writer = openai.encoder(Asked(model="m", form=Form(usage=True)), 3)
    data = b"".join(writer.encode([event]) for event in events) + writer.ping()
    again = decoded(openai.decoder(), [data])
    assert again[1:] == events[1:]
    assert isinstance(again[0], ReplyStart)
    frames = [frame[6:] for frame in data.split(b"\n\n") if frame.startswith(b"data: ")]
    assert frames.pop() == b"[DONE]"
    chunks = [orjson.loads(frame) for frame in frames]
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert {one["object"] for one in chunks} == {"chat.completion.chunk"}
    assert len({one["id"] for one in chunks}) == 1
    calls = [
        call
        for one in chunks
        if one["choices"]
        for call in one["choices"][0]["delta"].get("tool_calls", [])
    ]
    assert [call["index"] for call in calls] == [0, 0, 1, 1]
    assert chunks[-1]["usage"] == {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }


def test_the_tokens_of_reasoning_are_told() -> None:
    counts = {
        "prompt_tokens": 10,
        "completion_tokens": 9,
        "completion_tokens_details": {"reasoning_tokens": 6},
    }
    stream = [chunk(content="x"), chunk(finish="stop", usage=counts), DONE]
    events = decoded(openai.decoder(), stream)
    assert events[-1] == ReplyStop("end_turn", Usage(10, output=9, reasoning=6))
    usage = openai.write_reply(events, Asked(model="m"))["usage"]
    assert usage["completion_tokens"] == 9
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 6}


def test_usage_is_streamed_only_when_asked_for() -> None:
    data = openai.encoder(Asked(model="m"), 3).encode(
        [ReplyStart(), ReplyStop("end_turn", Usage())]
    )
    assert b"usage" not in data
    assert data.endswith(DONE)


def test_blocks_of_other_protocols_are_passed_over() -> None:
    machine = ReplyMachine()
    machine.start()
    machine.tool(1, "c", "A")
    machine.arguments(1, "{}")
    machine.server_tool(2, {"type": "server_tool_use"})
    machine.arguments(2, '{"query":"x"}')
    machine.done()
    data = openai.encoder(Asked(model="m"), 3).encode(machine.take())
    assert b"query" not in data
    assert data.count(b'"arguments":"{}"') == 1


def test_a_broken_stream_has_no_done() -> None:
    data = openai.encoder(Asked(model="m"), 3).encode([ReplyStart(), ReplyError(529, "full")])
    assert b"[DONE]" not in data
    last = orjson.loads(data.strip().split(b"\n\n")[-1][6:])
    assert last["error"]["message"] == "full"


def test_a_whole_reply() -> None:
    reply = openai.write_reply(decoded(openai.decoder(), STREAM), Asked(model="m"))
    (choice,) = reply["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] == "tä"
    assert choice["message"]["reasoning_content"] == "hm"
    functions = [call["function"] for call in choice["message"]["tool_calls"]]
    assert functions == [
        {"name": "A", "arguments": '{"x":1}'},
        {"name": "B", "arguments": '{"y":2}'},
    ]
    assert reply["usage"]["prompt_tokens"] == 10
    plain: list[Event] = [
        ReplyStart(),
        BlockStart(0, "text"),
        BlockStop(0),
        ReplyStop("overflow", Usage()),
    ]
    assert openai.write_reply(plain, Asked(model="m"), 7)["choices"][0]["finish_reason"] == "length"
    assert openai.write_reply(plain, Asked(model="m"), 7)["usage"]["prompt_tokens"] == 7
