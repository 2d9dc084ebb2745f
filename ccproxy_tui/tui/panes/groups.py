"""Pane 1: the groups."""

from typing import ClassVar

from textual.binding import BindingType

from ccproxy_tui.config.models import Group
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.kinds import GroupKind
from ccproxy_tui.tui.panes.config_pane import ConfigPane
from ccproxy_tui.tui.widgets.cells import Cell
from ccproxy_tui.tui.widgets.columns import Column


class GroupsPane(ConfigPane[Group]):
    """Which groups there are, and which one /switch leads to."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("groups")]
    number = 1
    title = "Groups"

    def __init__(self, figures: Figures, base_url: str) -> None:
        columns = (
            Column("", self._state, 1),
            Column("name", self._named, 8, grow=1, most=32, least=8, content=self.name_width),
            Column("proxies", self._proxies, 7, align="right", priority=6),
            Column("prompt", self._prompt, 7, priority=5),
            Column("swaps", self._swaps, 5, align="right", priority=8),
            Column("tools", self._tools, 6, priority=7),
            Column("temp", self._temperature, 4, align="right", priority=7),
            Column("description", self._description, 16, grow=40, priority=9),
        )
        empty = "No such group.\na adds one."
        super().__init__(GroupKind(base_url), columns, empty, figures, id="groups")

    def _state(self, group: Group) -> Cell:
        if group.disabled:
            return self.signs.off, "muted"
        active = self.configuration.settings.active_group == group.name
        return (self.signs.live, "good") if active else ""

    def _named(self, group: Group) -> Cell:
        return (group.name, "muted") if group.disabled else group.name

    def _proxies(self, group: Group) -> Cell:
        return str(len(self.configuration.proxies_of(group.name)))

    def _prompt(self, group: Group) -> Cell:
        words = {
            "off": "swaps" if group.replacements else "",
            "enhance": "adds",
            "replace": "whole",
        }
        said = words[group.prompt_injection]
        return f"{self.signs.injects} {said}" if said else "", "accent"

    def _swaps(self, group: Group) -> Cell:
        return str(len(group.replacements) or "")

    def _tools(self, group: Group) -> Cell:
        return "" if group.tool_mode == "auto" else group.tool_mode

    def _temperature(self, group: Group) -> Cell:
        return "" if group.temperature_ratio == 1 else f"{group.temperature_ratio:g}"

    def _description(self, group: Group) -> Cell:
        return group.description, "muted"

    def action_group_activate(self) -> None:
        """Make the selected group the active one."""
        self._ask("activate")

    def action_group_template(self) -> None:
        """Give some of its fields to other groups."""
        self._ask("template")
