"""The reply to the client: whole, or a stream that is committed late and kept alive."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.call import Phase

JSON = "application/json"


def whole(
    passage: Passage, status: int, body: bytes, headers: CIMultiDict[str] | None = None
) -> web.Response:
    """Give a reply in one piece."""
    out = headers if headers is not None else CIMultiDict[str]()
    out.setdefault("Content-Type", JSON)
    passage.replies(status, tuple(out.items()))
    passage.exchange.client_reply.chunks = [body]
    if status < 400:
        passage.writes()
    return web.Response(status=status, body=body, headers=out)


def whole_json(
    passage: Passage, status: int, body: JsonObject, headers: CIMultiDict[str] | None = None
) -> web.Response:
    """Give a JSON reply in one piece."""
    return whole(passage, status, json_bytes.write(body), headers)


def failed(
    passage: Passage, failure: Failure, headers: CIMultiDict[str] | None = None
) -> web.Response:
    """Give an error in the client's own shape."""
    status, body = passage.protocol.write_failure(failure)
    out = headers if headers is not None else CIMultiDict[str]()
    if failure.retry is not None:
        out["x-should-retry"] = "true" if failure.retry else "false"
    return whole_json(passage, status, body, out)


class ClientStream:
    """A streamed reply. Frames are written whole, by one writer at a time."""

    def __init__(self, passage: Passage, status: int, headers: CIMultiDict[str]) -> None:
        self._passage = passage
        self._headers = headers
        self.response = web.StreamResponse(status=status, headers=headers)
        self.committed = False
        self._ended = False
        self._turn = asyncio.Lock()
        self._last_write = asyncio.get_running_loop().time()

    async def write(self, data: bytes) -> None:
        """Send bytes, with status and headers before the first."""
        async with self._turn:
            await self._commit()
            if not data:
                return
            if self._passage.record.phase is not Phase.STREAMING:
                self._passage.tell(Phase.STREAMING)
            self._passage.writes()
            await self._send(data)

    async def end(self) -> None:
        """Say that nothing more comes."""
        async with self._turn:
            self._ended = True
            await self.response.write_eof()

    @asynccontextmanager
    async def kept_alive(self, ping: Callable[[], bytes]) -> AsyncIterator[None]:
        """Write a ping whenever nothing was written for a while."""
        task = spawn(self._ping(ping, self._passage.ping_after), "keep alive")
        try:
            yield
        finally:
            task.cancel()

    async def _ping(self, ping: Callable[[], bytes], after: float) -> None:
        loop = asyncio.get_running_loop()
        with suppress(ConnectionError):
            while not self._ended:
                await asyncio.sleep(self._last_write + after - loop.time())
                async with self._turn:
                    # whoever had the turn may just have written, or ended the stream
                    if not self._ended and loop.time() - self._last_write >= after:
                        self._last_write = loop.time()
                        if data := ping():
                            self._passage.exchange.client_reply.keep(data)
                            await self._commit()
                            await self._send(data)

    async def _commit(self) -> None:
        """Send status and headers; from now on an error can only be an event of the stream."""
        if not self.committed:
            self.committed = True
            self._passage.replies(self.response.status, tuple(self._headers.items()))
            await self.response.prepare(self._passage.request)

    async def _send(self, data: bytes) -> None:
        await self.response.write(data)
        self._last_write = asyncio.get_running_loop().time()
