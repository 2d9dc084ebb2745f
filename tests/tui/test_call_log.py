"""The calls in memory, the filter over them, and the figures that they add up to."""

import time

import pytest

from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.tui.call_filter import FilterError, parse
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.drain import Drain
from ccproxy_tui.tui.figures import SPARK_BARS, Figures
from ccproxy_tui.tui.quantities import count, percent, seconds
from tests.tui.fake import made_call


def ids(log: CallLog) -> list[int]:
    return [log[index].id for index in range(len(log))]


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
    assert (log.forgotten, log.dropped, log.total, log.come) == (4, 4, 3, 7)
    assert log.index_of(4) is None
    assert log.index_of(5) == 0
    assert log.get(7) is not None


def test_a_filter_holds_for_what_comes_changes_and_goes() -> None:
    log = CallLog(capacity=4)
    calls = [made_call(n, phase=Phase.STREAMING if n % 2 else Phase.DONE) for n in (1, 2, 3, 4)]
    log.take(calls)
    log.keep(parse("is:live"))
    assert ids(log) == [1, 3]
    calls[0].phase = Phase.DONE
    calls[1].phase = Phase.STREAMING
    assert log.take(calls[:2])
    assert ids(log) == [2, 3]
    assert log.take([made_call(5, phase=Phase.WAITING), made_call(6)])
    assert ids(log) == [3, 5]
    assert log.dropped == 1
    assert log.index_of(5) == 1
    assert log.index_of(6) is None
    log.keep(None)
    assert ids(log) == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [1, 2, 3, 4]),
        ("haiku", [2]),
        ("HAIKU done", [2]),
        ("status:>=400", [3]),
        ("status>=400", [3]),
        ("status:200", [1, 2]),
        ("!is:live status:<400", [1, 2]),
        ("is:error", [3]),
        ("is:live", [4]),
        ("group:qwen key:ci", [2]),
        ("in:>5k", [1]),
        ("dur:>10s", [2]),
        ("overloaded", [3]),
        ("#3", [3]),
        ("target:local/ model:glm", [2]),
    ],
)
def test_filters(text: str, found: list[int]) -> None:
    calls = [
        made_call(1, tokens=Tokens(6000)),
        made_call(2, requested="claude-haiku-4-5", key="ci", model="glm", duration=12.0),
        made_call(3, status=529, phase=Phase.FAILED, error="upstream is overloaded", group="x"),
        made_call(4, status=0, phase=Phase.WAITING, duration=None, key=""),
    ]
    matches = parse(text)
    assert [call.id for call in calls if matches is None or matches(call)] == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour:red", '"colour" is no field'),
        ("status:high", "status: takes a number"),
        ("is:odd", "is: takes live"),
    ],
)
def test_a_filter_that_is_wrong_says_what_is_possible(text: str, words: str) -> None:
    with pytest.raises(FilterError, match=words):
        parse(text)


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
