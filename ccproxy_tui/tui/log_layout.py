"""How a person has the log laid out: which columns, sorted how, in sessions or not. Remembered."""

from collections.abc import Sequence
from dataclasses import replace

from ccproxy_tui.tui.arrangement import Order, Row
from ccproxy_tui.tui.log_columns import LogColumn, in_order, order_by
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.widgets.columns import DISPENSABLE, Column


class LogLayout:
    """The layout of the log; whoever changes it has to show the rows anew."""

    def __init__(self, columns: Sequence[LogColumn], memory: Memory) -> None:
        self._usual = columns
        self._memory = memory

    @property
    def columns(self) -> list[LogColumn]:
        """All columns in their order, shown or not."""
        return in_order(self._usual, self._memory.value.columns)

    @property
    def hidden(self) -> frozenset[str]:
        """The names of the columns that are not shown."""
        names = self._memory.value.hidden
        if names is None:
            return frozenset(column.name for column in self._usual if not column.usual)
        return frozenset(names)

    @property
    def shown(self) -> list[LogColumn]:
        """The columns that are shown, as far as there is room; heads of sessions have their names."""
        hidden = self.hidden | ({"session"} if self.grouped else set())
        return [
            column if column.usual else replace(column, column=_asked_for(column.column))
            for column in self.columns
            if column.name not in hidden
        ]

    @property
    def sort(self) -> LogColumn | None:
        """The column that rows are sorted by; None for the order in which calls began."""
        name = self._memory.value.sort
        return next((one for one in self._usual if one.name == name and one.sort), None)

    @property
    def sortable(self) -> list[LogColumn]:
        """The columns that rows can be sorted by."""
        return [column for column in self.columns if column.sort is not None]

    @property
    def reverse(self) -> bool:
        """Whether, when it is sorted, the largest comes first."""
        return self._memory.value.reverse

    @property
    def newest_first(self) -> bool:
        """Whether, when it is not sorted, new calls come at the upper end."""
        return self._memory.value.newest_first and self.sort is None

    @property
    def grouped(self) -> bool:
        """Whether calls are under the heads of their sessions."""
        return self._memory.value.grouped

    @property
    def order(self) -> Order:
        """The order of the rows."""
        remembered = self._memory.value
        return order_by(self.sort, reverse=remembered.reverse, newest_first=remembered.newest_first)

    def sort_by(self, name: str) -> None:
        """Sort by a column, the most interesting first; by the same one again, turn it around."""
        if self.sort is not None and self.sort.name == name:
            self.turn()
            return
        column = next((one for one in self._usual if one.name == name), None)
        self._memory.change(sort=name, reverse=column is not None and not column.text)

    def turn(self) -> None:
        """Turn the order around."""
        if self.sort is not None:
            self._memory.change(reverse=not self.reverse)
        else:
            self._memory.change(newest_first=not self.newest_first)

    def group(self) -> None:
        """Put calls under the heads of their sessions, or no longer."""
        self._memory.change(grouped=not self.grouped)

    def choose(self, names: Sequence[str], hidden: Sequence[str] | None) -> None:
        """Take other columns; none, and None, for the usual ones."""
        self._memory.change(columns=tuple(names), hidden=hidden)


def _asked_for(column: Column[Row]) -> Column[Row]:
    """Return a column that does not go as long as others that nobody has asked for can."""
    return replace(column, priority=DISPENSABLE - 1)
