"""The official OpenAI client believes that the scripted upstream is the Responses API."""

import base64
import struct
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import aiohttp
import openai
import pytest
from openai.types.responses import FunctionToolParam, Response

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.demo.upstream import ScriptedUpstream

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}
TWO_CITIES: dict[str, Any] = {
    "thinking": "Two cities are meant, so two calls.",
    "text": "I will look.",
    "tools": (ToolCall("weather", {"city": "Wien"}), ToolCall("weather", {"city": "Łódź"})),
    "usage": Usage(input=100, output=40, cached=900, thinking=9),
}


@pytest.fixture
async def client(upstream: ScriptedUpstream) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=upstream.base_url, api_key="sk-test", max_retries=0
    ) as sdk:
        yield sdk


def _assert_two_cities(response: Response) -> None:
    reasoning, message, first, second = response.output
    assert reasoning.type == "reasoning"
    assert [part.text for part in reasoning.summary] == ["Two cities are meant, so two calls."]
    assert reasoning.encrypted_content == "ZGVtby1zaWduYXR1cmU="
    assert message.type == "message"
    assert response.output_text == "I will look."
    assert first.type == second.type == "function_call"
    assert (first.name, first.arguments) == ("weather", '{"city":"Wien"}')
    assert second.arguments == '{"city":"Łódź"}'
    assert first.call_id != second.call_id
    assert response.status == "completed"
    usage = response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (1000, 40, 1040)
    assert usage.input_tokens_details.cached_tokens == 900
    assert usage.output_tokens_details.reasoning_tokens == 9


async def test_whole_reply(upstream: ScriptedUpstream, client: openai.AsyncOpenAI) -> None:
    upstream.script = Reply(**TWO_CITIES)
    response = await client.responses.create(model="m-1", input="?", tools=[WEATHER])
    _assert_two_cities(response)
    assert response.model == "m-1"
    assert response.parallel_tool_calls
    assert [tool.type for tool in response.tools] == ["function"]


@pytest.mark.parametrize("interleave_tools", [False, True])
@pytest.mark.parametrize("byte_by_byte", [False, True])
async def test_streamed_reply(
    upstream: ScriptedUpstream,
    client: openai.AsyncOpenAI,
    interleave_tools: bool,
    byte_by_byte: bool,
) -> None:
    upstream.script = Reply(
        **TWO_CITIES, ping=True, interleave_tools=interleave_tools, byte_by_byte=byte_by_byte
    )
    async with client.responses.stream(model="m-1", input="?", tools=[WEATHER]) as stream:
        _assert_two_cities(await stream.get_final_response())


async def test_every_event_is_complete(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script = Reply(thinking=["Hm", "."], text=["a", "b"], tools=[ToolCall("weather")])
    stream = await client.responses.create(model="m", input="?", tools=[WEATHER], stream=True)
    events = [event async for event in stream]
    assert [event.type.removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]
    for event in events:
        type(event).model_validate(event.model_dump(), strict=True)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    indices = [event.output_index for event in events if hasattr(event, "output_index")]
    assert all(later - earlier in (0, 1) for earlier, later in pairwise(indices))


async def test_tool_loop_reads_back_what_was_said(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script = [Reply(**TWO_CITIES), Reply(text="Rain in both.")]
    first = await client.responses.create(model="m", input="Weather?", tools=[WEATHER])
    history: list[Any] = [{"role": "user", "content": "Weather?"}]
    history += [item.model_dump(exclude_none=True) for item in first.output]
    history += [
        {"type": "function_call_output", "call_id": item.call_id, "output": "rain"}
        for item in first.output
        if item.type == "function_call"
    ]
    second = await client.responses.create(
        model="m", instructions="Be brief.", input=history, tools=[WEATHER]
    )
    assert second.output_text == "Rain in both."
    request = upstream.calls[1]
    assert request.system_text == "Be brief."
    assert [result.text for result in request.last_tool_results] == ["rain", "rain"]
    assert request.last_tool_calls == [("weather", {"city": "Wien"}), ("weather", {"city": "Łódź"})]
    assert request.thinking_texts == ["Two cities are meant, so two calls."]
    assert request.signatures == ["ZGVtby1zaWduYXR1cmU="]


async def test_a_cut_answer_is_incomplete(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script = Reply(text="half", stop="max_output_tokens")
    response = await client.responses.create(model="m", input="?")
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    stream = await client.responses.create(model="m", input="?", stream=True)
    assert [event.type async for event in stream][-1] == "response.incomplete"


async def test_hidden_thinking_is_a_signature_alone(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script = Reply(hidden_thinking=True, signature="c2ln", text="a")
    reasoning = (await client.responses.create(model="m", input="?")).output[0]
    assert reasoning.type == "reasoning"
    assert (reasoning.summary, reasoning.encrypted_content) == ([], "c2ln")


async def test_bare_events_have_no_numbers(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script = Reply(text="a", thinking="b", tools=[ToolCall("weather")], bare_events=True)
    stream = await client.responses.create(model="m", input="?", tools=[WEATHER], stream=True)
    events = [event.model_dump(exclude_unset=True) async for event in stream]
    numbers = {"sequence_number", "output_index", "content_index", "summary_index"}
    assert not any(numbers & event.keys() for event in events)
    assert "output" not in events[0]["response"]
    assert {"response.reasoning_text.delta", "response.completed"} <= {
        one["type"] for one in events
    }


async def test_errors_have_the_vendors_shape(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script = Reply(status=429, error="not today")
    with pytest.raises(openai.RateLimitError, match="not today"):
        await client.responses.create(model="m", input="?")


@pytest.mark.parametrize("failed", [False, True])
async def test_error_in_mid_stream(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI, failed: bool
) -> None:
    upstream.script = Reply(text="half", error_after=5, error="fell over", failed_event=failed)
    stream = await client.responses.create(model="m", input="?", stream=True)
    *_, last = [event async for event in stream]
    assert last.sequence_number == 5
    if failed:
        assert last.type == "response.failed"
        assert last.response.error is not None
        assert last.response.error.message == "fell over"
    else:
        assert last.type == "error"
        assert last.message == "fell over"


@pytest.mark.parametrize("reply", [Reply(text="a", no_finish=True), Reply(text="a", end_after=6)])
async def test_a_stream_without_its_end(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI, reply: Reply
) -> None:
    upstream.script = reply
    stream = await client.responses.create(model="m", input="?", stream=True)
    assert "completed" not in [event.type async for event in stream][-1]


@pytest.mark.parametrize("dimensions", [8, 3])
async def test_embeddings_of_the_same_dialect_family(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI, dimensions: int
) -> None:
    asked: dict[str, Any] = {} if dimensions == 8 else {"dimensions": dimensions}
    texts = ["one", "two", "one"]
    for more in ({}, {"encoding_format": "float"}):
        answer = await client.embeddings.create(model="m", input=texts, **asked, **more)  # type: ignore[arg-type]
        first, second, third = (one.embedding for one in answer.data)
        assert len(first) == dimensions
        assert first == third
        assert first != second
        assert answer.usage.prompt_tokens > 0
    assert upstream.calls == []


async def test_vectors_come_as_base64_when_that_is_asked_for(
    upstream: ScriptedUpstream, http: aiohttp.ClientSession
) -> None:
    async def vector(encoding: str) -> Any:
        body = {"model": "m", "input": "one", "encoding_format": encoding}
        async with http.post(f"{upstream.base_url}/embeddings", json=body) as response:
            return (await response.json())["data"][0]["embedding"]

    numbers = await vector("float")
    assert struct.unpack("<8f", base64.b64decode(await vector("base64"))) == tuple(numbers)
