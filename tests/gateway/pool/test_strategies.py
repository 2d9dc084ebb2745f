"""Whose turn it is: shares, order, stickiness, and what happens when one is out."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as values

from ccproxy_tui.config.models import Strategy
from ccproxy_tui.gateway.pool import strategies
from ccproxy_tui.gateway.pool.member import Member
from ccproxy_tui.gateway.pool.strategies import Call, Turns
from ccproxy_tui.traffic.standing import State
from tests.gateway.pool.members import candidates, members, provider

NOW = 1_000_000.0


def turn(
    turns: Turns,
    usable: Sequence[Member],
    session: str = "s",
    everyone: Sequence[Member] = (),
    now: float = NOW,
) -> Member:
    call = Call(session, now, usable, everyone or usable)
    member = turns.pick(call).member
    turns.chose(member, call)
    return member


def names(chosen: Sequence[Member]) -> list[str]:
    return [one.name for one in chosen]


def test_round_robin_gives_each_pair_its_turn() -> None:
    all_ = members(*candidates(provider("a", 2), provider("b")))
    turns = strategies.begin("round_robin")
    assert names([turn(turns, all_) for _ in range(6)]) == [
        "a/m key 1", "a/m key 2", "b/m", "a/m key 1", "a/m key 2", "b/m",
    ]  # fmt: skip


def test_round_robin_gives_nobody_the_turns_of_one_that_is_out() -> None:
    all_ = members(*candidates(*(provider(name) for name in "abcde")))
    turns = strategies.begin("round_robin")
    chosen = Counter(turn(turns, [*all_[:2], *all_[3:]]).name for _ in range(400))
    assert set(chosen.values()) == {100}


def test_weighted_shares_by_target_whatever_its_keys() -> None:
    all_ = members(*candidates(provider("a", 3), provider("b"), weights=(3, 2)))
    turns = strategies.begin("weighted")
    chosen = Counter(turn(turns, all_).candidate.provider.name for _ in range(500))
    assert chosen == {"a": 300, "b": 200}


def test_weighted_mixes_well() -> None:
    all_ = members(*candidates(provider("a"), provider("b"), weights=(3, 1)))
    turns = strategies.begin("weighted")
    assert "".join(turn(turns, all_).candidate.provider.name for _ in range(8)) == "aabaaaba"


def test_priority_takes_the_next_only_when_those_before_are_out() -> None:
    all_ = members(*candidates(provider("a"), provider("b"), provider("c")))
    turns = strategies.begin("priority")
    assert {turn(turns, all_, str(n)).name for n in range(50)} == {"a/m"}
    assert {turn(turns, all_[1:], str(n), all_).name for n in range(50)} == {"b/m"}


def test_priority_keeps_a_session_on_one_of_the_keys() -> None:
    all_ = members(*candidates(provider("a", 4), provider("b")))
    turns = strategies.begin("priority")
    by_session = [{turn(turns, all_, str(n)).name for _ in range(5)} for n in range(40)]
    assert all(len(chosen) == 1 for chosen in by_session)
    assert len(set.union(*by_session)) == 4


def test_least_busy_takes_the_one_with_the_fewest_calls() -> None:
    all_ = members(*candidates(provider("a"), provider("b"), provider("c")))
    turns = strategies.begin("least_busy")
    for one, calls in zip(all_, (2, 1, 3), strict=True):
        one.tally.in_flight = calls
    assert turn(turns, all_).name == "b/m"
    all_[1].tally.in_flight = 2
    assert turn(turns, all_).name == "a/m"


def test_a_session_stays() -> None:
    all_ = members(*candidates(*(provider(name) for name in "abcde")))
    turns = strategies.begin("sticky")
    for session in map(str, range(30)):
        assert len({turn(turns, all_, session).name for _ in range(10)}) == 1


@given(values.integers(1, 12), values.integers(1, 100))
def test_new_sessions_are_spread_evenly(count: int, sessions: int) -> None:
    all_ = members(*candidates(provider("a", count)))
    turns = strategies.begin("sticky")
    guests = Counter(turn(turns, all_, f"session {n}").name for n in range(sessions))
    assert max(guests.values()) <= -(-sessions // count)
    assert sum(guests.values()) == sessions


def test_a_session_moves_when_its_candidate_is_out_and_stays_there() -> None:
    all_ = members(*candidates(*(provider(name) for name in "abc")))
    turns = strategies.begin("sticky")
    home = turn(turns, all_)
    left = [one for one in all_ if one is not home]
    second = turn(turns, left, everyone=all_)
    assert second is not home
    assert turn(turns, all_) is second
    why = turns.pick(Call("s", NOW, [home], all_)).why
    assert f"was with {second.name}" in why


def test_a_session_keeps_its_home_that_is_only_busy() -> None:
    all_ = members(*candidates(*(provider(n, concurrent_requests=1) for n in "abc")))
    turns = strategies.begin("sticky")
    home = turn(turns, all_)
    home.allowance.begin(home.candidate.provider, NOW)
    assert home.state(NOW) is State.BUSY
    assert turn(turns, [one for one in all_ if one is not home], everyone=all_) is not home
    home.allowance.end()
    assert turn(turns, all_) is home


def test_a_session_is_forgotten_after_an_idle_hour() -> None:
    all_ = members(*candidates(provider("a"), provider("b")))
    turns = strategies.begin("sticky")
    first = turn(turns, all_, "one")
    others = [turn(turns, all_, f"other {n}", now=NOW + 4000) for n in range(2)]
    assert {one.name for one in others} == {"a/m", "b/m"}  # `first` counts no more
    assert "is new" in turns.pick(Call("one", NOW + 8000, all_, all_)).why
    assert first in all_


def test_after_a_restart_a_session_finds_the_same_candidate() -> None:
    all_ = members(*candidates(*(provider(name) for name in "abcdefgh")))
    homes = [turn(strategies.begin("sticky"), all_, "the session").name for _ in range(3)]
    assert len(set(homes)) == 1


@pytest.mark.parametrize(
    "strategy", ["sticky", "round_robin", "priority", "weighted", "least_busy"]
)
def test_a_look_takes_no_turn(strategy: Strategy) -> None:
    all_ = members(*candidates(provider("a", 2), provider("b"), weights=(2, 1)))
    looked, plain = strategies.begin(strategy), strategies.begin(strategy)
    for number in range(30):
        for _ in range(number % 4):
            looked.pick(Call(str(number), NOW, all_, all_))
        assert turn(looked, all_, str(number)) is turn(plain, all_, str(number))
