"""The HTTP server: the protocols' routes, under every prefix, and its life from start to stop."""

import asyncio
import errno
import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.gateway import access
from ccproxy_tui.gateway.calls import Calls, plain_failure
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.gateway.limits import KeyLimits
from ccproxy_tui.gateway.paths import Place, Way, find_place
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.gateway.replay import Replays
from ccproxy_tui.gateway.routing import find_group
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.protocols.base import Address, Failure, Operation, ProtocolModule, Route
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.feed import Feed

LARGEST_REQUEST = 64 * 1024 * 1024
"""Bytes; sessions with images are far above aiohttp's default of 1 MiB."""

_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound to

_METRICS = "/metrics"

_NO_SOCKETS = Failure(426, "ccproxy takes no WebSockets; send the request by HTTP POST")

_http_log = logging.getLogger(__name__)
_http_log.addFilter(lambda record: not _is_better_unsaid(record))


def _is_better_unsaid(record: logging.LogRecord) -> bool:
    """Tell what of aiohttp's words does not belong into the log.

    Those on a malformed request quote its headers, keys and all; that a client went away in the
    middle of its reply, or sent a body that cannot be unpacked, is in its call's record.
    """
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, HttpProcessingError | ConnectionError | web.RequestPayloadError)


class CannotListenError(Exception):
    """The address cannot be had; the message says why and what to do."""


class Gateway:
    """The proxy: start it on a loop, stop it on the same one."""

    def __init__(
        self,
        live: LiveConfiguration,
        feed: Feed,
        upstream: Upstream,
        pool: Pool,
        limits: KeyLimits,
        *,
        first_id: int = 1,
        ping_after: float = 10.0,
    ) -> None:
        self._live = live
        self._upstream = upstream
        self.replays = Replays(live)
        self.calls = Calls(
            live,
            feed,
            upstream,
            pool,
            limits,
            self.replays,
            first_id=first_id,
            ping_after=ping_after,
        )
        self._runner = web.AppRunner(
            self._application(),
            handler_cancellation=True,
            access_log=None,
            logger=_http_log,
            max_field_size=64 * 1024,
            max_line_size=16 * 1024,
            shutdown_timeout=1,
        )
        self._site: web.TCPSite | None = None

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen, and return the address taken; raises `CannotListenError`."""
        self.calls.listening = host
        await self._upstream.open()
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, host, port)
        try:
            await self._site.start()
        except OSError as error:
            await self._runner.cleanup()
            await self._upstream.close()
            raise CannotListenError(_cannot_listen(host, port, error)) from error
        address = self._runner.addresses[0]
        await self.replays.open(reached_at(str(address[0])), int(address[1]))
        return str(address[0]), int(address[1])

    async def stop(self, patience: float) -> None:
        """Take no more calls, let those that run end for up to `patience` seconds, and close."""
        self.calls.stopping = True
        if self._site is not None:
            site, self._site = self._site, None
            await site.stop()
        if running := [one.task for one in self.calls.running.values()]:
            await asyncio.wait(running, timeout=patience)
        await self.replays.close()
        await self._runner.cleanup()
        await self._upstream.close()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._dispatch)
        return app

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        if request.path == _METRICS:
            return self._metrics(request)
        place = find_place(request.path)
        way = _choose(place, request)
        if way is None:
            return plain_failure(_shape_of(request, place), _unknown(request, place))
        protocol, operation = way.protocol, way.route.operation
        address = Address(way.route, way.parameters, request.query, request.headers)
        match operation:
            case Operation.SAY_HELLO:
                return self._hello(protocol, place, request)
            case Operation.OPEN_SOCKET:
                return plain_failure(protocol, _NO_SOCKETS)
            case Operation.LIST_MODELS | Operation.LIST_RUNNING | Operation.TELL_VERSION:
                return self.calls.describe(protocol, address, place, request)
            case Operation.DESCRIBE_MODEL:
                return await self.calls.describe_model(protocol, address, place, request)
        return await self.calls.handle(protocol, address, place, request)

    def _metrics(self, request: web.Request) -> web.Response:
        """Tell Prometheus; any access key opens it, as for a call."""
        snapshot = self._live.snapshot
        try:
            access.check_origin(request, snapshot.settings, self.calls.listening)
            access.check_key(request, snapshot)
        except RefusedError as error:
            failure = error.failure
            return web.Response(status=failure.status, text=f"{failure.message}\n")
        return web.Response(
            body=self.calls.metrics.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        )

    def _hello(self, protocol: ProtocolModule, place: Place, request: web.Request) -> web.Response:
        snapshot = self._live.snapshot
        try:
            access.check_origin(request, snapshot.settings, self.calls.listening)
            find_group(snapshot, place.group)
        except RefusedError as error:
            return plain_failure(protocol, error.failure)
        return web.json_response({"status": "ok", "server": "ccproxy-tui"})


def reached_at(host: str) -> str:
    """Return the address at which a proxy that listens on `host` is reached from this machine."""
    return _REACHED_AT.get(host, host)


def _choose(place: Place, request: web.Request) -> Way | None:
    """Give the route that a request is for; where protocols share one, by what its headers say."""
    method = request.method
    ways = [way for way in place.ways if way.route.method == method]
    if method == "HEAD" and not ways:
        ways = [way for way in place.ways if way.route.method == "GET"]
    for way in ways:
        address = Address(way.route, way.parameters, request.query, request.headers)
        if len(ways) == 1 or way.protocol.claims(address):
            return way
    return ways[0] if ways else None


def _shape_of(request: web.Request, place: Place) -> ProtocolModule:
    """Tell in whose shape an error shall be, where no route tells it."""
    if place.ways:
        return place.ways[0].protocol
    nowhere = Route("", request.path, Operation.SAY_HELLO)
    address = Address(nowhere, {}, request.query, request.headers)
    return next(module for module in PROTOCOLS.values() if module.claims(address))


def _unknown(request: web.Request, place: Place) -> Failure:
    if place.ways:
        methods = " or ".join(sorted({way.route.method for way in place.ways}))
        return Failure(404, f"{request.path} takes {methods}, not {request.method}")
    known = sorted({route.path for item in PROTOCOLS.values() for route in item.routes})
    return Failure(
        404,
        f"{request.method} {request.path} is nothing that ccproxy serves; it serves "
        f"{', '.join(known)}, each also under /GROUP and /switch",
        "not_found",
    )


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{host}:{port} is in use, perhaps by another ccproxy; "
            "stop that, or choose another port with --port"
        )
    if error.errno == errno.EACCES:
        return f"no permission to listen on {host}:{port}; choose a port above 1023 with --port"
    return f"{host} is not an address of this machine ({error.strerror}); choose one with --host"
