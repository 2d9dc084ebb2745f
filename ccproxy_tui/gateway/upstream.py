"""HTTP towards upstreams: pooled connections, time-outs, one retry on a connection that had died."""

import asyncio
import io
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict

from ccproxy_tui import __version__
from ccproxy_tui.config.models import Provider, Settings
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.traffic.attempt import Outcome

USER_AGENT = f"ccproxy-tui/{__version__}"

_LARGEST_REPLY_READ_WHOLE = 64 * 1024 * 1024
_WRITTEN_AT_ONCE = 1024 * 1024
_MOMENT = 1.0
_LATE = "did not begin to answer in time"
_PROXY_PASSWORD_WANTED = 407


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of patience with an upstream."""

    connect: float
    first_byte: float
    chunk: float
    total: float = 3600

    @classmethod
    def of(cls, settings: Settings, provider: Provider) -> "Timeouts":
        """Take them from the provider, else from the settings."""
        return cls(
            provider.connect_timeout or settings.connect_timeout,
            provider.first_byte_timeout or settings.first_byte_timeout,
            provider.chunk_timeout or settings.chunk_timeout,
            provider.total_timeout or settings.total_timeout,
        )


class UpstreamReply:
    """A reply whose head has come; the body is read as it arrives, decompressed."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        name: str,
        *,
        deadline: float,
        end: float,
        chunk: float,
    ) -> None:
        """`deadline` is that of the next byte, `end` that of the last, `chunk` the silence allowed."""
        self._response = response
        self._name = name
        self._deadline = min(deadline, end)
        self._end = end
        self._chunk_timeout = chunk
        self._begun = False
        self.status = response.status
        self.reason = response.reason or ""
        self.headers: tuple[tuple[str, str], ...] = tuple(response.headers.items())

    async def more(self) -> bytes:
        """Give what has arrived of the body, at least a byte; nothing at its end.

        Raises `UpstreamError` when it breaks off or stays silent for too long.
        """
        content = self._response.content
        try:
            data = content.read_nowait()
            if not data:
                async with asyncio.timeout_at(self._deadline):
                    data = await content.readany()
        except TimeoutError:
            raise self._timed_out() from None
        except (aiohttp.ClientError, OSError) as error:
            broken = _broken_off(self._name, error)
            raise UpstreamError(broken, outcome=Outcome.TRANSPORT) from error
        now = asyncio.get_running_loop().time()
        if now >= self._end:
            raise self._timed_out()
        self._begun = True
        self._deadline = min(now + self._chunk_timeout, self._end)
        return data

    def _timed_out(self) -> UpstreamError:
        what = "fell silent in the middle of its reply" if self._begun else _LATE
        if self._deadline >= self._end:
            what = "took longer for its whole reply than the total time-out allows"
        failure = Failure(504, f"{self._name} {what}")
        return UpstreamError(failure, outcome=Outcome.TIMEOUT)

    async def settle(self) -> None:
        """Wait a moment for the end of a body whose last word has come, to keep the connection."""
        with suppress(UpstreamError, TimeoutError):
            async with asyncio.timeout(_MOMENT):
                while await self.more():
                    pass

    async def read(self) -> bytes:
        """Give the whole rest of the body; raises `UpstreamError`."""
        parts = []
        size = 0
        while data := await self.more():
            parts.append(data)
            size += len(data)
            if size > _LARGEST_REPLY_READ_WHOLE:
                raise UpstreamError(Failure(502, f"{self._name} sent more than 64 MiB"))
        return b"".join(parts)


class Upstream:
    """The proxy's HTTP client; open it on the loop that uses it, and close it there."""

    def __init__(self, internal_hosts: Mapping[str, tuple[str, int]] | None = None) -> None:
        """`internal_hosts` maps host names to addresses of servers inside this process."""
        self._internal_hosts = dict(internal_hosts or {})

    async def open(self) -> None:
        """Make the connection pools."""
        self._pooled = self._session(keep_alive=True)
        self._fresh = self._session(keep_alive=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pooled.close()
        await self._fresh.close()

    def _session(self, *, keep_alive: bool) -> aiohttp.ClientSession:
        tracing = aiohttp.TraceConfig()
        tracing.on_connection_reuseconn.append(_note_reuse)
        tracing.on_connection_create_end.append(_note_connection)
        connector = aiohttp.TCPConnector(
            limit=0,
            force_close=not keep_alive,
            resolver=_Resolver(self._internal_hosts) if self._internal_hosts else None,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            trace_configs=[tracing],
            read_bufsize=256 * 1024,
            max_field_size=64 * 1024,
        )

    @asynccontextmanager
    async def request(
        self,
        method: str,
        url: str,
        *,
        name: str,
        headers: CIMultiDict[str],
        body: bytes | None,
        timeouts: Timeouts,
        http_proxy: str | None = None,
        connected: Callable[[], None] | None = None,
        repeatable: Callable[[], bool] | None = None,
    ) -> AsyncIterator[UpstreamReply]:
        """Send a request and give its reply; `name` is the upstream's, for messages.

        `connected` is called once the upstream can be sent the request, `repeatable` before it is
        sent once more as its connection had died.

        Raises `UpstreamError` when there is no reply. Leaving early closes the connection, which
        is how an upstream learns that nobody listens any more.
        """
        now = asyncio.get_running_loop().time()
        end = now + timeouts.total
        trace = _Trace(connected, repeatable, timeouts.first_byte, end)
        options: dict[str, Any] = {
            "headers": headers,
            "allow_redirects": False,
            "timeout": aiohttp.ClientTimeout(total=None, connect=timeouts.connect),
            "proxy": http_proxy,
            "trace_request_ctx": trace,
        }
        try:
            # a moment longer than the connection's own time-out, whose error says more
            async with asyncio.timeout_at(min(now + timeouts.connect + _MOMENT, end)) as patience:
                trace.patience = patience
                response = await self._send(method, url, name, body, options)
        except TimeoutError:
            failure = Failure(504, f"{name} {_LATE}")
            raise UpstreamError(failure, outcome=Outcome.TIMEOUT) from None
        deadline = patience.when() or end
        if http_proxy is not None and response.status == _PROXY_PASSWORD_WANTED:
            response.close()
            raise UpstreamError(_refused_by_proxy(name, response.status), outcome=Outcome.TRANSPORT)
        try:
            yield UpstreamReply(response, name, deadline=deadline, end=end, chunk=timeouts.chunk)
        except BaseException:
            response.close()
            raise
        finally:
            response.release()

    async def _send(
        self,
        method: str,
        url: str,
        name: str,
        body: bytes | None,
        options: dict[str, Any],
    ) -> aiohttp.ClientResponse:
        trace: _Trace = options["trace_request_ctx"]
        began = time.monotonic()
        try:
            return await self._pooled.request(method, url, data=payload(body), **options)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            stale = trace.reused and time.monotonic() - began < _MOMENT
            if not (stale and trace.may_repeat()) or isinstance(
                error, aiohttp.ClientConnectorError
            ):
                raise _unreachable(name, url, error) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unreachable(name, url, error) from error
        try:
            return await self._fresh.request(method, url, data=payload(body), **options)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unreachable(name, url, error) from error


def payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """Let a large body be written in pieces, so that it does not hold up the other calls."""
    return body if body is None or len(body) < _WRITTEN_AT_ONCE else io.BytesIO(body)


@dataclass(slots=True)
class _Trace:
    """What becomes of a request's connection."""

    connected: Callable[[], None] | None
    repeatable: Callable[[], bool] | None
    first_byte: float
    end: float
    patience: asyncio.Timeout | None = None
    """First with the connection, and once there is one, with the first byte."""
    reused: bool = False

    def may_repeat(self) -> bool:
        return self.repeatable is None or self.repeatable()

    def connects(self) -> None:
        if self.patience is not None:
            latest = asyncio.get_running_loop().time() + self.first_byte
            self.patience.reschedule(min(latest, self.end))
        if self.connected is not None:
            self.connected()


async def _note_reuse(
    _session: aiohttp.ClientSession,
    context: SimpleNamespace,
    _params: aiohttp.TraceConnectionReuseconnParams,
) -> None:
    trace: _Trace = context.trace_request_ctx
    trace.reused = True
    trace.connects()


async def _note_connection(
    _session: aiohttp.ClientSession,
    context: SimpleNamespace,
    _params: aiohttp.TraceConnectionCreateEndParams,
) -> None:
    trace: _Trace = context.trace_request_ctx
    trace.connects()


class _Resolver(AbstractResolver):
    """Knows the servers inside this process by name, and asks the system for all others."""

    def __init__(self, hosts: Mapping[str, tuple[str, int]]) -> None:
        self._hosts = hosts
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in self._hosts:
            return await self._system.resolve(host, port, family)
        address, internal_port = self._hosts[host]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=internal_port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        await self._system.close()


def _unreachable(name: str, url: str, error: Exception) -> UpstreamError:
    """Say why no reply came, and what to look at."""
    failure = _why_unreachable(name, url.split("/")[2], error)
    outcome = Outcome.TIMEOUT if failure.status == 504 else Outcome.TRANSPORT
    return UpstreamError(failure, outcome=outcome)


def _why_unreachable(name: str, where: str, error: Exception) -> Failure:
    match error:
        case ValueError() if not isinstance(error, aiohttp.ClientError):
            # what cannot be sent may be a secret, so it is not quoted
            return Failure(502, f"{name} cannot be asked; check its base URL and API key")
        case aiohttp.ClientProxyConnectionError():
            at = f"{error.host}:{error.port}"
            said = f"its HTTP proxy cannot be reached at {at} ({_plain(error)})"
            return Failure(502, f"{name}: {said}; check it in the provider's form")
        case aiohttp.ClientHttpProxyError():
            return _refused_by_proxy(name, error.status)
        case aiohttp.InvalidURL():
            return Failure(502, f'{name}: "{where}" is not a valid address; check its base URL')
        case aiohttp.ClientConnectorDNSError():
            return Failure(502, f'{name}: there is no host "{where}"; check its base URL')
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Failure(502, f"{name}: no secure connection with {where} ({_plain(error)})")
        case aiohttp.ConnectionTimeoutError() | TimeoutError():
            return Failure(504, f"{name} did not accept a connection in time ({where})")
        case aiohttp.ClientConnectorError():
            return Failure(
                502, f"{name} cannot be reached at {where} ({_plain(error)}); is it running?"
            )
        case _:
            return Failure(502, f"{name} closed the connection without an answer ({_plain(error)})")


def _refused_by_proxy(name: str, status: int) -> Failure:
    said = f"its HTTP proxy refused with status {status}"
    return Failure(502, f"{name}: {said}; check its address and password")


def _broken_off(name: str, error: Exception) -> Failure:
    reason = f" ({_plain(error)})" if isinstance(error, OSError) else ""
    return Failure(502, f"{name} broke off in the middle of its reply{reason}")


def _plain(error: BaseException) -> str:
    """Say an error in its shortest words."""
    cause = getattr(error, "os_error", None) or error
    if isinstance(cause, OSError) and cause.errno is not None and cause.errno > 0:
        return os.strerror(cause.errno).lower()
    return str(cause) or type(cause).__name__
