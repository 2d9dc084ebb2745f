"""The official Ollama client believes that the scripted upstream is Ollama."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import ollama
import orjson
import pytest

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.demo.upstream import ScriptedUpstream

QUESTION = [{"role": "user", "content": "What is the weather?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
TWO_CITIES: dict[str, Any] = {
    "thinking": "Two cities are meant, so two calls.",
    "text": "I will look.",
    "tools": (ToolCall("weather", {"city": "Wien"}), ToolCall("weather", {"city": "Łódź"})),
    "usage": Usage(input=100, output=40, cached=900, thinking=9),
}
CITIES = [{"city": "Wien"}, {"city": "Łódź"}]


@pytest.fixture
async def client(upstream: ScriptedUpstream) -> AsyncIterator[ollama.AsyncClient]:
    sdk = ollama.AsyncClient(host=upstream.ollama_url)
    yield sdk
    await sdk.close()  # type: ignore[no-untyped-call]


def _arguments(message: ollama.Message) -> list[dict[str, Any]]:
    return [dict(call.function.arguments) for call in message.tool_calls or ()]


async def test_whole_reply(upstream: ScriptedUpstream, client: ollama.AsyncClient) -> None:
    upstream.script = Reply(**TWO_CITIES)
    reply = await client.chat(model="m-1", messages=QUESTION, tools=[WEATHER])
    assert reply.message.thinking == "Two cities are meant, so two calls."
    assert reply.message.content == "I will look."
    assert _arguments(reply.message) == CITIES
    assert (reply.done, reply.done_reason, reply.model) == (True, "stop", "m-1")
    assert (reply.prompt_eval_count, reply.eval_count) == (1000, 40)
    assert upstream.calls[0].tools.keys() == {"weather"}
    assert not upstream.calls[0].streams


@pytest.mark.parametrize("interleave_tools", [False, True])
@pytest.mark.parametrize("byte_by_byte", [False, True])
async def test_streamed_reply(
    upstream: ScriptedUpstream,
    client: ollama.AsyncClient,
    interleave_tools: bool,
    byte_by_byte: bool,
) -> None:
    upstream.script = Reply(
        **TWO_CITIES, ping=True, interleave_tools=interleave_tools, byte_by_byte=byte_by_byte
    )
    stream = await client.chat(model="m", messages=QUESTION, tools=[WEATHER], stream=True)
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.message.content or "" for chunk in chunks) == "I will look."
    thinking = "".join(chunk.message.thinking or "" for chunk in chunks)
    assert thinking == "Two cities are meant, so two calls."
    [with_calls] = [chunk for chunk in chunks if chunk.message.tool_calls]
    assert _arguments(with_calls.message) == CITIES
    assert [chunk.done for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].eval_count == 40
    assert all(chunk.eval_count is None for chunk in chunks[:-1])


async def test_streams_unless_told_not_to(
    upstream: ScriptedUpstream, http: aiohttp.ClientSession
) -> None:
    upstream.script = Reply(text=["a ", "b"], crlf=True)
    body = {"model": "m", "messages": QUESTION}
    async with http.post(f"{upstream.ollama_url}/api/chat", json=body) as response:
        assert response.content_type == "application/x-ndjson"
        lines = (await response.read()).split(b"\r\n")
    assert [orjson.loads(line)["message"]["content"] for line in lines[:-1]] == ["a ", "b", ""]
    assert lines[-1] == b""


async def test_generates_from_a_prompt(
    upstream: ScriptedUpstream, client: ollama.AsyncClient
) -> None:
    upstream.script = Reply(thinking="Hm.", text="I will look.")
    reply = await client.generate(model="m", prompt="?", system="Be brief.")
    assert (reply.thinking, reply.response) == ("Hm.", "I will look.")
    stream = await client.generate(model="m", prompt="?", stream=True)
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.response or "" for chunk in chunks) == "I will look."
    assert chunks[-1].done
    assert len(upstream.calls) == 2
    assert upstream.calls[0].last_user_text == "?"
    assert upstream.calls[0].system_text == "Be brief."


async def test_broken_arguments_come_as_text(
    upstream: ScriptedUpstream, client: ollama.AsyncClient
) -> None:
    upstream.script = Reply(tools=[ToolCall("weather", '{"city":')])
    reply = await client.chat(model="m", messages=QUESTION, tools=[WEATHER])
    assert reply.message.content == '{"city":'
    assert not reply.message.tool_calls


async def test_tool_loop_reads_back_what_was_said(
    upstream: ScriptedUpstream, client: ollama.AsyncClient
) -> None:
    upstream.script = [Reply(**TWO_CITIES), Reply(text="Rain in both.")]
    first = await client.chat(model="m", messages=QUESTION, tools=[WEATHER])
    results = [{"role": "tool", "content": "rain", "tool_name": "weather"}] * 2
    second = await client.chat(
        model="m", messages=[*QUESTION, first.message, *results], tools=[WEATHER]
    )
    assert second.message.content == "Rain in both."
    request = upstream.calls[1]
    assert [result.text for result in request.last_tool_results] == ["rain", "rain"]
    assert request.last_tool_calls == [("weather", city) for city in CITIES]
    assert request.thinking_texts == ["Two cities are meant, so two calls."]


async def test_what_ollama_tells_of_its_models(
    upstream: ScriptedUpstream, client: ollama.AsyncClient, http: aiohttp.ClientSession
) -> None:
    upstream.models = ["one", "two:latest"]
    assert [model.model for model in (await client.list()).models] == ["one", "two:latest"]
    assert "tools" in ((await client.show("one")).capabilities or ())
    with pytest.raises(ollama.ResponseError, match="three"):
        await client.show("three")
    async with http.get(f"{upstream.ollama_url}/api/version") as response:
        assert (await response.json()).keys() == {"version"}
    assert upstream.calls == []


async def test_embeddings(upstream: ScriptedUpstream, client: ollama.AsyncClient) -> None:
    several = await client.embed(model="m", input=["a", "b", "a"], dimensions=3)
    assert [len(one) for one in several.embeddings] == [3, 3, 3]
    assert several.embeddings[0] == several.embeddings[2] != several.embeddings[1]
    older = await client.embeddings(model="m", prompt="a")
    assert len(older.embedding) == 8


async def test_errors_have_the_vendors_shape(
    upstream: ScriptedUpstream, client: ollama.AsyncClient
) -> None:
    upstream.script = Reply(status=503, error="not today")
    with pytest.raises(ollama.ResponseError, match="not today") as caught:
        await client.chat(model="m", messages=QUESTION)
    assert caught.value.status_code == 503


async def test_error_in_mid_stream(upstream: ScriptedUpstream, client: ollama.AsyncClient) -> None:
    upstream.script = Reply(text="half an answer", error_after=1, error="fell over")
    stream = await client.chat(model="m", messages=QUESTION, stream=True)
    with pytest.raises(ollama.ResponseError, match="fell over"):
        async for _ in stream:
            pass


async def test_no_finish_is_never_done(
    upstream: ScriptedUpstream, client: ollama.AsyncClient
) -> None:
    upstream.script = Reply(text="half", no_finish=True)
    stream = await client.chat(model="m", messages=QUESTION, stream=True)
    assert [chunk.done async for chunk in stream] == [False]


async def test_no_usage_has_no_counts(
    upstream: ScriptedUpstream, client: ollama.AsyncClient
) -> None:
    upstream.script = Reply(text="whole", no_usage=True)
    reply = await client.chat(model="m", messages=QUESTION)
    assert (reply.done, reply.prompt_eval_count, reply.eval_count) == (True, None, None)
