"""count_tokens: asked of an upstream that can tell, else counted here."""

from aiohttp import web

from ccproxy_tui import json_bytes
from ccproxy_tui.compat.request import say_tools
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import client_reply, headers
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.reply_events import read_object
from ccproxy_tui.gateway.sending import send
from ccproxy_tui.gateway.upstream import Timeouts, Upstream
from ccproxy_tui.protocols import tokens
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.hub import Usage
from ccproxy_tui.traffic.call import Phase

_PATIENCE = Timeouts(connect=5, first_byte=5, chunk=5)
"""A client's screen waits for the number, and it can be counted here."""


async def count_tokens(
    passage: Passage, candidate: Candidate | None, upstream: Upstream
) -> web.Response:
    """Answer with a number in any case: a client's context meter depends on it.

    `candidate` speaks the client's protocol; None when nobody that does can be asked.
    """
    protocol = passage.protocol
    in_words = passage.tools_in_words is True
    number = None
    if candidate is not None and not in_words:
        number = await _ask(passage, candidate, upstream)
    if number is None:
        conversation = protocol.read_request(passage.body)
        if in_words:
            say_tools(conversation)
        number = await tokens.count(conversation)
        passage.record.notes.append("counted here: the upstream cannot tell")
    response = client_reply.whole_json(passage, 200, protocol.write_token_count(number))
    passage.uses(Usage(input=number, output=0))
    passage.ends(Phase.DONE)
    return response


async def _ask(passage: Passage, candidate: Candidate, upstream: Upstream) -> int | None:
    """Ask the upstream; whatever goes wrong there is no reason to fail."""
    protocol, provider = passage.protocol, candidate.provider
    if protocol.url(provider.base_url, "", Operation.COUNT_TOKENS, stream=False) is None:
        return None
    protocol.retarget(passage.body, candidate.model)
    data = json_bytes.write(passage.body)
    head = headers.to_upstream(passage.request.headers.items())
    try:
        async with send(
            passage,
            candidate,
            protocol,
            upstream,
            data,
            head,
            Operation.COUNT_TOKENS,
            _PATIENCE,
        ) as reply:
            answer = await reply.read()
            passage.exchange.upstream_reply.keep(answer)
            if reply.status == 200:
                return protocol.read_token_count(read_object(answer, provider.name))
    except (UpstreamError, RefusedError):
        pass
    return None
