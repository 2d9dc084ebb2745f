"""Pane 3: the access keys."""

from ccproxy_tui.config.edits import mask
from ccproxy_tui.config.models import AccessKey
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.key_limits import expired, limits_in_words
from ccproxy_tui.tui.kinds import KeyKind
from ccproxy_tui.tui.panes.config_pane import ConfigPane
from ccproxy_tui.tui.quantities import count
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column

_EXPIRED = "(expired)"


class KeysPane(ConfigPane[AccessKey]):
    """Who is let in, and how much they call."""

    number = 3
    title = "Keys"

    def __init__(self, figures: Figures, base_url: str) -> None:
        columns = (
            Column("", self._state, 1),
            Column("name", self._named, 8, grow=1, most=32, least=8, content=self._name_width),
            Column("token", self._token, 10, priority=5),
            Column("calls", self._calls, 5, align="right", priority=6),
            Column("limits", self._limits, 16, grow=40, priority=8),
        )
        empty = "No keys: nobody is let in.\na adds one."
        super().__init__(KeyKind(base_url), columns, empty, figures, id="keys")

    def _state(self, key: AccessKey) -> Cell:
        if expired(key):
            return self.signs.off, "muted"
        return self.in_use(key, used=key.name in self.figures.used_keys)

    def _named(self, key: AccessKey) -> Cell:
        if expired(key):
            return f"{key.name} {_EXPIRED}", "muted"
        return (key.name, "muted") if key.disabled else key.name

    def _name_width(self, key: AccessKey) -> int:
        return self.name_width(key) + (len(_EXPIRED) + 1 if expired(key) else 0)

    def _limits(self, key: AccessKey) -> Cell:
        return limits_in_words(key), "muted"

    def _token(self, key: AccessKey) -> Cell:
        return mask(key.token).replace("…", self.signs.more).replace("•", "*"), "muted"

    def _calls(self, key: AccessKey) -> Cell:
        return count(self.figures.calls_by_key[key.name])
