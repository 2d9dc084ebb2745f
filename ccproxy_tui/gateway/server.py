"""The HTTP server: the protocols' routes, under every prefix, and its life from start to stop."""

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.gateway import access
from ccproxy_tui.gateway.calls import Calls, plain_failure
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.protocols.base import Failure, Operation, ProtocolModule
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.feed import Feed

LARGEST_REQUEST = 64 * 1024 * 1024
"""Bytes; sessions with images are far above aiohttp's default of 1 MiB."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PREFIXES = ("", "/{group}")
_BY_DEFAULT = PROTOCOLS["claude"]
"""Whose shape an error has when a path tells nothing of its protocol."""


_http_log = logging.getLogger(__name__)
_http_log.addFilter(lambda record: not _quotes_a_request(record))


def _quotes_a_request(record: logging.LogRecord) -> bool:
    """Tell aiohttp's words on a malformed request, which quote its headers, keys and all."""
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, HttpProcessingError)


class CannotListenError(Exception):
    """The address cannot be had; the message says why and what to do."""


class Gateway:
    """The proxy: start it on a loop, stop it on the same one."""

    def __init__(
        self,
        live: LiveConfiguration,
        feed: Feed,
        upstream: Upstream,
        *,
        first_id: int = 1,
        ping_after: float = 10.0,
    ) -> None:
        self._live = live
        self._upstream = upstream
        self.calls = Calls(live, feed, upstream, first_id=first_id, ping_after=ping_after)
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
        return str(address[0]), int(address[1])

    async def stop(self, patience: float) -> None:
        """Take no more calls, let those that run end for up to `patience` seconds, and close."""
        self.calls.stopping = True
        if self._site is not None:
            site, self._site = self._site, None
            await site.stop()
        if running := list(self.calls.running.values()):
            await asyncio.wait(running, timeout=patience)
        await self._runner.cleanup()
        await self._upstream.close()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        for protocol in PROTOCOLS.values():
            for route in protocol.routes:
                handler = self._handler(protocol, route.operation)
                for prefix in _PREFIXES:
                    app.router.add_route(route.method, prefix + route.path, handler)
                if route.path == "/":
                    app.router.add_route(route.method, _PREFIXES[1], handler)
        app.router.add_route("*", "/{path:.*}", self._unknown)
        return app

    def _handler(self, protocol: ProtocolModule, operation: Operation) -> Handler:
        match operation:
            case Operation.SAY_HELLO:
                return partial(self._hello, protocol)
            case Operation.LIST_MODELS:
                return partial(self._models, protocol)
            case _:
                return partial(self.calls.handle, protocol, operation)

    async def _models(self, protocol: ProtocolModule, request: web.Request) -> web.Response:
        return self.calls.list_models(protocol, request)

    async def _hello(self, protocol: ProtocolModule, request: web.Request) -> web.Response:
        try:
            access.check_origin(request, self._live.snapshot.settings, self.calls.listening)
        except RefusedError as error:
            return plain_failure(protocol, error.failure)
        return web.json_response({"status": "ok", "server": "ccproxy-tui"})

    async def _unknown(self, request: web.Request) -> web.Response:
        known = sorted({route.path for item in PROTOCOLS.values() for route in item.routes})
        return plain_failure(
            _BY_DEFAULT,
            Failure(
                404,
                f"{request.method} {request.path} is nothing that ccproxy serves; it serves "
                f"{', '.join(known)}, each also under /GROUP and /switch",
                "not_found",
            ),
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
