"""count_tokens: asked of an upstream that can tell, else counted here."""

from aiohttp import web

from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import client_reply, json_bytes, tokens
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.faithful import request_headers
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.protocols.base import Operation, ProtocolModule
from ccproxy_tui.protocols.hub import Usage
from ccproxy_tui.traffic.call import Phase


async def count_tokens(
    passage: Passage, candidate: Candidate, speaker: ProtocolModule, upstream: Upstream
) -> web.Response:
    """Answer with a number in any case: a client's context meter depends on it."""
    number = await _ask(passage, candidate, upstream) if speaker is passage.protocol else None
    if number is None:
        number = await tokens.count(passage.body)
        passage.record.notes.append("counted here: the upstream cannot tell")
    response = client_reply.whole_json(passage, 200, {"input_tokens": number})
    passage.uses(Usage(input=number, output=0))
    passage.ends(Phase.DONE)
    return response


async def _ask(passage: Passage, candidate: Candidate, upstream: Upstream) -> int | None:
    """Ask the upstream; whatever goes wrong there is no reason to fail."""
    protocol = passage.protocol
    protocol.retarget(passage.body, candidate.model)
    url = protocol.url(
        candidate.provider.base_url, candidate.model, Operation.COUNT_TOKENS, stream=False
    )
    if url is None:
        return None
    body = json_bytes.write(passage.body)
    try:
        head = request_headers(passage, candidate)
        passage.sends("POST", url, head, body)
        async with upstream.request(
            "POST",
            url,
            name=candidate.provider.name,
            headers=head,
            body=body,
            timeouts=passage.timeouts,
        ) as reply:
            passage.receives(reply)
            data = await reply.read()
            passage.exchange.upstream_reply.chunks.append(data)
            if reply.status == 200:
                return protocol.read_token_count(json_bytes.read(data))
    except (UpstreamError, RefusedError, ValueError):
        pass
    return None
