"""Costs of drawing, as ratios or with generous budgets: twice what is meant, on a slow machine."""

import time
from collections.abc import Callable

import orjson
import pytest

from ccproxy_tui.traffic.call import Exchange, Message
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.sheets.raw import RawSheet
from ccproxy_tui.tui.sheets.sheet import Subject
from tests.tui.fake import Fake, made_call
from tests.tui.test_outline import outline_of

CALLS = [made_call(number, session=str(number)) for number in range(1, 20_001)]


def best_of(times: int, work: Callable[[], object]) -> float:
    """Return the milliseconds of the fastest run, which is the one least disturbed."""
    fastest = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        work()
        fastest = min(fastest, time.perf_counter() - begun)
    return fastest * 1000


def test_taking_in_calls_is_cheap_however_many_there_are() -> None:
    few = best_of(3, lambda: CallLog().take(CALLS[:2_000]))
    many = best_of(3, lambda: CallLog().take(CALLS))
    assert many < 20 * few
    assert many < 800

    full = CallLog(capacity=20_000)
    full.take(CALLS)
    numbers = iter(range(100_000, 200_000))

    def one_more() -> None:
        full.take([made_call(next(numbers))])

    assert best_of(50, one_more) < 1


async def test_a_frame_costs_what_is_seen_not_what_there_is(parts: Fake) -> None:
    async with parts.run((200, 50)) as pilot:
        log = parts.app.calls
        log._capacity = 100_000
        rows = parts.app.main.log_pane.rows

        def frame() -> None:
            rows._cache.clear()
            for y in range(rows.size.height):
                rows.render_line(y)

        log.take(CALLS[:100])
        rows.show(log)
        await pilot.pause()
        few = best_of(10, frame)
        log.take(CALLS)
        rows.show(log)
        await pilot.pause()
        many = best_of(10, frame)
        assert rows.count == 20_000
        assert many < 16, f"{many:.1f} ms"
        assert many < 3 * few, f"{many:.1f} ms against {few:.1f} ms"
        rows.follow(False)
        moved = best_of(10, rows.action_list_up)
        assert moved < 4, f"{moved:.1f} ms"


async def test_rows_that_have_been_drawn_are_not_drawn_again(parts: Fake) -> None:
    async with parts.run((200, 50)) as pilot:
        log = parts.app.calls
        log.take(CALLS[:200])
        rows = parts.app.main.log_pane.rows
        rows.show(log)
        await pilot.pause()
        height = range(2, rows.size.height - 1)
        first = [rows.render_line(y) for y in height]
        assert all(strip is rows.render_line(y) for y, strip in zip(height, first, strict=True))


@pytest.mark.parametrize("as_text", [True, False])
async def test_a_large_request_is_shown_soon(as_text: bool) -> None:
    request = {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "words and\nlines " * 100}]}
            for _ in range(120)
        ]
    }
    body = orjson.dumps(request)
    assert len(body) > 190_000
    message = Message("POST /v1/messages", (), [body])
    async with outline_of(size=(100, 40)) as (_, app):

        def show() -> None:
            sheet = RawSheet()
            sheet.as_text = as_text
            app.outline.show(sheet.draw(Subject(made_call(1), Exchange(message))))

        spent = best_of(3, show)
    assert spent < 100, f"{spent:.0f} ms"
