"""A list of things configured, with the same commands in each: add, edit, delete and so on."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, TypeVar

from textual.binding import BindingType
from textual.message import Message

from ccproxy_tui.config.models import Configuration
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.figures import Figures
from ccproxy_tui.tui.kinds import Item, Kind
from ccproxy_tui.tui.panes.list_pane import ListPane
from ccproxy_tui.tui.signs import Signs
from ccproxy_tui.tui.widgets.cells import Cell, one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource

T = TypeVar("T", bound=Item)

Verb = Literal[
    "add",
    "edit",
    "duplicate",
    "delete",
    "toggle",
    "up",
    "down",
    "activate",
    "template",
    "test",
    "copy",
]


class ConfigPane(ListPane[T]):
    """Groups, proxies, keys or providers."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("config")]

    class Asked(Message):
        """The user wants something done with the selected item, if there is one."""

        def __init__(self, pane: "ConfigPane[Any]", verb: Verb) -> None:
            self.pane = pane
            self.verb = verb
            super().__init__()

    class Selected(Message):
        """The user moved to another item."""

        def __init__(self, pane: "ConfigPane[Any]") -> None:
            self.pane = pane
            super().__init__()

    def __init__(
        self,
        kind: Kind[T],
        columns: Sequence[Column[T]],
        empty: str,
        figures: Figures,
        *,
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(Rows(columns, empty=empty), id=id)
        self.kind = kind
        self.figures = figures
        self.configuration = Configuration()

    @property
    def item(self) -> T | None:
        """The selected one."""
        return self.rows.item

    @property
    def _identity(self) -> object:
        return None if self.item is None else self.kind.identity(self.item)

    def show(self, configuration: Configuration, signs: Signs) -> None:
        """Show a state of the configuration."""
        self.configuration = configuration
        self.draw_with(signs)
        self.apply_filter(self.filter_text)

    def apply_filter(self, text: str) -> None:
        """Show only items whose cells or name have all the words."""
        items = list(self.kind.items(self.configuration))
        words = text.lower().split()
        shown = [item for item in items if all(word in self._words(item) for word in words)]
        self.rows.make_room_for(items, anew=True)
        before = self._identity
        self.rows.show(FixedSource(shown, self.kind.identity))
        if before is not None and self._identity != before:
            self.post_message(self.Selected(self))
        self.set_subtitle(f"{len(shown)} of {len(items)} · /{text}" if text else "")

    def in_use(self, item: T, *, used: bool) -> Cell:
        """Return the sign for whether it is off, or was used since the start."""
        if item.disabled:
            return self.signs.off, "muted"
        return (self.signs.live, "good") if used else ""

    def name_width(self, item: T) -> int:
        """Return how many cells its name takes."""
        return width_of(one_line(self.kind.name(item)))

    def _words(self, item: T) -> str:
        public = item.model_dump(mode="json", exclude={"token", "api_keys", "http_proxies"})
        return " ".join(str(value) for value in public.values()).lower()

    def _ask(self, verb: Verb) -> None:
        self.post_message(self.Asked(self, verb))

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        """Tell that another item is selected."""
        event.stop()
        self.post_message(self.Selected(self))

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Edit what was double-clicked."""
        event.stop()
        self._ask("edit")

    def action_config_add(self) -> None:
        """Add one."""
        self._ask("add")

    def action_config_edit(self) -> None:
        """Edit the selected one."""
        self._ask("edit")

    def action_config_duplicate(self) -> None:
        """Duplicate the selected one."""
        self._ask("duplicate")

    def action_config_delete(self) -> None:
        """Delete the selected one."""
        self._ask("delete")

    def action_config_toggle(self) -> None:
        """Disable or enable the selected one."""
        self._ask("toggle")

    def action_config_up(self) -> None:
        """Move the selected one up."""
        self._ask("up")

    def action_config_down(self) -> None:
        """Move the selected one down."""
        self._ask("down")

    def action_config_copy(self) -> None:
        """Copy what is worth having of the selected one."""
        self._ask("copy")


AnyConfigPane = ConfigPane[Any]
