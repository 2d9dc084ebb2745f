"""The official Anthropic client believes that the scripted upstream is the vendor's API."""

from collections.abc import AsyncIterator

import anthropic
import pytest
from anthropic.types import MessageParam, ToolParam

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.demo.upstream import ScriptedUpstream

QUESTION: list[MessageParam] = [{"role": "user", "content": "What is the weather?"}]
WEATHER: ToolParam = {
    "name": "weather",
    "description": "Tells the weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
TWO_CITIES = Reply(
    thinking="Two cities are meant, so two calls.",
    text="I will look.",
    tools=[ToolCall("weather", {"city": "Wien"}), ToolCall("weather", {"city": "Łódź"})],
    usage=Usage(input=7, output=40, cached=900, cache_written=30),
)


@pytest.fixture
async def client(upstream: ScriptedUpstream) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(
        base_url=upstream.origin, api_key="sk-test", max_retries=0
    ) as sdk:
        yield sdk


def _assert_two_cities(message: anthropic.types.Message) -> None:
    thinking, text, first, second = message.content
    assert thinking.type == "thinking"
    assert thinking.thinking == "Two cities are meant, so two calls."
    assert thinking.signature
    assert text.type == "text"
    assert text.text == "I will look."
    assert first.type == second.type == "tool_use"
    assert (first.name, first.input) == ("weather", {"city": "Wien"})
    assert (second.name, second.input) == ("weather", {"city": "Łódź"})
    assert first.id != second.id
    assert message.stop_reason == "tool_use"
    usage = message.usage
    assert (usage.input_tokens, usage.output_tokens) == (7, 40)
    assert (usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (900, 30)


async def test_whole_reply(upstream: ScriptedUpstream, client: anthropic.AsyncAnthropic) -> None:
    upstream.script = TWO_CITIES
    message = await client.messages.create(
        model="m-1", max_tokens=100, messages=QUESTION, tools=[WEATHER]
    )
    _assert_two_cities(message)
    assert message.model == "m-1"


@pytest.mark.parametrize("byte_by_byte", [False, True])
async def test_streamed_reply(
    upstream: ScriptedUpstream, client: anthropic.AsyncAnthropic, byte_by_byte: bool
) -> None:
    upstream.script = Reply(
        thinking=TWO_CITIES.thinking,
        text=TWO_CITIES.text,
        tools=TWO_CITIES.tools,
        usage=TWO_CITIES.usage,
        ping=True,
        byte_by_byte=byte_by_byte,
    )
    async with client.messages.stream(
        model="m-1", max_tokens=100, messages=QUESTION, tools=[WEATHER]
    ) as stream:
        _assert_two_cities(await stream.get_final_message())


async def test_tool_loop_reads_back_what_was_said(
    upstream: ScriptedUpstream, client: anthropic.AsyncAnthropic
) -> None:
    upstream.script = [TWO_CITIES, Reply(text="Rain in both.")]
    first = await client.messages.create(
        model="m", max_tokens=100, messages=QUESTION, tools=[WEATHER]
    )
    calls = [block for block in first.content if block.type == "tool_use"]
    results: MessageParam = {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": call.id, "content": "rain"} for call in calls
        ],
    }
    said: MessageParam = {"role": "assistant", "content": first.content}
    second = await client.messages.create(
        model="m", max_tokens=100, messages=[*QUESTION, said, results], tools=[WEATHER]
    )
    assert second.content[0].type == "text"
    assert second.content[0].text == "Rain in both."
    request = upstream.calls[1]
    assert [result.text for result in request.last_tool_results] == ["rain", "rain"]
    assert request.last_tool_calls == [("weather", {"city": "Wien"}), ("weather", {"city": "Łódź"})]


async def test_counts_tokens(upstream: ScriptedUpstream, client: anthropic.AsyncAnthropic) -> None:
    estimate = await client.messages.count_tokens(model="m", messages=QUESTION)
    assert 10 < estimate.input_tokens < 100
    upstream.token_count = 4711
    told = await client.messages.count_tokens(model="m", messages=QUESTION)
    assert told.input_tokens == 4711
    assert upstream.calls == []


async def test_lists_models(upstream: ScriptedUpstream, client: anthropic.AsyncAnthropic) -> None:
    upstream.models = ["one", "two"]
    page = await client.models.list()
    assert [model.id for model in page.data] == ["one", "two"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
    ],
)
async def test_errors_have_the_vendors_shape(
    upstream: ScriptedUpstream,
    client: anthropic.AsyncAnthropic,
    status: int,
    expected: type[anthropic.APIStatusError],
) -> None:
    upstream.script = Reply(status=status, error="not today")
    with pytest.raises(expected, match="not today"):
        await client.messages.create(model="m", max_tokens=1, messages=QUESTION)


async def test_error_event_in_mid_stream(
    upstream: ScriptedUpstream, client: anthropic.AsyncAnthropic
) -> None:
    upstream.script = Reply(
        text="half an answer", error_after=3, error="Overloaded", error_kind="overloaded_error"
    )
    async with client.messages.stream(model="m", max_tokens=9, messages=QUESTION) as stream:
        with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
            await stream.get_final_message()


async def test_a_wrong_key_is_refused(
    upstream: ScriptedUpstream, client: anthropic.AsyncAnthropic
) -> None:
    upstream.accepted_keys = frozenset({"sk-other"})
    with pytest.raises(anthropic.AuthenticationError):
        await client.messages.create(model="m", max_tokens=9, messages=QUESTION)
    assert upstream.calls[0].api_key == "sk-test"
