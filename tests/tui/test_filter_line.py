"""The line in which the log's filter is typed: completion, history, saved filters, what is wrong."""

import asyncio
import time
from collections.abc import Sequence

from textual.pilot import Pilot

from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.tui.overlays import ExitReason
from tests.tui.fake import Fake, FakeRecords, made_call, made_exchange
from tests.tui.screen_text import (
    region_text,
    screen_lines,
    screen_text,
    type_text,
    wait_for,
    wait_until_gone,
)

NARROW = (80, 24)
WIDE = (170, 40)


async def start(pilot: Pilot[ExitReason], parts: Fake) -> None:
    parts.tell(
        made_call(1, key="dev", tools=("Bash", "Edit")),
        made_call(2, key="dev", status=529, phase=Phase.FAILED, error="overloaded", session="b-2"),
        made_call(3, key="night shift", group="default", session=""),
    )
    await wait_for(pilot, "3 calls")


async def type_filter(pilot: Pilot[ExitReason], text: str) -> None:
    await pilot.press("slash")
    await type_text(pilot, text)


async def test_what_is_wrong_is_said_with_its_place_and_what_was_right_stays(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        await type_filter(pilot, "key:dev ")
        await wait_for(pilot, "2 of 3")
        await type_text(pilot, "statu:400")
        shown = await wait_for(pilot, 'at "statu:": "statu" is no field; did you mean status:?')
        assert shown.count(" 200 ✓ ") == 1
        line = parts.app.main.log_pane.line
        marked = [part.text for part in line.render_line(0) if part.style and part.style.reverse]
        assert marked[0] == "statu:"
        await pilot.press("enter")
        await wait_for(pilot, 'at "statu:"')
        assert line.has_focus
        await pilot.press("escape")
        await wait_for(pilot, "3 calls")


async def test_a_term_that_is_begun_changes_nothing_yet(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        await type_filter(pilot, "stat")
        await wait_for(pilot, "status:")
        assert screen_text(parts.app).count("✓ ") == 2
        await type_text(pilot, "us:>=")
        await pilot.pause()
        assert screen_text(parts.app).count("✓ ") == 2
        assert "takes" not in region_text(parts.app, "#log").splitlines()[-1]
        await type_text(pilot, "400")
        await wait_for(pilot, "1 of 3 · /status:>=400")
        await pilot.press("enter")
        await type_filter(pilot, " status:")
        await pilot.press("enter")
        await wait_for(pilot, "status: takes a value, as in status:>=400")


async def test_fields_and_values_are_completed(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        await type_filter(pilot, "k")
        shown = await wait_for(pilot, "Name of the access key.")
        assert "tab takes" in shown
        await pilot.press("tab")
        shown = await wait_for(pilot, '"night shift"')
        assert shown.index("2 calls") < shown.index("1 call ")
        await pilot.press("down", "down", "enter")
        await wait_for(pilot, '1 of 3 · /key:"night shift"')
        assert "tab takes" not in screen_text(parts.app)
        line = parts.app.main.log_pane.line
        assert line.value == 'key:"night shift" '
        await type_text(pilot, "is:e")
        await wait_for(pilot, "failed, or got a status from 400 on")
        await pilot.press("escape")
        await wait_until_gone(pilot, "tab takes")
        assert line.value == 'key:"night shift" is:e'
        await pilot.press("tab", "tab")
        assert line.value == 'key:"night shift" is:error '
        await type_text(pilot, "tool:ba")
        await pilot.press("tab")
        assert line.value.endswith("tool:Bash ")


async def test_tab_between_terms_offers_all_fields(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        await pilot.press("slash", "tab")
        shown = await wait_for(pilot, "HTTP status sent to the client.")
        assert "What a call is" in shown
        await pilot.press("down", "down", "tab")
        assert parts.app.main.log_pane.line.value == "is:"


async def test_the_mouse_takes_what_is_offered_and_opens_no_call(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        line = parts.app.main.log_pane.line
        await type_filter(pilot, "is:")
        await wait_for(pilot, "tab takes")
        await pilot.double_click(line.offered, offset=(3, 2))
        await wait_for(pilot, "/is:error")
        assert line.value == "is:error "
        assert line.has_focus
        assert parts.app.main.inspector.call_shown is None


async def test_earlier_filters_come_back(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        line = parts.app.main.log_pane.line
        for text in ("key:dev", "overloaded", "key:dev", "group:default"):
            await type_filter(pilot, text)
            await pilot.press("enter", "escape")
        await wait_for(pilot, "3 calls")
        assert parts.app.memory.value.filter_history == ("overloaded", "key:dev", "group:default")
        await pilot.press("slash", "up")
        await wait_for(pilot, "1 of 3 · /group:default")
        await pilot.press("up", "up")
        assert line.value == "overloaded"
        await wait_for(pilot, "1 of 3 · /overloaded")
        await pilot.press("up")
        assert line.value == "overloaded"
        await pilot.press("down")
        assert line.value == "key:dev"
        await pilot.press("down", "down")
        assert line.value == ""
        await pilot.press("down")
        assert not line.has_focus
        await type_filter(pilot, "x")
        await pilot.press("up")
        assert line.value == "x"


async def test_filters_are_saved_taken_and_deleted(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        line = parts.app.main.log_pane.line
        await type_filter(pilot, "key:dev status:>=")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "status: takes a value")
        await type_text(pilot, "500")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "Save the filter as")
        await type_text(pilot, "two words")
        await pilot.press("enter")
        await wait_for(pilot, "A name is one word")
        await pilot.press("ctrl+u")
        await type_text(pilot, "bad")
        await pilot.press("enter")
        await wait_for(pilot, "@bad in the filter's line takes it")
        assert line.has_focus
        await pilot.press("escape")
        await wait_for(pilot, "3 calls")

        await type_filter(pilot, "@b")
        await wait_for(pilot, "@bad")
        await pilot.press("tab")
        assert line.value == "key:dev status:>=500 "
        await wait_for(pilot, "1 of 3")
        await pilot.press("escape")

        await type_filter(pilot, "group:qwen @bad")
        await pilot.press("enter")
        await wait_for(pilot, "1 of 3 · /group:qwen key:dev status:>=500")
        await pilot.press("escape")

        await pilot.press("slash", "ctrl+l")
        await wait_for(pilot, "Saved filters")
        await pilot.press("enter")
        await wait_for(pilot, "1 of 3 · /key:dev status:>=500")
        await pilot.press("ctrl+l")
        await wait_for(pilot, "Saved filters")
        await pilot.press("d")
        await wait_for(pilot, "No filter is saved yet.")
        await pilot.press("escape")
        await wait_until_gone(pilot, "Saved filters")
        assert line.has_focus
        assert parts.app.memory.value.saved_filters == {}


async def test_a_question_mark_shows_the_fields_and_inside_a_term_is_a_character(
    parts: Fake,
) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        await pilot.press("slash", "question_mark")
        shown = await wait_for(pilot, "Terms of a filter")
        assert "key:dev,ci" in shown
        await pilot.press("pagedown")
        await wait_for(pilot, "status:>=400")
        await pilot.press("escape")
        await wait_until_gone(pilot, "Terms of a filter")
        line = parts.app.main.log_pane.line
        assert line.has_focus
        await type_text(pilot, "key:de?")
        await wait_for(pilot, "2 of 3")
        assert line.value == "key:de?"


async def test_like_this_goes_from_session_to_group_and_key_to_all(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        parts.tell(made_call(4, key="dev", session="b-2"), made_call(5, key="dev", session="b-22"))
        await wait_for(pilot, "5 calls")
        await pilot.press("k", "asterisk")
        await wait_for(pilot, "2 of 5 · /session:=b-2")
        await pilot.press("asterisk")
        await wait_for(pilot, "4 of 5 · /group:=qwen key:=dev")
        await pilot.press("asterisk")
        await wait_for(pilot, "5 calls")
        await pilot.press("k", "k", "k")
        await wait_for(pilot, "paused")
        parts.app.main.log_pane.rows.select(3)
        await pilot.press("asterisk")
        await wait_for(pilot, '1 of 5 · /group:=default key:="night shift"')


async def test_calls_come_and_leave_as_time_passes(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        now = time.time()
        slow = made_call(1, phase=Phase.WAITING, started_at=now, duration=None)
        parts.tell(slow, made_call(2, started_at=now - 1), made_call(3, started_at=now + 60))
        await wait_for(pilot, "3 calls")
        await type_filter(pilot, "is:live dur:>1s")
        await wait_for(pilot, "1 of 3")
        parts.app.main.log_pane.put_filter("since:2.5s")
        await wait_for(pilot, "1 of 3 · /since")


class SlowRecords(FakeRecords):
    """Answers when a test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Semaphore(0)
        self.batches: list[list[int]] = []

    async def containing(self, text: str, ids: Sequence[int]) -> set[int]:
        self.batches.append(list(ids))
        await self.gate.acquire()
        return await super().containing(text, ids)


async def test_bodies_are_searched_newest_first_and_hits_appear_as_found(parts: Fake) -> None:
    parts.records = records = SlowRecords()
    for number in (1, 350, 399):
        records.exchanges[number] = made_exchange("a wombat")
    async with parts.run(WIDE) as pilot:
        parts.tell(
            *(made_call(n, key="ci" if n == 399 else "dev") for n in range(1, 401)),
            made_call(401, exchange=made_exchange('say "wombat" now'), key="dev"),
        )
        await wait_for(pilot, "401 calls")
        await type_filter(pilot, 'key:dev body:"WOMBAT"')
        await wait_for(pilot, "searching bodies… 0 of 400")
        records.gate.release()
        await wait_for(pilot, "2 of 401 · searching bodies… 200 of 400")
        assert records.batches[0] == [n for n in range(400, 200, -1) if n != 399]
        records.gate.release()
        await wait_for(pilot, "3 of 401 · /key:dev")
        assert "searching" not in screen_text(parts.app)
        live = made_call(402, phase=Phase.STREAMING, key="dev", exchange=made_exchange("wombat"))
        parts.tell(live)
        await wait_for(pilot, "3 of 402")
        live.phase = Phase.DONE
        parts.tell(live)
        await wait_for(pilot, "4 of 402")
        await type_text(pilot, " !dev2")
        await wait_for(pilot, "4 of 402 · /key:dev body")
        assert len(records.batches) == 2, "what was looked at is not looked at again"


async def test_a_search_ends_with_its_filter(parts: Fake) -> None:
    parts.records = records = SlowRecords()
    async with parts.run(WIDE) as pilot:
        parts.tell(*(made_call(n) for n in range(1, 901)))
        await wait_for(pilot, "900 calls")
        await type_filter(pilot, 'body:"x"')
        await wait_for(pilot, "searching bodies… 0 of 900")
        await pilot.press("escape")
        await wait_for(pilot, "900 calls")
        records.gate.release()
        await pilot.pause()
        await type_filter(pilot, "!body:nothing")
        for _ in range(5):
            records.gate.release()
        await wait_for(pilot, "900 of 900 · /!body")
        assert len(records.batches) == 6


async def test_everything_fits_in_ascii_and_twenty_four_lines(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await start(pilot, parts)
        parts.app.main.log_pane.line.put("")
        await type_filter(pilot, "s")
        await wait_for(pilot, "status:")
        lines = screen_lines(parts.app)
        assert len(lines) == 24
        assert any("529" in line for line in lines)
