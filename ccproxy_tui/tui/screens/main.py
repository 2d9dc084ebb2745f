"""The main screen: what is allowed on the left, what happens on the right."""

from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from ccproxy_tui.config.models import DEFAULT_GROUP, Configuration
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.availability import availability
from ccproxy_tui.tui.background import report_failure
from ccproxy_tui.tui.call_actions import CallActions
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.candidates import Candidates
from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.configure import Configure
from ccproxy_tui.tui.drain import Changes
from ccproxy_tui.tui.editor import view_text
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.layout import BESIDE, LEAST, View, view
from ccproxy_tui.tui.panes.call_pane import CallPane, CallVerb
from ccproxy_tui.tui.panes.config_pane import AnyConfigPane, ConfigPane
from ccproxy_tui.tui.panes.groups import GroupsPane
from ccproxy_tui.tui.panes.inspect import InspectPane
from ccproxy_tui.tui.panes.keys import KeysPane
from ccproxy_tui.tui.panes.list_pane import ListPane
from ccproxy_tui.tui.panes.log import LogPane
from ccproxy_tui.tui.panes.providers import ProvidersPane
from ccproxy_tui.tui.panes.proxies import ProxiesPane
from ccproxy_tui.tui.records import Records
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.screens.candidates import CandidatesScreen
from ccproxy_tui.tui.screens.columns import ColumnsScreen, sort_selection
from ccproxy_tui.tui.screens.command_line import CommandLine
from ccproxy_tui.tui.signs import signs
from ccproxy_tui.tui.status import ProxyStatus
from ccproxy_tui.tui.widgets.footer import KeyFooter
from ccproxy_tui.tui.widgets.header import Header
from ccproxy_tui.tui.widgets.tab_line import TabLine

_LOOK_AGAIN = 1.0


class MainScreen(Screen[None]):
    """Six panes, a header and the keys."""

    CSS_PATH = "main.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("main")]

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Only what has got or lost the focus is drawn anew, not the whole screen."""

    def __init__(
        self,
        status: ProxyStatus,
        log: CallLog,
        figures: Figures,
        records: Records,
        configure: Configure,
        candidates: Candidates,
        actions: CallActions,
        memory: Memory,
    ) -> None:
        super().__init__()
        self._candidates = candidates
        self._looking = False
        self._records = records
        self._calls = log
        self._configure = configure
        self._actions = actions
        self._memory = memory
        self.header = Header(status, figures)
        self.groups = GroupsPane(figures, status.base_url)
        self.proxies = ProxiesPane(figures)
        self.keys = KeysPane(figures, status.base_url)
        self.providers = ProvidersPane(figures)
        self.log_pane = LogPane(log, records, memory)
        self.inspector = InspectPane()
        self.config_panes: tuple[AnyConfigPane, ...] = (
            self.groups,
            self.proxies,
            self.keys,
            self.providers,
        )
        self.panes: tuple[Widget, ...] = (*self.config_panes, self.log_pane, self.inspector)
        titles = [pane.title for pane in (*self.config_panes, self.log_pane, self.inspector)]
        self._tabs = TabLine([f"{number} {title}" for number, title in enumerate(titles, 1)])
        self._tabs.id = "tabs"
        self._zoomed = False
        self._view = View("all", "log")

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield self.header
        yield self._tabs
        with Horizontal(id="body"):
            with Vertical(id="allowed"):
                yield from self.config_panes
            with Vertical(id="happens"):
                yield self.log_pane
                yield self.inspector
        yield Static(f"ccproxy needs {LEAST[0]}×{LEAST[1]} cells", id="small")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin with the log."""
        self._arrange("log")
        self.log_pane.rows.focus()
        self.set_interval(_LOOK_AGAIN, self._look_at_candidates)

    # --- what is shown -----------------------------------------------------------------------

    def show_configuration(self, configuration: Configuration) -> None:
        """Show a state of the configuration."""
        drawn = signs(ascii_only=configuration.settings.ascii)
        self.set_class(configuration.settings.ascii, "-ascii")
        self.header.active_group = configuration.settings.active_group
        self.header.signs = drawn
        self.log_pane.draw_with(drawn)
        self.log_pane.describe()
        self.inspector.draw_with(drawn)
        self.inspector.cache.providers = configuration.providers
        self.header.refresh()
        for pane in self.config_panes:
            pane.show(configuration, drawn)
        self._show_group()

    def show_traffic(self, changes: Changes) -> None:
        """Show what a drain brought."""
        self.log_pane.take(changes)
        self.inspector.look()
        self.header.look()

    def tick(self) -> None:
        """Let clocks, rates and running calls go on."""
        self.header.look()
        self.log_pane.tick()
        self.inspector.tick()
        for pane in (self.proxies, self.keys, self.providers):
            pane.rows.repaint_if_changed()

    def _look_at_candidates(self) -> None:
        """See who can answer for the proxies in sight, unless that is being asked."""
        if self.is_active and self.proxies.display and not self._looking:
            self._looking = True
            self._ask_for_availability()

    @work(group="availability", exit_on_error=False)
    async def _ask_for_availability(self) -> None:
        group = self.proxies.kind_of_group.group
        aliases = [proxy.alias for proxy in self.proxies.rows.seen if not proxy.disabled]
        try:
            found = await availability(self._candidates, group, aliases)
        finally:
            self._looking = False
        self.proxies.show_availability(group, found)

    def select_group(self, name: str) -> None:
        """Select a group, and show its proxies."""
        self.groups.rows.select(name)
        self._show_group()

    def show_calls(self, filter_text: str) -> None:
        """Show the calls that a filter lets by."""
        self.go_to("log")
        self.log_pane.put_filter(filter_text)

    def _show_group(self) -> None:
        group = self.groups.item
        self.proxies.show_group(group.name if group is not None else DEFAULT_GROUP)

    # --- which panes are seen ----------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Show as many panes as fit; what was hidden in between has lost the focus."""
        del event
        self._arrange(self._view.current)
        if self.focused is None and self._view.layout != "none":
            self.call_after_refresh(self.go_to, self._view.current)

    def _arrange(self, current: str) -> None:
        self._view = view(*self.size, current, zoomed=self._zoomed)
        for name in ("all", "one", "none"):
            self.set_class(self._view.layout == name, f"-{name}")
        beside = self._memory.value.inspector == "right" and self.size.width >= BESIDE
        self.set_class(beside, "-beside")
        for pane in self.panes:
            pane.display = self._view.shows(pane.id or "")
        for side, panes in (("#allowed", self.panes[:4]), ("#happens", self.panes[4:])):
            self.query_one(side).display = any(pane.display for pane in panes)
        with self.prevent(TabLine.Changed):
            self._tabs.current = [pane.id for pane in self.panes].index(current)

    def go_to(self, name: str) -> None:
        """Show a pane and give it the focus."""
        self._arrange(name)
        pane = next(pane for pane in self.panes if pane.id == name)
        inner = pane.rows if isinstance(pane, ListPane) else self.inspector.outline
        self.set_focus(inner)  # at once, for keys that came in the same bunch

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember the pane that has the focus."""
        for pane in event.widget.ancestors:
            if isinstance(pane, (ListPane, InspectPane)) and pane.id != self._view.current:
                self._arrange(pane.id or "log")

    def on_tab_line_changed(self, event: TabLine.Changed) -> None:
        """Go where the mouse clicked."""
        event.stop()
        self.go_to(self.panes[self._tabs.current].id or "log")

    def _step(self, by: int) -> None:
        names = [pane.id or "" for pane in self.panes]
        self.go_to(names[(names.index(self._view.current) + by) % len(names)])

    # --- what panes ask for ------------------------------------------------------------------

    def on_config_pane_selected(self, event: ConfigPane.Selected) -> None:
        """Show the proxies of the selected group."""
        if event.pane is self.groups:
            self._show_group()

    def on_config_pane_asked(self, event: ConfigPane.Asked) -> None:
        """Do what was asked."""
        self._carry_out(event)

    @work(group="configure", exit_on_error=False)
    async def _carry_out(self, event: ConfigPane.Asked) -> None:
        pane = event.pane

        def select(name: str) -> None:
            if pane.rows.select(name):
                self._show_group()

        await self._configure.carry_out(pane.kind, event.verb, pane.item, select)

    def on_log_pane_selected(self, event: LogPane.Selected) -> None:
        """Let the inspector, once open, follow the cursor."""
        if self._view.layout == "all" and self.inspector.call_shown is not None:
            self.inspector.show_call(event.call)

    def on_log_pane_open_asked(self, event: LogPane.OpenAsked) -> None:
        """Open a call."""
        self.inspector.show_call(event.call)
        self.go_to("inspect")

    def on_call_pane_do(self, event: CallPane.Do) -> None:
        """Do something with a call."""
        self._do(event.call, event.verb)

    @work(group="calls", exit_on_error=False)
    async def _do(self, call: Call, verb: CallVerb) -> None:
        await self._actions.carry_out(call, verb)

    @work(group="calls", exit_on_error=False)
    async def on_log_pane_export_asked(self) -> None:
        """Write the calls that are shown to a file."""
        await self._actions.export(self.log_pane.calls_shown(), self.log_pane.filter_text)

    @work(group="layout", exit_on_error=False)
    async def on_log_pane_sort_asked(self) -> None:
        """Choose what the log is sorted by."""
        picked = await self.app.push_screen_wait(sort_selection(self.log_pane.layout_of_rows))
        if picked is not None:
            self.log_pane.sort_by(*picked)

    def on_log_pane_columns_asked(self) -> None:
        """Choose the columns of the log."""
        pane = self.log_pane
        self.app.push_screen(
            ColumnsScreen(pane.layout_of_rows, pane.lay_out, lambda: pane.rows.crowded_out)
        )

    def on_proxies_pane_candidates_asked(self, event: ProxiesPane.CandidatesAsked) -> None:
        """Show who can answer for an alias."""
        proxy = event.proxy
        self.app.push_screen(CandidatesScreen(self._candidates, proxy.group, proxy.alias))

    def on_inspect_pane_wanted(self, event: InspectPane.Wanted) -> None:
        """Look up a call's messages, and those of the call before it in its session."""
        self._load(event.call)

    @work(exclusive=True, group="journal", exit_on_error=False)
    async def _load(self, call: Call) -> None:
        exchange = call.exchange or await self._records.exchange(call.id)
        previous = self._calls.before(call)
        previous_exchange = None
        if previous is not None:
            previous_exchange = previous.exchange or await self._records.exchange(previous.id)
        self.inspector.show_messages(call, exchange, previous, previous_exchange)

    def on_inspect_pane_step_asked(self, event: InspectPane.StepAsked) -> None:
        """Go to another call of the log without leaving the inspector."""
        rows = self.log_pane.rows
        rows.follow(False)
        rows.select(event.call.id)
        before = None
        while rows.index != before:
            before = rows.index
            rows.move(event.by)
            call = self.log_pane.call_at_hand
            if call is not None and call is not event.call:
                self.inspector.show_call(call, keep_place=True)
                return

    def on_inspect_pane_asked(self, event: InspectPane.Asked) -> None:
        """Copy or open what the inspector shows."""
        if event.verb == "copy":
            self._copy(event.text, "the text")
        else:
            self._open(event.text, event.suffix)

    @work(group="copy", exit_on_error=False)
    async def _copy(self, text: str, what: str) -> None:
        self.notify(f"{what}: {await copy(self.app, text)}")

    @work(exclusive=True, group="editor", exit_on_error=False)
    async def _open(self, text: str, suffix: str) -> None:
        await view_text(self.app, text, suffix)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background."""
        report_failure(event)

    # --- commands ----------------------------------------------------------------------------

    def action_main_groups(self) -> None:
        """Go to the groups."""
        self.go_to("groups")

    def action_main_proxies(self) -> None:
        """Go to the proxies."""
        self.go_to("proxies")

    def action_main_keys(self) -> None:
        """Go to the keys."""
        self.go_to("keys")

    def action_main_providers(self) -> None:
        """Go to the providers."""
        self.go_to("providers")

    def action_main_log(self) -> None:
        """Go to the log."""
        self.go_to("log")

    def action_main_inspect(self) -> None:
        """Go to the inspector."""
        self.go_to("inspect")

    def action_main_next(self) -> None:
        """Go to the next pane."""
        self._step(1)

    def action_main_previous(self) -> None:
        """Go to the pane before."""
        self._step(-1)

    def action_main_zoom(self) -> None:
        """Show the current pane alone, or all again."""
        self._zoomed = not self._zoomed
        self._arrange(self._view.current)

    def action_main_split(self) -> None:
        """Put the inspector to the right of the log, or below it."""
        where = "below" if self._memory.value.inspector == "right" else "right"
        self._memory.change(inspector=where)
        self._arrange(self._view.current)
        if where == "right" and not self.has_class("-beside"):
            self.notify(f"The inspector goes right of the log from {BESIDE} columns on.")

    def action_main_back(self) -> None:
        """Go back one level."""
        self._back()

    def action_main_quit(self) -> None:
        """Go back one level, or quit."""
        if not self._back():
            self.app.call_later(self.app.action_quit)

    def action_main_how_to_quit(self) -> None:
        """Say how to quit."""
        self.notify("q quits, ctrl+q without asking.")

    def _back(self) -> bool:
        pane = next(pane for pane in self.panes if pane.id == self._view.current)
        if isinstance(pane, (ListPane, InspectPane)) and pane.back():
            return True
        if pane is self.inspector:
            self.go_to("log")
            return True
        if self._zoomed:
            self.action_main_zoom()
            return True
        return False

    @work(group="configure", exit_on_error=False)
    async def action_main_undo(self) -> None:
        """Take back the last edit."""
        await self._configure.undo()

    @work(group="configure", exit_on_error=False)
    async def action_main_redo(self) -> None:
        """Do again what was taken back."""
        await self._configure.redo()

    def action_main_route(self) -> None:
        """Ask whom a call for a model would go to, in the selected group."""
        group, proxy = self.proxies.kind_of_group.group, self.proxies.item
        alias = "" if proxy is None else proxy.alias
        self.app.push_screen(CandidatesScreen(self._candidates, group, alias, dry_run=True))

    def action_main_command(self) -> None:
        """Type a command."""
        self.app.push_screen(CommandLine(self))
