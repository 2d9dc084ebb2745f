"""The list widget by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from textual.app import App, ComposeResult

from ccproxy_tui.tui.arrangement import Row
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.widgets.cells import cut, fit, one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column, place, widened
from ccproxy_tui.tui.widgets.rows import Rows
from ccproxy_tui.tui.widgets.source import FixedSource
from tests.tui.fake import made_call
from tests.tui.screen_text import screen_lines, screen_text


@dataclass(frozen=True)
class Thing:
    name: str
    size: int = 1


def name_of(thing: Thing) -> str:
    return thing.name


def size_of(thing: Thing) -> tuple[str, str]:
    return str(thing.size), "muted"


def columns() -> tuple[Column[Thing], ...]:
    return (
        Column("name", name_of, 6, grow=1),
        Column("size", size_of, 8, align="right", priority=1),  # type: ignore[arg-type]
    )


class ListApp(App[None]):
    def __init__(self, things: Sequence[Thing]) -> None:
        super().__init__()
        self.rows: Rows[Thing] = Rows(columns(), empty="Nothing.\na adds one.")
        self.things = list(things)
        self.opened: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.rows

    def on_mount(self) -> None:
        self.show()
        self.rows.focus()

    def show(self) -> None:
        self.rows.show(FixedSource(tuple(self.things), lambda thing: thing.name))

    def on_rows_opened(self, event: Rows.Opened) -> None:
        item = event.rows.item
        assert item is not None
        self.opened.append(item.name)


def things(count: int) -> list[Thing]:
    return [Thing(f"thing-{number}", number) for number in range(count)]


async def test_all_keys_move_the_cursor() -> None:
    app = ListApp(things(100))
    async with app.run_test(size=(40, 11)) as pilot:
        for key, index in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("G", 99), ("g", 0),
            ("end", 99), ("home", 0), ("ctrl+d", 5), ("ctrl+u", 0), ("pagedown", 9),
            ("pageup", 0),
        ):  # fmt: skip
            await pilot.press(key)
            assert app.rows.index == index, key
        await pilot.press("G")
        assert "thing-99" in screen_text(app)
        assert "thing-89" not in screen_text(app)


async def test_the_cursor_stays_on_its_row_when_the_order_changes() -> None:
    app = ListApp(things(10))
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("j", "j", "j")
        app.things.reverse()
        app.show()
        assert app.rows.item == Thing("thing-3", 3)
        assert app.rows.index == 6


async def test_when_its_row_goes_the_cursor_stays_about_where_it_was() -> None:
    app = ListApp(things(5))
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("j", "j")
        del app.things[2]
        app.show()
        assert app.rows.item == Thing("thing-3", 3)
        del app.things[1:]
        app.show()
        assert app.rows.item == Thing("thing-0", 0)


async def test_an_empty_list_has_no_cursor() -> None:
    app = ListApp(things(1))
    async with app.run_test(size=(40, 20)) as pilot:
        app.things.clear()
        app.show()
        await pilot.press("j", "G", "ctrl+d")
        assert app.rows.item is None


async def test_an_empty_list_says_what_to_do() -> None:
    app = ListApp([])
    async with app.run_test(size=(40, 5)):
        assert screen_lines(app)[1:3] == ["Nothing.", "a adds one."]


async def test_hostile_names_take_one_line_and_their_column() -> None:
    names = ["a\nb\x1b[31mc", "[red]markup[/]", "日本語" * 30, "x\u202eevil", "fam👨‍👩‍👧ily"]
    app = ListApp([Thing(name, 7) for name in names])
    async with app.run_test(size=(40, 10)):
        lines = screen_lines(app)[1 : len(names) + 1]
    assert "\x1b" not in "".join(lines)
    assert "[red]markup[/]" in lines[1]
    for line in lines:
        assert width_of(line) == 39
        assert line.endswith(" 7")


async def test_click_selects_double_click_opens() -> None:
    app = ListApp(things(10))
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.click(Rows, offset=(3, 4))
        assert app.rows.index == 3
        await pilot.click(Rows, offset=(3, 2), times=2)
        assert app.opened[-1:] == ["thing-1"]
        await pilot.click(Rows, offset=(3, 0))
        await pilot.click(Rows, offset=(3, 18))
        assert app.rows.index == 1


@pytest.mark.parametrize(
    ("room", "names", "widths"),
    [
        (50, ["a", "b", "c"], [34, 4, 10]),
        (20, ["a", "b", "c"], [4, 4, 10]),
        (19, ["a", "b"], [14, 4]),
        (8, ["a"], [8]),
        (1, ["a"], [4]),
    ],
)
def test_columns_go_by_priority_and_share_what_is_left(
    room: int, names: list[str], widths: list[int]
) -> None:
    chosen = place(
        (
            Column("a", name_of, 4, grow=1),
            Column("b", name_of, 4, priority=1),
            Column("c", name_of, 10, priority=2),
        ),
        room,
    )
    assert [placed.column.name for placed in chosen] == names
    assert [placed.width for placed in chosen] == widths


def test_growing_stops_at_what_is_of_use() -> None:
    chosen = place((Column("a", name_of, 4, grow=3, most=10), Column("b", name_of, 4, grow=1)), 51)
    assert [placed.width for placed in chosen] == [10, 40]


def test_dispensable_columns_go_before_others_get_less_than_they_should() -> None:
    columns = (
        Column("a", name_of, 20, grow=1, least=8, priority=1),
        Column("b", name_of, 4, priority=2),
        Column("c", name_of, 4, priority=7),
    )
    for room, widths in ((30, [20, 4, 4]), (29, [24, 4]), (24, [19, 4]), (13, [8, 4]), (12, [12])):
        assert [placed.width for placed in place(columns, room)] == widths


def test_a_column_is_as_wide_as_its_content_asks_within_bounds() -> None:
    def length(thing: Thing) -> int:
        return len(thing.name)

    columns = (Column("a", name_of, 4, most=10, content=length), Column("b", name_of, 4, grow=1))
    for names, width in ((["ab"], 4), (["abcdef", "ab"], 6), (["x" * 30], 10), ([], 4)):
        wide = widened(columns, [Thing(name) for name in names])
        assert [placed.width for placed in place(wide, 21)] == [width, 20 - width]


def test_a_column_gives_only_the_cells_that_are_missing() -> None:
    columns = (Column("a", name_of, 20, least=5), Column("b", name_of, 10, least=6))
    for room, widths in ((31, [20, 10]), (25, [14, 10]), (14, [5, 8]), (12, [5, 6])):
        assert [placed.width for placed in place(columns, room)] == widths


async def test_columns_follow_their_content_and_headings_take_the_row() -> None:
    rows: Rows[Thing] = Rows(
        (
            Column("name", name_of, 4, content=lambda thing: len(thing.name)),
            Column("size", lambda thing: str(thing.size), 4, grow=1),
        ),
        heading=lambda thing: thing.name if not thing.size else "",
    )

    class Grown(App[None]):
        def compose(self) -> ComposeResult:
            yield rows

    app = Grown()
    async with app.run_test(size=(40, 5)) as pilot:
        rows.show(FixedSource([Thing("ab", 1), Thing("a long heading", 0), Thing("abcdefg", 2)]))
        await pilot.pause()
        assert screen_lines(app)[1:4] == ["ab   1", "a long heading", "abc… 2"]
        rows.make_room_for([Thing("abcdefg")])
        await pilot.pause()
        assert screen_lines(app)[1:4] == ["ab      1", "a long heading", "abcdefg 2"]


def test_cells_are_exactly_as_wide_as_asked() -> None:
    assert fit("日本語", 4) == "日… "
    assert fit("abc", 5, "right") == "  abc"
    assert cut("abcdef", 3, mark="~") == "ab~"
    assert cut("abc", 0) == ""
    assert one_line("tab\tnew\nline\x07") == "tab new line·"


async def test_following_stays_at_the_end_until_one_moves_up() -> None:
    log = CallLog()
    log.take(made_call(number) for number in range(1, 101))

    def named(call: Row) -> str:
        return f"call {call.id}"

    def at_cursor() -> int | str:
        assert rows.item is not None
        return rows.item.id

    rows: Rows[Row] = Rows((Column("id", named, 12),))
    rows.can_follow = True

    class LogApp(App[None]):
        def compose(self) -> ComposeResult:
            yield rows

        def on_mount(self) -> None:
            rows.show(log)
            rows.follow(True)
            rows.focus()

    app = LogApp()
    async with app.run_test(size=(30, 11)) as pilot:
        assert screen_lines(app)[-1].startswith("call 100")
        log.take([made_call(101)])
        rows.rows_moved()
        await pilot.pause()
        assert screen_lines(app)[-1].startswith("call 101")
        assert at_cursor() == 101
        await pilot.press("k")
        stopped = rows.following
        assert not stopped
        log.take(made_call(number) for number in range(102, 120))
        rows.rows_moved()
        rows.sync()
        await pilot.pause()
        assert screen_lines(app)[-1].startswith("call 101")
        assert at_cursor() == 100
        await pilot.press("G")
        await pilot.press("j")
        assert rows.following
        assert screen_lines(app)[-1].startswith("call 119")


async def test_what_is_seen_stays_whatever_comes_goes_or_changes_places_elsewhere() -> None:
    app = ListApp(things(30))
    async with app.run_test(size=(40, 7)) as pilot:
        await pilot.press(*"j" * 12)
        await pilot.pause()

        def names() -> list[str]:
            return [line.split()[0] for line in screen_lines(app)[1:]]

        shown = names()
        assert shown[-1] == "thing-12"

        def change_to(*changed: Thing) -> None:
            app.things = list(changed)
            app.rows._source = FixedSource(tuple(changed), lambda thing: thing.name)
            app.rows.rows_moved()

        before = tuple(Thing(f"before-{number}", number) for number in range(5))
        change_to(*before, *things(30))
        await pilot.pause()
        assert names() == shown
        assert app.rows.index == 17
        change_to(*things(30)[3:], *before)
        await pilot.pause()
        assert names() == shown
        change_to(*things(30)[3:12], *before)
        await pilot.pause()
        assert names()[:5] == shown[:5]
        assert app.rows.item == before[0]


async def test_a_column_without_cells_is_not_there_until_it_is_asked_for() -> None:
    wide: Column[Thing] = Column("a", name_of, 0, content=lambda thing: len(thing.name))
    columns = (Column("b", name_of, 4), wide)
    assert [placed.column.name for placed in place(columns, 20)] == ["b"]
    grown = place(widened(columns, [Thing("abc")]), 20)
    assert [(placed.column.name, placed.width) for placed in grown] == [("b", 4), ("a", 3)]


async def test_rows_that_sum_up_others_have_columns_of_their_own() -> None:
    rows: Rows[Thing] = Rows(
        columns(),
        summary=(Column("", name_of, 12), Column("", lambda thing: f"{thing.size} in all", 9)),
        sums_up=lambda thing: thing.name.startswith("sum"),
    )

    class SummedUp(App[None]):
        def compose(self) -> ComposeResult:
            yield rows

    app = SummedUp()
    async with app.run_test(size=(40, 5)) as pilot:
        rows.show(FixedSource([Thing("sum of all", 12), Thing("one", 1)]))
        await pilot.pause()
        assert screen_lines(app)[1] == "sum of all   12 in all"
        assert screen_lines(app)[2].split() == ["one", "1"]


async def test_the_name_of_the_column_that_is_sorted_by_has_a_sign() -> None:
    app = ListApp(things(3))
    async with app.run_test(size=(20, 5)) as pilot:
        app.rows.sorted_by = ("size", "v")
        app.rows.refresh()
        await pilot.pause()
        assert screen_lines(app)[0].split() == ["name", "sizev"]
