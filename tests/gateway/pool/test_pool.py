"""Who may be chosen at all, and what is told of it."""

from dataclasses import replace

import pytest

from ccproxy_tui.config.snapshot import Route
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.standing import CandidateId, State
from tests.gateway.pool.members import candidates, provider, route

NOW = 1_000_000.0


class Bench:
    """A pool with a clock that is set by hand, and one alias of three candidates."""

    def __init__(self) -> None:
        self.now = NOW
        self.pool = Pool(clock=lambda: self.now, jitter=lambda: 1.0)
        self.route: Route = route(
            *candidates(provider("a"), provider("b"), provider("c")), strategy="priority"
        )

    def fail(self, name: str, status: int, *, times: int = 1, hint: float | None = None) -> None:
        member = next(one for one in self.pool.members(self.route) if one.name == f"{name}/m")
        for _ in range(times):
            self.now += 0.001
            trial = self.pool.begin(member)
            self.now += 0.001
            trial.fail(UpstreamError(Failure(status, f"said {status}", retry_after=hint)))

    def chosen(self, *tried: str) -> str:
        ids = {one.id for one in self.pool.members(self.route) if one.name[0] in tried}
        choice = self.pool.choose(self.route, "s", ids)
        return "" if choice is None else choice.member.name[0]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_a_vendor_asked_for_is_obeyed(bench: Bench) -> None:
    for name in "abc":
        bench.fail(name, 429, hint=60)
    assert bench.chosen() == ""
    assert bench.pool.back_at(bench.route) == pytest.approx(NOW + 60, abs=0.1)
    bench.now += 60
    assert bench.chosen() == "a"


def test_an_open_breaker_is_the_last_resort(bench: Bench) -> None:
    bench.fail("a", 503, times=3)
    assert bench.chosen() == "b"
    bench.fail("b", 429, hint=60)
    bench.fail("c", 429, hint=60)
    assert bench.chosen() == "a"


def test_a_refused_key_is_tried_only_when_nothing_else_can_be(bench: Bench) -> None:
    bench.fail("a", 401)
    bench.fail("b", 503, times=3)
    bench.fail("c", 429, hint=60)
    assert bench.chosen() == "b"
    assert bench.chosen("b") == ""
    bench.fail("b", 429, hint=60)
    assert bench.chosen() == ""  # b and c come back by themselves
    bench.fail("b", 401)
    bench.fail("c", 401)
    assert bench.chosen() == "a"
    assert bench.chosen("a") == ""


def test_a_disabled_candidate_is_never_chosen(bench: Bench) -> None:
    for member in bench.pool.members(bench.route):
        bench.pool.switch(member.id, on=False)
    assert bench.chosen() == ""
    bench.pool.switch(bench.pool.members(bench.route)[1].id, on=True)
    assert bench.chosen() == "b"


def test_one_call_tries_a_half_open_candidate_and_the_others_do_not(bench: Bench) -> None:
    bench.fail("a", 503, times=3)
    bench.now += 5
    choice = bench.pool.choose(bench.route, "s")
    assert choice is not None
    assert any("half-open" in why for why in choice.why)
    trial = bench.pool.begin(choice.member)
    assert bench.chosen() == "b"
    trial.succeed()
    assert bench.chosen() == "a"
    trial.end()


def test_a_client_error_shows_that_a_candidate_is_alive(bench: Bench) -> None:
    bench.fail("a", 503, times=3)
    bench.now += 5
    bench.fail("a", 400)
    assert bench.pool.outlook(bench.route).standings[0].state is State.READY


def test_a_key_is_out_for_all_models_and_a_model_for_itself(bench: Bench) -> None:
    other = route(*(replace(one, model="n") for one in bench.route.candidates), alias="other")
    bench.fail("a", 401)
    bench.fail("b", 403)
    states = [one.state for one in bench.pool.outlook(other).standings]
    assert states == [State.OUT, State.READY, State.READY]
    assert bench.pool.outlook(bench.route).standings[1].state is State.OUT


def test_a_look_changes_nothing_and_says_why(bench: Bench) -> None:
    bench.fail("a", 429, hint=60)
    first = bench.pool.outlook(bench.route, "s")
    assert bench.pool.outlook(bench.route, "s") == first
    assert first.chosen == "b/m"
    assert first.why[0] == "priority: b/m is of the first target that is available"
    assert first.why[1].startswith("passed over: a/m is cooling until ")
    assert first.why[1].endswith("(429: said 429)")
    assert [one.share for one in first.standings] == [0, 0, 0]
    assert bench.chosen() == "b"
    assert [one.share for one in bench.pool.outlook(bench.route).standings] == [0, 1, 0]


def test_counting_keeps_to_those_that_can_be_used(bench: Bench) -> None:
    def asked() -> str:
        candidate = bench.pool.for_counting(bench.route, "openai")
        return "" if candidate is None else candidate.provider.name

    assert asked() == "a"
    bench.fail("a", 401)
    assert asked() == "b"
    for name in "bc":
        bench.fail(name, 429, hint=60)
    assert asked() == ""
    assert bench.pool.for_counting(bench.route, "claude") is None


def test_what_is_known_outlives_an_edit(bench: Bench) -> None:
    bench.fail("a", 401)
    bench.route = replace(bench.route, candidates=bench.route.candidates[:2])
    assert [one.state for one in bench.pool.outlook(bench.route).standings] == [
        State.OUT,
        State.READY,
    ]


def test_turns_go_on_after_an_edit() -> None:
    bench = Bench()
    bench.route = replace(bench.route, strategy="round_robin")
    assert bench.chosen() + bench.chosen() == "ab"
    bench.route = replace(bench.route)
    assert bench.chosen() == "c"


def test_a_reset_brings_all_back(bench: Bench) -> None:
    bench.fail("a", 401)
    member = bench.pool.members(bench.route)[0]
    bench.pool.lessons.learn(member.candidate, Failure(400, "this model does not support images"))
    assert bench.pool.outlook(bench.route).standings[0].lessons
    bench.pool.reset(member.id)
    standing = bench.pool.outlook(bench.route).standings[0]
    assert (standing.state, standing.lessons) == (State.READY, ())


def test_a_lesson_is_forgotten_after_a_day(bench: Bench) -> None:
    candidate = bench.route.candidates[0]
    failure = Failure(400, "this model does not support images")
    assert bench.pool.learn(candidate, failure)
    assert not bench.pool.lessons.profile_of(candidate).images
    assert bench.pool.learn(candidate, failure) is None
    bench.now += 24 * 3600
    assert bench.pool.lessons.profile_of(candidate).images
    assert bench.pool.learn(candidate, failure)


def test_an_event_may_say_when_to_come_back(bench: Bench) -> None:
    member = bench.pool.members(bench.route)[0]
    trial = bench.pool.begin(member)
    said = "Rate limit reached. Please try again in 20s."
    assert trial.fail(UpstreamError(Failure(429, said))) is Outcome.THROTTLE
    assert bench.pool.back_at(bench.route) == pytest.approx(NOW + 20)


def test_an_alias_without_candidates_says_what_to_enable(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="all targets of the alias"):
        bench.pool.choose(replace(bench.route, candidates=()), "s")


def test_no_identity_holds_a_secret(bench: Bench) -> None:
    for member in bench.pool.members(bench.route):
        assert member.candidate.api_key not in repr(member.id)
        assert isinstance(member.id, CandidateId)
        assert member.candidate.api_key not in repr(member)
