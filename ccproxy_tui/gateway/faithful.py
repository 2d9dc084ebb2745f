"""The faithful lane: client and upstream speak the same protocol, and the reply's bytes pass."""

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import client_reply, headers, json_bytes
from ccproxy_tui.gateway.client_reply import ClientStream
from ccproxy_tui.gateway.delivery import Events, deliver
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.reply_events import reply_events
from ccproxy_tui.gateway.sending import send
from ccproxy_tui.gateway.shape import Shape, beginning, shape_of
from ccproxy_tui.gateway.upstream import Upstream, UpstreamReply
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.tool_names import ToolNames
from ccproxy_tui.traffic.call import Phase

_LARGEST_FRAME = 1024 * 1024
"""Bytes of one frame that are held until it is whole; a larger one is let through in pieces."""

_FRAME_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")


async def relay(passage: Passage, candidate: Candidate, upstream: Upstream) -> web.StreamResponse:
    """Send the call on as it came, but for the model, and relay the reply as it comes.

    Raises `UpstreamError` when there is no reply; an error reply of the upstream is relayed.
    """
    protocol = passage.protocol
    protocol.retarget(passage.body, candidate.model)
    data = json_bytes.write(passage.body)
    passage.forget_body()
    head = headers.to_upstream(passage.request.headers.items())
    async with send(passage, candidate, protocol, upstream, data, head) as reply:
        first = await beginning(reply)
        if reply.status != 200:
            return await _relay_error(passage, reply, first)
        shape = shape_of(first, candidate.provider.name)
        if (shape is Shape.EVENTS) != passage.record.streaming:
            passage.record.notes.append("the reply did not come in the form that was asked for")
            passage.exchange.upstream_reply.chunks.append(first)
            return await deliver(passage, _as_events(passage, reply, first))
        if passage.record.streaming:
            return await _relay_stream(passage, reply, first)
        return await _relay_whole(passage, reply, first)


async def _relay_error(passage: Passage, reply: UpstreamReply, first: bytes) -> web.Response:
    """Give the upstream's error untouched: clients mend their requests by its wording."""
    body = first + await reply.read()
    passage.exchange.upstream_reply.chunks.append(body)
    said = CIMultiDict(reply.headers)
    failure = passage.protocol.read_failure(reply.status, body, said)
    if reply.status < 400:
        raise UpstreamError(
            Failure(502, f"{passage.record.provider} answered {reply.status}: check its base URL")
        )
    response = client_reply.whole(passage, reply.status, body, headers.to_client(reply.headers))
    passage.ends(Phase.FAILED, failure.message)
    return response


async def _relay_whole(passage: Passage, reply: UpstreamReply, first: bytes) -> web.Response:
    body = first + await reply.read()
    passage.exchange.upstream_reply.chunks.append(body)
    try:
        parsed = json_bytes.read(body)
    except ValueError as error:
        failure = Failure(502, f"{passage.record.provider} sent broken JSON ({error})")
        raise UpstreamError(failure) from error
    response = client_reply.whole(passage, reply.status, body, headers.to_client(reply.headers))
    seen = passage.protocol.tap_reply(parsed)
    passage.uses(seen.usage)
    passage.record.stop_reason = seen.stop_reason
    passage.ends(Phase.DONE)
    return response


async def _relay_stream(passage: Passage, reply: UpstreamReply, first: bytes) -> web.StreamResponse:
    """Relay frames as they are completed, so that a client never sees half of one."""
    client = ClientStream(passage, reply.status, headers.to_client(reply.headers))
    tap = passage.protocol.tap()
    kept = passage.exchange.upstream_reply.chunks
    passage.exchange.client_reply.chunks = kept
    data, held, error = first, b"", ""
    while data:
        kept.append(data)
        tap.feed(data)
        ready, held = _whole_frames(held + data if held else data)
        if ready:
            await client.write(ready)
        if tap.state.finished or tap.state.error:
            break
        try:
            data = await reply.more()
        except UpstreamError as broken:
            error, data = broken.failure.message, b""
    if not (tap.state.finished or tap.state.error):
        error = error or f"{passage.record.provider} ended the stream in the middle of its reply"
        held = passage.protocol.write_failure_event(Failure(502, error))
        passage.exchange.client_reply.chunks = [*kept, held]
    if held:
        await client.write(held)
    passage.uses(tap.state.usage)
    passage.record.stop_reason = tap.state.stop_reason
    error = tap.state.error or error
    passage.ends(Phase.FAILED if error else Phase.DONE, error)
    await client.end()
    await reply.settle()
    return client.response


def _whole_frames(data: bytes) -> tuple[bytes, bytes]:
    """Split off the end of the data that is not a whole frame yet."""
    if data.endswith(_FRAME_ENDS):
        return data, b""
    end = max(at + len(mark) if (at := data.rfind(mark)) >= 0 else 0 for mark in _FRAME_ENDS)
    if end == 0 and len(data) > _LARGEST_FRAME:
        return data, b""
    return data[:end], data[end:]


async def _as_events(passage: Passage, reply: UpstreamReply, first: bytes) -> Events:
    async for some in reply_events(passage, reply, passage.protocol, ToolNames(), first):
        yield some
