"""How the log is laid out, and that it is remembered."""

import pytest

from ccproxy_tui.tui.call_cells import CallCells
from ccproxy_tui.tui.log_columns import log_columns
from ccproxy_tui.tui.log_layout import LogLayout
from ccproxy_tui.tui.quantities import price
from ccproxy_tui.tui.remembered import Memory
from ccproxy_tui.tui.sessions import Sessions
from ccproxy_tui.tui.widgets.columns import DISPENSABLE

USUAL = log_columns(CallCells(Sessions({})))


def layout(memory: Memory) -> LogLayout:
    return LogLayout(USUAL, memory)


def test_the_usual_columns_are_shown_in_their_usual_order() -> None:
    assert layout(Memory()).columns == list(USUAL)
    shown = [column.name for column in layout(Memory()).shown]
    assert shown == [column.name for column in USUAL if column.usual]
    assert "$" in shown
    assert "id" not in shown


def test_a_column_that_the_memory_does_not_know_comes_after_its_usual_neighbour() -> None:
    names = [column.name for column in USUAL]
    names.remove("cache")
    memory = Memory()
    layout(memory).choose(["no such", *reversed(names)], ["key"])
    ordered = [column.name for column in layout(memory).columns]
    assert ordered[ordered.index("in") + 1] == "cache"
    assert sorted(ordered) == sorted(column.name for column in USUAL)
    assert "key" not in [column.name for column in layout(memory).shown]


def test_what_was_asked_for_does_not_go_before_what_was_not() -> None:
    memory = Memory()
    layout(memory).choose([], [])
    priorities = {column.name: column.column.priority for column in layout(memory).shown}
    assert priorities["id"] < DISPENSABLE <= priorities["session"]


def test_sessions_need_no_column_when_calls_are_under_their_heads() -> None:
    memory = Memory()
    layout(memory).group()
    assert "session" not in [column.name for column in layout(memory).shown]
    layout(memory).group()
    assert "session" in [column.name for column in layout(memory).shown]


def test_sorting_begins_with_the_largest_or_with_a_and_turns_around() -> None:
    memory = Memory()
    for name, first, then in (("$", True, False), ("key", False, True)):
        layout(memory).sort_by(name)
        assert layout(memory).order.call is not None
        assert layout(memory).order.turned is first
        layout(memory).sort_by(name)
        assert layout(memory).order.turned is then
    layout(memory).sort_by("")
    assert layout(memory).sort is None
    assert not layout(memory).newest_first
    layout(memory).turn()
    assert layout(memory).newest_first
    assert layout(memory).order.turned


def test_a_column_that_is_no_more_is_not_sorted_by() -> None:
    assert layout(Memory()).sort is None
    memory = Memory()
    memory.change(sort="of another version", newest_first=True)
    assert layout(memory).sort is None
    assert layout(memory).newest_first


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (0.0001, "<.001"), (0.0123, "0.012"), (0.9994, "0.999"), (0.9996, "1.00"),
     (4.125, "4.12"), (9.996, "10.0"), (38.46, "38.5"), (99.96, "100"), (1234.0, "1.2k")],
)  # fmt: skip
def test_prices_fit_five_characters(value: float, shown: str) -> None:
    assert price(value) == shown
