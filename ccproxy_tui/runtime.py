"""What serves, built and joined: configuration, journal, scripted upstream and gateway."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

from ccproxy_tui.config.first import DEMO_HOST, first_configuration
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import Configuration
from ccproxy_tui.config.store import ConfigurationStore
from ccproxy_tui.demo.upstream import ScriptedUpstream
from ccproxy_tui.gateway.control import Control
from ccproxy_tui.gateway.limits import KeyLimits, beginning, today
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.gateway.pool.store import PoolStore
from ccproxy_tui.gateway.server import Gateway, reached_at
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.paths import Home
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic import prices
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import Journal, Limits


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says instead of the settings; nothing of it is saved."""

    host: str | None = None
    port: int | None = None


class Service:
    """Everything that serves, on one event loop: open it there, close it there."""

    def __init__(
        self,
        home: Home,
        overrides: Overrides,
        *,
        first: Configuration | None = None,
        scripted: ScriptedUpstream | None = None,
    ) -> None:
        """`first` is what a first start finds; `scripted` answers for the demo provider."""
        self._home = home
        self._overrides = overrides
        self._first = first or first_configuration()
        self._scripted = scripted or ScriptedUpstream(keep=0)
        self._closing = contextlib.AsyncExitStack()
        self.feed = Feed()
        self.pool = Pool()
        self.first_start = False
        """Whether there was no configuration before."""
        self.live: LiveConfiguration
        self.journal: Journal
        self.upstream: Upstream
        self.gateway: Gateway
        self.host = ""
        self.port = 0

    @property
    def url(self) -> str:
        """The address for clients on this machine."""
        host = reached_at(self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def open(self) -> None:
        """Open files and sockets and begin to serve.

        Raises `HomeInUseError` or `CannotListenError`, with everything closed again.
        """
        async with contextlib.AsyncExitStack() as stack:
            self._home.lock()
            stack.callback(self._home.unlock)
            store = await ConfigurationStore.open(self._home.configuration)
            stack.push_async_callback(store.close)
            self.first_start = await store.revision() == 0
            self.live = await LiveConfiguration.load(store, self._first)
            self.journal = await Journal.open(self._home.journal)
            stack.push_async_callback(self.journal.close)
            await self._scripted.start()
            stack.push_async_callback(self._scripted.stop)
            self.upstream = Upstream({DEMO_HOST: ("127.0.0.1", self._scripted.port)})
            limits = KeyLimits()
            limits.seed(await self.journal.spent_since(beginning(today())))
            self.gateway = Gateway(
                self.live,
                self.feed,
                self.upstream,
                self.pool,
                limits,
                first_id=self.journal.last_id + 1,
            )
            keeping = spawn(self.journal.keep(self.feed, self._journal_limits), "journal")
            stack.push_async_callback(_cancelled, keeping)
            await self._open_pool(stack)
            settings = self.live.snapshot.settings
            port = settings.port if self._overrides.port is None else self._overrides.port
            self.host, self.port = await self.gateway.start(
                self._overrides.host or settings.host, port
            )
            self._closing = stack.pop_all()

    async def _open_pool(self, stack: contextlib.AsyncExitStack) -> None:
        """Let the pool know what it knew, keep it, and answer questions about it."""
        store = await PoolStore.open(self._home.pool)
        stack.push_async_callback(store.close)
        await store.load(self.pool)
        stack.push_async_callback(_cancelled, spawn(store.keep(self.pool), "pool"))
        control = Control(self.live, self.pool)
        stack.push_async_callback(control.stop)
        await control.start(self._home.control)
        loading = spawn(asyncio.to_thread(prices.load), "prices")
        stack.push_async_callback(_cancelled, loading)

    def _journal_limits(self) -> Limits:
        settings = self.live.snapshot.settings
        return Limits(settings.journal_days, settings.journal_megabytes)

    async def close(self, patience: float) -> None:
        """Let running calls end for up to `patience` seconds, write the journal, close it all."""
        await self.gateway.stop(patience)
        await self._closing.aclose()


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
