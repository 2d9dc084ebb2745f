"""A person ends a running call: the client is told, the upstream let go, nobody is blamed."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import anthropic
import ollama
import openai
import orjson
import pytest
from google import genai
from google.genai import errors as genai_errors

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway import client_reply, stopping
from ccproxy_tui.gateway.replay import Again
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Call, Phase
from tests.gateway.five import PROTOCOLS, ask, lead_to_all
from tests.gateway.proxy import TOKEN, Answer, RunningProxy, request, running_proxy
from tests.gateway.test_compat import BROKEN, READ

SAID = "this call was cancelled by a person in ccproxy"
LONG = "a dozen pieces of text " * 12


def seen(proxy: RunningProxy) -> Call | None:
    for call in proxy.listener.drain():
        proxy.calls[call.id] = call
    return proxy.calls[max(proxy.calls)] if proxy.calls else None


async def reach(proxy: RunningProxy, *phases: Phase) -> Call:
    """Wait until the newest call is in one of the phases."""
    async with asyncio.timeout(5):
        while (call := seen(proxy)) is None or call.phase not in phases:
            await asyncio.sleep(0.005)
    return call


async def judge(proxy: RunningProxy, call: Call) -> None:
    """Hold the record to what every cancelled call has to be."""
    async with asyncio.timeout(5):
        while proxy.gateway.calls.running:
            await asyncio.sleep(0.005)
    assert call.phase is Phase.CANCELLED
    assert call.error == SAID
    assert [one.outcome for one in call.attempts] in ([], [Outcome.CANCELLED])
    for route in proxy.live.snapshot.routes:
        for standing in proxy.pool.outlook(route).standings:
            assert (standing.failed, standing.in_flight) == (0, 0)
    assert not proxy.gateway.calls.stop(call.id), "it is over"


def count_ends(proxy: RunningProxy) -> list[Phase]:
    ends: list[Phase] = []
    told = proxy.listener.tell

    def tell(call: Call) -> None:
        if not call.live:
            ends.append(call.phase)
        told(call)

    proxy.listener.tell = tell  # type: ignore[method-assign]
    return ends


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("client", PROTOCOLS)
@pytest.mark.parametrize("same", [True, False])
async def test_before_the_reply_it_is_an_error_that_nobody_repeats(
    proxy: RunningProxy, client: str, same: bool, stream: bool
) -> None:
    await lead_to_all(proxy)
    ends = count_ends(proxy)
    proxy.upstream.script = Reply(hang_before_headers=True)
    lane = client if same else ("openai" if client == "claude" else "claude")
    asking = asyncio.ensure_future(ask(proxy, client, lane, stream=stream))
    (received,) = await proxy.upstream.wait_for_calls(1)
    call = await reach(proxy, Phase.WAITING)
    assert proxy.gateway.calls.stop(call.id)
    answer = await asking
    assert answer.status == (499 if client == "claude" else 400), "Claude Code mends 400s"
    assert answer.headers["x-should-retry"] == "false"
    error = answer.json["error"]
    assert (error if isinstance(error, str) else error["message"]) == SAID
    await asyncio.wait_for(received.ended.wait(), 5)
    assert received.disconnected
    await judge(proxy, call)
    assert call.status == answer.status
    assert ends == [Phase.CANCELLED]


Stream = Callable[[str], Awaitable[str]]
"""Reads a stream from a proxy's address by the vendor's SDK, and gives the error it ends with."""


async def by_claude(url: str) -> str:
    async with anthropic.AsyncAnthropic(base_url=url, api_key=TOKEN) as sdk:
        with pytest.raises(anthropic.APIStatusError) as raised:
            async with sdk.messages.stream(
                model="m", max_tokens=9, messages=[{"role": "user", "content": "go"}]
            ) as stream:
                await stream.get_final_message()
    return str(raised.value)


async def by_openai(url: str) -> str:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=TOKEN) as sdk:
        stream = await sdk.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "go"}], stream=True
        )
        with pytest.raises(openai.APIError) as raised:
            async for _ in stream:
                pass
    return str(raised.value)


async def by_responses(url: str) -> str:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=TOKEN) as sdk:
        stream = await sdk.responses.create(model="m", input="go", stream=True)
        *_, last = [event async for event in stream]
    assert last.type == "response.failed"
    assert last.response.error is not None
    assert last.response.error.code == "invalid_prompt", "Codex repeats all other ones"
    return str(last.response.error.message)


async def by_gemini(url: str) -> str:
    sdk = genai.Client(api_key=TOKEN, http_options={"base_url": url})
    try:
        stream = await sdk.aio.models.generate_content_stream(model="m", contents="go")
        with pytest.raises((genai_errors.APIError, genai_errors.UnknownApiResponseError)) as raised:
            async for _ in stream:
                pass
    finally:
        await sdk.aio.aclose()
        sdk.close()
    return str(raised.value)


async def by_ollama(url: str) -> str:
    sdk = ollama.AsyncClient(host=url, headers={"Authorization": f"Bearer {TOKEN}"})
    stream = await sdk.chat(model="m", messages=[{"role": "user", "content": "go"}], stream=True)
    with pytest.raises(ollama.ResponseError) as raised:
        async for _ in stream:
            pass
    await sdk.close()  # type: ignore[no-untyped-call]
    return str(raised.value)


SDKS: dict[str, Stream] = {
    "claude": by_claude,
    "openai": by_openai,
    "responses": by_responses,
    "gemini": by_gemini,
    "ollama": by_ollama,
}


@pytest.mark.parametrize("client", PROTOCOLS)
@pytest.mark.parametrize("same", [True, False])
async def test_within_a_stream_it_is_its_protocols_error(
    proxy: RunningProxy, client: str, same: bool
) -> None:
    await lead_to_all(proxy)
    ends = count_ends(proxy)
    proxy.upstream.script = Reply(text=LONG, hang_after=7)
    lane = client if same else ("openai" if client == "claude" else "claude")
    asking = asyncio.ensure_future(SDKS[client](f"{proxy.url}/{lane}"))
    (received,) = await proxy.upstream.wait_for_calls(1)
    call = await reach(proxy, Phase.STREAMING)
    assert proxy.gateway.calls.stop(call.id)
    assert SAID in await asking
    await asyncio.wait_for(received.ended.wait(), 5)
    assert received.disconnected
    await judge(proxy, call)
    assert call.tokens.output > 0, "what was written is paid for"
    assert len(proxy.upstream.calls) == 1, "the SDK does not repeat it"
    assert ends == [Phase.CANCELLED]


async def test_while_it_is_held(tmp_path: Path) -> None:
    async with running_proxy(tmp_path, hold=60) as proxy:
        proxy.upstream.script = Reply(status=429, error="slow down", headers={"retry-after": "50"})
        asking = asyncio.ensure_future(proxy.ask("claude", stream=False))
        call = await reach(proxy, Phase.HELD)
        assert proxy.gateway.calls.stop(call.id)
        assert (await asking).json["error"]["message"] == SAID
        assert call.phase is Phase.CANCELLED
        assert [one.outcome for one in call.attempts] == [Outcome.THROTTLE]


async def test_while_it_is_held_and_the_client_was_told_to_wait(tmp_path: Path) -> None:
    async with running_proxy(tmp_path, hold=60, ping_after=0.02) as proxy:
        proxy.upstream.script = Reply(status=429, error="slow down", headers={"retry-after": "50"})
        asking = asyncio.ensure_future(proxy.ask("claude"))
        call = await reach(proxy, Phase.HELD)
        async with asyncio.timeout(5):
            while call.status != 200:
                await asyncio.sleep(0.005)
        assert proxy.gateway.calls.stop(call.id)
        *pings, last = (await asking).body.decode().strip().split("\n\n")
        assert last.startswith("event: error\n")
        assert SAID in last
        assert pings
        assert call.phase is Phase.CANCELLED


async def test_while_tokens_are_counted(proxy: RunningProxy) -> None:
    proxy.upstream.token_count = Reply(hang_before_headers=True)
    body = request()
    asking = asyncio.ensure_future(proxy.post("/claude/v1/messages/count_tokens", body))
    async with asyncio.timeout(5):
        while not proxy.upstream.requests:
            await asyncio.sleep(0.005)
    call = await reach(proxy, Phase.WAITING)
    assert proxy.gateway.calls.stop(call.id)
    answer = await asking
    assert (answer.status, answer.json["error"]["message"]) == (499, SAID)
    await judge(proxy, call)


@pytest.mark.parametrize("stream", [True, False])
async def test_while_the_model_is_asked_again(proxy: RunningProxy, stream: bool) -> None:
    def script(received: ReceivedRequest) -> Reply:
        if len(proxy.upstream.calls) == 1:
            return Reply(text=f"Reading.\n{BROKEN}")
        return Reply(hang_before_headers=True)

    proxy.upstream.script = script
    body = request(stream=stream, tools=[READ])
    asking = asyncio.ensure_future(proxy.post("/openai/compat/v1/messages", body))
    again = (await proxy.upstream.wait_for_calls(2))[1]
    call = await reach(proxy, Phase.WAITING, Phase.FIRST_BYTE, Phase.STREAMING)
    assert proxy.gateway.calls.stop(call.id)
    assert SAID.encode() in (await asking).body
    await asyncio.wait_for(again.ended.wait(), 5)
    assert again.disconnected
    await judge(proxy, call)


async def test_while_the_client_still_sends_its_request(
    proxy: RunningProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_reply, "_MOMENT", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    head = f"POST /claude/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: {TOKEN}\r\n"
    writer.write(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
    call = await reach(proxy, Phase.WAITING)
    async with asyncio.timeout(5):
        while not call.key:
            await asyncio.sleep(0.005)
    assert proxy.gateway.calls.stop(call.id)
    assert b" 499 " in await reader.readline()
    async with asyncio.timeout(3):
        assert SAID.encode() in await reader.read(), "and then the connection ends"
    writer.close()
    await judge(proxy, call)


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_a_client_that_leaves_at_the_same_moment_has_left(
    proxy: RunningProxy, lane: str
) -> None:
    ends = count_ends(proxy)
    proxy.upstream.script = Reply(text=LONG, hang_after=7)
    async with proxy.session.post(
        f"{proxy.url}/{lane}/v1/messages", json=request(), headers={"x-api-key": TOKEN}
    ) as response:
        (received,) = await proxy.upstream.wait_for_calls(1)
        call = await reach(proxy, Phase.STREAMING)
        await response.content.readany()
        running = proxy.gateway.calls.running[call.id]
        assert proxy.gateway.calls.stop(call.id)
        running.task.cancel()
    await asyncio.wait_for(received.ended.wait(), 5)
    assert running.task.cancelled()
    assert ends == [Phase.CANCELLED]
    assert call.error == "the client went away"


async def test_a_client_that_does_not_read_cannot_hold_it_up(proxy: RunningProxy) -> None:
    """It fills its socket and stops; the upstream's next words wait in the proxy."""
    words = ["x" * 100_000] * 200
    proxy.upstream.script = Reply(text=words)
    body = orjson.dumps(request())
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        port = int(proxy.url.rpartition(":")[2])
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, ("127.0.0.1", port))
        head = f"POST /claude/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: {TOKEN}\r\n"
        await loop.sock_sendall(
            client, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        )
        call = await reach(proxy, Phase.STREAMING)
        sent = -1
        while sent != (sent := call.exchange.client_reply.size if call.exchange else 0):
            await asyncio.sleep(0.05)
        assert proxy.gateway.calls.stop(call.id)
        await judge(proxy, call)
        server = proxy.gateway._runner.server
        assert server is not None
        async with asyncio.timeout(5):
            while server.connections:
                await asyncio.sleep(0.01)


async def test_twice_is_once(proxy: RunningProxy) -> None:
    ends = count_ends(proxy)
    proxy.upstream.script = Reply(hang_before_headers=True)
    asking = asyncio.ensure_future(proxy.ask("claude"))
    await proxy.upstream.wait_for_calls(1)
    call = await reach(proxy, Phase.WAITING)
    assert proxy.gateway.calls.stop(call.id)
    assert proxy.gateway.calls.stop(call.id)
    answer: Answer = await asking
    assert answer.status == 499
    assert ends == [Phase.CANCELLED]
    assert not proxy.gateway.calls.stop(call.id + 1), "there is no such call"


async def test_what_a_client_repeats_by_itself_is_not_sent_on(proxy: RunningProxy) -> None:
    """Claude Code asks at once for a whole reply when its stream breaks off."""
    proxy.upstream.script = Reply(text=LONG, hang_after=7)
    headers = {"x_claude_code_session_id": "one"}
    asking = asyncio.ensure_future(proxy.post("/claude/v1/messages", request(), **headers))
    call = await reach(proxy, Phase.STREAMING)
    assert proxy.gateway.calls.stop(call.id)
    await asking
    proxy.upstream.script = Reply(text="goes on")
    again = request(stream=False, max_tokens=500)
    answer = await proxy.post("/claude/v1/messages", again, **headers)
    assert answer.status == 499
    assert answer.headers["x-should-retry"] == "false"
    assert f"{SAID} (#{call.id}); it can be sent again in" in answer.json["error"]["message"]
    said = {"role": "user", "content": "something else"}
    other = await proxy.post("/claude/v1/messages", {**again, "messages": [said]}, **headers)
    stranger = await proxy.post("/claude/v1/messages", again, x_claude_code_session_id="two")
    assert (other.status, stranger.status) == (200, 200)


async def test_a_stopped_call_is_soon_forgotten(
    proxy: RunningProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "_NOT_REPEATED", 0.2)
    proxy.upstream.script = Reply(text=LONG, hang_after=7)
    headers = {"x_claude_code_session_id": "one"}
    asking = asyncio.ensure_future(proxy.post("/claude/v1/messages", request(), **headers))
    call = await reach(proxy, Phase.STREAMING)
    assert proxy.gateway.calls.stop(call.id)
    await asking
    kept = proxy.gateway.calls._stopped
    assert len(kept._calls) == 1
    async with asyncio.timeout(5):
        while kept._calls:
            await asyncio.sleep(0.01)


async def test_a_stopped_replay_is_no_reason_to_refuse_the_client(proxy: RunningProxy) -> None:
    headers = {"x_claude_code_session_id": "one"}
    await proxy.post("/claude/v1/messages", request(), **headers)
    first = proxy.last_call()
    assert first.exchange is not None
    proxy.upstream.script = Reply(text=LONG, hang_after=7)
    sent = await proxy.gateway.replays.send(Again(first, first.exchange.client_request))
    await reach(proxy, Phase.STREAMING)
    assert proxy.gateway.calls.stop(sent)
    await reach(proxy, Phase.CANCELLED)
    proxy.upstream.script = Reply(text="hello")
    assert (await proxy.post("/claude/v1/messages", request(), **headers)).status == 200
