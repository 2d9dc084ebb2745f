"""Pane 2: the proxies of the selected group."""

from typing import ClassVar

from textual.binding import BindingType

from ccproxy_tui.config.models import DEFAULT_GROUP, Proxy
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.kinds import ProxyKind
from ccproxy_tui.tui.panes.config_pane import ConfigPane
from ccproxy_tui.tui.widgets.cells import Cell, one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column


class ProxiesPane(ConfigPane[Proxy]):
    """Which aliases the group catches, and who answers for them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("providers")]
    number = 2
    title = "Proxies"

    def __init__(self, figures: Figures) -> None:
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
        providers = [self.configuration.provider(target.provider) for target in proxy.targets]
        if all(provider is None or provider.disabled for provider in providers):
            return self.signs.off, "muted"
        return self.in_use(proxy, used=(proxy.group, proxy.alias) in self.figures.used_proxies)

    def _alias(self, proxy: Proxy) -> Cell:
        return (proxy.alias, "muted") if proxy.disabled else proxy.alias

    def _targets(self, proxy: Proxy) -> Cell:
        return ", ".join(map(str, proxy.targets)), "muted"

    def _targets_in(self, proxy: Proxy, width: int) -> Cell:
        """Show all targets, or how many there are and the first of them."""
        shown = ", ".join(map(str, proxy.targets))
        if len(proxy.targets) > 1 and width_of(one_line(shown)) > width:
            shown = f"{len(proxy.targets)}: {proxy.targets[0]}"
        return shown, "muted"

    def action_provider_test(self) -> None:
        """Send a tiny real call to the first target."""
        self._ask("test")
