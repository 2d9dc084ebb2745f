"""Hub events to the client: as its protocol's stream, or as one reply."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui.gateway import client_reply
from ccproxy_tui.gateway.client_reply import ClientStream
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.reply_events import characters, tools_called
from ccproxy_tui.protocols import tokens
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.hub import (
    Event,
    ReplyError,
    ReplyStart,
    ReplyStop,
    Usage,
)
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Phase

_TIMED_OUT = 504

Events = AsyncGenerator[list[Event], None]


async def deliver(passage: Passage, events: Events) -> web.StreamResponse:
    """Send the events on as the client asked for them.

    Raises `UpstreamError` as long as nothing was sent, so that the error has its own status.
    """
    if passage.stream is not None:
        return await _Stream(passage, passage.stream).deliver(events)
    async with aclosing(events):
        collected = [event async for some in events for event in some]
    if isinstance(last := collected[-1], ReplyError):
        raise _as_upstream_error(last)
    estimate = tokens.quick_estimate(passage.size)
    passage.says(characters(collected))
    passage.calls(tools_called(collected))
    body = passage.protocol.write_reply(collected, passage.asked, estimate)
    reply = client_reply.whole_json(passage, 200, body)
    _ends(passage, last)
    return reply


class _Stream:
    def __init__(self, passage: Passage, client: ClientStream) -> None:
        self._passage = passage
        self._encoder = passage.protocol.encoder(passage.asked, tokens.quick_estimate(passage.size))
        self._characters = 0
        head = CIMultiDict(
            {"Content-Type": self._encoder.content_type, "Cache-Control": "no-cache"}
        )
        self._client = client
        self._client.speak(headers=head, ping=self._ping, broken=self._broken)
        self._announced = False

    async def deliver(self, events: Events) -> web.StreamResponse:
        """Commit with the first event that is good, or with the first ping; then send it all."""
        async with aclosing(events):
            async for some in _from_first_good(events):
                await self._write(some)
        return self._client.response

    async def _write(self, events: list[Event]) -> None:
        if isinstance(events[0], ReplyStart):
            if self._announced:
                events = events[1:]
            self._announced = True
        self._characters += characters(events)
        self._passage.says(self._characters)
        self._passage.calls(tools_called(events))
        if data := self._encoder.encode(events):
            await self._client.write(data)
        if isinstance(last := events[-1], ReplyStop | ReplyError):
            _ends(self._passage, last)
            await self._client.end()

    def _ping(self) -> bytes:
        if self._announced:
            return self._encoder.ping()
        self._announced = True
        return self._encoder.encode([ReplyStart()]) + self._encoder.ping()

    def _broken(self, failure: Failure) -> bytes:
        return self._encoder.encode([ReplyError(failure.status, failure.message, failure.kind)])


async def _from_first_good(events: Events) -> AsyncIterator[list[Event]]:
    """Hold back what only announces a reply; raise an error that comes instead of one."""
    held: list[Event] = []
    async for some in events:
        held += some
        if held and isinstance(held[-1], ReplyError) and _only_announced(held[:-1]):
            raise _as_upstream_error(held[-1])
        if not _only_announced(held):
            yield held
            break
    async for some in events:
        yield some


def _only_announced(events: list[Event]) -> bool:
    return all(isinstance(event, ReplyStart) for event in events)


def _as_upstream_error(error: ReplyError) -> UpstreamError:
    outcome = None
    if error.cut:
        outcome = Outcome.TIMEOUT if error.status == _TIMED_OUT else Outcome.TRANSPORT
    return UpstreamError(Failure(error.status, error.message, error.kind), outcome=outcome)


def _ends(passage: Passage, last: Event) -> None:
    match last:
        case ReplyStop():
            passage.uses(last.usage)
            passage.record.stop_reason = last.reason
            passage.ends(Phase.DONE)
        case ReplyError():
            passage.broke = _as_upstream_error(last)
            passage.uses(Usage())
            passage.ends(Phase.FAILED, last.message)
        case _:
            passage.ends(Phase.FAILED, "the reply had no end")
