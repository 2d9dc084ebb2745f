"""The benchmark's upstream is fast, and still speaks both dialects as the clients expect."""

from collections.abc import AsyncIterator

import anthropic
import openai
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
