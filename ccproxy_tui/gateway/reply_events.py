"""An upstream's reply as hub events, whether it streams, comes whole, or was asked for otherwise."""

from collections.abc import AsyncIterator
from dataclasses import replace

from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.redaction import redact, redact_kept
from ccproxy_tui.gateway.shape import Shape, shape_of
from ccproxy_tui.gateway.upstream import UpstreamReply
from ccproxy_tui.protocols.base import Failure, ProtocolModule
from ccproxy_tui.protocols.decoding import JsonReader
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    Event,
    JsonObject,
    ReplyError,
    ReplyStop,
    TextDelta,
    ThinkingDelta,
)
from ccproxy_tui.protocols.tool_names import ToolNames


async def reply_events(
    passage: Passage,
    candidate: Candidate,
    reply: UpstreamReply,
    speaker: ProtocolModule,
    names: ToolNames,
    first: bytes,
) -> AsyncIterator[list[Event]]:
    """Give the events as they come, a list for each read; `first` has been read already.

    The last event is a `ReplyStop` or a `ReplyError`; raises `UpstreamError` when there is none.
    The API key is taken out of an error, and then out of the record as well.
    """
    async for events in _read(passage, reply, speaker, names, first):
        if isinstance(last := events[-1], ReplyError):
            redact_kept(passage.exchange.upstream_reply, candidate)
            events[-1] = replace(last, message=redact(last.message, candidate))
        yield events


async def _read(
    passage: Passage, reply: UpstreamReply, speaker: ProtocolModule, names: ToolNames, first: bytes
) -> AsyncIterator[list[Event]]:
    kept = passage.exchange.upstream_reply
    name, streaming = passage.record.provider, passage.asked.stream
    if shape_of(first, name, speaker.framing, streaming=streaming) is Shape.JSON:
        rest = await reply.read()
        kept.keep(rest)
        try:
            body = read_object(first + rest, name)
        except UpstreamError:
            if speaker.framing == "sse":
                raise
            decoder = speaker.decoder(names)
            yield decoder.feed(first + rest) + decoder.end()
            return
        yield speaker.read_reply(body, names)
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
            yield _broken_off(decoder.end(), error)
            return
        kept.keep(data)
    if events := decoder.end():
        yield events


def _broken_off(last: list[Event], error: UpstreamError) -> list[Event]:
    """Give the end of a stream that broke, which is none when the reply was complete before."""
    if last and isinstance(last[-1], ReplyStop):
        return last
    return [ReplyError(error.failure.status, error.failure.message, cut=True)]


def read_object(data: bytes, name: str) -> JsonObject:
    """Parse a whole reply of the upstream `name`, halves of emojis mended; raises `UpstreamError`."""
    try:
        body = JsonReader().read(data)
    except (ValueError, RecursionError) as error:
        raise UpstreamError(Failure(502, f"{name} sent broken JSON ({error})")) from error
    if not isinstance(body, dict):
        raise UpstreamError(Failure(502, f"{name} sent JSON that is not a reply"))
    return body


def characters(events: list[Event]) -> int:
    """Count the characters that the model has written."""
    said = 0
    for event in events:
        if isinstance(event, (TextDelta, ThinkingDelta)):  # a union would be built each time
            said += len(event.text)
        elif isinstance(event, ArgumentsDelta):
            said += len(event.json)
    return said


def tools_called(events: list[Event]) -> list[str]:
    """Give the names of the tools that the model calls, each once."""
    starts = [event for event in events if isinstance(event, BlockStart)]
    return list(dict.fromkeys(one.name for one in starts if one.kind == "tool_use"))
