"""The reply to the client: whole, or a stream that is committed late and kept alive."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from math import ceil

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.stopping import STOPPED
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.call import Phase

JSON = "application/json"

_MOMENT = 1.0


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


async def fail(
    passage: Passage, error: UpstreamError, phase: Phase = Phase.FAILED
) -> web.StreamResponse:
    """End a call with an error: as it came, or in the client's own shape; in a stream, an event."""
    failure = error.failure
    if not passage.record.tokens.context:
        passage.uses(Usage())
    if passage.stream is not None and passage.stream.committed:
        notice = passage.stream.notice(failure)
        # before it is written: the client may be gone then
        passage.ends(phase, failure.message)
        await passage.stream.end(notice)
        return passage.stream.response
    headers = error.reply.headers if error.reply is not None else error.headers
    out = failure_headers(failure, headers)
    if error.reply is not None:
        reply = whole(passage, error.reply.status, error.reply.body, out)
    else:
        status, body = passage.protocol.write_failure(failure)
        reply = whole_json(passage, status, body, out)
    passage.ends(phase, failure.message)
    return reply


async def stop(passage: Passage) -> web.StreamResponse:
    """End a call that a person has stopped; a client that does not listen is not waited for."""
    request = passage.request
    if not request.content.is_eof():
        asyncio.get_running_loop().call_later(_MOMENT, _leave_unread, request)
    try:
        async with asyncio.timeout(_MOMENT):
            return await fail(passage, UpstreamError(STOPPED), Phase.CANCELLED)
    except (TimeoutError, asyncio.CancelledError) as error:
        # closed in good order, the connection would stay until the client has read it all;
        # aiohttp cancels at once whoever waits for a client again, after a wait was cancelled
        _abort(request)
        if isinstance(error, TimeoutError):
            raise ConnectionAbortedError from None
        raise


def _leave_unread(request: web.Request) -> None:
    if not request.content.is_eof():
        _abort(request)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def failure_headers(failure: Failure, headers: CIMultiDict[str] | None = None) -> CIMultiDict[str]:
    """Give an error's headers: whether to come back, and when."""
    out = headers if headers is not None else CIMultiDict[str]()
    if failure.retry is not None:
        out["x-should-retry"] = "true" if failure.retry else "false"
    if failure.retry_after is not None:
        out["retry-after"] = str(max(1, ceil(failure.retry_after)))
    return out


class ClientStream:
    """A streamed reply. Frames are written whole, by one writer at a time."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._tap = passage.protocol.tap(passage.asked)
        self._headers = CIMultiDict(
            {"Content-Type": self._tap.content_type, "Cache-Control": "no-cache"}
        )
        self.response = web.StreamResponse(headers=self._headers)
        self.committed = False
        """Whether status and headers are out; an error can then only be an event of the stream."""
        self.bound = False
        """Whether anything of the attempt under way is out, so that no other one can follow."""
        self._attempting = False
        self._ended = False
        self._turn = asyncio.Lock()
        self._pings = asyncio.Event()
        self._ping: Callable[[], bytes] = self._tap.ping
        self._broken: Callable[[Failure], bytes] = self._tap.broken
        self._last_write = self._now()

    def attempt(self) -> None:
        """Begin an attempt: silent until its upstream has the request, as it may yet fail."""
        self.let_go()
        self.bound, self._attempting = False, True
        self._pings.clear()

    def hold(self) -> None:
        """Wait without an attempt; the client is told from time to time that it is waited for."""
        self.let_go()
        self.be_patient()

    def let_go(self) -> None:
        """Forget an attempt of which nothing went out."""
        self._attempting = False
        self._ping, self._broken = self._tap.ping, self._tap.broken

    def may_repeat(self) -> bool:
        """Tell whether the attempt's request may be sent anew; if so, no ping comes before it is."""
        if not self.bound:
            self._pings.clear()
        return not self.bound

    def be_patient(self) -> None:
        """Begin to count the silence after which the client gets a ping."""
        self._last_write = self._now()
        self._pings.set()

    def speak(
        self,
        *,
        status: int = 200,
        headers: CIMultiDict[str] | None = None,
        ping: Callable[[], bytes],
        broken: Callable[[Failure], bytes],
    ) -> None:
        """Say how the reply begins, is kept alive, and is broken off."""
        self._ping, self._broken = ping, broken
        if headers is not None and not self.committed:
            self._headers = headers
            self.response = web.StreamResponse(status=status, headers=headers)

    async def write(self, data: bytes) -> None:
        """Send bytes, with status and headers before the first."""
        async with self._turn:
            await self._commit()
            if not data:
                return
            self.bound = True
            if self._passage.record.phase is not Phase.STREAMING:
                self._passage.tell(Phase.STREAMING)
            self._passage.writes()
            self._passage.exchange.client_reply.keep(data)
            await self._send(data)

    def notice(self, failure: Failure) -> bytes:
        """Give, and put on record, what ends the stream with an error, after whatever was sent."""
        notice = self._broken(failure)
        self._passage.exchange.client_reply.keep(notice)
        return notice

    async def end(self, notice: bytes = b"") -> None:
        """Say that nothing more comes, but for the notice of an error."""
        async with self._turn:
            self._ended = True
            if notice:
                await self._send(notice)
            await self.response.write_eof()

    @asynccontextmanager
    async def kept_alive(self) -> AsyncIterator[None]:
        """Write a ping whenever nothing was written for a while."""
        task = spawn(self._keep_alive(self._passage.ping_after), "keep alive")
        try:
            yield
        finally:
            task.cancel()

    async def _keep_alive(self, after: float) -> None:
        with suppress(ConnectionError):
            while not self._ended:
                await self._pings.wait()
                await asyncio.sleep(self._last_write + after - self._now())
                async with self._turn:
                    # whoever had the turn may just have written, or ended the stream
                    if not self._ended and self._is_due(after):
                        await self._write_ping()

    def _is_due(self, after: float) -> bool:
        return self._pings.is_set() and self._now() - self._last_write >= after

    async def _write_ping(self) -> None:
        self._last_write = self._now()
        if data := self._ping():
            self.bound = self.bound or self._attempting
            self._passage.exchange.client_reply.keep(data)
            await self._commit()
            await self._send(data)

    async def _commit(self) -> None:
        if not self.committed:
            self.committed = True
            self._passage.replies(self.response.status, tuple(self._headers.items()))
            await self.response.prepare(self._passage.request)

    async def _send(self, data: bytes) -> None:
        await self.response.write(data)
        self._last_write = self._now()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
