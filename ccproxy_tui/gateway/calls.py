"""The steps of every call, in their order: access, routing, rules, pool, lane."""

import asyncio
import itertools
import logging
import time
from contextlib import suppress

from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError

from ccproxy_tui import json_bytes
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import AccessKey
from ccproxy_tui.config.snapshot import Candidate, GroupIndex, Route, Snapshot
from ccproxy_tui.gateway import access, client_reply, failover, routing
from ccproxy_tui.gateway import headers as header_rules
from ccproxy_tui.gateway.catalogue import Catalogue
from ccproxy_tui.gateway.client_reply import ClientStream
from ccproxy_tui.gateway.converted import convert
from ccproxy_tui.gateway.counting import count_tokens
from ccproxy_tui.gateway.delivery import Events, deliver
from ccproxy_tui.gateway.embedding import embed
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.faithful import relay
from ccproxy_tui.gateway.headers import recorded
from ccproxy_tui.gateway.lanes import is_faithful
from ccproxy_tui.gateway.limits import KeyLimits
from ccproxy_tui.gateway.metrics import Metrics
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.paths import Place
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.gateway.replay import Replays
from ccproxy_tui.gateway.rules import rules_of, tools_in_words
from ccproxy_tui.gateway.stopping import Running, Stopped, StoppedError, stoppable
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.protocols.base import Address, BadRequestError, Failure, Operation, ProtocolModule
from ccproxy_tui.protocols.hub import JsonObject, ReplyStart, ReplyStop, Usage
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.call import Call, Exchange, Headers, Message, Phase, plain_text
from ccproxy_tui.traffic.feed import Feed

log = logging.getLogger(__name__)

_REQUEST_TOO_DEEP = Failure(400, "the request is nested too deeply", "invalid_request_error")


class Calls:
    """Leads calls through the gateway, and knows those that run."""

    def __init__(
        self,
        live: LiveConfiguration,
        feed: Feed,
        upstream: Upstream,
        pool: Pool,
        limits: KeyLimits,
        replays: Replays,
        *,
        first_id: int,
        ping_after: float,
    ) -> None:
        self._live = live
        self._feed = feed
        self._upstream = upstream
        self._pool = pool
        self._limits = limits
        self._catalogue = Catalogue(pool.lessons)
        self._ids = itertools.count(first_id)
        self._ping_after = ping_after
        self._replays = replays
        self._stopped = Stopped()
        self.running: dict[int, Running] = {}
        """The calls that run, by their ids."""
        self.metrics = Metrics(lambda: len(self.running))
        self.stopping = False
        """Whether new calls are turned away."""
        self.listening = ""
        """The address that clients may name as their `Host`, besides those in the settings."""

    async def handle(
        self, protocol: ProtocolModule, address: Address, place: Place, request: web.Request
    ) -> web.StreamResponse:
        """Lead one call to its end; the client always gets a reply in its protocol's shape."""
        passage = self._begin(protocol, address, place, request)
        try:
            async with stoppable(passage.record) as running:
                self.running[passage.record.id] = running
                return await self._lead(passage, address, place)
        except StoppedError:
            self._stopped.add(passage.record)
            return await client_reply.stop(passage)
        except BadRequestError as error:
            return await _fail(passage, Failure(400, str(error), "invalid_request_error"))
        except RefusedError as error:
            return await _fail(passage, error.failure)
        except UpstreamError as error:
            return await client_reply.fail(passage, error)
        except (asyncio.CancelledError, ConnectionError):
            if passage.record.live:
                if not passage.record.tokens.context:
                    passage.uses(Usage())
                gone = passage.request.transport is None or not self.stopping
                said = "the client went away" if gone else "ccproxy was stopped"
                passage.ends(Phase.CANCELLED, said)
            raise
        except Exception as error:
            if json_bytes.is_too_deep(error) and not passage.record.status:
                return await _fail(passage, _too_deep(passage))
            log.exception("call %d broke the gateway", passage.record.id)
            said = f"an error in ccproxy itself ({type(error).__name__}); see its log"
            if passage.record.status:
                passage.ends(Phase.FAILED, said)
                raise
            return await _fail(passage, Failure(500, said))
        finally:
            del self.running[passage.record.id]
            self._note(passage.record)

    def _note(self, call: Call) -> None:
        """Count a call that is over; should that fail, its client still gets its reply."""
        for note in (self._limits.note, self.metrics.note):
            try:
                note(call)
            except Exception:
                log.exception("call %d cannot be counted", call.id)

    def stop(self, call_id: int) -> bool:
        """End a running call with an error, as a person wants it; False if it was over."""
        running = self.running.get(call_id)
        return running is not None and running.stop()

    def _begin(
        self, protocol: ProtocolModule, address: Address, place: Place, request: web.Request
    ) -> Passage:
        path, query = plain_text(request.path), header_rules.recorded_query(request.query)
        exchange = Exchange(Message(f"{request.method} {path}{query}", _headers_of(request)))
        ticket = self._replays.take(request.headers.get(header_rules.TICKET))
        snapshot = self._live.snapshot
        index = snapshot.groups.get(routing.name_group(snapshot, place.group))
        record = Call(
            id=next(self._ids),
            started_at=time.time(),
            method=request.method,
            path=path,
            operation=address.route.operation.value,
            protocol=protocol.name,
            group="" if index is None else index.group.name,
            capture="full" if index is None else index.group.capture,
            replay_of=None if ticket is None else ticket.replay_of,
            exchange=exchange,
        )
        passage = Passage(
            request=request,
            protocol=protocol,
            snapshot=snapshot,
            record=record,
            feed=self._feed,
            exchange=exchange,
            ping_after=self._ping_after,
            ticket=ticket,
        )
        passage.tell()
        if ticket is not None:
            ticket.begins(record.id)
        return passage

    async def _lead(self, passage: Passage, address: Address, place: Place) -> web.StreamResponse:
        record, snapshot, operation = passage.record, passage.snapshot, address.route.operation
        if self.stopping:
            raise RefusedError(529, "ccproxy is stopping")
        key = self._admit(passage)
        await self._read_body(passage, address)
        if passage.ticket is None:
            self._stopped.refuse(record, passage.protocol, passage.body)
        access.check_group(key, routing.name_group(snapshot, place.group))
        index = routing.find_group(snapshot, place.group)
        route = _find_route(passage, index)
        passage.tools_in_words = tools_in_words(index.group, compat_url=place.compat)
        counting = operation is Operation.COUNT_TOKENS
        if not counting:
            self._limits.admit(key)
        if operation is Operation.EMBED:
            return await failover.answer(passage, route, self._pool, self._embedding(passage))
        rules = rules_of(index.group, passage.asked.model, inject=not counting)
        record.notes += passage.protocol.apply_rules(passage.body, rules)
        if counting:
            return await self._count(passage, route)
        if passage.asked.stream:
            passage.stream = ClientStream(passage)
        return await failover.answer(passage, route, self._pool, self._lanes(passage))

    def _admit(self, passage: Passage) -> AccessKey:
        """Let the client in; a person who sends a call again needs no key for that."""
        snapshot = passage.snapshot
        if passage.ticket is not None:
            key = access.key_of_replay(snapshot, passage.ticket.key)
        else:
            access.check_origin(passage.request, snapshot.settings, self.listening)
            key = access.check_key(passage.request, snapshot)
        passage.record.key = key.name
        return key

    def _embedding(self, passage: Passage) -> failover.Ask:
        async def ask(candidate: Candidate) -> web.StreamResponse:
            return await embed(passage, candidate, self._upstream)

        return ask

    def _lanes(self, passage: Passage) -> failover.Ask:
        async def ask(candidate: Candidate) -> web.StreamResponse:
            lessons, in_words = self._pool.lessons, passage.says_tools
            if is_faithful(passage.protocol, candidate, lessons, in_words=in_words):
                return await relay(passage, candidate, self._upstream)
            if passage.asked.idle:
                return await deliver(passage, _nothing())
            speaker = PROTOCOLS[candidate.provider.protocol]
            return await convert(passage, candidate, speaker, self._upstream)

        return ask

    async def _read_body(self, passage: Passage, address: Address) -> None:
        record, protocol = passage.record, passage.protocol
        try:
            data = await passage.request.read()
        except (web.RequestPayloadError, ContentEncodingError) as error:
            said = " ".join(str(error).split())
            raise BadRequestError("body", f"cannot be read ({said})") from error
        except web.HTTPRequestEntityTooLarge as error:
            raise RefusedError(
                413, f"the request is larger than the proxy takes ({error.text})"
            ) from error
        passage.exchange.client_request.chunks = [data]
        passage.size = len(data)
        if passage.ticket is not None:
            passage.ticket.check(record.method, record.path, data)
        try:
            parsed = json_bytes.read(data)
        except ValueError as error:
            raise BadRequestError("body", f"not valid JSON ({error})") from error
        passage.body = protocol.check_request(parsed, address.route.operation)
        asked = passage.asked = protocol.read_asked(passage.body, address)
        record.requested = plain_text(asked.model)
        record.streaming = asked.stream
        record.session = plain_text(asked.session)
        head = passage.request.headers
        record.agent = plain_text(head.get("x-claude-code-agent-id", ""))
        record.parent_agent = plain_text(head.get("x-claude-code-parent-agent-id", ""))

    async def _count(self, passage: Passage, route: Route) -> web.StreamResponse:
        candidate = self._pool.for_counting(route, passage.protocol.name)
        if candidate is not None:
            passage.chose(candidate, self._pool.lessons.profile_of(candidate))
        return await count_tokens(passage, candidate, self._upstream)

    def describe(
        self, protocol: ProtocolModule, address: Address, place: Place, request: web.Request
    ) -> web.Response:
        """Tell what a client may ask for in its group."""
        try:
            index = self._enter(place, request)
        except RefusedError as error:
            return plain_failure(protocol, error.failure)
        return _json(protocol.describe(address, self._catalogue.list_cards(index)))

    async def describe_model(
        self, protocol: ProtocolModule, address: Address, place: Place, request: web.Request
    ) -> web.Response:
        """Tell of one model, which the path or the body names."""
        try:
            index = self._enter(place, request)
            model = address.parameters.get("model")
            if model is None:
                body = protocol.check_request(
                    json_bytes.read(await request.read()), address.route.operation
                )
                model = protocol.read_asked(body, address).model
            return _json(protocol.describe(address, [self._catalogue.find_card(index, model)]))
        except RefusedError as error:
            return plain_failure(protocol, error.failure)
        except (BadRequestError, ValueError) as error:
            failure = Failure(400, str(error), "invalid_request_error")
            return plain_failure(protocol, failure)
        except RecursionError:
            return plain_failure(protocol, _REQUEST_TOO_DEEP)

    def _enter(self, place: Place, request: web.Request) -> GroupIndex:
        snapshot: Snapshot = self._live.snapshot
        access.check_origin(request, snapshot.settings, self.listening)
        key = access.check_key(request, snapshot)
        access.check_group(key, routing.name_group(snapshot, place.group))
        return routing.find_group(snapshot, place.group)


def _headers_of(request: web.Request) -> Headers:
    """Give a request's headers for the record, as if its client alone had made them."""
    pairs = request.headers.items()
    if header_rules.TICKET in request.headers:
        return recorded(pair for pair in pairs if pair[0].lower() != header_rules.TICKET)
    return recorded(pairs)


def _find_route(passage: Passage, index: GroupIndex) -> Route:
    """Find who may answer: whom the alias names, or whom a person does."""
    record, ticket = passage.record, passage.ticket
    if ticket is None or not ticket.target:
        route = routing.find_route(index, record.requested)
        record.alias = route.alias
        return route
    with suppress(RefusedError):
        record.alias = routing.find_route(index, record.requested).alias
    record.notes.append(f"sent to {ticket.target} on request, whatever the alias says")
    return routing.pin(passage.snapshot, ticket.target)


def _json(body: JsonObject) -> web.Response:
    return web.Response(body=json_bytes.write(body), content_type=client_reply.JSON)


async def _nothing() -> Events:
    yield [ReplyStart(), ReplyStop("end_turn", Usage(input=0, output=0))]


def plain_failure(protocol: ProtocolModule, failure: Failure) -> web.Response:
    """Give an error that belongs to no recorded call."""
    status, body = protocol.write_failure(failure)
    return web.Response(
        status=status,
        body=json_bytes.write(body),
        content_type=client_reply.JSON,
        headers=client_reply.failure_headers(failure),
    )


def _too_deep(passage: Passage) -> Failure:
    """Say whose JSON is nested too deeply: the upstream's, once it was asked, else the client's."""
    if passage.exchange.upstream_request.head:
        said = f"{passage.record.provider} sent a reply that is nested too deeply"
        return Failure(502, said)
    return _REQUEST_TOO_DEEP


async def _fail(passage: Passage, failure: Failure) -> web.StreamResponse:
    return await client_reply.fail(passage, UpstreamError(failure))
