"""Calls that run, and how a person stops one: wherever it is, it ends, and its client is told."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from ccproxy_tui import json_bytes
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.protocols.base import BadRequestError, Failure, ProtocolModule
from ccproxy_tui.protocols.failures import CANCELLED
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.traffic.call import Call

_SAID: Final = "this call was cancelled by a person in ccproxy"
STOPPED: Final = Failure(400, _SAID, CANCELLED, retry=False)
"""With this status no client tries again, headers or not; Codex goes by it in streams as well."""
_BEGUN: Final = 200
_NOT_REPEATED: Final = 5.0
"""Seconds; clients that repeat a broken stream by themselves do so in less than one."""


class StoppedError(Exception):
    """A person has stopped the call."""


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """A call under way."""

    record: Call
    task: asyncio.Task[object]
    _stop: asyncio.Timeout

    def stop(self) -> bool:
        """Stop it where it waits next; False if it has ended already."""
        if not self.record.live:
            return False
        if not self._stop.expired():
            self._stop.reschedule(asyncio.get_running_loop().time())
        return True


@asynccontextmanager
async def stoppable(record: Call) -> AsyncIterator[Running]:
    """Let a person stop the call that the current task leads, which then raises `StoppedError`.

    A time-out without a time does it: it tells its own cancelling from that of a client that goes
    away at the same moment, which wins.
    """
    task = asyncio.current_task()
    assert task is not None
    stop = asyncio.timeout(None)
    try:
        async with stop:
            yield Running(record, task, stop)
    except TimeoutError:
        if stop.expired():
            raise StoppedError from None
        raise


class Stopped:
    """Those that were stopped a moment ago.

    A client whose stream breaks off may repeat its request at once without streaming, as Claude
    Code does, and the call would go on after all.
    """

    def __init__(self) -> None:
        self._calls: deque[tuple[float, Call, bytes]] = deque()

    def add(self, call: Call) -> None:
        """Note a call that a person has stopped, if its client was getting a stream.

        One that a person had sent as well has no client that could repeat it.
        """
        begun = call.session and call.streaming and call.status == _BEGUN
        if begun and call.replay_of is None and call.exchange is not None:
            body = call.exchange.client_request.body
            loop = asyncio.get_running_loop()
            self._calls.append((loop.time() + _NOT_REPEATED, call, body))
            loop.call_later(_NOT_REPEATED, self._calls.popleft)

    def refuse(self, call: Call, protocol: ProtocolModule, body: JsonObject) -> None:
        """Refuse a call that says what one of them has said; raises `RefusedError`."""
        for until, stopped, said in self._calls:
            if _whose(stopped) == _whose(call) and _said_again(protocol, body, said):
                wait = max(1, math.ceil(until - asyncio.get_running_loop().time()))
                message = f"{_SAID} (#{stopped.id}); it can be sent again in {wait} s"
                raise RefusedError(400, message, CANCELLED, retry=False)


def _whose(call: Call) -> tuple[str, ...]:
    return call.protocol, call.operation, call.key, call.session, call.agent


def _said_again(protocol: ProtocolModule, body: JsonObject, before: bytes) -> bool:
    """Whether a request's conversation is that of one that was good, whatever else it asks for."""
    try:
        turns = protocol.read_request(body).turns
        return turns == protocol.read_request(json_bytes.read(before)).turns
    except BadRequestError:
        return False
