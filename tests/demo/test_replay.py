"""The benchmark's upstream is fast, and still speaks every dialect as the clients expect."""

from collections.abc import AsyncIterator

import aiohttp
import anthropic
import ollama
import openai
import orjson
import pytest

from ccproxy_tui.demo.replay import ReplayServer, Writing


@pytest.fixture(params=["whole", "events"])
async def replay(request: pytest.FixtureRequest) -> AsyncIterator[ReplayServer]:
    writing: Writing = request.param
    server = ReplayServer(events=300, writing=writing)
    await server.start()
    yield server
    await server.stop()


async def test_anthropic_client_reads_it_over_one_connection(replay: ReplayServer) -> None:
    async with anthropic.AsyncAnthropic(
        base_url=f"http://127.0.0.1:{replay.port}", api_key="x", max_retries=0
    ) as sdk:
        for _ in range(2):
            stream = await sdk.messages.create(
                model="m", max_tokens=9, messages=[{"role": "user", "content": "?"}], stream=True
            )
            events = [event.type async for event in stream]
            assert len(events) == 300
            assert events[-1] == "message_stop"
        message = await sdk.messages.create(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "?" * 70_000}]
        )
        assert message.usage.output_tokens == 300


async def test_openai_client_reads_it(replay: ReplayServer) -> None:
    async with openai.AsyncOpenAI(
        base_url=f"http://127.0.0.1:{replay.port}/v1", api_key="x", max_retries=0
    ) as sdk:
        stream = await sdk.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "?"}], stream=True
        )
        chunks = [chunk async for chunk in stream]
        assert len(chunks) == 299, "the 300th event is [DONE]"
        assert chunks[-1].usage is not None


async def test_responses_client_reads_it(replay: ReplayServer) -> None:
    async with openai.AsyncOpenAI(
        base_url=f"http://127.0.0.1:{replay.port}/v1", api_key="x", max_retries=0
    ) as sdk:
        stream = await sdk.responses.create(model="m", input="?", stream=True)
        events = [event async for event in stream]
        assert len(events) == 300
        assert events[-1].type == "response.completed"
        whole = await sdk.responses.create(model="m", input="?")
        assert whole.usage is not None
        assert whole.usage.output_tokens == 300


async def test_ollama_client_reads_it(replay: ReplayServer) -> None:
    sdk = ollama.AsyncClient(host=f"http://127.0.0.1:{replay.port}")
    messages = [{"role": "user", "content": "?"}]
    stream = await sdk.chat(model="m", messages=messages, stream=True)
    chunks = [chunk async for chunk in stream]
    assert len(chunks) == 300
    assert chunks[-1].eval_count == 300
    whole = await sdk.chat(model="m", messages=messages)
    assert whole.done
    await sdk.close()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("version", ["v1", "v1beta"])
async def test_gemini_is_told_by_the_end_of_its_path(
    replay: ReplayServer, http: aiohttp.ClientSession, version: str
) -> None:
    base = f"http://127.0.0.1:{replay.port}/{version}/models/m"
    async with http.post(f"{base}:streamGenerateContent?alt=sse", json={}) as response:
        assert response.content_type == "text/event-stream"
        *events, rest = (await response.read()).split(b"\r\n\r\n")
    assert len(events) == 300
    assert rest == b""
    last = orjson.loads(events[-1].removeprefix(b"data: "))
    assert last["candidates"][0]["finishReason"] == "STOP"
    async with http.post(f"{base}:generateContent", json={}) as response:
        assert (await response.json())["usageMetadata"]["candidatesTokenCount"] == 300
