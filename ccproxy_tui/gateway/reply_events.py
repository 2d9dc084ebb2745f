"""An upstream's reply as hub events, whether it streams, comes whole, or was asked for otherwise."""

from collections.abc import AsyncIterator

from ccproxy_tui.gateway import json_bytes
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.shape import Shape, shape_of
from ccproxy_tui.gateway.upstream import UpstreamReply
from ccproxy_tui.protocols.base import Failure, ProtocolModule
from ccproxy_tui.protocols.hub import Event, ReplyError, ReplyStop
from ccproxy_tui.protocols.tool_names import ToolNames


async def reply_events(
    passage: Passage, reply: UpstreamReply, speaker: ProtocolModule, names: ToolNames, first: bytes
) -> AsyncIterator[list[Event]]:
    """Give the events as they come, a list for each read; `first` has been read already.

    The last event is a `ReplyStop` or a `ReplyError`; raises `UpstreamError` when there is none.
    """
    kept = passage.exchange.upstream_reply.chunks
    if shape_of(first, passage.record.provider) is Shape.JSON:
        rest = await reply.read()
        kept.append(rest)
        yield _read_whole(passage, speaker, names, first + rest)
        return
    decoder = speaker.decoder(names)
    data = first
    while data:
        if events := decoder.feed(data):
            yield events
            if isinstance(events[-1], ReplyStop | ReplyError):
                await reply.settle()
                return
        try:
            data = await reply.more()
        except UpstreamError as error:
            yield [ReplyError(error.failure.status, error.failure.message)]
            return
        kept.append(data)
    if events := decoder.end():
        yield events


def _read_whole(
    passage: Passage, speaker: ProtocolModule, names: ToolNames, data: bytes
) -> list[Event]:
    try:
        body = json_bytes.read(data)
    except ValueError as error:
        raise UpstreamError(
            Failure(502, f"{passage.record.provider} sent broken JSON ({error})")
        ) from error
    return speaker.read_reply(body, names)
