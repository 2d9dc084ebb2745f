"""The full-screen app: it joins configuration and traffic with the main screen, and keeps time."""

import gc
import time
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.worker import Worker

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import Configuration
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.tui import hangup
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.call_actions import CallActions
from ccproxy_tui.tui.call_control import CallControl
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.candidates import Candidates
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.configure import Configure
from ccproxy_tui.tui.drain import INTERVAL, Changes, Drain
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.overlays import Overlays
from ccproxy_tui.tui.palette import CommandProvider
from ccproxy_tui.tui.past import Past
from ccproxy_tui.tui.previews import Previews
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.screens.main import MainScreen
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.status import ProxyStatus
from ccproxy_tui.tui.styles.themes import THEMES, fitting_theme
from ccproxy_tui.tui.terminal import Terminal
from ccproxy_tui.tui.upstreams import Upstreams
from ccproxy_tui.tui.usage import midnight, total
from ccproxy_tui.tui.widgets.cells import one_line
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.plain_scrollbar import draw_scrollbars

_TICK = 0.5
_RELOAD = 1.0


class CcproxyApp(Overlays):
    """The picture; `run()` returns why it ended."""

    TITLE = "ccproxy"
    CSS_PATH = "styles/app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    COMMANDS = {CommandProvider}  # noqa: RUF012 - Textual's own declaration
    ENABLE_COMMAND_PALETTE = False  # its key comes from the registry

    def __init__(
        self,
        live: LiveConfiguration,
        feed: Feed,
        records: Records,
        upstreams: Upstreams,
        candidates: Candidates,
        previews: Previews,
        control: CallControl,
        status: ProxyStatus,
        *,
        demo: bool = False,
        first_run: bool = False,
        memory: Memory | None = None,
        driver_class: type[Driver] | None = Terminal,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.live = live
        self._feed = feed
        self.records = records
        self.previews = previews
        self.status = status
        self.demo = demo
        self.first_run = first_run
        self.memory = memory or Memory()
        self._listener = feed.listen()
        self.calls = CallLog()
        self.figures = Figures()
        self._drain = Drain(self._listener, self.calls, self.figures)
        self.configure = Configure(self, live, upstreams, status.base_url)
        actions = CallActions(
            self,
            live,
            records,
            control,
            self.calls,
            self._call_changed,
            self._catch_up,
            status.base_url,
        )
        self.main = MainScreen(
            status,
            self.calls,
            self.figures,
            records,
            self.configure,
            candidates,
            actions,
            self.memory,
        )
        for theme in THEMES:
            self.register_theme(theme)

    async def on_mount(self) -> None:
        """Show what there is, then keep up with what comes."""
        self._wear(self.live.value)
        await self.push_screen(self.main)
        self._stop_listening = self.live.listen(self._configuration_changed)
        self.main.show_configuration(self.live.value)
        self.main.select_group(self.live.value.settings.active_group)
        self._remember()
        self._add_up_today()
        self.set_interval(_TICK, self._tick)
        self.set_interval(_RELOAD, self._reload)
        hangup.listen(self._hang_up, self.action_app_leave)
        self.call_after_refresh(self._settled)

    async def on_unmount(self) -> None:
        """Hear nothing more, and let what is to be remembered be written."""
        self._stop_listening()
        self._feed.leave(self._listener)
        await self.memory.settle()

    def _settled(self) -> None:
        """After the first paint, spare the collector what will stay anyway."""
        if not self.is_headless:
            gc.collect()
            gc.freeze()
        self.welcome_newcomer()

    @work(group="journal", exit_on_error=False)
    async def _remember(self) -> None:
        """Begin with the newest calls of earlier runs, then take what comes, and older ones."""
        past = Past(self.records, self._drain)
        try:
            await past.bring()
        finally:
            self.set_interval(INTERVAL, self._take_traffic)
        try:
            while past.more:
                self.main.log_pane.show_older(loading=True)
                await past.bring()
        finally:
            self.main.log_pane.show_older(loading=False)
        if not self.is_headless:
            gc.freeze()

    @work(group="today", exit_on_error=False)
    async def _add_up_today(self) -> None:
        """Begin with what the calls of earlier runs have cost today."""
        now = time.time()
        slots = await self.records.slots(midnight(now))
        self.figures.spent_today.remember(total(slots).money, now)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast, in place of the one before; names in it are no markup."""
        self.clear_notifications()
        shown = one_line(message)
        super().notify(
            shown.translate(PLAIN) if self.has_class("-ascii") else shown,
            title=title,
            severity=severity,
            timeout=timeout,
            markup=markup,
        )

    # --- keeping time ------------------------------------------------------------------------

    @property
    def _lags(self) -> bool:
        """Whether the terminal has not taken the last frame, or enough for now: then it is spared."""
        driver = self._driver
        return isinstance(driver, Terminal) and (driver.backlog > 0 or driver.sated or driver.gone)

    def _take_traffic(self) -> None:
        if not self._lags:
            self._catch_up()

    def _catch_up(self) -> None:
        """Take what has come, however much the terminal has to show already."""
        if (changes := self._drain.step()) is not None:
            self.main.show_traffic(changes)

    def _call_changed(self, call: Call) -> None:
        """Show what a person has noted on a call."""
        self.main.show_traffic(Changes([call], self.calls.take([call])))

    def _tick(self) -> None:
        driver = self._driver
        if isinstance(driver, Terminal) and driver.gone:
            self._hang_up()
        elif not self._lags:
            self.main.tick()

    @work(exclusive=True, group="reload", exit_on_error=False)
    async def _reload(self) -> None:
        if await self.live.reload():
            super().notify("The configuration was changed elsewhere; it is shown now.")

    def _configuration_changed(self) -> None:
        self._wear(self.live.value)
        self.main.show_configuration(self.live.value)

    def _wear(self, configuration: Configuration) -> None:
        few_colours = self.console.color_system == "standard" and not self.is_headless
        self.theme = fitting_theme(configuration.settings.theme, few_colours=few_colours)
        plainly = configuration.settings.ascii
        self.set_class(plainly, "-ascii")
        draw_scrollbars(plainly=plainly)
        for screen in self.screen_stack:
            for footer in screen.query(KeyFooter):
                footer.refresh()

    # --- ending ------------------------------------------------------------------------------

    def _hang_up(self) -> None:
        """Leave a terminal that is gone, without touching it."""
        hangup.ignore_further()
        if isinstance(self._driver, Terminal):
            self._driver.vanish()
        self.exit("hangup")
