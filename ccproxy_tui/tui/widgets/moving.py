"""The keys that move through a list, all of them in terms of so many rows up or down."""

from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from ccproxy_tui.tui.commands import bindings


class Moving(Widget):
    """A widget with a cursor; it says how many rows there are and moves when told to."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]

    @property
    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    @property
    def page(self) -> int:
        """How many rows are seen."""
        raise NotImplementedError

    def move(self, by: int) -> None:
        """Move the cursor by so many rows, as far as there are."""
        raise NotImplementedError

    def action_list_down(self) -> None:
        """Move down."""
        self.move(1)

    def action_list_up(self) -> None:
        """Move up."""
        self.move(-1)

    def action_list_first(self) -> None:
        """Go to the first row."""
        self.move(-self.count)

    def action_list_last(self) -> None:
        """Go to the last row."""
        self.move(self.count)

    def action_list_half_down(self) -> None:
        """Half a page down."""
        self.move(max(1, self.page // 2))

    def action_list_half_up(self) -> None:
        """Half a page up."""
        self.move(-max(1, self.page // 2))

    def action_list_page_down(self) -> None:
        """A page down."""
        self.move(max(1, self.page - 1))

    def action_list_page_up(self) -> None:
        """A page up."""
        self.move(-max(1, self.page - 1))
