"""The official OpenAI client believes that the scripted upstream is a vendor's API."""

from collections.abc import AsyncIterator

import openai
import pytest
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.demo.upstream import ScriptedUpstream

QUESTION: list[ChatCompletionMessageParam] = [{"role": "user", "content": "What is the weather?"}]
WEATHER: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
TOOLS = (ToolCall("weather", {"city": "Wien"}), ToolCall("weather", {"city": "Łódź"}))
USAGE = Usage(input=100, output=40, cached=900, thinking=9)


@pytest.fixture
async def client(upstream: ScriptedUpstream) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=upstream.base_url, api_key="sk-test", max_retries=0
    ) as sdk:
        yield sdk


async def test_whole_reply(upstream: ScriptedUpstream, client: openai.AsyncOpenAI) -> None:
    upstream.script = Reply(thinking="Two.", text="I will look.", tools=TOOLS, usage=USAGE)
    completion = await client.chat.completions.create(
        model="m-1", messages=QUESTION, tools=[WEATHER]
    )
    choice = completion.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == "I will look."
    assert choice.message.model_extra == {"reasoning_content": "Two."}
    calls = choice.message.tool_calls or []
    assert [call.function.arguments for call in calls if call.type == "function"] == [
        '{"city":"Wien"}',
        '{"city":"Łódź"}',
    ]
    usage = completion.usage
    assert usage is not None
    assert usage.prompt_tokens == 1000
    assert usage.prompt_tokens_details is not None
    assert usage.prompt_tokens_details.cached_tokens == 900


@pytest.mark.parametrize("interleave_tools", [False, True])
@pytest.mark.parametrize("byte_by_byte", [False, True])
async def test_streamed_reply(
    upstream: ScriptedUpstream,
    client: openai.AsyncOpenAI,
    interleave_tools: bool,
    byte_by_byte: bool,
) -> None:
    upstream.script = Reply(
        text="I will look.",
        tools=TOOLS,
        usage=USAGE,
        ping=True,
        interleave_tools=interleave_tools,
        byte_by_byte=byte_by_byte,
    )
    async with client.chat.completions.stream(
        model="m-1",
        messages=QUESTION,
        tools=[WEATHER],
        stream_options={"include_usage": True},
    ) as stream:
        completion = await stream.get_final_completion()
    message = completion.choices[0].message
    assert message.content == "I will look."
    assert [call.function.arguments for call in message.tool_calls or []] == [
        '{"city":"Wien"}',
        '{"city":"Łódź"}',
    ]
    assert completion.choices[0].finish_reason == "tool_calls"
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 40


async def test_usage_streams_only_when_asked_for(
    upstream: ScriptedUpstream, client: openai.AsyncOpenAI
) -> None:
    upstream.script = Reply(thinking="Hm.", text="Rain.", usage=USAGE)
    stream = await client.chat.completions.create(model="m", messages=QUESTION, stream=True)
    chunks = [chunk async for chunk in stream]
    assert all(chunk.usage is None for chunk in chunks)
    thinking = [chunk.choices[0].delta.model_extra or {} for chunk in chunks]
    assert "".join(one.get("reasoning_content", "") for one in thinking) == "Hm."


async def test_lists_models(upstream: ScriptedUpstream, client: openai.AsyncOpenAI) -> None:
    upstream.models = ["one", "two"]
    assert [model.id async for model in client.models.list()] == ["one", "two"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, openai.BadRequestError),
        (429, openai.RateLimitError),
        (503, openai.InternalServerError),
    ],
)
async def test_errors_have_the_vendors_shape(
    upstream: ScriptedUpstream,
    client: openai.AsyncOpenAI,
    status: int,
    expected: type[openai.APIStatusError],
) -> None:
    upstream.script = Reply(status=status, error="not today")
    with pytest.raises(expected, match="not today"):
        await client.chat.completions.create(model="m", messages=QUESTION)


async def test_error_in_mid_stream(upstream: ScriptedUpstream, client: openai.AsyncOpenAI) -> None:
    upstream.script = Reply(text="half an answer", error_after=2, error="the model fell over")
    stream = await client.chat.completions.create(model="m", messages=QUESTION, stream=True)
    with pytest.raises(openai.APIError, match="fell over"):
        async for _ in stream:
            pass
