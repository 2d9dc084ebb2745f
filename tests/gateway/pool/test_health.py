"""One candidate's health: what counts, for how long, and what brings it back."""

import pytest

from ccproxy_tui.gateway.pool.health import LONGEST_COOLDOWN, Health
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.standing import State

NOW = 1_000_000.0


def fail(
    health: Health,
    outcome: Outcome,
    *,
    hint: float | None = None,
    at: float = NOW,
    began: float | None = None,
) -> None:
    failure = Failure(429, "too fast", retry_after=hint)
    health.fail(outcome, failure, at if began is None else began, at, lambda: 1.0)


@pytest.mark.parametrize("outcome", [Outcome.THROTTLE, Outcome.QUOTA, Outcome.OVERLOAD])
def test_the_vendors_word_is_kept_to_the_second(outcome: Outcome) -> None:
    health = Health()
    fail(health, outcome, hint=42)
    assert health.state(NOW + 41.9) is State.COOLING
    assert health.state(NOW + 42) is State.READY


def test_the_vendors_word_is_capped() -> None:
    health = Health()
    fail(health, Outcome.QUOTA, hint=10 * LONGEST_COOLDOWN)
    assert health.until == NOW + LONGEST_COOLDOWN


@pytest.mark.parametrize(
    ("outcome", "waits"),
    [(Outcome.THROTTLE, [2, 4, 8, 16]), (Outcome.QUOTA, [60, 120, 240, 480])],
)
def test_without_one_each_wait_is_twice_the_last(outcome: Outcome, waits: list[float]) -> None:
    health, now = Health(), NOW
    for wait in waits:
        fail(health, outcome, at=now)
        assert health.until - now == wait
        now = health.until
    for _ in range(30):
        fail(health, outcome, at=now)
        now = health.until
    assert health.until - now <= LONGEST_COOLDOWN


def test_a_success_begins_the_waits_anew() -> None:
    health = Health()
    fail(health, Outcome.THROTTLE)
    fail(health, Outcome.THROTTLE, at=NOW + 2)
    assert health.succeed(NOW + 10, NOW + 11)
    fail(health, Outcome.THROTTLE, at=NOW + 20)
    assert health.until == NOW + 22


def test_ten_calls_that_fail_at_once_are_one_strike() -> None:
    health = Health()
    for place in range(10):
        fail(health, Outcome.THROTTLE, at=NOW + place / 10, began=NOW)
    assert health.until == NOW + 2
    fail(health, Outcome.THROTTLE, hint=30, at=NOW + 1, began=NOW)
    assert health.until == NOW + 31


def test_a_stream_that_began_before_says_nothing_about_now() -> None:
    health = Health()
    fail(health, Outcome.THROTTLE, hint=60)
    assert not health.succeed(NOW - 30, NOW + 1)
    assert health.state(NOW + 2) is State.COOLING


def test_a_refused_key_is_out_for_good() -> None:
    health = Health()
    fail(health, Outcome.AUTH)
    assert health.state(NOW + 1e9) is State.OUT
    fail(health, Outcome.THROTTLE, hint=1, at=NOW + 5)
    assert health.state(NOW + 1e9) is State.OUT
    assert health.succeed(NOW + 10, NOW + 11)
    assert health.state(NOW + 11) is State.READY


@pytest.mark.parametrize("outcome", [Outcome.OVERLOAD, Outcome.TRANSPORT, Outcome.TIMEOUT])
def test_three_failures_in_a_row_open_the_breaker(outcome: Outcome) -> None:
    health = Health()
    fail(health, outcome)
    fail(health, outcome, at=NOW + 1)
    assert health.state(NOW + 1) is State.READY
    fail(health, outcome, at=NOW + 2)
    assert health.state(NOW + 2) is State.OPEN
    assert health.state(NOW + 7) is State.HALF_OPEN


def test_a_success_between_keeps_it_closed() -> None:
    health = Health()
    for at in range(6):
        fail(health, Outcome.OVERLOAD, at=NOW + at)
        if at % 2:
            health.succeed(NOW + at, NOW + at)
    assert health.state(NOW + 6) is State.READY


def test_half_open_lets_one_call_through() -> None:
    health = Health()
    for at in range(3):
        fail(health, Outcome.TRANSPORT, at=NOW + at)
    later = NOW + 10
    assert health.state(later) is State.HALF_OPEN
    health.probing += 1
    assert health.state(later) is State.OPEN


def test_a_failed_probe_opens_it_for_longer() -> None:
    health, now = Health(), NOW
    for _ in range(3):
        fail(health, Outcome.TRANSPORT, at=now)
    waits = []
    for _ in range(6):
        waits.append(health.until - now)
        now = health.until
        fail(health, Outcome.TRANSPORT, at=now)
    assert waits == [5, 10, 20, 40, 80, 120]


def test_a_person_can_switch_it_off_and_reset_it() -> None:
    health = Health()
    fail(health, Outcome.AUTH)
    health.disabled = True
    assert health.state(NOW) is State.DISABLED
    health.disabled = False
    health.reset(NOW)
    assert health.state(NOW) is State.READY
    assert health.failure is None


def test_a_wait_of_nothing_is_no_hint() -> None:
    health = Health()
    fail(health, Outcome.THROTTLE, hint=0)
    assert health.until == NOW + 2
