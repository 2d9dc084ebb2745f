"""The faithful lane: client and upstream speak the same protocol, and the reply's bytes pass."""

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import client_reply, headers
from ccproxy_tui.gateway.client_reply import ClientStream
from ccproxy_tui.gateway.delivery import Events, deliver
from ccproxy_tui.gateway.errors import ErrorReply, UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.redaction import redact, redact_bytes, redact_kept
from ccproxy_tui.gateway.reply_events import characters, read_object, reply_events
from ccproxy_tui.gateway.sending import send
from ccproxy_tui.gateway.shape import Shape, beginning, shape_of
from ccproxy_tui.gateway.upstream import Upstream, UpstreamReply
from ccproxy_tui.protocols.base import Failure, Operation, ProtocolModule, Tap
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW
from ccproxy_tui.protocols.hub import Event, ReplyError
from ccproxy_tui.protocols.profiles import drop_fields
from ccproxy_tui.protocols.sse import FrameTooLongError
from ccproxy_tui.protocols.tool_names import ToolNames
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Phase

_OTHER_FORM = "the reply did not come in the form that was asked for"


async def relay(passage: Passage, candidate: Candidate, upstream: Upstream) -> web.StreamResponse:
    """Send the call on as it came, but for the model, and relay the reply as it comes.

    Where the profile wants it, or where it has another form than was asked for, it is written anew.
    Raises `UpstreamError` as long as nothing of a good reply has come.
    """
    protocol, profile = passage.protocol, passage.profile
    request = dict(passage.body)
    protocol.retarget(request, candidate.model)
    passage.record.notes += drop_fields(request, profile)
    data = json_bytes.write(request)
    del request
    head = headers.to_upstream(passage.request.headers.items())
    operation, stream = passage.asked.operation, passage.stream
    async with send(passage, candidate, protocol, upstream, data, head, operation) as reply:
        if reply.status != 200:
            raise await _error_of(passage, candidate, reply)
        if operation is Operation.GENERATE and profile.rewrite:
            return await _rewrite(passage, candidate, reply, await beginning(reply))
        if stream is not None:
            return await _relay_stream(passage, candidate, reply, stream)
        return await _relay_whole(passage, candidate, reply)


async def _error_of(passage: Passage, candidate: Candidate, reply: UpstreamReply) -> UpstreamError:
    """Read the upstream's error, kept untouched: clients mend their requests by its wording.

    But a prompt that is too long for a server that is not the vendor's own is said as the vendor
    does; agents know it by that alone.
    """
    body = redact_bytes(await reply.read(), candidate)
    passage.exchange.upstream_reply.keep(body)
    failure = passage.protocol.read_failure(reply.status, body, CIMultiDict(reply.headers))
    if failure.kind == CONTEXT_OVERFLOW and not _is_vendors_own(passage.protocol, failure, body):
        return UpstreamError(failure, headers.of_any_reply(reply.headers))
    head = headers.to_client(reply.headers)
    if reply.status == 401:
        head["x-should-retry"] = "false"
    untouched = ErrorReply(reply.status, head, body)
    return UpstreamError(failure, headers.of_any_reply(reply.headers), reply=untouched)


def _is_vendors_own(protocol: ProtocolModule, failure: Failure, body: bytes) -> bool:
    """Whether an error has the code or the words that the vendor has for it."""
    _, own = protocol.write_failure(failure)
    error = own["error"]
    marks = (error.get("code"), error.get("message")) if isinstance(error, dict) else (error,)
    return any(isinstance(mark, str) and json_bytes.write(mark) in body for mark in marks)


async def _relay_whole(
    passage: Passage, candidate: Candidate, reply: UpstreamReply
) -> web.StreamResponse:
    first = await beginning(reply)
    name, framing = candidate.provider.name, passage.protocol.framing
    if shape_of(first, name, framing, streaming=False) is not Shape.JSON:
        return await _reshape(passage, candidate, reply, first)
    body = first + await reply.read()
    try:
        content = read_object(body, name)
    except UpstreamError:
        if framing == "sse":
            passage.exchange.upstream_reply.keep(body)
            raise
        # the first line of a stream begins as a whole reply does
        return await _reshape(passage, candidate, reply, body)
    passage.exchange.upstream_reply.keep(body)
    seen = passage.protocol.tap_reply(content)
    if seen.error:
        said = passage.protocol.read_reply(content)
        raise UpstreamError(_failure_in(said, seen.error, candidate))
    head = headers.to_client(reply.headers)
    if not head.get("Content-Type", "").startswith(client_reply.JSON):
        head["Content-Type"] = client_reply.JSON
    response = client_reply.whole(passage, reply.status, body, head)
    if seen.usage.output is None:
        passage.says(characters(passage.protocol.read_reply(content)))
    passage.calls(seen.tools)
    passage.uses(seen.usage)
    passage.record.stop_reason = seen.stop_reason
    passage.ends(Phase.DONE)
    return response


async def _relay_stream(
    passage: Passage, candidate: Candidate, reply: UpstreamReply, client: ClientStream
) -> web.StreamResponse:
    relayed = _RelayedStream(passage, candidate, reply, client)
    first = await beginning(reply)
    name, framing = candidate.provider.name, passage.protocol.framing
    if shape_of(first, name, framing, streaming=True) is not Shape.EVENTS:
        return await _reshape(passage, candidate, reply, first)
    return await relayed.relay(first)


class _RelayedStream:
    """A stream that passes by, frame for frame, so that a client never sees half of one.

    Frames that only announce a reply are held, so that an error after them can have its own status
    and another candidate can be tried; a ping lets them go.
    """

    def __init__(
        self, passage: Passage, candidate: Candidate, reply: UpstreamReply, client: ClientStream
    ) -> None:
        self._passage = passage
        self._candidate = candidate
        self._reply = reply
        self._client = client
        self._tap: Tap = passage.protocol.tap(passage.asked)
        self._held = b""
        head = headers.to_client(reply.headers)
        if not head.get("Content-Type", "").startswith(self._tap.content_type):
            head["Content-Type"] = self._tap.content_type
        client.speak(status=reply.status, headers=head, ping=self._ping, broken=self._broken)

    async def relay(self, first: bytes) -> web.StreamResponse:
        """Relay it to its end; raises `UpstreamError` as long as nothing of it went out."""
        passage = self._passage
        try:
            broken = await self._relay_frames(first)
        except UpstreamError:
            raise
        except BaseException:
            self._account()
            raise
        self._account()
        passage.broke = broken
        passage.ends(Phase.FAILED if broken else Phase.DONE, str(broken or ""))
        await self._client.end()
        await self._reply.settle()
        return self._client.response

    async def _relay_frames(self, data: bytes) -> UpstreamError | None:
        """Relay frames as they are completed; give what broke when the reply did not finish."""
        passage, tap, kept = self._passage, self._tap, self._passage.exchange.upstream_reply
        cut: UpstreamError | None = None
        rest: bytes | None = None
        while data and not self._is_over:
            kept.keep(data)
            try:
                ready = tap.feed(data)
            except FrameTooLongError as error:
                cut = UpstreamError(Failure(502, f"{self._candidate.provider.name}: {error}"))
                rest = b""
                break
            if ready:
                passage.says(tap.characters)
                passage.calls(tap.state.tools)
                await self._pass_on(ready)
            if not self._is_over:
                try:
                    data = await self._reply.more()
                except UpstreamError as error:
                    data, cut = b"", error
        if rest is None:
            rest = tap.end()
        if not tap.state.error and (tap.state.finished or (tap.state.stop_reason and not cut)):
            await self._client.write(self._held + rest)
            return None
        redact_kept(kept, self._candidate)
        broken = self._what_broke(cut)
        if not self._client.bound:
            raise broken
        notice = redact_bytes(rest, self._candidate)
        if not tap.state.error:
            notice = tap.frame_end() + tap.broken(broken.failure)
        await self._client.write(notice)
        return broken

    async def _pass_on(self, ready: bytes) -> None:
        state = self._tap.state
        self._held += redact_bytes(ready, self._candidate) if state.error else ready
        if self._client.bound or self._tap.begun:
            ready, self._held = self._held, b""
            await self._client.write(ready)

    def _what_broke(self, cut: UpstreamError | None) -> UpstreamError:
        if self._tap.state.error:
            return UpstreamError(self._error_event())
        if cut is None:
            said = f"{self._candidate.provider.name} ended the stream in the middle of its reply"
            return UpstreamError(Failure(502, said), outcome=Outcome.TRANSPORT)
        said = redact(cut.failure.message, self._candidate)
        return UpstreamError(Failure(cut.failure.status, said), outcome=cut.outcome)

    def _error_event(self) -> Failure:
        """Read the error event in full, by the protocol's own decoder."""
        decoder = self._passage.protocol.decoder()
        body = self._passage.exchange.upstream_reply.body
        said = decoder.feed(body) + decoder.end()
        return _failure_in(said, self._tap.state.error, self._candidate)

    @property
    def _is_over(self) -> bool:
        return self._tap.state.finished or bool(self._tap.state.error)

    def _ping(self) -> bytes:
        if ping := self._tap.ping():
            ping, self._held = self._held + ping, b""
        return ping

    def _broken(self, failure: Failure) -> bytes:
        return self._held + self._tap.frame_end() + self._tap.broken(failure)

    def _account(self) -> None:
        """Note the tokens; what the upstream did not say is counted from what was kept of it."""
        passage, seen, said = self._passage, self._tap.state, self._tap.characters
        if seen.usage.output is None:
            decoder = passage.protocol.decoder()
            body = passage.exchange.upstream_reply.body
            said = characters(decoder.feed(body) + decoder.end()) or said
        passage.says(said)
        passage.calls(seen.tools)
        passage.uses(seen.usage, complete=seen.finished or bool(seen.stop_reason))
        passage.record.stop_reason = seen.stop_reason


def _failure_in(events: list[Event], words: str, candidate: Candidate) -> Failure:
    """Give the error that a reply ends with; `words` are the tap's, who knows no more of it."""
    match events[-1:]:
        case [ReplyError(status, message, kind)]:
            return Failure(status, redact(message, candidate), kind)
    return Failure(502, redact(words, candidate))


async def _reshape(
    passage: Passage, candidate: Candidate, reply: UpstreamReply, first: bytes
) -> web.StreamResponse:
    if passage.asked.operation is not Operation.GENERATE:
        raise UpstreamError(Failure(502, f"{candidate.provider.name}: {_OTHER_FORM}"))
    passage.record.notes.append(_OTHER_FORM)
    return await _rewrite(passage, candidate, reply, first)


async def _rewrite(
    passage: Passage, candidate: Candidate, reply: UpstreamReply, first: bytes
) -> web.StreamResponse:
    """Read the reply and write it anew, as the converted lane does."""
    passage.exchange.upstream_reply.keep(first)
    return await deliver(passage, _as_events(passage, candidate, reply, first))


async def _as_events(
    passage: Passage, candidate: Candidate, reply: UpstreamReply, first: bytes
) -> Events:
    names = ToolNames()
    async for some in reply_events(passage, candidate, reply, passage.protocol, names, first):
        yield some
