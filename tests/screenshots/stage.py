"""The real app on the real proxy with scripted traffic, on a screen that only a picture sees."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from ccproxy_tui.config import edits
from ccproxy_tui.config.first import demo_configuration, first_configuration
from ccproxy_tui.config.models import Configuration
from ccproxy_tui.demo.client import DemoClient
from ccproxy_tui.demo.lively import Lively
from ccproxy_tui.demo.upstream import ScriptedUpstream
from ccproxy_tui.fullscreen import (
    GatewayCallControl,
    GatewayPreviews,
    GatewayUpstreams,
    PoolCandidates,
    ServingThread,
)
from ccproxy_tui.paths import Home
from ccproxy_tui.runtime import Overrides, Service
from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.app import CcproxyApp
from ccproxy_tui.tui.overlays import ExitReason
from ccproxy_tui.tui.status import ProxyStatus
from tests.screenshots.past import WithPast
from tests.screenshots.picture import Picture

WIDE = (160, 45)
MIDDLE = (120, 36)
NARROW = (80, 24)
_SEED = 8
_ADDRESS = "127.0.0.1:11435"
"""What the picture says, so that it does not change with the free port that was found."""


class NeverCameError(Exception):
    """What a picture was to show did not come up in time."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The app in some state; `take` makes a picture of it."""

    app: CcproxyApp
    pilot: Pilot[ExitReason]
    pictures: list[Picture]

    @property
    def calls(self) -> list[Call]:
        """All calls so far, the oldest first."""
        return [*self.app.calls.backwards()][::-1]

    async def press(self, *keys: str) -> None:
        """Press keys, and let the screen settle."""
        await self.pilot.press(*keys)
        await self.pilot.pause(0.2)

    async def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        await self.press(*text)

    async def resize(self, size: tuple[int, int]) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(*size)
        await self.pilot.pause(0.3)

    async def until(self, come: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Wait for something; raises `NeverCameError`."""
        for _ in range(int(seconds / 0.1)):
            if come():
                return
            await self.pilot.pause(0.1)
        raise NeverCameError(what)

    async def take(self, name: str) -> None:
        """Make a picture; toasts, which belong to no state, go first."""
        self.app.clear_notifications()
        await self.pilot.pause(0.1)
        self.pictures.append(Picture(name, self.app.export_screenshot(title="ccproxy")))

    async def wear(self, theme: str) -> None:
        """Change the theme."""
        live = self.app.live
        settings = live.value.settings.model_copy(update={"theme": theme})
        await live.apply(edits.put_settings(live.value, settings), "change the theme")
        await self.pilot.pause(0.3)

    def busy(self) -> bool:
        """Tell whether the newest calls show what a log is for: some live, and one gone wrong."""
        phases = [call.phase for call in self.calls[-16:]]
        return (
            Phase.STREAMING in phases[-4:]
            and sum(call.live for call in self.calls[-4:]) >= 2
            and (Phase.FAILED in phases or any(call.status >= 400 for call in self.calls[-16:]))
        )

    def missed_the_cache(self, call: Call) -> bool:
        """Tell whether nothing came from the cache, though a call before had put it there."""
        before = self.app.calls.before(call)
        return (
            call.phase is Phase.DONE
            and call.tokens.cache_read == 0
            and before is not None
            and before.tokens.cache_read > 0
        )

    def replayed(self) -> bool:
        """Tell whether a call was sent again, and is over."""
        return any(call.replay_of is not None and not call.live for call in self.calls)

    def open_tab(self, title: str) -> None:
        """Open one of the inspector's tabs."""
        tabs = self.app.main.inspector.tabs
        tabs.current = tabs._names.index(title)

    def words(self) -> str:
        """Return what the screen says, without any blanks."""
        return Picture("", self.app.export_screenshot()).words()


@asynccontextmanager
async def demo(pictures: list[Picture]) -> AsyncIterator[Stage]:
    """The app as `--demo` shows it."""
    async with _staged(demo_configuration(), pictures, first_run=False) as stage:
        yield stage


@asynccontextmanager
async def first_start(pictures: list[Picture]) -> AsyncIterator[Stage]:
    """The app as a newcomer finds it."""
    async with _staged(first_configuration(), pictures, first_run=True) as stage:
        yield stage


@asynccontextmanager
async def _staged(
    configuration: Configuration, pictures: list[Picture], *, first_run: bool
) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="ccproxy-screenshots-") as folder:
        thread = ServingThread(
            lambda: Service(
                Home(Path(folder)),
                Overrides(port=0),
                first=configuration,
                scripted=ScriptedUpstream(Lively(_SEED), keep=0),
            ),
            None if first_run else _talk,
        )
        thread.start()
        service = await asyncio.to_thread(thread.wait_until_ready)
        try:
            app = CcproxyApp(
                service.live,
                service.feed,
                service.journal if first_run else WithPast(service.journal),
                GatewayUpstreams(thread, service),
                PoolCandidates(thread, service),
                GatewayPreviews(service),
                GatewayCallControl(thread, service),
                ProxyStatus(
                    _ADDRESS,
                    f"http://{_ADDRESS}",
                    note="" if first_run else "demo: data in a temporary folder",
                ),
                demo=not first_run,
                first_run=first_run,
            )
            async with app.run_test(size=WIDE) as pilot:
                await pilot.pause(0.3)
                yield Stage(app, pilot, pictures)
        finally:
            await asyncio.to_thread(thread.finish, 0.5)


async def _talk(service: Service) -> None:
    token = service.live.value.keys[0].token
    client = DemoClient(
        service.url, token, sessions=3, prefixes=("/qwen", "", "/qwen", "/night"), seed=_SEED
    )
    await client.run()
