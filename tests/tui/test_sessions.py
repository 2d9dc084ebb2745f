"""Calls under the heads of their sessions: what they add up to, who hangs on whom, what is folded."""

from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.tui.arrangement import Order
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.sessions import Session
from tests.tui.fake import made_call

TOKENS = Tokens(input=1000, cache_read=3000, output=50)


def session_call(number: int, session: str = "a", **facts: object) -> Call:
    return made_call(number, session=session, operation="generate", **facts)


def grouped(*calls: Call, order: Order = Order(), capacity: int = 1000) -> CallLog:  # noqa: B008
    log = CallLog(capacity)
    log.arrange(order, grouped=True)
    log.take(calls)
    return log


def rows(log: CallLog) -> list[int | str]:
    """Return the rows: heads by the names of their sessions, calls by their numbers."""
    shown = [log[index] for index in range(len(log))]
    assert [log.index_of(row.id) for row in shown] == list(range(len(log)))
    return [row.id for row in shown]


def head(log: CallLog, name: str = "a") -> Session:
    index = log.index_of(name)
    assert index is not None
    row = log[index]
    assert isinstance(row, Session)
    return row


def test_sessions_are_in_the_order_of_their_newest_calls() -> None:
    log = grouped(session_call(1), session_call(2, "b"), session_call(3, ""))
    assert rows(log) == ["a", 1, "b", 2, "", 3]
    log.take([session_call(4)])
    assert rows(log) == ["b", 2, "", 3, "a", 1, 4]
    assert log.newest == 6
    log.arrange(Order(turned=True), grouped=True)
    assert rows(log) == ["a", 4, 1, "", 3, "b", 2]
    assert log.newest == 1
    log.take([session_call(5, "b")])
    assert rows(log) == ["b", 5, 2, "a", 4, 1, "", 3]


def test_a_session_adds_up_its_calls_as_they_end() -> None:
    running = session_call(3, phase=Phase.STREAMING, tokens=Tokens(), cost=None)
    log = grouped(
        session_call(1, tokens=TOKENS, cost=0.5),
        session_call(2, tokens=TOKENS, cost=0.25, phase=Phase.FAILED, status=500),
        running,
        made_call(4, session="a", operation="count tokens", tokens=Tokens(9_000)),
        session_call(5, "b", tokens=TOKENS, cost=9.0),
    )
    session = head(log)
    assert (session.turns, session.live, session.totals.failed) == (3, 1, 1)
    running.phase, running.tokens, running.cost = Phase.DONE, TOKENS, 0.25
    for _ in range(3):
        log.take([running])
    assert (session.turns, session.live) == (3, 0)
    assert session.totals.money == 1.0
    assert session.totals.cached_share == 0.75
    assert session.totals.tokens.output == 150


def test_the_context_is_that_of_the_main_agents_last_call() -> None:
    log = grouped(
        session_call(10, tokens=TOKENS, window=200_000),
        session_call(11, tokens=Tokens(90_000), window=100_000, agent="x"),
        session_call(12, tokens=Tokens(), phase=Phase.FAILED),
    )
    session = head(log)
    assert (session.context, session.window) == (4050, 200_000)
    log.remember([session_call(9, tokens=Tokens(50_000))])
    assert session.context == 4050


def test_sub_agents_are_under_the_call_that_was_there_when_they_began() -> None:
    calls = [
        session_call(1),
        session_call(2),
        session_call(3, agent="x", parent_agent="a"),
        session_call(4, agent="y"),
        session_call(5, agent="x"),
        session_call(6, agent="z", parent_agent="x"),
        session_call(7),
        session_call(8, agent="y"),
    ]
    log = grouped(*calls)
    assert rows(log) == ["a", 1, 2, 3, 5, 6, 4, 8, 7]
    session = head(log)
    assert [len(session.path(call)) // 2 for call in calls] == [0, 0, 1, 1, 1, 2, 0, 1]
    log.arrange(Order(turned=True), grouped=True)
    assert rows(log) == ["a", 7, 2, 8, 4, 5, 6, 3, 1]


def test_older_calls_show_what_sub_agents_hang_on() -> None:
    older = [session_call(1), session_call(2), session_call(3, agent="x")]
    log = grouped(session_call(4), session_call(5, agent="x"))
    assert rows(log) == ["a", 4, 5]
    log.remember(older)
    assert rows(log) == ["a", 1, 2, 3, 5, 4]
    assert [len(head(log).path(call)) // 2 for call in older] == [0, 0, 1]


def test_a_call_whose_session_turns_out_late_goes_there() -> None:
    late = session_call(2, "", phase=Phase.WAITING)
    log = grouped(session_call(1), late)
    assert rows(log) == ["a", 1, "", 2]
    late.session = "a"
    assert log.take([late])
    assert rows(log) == ["a", 1, 2]
    assert head(log).live == 1


def test_what_is_folded_stays_so_while_calls_come() -> None:
    log = grouped(session_call(1), session_call(2, "b"), session_call(3, "b"))
    log.fold([head(log, "b")], folded=True)
    assert rows(log) == ["a", 1, "b"]
    assert (log.newest, log.shown, log.index_of(3)) == (2, 3, None)
    assert log.take([session_call(4, "b")])
    assert rows(log) == ["a", 1, "b"]
    log.fold_all(folded=True)
    log.take([session_call(5, "c")])
    assert rows(log) == ["a", "b", "c"]
    log.arrange(Order(), grouped=False)
    log.arrange(Order(), grouped=True)
    assert rows(log) == ["a", "b", "c"]
    log.fold_all(folded=False)
    assert rows(log) == ["a", 1, "b", 2, 3, 4, "c", 5]
    assert [call.id for call in log.calls_shown()] == [1, 2, 3, 4, 5]


def test_sessions_of_earlier_runs_are_folded_until_they_go_on() -> None:
    log = grouped()
    log.remember([session_call(1), session_call(2, "b"), session_call(3)])
    assert rows(log) == ["b", "a"]
    log.take([session_call(4)])
    assert rows(log) == ["b", "a", 1, 3, 4]
    log.fold([head(log)], folded=True)
    log.take([session_call(5)])
    assert rows(log) == ["b", "a"]


def test_a_filter_leaves_sessions_of_which_something_passes() -> None:
    log = grouped(session_call(1), session_call(2, "b", status=500), session_call(3, "b"))
    log.keep(lambda call: call.status == 500)
    assert rows(log) == ["b", 2]
    assert head(log, "b").turns == 2
    log.take([session_call(4, status=500)])
    assert rows(log) == ["b", 2, "a", 4]
    log.take([session_call(2, "b")])
    assert rows(log) == ["a", 4]


def test_sorted_calls_stay_in_their_sessions_which_are_sorted_too() -> None:
    order = Order(lambda call: call.cost, lambda session: session.totals.money, turned=True)
    log = grouped(
        session_call(1, "b", cost=1.0),
        session_call(2, cost=2.0),
        session_call(3, cost=5.0),
        session_call(4, "b", cost=3.0),
        order=order,
    )
    assert rows(log) == ["a", 3, 2, "b", 4, 1]
    assert log.newest == 4
    running = session_call(5, "b", cost=None, phase=Phase.STREAMING)
    running.cost = 0.0
    log.take([running])
    assert rows(log) == ["a", 3, 2, "b", 4, 1, 5]
    running.cost, running.phase = 9.0, Phase.DONE
    log.take([running])
    assert rows(log) == ["b", 5, 4, 1, "a", 3, 2]


def test_sessions_go_with_their_last_call() -> None:
    log = grouped(capacity=3)
    log.take(session_call(number, "a" if number < 3 else "b") for number in range(1, 5))
    assert rows(log) == ["a", 2, "b", 3, 4]
    assert head(log).turns == 2
    log.take([session_call(5, "b")])
    assert rows(log) == ["b", 3, 4, 5]


def test_the_call_before_is_of_the_same_agent_and_kind() -> None:
    calls = [
        session_call(1),
        session_call(2, "b"),
        session_call(3, agent="x"),
        made_call(4, session="a", operation="count tokens"),
        session_call(5, provider=""),
        session_call(6),
        session_call(7, agent="x"),
        session_call(8, ""),
        session_call(9, ""),
        session_call(10, requested="claude-haiku-4-5"),
        session_call(11),
    ]
    log = grouped(*calls)
    log.keep(lambda _call: False)
    found = [log.before(call) for call in calls]
    assert [call and call.id for call in found] == [
        *(None, None, None, None, 1, 1, 3, None, None, None, 6)
    ]
