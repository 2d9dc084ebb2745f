"""The dashboard: figures of a time, bars, and who has used how much."""

import time
from itertools import pairwise

import pytest

from ccproxy_tui.traffic.call import Phase, Tokens
from ccproxy_tui.traffic.totals import SLOT_SECONDS, Histogram, Slot, Totals
from ccproxy_tui.tui.plot import draw_bars
from ccproxy_tui.tui.usage import PERIODS, bars, by, midnight
from tests.tui.fake import Fake, made_call
from tests.tui.screen_text import screen_lines, screen_text, wait_for

NARROW, WIDE = (80, 24), (140, 44)
NOW = time.mktime((2026, 3, 14, 15, 40, 0, 0, 0, -1))


def slot(start: float, target: str = "vendor/sonnet", **facts: object) -> Slot:
    given = {"group": "qwen", "alias": "claude-sonnet-*", "key": "ci", "session": "s1", **facts}
    totals = given.pop("totals", None) or Totals.of([made_call(1, cost=0.25)])
    return Slot(start // SLOT_SECONDS * SLOT_SECONDS, target=target, totals=totals, **given)  # type: ignore[arg-type]


def many(count: int, **facts: object) -> Totals:
    return Totals.of(made_call(number, **facts) for number in range(count))


def test_percentiles_are_as_near_as_they_say() -> None:
    histogram = Histogram()
    for number in range(1, 1001):
        histogram.add(number / 100)
    for share, exact in ((0.5, 5.0), (0.95, 9.5), (0.99, 9.9)):
        found = histogram.percentile(share)
        assert found == pytest.approx(exact, rel=0.06)
    assert Histogram().percentile(0.5) is None


def test_totals_of_parts_are_the_totals_of_all() -> None:
    calls = [
        made_call(1, cost=0.5),
        made_call(2, phase=Phase.FAILED, cost=None, tokens=Tokens(), ttft=None),
        made_call(3, phase=Phase.CANCELLED, cost=0.25),
        made_call(4, operation="count tokens"),
    ]
    whole = Totals.of(calls)
    merged = Totals.of(calls[:2])
    merged.merge(Totals.of(calls[2:]))
    assert merged == whole
    assert (whole.calls, whole.failed, whole.cancelled, whole.money) == (3, 1, 1, 0.75)
    assert whole.tokens.context == 2 * 2000


def test_who_cost_the_most_comes_first_then_who_read_the_most() -> None:
    slots = [
        slot(NOW, "a/cheap", totals=many(1, cost=0.1)),
        slot(NOW, "b/dear", totals=many(2, cost=3.0)),
        slot(NOW - 900, "b/dear", totals=many(1, cost=1.0)),
        slot(NOW, "c/free", totals=many(9, cost=None)),
    ]
    found = by("target", slots)
    assert [one.name for one in found] == ["b/dear", "a/cheap", "c/free"]
    assert found[0].totals.money == 7.0
    assert found[2].totals.unpriced == 9


def test_today_begins_at_midnight_and_bars_are_its_hours() -> None:
    today = PERIODS[0]
    begun = midnight(NOW)
    slots = [slot(begun), slot(begun + 900), slot(NOW), slot(begun - 900)]
    drawn = bars(today, slots, NOW)
    assert [label for label, _ in drawn][:3] == ["00", "01", "02"]
    assert [totals.calls for _, totals in drawn] == [2, *[0] * 14, 1, *[0] * 8]


@pytest.mark.parametrize("period", PERIODS[1:], ids=lambda one: one.title)
def test_the_newest_bar_holds_what_is_now(period: object) -> None:
    chosen = next(one for one in PERIODS if one is period)
    first = chosen.since(NOW)
    drawn = bars(chosen, [slot(NOW), slot(first)], NOW)
    assert (drawn[0][1].calls, drawn[-1][1].calls) == (1, 1)
    assert len(drawn) == chosen.bars


def test_bars_are_as_high_as_their_values() -> None:
    lines = draw_bars(["00", "01", "02", "03"], [0, 1, 2, 4], 40, 10, ascii_only=True)
    assert max(map(len, draw_bars(["00", "01"], [1, 2], 190, 10, ascii_only=True))) > 170
    assert len(lines) <= 10
    assert all(line.isascii() for line in lines)
    heights = [sum("#" in line[place : place + 2] for line in lines) for place in (8, 17, 26, 35)]
    assert heights == sorted(heights)
    assert heights[0] < heights[-1]


@pytest.mark.parametrize("top", [0.00042, 0.61, 0.9, 1.0, 7.3, 48, 3_200, 1_250_000])
@pytest.mark.parametrize("height", [6, 10, 18])
def test_heights_are_named_in_even_steps(top: float, height: int) -> None:
    lines = draw_bars(["00", "01"], [top, top / 2], 40, height, ascii_only=False)
    named = [
        float(word.replace("k", "e3").replace("M", "e6"))
        for line in lines[:-1]
        if (word := line[: line.find("█")].strip() if "█" in line else line.strip())
    ]
    assert named[-1] == 0
    assert named[0] <= top
    steps = {round(one - other, 9) for one, other in pairwise(named)}
    assert len(steps) == 1


async def test_it_says_what_was_used_by_whom(parts: Fake) -> None:
    now = time.time()
    parts.records.slots_kept = [
        slot(now, totals=many(3, cost=1.5)),
        slot(now, "local/glm", key="ClaudeCode", totals=many(1, cost=None, phase=Phase.FAILED)),
        slot(now - 20 * 86_400, "old/model"),
    ]
    async with parts.run(WIDE) as pilot:
        await pilot.press("7")
        shown = await wait_for(pilot, "4 requests")
        for words in ("1 failed (25%)", "$4.50", "in 8.0k", "cached 40%", "first content p50 0.4"):
            assert words in shown, words
        assert "█" in shown
        await pilot.press("tab", "tab")
        shown = await wait_for(pilot, "local/glm")
        assert shown.index("vendor/sonnet") < shown.index("local/glm")
        assert "no price" in shown
        assert "old/model" not in shown
        await pilot.press("]", "]", "]")
        await wait_for(pilot, "old/model")


async def test_a_row_leads_to_its_calls(parts: Fake) -> None:
    parts.records.slots_kept = [slot(time.time())]
    async with parts.run(WIDE) as pilot:
        parts.tell(made_call(1, model="sonnet", provider="vendor"), made_call(2))
        await pilot.press("7")
        await wait_for(pilot, "1 request")
        await pilot.press("tab", "tab", "enter")
        shown = await wait_for(pilot, "1 of 2")
        assert "Dashboard" not in shown


async def test_narrow_in_ascii_and_without_any_call(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.app.set_class(True, "-ascii")
        await pilot.press("7")
        shown = await wait_for(pilot, "No call in this time")
        assert "0 requests" in shown
        parts.records.slots_kept = [slot(time.time(), session="s" * 90)]
        await pilot.press("]")
        await wait_for(pilot, "1 request")
        drawn = screen_lines(parts.app)
        assert all(line.isascii() for line in drawn), [one for one in drawn if not one.isascii()]
        assert max(map(len, drawn)) <= 80
        await pilot.press("q")
        assert "Dashboard" not in screen_text(parts.app)


async def test_what_comes_meanwhile_is_added(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("7")
        await wait_for(pilot, "0 requests")
        parts.records.slots_kept = [slot(time.time(), totals=many(5))]
        await wait_for(pilot, "5 requests")
