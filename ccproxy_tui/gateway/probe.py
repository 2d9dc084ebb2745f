"""Small real questions to a provider as it stands in a form: its models, and whether one answers."""

import time
from dataclasses import dataclass

from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.config.models import Provider
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway import client_reply
from ccproxy_tui.gateway.credentials import read_api_key, read_http_proxy
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.pool.lessons import Lessons
from ccproxy_tui.gateway.upstream import USER_AGENT, Timeouts, Upstream
from ccproxy_tui.protocols.base import Failure, Operation
from ccproxy_tui.protocols.collect import ReplyBrokeError, collect
from ccproxy_tui.protocols.hub import Conversation, JsonObject, Text, Turn
from ccproxy_tui.protocols.registry import PROTOCOLS

_QUESTION = "Say hello in one short sentence."
_LONGEST_ANSWER = 500
"""Tokens; a model that thinks first needs some."""
_SHOWN = 60
_PATIENCE = Timeouts(connect=10, first_byte=60, chunk=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking; `text` is for the user."""

    ok: bool
    text: str


async def list_models(upstream: Upstream, provider: Provider) -> list[str]:
    """Ask for the models that the provider lists; raises `UpstreamError`."""
    candidate = first_candidate(provider, "")
    speaker = PROTOCOLS[provider.protocol]
    url = speaker.url(provider.base_url, "", Operation.LIST_MODELS, stream=False)
    if url is None:
        raise UpstreamError(Failure(501, f"{provider.protocol} has no list of models; type them"))
    body = await _exchange(upstream, candidate, "GET", url, None)
    models = speaker.read_models(body)
    if not models:
        raise UpstreamError(Failure(502, f"{provider.name} lists no models; type them"))
    return models


def first_candidate(provider: Provider, model: str) -> Candidate:
    """Give the candidate that a model is tried with: its first key, as its turn would come first."""
    return Candidate(provider, model, provider.api_keys[0] if provider.api_keys else "")


async def ask(upstream: Upstream, candidate: Candidate) -> Answer:
    """Send a tiny request and say how it went."""
    started = time.perf_counter()
    try:
        text = await _answer(upstream, candidate)
    except UpstreamError as error:
        return Answer(False, error.failure.message)
    except ReplyBrokeError as error:
        return Answer(False, str(error))
    seconds = time.perf_counter() - started
    said = " ".join(text.split())
    shown = said if len(said) <= _SHOWN else said[:_SHOWN] + "…"
    return Answer(True, f'answered in {seconds:.1f} s: "{shown}"')


async def _answer(upstream: Upstream, candidate: Candidate) -> str:
    provider, model = candidate.provider, candidate.model
    speaker = PROTOCOLS[provider.protocol]
    conversation = Conversation(
        model=model,
        turns=[Turn("user", [Text(_QUESTION)])],
        max_tokens=_LONGEST_ANSWER,
    )
    profile = Lessons().profile_of(candidate)
    body, names = speaker.write_request(conversation, profile)
    url = speaker.url(provider.base_url, model, Operation.GENERATE, stream=False)
    assert url is not None, "every protocol can generate"
    reply = await _exchange(upstream, candidate, "POST", url, body)
    content = collect(speaker.read_reply(reply, names)).content
    return " ".join(block.text for block in content if isinstance(block, Text))


async def _exchange(
    upstream: Upstream, candidate: Candidate, method: str, url: str, body: JsonObject | None
) -> JsonObject:
    provider = candidate.provider
    speaker = PROTOCOLS[provider.protocol]
    head = CIMultiDict(speaker.headers)
    head.update({"User-Agent": USER_AGENT, "Accept": client_reply.JSON})
    try:
        head.update(speaker.credentials(read_api_key(candidate)))
        http_proxy = read_http_proxy(candidate)
    except RefusedError as error:
        raise UpstreamError(error.failure) from error
    if body is not None:
        head["Content-Type"] = client_reply.JSON
    async with upstream.request(
        method,
        url,
        name=provider.name,
        headers=head,
        body=None if body is None else json_bytes.write(body),
        timeouts=_PATIENCE,
        http_proxy=http_proxy,
    ) as reply:
        data = await reply.read()
        if reply.status != 200:
            failure = speaker.read_failure(reply.status, data, CIMultiDict(reply.headers))
            raise UpstreamError(Failure(reply.status, f"{reply.status}: {failure.message}"))
        try:
            parsed = json_bytes.read(data)
        except ValueError as error:
            raise UpstreamError(_not_json(url)) from error
        if not isinstance(parsed, dict):
            raise UpstreamError(_not_json(url))
        return parsed


def _not_json(url: str) -> Failure:
    return Failure(502, f"{url} did not answer with JSON; check the base URL")
