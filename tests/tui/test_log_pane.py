"""The log: calls through their lives, following, and filtering."""

import asyncio
import time

import pytest

from ccproxy_tui.traffic.call import Call, Phase, Tokens
from tests.tui.fake import Fake, made_call
from tests.tui.screen_text import (
    region_text,
    screen_lines,
    screen_text,
    type_text,
    wait_for,
    wait_until_gone,
)

WIDE = (170, 40)
NARROW = (80, 24)


async def test_a_call_is_seen_at_once_and_goes_through_its_life(parts: Fake) -> None:
    call = made_call(
        1, phase=Phase.WAITING, status=0, started_at=time.time(), duration=None, ttft=None,
        tokens=Tokens(),
    )  # fmt: skip
    async with parts.run((190, 40)) as pilot:
        parts.tell(call)
        await wait_for(pilot, "◌ waiting")
        row = region_text(parts.app, "#log").splitlines()[2]
        for part in ("ClaudeCode", "qwen", "claude-sonnet-* → local/qwen3-coder", "5f0c1a2b"):
            assert part in row
        call.phase, call.ttft, call.status = Phase.FIRST_BYTE, 0.4, 200
        parts.tell(call)
        await wait_for(pilot, "◔ first byte")
        call.phase, call.output_so_far = Phase.STREAMING, 500
        call.started_at -= 10
        parts.tell(call)
        await wait_for(pilot, " tok/s")
        assert "tok/s" in region_text(parts.app, "#log")
        call.phase, call.duration, call.tokens = Phase.DONE, 12.3, Tokens(1000, 3000, 0, 640)
        parts.tell(call)
        await wait_for(pilot, "✓ done")
        row = region_text(parts.app, "#log").splitlines()[2]
        for part in ("200", "4.0k", "75%", "640", "0.40s", "12s"):
            assert part in row
        assert "· 1 call " in region_text(parts.app, "#log")


async def test_the_route_is_the_last_to_lose_cells(parts: Fake) -> None:
    parts.records.calls = [
        made_call(1, group="default", alias="claude-opus-*", provider="demo-openai",
                  model="demo-large"),
    ]  # fmt: skip
    async with parts.run((160, 46)) as pilot:
        row = await wait_for(pilot, "ClaudeCode default claude-opus-* → demo-openai/demo-large ")
        assert " ✓ " in row
        assert "session" not in row
        await pilot.resize_terminal(120, 36)
        row = await wait_for(pilot, "ClaudeCode claude-opus… → demo-openai/demo-large")
        await pilot.resize_terminal(*NARROW)
        row = await wait_for(pilot, "ClaudeCode demo-openai/demo-large ")
        for part in ("200 ✓", "2.0k", "340", "3.2s"):
            assert part in row


async def test_counting_tokens_is_told_apart_and_adds_nothing(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        parts.tell(
            made_call(1, operation="count tokens", tokens=Tokens(7000), output_so_far=9),
            made_call(2, phase=Phase.CANCELLED, tokens=Tokens(500), output_so_far=77),
        )
        shown = await wait_for(pilot, "✓ count ")
        counted, cancelled = region_text(parts.app, "#log").splitlines()[2:4]
        assert counted[: counted.rindex("3.2s")].split()[-3:] == [
            "local/qwen3-coder",
            "7.0k",
            "0.41s",
        ]
        assert "77" not in cancelled
        assert "in 500 " in shown.splitlines()[0]


async def test_an_empty_log_says_what_to_do_in_words_that_fit(parts: Fake) -> None:
    async with parts.run((100, 30)) as pilot:
        shown = await wait_for(pilot, "No calls yet.")
        words = " ".join(line[31:-2].strip() for line in shown.splitlines()[1:20])
        assert "(W shows how), and each call appears the moment it starts." in words


async def test_ends_are_told_apart_without_colour(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(
            made_call(1, phase=Phase.FAILED, status=529),
            made_call(2, phase=Phase.CANCELLED, status=0),
        )
        shown = await wait_for(pilot, " –   ⊘ ")
        assert "529 ✗ " in shown


async def test_the_clock_of_a_running_call_goes_on(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, phase=Phase.WAITING, started_at=time.time() - 30, duration=None))
        shown = await wait_for(pilot, " ◌ ")
        row = next(line for line in shown.splitlines() if " ◌ " in line)
        shown = await wait_until_gone(pilot, row)
        assert row.split()[:-2] == shown.splitlines()[4].split()[:-2]


async def test_following_pausing_and_how_many_are_new(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(*(made_call(number, session=f"s{number:05}") for number in range(1, 40)))
        await wait_for(pilot, "▼ following · 39 calls")
        await pilot.press("k")
        await wait_for(pilot, "paused, f follows · 39 calls")
        shown = log_rows(parts)
        parts.tell(*(made_call(number) for number in range(40, 45)))
        await wait_for(pilot, "paused · 5 new, f follows · 44 calls")
        assert log_rows(parts) == shown
        await pilot.press("f")
        await wait_for(pilot, "▼ following · 44 calls")
        await pilot.press("space")
        await wait_for(pilot, "paused, f follows")
        await pilot.press("G", "j")
        await wait_for(pilot, "▼ following")


async def test_calls_of_earlier_runs_are_there_at_the_start(parts: Fake) -> None:
    parts.records.calls = [made_call(number) for number in range(1, 6)]
    async with parts.run(NARROW) as pilot:
        await wait_for(pilot, "following · 5 calls")
        assert screen_text(parts.app).count("200 ✓ ") == 5
        parts.tell(made_call(6))
        await wait_for(pilot, "6 calls")
        assert "1 req/min" in screen_lines(parts.app)[0]


async def test_filtering_as_one_types_and_taking_it_back(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1), made_call(2, status=500, phase=Phase.FAILED), made_call(3))
        await wait_for(pilot, "3 calls")
        await pilot.press("slash")
        await type_text(pilot, "status:>=400")
        await wait_for(pilot, "1 of 3 · /status:>=400")
        assert "200 ✓ " not in screen_text(parts.app)
        await pilot.press("enter")
        parts.tell(made_call(4), made_call(5, status=429, phase=Phase.FAILED))
        await wait_for(pilot, "2 of 5")
        await pilot.press("escape")
        await wait_for(pilot, "5 calls")
        await pilot.press("full_stop")
        await wait_for(pilot, "2 of 5")
        await pilot.press("full_stop")
        await wait_for(pilot, "5 calls")


async def test_a_filter_that_is_wrong_says_so_and_shows_what_was_there(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1))
        await wait_for(pilot, "· 1 call ")
        await pilot.press("slash")
        await type_text(pilot, "status:x")
        await wait_for(pilot, "status: takes a number")
        assert "200 ✓ " in screen_text(parts.app)
        parts.tell(made_call(2))
        await wait_for(pilot, "2 req/min")
        assert "status: takes a number" in screen_text(parts.app)
        await pilot.press("escape")
        await wait_until_gone(pilot, "takes a number")


async def test_errors_only_and_like_this(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(
            made_call(1), made_call(2, status=500, phase=Phase.FAILED), made_call(3, key="ci")
        )
        await wait_for(pilot, "3 calls")
        await pilot.press("exclamation_mark")
        await wait_for(pilot, "1 of 3 · /is:error")
        await pilot.press("exclamation_mark")
        await wait_for(pilot, "3 calls")
        await pilot.press("G", "asterisk")
        await wait_for(pilot, "3 of 3 · /session:=5f0c1a2b-1111")
        await pilot.press("asterisk")
        await wait_for(pilot, "1 of 3 · /group:=qwen key:=ci")
        await pilot.press("slash", "space")
        await type_text(pilot, "nosuch")
        await wait_for(pilot, "No call matches the filter.")


async def test_the_cursor_keeps_its_call_while_others_come_and_go(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(*(made_call(number) for number in range(1, 10)))
        await wait_for(pilot, "9 calls")
        await pilot.press("k", "k", "k")
        rows = parts.app.main.log_pane.rows
        assert rows.item is not None
        wanted = rows.item.id
        await pilot.press("slash")
        await type_text(pilot, "done")
        await pilot.press("enter")
        await wait_for(pilot, "9 of 9")
        assert rows.item.id == wanted
        parts.tell(*(made_call(number) for number in range(10, 60)))
        await wait_for(pilot, "59 of 59")
        assert rows.item.id == wanted


async def test_old_calls_are_dropped_and_it_says_so(parts: Fake) -> None:
    parts.app.calls._capacity = 20
    async with parts.run(NARROW) as pilot:
        parts.tell(*(made_call(number) for number in range(1, 26)))
        await wait_for(pilot, "20 calls · 5 older ones dropped")
        await pilot.press("g")
        rows = parts.app.main.log_pane.rows
        assert rows.item is not None
        assert rows.item.id == 6
        parts.tell(*(made_call(number) for number in range(26, 36)))
        await wait_for(pilot, "15 older ones dropped")
        await pilot.press("j")
        assert rows.item.id in range(16, 19)


async def test_copying_a_call(parts: Fake, clipboard: list[str]) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(7))
        await wait_for(pilot, "· 1 call ")
        await pilot.press("y")
        await wait_for(pilot, "call #7: copied")
        assert "routed      group qwen → alias claude-sonnet-* → local/qwen3-coder" in clipboard[0]


def log_rows(parts: Fake) -> list[str]:
    """Return the rows of the log that have something on them."""
    lines = region_text(parts.app, "#log").splitlines()[2:-1]
    shown = (line.strip("│ ▁▂▃▄▅▆▇█") for line in lines)
    return [line for line in shown if line]


async def test_newest_first_follows_at_the_top(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(*(made_call(number, key=f"k{number:02}") for number in range(1, 40)))
        await wait_for(pilot, "▼ following · 39 calls")
        await pilot.press("O")
        await wait_for(pilot, "↑ following · 39 calls")
        assert " k39 " in log_rows(parts)[0]
        parts.tell(made_call(40, key="k40"))
        await wait_for(pilot, "40 calls")
        assert " k40 " in log_rows(parts)[0]
        await pilot.press("j", "j")
        await wait_for(pilot, "paused, f follows · 40 calls")
        shown = log_rows(parts)
        parts.tell(*(made_call(number, key=f"k{number}") for number in range(41, 44)))
        await wait_for(pilot, "paused · 3 new, f follows · 43 calls")
        assert log_rows(parts) == shown
        await pilot.press("g")
        await wait_for(pilot, "↑ following")
        assert " k43 " in log_rows(parts)[0]


async def test_sorting_by_a_column_and_turning_it_around(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        parts.tell(
            *(made_call(number, cost=number % 3 + 0.5, key=f"k{number}") for number in (1, 2, 3))
        )
        await wait_for(pilot, "▼ following · 3 calls")
        await pilot.press("s")
        await wait_for(pilot, "cost in US dollars")
        await type_text(pilot, "dollars")
        await pilot.press("enter")
        shown = await wait_for(pilot, "by $ · paused, f follows · 3 calls")
        assert " $↓ " in shown
        assert [row.split()[4] for row in log_rows(parts)] == ["k2", "k1", "k3"]
        parts.tell(made_call(4, cost=2.0, key="k4"))
        await wait_for(pilot, "4 calls")
        assert [row.split()[4] for row in log_rows(parts)] == ["k2", "k4", "k1", "k3"]
        await pilot.press("O")
        await wait_for(pilot, " $↑ ")
        assert [row.split()[4] for row in log_rows(parts)] == ["k3", "k1", "k4", "k2"]
        await pilot.press("s", "down", "enter")
        await wait_until_gone(pilot, "by $")
        assert [row.split()[4] for row in log_rows(parts)] == ["k1", "k2", "k3", "k4"]


async def test_choosing_columns(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        parts.tell(made_call(1, cost=0.25, agent="agent-7f", marked=True))
        await wait_for(pilot, "· 1 call ")
        assert "0.250" in log_rows(parts)[0]
        await pilot.press("c", *"jj", "J", "space")
        await wait_for(pilot, " [ ]  sign ")
        await pilot.press("G", "space", *"K" * 30, "escape")
        await wait_until_gone(pilot, "Columns of the log")
        row = log_rows(parts)[0]
        assert row.startswith("#1 ")
        assert "✓ " not in row
        assert parts.app.memory.value.columns[:4] == ("id", "time", "st", "mark")
        await pilot.press("c", "r", "escape")
        await wait_until_gone(pilot, "Columns of the log")
        assert not log_rows(parts)[0].startswith("#1")
        assert (parts.app.memory.value.columns, parts.app.memory.value.hidden) == ((), None)


async def test_marks_remarks_and_sub_agents_have_their_signs(parts: Fake) -> None:
    call = made_call(1, agent="agent-x", parent_agent="", tools=("Read", "Bash"))
    async with parts.run(WIDE) as pilot:
        parts.tell(call)
        await wait_for(pilot, "↳claude-sonnet-* → local/qwen3-coder")
        assert " Bash " in log_rows(parts)[0]
        assert "◆" not in log_rows(parts)[0]
        call.marked, call.remark = True, "look here"
        parts.tell(call)
        await wait_for(pilot, " ◈ ")
        call.marked = False
        parts.tell(call)
        await wait_for(pilot, " ✎ ")


async def test_columns_stay_where_they_are_whatever_marks_come_into_sight(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(*(made_call(number, marked=number == 1) for number in range(1, 60)))
        await wait_for(pilot, "59 calls")
        before = log_rows(parts)[-1].index("ClaudeCode")
        await pilot.press("g")
        await wait_for(pilot, "◆")
        assert {row.index("ClaudeCode") for row in log_rows(parts)} == {before}
        await pilot.press("G", "k", "O", "O")
        await wait_until_gone(pilot, "◆")
        assert {row.index("ClaudeCode") for row in log_rows(parts)} == {before}


async def test_the_chooser_says_which_columns_have_no_room(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1))
        await wait_for(pilot, "1 call")
        await pilot.press("c")
        await wait_for(pilot, "Columns of the log")

        def told(name: str) -> str:
            return next(line for line in screen_lines(parts.app) if f"]  {name} " in line)

        assert "no room now" in told("session")
        assert "no room now" in told("phase")
        assert "no room now" not in told("route")
        assert "no room now" not in told("tool")
        assert "no room now" not in told("agent"), "it was not asked for"
        crowded = told("phase").strip("│ ")
        await pilot.resize_terminal(160, 48)
        await wait_until_gone(pilot, crowded)
        assert "no room now" not in told("phase")


async def test_sessions_are_folded_by_their_heads(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(
            made_call(1, session="one"),
            made_call(2, session="two", cost=1.5, window=10_000),
            made_call(3, session="two", agent="agent-abcdef"),
            made_call(4, session="two", phase=Phase.FAILED, status=529, tokens=Tokens()),
        )
        await wait_for(pilot, "▼ following · 4 calls")
        await pilot.press("S")
        await wait_for(pilot, "▾ two")
        rows = log_rows(parts)
        assert [rows[place].split()[:3] for place in (0, 2)] == [
            ["▾", "one", "1"],
            ["▾", "two", "✗1"],
        ]
        assert rows[2].split()[3:] == ["3", "turns", "in", "4.0k", "cache", "40%", "out", "680",
                                       "$1.50+", "ctx", "23%"]  # fmt: skip
        assert rows[4].startswith("↳abcd ")
        await pilot.press("h")
        await wait_for(pilot, "▸ two")
        assert len(log_rows(parts)) == 3
        assert "paused" not in region_text(parts.app, "#log").splitlines()[-1]
        parts.tell(made_call(5, session="two"))
        await wait_for(pilot, "4 turns")
        await pilot.press("k", "k", "enter")
        await wait_for(pilot, "▸ one")
        await pilot.press("space")
        await wait_for(pilot, "▾ one")
        await pilot.press("plus")
        await wait_for(pilot, "▾ two")
        await pilot.press("j", "h", "minus")
        await wait_for(pilot, "▸ one")
        assert len(log_rows(parts)) == 2
        await pilot.press("asterisk")
        await wait_for(pilot, "1 of 5 · /session:=one")
        await pilot.press("S", "escape")
        await wait_for(pilot, "· 5 calls")


async def test_what_is_done_with_a_call_is_not_offered_on_a_head(
    parts: Fake, clipboard: list[str]
) -> None:
    parts.app.memory.change(grouped=True)
    async with parts.run(WIDE) as pilot:
        parts.tell(made_call(1))
        await wait_for(pilot, "· 1 call ")
        await pilot.press("y")
        await wait_for(pilot, "call #1: copied")
        await pilot.press("h", "y", "w", "m")
        await wait_for(pilot, "▸ 5f0c1a2b")
        assert "Why" not in screen_lines(parts.app)[-1]
        assert len(clipboard) == 1
        assert parts.records.annotated == []


async def test_how_the_log_is_laid_out_is_remembered(parts: Fake) -> None:
    parts.app.memory.change(grouped=True, newest_first=True, columns=("id", "st"), hidden=("time",))
    parts.records.calls = [made_call(1), made_call(2)]
    async with parts.run(NARROW) as pilot:
        await wait_for(pilot, "↑ following · 2 calls")
        await wait_for(pilot, "▸ 5f0c1a2b")
        await pilot.press("g", "enter")
        await wait_for(pilot, "▾ 5f0c1a2b")
        assert [row.split()[0] for row in log_rows(parts)[1:]] == ["#2", "#1"]


async def test_older_calls_come_bit_by_bit_and_move_nothing(
    parts: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccproxy_tui.tui.past.FIRST", 30)
    monkeypatch.setattr("ccproxy_tui.tui.past.MORE", 70)
    parts.records.calls = [made_call(number) for number in range(1, 101)]
    held, recent = asyncio.Event(), parts.records.recent

    async def slow(limit: int, *, before: int | None = None) -> list[Call]:
        if before is not None:
            await held.wait()
        return await recent(limit, before=before)

    monkeypatch.setattr(parts.records, "recent", slow)
    parts.app.calls._capacity = 90
    async with parts.run(NARROW) as pilot:
        await wait_for(pilot, "30 calls · older ones to come…")
        await pilot.press("k", "k")
        rows = parts.app.main.log_pane.rows
        shown = log_rows(parts)
        held.set()
        await wait_for(pilot, "paused, f follows · 90 calls ─")
        assert log_rows(parts) == shown
        assert rows.item is not None
        assert (rows.item.id, rows.index) == (98, 87)
        parts.tell(*(made_call(number) for number in range(101, 104)))
        await wait_for(pilot, "3 new, f follows · 90 calls · 3 older ones dropped")


async def test_neighbours_pass_over_heads_and_end_at_the_ends(parts: Fake) -> None:
    parts.app.memory.change(grouped=True)
    async with parts.run(NARROW) as pilot:
        calls = [
            made_call(number, session=session) for number, session in ((1, "a"), (2, "b"), (3, "b"))
        ]
        parts.tell(*calls)
        await wait_for(pilot, "· 3 calls")
        pane = parts.app.main.log_pane
        found = [
            pane.neighbour(calls[at], by) for at, by in ((0, 1), (0, 2), (1, -1), (0, -1), (2, 1))
        ]
        assert [call and call.id for call in found] == [2, 3, 1, None, None]
        assert [call.id for call in pane.calls_shown()] == [1, 2, 3]
