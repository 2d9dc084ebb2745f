"""The outline: lines that unfold, with a cursor that keeps its place."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from ccproxy_tui.tui.outline import Node, plain
from ccproxy_tui.tui.signs import ASCII
from ccproxy_tui.tui.widgets.lines import Line
from ccproxy_tui.tui.widgets.outline import Outline
from tests.tui.screen_text import screen_lines


class OutlineApp(App[None]):
    def __init__(self, nodes: Sequence[Node]) -> None:
        super().__init__()
        self.outline = Outline()
        self.nodes = nodes
        self.found: tuple[int, int] = (-1, -1)

    def compose(self) -> ComposeResult:
        yield self.outline

    def on_mount(self) -> None:
        self.outline.show(self.nodes)
        self.outline.focus()

    def on_outline_found(self, event: Outline.Found) -> None:
        self.found = (event.here, event.hits)


@asynccontextmanager
async def outline_of(
    *nodes: Node, size: tuple[int, int] = (30, 10)
) -> AsyncIterator[tuple[Pilot[None], OutlineApp]]:
    app = OutlineApp(nodes)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, app


def shown(app: App[Any]) -> list[str]:
    """Return the lines that are not empty, without the scrollbar."""
    lines = [line[: app.size.width - 1].rstrip() for line in screen_lines(app)]
    return [line for line in lines if line]


def node(text: str, *children: Node, **facts: Any) -> Node:
    return Node(text, Line(text), children, **facts)


def tree() -> tuple[Node, ...]:
    return (
        node("one", node("first", node("deep")), node("second")),
        node("two", open=True),
        node("three", node("third"), open=True),
    )


async def test_it_unfolds_and_folds_by_key() -> None:
    async with outline_of(*tree()) as (pilot, app):
        assert shown(app) == ["▸ one", "  two", "▾ three", "    third"]
        await pilot.press("l")
        assert shown(app)[:4] == ["▾ one", "  ▸ first", "    second", "  two"]
        await pilot.press("right", "space")
        assert shown(app)[1:3] == ["  ▾ first", "      deep"]
        await pilot.press("enter")
        assert shown(app)[1:3] == ["  ▸ first", "    second"]
        await pilot.press("j")
        assert app.outline.text_of_cursor() == "second"
        await pilot.press("h")
        assert app.outline.text_of_cursor() == "one"
        await pilot.press("left")
        assert shown(app) == ["▸ one", "  two", "▾ three", "    third"]
        await pilot.press("plus")
        assert len(shown(app)) == 7
        await pilot.press("minus")
        assert shown(app) == ["▸ one", "  two", "▸ three"]
        await pilot.press("plus", "G", "minus")
        assert app.outline.text_of_cursor() == "three"


async def test_children_are_made_when_they_are_asked_for() -> None:
    made: list[str] = []

    def children() -> list[Node]:
        made.append("once")
        return plain(Line("made late"))

    async with outline_of(Node("a", Line("late"), children, summary="3 lines")) as (pilot, app):
        assert shown(app) == ["▸ late  3 lines"]
        assert made == []
        await pilot.press("space")
        assert shown(app) == ["▾ late", "    made late"]
        await pilot.press("space", "space")
        assert made == ["once"]


async def test_long_lines_wrap_below_their_own_indent_and_breaks_begin_lines() -> None:
    text = "word " * 8 + "\nsecond"
    async with outline_of(node("head", node(text), open=True)) as (pilot, app):
        assert shown(app) == [
            "▾ head",
            "    word word word word word",
            "      word word word",
            "    second",
        ]
        await pilot.press("j", "j", "j")
        assert app.outline.text_of_cursor() == text
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert shown(app)[1].endswith("word word word word")
        await pilot.press("h")
        assert app.outline.text_of_cursor() == "head"


async def test_drawn_anew_it_stays_open_and_the_cursor_on_its_line() -> None:
    async with outline_of(*tree()) as (pilot, app):
        await pilot.press("l", "j", "l", "l")
        assert app.outline.text_of_cursor() == "deep"
        app.outline.show([node("new"), *tree()], stay=True)
        await pilot.pause()
        assert shown(app)[:4] == ["  new", "▾ one", "  ▾ first", "      deep"]
        assert app.outline.text_of_cursor() == "deep"
        app.outline.show(tree()[1:], stay=True)
        assert app.outline.text_of_cursor() == "two"
        app.outline.show(tree())
        await pilot.pause()
        assert shown(app)[0] == "▸ one"


async def test_on_the_last_line_it_follows_what_comes() -> None:
    def lines(count: int) -> list[Node]:
        return plain(*(Line(f"line {number}") for number in range(count)))

    async with outline_of(*lines(20)) as (pilot, app):
        app.outline.show(lines(30), stay=True)
        await pilot.pause()
        assert shown(app)[0] == "  line 0"
        await pilot.press("G")
        app.outline.show(lines(50), stay=True)
        await pilot.pause()
        assert shown(app)[-1] == "  line 49"
        await pilot.press("k")
        app.outline.show(lines(60), stay=True)
        await pilot.pause()
        assert app.outline.text_of_cursor() == "line 48"
        assert shown(app)[-1] == "  line 49"


async def test_a_place_can_be_gone_back_to() -> None:
    async with outline_of(*tree()) as (pilot, app):
        await pilot.press("l", "l")
        place = app.outline.place
        app.outline.show([node("another")])
        app.outline.show(tree(), place=place)
        await pilot.pause()
        assert app.outline.text_of_cursor() == "first"
        assert shown(app)[:2] == ["▾ one", "  ▸ first"]


async def test_finding_unfolds_what_is_found() -> None:
    async with outline_of(*tree()) as (pilot, app):
        app.outline.find("DEEP")
        await pilot.pause()
        assert app.found == (1, 1)
        assert shown(app)[2] == "      deep"
        app.outline.find("ir")
        await pilot.pause()
        assert app.found == (2, 2)
        assert app.outline.text_of_cursor() == "third"
        await pilot.press("n")
        assert app.outline.text_of_cursor() == "first"
        await pilot.press("N")
        assert app.outline.text_of_cursor() == "third"
        app.outline.show([*tree(), node("stairs")], stay=True)
        await pilot.press("n")
        await pilot.pause()
        assert app.found == (3, 3)
        app.outline.find("nowhere")
        await pilot.pause()
        assert app.found == (0, 0)


async def test_what_is_said_behind_a_line_is_found_too() -> None:
    async with outline_of(node("a"), node("b", summary="needle")) as (pilot, app):
        app.outline.find("needle")
        await pilot.pause()
        assert app.found == (1, 1)
        assert app.outline.text_of_cursor() == "b"
        assert "needle" in [piece.text for piece in app.outline.render_line(1)]


async def test_the_hit_of_a_long_line_comes_into_sight() -> None:
    text = "\n".join(f"line {number}" for number in range(100)) + " needle"
    async with outline_of(node(text)) as (pilot, app):
        app.outline.find("needle")
        await pilot.pause()
        assert shown(app)[-1].endswith("line 99 needle")


async def test_in_ascii_nothing_else_is_drawn() -> None:
    async with outline_of(node("a → b", node("c"), summary="1 · 2")) as (pilot, app):
        app.outline.draw_with(ASCII)
        await pilot.pause()
        assert shown(app) == ["+ a -> b  1 - 2"]
        await pilot.press("l")
        assert shown(app)[0] == "- a -> b"


async def test_what_controls_a_terminal_does_not_reach_it() -> None:
    async with outline_of(node("a\x1b[31mb", summary="x\x07y"), node("[red]c[/]")) as (_, app):
        assert shown(app) == ["  a·[31mb  x·y", "  [red]c[/]"]


async def test_the_mouse_unfolds() -> None:
    async with outline_of(*tree()) as (pilot, app):
        await pilot.click(Outline, offset=(0, 0))
        assert shown(app)[:2] == ["▾ one", "  ▸ first"]
        await pilot.click(Outline, offset=(8, 2))
        assert app.outline.text_of_cursor() == "second"


async def test_without_nodes_keys_do_nothing() -> None:
    async with outline_of() as (pilot, app):
        await pilot.press("j", "G", "l", "h", "space", "plus", "minus", "n")
        app.outline.find("x")
        assert shown(app) == []
        assert app.outline.text_of_cursor() == ""


async def test_a_hundred_thousand_lines_draw_as_fast_as_a_hundred() -> None:
    def fastest(app: OutlineApp) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            for y in range(app.outline.page):
                app.outline.render_line(y)
            times.append(time.perf_counter() - began)
        return min(times)

    taken = []
    for count in (100, 100_000):
        lines = [Line(f"line {number} is not short") for number in range(count)]
        async with outline_of(*plain(*lines), size=(60, 20)) as (pilot, app):
            await pilot.press("G", "k", "pageup")
            taken.append(fastest(app))
    assert taken[1] < 3 * taken[0] + 0.001
