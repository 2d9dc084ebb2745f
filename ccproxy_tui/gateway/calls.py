"""The steps of every call, in their order: access, routing, rules, pool, lane."""

import asyncio
import itertools
import logging
import time

from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError

from ccproxy_tui import json_bytes
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.snapshot import Candidate, Route, Snapshot
from ccproxy_tui.gateway import access, client_reply, routing
from ccproxy_tui.gateway.converted import convert
from ccproxy_tui.gateway.counting import count_tokens
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.faithful import relay
from ccproxy_tui.gateway.headers import recorded
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.pool import Pool
from ccproxy_tui.gateway.rules import rules_of
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.protocols.base import BadRequestError, Failure, Operation, ProtocolModule
from ccproxy_tui.protocols.hub import Usage
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, plain_text
from ccproxy_tui.traffic.feed import Feed

log = logging.getLogger(__name__)


class Calls:
    """Leads calls through the gateway, and knows those that run."""

    def __init__(
        self,
        live: LiveConfiguration,
        feed: Feed,
        upstream: Upstream,
        *,
        first_id: int,
        ping_after: float,
    ) -> None:
        self._live = live
        self._feed = feed
        self._upstream = upstream
        self._ids = itertools.count(first_id)
        self._pool = Pool()
        self._ping_after = ping_after
        self.running: dict[int, asyncio.Task[object]] = {}
        """Tasks of the calls that run, by the calls' ids."""
        self.stopping = False
        """Whether new calls are turned away."""
        self.listening = ""
        """The address that clients may name as their `Host`, besides those in the settings."""

    async def handle(
        self, protocol: ProtocolModule, operation: Operation, request: web.Request
    ) -> web.StreamResponse:
        """Lead one call to its end; the client always gets a reply in its protocol's shape."""
        passage = self._begin(protocol, operation, request)
        task = asyncio.current_task()
        assert task is not None
        self.running[passage.record.id] = task
        try:
            return await self._lead(passage, operation)
        except BadRequestError as error:
            return _fail(passage, Failure(400, str(error), "invalid_request_error"))
        except RefusedError as error:
            return _fail(passage, error.failure)
        except UpstreamError as error:
            response = client_reply.failed(passage, error.failure, error.headers)
            passage.ends(Phase.FAILED, error.failure.message)
            return response
        except (asyncio.CancelledError, ConnectionError):
            if passage.record.live:
                if not passage.record.tokens.context:
                    passage.uses(Usage())
                gone = passage.request.transport is None or not self.stopping
                said = "the client went away" if gone else "ccproxy was stopped"
                passage.ends(Phase.CANCELLED, said)
            raise
        except Exception as error:
            log.exception("call %d broke the gateway", passage.record.id)
            said = f"an error in ccproxy itself ({type(error).__name__}); see its log"
            if passage.record.status:
                passage.ends(Phase.FAILED, said)
                raise
            return _fail(passage, Failure(500, said))
        finally:
            del self.running[passage.record.id]

    def _begin(
        self, protocol: ProtocolModule, operation: Operation, request: web.Request
    ) -> Passage:
        head = f"{request.method} {plain_text(request.path)}"
        exchange = Exchange(Message(head, recorded(request.headers.items())))
        record = Call(
            id=next(self._ids),
            started_at=time.time(),
            method=request.method,
            path=plain_text(request.path),
            operation=operation.value,
            protocol=protocol.name,
            group=plain_text(request.match_info.get("group", "")),
            exchange=exchange,
        )
        passage = Passage(
            request=request,
            protocol=protocol,
            snapshot=self._live.snapshot,
            record=record,
            feed=self._feed,
            exchange=exchange,
            ping_after=self._ping_after,
        )
        passage.tell()
        return passage

    async def _lead(self, passage: Passage, operation: Operation) -> web.StreamResponse:
        record, snapshot = passage.record, passage.snapshot
        if self.stopping:
            raise RefusedError(529, "ccproxy is stopping")
        access.check_origin(passage.request, snapshot.settings, self.listening)
        record.key = access.check_key(passage.request, snapshot)
        await self._read_body(passage, operation)
        index = routing.find_group(snapshot, passage.request.match_info.get("group"))
        record.group = index.group.name
        route = routing.find_route(index, record.requested)
        record.alias = route.alias
        counting = operation is Operation.COUNT_TOKENS
        rules = rules_of(index.group, inject=not counting)
        record.notes += passage.protocol.apply_rules(passage.body, rules)
        if counting:
            return await self._count(passage, route)
        candidate = self._choose(passage, route)
        speaker = _speaker(candidate)
        if speaker is passage.protocol:
            return await relay(passage, candidate, self._upstream)
        return await convert(passage, candidate, speaker, self._upstream)

    async def _read_body(self, passage: Passage, operation: Operation) -> None:
        record, protocol = passage.record, passage.protocol
        try:
            data = await passage.request.read()
        except (web.RequestPayloadError, ContentEncodingError) as error:
            raise BadRequestError("body", f"cannot be read ({error})") from error
        except web.HTTPRequestEntityTooLarge as error:
            raise RefusedError(
                413, f"the request is larger than the proxy takes ({error.text})"
            ) from error
        passage.exchange.client_request.chunks = [data]
        passage.size = len(data)
        try:
            parsed = json_bytes.read(data)
        except (ValueError, RecursionError) as error:
            raise BadRequestError("body", f"not valid JSON ({error})") from error
        passage.body = protocol.check_request(parsed, operation)
        record.requested = plain_text(protocol.requested_model(passage.body))
        record.streaming = protocol.wants_stream(passage.body)
        record.session = plain_text(protocol.session(passage.body, passage.request.headers))
        record.agent = plain_text(passage.request.headers.get("x-claude-code-agent-id", ""))

    def _choose(self, passage: Passage, route: Route) -> Candidate:
        candidate = self._pool.choose(passage.record.group, route)
        passage.chose(candidate)
        return candidate

    async def _count(self, passage: Passage, route: Route) -> web.StreamResponse:
        candidate = self._pool.for_counting(route, passage.protocol.name)
        passage.chose(candidate)
        return await count_tokens(passage, candidate, _speaker(candidate), self._upstream)

    def list_models(self, protocol: ProtocolModule, request: web.Request) -> web.Response:
        """List what a client may ask for in its group."""
        snapshot: Snapshot = self._live.snapshot
        try:
            access.check_origin(request, snapshot.settings, self.listening)
            access.check_key(request, snapshot)
            index = routing.find_group(snapshot, request.match_info.get("group"))
        except RefusedError as error:
            return plain_failure(protocol, error.failure)
        discovery = request.headers.get("User-Agent", "").startswith("claude-code")
        models = protocol.write_models(routing.callable_models(index), discovery=discovery)
        return web.Response(body=json_bytes.write(models), content_type=client_reply.JSON)


def plain_failure(protocol: ProtocolModule, failure: Failure) -> web.Response:
    """Give an error that belongs to no recorded call."""
    status, body = protocol.write_failure(failure)
    headers = {} if failure.retry is None else {"x-should-retry": str(failure.retry).lower()}
    return web.Response(
        status=status, body=json_bytes.write(body), content_type=client_reply.JSON, headers=headers
    )


def _fail(passage: Passage, failure: Failure) -> web.Response:
    response = client_reply.failed(passage, failure)
    passage.ends(Phase.FAILED, failure.message)
    return response


def _speaker(candidate: Candidate) -> ProtocolModule:
    name = candidate.provider.protocol
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    raise RefusedError(
        501,
        f'provider "{candidate.provider.name}" speaks {name}, which this version of ccproxy cannot '
        "call yet; many such servers also offer an openai protocol",
        retry=False,
    )
