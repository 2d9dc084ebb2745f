"""The converted lane: client and upstream speak different protocols and meet in the hub."""

from dataclasses import replace

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import headers, tokens
from ccproxy_tui.gateway.delivery import Events, deliver
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.reply_events import reply_events
from ccproxy_tui.gateway.sending import send
from ccproxy_tui.gateway.shape import beginning
from ccproxy_tui.gateway.upstream import USER_AGENT, Upstream
from ccproxy_tui.protocols.base import Failure, ProtocolModule
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW
from ccproxy_tui.protocols.hub import Conversation
from ccproxy_tui.protocols.tool_names import ToolNames


async def convert(
    passage: Passage, candidate: Candidate, speaker: ProtocolModule, upstream: Upstream
) -> web.StreamResponse:
    """Send the call on in the upstream's protocol and give the reply in the client's.

    Raises `BadRequestError`, and `UpstreamError` as long as nothing was sent to the client.
    """
    conversation = passage.protocol.read_request(passage.body)
    conversation.model, conversation.stream = candidate.model, passage.asked.stream
    conversation.input_estimate = tokens.quick_estimate(passage.size)
    profile = passage.profile
    if profile.cuts_prompts and profile.context_window:
        await _refuse_too_long(conversation, profile.context_window)
    body, names = speaker.write_request(conversation, profile)
    passage.record.notes += conversation.notes
    data = json_bytes.write(body)
    del body, conversation
    return await deliver(passage, _ask(passage, candidate, speaker, upstream, data, names))


async def _refuse_too_long(conversation: Conversation, window: int) -> None:
    """Fail as an upstream would that does not cut in silence what is beyond its window."""
    if conversation.input_estimate <= window:
        return
    count = await tokens.count(conversation)
    if count > window:
        said = f"prompt is too long: {count} tokens > {window} maximum"
        raise UpstreamError(Failure(400, said, CONTEXT_OVERFLOW))


async def _ask(
    passage: Passage,
    candidate: Candidate,
    speaker: ProtocolModule,
    upstream: Upstream,
    body: bytes,
    names: ToolNames,
) -> Events:
    head = CIMultiDict({"User-Agent": USER_AGENT})
    async with send(passage, candidate, speaker, upstream, body, head) as reply:
        first = await beginning(reply)
        kept = passage.exchange.upstream_reply
        kept.keep(first)
        if reply.status != 200:
            rest = await reply.read()
            kept.keep(rest)
            failure = speaker.read_failure(reply.status, first + rest, CIMultiDict(reply.headers))
            if reply.status == 401:
                failure = replace(failure, retry=False)
            raise UpstreamError(failure, headers.of_any_reply(reply.headers))
        async for some in reply_events(passage, candidate, reply, speaker, names, first):
            yield some
