"""A fault means the same in every dialect; `test_faults` looks at each fault more closely."""

from typing import Any

import aiohttp
import orjson
import pytest

from ccproxy_tui.demo.received import Dialect
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.demo.upstream import ScriptedUpstream

USER = {"role": "user", "content": "?"}
ASKED: dict[Dialect, tuple[str, dict[str, Any]]] = {
    "claude": ("/v1/messages", {"model": "m", "max_tokens": 9, "messages": [USER]}),
    "openai": ("/v1/chat/completions", {"model": "m", "messages": [USER]}),
    "responses": ("/v1/responses", {"model": "m", "input": [USER]}),
    "gemini": (
        "/v1beta/models/m:streamGenerateContent?alt=sse",
        {"contents": [{"role": "user", "parts": [{"text": "?"}]}]},
    ),
    "ollama": ("/api/chat", {"model": "m", "messages": [USER]}),
}
STREAMED_BY_PATH = ("gemini",)


class Peer:
    def __init__(
        self, http: aiohttp.ClientSession, upstream: ScriptedUpstream, dialect: Dialect
    ) -> None:
        self._http = http
        self.upstream = upstream
        self.dialect = dialect

    async def ask(self) -> aiohttp.ClientResponse:
        path, body = ASKED[self.dialect]
        more = {} if self.dialect in STREAMED_BY_PATH else {"stream": True}
        headers = {"anthropic-version": "2023-06-01"}
        return await self._http.post(self.upstream.origin + path, json=body | more, headers=headers)

    async def read(self, reply: Reply) -> bytes:
        self.upstream.script = reply
        async with await self.ask() as response:
            return await response.read()

    async def events(self, reply: Reply) -> list[bytes]:
        """The JSON of all events."""
        lines = (await self.read(reply)).replace(b"\r\n", b"\n").split(b"\n")
        data = [line.removeprefix(b"data: ") for line in lines]
        found = [line for line in data if line.startswith(b"{")]
        for one in found:
            orjson.loads(one)
        return found


@pytest.fixture(params=list(ASKED))
def peer(
    request: pytest.FixtureRequest, http: aiohttp.ClientSession, upstream: ScriptedUpstream
) -> Peer:
    return Peer(http, upstream, request.param)


async def test_all_of_them_are_calls(peer: Peer) -> None:
    assert b"hello" in await peer.read(Reply(text="hello"))
    [call] = peer.upstream.calls
    assert (call.dialect, call.last_user_text) == (peer.dialect, "?")
    assert call.streams


async def test_error_after_is_the_last_event(peer: Peer) -> None:
    reply = Reply(text=["one", "two"], error_after=1, error="fell over")
    first, last = await peer.events(reply)
    assert b"fell over" not in first
    assert b"fell over" in last
    assert b"error" in last


async def test_end_after_ends_cleanly(peer: Peer) -> None:
    whole = await peer.events(Reply(text=["one", "two"]))
    assert len(await peer.events(Reply(text=["one", "two"], end_after=1))) == 1 < len(whole)


async def test_cut_after_breaks_the_connection(peer: Peer) -> None:
    peer.upstream.script = Reply(text=["one", "two"], cut_after=1)
    async with await peer.ask() as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_framing_does_not_change_the_events(peer: Peer) -> None:
    text = ["one", "two"]
    whole = await peer.events(Reply(text=text))
    for reply in (
        Reply(text=text, one_write=True),
        Reply(text=text, byte_by_byte=True),
        Reply(text=text, crlf=True),
    ):
        assert len(await peer.events(reply)) == len(whole)
    stream = await peer.read(Reply(text=text, crlf=True))
    assert stream.count(b"\n") == stream.count(b"\r\n") == stream.count(b"\r")


async def test_no_finish_leaves_the_end_out(peer: Peer) -> None:
    endings = {
        "claude": b"message_stop",
        "openai": b'"finish_reason":"stop"',
        "responses": b"response.completed",
        "gemini": b"finishReason",
        "ollama": b'"done":true',
    }
    ending = endings[peer.dialect]
    assert ending in await peer.read(Reply(text="a"))
    assert ending not in await peer.read(Reply(text="a", no_finish=True))


async def test_no_usage_says_nothing_of_tokens(peer: Peer) -> None:
    words = (b'_tokens":', b'TokenCount":', b'eval_count":')
    stream = (await peer.read(Reply(text="a", no_usage=True))).replace(b"max_output_tokens", b"")
    assert not any(word in stream for word in words)


async def test_stop_is_in_the_protocols_own_word(peer: Peer) -> None:
    assert b'"some_reason"' in await peer.read(Reply(text="a", stop="some_reason"))


async def test_hang_after_waits_for_its_release(peer: Peer) -> None:
    peer.upstream.script = Reply(text=["one", "two"], hang_after=1)
    async with await peer.ask() as response:
        first = await response.content.readany()
        [call] = peer.upstream.calls
        assert not call.ended.is_set()
        call.release.set()
        rest = await response.read()
    assert first
    assert rest
    assert call.ended.is_set()


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_an_error_before_the_stream(peer: Peer, status: int) -> None:
    peer.upstream.script = Reply(status=status, error="not today")
    async with await peer.ask() as response:
        assert response.status == status
        assert response.content_type == "application/json"
        error = (await response.json())["error"]
    assert (error if peer.dialect == "ollama" else error["message"]) == "not today"


async def test_a_missing_conversation_is_refused(peer: Peer, http: aiohttp.ClientSession) -> None:
    path, _ = ASKED[peer.dialect]
    async with http.post(peer.upstream.origin + path, json={"model": "m"}) as response:
        assert response.status == 400
        assert b"Field required" in await response.read()
