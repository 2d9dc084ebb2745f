"""The converted lane: client and upstream speak different protocols and meet in the hub.

So do those of one protocol when tools are put into words on the way.
"""

from dataclasses import dataclass, replace

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.request import say_tools
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import headers
from ccproxy_tui.gateway.delivery import Events, deliver
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.prompted import prompted
from ccproxy_tui.gateway.reply_events import reply_events
from ccproxy_tui.gateway.sending import send
from ccproxy_tui.gateway.shape import beginning
from ccproxy_tui.gateway.upstream import USER_AGENT, Upstream
from ccproxy_tui.protocols import tokens
from ccproxy_tui.protocols.base import Failure, ProtocolModule
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW
from ccproxy_tui.protocols.hub import Conversation, JsonObject
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.tool_names import ToolNames


@dataclass(frozen=True, slots=True)
class Draft:
    """A request on its way from the client's protocol to the upstream's."""

    conversation: Conversation
    offer: Offer | None
    """The tools that are offered in words; None where they are offered as such, or none are."""

    def write(self, speaker: ProtocolModule, profile: Profile) -> tuple[JsonObject, ToolNames]:
        """Write it in the upstream's protocol; the conversation notes what cannot be said."""
        return speaker.write_request(self.conversation, profile)


def draft(
    protocol: ProtocolModule, body: JsonObject, model: str, *, stream: bool, in_words: bool
) -> Draft:
    """Read a client's checked request; `in_words` puts its tools into the prompt.

    Raises `BadRequestError`.
    """
    conversation = protocol.read_request(body)
    conversation.model, conversation.stream = model, stream
    offer = say_tools(conversation) if in_words else None
    return Draft(conversation, offer if offer is not None and offer.tools else None)


async def convert(
    passage: Passage, candidate: Candidate, speaker: ProtocolModule, upstream: Upstream
) -> web.StreamResponse:
    """Send the call on in the upstream's protocol and give the reply in the client's.

    Raises `BadRequestError`, and `UpstreamError` as long as nothing was sent to the client.
    """
    stream, in_words = passage.asked.stream, passage.says_tools
    drafted = draft(
        passage.protocol, passage.body, candidate.model, stream=stream, in_words=in_words
    )
    conversation, profile = drafted.conversation, passage.profile
    conversation.input_estimate = tokens.quick_estimate(passage.size)
    if profile.cuts_prompts and profile.context_window:
        await _refuse_too_long(conversation, profile.context_window)
    del conversation
    if drafted.offer is not None:
        return await deliver(passage, _in_words(passage, candidate, speaker, upstream, drafted))
    events = _send(passage, candidate, speaker, upstream, drafted)
    del drafted  # a stream may last for minutes
    return await deliver(passage, events)


def _in_words(
    passage: Passage,
    candidate: Candidate,
    speaker: ProtocolModule,
    upstream: Upstream,
    drafted: Draft,
) -> Events:
    def ask() -> Events:
        return _send(passage, candidate, speaker, upstream, drafted)

    assert drafted.offer is not None
    return prompted(passage, drafted.conversation, drafted.offer, ask)


def _send(
    passage: Passage,
    candidate: Candidate,
    speaker: ProtocolModule,
    upstream: Upstream,
    drafted: Draft,
) -> Events:
    body, names = drafted.write(speaker, passage.profile)
    noted, notes = drafted.conversation.notes, passage.record.notes
    notes += [note for note in noted if note not in notes]
    return _ask(passage, candidate, speaker, upstream, json_bytes.write(body), names)


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
