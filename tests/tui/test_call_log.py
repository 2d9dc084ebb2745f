"""The calls in memory, the filter over them, and the figures that they add up to."""

import time
from dataclasses import replace

import pytest

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.tui.arrangement import Order
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.drain import Drain
from ccproxy_tui.tui.figures import SPARK_BARS, Figures
from ccproxy_tui.tui.quantities import count, percent, seconds
from tests.tui.fake import made_call


def ids(log: CallLog) -> list[int]:
    return [call.id for call in log.calls_shown()]


def test_a_call_comes_once_and_changes_in_its_place() -> None:
    log = CallLog()
    calls = [made_call(number) for number in (1, 2, 3)]
    assert log.take(calls)
    assert not log.take([calls[1]])
    assert ids(log) == [1, 2, 3]
    assert log.index_of(2) == 1
    assert log.index_of("no such") is None


def test_the_oldest_go_when_there_are_too_many() -> None:
    log = CallLog(capacity=3)
    log.take(made_call(number) for number in range(1, 8))
    assert ids(log) == [5, 6, 7]
    assert (log.forgotten, log.total, log.come) == (4, 3, 7)
    assert log.index_of(4) is None
    assert log.index_of(5) == 0
    assert log.get(7) is not None


def test_a_filter_holds_for_what_comes_changes_and_goes() -> None:
    log = CallLog(capacity=4)
    calls = [made_call(n, phase=Phase.STREAMING if n % 2 else Phase.DONE) for n in (1, 2, 3, 4)]
    log.take(calls)
    log.keep(lambda call: call.live)
    assert ids(log) == [1, 3]
    calls[0].phase = Phase.DONE
    calls[1].phase = Phase.STREAMING
    assert log.take(calls[:2])
    assert ids(log) == [2, 3]
    assert log.take([made_call(5, phase=Phase.WAITING), made_call(6)])
    assert ids(log) == [3, 5]
    assert log.index_of(5) == 1
    assert log.index_of(6) is None
    log.keep(None)
    assert ids(log) == [3, 4, 5, 6]


def test_sorted_calls_keep_their_right_place_while_they_change() -> None:
    log = CallLog()
    calls = [made_call(number, cost=cost) for number, cost in ((1, 0.3), (2, 0.1), (3, 0.2))]
    log.take(calls)
    by_cost = Order(lambda call: call.cost or 0.0)
    log.arrange(by_cost, grouped=False)
    assert ids(log) == [2, 3, 1]
    assert [log.index_of(call.id) for call in calls] == [2, 0, 1]
    calls[1].cost = 0.25
    assert log.take(calls)
    assert ids(log) == [3, 2, 1]
    calls[1].cost = 0.26
    assert not log.take(calls)
    log.arrange(replace(by_cost, turned=True), grouped=False)
    assert ids(log) == [1, 2, 3]
    log.take([made_call(4, cost=0.3)])
    assert ids(log) == [4, 1, 2, 3]
    assert (log.newest, log.index_of(3)) == (0, 3)


def test_the_newest_may_come_first() -> None:
    log = CallLog(capacity=3)
    log.arrange(Order(turned=True), grouped=False)
    log.take(made_call(number) for number in range(1, 5))
    assert ids(log) == [4, 3, 2]
    assert [log.index_of(number) for number in (4, 3, 2, 1)] == [0, 1, 2, None]
    assert log.newest == 0


def test_calls_of_earlier_runs_come_before_as_far_as_there_is_room() -> None:
    log = CallLog(capacity=6)
    running = made_call(8, phase=Phase.STREAMING)
    log.take([running, made_call(10)])
    log.remember([made_call(7), made_call(8), made_call(9)])
    assert ids(log) == [7, 8, 9, 10]
    assert log.get(8) is running
    assert (log.come, log.forgotten, log.full) == (2, 0, False)
    log.remember([made_call(number) for number in (3, 4, 5, 6)])
    assert ids(log) == [5, 6, 7, 8, 9, 10]
    assert log.full


def test_a_filter_judges_the_newest_first_and_the_others_bit_by_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ccproxy_tui.tui.call_log._SLICE", 4)
    log = CallLog()
    log.take(made_call(number) for number in range(11, 21) if number != 14)
    log.keep(lambda call: call.id % 2 == 0)
    assert (ids(log), log.unjudged) == ([18, 20], True)
    log.take([made_call(14), made_call(21), made_call(22)])
    log.remember([made_call(9), made_call(10)])
    assert ids(log) == [14, 18, 20, 22]
    while log.unjudged:
        log.judge_more()
    assert ids(log) == [10, 12, 14, 16, 18, 20, 22]
    assert log.shown == 7


def test_calls_can_be_judged_again() -> None:
    log, found = CallLog(), set[int]()
    log.take(made_call(number) for number in range(1, 6))
    log.keep(lambda call: call.id in found)
    found |= {2, 4}
    assert log.judge_again([2, 3, 99])
    assert ids(log) == [2]
    assert not log.judge_again([2, 3])
    found.clear()
    assert log.judge_again([2])
    assert ids(log) == []


def take(figures: Figures, *calls: Call) -> None:
    for call in calls:
        figures.take(call, new=True)


def test_figures_follow_a_call_from_start_to_end() -> None:
    figures = Figures()
    call = made_call(1, phase=Phase.WAITING, started_at=time.time())
    figures.take(call, new=True)
    assert (list(figures.live), figures.failed_share) == ([1], None)
    call.phase = Phase.DONE
    figures.take(call, new=False)
    figures.take(call, new=False)
    assert not figures.live
    assert (figures.tokens_in, figures.tokens_cached, figures.tokens_out) == (2000, 800, 340)
    assert figures.failed_share == 0
    assert figures.calls_by_key["ClaudeCode"] == 1
    assert figures.per_minute(time.time()) == 1
    assert figures.per_minute(time.time() + 61) == 0
    assert figures.spark(time.time())[-1] == 1
    assert len(figures.spark(time.time())) == SPARK_BARS


def test_a_provider_is_degraded_then_down_then_well_again() -> None:
    figures = Figures()
    assert figures.health("local") == "unknown"
    take(figures, made_call(1))
    assert figures.health("local") == "good"
    take(figures, made_call(2, phase=Phase.FAILED, status=502))
    assert figures.health("local") == "degraded"
    take(figures, *(made_call(n, phase=Phase.FAILED, status=502) for n in (3, 4)))
    assert figures.health("local") == "down"
    take(figures, *(made_call(n) for n in range(5, 20)))
    assert figures.health("local") == "good"


def test_what_the_client_did_wrong_does_not_make_a_provider_ill() -> None:
    figures = Figures()
    take(figures, *(made_call(n, phase=Phase.FAILED, status=400) for n in range(5)))
    take(figures, *(made_call(n, phase=Phase.CANCELLED, status=0) for n in range(5, 9)))
    assert figures.health("local") == "good"


def test_a_drain_takes_each_change_once() -> None:
    feed, log, figures = Feed(), CallLog(), Figures()
    drain = Drain(feed.listen(), log, figures)
    drain.remember([made_call(1)])
    assert drain.step() is None
    call = made_call(2, phase=Phase.WAITING)
    for _ in range(50):
        feed.tell(call)
    changes = drain.step()
    assert changes is not None
    assert changes.calls == [call]
    assert changes.moved
    feed.tell(call)
    changes = drain.step()
    assert changes is not None
    assert not changes.moved
    assert ids(log) == [1, 2]
    assert figures.calls_by_key["ClaudeCode"] == 2


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9949, "9.9k"), (32_400, "32k"), (999_900, "1.0M"),
     (1_234_567, "1.2M"), (45_000_000, "45M"), (3_000_000_000, "3.0G")],
)  # fmt: skip
def test_counts_fit_five_characters(number: int, shown: str) -> None:
    assert count(number) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (0.0, "0.00s"), (0.994, "0.99s"), (2.84, "2.8s"), (41.2, "41s"), (312, "5m12"),
     (7_500, "2h05")],
)  # fmt: skip
def test_durations_fit_five_characters(value: float | None, shown: str) -> None:
    assert seconds(value) == shown


def test_shares() -> None:
    assert percent(1, 3) == "33%"
    assert percent(0, 0) == ""
