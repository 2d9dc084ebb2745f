"""Embeddings: texts become vectors, through the same two lanes in one step, as nothing streams."""

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import client_reply, headers
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.reply_events import read_object
from ccproxy_tui.gateway.sending import send
from ccproxy_tui.gateway.upstream import USER_AGENT, Upstream
from ccproxy_tui.protocols.base import Failure, Operation
from ccproxy_tui.protocols.hub import Usage, Vectors
from ccproxy_tui.protocols.registry import EMBEDDINGS, PROTOCOLS
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Phase


async def embed(passage: Passage, candidate: Candidate, upstream: Upstream) -> web.Response:
    """Answer with vectors; raises `UpstreamError`, also where the upstream has none."""
    client, asked = EMBEDDINGS[passage.protocol.name], passage.asked
    provider = candidate.provider
    target = EMBEDDINGS.get(provider.protocol)
    if target is None:
        said = (
            f'provider "{provider.name}" speaks {provider.protocol}, which has no embeddings; '
            f'choose another target for the alias "{passage.record.alias}"'
        )
        raise UpstreamError(Failure(400, said, retry=False), outcome=Outcome.CAPABILITY)
    embedding = client.read_embedding(passage.body)
    embedding.model = candidate.model
    data = json_bytes.write(target.write_embedding(embedding))
    passage.record.notes += embedding.notes
    vectors = await _ask(passage, candidate, upstream, data)
    reply = client_reply.whole_json(passage, 200, client.write_vectors(vectors, asked))
    passage.uses(Usage(input=vectors.input_tokens, output=0))
    passage.ends(Phase.DONE)
    return reply


async def _ask(passage: Passage, candidate: Candidate, upstream: Upstream, body: bytes) -> Vectors:
    provider = candidate.provider
    speaker = PROTOCOLS[provider.protocol]
    head = CIMultiDict({"User-Agent": USER_AGENT})
    async with send(passage, candidate, speaker, upstream, body, head, Operation.EMBED) as reply:
        answer = await reply.read()
        passage.exchange.upstream_reply.keep(answer)
        if reply.status != 200:
            said = CIMultiDict(reply.headers)
            failure = speaker.read_failure(reply.status, answer, said)
            raise UpstreamError(failure, headers.of_any_reply(reply.headers))
        try:
            return EMBEDDINGS[provider.protocol].read_vectors(read_object(answer, provider.name))
        except ValueError as error:
            said_words = f"{provider.name} sent no embeddings ({error})"
            raise UpstreamError(Failure(502, said_words)) from error
