"""The log with as many calls as it holds: what costs how much, with generous budgets."""

from collections.abc import Callable
from functools import partial
from itertools import count

import pytest

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.arrangement import Order
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.filters.call_filter import parse
from tests.tui.fake import Fake, made_call
from tests.tui.test_perf import best_of

MANY = 100_000
FRAME = 16
BY_COST = Order(lambda call: call.cost, lambda session: session.totals.money, turned=True)
ARRANGED = {
    "plain": (Order(), False),
    "newest first": (Order(turned=True), False),
    "sorted": (BY_COST, False),
    "sessions": (Order(), True),
    "sessions, newest first": (Order(turned=True), True),
    "sessions, sorted": (BY_COST, True),
}
arranged = pytest.mark.parametrize(("order", "grouped"), ARRANGED.values(), ids=ARRANGED)


def many_calls() -> list[Call]:
    """Return as many calls as the log holds, of 2,000 sessions with sub-agents."""
    return [
        made_call(
            number,
            session=f"s{number // 50}",
            agent="abc"[number % 5 : number % 5 + 1],
            operation="generate",
            cost=number % 97 / 100,
        )
        for number in range(1, MANY + 1)
    ]


@pytest.fixture(scope="module")
def log() -> CallLog:
    log = CallLog(MANY * 2)
    log.remember(many_calls())
    log.fold_all(folded=False)
    return log


def settle(log: CallLog) -> float:
    """Let all calls find their places; return the milliseconds of the slowest step."""
    slowest = 0.0
    while log.unjudged:
        slowest = max(slowest, best_of(1, log.judge_more))
    return slowest


@arranged
def test_calls_find_their_places_bit_by_bit(log: CallLog, order: Order, grouped: bool) -> None:
    first = best_of(1, partial(log.arrange, order, grouped=grouped))
    whole = best_of(1, partial(settle, log))
    assert log.shown == log.total
    assert first < 8 * FRAME
    assert whole < 1500


@arranged
def test_a_drain_costs_no_more_than_half_a_frame(log: CallLog, order: Order, grouped: bool) -> None:
    log.arrange(order, grouped=grouped)
    settle(log)
    before = [call for number in range(MANY - 9, MANY + 1) if (call := log.get(number))]
    numbers = count(max(call.id for call in log.backwards()) + 1)

    def drain() -> None:
        for call in before:
            call.cost = next(numbers) % 89 / 100
        new = [made_call(next(numbers), session="s1999", cost=0.5) for _ in range(10)]
        log.take([*before, *new])
        newest = log.newest
        assert newest is not None
        seen = range(max(0, newest - 25), min(len(log), newest + 25))
        assert all(log.index_of(log[index].id) == index for index in seen)

    assert best_of(20, drain) < FRAME / 2


def test_a_filter_begins_at_once_and_is_soon_through(log: CallLog) -> None:
    wanted = parse("cost:>0.5")
    assert wanted is not None
    log.arrange(Order(), grouped=False)
    assert best_of(3, partial(log.keep, wanted.matches)) < 4 * FRAME
    assert best_of(1, partial(settle, log)) < 600
    assert 0 < log.shown < log.total
    log.keep(None)


def test_the_call_before_is_found_soon(log: CallLog) -> None:
    call = log.get(MANY)
    assert call is not None
    assert best_of(5, lambda: log.before(call)) < 1


async def test_sessions_of_many_calls_scroll_as_fast_as_those_of_few(
    parts: Fake, log: CallLog
) -> None:
    parts.app.memory.change(grouped=True)
    async with parts.run((200, 50)) as pilot:
        pane = parts.app.main.log_pane

        def page(move: Callable[[], None]) -> None:
            move()
            pane.rows._cache.clear()
            for y in range(pane.rows.size.height):
                pane.rows.render_line(y)

        spent = []
        for calls in (list(log.backwards())[200::-1], list(log.backwards())[MANY:200:-1]):
            parts.app.calls.remember(calls)
            parts.app.calls.fold_all(folded=False)
            pane.show_moved()
            await pilot.pause()
            pane.rows.follow(False)
            spent.append(best_of(40, partial(page, pane.rows.action_list_page_up)))
        few, many = spent
        assert parts.app.calls.total > MANY * 0.99
        assert many < 4 * FRAME, f"{many:.1f} ms"
        assert many < 3 * few, f"{many:.1f} ms against {few:.1f} ms"
