"""A ping that comes due while something is being written to the client."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web

from ccproxy_tui.gateway.client_reply import ClientStream
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.protocols.base import Asked
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.call import Call, Exchange, Phase


class SlowResponse:
    """Takes its time at one step, until the ping waits for its turn."""

    status = 200

    def __init__(self, slow: str) -> None:
        self.slow = slow
        self.log: list[str] = []
        self.turn: Any = None

    async def take(self, what: str) -> None:
        while what == self.slow and not self.turn._waiters:
            await asyncio.sleep(0)
        self.log.append(what)

    async def prepare(self, _request: web.Request) -> None:
        await self.take("HEAD")

    async def write(self, data: bytes) -> None:
        await self.take(data.decode())

    async def write_eof(self) -> None:
        await self.take("EOF")


@pytest.mark.parametrize("slow", ["HEAD", "FIRST", "LAST", "EOF"])
async def test_it_is_not_written_after_all(slow: str) -> None:
    passage = SimpleNamespace(
        replies=lambda *_: None,
        writes=lambda: None,
        tell=lambda *_: None,
        request=None,
        record=Call(1, 0.0, phase=Phase.STREAMING),
        exchange=Exchange(),
        ping_after=0.02,
        protocol=PROTOCOLS["claude"],
        asked=Asked(stream=True),
    )
    stream = ClientStream(cast("Passage", passage))
    stream.attempt()
    stream.speak(ping=lambda: b"PING", broken=lambda _: b"")
    stream.be_patient()
    response = stream.response = cast("Any", SlowResponse(slow))
    response.turn = stream._turn
    async with stream.kept_alive():
        await asyncio.sleep(0)
        await stream.write(b"FIRST")
        await stream.write(b"LAST")
        await stream.end()
        for _ in range(5):  # whoever waits for a turn has it now
            await asyncio.sleep(0)
    assert response.log == ["HEAD", "FIRST", "LAST", "EOF"]
    assert passage.exchange.client_reply.body == b"FIRSTLAST"
