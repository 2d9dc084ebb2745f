"""The faithful lane: client and upstream speak the same protocol, and the reply's bytes pass."""

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import client_reply, headers
from ccproxy_tui.gateway.client_reply import ClientStream
from ccproxy_tui.gateway.delivery import Events, deliver
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.profiles import profile_of
from ccproxy_tui.gateway.redaction import redact, redact_bytes, redact_kept
from ccproxy_tui.gateway.reply_events import characters, read_object, reply_events
from ccproxy_tui.gateway.sending import send
from ccproxy_tui.gateway.shape import Shape, beginning, shape_of
from ccproxy_tui.gateway.upstream import Upstream, UpstreamReply
from ccproxy_tui.protocols.base import Failure, Operation, ProtocolModule, Tap
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW
from ccproxy_tui.protocols.hub import Usage
from ccproxy_tui.protocols.tool_names import ToolNames
from ccproxy_tui.traffic.call import Phase

_OTHER_FORM = "the reply did not come in the form that was asked for"


async def relay(passage: Passage, candidate: Candidate, upstream: Upstream) -> web.StreamResponse:
    """Send the call on as it came, but for the model, and relay the reply as it comes.

    Where the profile wants it, or where it has another form than was asked for, it is written anew.
    Raises `UpstreamError` when there is no reply; an error reply of the upstream is relayed.
    """
    protocol = passage.protocol
    protocol.retarget(passage.body, candidate.model)
    data = json_bytes.write(passage.body)
    passage.forget_body()
    head = headers.to_upstream(passage.request.headers.items())
    operation, streaming = passage.asked.operation, passage.asked.stream
    async with send(passage, candidate, protocol, upstream, data, head, operation) as reply:
        if reply.status != 200:
            return await _relay_error(passage, candidate, reply)
        if operation is Operation.GENERATE and profile_of(candidate).rewrite:
            return await _rewrite(passage, candidate, reply, await beginning(reply))
        if streaming:
            return await _relay_stream(passage, candidate, reply)
        return await _relay_whole(passage, candidate, reply)


async def _relay_error(
    passage: Passage, candidate: Candidate, reply: UpstreamReply
) -> web.Response:
    """Give the upstream's error untouched: clients mend their requests by its wording.

    But a prompt that is too long for a server that is not the vendor's own is said as the vendor
    does, which is raised as an `UpstreamError`; agents know it by that alone.
    """
    body = redact_bytes(await reply.read(), candidate)
    passage.exchange.upstream_reply.keep(body)
    said = CIMultiDict(reply.headers)
    failure = passage.protocol.read_failure(reply.status, body, said)
    if failure.kind == CONTEXT_OVERFLOW and not _is_vendors_own(passage.protocol, failure, body):
        raise UpstreamError(failure, headers.of_any_reply(reply.headers))
    head = headers.to_client(reply.headers)
    if reply.status == 401:
        head["x-should-retry"] = "false"
    response = client_reply.whole(passage, reply.status, body, head)
    passage.ends(Phase.FAILED, failure.message)
    return response


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
        raise UpstreamError(Failure(502, seen.error))
    response = client_reply.whole(passage, reply.status, body, headers.to_client(reply.headers))
    if seen.usage.output is None:
        passage.says(characters(passage.protocol.read_reply(content)))
    passage.uses(seen.usage)
    passage.record.stop_reason = seen.stop_reason
    passage.ends(Phase.DONE)
    return response


async def _relay_stream(
    passage: Passage, candidate: Candidate, reply: UpstreamReply
) -> web.StreamResponse:
    head = headers.to_client(reply.headers)
    tap = passage.protocol.tap(passage.asked)
    if not head.get("Content-Type", "").startswith(tap.content_type):
        head["Content-Type"] = tap.content_type
    client = ClientStream(passage, reply.status, head)
    name, framing = candidate.provider.name, passage.protocol.framing
    async with client.kept_alive(tap.ping):
        try:
            first = await beginning(reply)
            shape = shape_of(first, name, framing, streaming=True)
            if shape is Shape.EVENTS:
                return await _pass_on(passage, candidate, reply, first, client, tap)
        except UpstreamError as error:
            if not client.committed:
                raise
            return await _break_off(passage, candidate, client, tap, error.failure.message)
    if client.committed:
        return await _break_off(passage, candidate, client, tap, f"{name}: {_OTHER_FORM}")
    return await _reshape(passage, candidate, reply, first)


async def _pass_on(
    passage: Passage,
    candidate: Candidate,
    reply: UpstreamReply,
    first: bytes,
    client: ClientStream,
    tap: Tap,
) -> web.StreamResponse:
    try:
        error = await _relay_frames(passage, candidate, reply, first, client, tap)
    finally:
        seen = tap.state
        _estimate(passage, tap)
        passage.uses(seen.usage, complete=seen.finished or bool(seen.stop_reason))
        passage.record.stop_reason = seen.stop_reason
    passage.ends(Phase.FAILED if error else Phase.DONE, error)
    await client.end()
    await reply.settle()
    return client.response


def _estimate(passage: Passage, tap: Tap) -> None:
    """Count what was written where the upstream did not say, from what was kept of its reply."""
    said = tap.characters
    if tap.state.usage.output is None:
        decoder = passage.protocol.decoder()
        body = passage.exchange.upstream_reply.body
        said = characters(decoder.feed(body) + decoder.end()) or said
    passage.says(said)


async def _break_off(
    passage: Passage, candidate: Candidate, client: ClientStream, tap: Tap, said: str
) -> web.StreamResponse:
    """End a stream that has been committed and never began."""
    said = redact(said, candidate)
    notice = tap.broken(Failure(502, said))
    passage.exchange.client_reply.keep(notice)
    await client.write(notice)
    passage.uses(Usage())
    passage.ends(Phase.FAILED, said)
    await client.end()
    return client.response


async def _relay_frames(
    passage: Passage,
    candidate: Candidate,
    reply: UpstreamReply,
    first: bytes,
    client: ClientStream,
    tap: Tap,
) -> str:
    """Relay frames as they are completed, so that a client never sees half of one.

    Gives the upstream's error, or what broke when it did not finish, which the client is told.
    """
    kept = passage.exchange.upstream_reply
    passage.exchange.client_reply.chunks = kept.chunks
    data, broken = first, ""
    while data and not _is_over(tap):
        kept.keep(data)
        if ready := tap.feed(data):
            passage.says(tap.characters)
            await client.write(redact_bytes(ready, candidate) if tap.state.error else ready)
        if not _is_over(tap):
            try:
                data = await reply.more()
            except UpstreamError as error:
                data, broken = b"", error.failure.message
    rest = tap.end()
    if not tap.state.error and (tap.state.finished or (tap.state.stop_reason and not broken)):
        await client.write(rest)
        return ""
    redact_kept(kept, candidate)
    if tap.state.error:
        broken, notice = redact(tap.state.error, candidate), redact_bytes(rest, candidate)
    else:
        name = candidate.provider.name
        broken = redact(broken or f"{name} ended the stream in the middle of its reply", candidate)
        notice = tap.broken(Failure(502, broken))
    passage.exchange.client_reply.chunks = [*kept.chunks, notice]
    await client.write(notice)
    return broken


def _is_over(tap: Tap) -> bool:
    return tap.state.finished or bool(tap.state.error)


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
