"""The inspector: a call in tabs, drawn in the background, with keys that stay where one is."""

import threading
import time
from collections.abc import Sequence

import pytest

from ccproxy_tui.traffic.call import Exchange, Message, Phase, Tokens
from ccproxy_tui.tui.outline import Node, plain
from ccproxy_tui.tui.panes.inspect import InspectPane
from ccproxy_tui.tui.sheets.sheet import Subject
from ccproxy_tui.tui.widgets.lines import Line
from tests.tui.fake import Fake, made_call, made_exchange
from tests.tui.screen_text import region_text, screen_text, type_text, wait_for

NARROW = (80, 24)


def tab(parts: Fake, title: str) -> None:
    pane = parts.app.main.inspector
    pane.tabs.current = [sheet.title for sheet in pane._sheets].index(title)


async def test_enter_shows_a_call_and_tabs_show_its_sides(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(7, exchange=made_exchange()))
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        shown = await wait_for(pilot, "6 Inspect · #7")
        shown = await wait_for(pilot, "in 2,000 (cached 800, 40%) · out 340")
        assert "group qwen → alias claude-sonnet-* → local/qwen3-coder" in shown
        assert "prompt added (9 characters)" in shown
        for title in ("Overview", "Conversation", "Raw", "Context"):
            assert title in shown
        tab(parts, "Raw")
        shown = await wait_for(pilot, "POST /qwen/v1/messages")
        assert 'model: "claude-sonnet-4-5"' in shown
        assert "POST http://127.0.0.1:8080/v1/chat/completions" in shown
        await pilot.press("left_square_bracket", "right_square_bracket")
        await wait_for(pilot, "POST /qwen/v1/messages")
        await pilot.press("escape")
        assert parts.app.main.focused is parts.app.main.log_pane.rows


async def test_raw_shows_json_as_a_tree_or_as_it_was_sent(
    parts: Fake, clipboard: list[str]
) -> None:
    exchange = made_exchange()
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, exchange=exchange))
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        tab(parts, "Raw")
        await wait_for(pilot, "▸ system: ")
        await pilot.press("j", "j", "j", "l")
        assert "     You are terse." in await wait_for(pilot, "     Never explain.")
        await pilot.press("y")
        await wait_for(pilot, "the text: copied")
        assert clipboard == ["You are terse.\nNever explain."]
        await pilot.press("p")
        await wait_for(pilot, "terse.\\nNever")
        await pilot.press("g", "j", "j", "y")
        await pilot.pause()
        assert clipboard[1:] == [exchange.client_request.body.decode()]


async def test_messages_that_the_journal_has_are_asked_for(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.records.exchanges[3] = made_exchange("from the journal")
        parts.tell(made_call(3))
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        tab(parts, "Raw")
        await pilot.press("G")
        await wait_for(pilot, "from the journal")
        assert parts.records.asked == [3]


async def test_a_call_comes_with_the_one_before_it_in_its_session(parts: Fake) -> None:
    drawn: list[Subject] = []

    class Witness:
        title = "Witness"

        def draw(self, subject: Subject) -> Sequence[Node]:
            drawn.append(subject)
            return plain(Line("seen"))

    async with parts.run(NARROW) as pilot:
        pane = parts.app.main.inspector
        pane._sheets = (Witness(), *pane._sheets[1:])
        first = made_exchange("the first")
        parts.records.exchanges[1] = first
        before = made_call(1, operation="generate")
        count = made_call(2, operation="count tokens", exchange=made_exchange())
        other = made_call(3, operation="generate", session="other", exchange=made_exchange())
        parts.tell(before, count, other)
        parts.tell(made_call(4, operation="generate", exchange=made_exchange()))
        await wait_for(pilot, "4 calls")
        await pilot.press("enter")
        await wait_for(pilot, "seen")
        while drawn[-1].previous is None:
            await pilot.pause(0.01)
        assert drawn[-1].previous is before
        assert drawn[-1].previous_exchange is first


async def test_of_messages_that_there_are_not_it_says_why(parts: Fake) -> None:
    refused = Exchange(client_request=Message("POST /v1/messages", (), [b"{}"]))
    call = made_call(5, exchange=refused, phase=Phase.WAITING, status=0, duration=None)
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(4))
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        tab(parts, "Raw")
        await wait_for(pilot, "were not kept")
        await pilot.press("escape")
        parts.tell(call)
        await wait_for(pilot, "2 calls")
        await pilot.press("enter")
        await wait_for(pilot, "Request upstream  Nothing yet.")
        call.phase, call.status, call.duration = Phase.FAILED, 401, 0.1
        shown = await wait_for(pilot, "No request went upstream.")
        assert "No reply came." in shown


async def test_a_running_call_grows_while_it_is_looked_at(parts: Fake) -> None:
    exchange = made_exchange()
    call = made_call(
        1, phase=Phase.STREAMING, started_at=time.time(), duration=None, exchange=exchange, ttft=None,
        tokens=Tokens(),
    )  # fmt: skip
    async with parts.run(NARROW) as pilot:
        parts.tell(call)
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        await wait_for(pilot, "running for")
        early = region_text(parts.app, "#inspect")
        while region_text(parts.app, "#inspect") == early:
            await pilot.pause(0.05)
        tab(parts, "Raw")
        await wait_for(pilot, "Request upstream")
        await pilot.press("G")
        await wait_for(pilot, "message_stop")
        exchange.client_reply.chunks.append(b"event: late\ndata: x\n\n")
        await wait_for(pilot, "late  x")
        call.phase, call.duration, call.exchange = Phase.DONE, 2.5, None
        parts.tell(call)
        tab(parts, "Overview")
        await wait_for(pilot, "over after 2.5s")


async def test_wide_the_inspector_follows_the_cursor_once_it_is_open(parts: Fake) -> None:
    async with parts.run((100, 30)) as pilot:
        parts.tell(made_call(1), made_call(2), made_call(3))
        await wait_for(pilot, "3 calls")
        await pilot.press("k")
        assert "enter on a call" in region_text(parts.app, "#inspect")
        await pilot.press("enter")
        await wait_for(pilot, "6 Inspect · #2")
        await pilot.press("escape", "k")
        await wait_for(pilot, "6 Inspect · #1")
        parts.tell(made_call(4))
        await wait_for(pilot, "4 calls")
        assert "6 Inspect · #1" in screen_text(parts.app)


async def test_one_can_go_from_call_to_call_and_stays_on_the_line(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(*(made_call(number, exchange=made_exchange()) for number in (1, 2, 3)))
        await wait_for(pilot, "3 calls")
        await pilot.press("enter")
        tab(parts, "Raw")
        await wait_for(pilot, "▸ system: ")
        await pilot.press("j", "l", "j")
        await wait_for(pilot, "authorization: Bearer")
        await pilot.press("K")
        shown = await wait_for(pilot, "6 Inspect · #2")
        assert "authorization: Bearer" in shown
        assert parts.app.main.inspector.outline.text_of_cursor().startswith("content-type")
        await pilot.press("K", "K")
        await wait_for(pilot, "6 Inspect · #1")
        await pilot.press("J")
        await wait_for(pilot, "6 Inspect · #2")
        await pilot.press("escape")
        assert parts.app.main.log_pane.call_at_hand is parts.app.main.inspector.call_shown


async def test_what_takes_long_says_so_and_does_not_hold_up_keys(parts: Fake) -> None:
    go_on = threading.Event()

    class Slow:
        title = "Slow"

        def draw(self, subject: Subject) -> Sequence[Node]:
            go_on.wait(10)
            return plain(Line(f"drawn at last: #{subject.call.id}"))

    async with parts.run(NARROW) as pilot:
        pane = parts.app.main.inspector
        pane._sheets = (Slow(), *pane._sheets[1:])
        parts.tell(made_call(1), made_call(2))
        await wait_for(pilot, "2 calls")
        await pilot.press("enter")
        await wait_for(pilot, "Reading…")
        await pilot.press("K")
        await wait_for(pilot, "6 Inspect · #1")
        go_on.set()
        await wait_for(pilot, "drawn at last: #1")


async def test_finding_in_a_text(parts: Fake) -> None:
    lines = "\n".join(
        f"line {number}" + (" needle" if number % 50 == 0 else "") for number in range(200)
    )
    exchange = Exchange(client_request=Message("POST /x", (), [lines.encode()]))
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, exchange=exchange))
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        tab(parts, "Raw")
        await wait_for(pilot, "POST /x")
        await pilot.press("slash")
        await type_text(pilot, "NEEDLE")
        await wait_for(pilot, "1 of 4 lines")
        await pilot.press("enter", "n")
        await wait_for(pilot, "2 of 4 lines")
        assert "line 50 needle" in screen_text(parts.app)
        await pilot.press("N", "N")
        await wait_for(pilot, "4 of 4 lines")
        assert "line 150 needle" in screen_text(parts.app)
        await pilot.press("g")
        await wait_for(pilot, "POST /x")
        await pilot.press("escape", "G")
        await wait_for(pilot, "No reply was sent.")


async def test_opening_in_the_users_pager(parts: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, str]] = []

    async def view(_app: object, text: str, suffix: str) -> None:
        opened.append((text, suffix))

    monkeypatch.setattr("ccproxy_tui.tui.screens.main.view_text", view)
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, exchange=made_exchange()))
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        tab(parts, "Raw")
        await wait_for(pilot, "▸ messages: [1]")
        await pilot.press("o", "j", "j", "j", "j", "o")
        await pilot.pause()
    (whole, plain_suffix), (messages, json_suffix) = opened
    assert whole.startswith("POST /qwen/v1/messages\ncontent-type: application/json\n")
    assert '"messages": [' in whole
    assert plain_suffix == ".txt"
    assert messages.startswith('[\n  {\n    "role": "user"')
    assert json_suffix == ".json"


async def test_the_tabs_fit_the_smallest_screen_that_is_meant(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, exchange=made_exchange()))
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        shown = await wait_for(pilot, "Overview")
        for sheet in parts.app.main.inspector._sheets:
            assert sheet.title in shown
        assert isinstance(parts.app.main.panes[-1], InspectPane)


async def test_the_inspector_goes_to_the_right_where_there_is_room(parts: Fake) -> None:
    async with parts.run((160, 40)) as pilot:
        main = parts.app.main
        parts.tell(made_call(1))
        await wait_for(pilot, "1 call")
        below = main.inspector.region
        await pilot.press("vertical_line")
        await pilot.pause()
        assert main.inspector.region.x == main.log_pane.region.right
        assert main.inspector.region.height > below.height
        assert parts.app.memory.value.inspector == "right"
        await pilot.press("enter")
        await wait_for(pilot, "6 Inspect · #1")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert main.inspector.region.y == main.log_pane.region.bottom
        await pilot.press("vertical_line")
        await pilot.resize_terminal(160, 40)
        await pilot.pause()
        assert main.inspector.region == below
        await pilot.resize_terminal(120, 40)
        await pilot.press("vertical_line")
        await wait_for(pilot, "from 140 columns on")
