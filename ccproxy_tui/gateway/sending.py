"""One request upstream on behalf of a call, noted in its record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from multidict import CIMultiDict

from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import client_reply
from ccproxy_tui.gateway.credentials import read_api_key, read_http_proxy
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.redaction import redact, redact_headers, redact_kept, redactor
from ccproxy_tui.gateway.upstream import Timeouts, Upstream, UpstreamReply
from ccproxy_tui.protocols.base import Failure, Operation, ProtocolModule


@asynccontextmanager
async def send(
    passage: Passage,
    candidate: Candidate,
    speaker: ProtocolModule,
    upstream: Upstream,
    body: bytes,
    headers: CIMultiDict[str],
    operation: Operation = Operation.GENERATE,
    timeouts: Timeouts | None = None,
) -> AsyncIterator[UpstreamReply]:
    """Send `body` with `headers` and the candidate's API key, and give the reply.

    `timeouts` take the place of the provider's and the settings'. The API key is taken out of an
    `UpstreamError` on its way, and then out of the record as well.

    Raises `UpstreamError`, or `RefusedError` when the API key cannot be had.
    """
    provider = candidate.provider
    url = speaker.url(
        provider.base_url, candidate.model, operation, stream=passage.record.streaming
    )
    assert url is not None, f"{speaker.name} can {operation.value}"
    for name, value in speaker.headers.items():
        headers.setdefault(name, value)
    headers["Content-Type"] = client_reply.JSON
    headers.update(speaker.credentials(read_api_key(candidate)))
    passage.sends("POST", url, headers, body)
    stream = passage.stream
    async with upstream.request(
        "POST",
        url,
        name=provider.name,
        headers=headers,
        body=body,
        timeouts=timeouts or Timeouts.of(passage.snapshot.settings, provider),
        http_proxy=read_http_proxy(candidate),
        connected=passage.connects,
        repeatable=None if stream is None else stream.may_repeat,
    ) as reply:
        reply.headers = redact_headers(reply.headers, candidate)
        passage.receives(reply)
        if 200 < reply.status < 400:
            said = f"{provider.name} answered {reply.status} instead of with a reply"
            raise UpstreamError(Failure(502, f"{said}; check its base URL"))
        kept = passage.exchange.upstream_reply
        kept.clean = redactor(candidate)
        try:
            yield reply
        except UpstreamError as error:
            redact_kept(kept, candidate)
            message = redact(error.failure.message, candidate)
            error.failure = replace(error.failure, message=message)
            raise
        except BaseException:  # such as of a client that goes away in the middle of an error
            redact_kept(kept, candidate)
            raise
        finally:
            kept.clean = None
        if reply.status != 200:
            redact_kept(kept, candidate)
