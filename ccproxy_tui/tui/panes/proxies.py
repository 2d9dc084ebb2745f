"""Pane 2: the proxies of the selected group."""

from typing import ClassVar

from textual.binding import BindingType

from ccproxy_tui.config.models import DEFAULT_GROUP, Proxy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.kinds import ProxyKind
from ccproxy_tui.tui.panes.config_pane import ConfigPane
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column


class ProxiesPane(ConfigPane[Proxy]):
    """Which aliases the group catches, and who answers for them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("providers")]
    number = 2
    title = "Proxies"

    def __init__(self, figures: Figures) -> None:
        columns = (
            Column("", self._state, 1),
            Column("alias", self._alias, 9, grow=2, most=32),
            Column("targets", self._targets, 9, grow=3),
        )
        empty = "No proxies: this group\nanswers no model yet.\na adds one."
        super().__init__(ProxyKind(DEFAULT_GROUP), columns, empty, figures, id="proxies")

    def show_group(self, name: str) -> None:
        """Show the proxies of another group."""
        self.set_title(name)
        if name != self.kind_of_group.group:
            self.kind = ProxyKind(name)
            self.apply_filter(self.filter_text)

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
        if proxy.disabled:
            return self.signs.off, "muted"
        providers = [self.configuration.provider(target.provider) for target in proxy.targets]
        up = [provider is not None and not provider.disabled for provider in providers]
        if all(up):
            return self.signs.live, "good"
        return (self.signs.degraded, "warn") if any(up) else (self.signs.down, "bad")

    def _alias(self, proxy: Proxy) -> Cell:
        return (proxy.alias, "muted") if proxy.disabled else proxy.alias

    def _targets(self, proxy: Proxy) -> Cell:
        more = len(proxy.targets) - 1
        return f"{f'{more + 1}: ' if more else ''}{proxy.targets[0]}", "muted"

    def action_provider_test(self) -> None:
        """Send a tiny real call to the first target."""
        self._ask("test")
