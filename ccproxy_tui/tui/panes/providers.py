"""Pane 4: the providers."""

from typing import ClassVar

from textual.binding import BindingType

from ccproxy_tui.config.models import Provider
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.kinds import ProviderKind
from ccproxy_tui.tui.panes.config_pane import ConfigPane
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column


class ProvidersPane(ConfigPane[Provider]):
    """Who runs the models, and how the last calls to them went."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("providers")]
    number = 4
    title = "Providers"

    def __init__(self, figures: Figures) -> None:
        columns = (
            Column("", self._state, 1),
            Column("name", self._named, 8, grow=1, most=32, least=8, content=self.name_width),
            Column("protocol", self._protocol, 8, priority=5, content=_protocol_width),
            Column("keys", self._keys, 4, align="right", priority=7),
            Column("models", self._models, 6, align="right", priority=6),
            Column("base URL", self._base_url, 20, grow=40, priority=8),
        )
        empty = "No providers: there is no\nmodel to answer.\na adds one."
        super().__init__(ProviderKind(), columns, empty, figures, id="providers")

    def _state(self, provider: Provider) -> Cell:
        health = self.figures.health(provider.name)
        if not provider.disabled and health == "degraded":
            return self.signs.degraded, "warn"
        if not provider.disabled and health == "down":
            return self.signs.down, "bad"
        return self.in_use(provider, used=provider.name in self.figures.used_providers)

    def _named(self, provider: Provider) -> Cell:
        return (provider.name, "muted") if provider.disabled else provider.name

    def _protocol(self, provider: Provider) -> Cell:
        return provider.protocol, "muted"

    def _keys(self, provider: Provider) -> Cell:
        return str(len(provider.api_keys))

    def _models(self, provider: Provider) -> Cell:
        return str(len(provider.models))

    def _base_url(self, provider: Provider) -> Cell:
        return provider.base_url, "muted"

    def action_provider_test(self) -> None:
        """Send a tiny real call to the first model."""
        self._ask("test")


def _protocol_width(provider: Provider) -> int:
    return len(provider.protocol)
