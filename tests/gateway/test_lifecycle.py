import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Provider
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway.limits import KeyLimits
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.gateway.server import CannotListenError, Gateway
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.traffic.feed import Feed
from tests.gateway.proxy import TOKEN, RunningProxy, request, running_proxy


@pytest.mark.parametrize("lane", ["claude", "openai"])
@pytest.mark.parametrize(
    "script", [Reply(text="a b c d e f g h", hang_after=3), Reply(hang_before_headers=True)]
)
async def test_a_client_that_goes_away_stops_the_upstream(
    proxy: RunningProxy, lane: str, script: Reply
) -> None:
    """Failure 18."""
    proxy.upstream.script = script
    response = asyncio.ensure_future(
        proxy.session.post(
            f"{proxy.url}/{lane}/v1/messages", json=request(), headers={"x-api-key": TOKEN}
        )
    )
    (received,) = await proxy.upstream.wait_for_calls(1)
    if script.hang_after:
        (await response).close()
    else:
        response.cancel()
    await asyncio.wait_for(received.ended.wait(), 5)
    assert received.disconnected
    call = proxy.last_call()
    assert call.phase is Phase.CANCELLED
    assert not proxy.gateway.calls.running


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_a_client_that_leaves_with_the_last_word_got_it_all(
    proxy: RunningProxy, lane: str
) -> None:
    """Clients close the connection on `message_stop`; that is no cancelling."""
    proxy.upstream.script = Reply(text="all of it")
    await proxy.ask(lane)
    exchange = proxy.last_call().exchange
    assert exchange is not None
    sent = exchange.upstream_reply.body.split(b"\n\n")
    script = Reply(raw_chunks=[piece + b"\n\n" for piece in sent if piece])
    proxy.upstream.script = replace(script, hang_after=len(script.raw_chunks or ()))
    async with proxy.session.post(
        f"{proxy.url}/{lane}/v1/messages", json=request(), headers={"x-api-key": TOKEN}
    ) as response:
        assert (await response.read()).rstrip().endswith(b'{"type":"message_stop"}')
    call = proxy.last_call()
    assert call.phase is Phase.DONE
    assert call.tokens.output > 0
    assert not call.tokens.estimated


async def test_a_call_is_told_of_from_its_start_to_its_end(proxy: RunningProxy) -> None:
    proxy.upstream.script = Reply(text="a b c d e f g h", hang_after=3)
    phases: list[Phase] = []
    told = proxy.listener.tell
    proxy.listener.tell = lambda call: (phases.append(call.phase), told(call))[1]  # type: ignore[method-assign,func-returns-value]
    asking = asyncio.ensure_future(proxy.ask("openai"))
    (received,) = await proxy.upstream.wait_for_calls(1)
    received.release.set()
    await asking
    assert list(dict.fromkeys(phases)) == [
        Phase.WAITING,
        Phase.FIRST_BYTE,
        Phase.STREAMING,
        Phase.DONE,
    ]
    assert phases.count(Phase.DONE) == 1


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_silence_before_the_first_byte_is_a_timeout(tmp_path: Path, lane: str) -> None:
    async with running_proxy(tmp_path, connect_timeout=0.05, first_byte_timeout=0.05) as proxy:
        proxy.upstream.script = Reply(hang_before_headers=True)
        answer = await proxy.ask(lane)
        assert answer.status == 504
        assert answer.json["error"]["type"] == "timeout_error"
        await asyncio.wait_for(proxy.upstream.calls[0].ended.wait(), 5)
        assert proxy.upstream.calls[0].disconnected


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_silence_within_a_reply_is_a_timeout(tmp_path: Path, lane: str) -> None:
    async with running_proxy(tmp_path, chunk_timeout=0.1) as proxy:
        proxy.upstream.script = Reply(text="a b c d e f g h i j k l", hang_after=3)
        answer = await proxy.ask(lane)
        name, data = answer.events[-1]
        assert name == "error"
        assert "fell silent" in data["error"]["message"]


async def test_an_upstream_that_is_not_there_is_named(proxy: RunningProxy) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gone = Provider(name="openai", protocol="openai", base_url=f"http://127.0.0.1:{port}/v1")
    await proxy.live.apply(edits.put_provider(proxy.live.value, gone, replaces="openai"), "edit")
    answer = await proxy.ask("openai")
    message = answer.json["error"]["message"]
    assert answer.status == 500
    assert f"openai cannot be reached at 127.0.0.1:{port}" in message
    assert "(connection refused); is it running?" in message
    assert proxy.last_call().output_so_far == 0
    assert "sk-one" not in message


class DyingServer:
    """Answers one request a connection, promises to keep it open, and drops it on the next."""

    def __init__(self) -> None:
        self.requests = 0
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        for turn in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode().lower().split("\r\n")
            length = next(
                int(line.split(":")[1]) for line in lines if line.startswith("content-length")
            )
            await reader.readexactly(length)
            self.requests += 1
            if turn == 1:
                break
            body = (
                b'{"type":"message","role":"assistant","content":[],"stop_reason":"end_turn",'
                b'"usage":{"input_tokens":1,"output_tokens":1}}'
            )
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(body), body)
            )
            await writer.drain()
        writer.close()


async def test_an_idle_connection_that_died_is_retried_once_on_a_fresh_one(
    proxy: RunningProxy,
) -> None:
    dying = DyingServer()
    server = await asyncio.start_server(dying.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        provider = Provider(
            name="claude", protocol="claude", base_url=f"http://127.0.0.1:{port}/v1"
        )
        value = edits.put_provider(proxy.live.value, provider, replaces="claude")
        await proxy.live.apply(value, "edit")
        assert (await proxy.ask("claude", stream=False)).status == 200
        assert (await proxy.ask("claude", stream=False)).status == 200
        assert (dying.connections, dying.requests) == (2, 3)


async def test_a_fresh_connection_that_dies_is_not_retried(proxy: RunningProxy) -> None:
    proxy.upstream.script = Reply(close_before_headers=True)
    assert (await proxy.ask("claude")).status == 500
    assert len(proxy.upstream.calls) == 1


async def test_stopping_lets_running_calls_end(tmp_path: Path) -> None:
    async with running_proxy(tmp_path) as proxy:
        proxy.upstream.script = Reply(text="a b c d e f g h", hang_after=3)
        asking = asyncio.ensure_future(proxy.ask("openai"))
        (received,) = await proxy.upstream.wait_for_calls(1)
        stopping = asyncio.ensure_future(proxy.gateway.stop(10))
        done, _ = await asyncio.wait({stopping}, timeout=0.05)
        assert not done, "it waits for the running call"
        received.release.set()
        answer = await asking
        assert answer.events[-1][0] == "message_stop"
        await stopping


async def test_stopping_turns_new_calls_away(tmp_path: Path) -> None:
    async with running_proxy(tmp_path) as proxy:
        await asyncio.gather(proxy.ask("claude"), proxy.ask("claude"))  # two open connections
        proxy.upstream.script = Reply(text="a b c d e f g h", hang_after=3)
        asking = asyncio.ensure_future(proxy.ask("openai"))
        await proxy.upstream.wait_for_calls(3)
        stopping = asyncio.ensure_future(proxy.gateway.stop(10))
        await asyncio.wait({stopping}, timeout=0.05)
        late = await proxy.ask("claude")
        assert late.status == 529
        assert "stopping" in late.json["error"]["message"]
        proxy.upstream.calls[2].release.set()
        assert (await asking).events[-1][0] == "message_stop"
        await stopping


async def test_a_busy_port_is_an_error_that_names_it(proxy: RunningProxy) -> None:
    port = int(proxy.url.rpartition(":")[2])
    other = Gateway(proxy.live, Feed(), Upstream(), Pool(), KeyLimits())
    with pytest.raises(CannotListenError, match=rf"127.0.0.1:{port} is in use"):
        await other.start("127.0.0.1", port)
