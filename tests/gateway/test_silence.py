"""A relayed stream whose upstream is silent is kept alive, and is broken off if nothing comes."""

from pathlib import Path

import aiohttp
import orjson
import pytest

from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.traffic.call import Phase
from tests.gateway.proxy import TOKEN, RunningProxy, request, running_proxy

PING = b": keep-alive\n\n"


async def start(proxy: RunningProxy, session: aiohttp.ClientSession) -> aiohttp.ClientResponse:
    return await session.post(
        f"{proxy.url}/claude/v1/messages",
        data=orjson.dumps(request()),
        headers={"Authorization": f"Bearer {TOKEN}"},
    )


@pytest.mark.parametrize("hang_after", [0, 1, 3])
async def test_a_silent_upstream_does_not_silence_the_proxy(
    tmp_path: Path, hang_after: int
) -> None:
    """Failure 15, on the faithful lane: after the headers, the first event, and some words."""
    async with (
        running_proxy(tmp_path, ping_after=0.05) as proxy,
        aiohttp.ClientSession() as session,
    ):
        proxy.upstream.script = Reply(text="one two three four five six", hang_after=hang_after)
        reply = await start(proxy, session)
        received = b""
        while received.count(PING) < 2:
            received += await reply.content.readany()
        proxy.upstream.calls[0].release.set()
        received += await reply.content.read()
        events = received.replace(PING, b"")
        assert events.count(b"event: message_start") == 1
        assert events.endswith(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')
        assert proxy.last_call().phase is Phase.DONE


async def test_an_error_after_a_ping_is_an_event(tmp_path: Path) -> None:
    async with (
        running_proxy(tmp_path, ping_after=0.05) as proxy,
        aiohttp.ClientSession() as session,
    ):
        proxy.upstream.script = Reply(raw_chunks=[b"<html>a gateway's page</html>"], hang_after=0)
        reply = await start(proxy, session)
        assert reply.status == 200
        assert (await reply.content.readexactly(len(PING))) == PING
        proxy.upstream.calls[0].release.set()
        rest = (await reply.content.read()).replace(PING, b"")
        assert rest.startswith(b"event: error\n")
        assert b"a web page" in rest
        assert proxy.last_call().phase is Phase.FAILED
