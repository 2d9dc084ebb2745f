"""Up to where a call can move on, and that a client, and its record, have one reply only."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.demo.reply import Reply, Usage
from ccproxy_tui.gateway.client_reply import ClientStream
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.traffic.standing import State
from tests.gateway.pool.scene import Scene, open_scene

LANES = ("claude", "openai")
THROTTLED = Reply(status=429, error="slow down", headers={"retry-after": "5"})
ERROR_FIRST = Reply(
    text="never", error_after=1, error="I am worn out", error_kind="overloaded_error"
)


def written(scene: Scene) -> bytes:
    exchange = scene.call.exchange
    assert exchange is not None
    return exchange.client_reply.body


@pytest.mark.parametrize("lane", LANES)
async def test_what_only_announces_a_reply_is_not_one(scene: Scene, lane: Any) -> None:
    scene.replies = {"sk-a": ERROR_FIRST}
    await scene.set_up(scene.provider("a", lane), scene.provider("b"))
    answer = await scene.ask(stream=True)
    assert answer.text == "b answers"
    assert [outcome for _, outcome in scene.tried] == [Outcome.OVERLOAD, Outcome.SUCCESS]
    assert written(scene) == answer.body


async def test_openais_role_is_no_content(scene: Scene) -> None:
    role = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}
    error = {"error": {"message": "worn out", "type": "server_error", "code": 500}}
    frames = [f"data: {json.dumps(one)}\n\n".encode() for one in (role, error)]
    scene.replies = {"sk-a": Reply(raw_chunks=frames)}
    await scene.set_up(scene.provider("a", "openai"), scene.provider("b", "openai"))
    body = {
        "model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}],
    }  # fmt: skip
    answer = await scene.proxy.post("/v1/chat/completions", body)
    chunks = [json.loads(line[6:]) for line in answer.body.splitlines() if line[6:7] == b"{"]
    said = [choice["delta"].get("content") or "" for one in chunks for choice in one["choices"]]
    assert "".join(said) == "b answers"
    assert [outcome for _, outcome in scene.tried] == [Outcome.OVERLOAD, Outcome.SUCCESS]


async def test_each_line_reaches_an_ollama_client_when_it_comes(scene: Scene) -> None:
    """However its server spells JSON."""

    def line(**fields: Any) -> bytes:
        return json.dumps({"model": "m", **fields}).encode() + b"\n"

    lines = [line(message={"role": "assistant", "content": word}, done=False) for word in "abcdef"]
    last = line(message={"role": "assistant", "content": ""}, done=True, done_reason="stop")
    scene.replies = {"sk-a": Reply(raw_chunks=[*lines, last], hang_after=3)}
    await scene.set_up(scene.provider("a", "ollama"))
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    async with scene.proxy.session.post(
        f"{scene.proxy.url}/api/chat", json=body, headers={"x-api-key": "cs-test-token-0123456789"}
    ) as response:
        got = await asyncio.wait_for(response.content.readexactly(len(b"".join(lines[:3]))), 5)
        assert got == b"".join(lines[:3])
        scene.proxy.upstream.calls[-1].release.set()
        assert got + await response.read() == b"".join([*lines, last])


@pytest.mark.parametrize("lane", LANES)
async def test_replies_that_always_break_open_the_breaker(scene: Scene, lane: Any) -> None:
    scene.replies = {"sk-a": Reply(text="a b c d e f g h " * 20, cut_after=5)}
    await scene.set_up(scene.provider("a", lane), scene.provider("b"))
    for _ in range(3):
        assert (await scene.ask(stream=True)).events[-1][0] == "error"
    assert scene.state("a/m") is State.OPEN
    assert (await scene.ask(stream=True)).text == "b answers"


@pytest.mark.parametrize("lane", LANES)
async def test_after_a_hold_there_is_one_error(tmp_path: Path, lane: Any) -> None:
    async with open_scene(tmp_path, hold=20, ping_after=0.02) as scene:
        scene.replies = {"sk-a": [THROTTLED, ERROR_FIRST]}
        await scene.set_up(scene.provider("a", lane))
        async with scene.asking() as response:
            first = await response.content.readany()
            assert first == b": keep-alive\n\n"
            scene.clock.forward(5)
            scene.wake()
            rest = await response.read()
        assert rest.count(b"event: error") == 1
        assert b"message_start" not in rest
        assert b"worn out" in rest
        assert written(scene) == first + rest


async def test_a_client_that_leaves_while_held_leaves_an_ended_record(tmp_path: Path) -> None:
    async with open_scene(tmp_path, hold=20, ping_after=0.02) as scene:
        scene.replies = {"sk-a": [THROTTLED, THROTTLED]}
        await scene.set_up(scene.provider("a"))
        async with scene.asking() as response:
            await response.content.readany()
            [call] = [scene.call]
            response.close()
        while scene.proxy.gateway.calls.running:
            await asyncio.sleep(0.01)
        assert scene.call.phase is Phase.CANCELLED
        assert call.attempts[-1].outcome is Outcome.THROTTLE


async def test_a_client_that_is_gone_at_the_error_leaves_an_ended_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(stream: ClientStream, notice: bytes = b"") -> None:
        raise ConnectionResetError(f"nobody reads {len(notice)} bytes of {stream}")

    async with open_scene(tmp_path, ping_after=0.02) as scene:
        scene.replies = {"sk-a": Reply(text="x", status=500, hang_before_headers=True)}
        await scene.set_up(scene.provider("a"))
        async with scene.asking() as response:
            await response.content.readany()
            monkeypatch.setattr(ClientStream, "end", gone)
            scene.proxy.upstream.calls[0].release.set()
            with contextlib.suppress(aiohttp.ClientError):
                await response.read()
        while scene.proxy.gateway.calls.running:
            await asyncio.sleep(0.01)
        assert scene.call.phase is Phase.FAILED


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("stream", [True, False])
async def test_what_was_in_vain_costs_nothing(scene: Scene, lane: Any, stream: bool) -> None:
    spoilt = Reply(text="x", error_after=1, error="worn out", usage=Usage(input=50_000, output=1))
    down = Reply(status=500, error="down")
    scene.replies = {"sk-a": spoilt if stream else down, "sk-b": down}
    await scene.set_up(scene.provider("a", lane), scene.provider("b"))
    assert (await scene.ask(stream=stream)).status >= 500
    assert (scene.call.tokens.context, scene.call.tokens.output) == (0, 0)


async def test_a_key_that_cannot_be_sent_leads_to_the_next_candidate(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKEN_KEY", "sk-one\nsk-two")
    broken = scene.provider("a").model_copy(update={"api_keys": ("env:BROKEN_KEY",)})
    await scene.set_up(broken, scene.provider("b"))
    answer = await scene.ask()
    assert answer.status == 200
    assert scene.tried[0][1] is Outcome.TRANSPORT
    assert "sk-one" not in scene.call.attempts[0].reason


async def test_counting_asks_nobody_that_must_not_be_asked(scene: Scene) -> None:
    await scene.set_up(scene.provider("a"))
    scene.proxy.upstream.token_count = 77
    counted = await scene.proxy.post("/v1/messages/count_tokens", {"model": "m", "messages": [
        {"role": "user", "content": "hello"}]})  # fmt: skip
    assert counted.json == {"input_tokens": 77}
    scene.pool.switch(scene.standing("a/m").id, on=False)
    counted = await scene.proxy.post("/v1/messages/count_tokens", {"model": "m", "messages": [
        {"role": "user", "content": "hello"}]})  # fmt: skip
    assert 1 <= counted.json["input_tokens"] < 20
    assert len(scene.proxy.upstream.requests) == 1


async def test_another_address_is_another_candidate(scene: Scene) -> None:
    scene.replies = {"sk-a": Reply(status=401, error="who are you")}
    await scene.set_up(scene.provider("a"))
    await scene.ask()
    assert scene.state("a/m") is State.OUT
    mended = scene.provider("a", base_url=scene.proxy.upstream.base_url.replace("/v1", "/v2/v1"))
    value = edits.put_provider(scene.proxy.live.value, mended, replaces="a")
    await scene.proxy.live.apply(value, "mend")
    assert scene.state("a/m") is State.READY


async def test_the_first_byte_is_waited_for_from_the_connection_on(scene: Scene) -> None:
    """Whatever the time-out of the connection is: a healthy candidate is there."""
    scene.replies = {"sk-a": Reply(text="late", hang_before_headers=True)}
    impatient = scene.provider("a", first_byte_timeout=0.1, connect_timeout=300)
    await scene.set_up(impatient, scene.provider("b"))
    answer = await asyncio.wait_for(scene.ask(stream=True), 10)
    assert answer.text == "b answers"
    assert scene.tried[0] == ("a/m", Outcome.TIMEOUT)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_reply_of_nothing_is_none(scene: Scene, stream: bool) -> None:
    nothing = Reply(raw_chunks=[b"data: [DONE]\n\n"])
    scene.replies = {"sk-a": nothing if stream else Reply(raw_body=b'{"choices": []}')}
    await scene.set_up(scene.provider("a", "openai"), scene.provider("b", "openai"))
    body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "hi"}]}
    answer = await scene.proxy.post("/v1/chat/completions", body)
    assert answer.status == 200
    assert [outcome for _, outcome in scene.tried][1:] == [Outcome.SUCCESS]
