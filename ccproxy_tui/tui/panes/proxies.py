"""Pane 2: the proxies of the selected group."""

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from ccproxy_tui.config.models import DEFAULT_GROUP, Proxy
from ccproxy_tui.tui.availability import Available
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.kinds import ProxyKind
from ccproxy_tui.tui.panes.config_pane import ConfigPane
from ccproxy_tui.tui.widgets.cells import Cell, one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column


class ProxiesPane(ConfigPane[Proxy]):
    """Which aliases the group catches, and who answers for them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("providers"), *bindings("proxies")]
    number = 2
    title = "Proxies"

    class CandidatesAsked(Message):
        """The user wants to see who can answer for the selected proxy."""

        def __init__(self, proxy: Proxy) -> None:
            self.proxy = proxy
            super().__init__()

    def __init__(self, figures: Figures) -> None:
        self._available: dict[str, Available] = {}
        columns = (
            Column("", self._state, 1),
            Column("alias", self._alias, 9, most=32, least=9, content=self.name_width),
            Column("targets", self._targets, 9, grow=1, sized=self._targets_in),
        )
        empty = "No proxies: this group\nanswers no model yet.\na adds one."
        super().__init__(ProxyKind(DEFAULT_GROUP), columns, empty, figures, id="proxies")

    def show_group(self, name: str) -> None:
        """Show the proxies of another group."""
        self.set_title(name)
        if name != self.kind_of_group.group:
            self.kind = ProxyKind(name)
            self._available = {}
            self.apply_filter(self.filter_text)

    def show_availability(self, group: str, available: dict[str, Available]) -> None:
        """Show how many candidates can answer, by alias, if it is this group that is shown."""
        if group == self.kind_of_group.group and available != self._available:
            self._available = available
            self.rows.repaint_if_changed()

    @property
    def kind_of_group(self) -> ProxyKind:
        """The kind, which knows its group."""
        if not isinstance(self.kind, ProxyKind):
            raise TypeError("a pane of proxies holds proxies")
        return self.kind

    def on_mount(self) -> None:
        """Say which group it is from the start."""
        self.set_title(self.kind_of_group.group)

    def _state(self, proxy: Proxy) -> Cell:
        providers = [self.configuration.provider(target.provider) for target in proxy.targets]
        if all(provider is None or provider.disabled for provider in providers):
            return self.signs.off, "muted"
        if (lacking := self._lacking(proxy)) is not None:
            return (self.signs.degraded, "warn") if lacking.ready else (self.signs.down, "bad")
        return self.in_use(proxy, used=(proxy.group, proxy.alias) in self.figures.used_proxies)

    def _lacking(self, proxy: Proxy) -> Available | None:
        """Return how many can answer, where that is not all of them."""
        found = None if proxy.disabled else self._available.get(proxy.alias)
        return None if found is None or (found.ready and found.ready == found.total) else found

    def _alias(self, proxy: Proxy) -> Cell:
        return (proxy.alias, "muted") if proxy.disabled else proxy.alias

    def _targets(self, proxy: Proxy) -> Cell:
        return self._availability(proxy) + ", ".join(map(str, proxy.targets)), "muted"

    def _availability(self, proxy: Proxy) -> str:
        lacking = self._lacking(proxy)
        return "" if lacking is None else f"{lacking.ready} of {lacking.total} ready: "

    def _targets_in(self, proxy: Proxy, width: int) -> Cell:
        """Show all targets, or how many there are and the first of them."""
        said = self._availability(proxy)
        shown = said + ", ".join(map(str, proxy.targets))
        if not said and len(proxy.targets) > 1 and width_of(one_line(shown)) > width:
            shown = f"{len(proxy.targets)}: {proxy.targets[0]}"
        return shown, "muted"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer candidates only where there is a proxy."""
        if action == "proxy_candidates" and self.item is None:
            return False
        return super().check_action(action, parameters)

    def action_proxy_candidates(self) -> None:
        """Show who can answer for the selected proxy."""
        if self.item is not None:
            self.post_message(self.CandidatesAsked(self.item))

    def action_provider_test(self) -> None:
        """Send a tiny real call to the first target."""
        self._ask("test")
