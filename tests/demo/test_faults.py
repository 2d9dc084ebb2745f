"""Each fault that a reply can ask for, as a client feels it."""

import asyncio
from typing import get_args

import aiohttp
import orjson
import pytest

from ccproxy_tui.demo.compression import Encoding
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.demo.upstream import ScriptedUpstream

ASKED = {
    "model": "m",
    "max_tokens": 9,
    "stream": True,
    "messages": [{"role": "user", "content": "Hello?"}],
}
HEADERS = {"anthropic-version": "2023-06-01"}


class Peer:
    def __init__(self, http: aiohttp.ClientSession, upstream: ScriptedUpstream) -> None:
        self._http = http
        self._url = f"{upstream.origin}/v1/messages"

    async def ask(self) -> aiohttp.ClientResponse:
        return await self._http.post(self._url, json=ASKED, headers=HEADERS)

    async def read(self) -> bytes:
        async with await self.ask() as response:
            return await response.read()


@pytest.fixture
def peer(http: aiohttp.ClientSession, upstream: ScriptedUpstream) -> Peer:
    return Peer(http, upstream)


async def _next_frame(response: aiohttp.ClientResponse) -> bytes:
    return await response.content.readuntil(b"\n\n")


def _event_types(stream: bytes) -> list[str]:
    lines = stream.replace(b"\r\n", b"\n").split(b"\n")
    return [orjson.loads(line[6:])["type"] for line in lines if line.startswith(b"data: ")]


async def test_a_whole_stream_for_comparison(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = Reply(text=["one ", "two"])
    assert _event_types(await peer.read()) == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


@pytest.mark.parametrize("reply", [Reply(text="a b", crlf=True), Reply(text="a b", one_write=True)])
async def test_framing_does_not_change_the_events(
    upstream: ScriptedUpstream, peer: Peer, reply: Reply
) -> None:
    upstream.script = reply
    stream = await peer.read()
    assert (b"\r\n\r\n" in stream) is reply.crlf
    assert _event_types(stream)[-1] == "message_stop"


async def test_no_finish_ends_cleanly(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = Reply(text="a", no_finish=True)
    assert _event_types(await peer.read())[-1] == "content_block_stop"


async def test_end_after_ends_cleanly(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = Reply(text="a", end_after=2)
    assert _event_types(await peer.read()) == ["message_start", "content_block_start"]


async def test_a_cut_in_a_character_leaves_a_part_of_it(
    upstream: ScriptedUpstream, peer: Peer
) -> None:
    upstream.script = Reply(text=["plain ", "gr\u00fc\u00df"], cut_in_character=True)
    received = b""
    async with await peer.ask() as response:
        with pytest.raises(aiohttp.ClientPayloadError):  # noqa: PT012
            while True:
                received += await response.content.readany()
    assert received.endswith(b"gr\xc3")
    with pytest.raises(UnicodeDecodeError, match="unexpected end"):
        received.decode()


@pytest.mark.parametrize("streamed", [True, False])
async def test_an_endless_reply_goes_on_until_nobody_listens(
    upstream: ScriptedUpstream, peer: Peer, streamed: bool
) -> None:
    upstream.script = Reply(text=["again "], repeat=2, streamed=streamed)
    async with await peer.ask() as response:
        received = b""
        while received.count(b"again ") < 500:
            received += await response.content.readany()
        response.close()
    async with asyncio.timeout(5):
        await upstream.calls[0].ended.wait()
    assert upstream.calls[0].disconnected


@pytest.mark.parametrize("events", [0, 2, 99])
async def test_cut_after_breaks_the_connection(
    upstream: ScriptedUpstream, peer: Peer, events: int
) -> None:
    upstream.script = Reply(text="a", cut_after=events)
    async with await peer.ask() as response:
        assert response.status == 200
        seen = [await _next_frame(response) for _ in range(min(events, 6))]
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert len(_event_types(b"".join(seen))) == min(events, 6)


async def test_error_can_be_the_first_event(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = Reply(text="a", error_after=0, error="broken")
    assert _event_types(await peer.read()) == ["error"]


async def test_close_before_headers(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = [Reply(close_before_headers=True), Reply(text="there again")]
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await peer.read()
    assert b"there " in await peer.read()


async def test_a_reset_says_so(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = Reply(close_before_headers=True, reset=True)
    with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
        await peer.read()


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("encoding", [one for one in get_args(Encoding) if one])
async def test_compressed_replies_are_there_frame_by_frame(
    upstream: ScriptedUpstream, peer: Peer, encoding: Encoding, streamed: bool
) -> None:
    upstream.script = [
        Reply(text=["one ", "two"], encoding=encoding, streamed=streamed, hang_after=1),
        Reply(text=["one ", "two"], streamed=streamed),
    ]
    async with await peer.ask() as response:
        assert response.headers["Content-Encoding"] == encoding
        first = await response.content.readany()
        assert (b"message_start" if streamed else b"one two") in first
        upstream.calls[0].release.set()
        whole = first + await response.read()
    plain = await peer.read()
    assert len(whole) == len(plain)
    assert whole[-60:] == plain[-60:]


async def test_hang_before_headers_until_released(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = Reply(text="at last", hang_before_headers=True)
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(peer.read())
        [call] = await upstream.wait_for_calls()
        assert not reading.done()
        call.release.set()
    assert _event_types(reading.result())[-1] == "message_stop"


async def test_hang_after_shows_the_first_events_at_once(
    upstream: ScriptedUpstream, peer: Peer
) -> None:
    upstream.script = Reply(text="a", hang_after=1)
    async with await peer.ask() as response:
        assert b"message_start" in await _next_frame(response)
        assert not upstream.calls[0].ended.is_set()
        upstream.calls[0].release.set()
        assert _event_types(await response.read())[-1] == "message_stop"
    assert not upstream.calls[0].disconnected


async def test_a_client_that_leaves_is_noticed(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = Reply(text="a", hang_after=1)
    response = await peer.ask()
    await _next_frame(response)
    response.close()
    call = upstream.calls[0]
    async with asyncio.timeout(5):
        await call.ended.wait()
    assert call.disconnected


async def test_a_client_that_leaves_while_events_flow_is_no_error(
    upstream: ScriptedUpstream, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    upstream.script = Reply(text=["word "] * 5_000)
    response = await peer.ask()
    await _next_frame(response)
    response.close()
    call = upstream.calls[0]
    async with asyncio.timeout(5):
        await call.ended.wait()
    assert call.disconnected
    assert caplog.records == []


async def test_raw_replies_are_sent_as_they_are(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = [
        Reply(raw_chunks=[b"data: x", b"\n\n"], headers={"x-own": "1"}),
        Reply(status=502, raw_body=b"<html>", content_type="text/html"),
    ]
    async with await peer.ask() as response:
        assert await response.read() == b"data: x\n\n"
        assert response.headers["x-own"] == "1"
        assert response.content_type == "text/event-stream"
    async with await peer.ask() as response:
        assert (response.status, await response.read()) == (502, b"<html>")
        assert response.content_type == "text/html"


async def test_answers_whole_although_a_stream_was_asked_for(
    upstream: ScriptedUpstream, peer: Peer
) -> None:
    upstream.script = Reply(text="whole", streamed=False)
    async with await peer.ask() as response:
        assert (await response.json())["content"][0]["text"] == "whole"


async def test_an_exhausted_script_says_so(upstream: ScriptedUpstream, peer: Peer) -> None:
    upstream.script = [Reply(text="only one")]
    await peer.read()
    async with await peer.ask() as response:
        assert response.status == 500
        assert "no more replies" in await response.text()


async def test_keeps_only_the_latest_requests(http: aiohttp.ClientSession) -> None:
    async with ScriptedUpstream(Reply(text="a"), keep=2) as upstream:
        for number in range(4):
            asked = ASKED | {"model": f"m-{number}"}
            async with http.post(f"{upstream.origin}/v1/messages", json=asked) as response:
                await response.read()
        assert [call.model for call in upstream.calls] == ["m-2", "m-3"]
        assert [call.path for call in upstream.requests] == ["/v1/messages"] * 2


async def test_stop_does_not_wait_for_hanging_calls(http: aiohttp.ClientSession) -> None:
    upstream = ScriptedUpstream(Reply(text="a", hang_after=1))
    await upstream.start()
    async with http.post(f"{upstream.origin}/v1/messages", json=ASKED) as response:
        await _next_frame(response)
        async with asyncio.timeout(5):
            await upstream.stop()
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
