"""The pool: it knows how all candidates stand, and chooses one for each call."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ccproxy_tui.config.api_keys import is_variable
from ccproxy_tui.config.snapshot import Candidate, Route
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.gateway.pool import strategies
from ccproxy_tui.gateway.pool.allowance import Allowance
from ccproxy_tui.gateway.pool.health import Health, Jitter, usual_jitter
from ccproxy_tui.gateway.pool.lessons import Lessons
from ccproxy_tui.gateway.pool.member import USABLE, Member, Tally, identify
from ccproxy_tui.gateway.pool.strategies import Call, Turns
from ccproxy_tui.gateway.pool.trial import Trial
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.lacks import Lack
from ccproxy_tui.traffic.standing import CandidateId, Outlook, Standing, State

_LATEST = 500
"""Calls of an alias by which the candidates' shares are told."""
_COME_BACK = frozenset({State.COOLING, State.BUSY})


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is to answer, and why, a sentence each."""

    member: Member
    why: tuple[str, ...]


class Ring:
    """The members of an alias, and whose turn it is."""

    def __init__(self, route: Route, members: Sequence[Member], turns: Turns | None) -> None:
        self.route = route
        self.members = members
        self.turns = turns or strategies.begin(route.strategy)
        self.latest: deque[CandidateId] = deque(maxlen=_LATEST)


class Pool:
    """Candidates of all aliases. What it knows of them outlives edits of the configuration."""

    def __init__(
        self, *, clock: Callable[[], float] = time.time, jitter: Jitter = usual_jitter
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self.healths: dict[CandidateId, Health] = {}
        """By candidate; an empty model stands for an API key as a whole."""
        self.lessons = Lessons(clock)
        self.revision = 0
        """Counts changes of what has to survive a restart."""
        self._tallies: dict[CandidateId, Tally] = {}
        self._allowances: dict[CandidateId, Allowance] = {}
        self._rings: dict[tuple[str, str], Ring] = {}
        self._waiting: dict[asyncio.Future[None], None] = {}  # in the order of coming

    # --- choosing ----------------------------------------------------------------------------

    def choose(
        self, route: Route, session: str, tried: Collection[CandidateId] = ()
    ) -> Choice | None:
        """Choose who answers, and note it; None when nobody can but those `tried`.

        Raises `RefusedError` when the alias has no candidates at all.
        """
        ring, now = self._ring(route), self._clock()
        usable = self._usable(ring, now, tried)
        if not usable:
            return None
        call = Call(session, now, usable, ring.members)
        choice = _pick(ring, call)
        ring.turns.chose(choice.member, call)
        ring.latest.append(choice.member.id)
        return choice

    def begin(self, member: Member) -> Trial:
        """Begin an attempt."""
        return Trial(member, self._clock, self._jitter, changed=self._changed, freed=self._wake)

    def for_counting(self, route: Route, protocol: str) -> Candidate | None:
        """Return who can be asked to count tokens, if anyone can; takes nobody's turn."""
        ring, now = self._ring(route), self._clock()
        usable = (one.candidate for one in ring.members if one.state(now) is State.READY)
        return next((one for one in usable if one.provider.protocol == protocol), None)

    def back_at(self, route: Route) -> float | None:
        """Tell when the first of those that are out comes back by itself, None if none does."""
        now = self._clock()
        times = (one.back_at(now) for one in self._ring(route).members)
        return min((at for at in times if at is not None), default=None)

    def members(self, route: Route) -> Sequence[Member]:
        """Give the candidates of an alias; raises `RefusedError` when it has none."""
        return self._ring(route).members

    async def wait(self, until: float) -> None:
        """Wait until then, or until something has changed."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[waiter] = None
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, until - self._clock())):
                    await waiter
        finally:
            del self._waiting[waiter]

    def now(self) -> float:
        """Tell the time by which candidates come back, in seconds since the epoch."""
        return self._clock()

    def learn(self, candidate: Candidate, failure: Failure) -> Lack | None:
        """Take a lesson from an error; None when it holds none that would make a difference."""
        lack = self.lessons.learn(candidate, failure)
        if lack is not None:
            self._changed()
        return lack

    def unlearn(self, candidate: Candidate) -> None:
        """Forget the latest lesson, which did not help."""
        self.lessons.unlearn(candidate)
        self._changed()

    # --- telling -----------------------------------------------------------------------------

    def outlook(self, route: Route, session: str = "") -> Outlook:
        """Tell how the candidates stand, and whom a call would go to now; changes nothing."""
        ring, now = self._ring(route), self._clock()
        shares = Counter(ring.latest)
        standings = tuple(self._standing(one, ring, shares, now) for one in ring.members)
        usable = self._usable(ring, now, ())
        chosen, why = "", _nobody(ring, now)
        if usable:
            choice = _pick(ring, Call(session, now, usable, ring.members))
            chosen, why = choice.member.name, choice.why
        return Outlook(route.group, route.alias, route.strategy, standings, chosen, why)

    def _standing(
        self, member: Member, ring: Ring, shares: Counter[CandidateId], now: float
    ) -> Standing:
        state = member.state(now)
        back = member.back_at(now)
        tally = member.tally
        return Standing(
            id=member.id,
            name=member.name,
            masked_key=member.masked_key(),
            state=state,
            until=back if back is not None and back != float("inf") else 0.0,
            reason=member.reason(now),
            share=shares[member.id] / len(ring.latest) if ring.latest else 0.0,
            in_flight=tally.in_flight,
            succeeded=tally.succeeded,
            failed=tally.failed,
            weight=member.candidate.weight,
            lessons=self.lessons.words(member.candidate),
        )

    # --- what people do ----------------------------------------------------------------------

    def reset(self, candidate: CandidateId) -> None:
        """Make a candidate ready, its API key too, and forget what its model cannot do."""
        self.lessons.forget(candidate.provider, candidate.model)
        self.recovered(candidate)

    def switch(self, candidate: CandidateId, *, on: bool) -> None:
        """Disable a candidate, or enable it."""
        self.health(candidate).disabled = not on
        self._changed()

    def find(self, routes: Iterable[Route], candidate: CandidateId) -> Candidate | None:
        """Give the candidate of that name, if a route still has it."""
        found = (one for route in routes for one in route.candidates if identify(one) == candidate)
        return next(found, None)

    def recovered(self, candidate: CandidateId) -> None:
        """Note that a probe was answered."""
        for health in (self.health(candidate), self.health(_whole_key(candidate))):
            health.reset(self._clock())
        self._changed()

    def health(self, candidate: CandidateId) -> Health:
        """Give the health of a candidate, or of an API key as a whole."""
        return self.healths.setdefault(candidate, Health())

    # --- inside ------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.revision += 1
        self._wake()

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _ring(self, route: Route) -> Ring:
        place = (route.group, route.alias)
        ring = self._rings.get(place)
        if ring is None or ring.route is not route:
            ring = self._rings[place] = self._make_ring(route, ring)
        return ring

    def _make_ring(self, route: Route, old: Ring | None) -> Ring:
        """Make the ring of a route; under the same strategy the turns go on."""
        if not route.candidates:
            raise RefusedError(
                500,
                f'all targets of the alias "{route.alias}" are disabled; enable one in the '
                "Proxies pane, or its provider in the Providers pane",
                retry=False,
            )
        members: dict[CandidateId, Member] = {}
        for member in map(self._member, route.candidates):
            members.setdefault(member.id, member)
        same = old is not None and old.route.strategy == route.strategy
        ring = Ring(route, tuple(members.values()), old.turns if same and old else None)
        if old is not None:
            ring.latest = old.latest
        return ring

    def _member(self, candidate: Candidate) -> Member:
        id_ = identify(candidate)
        key = _whole_key(id_)
        secrets = (candidate.api_key, candidate.http_proxy)
        return Member(
            candidate,
            id_,
            self.health(id_),
            self.health(key),
            self._allowances.setdefault(key, Allowance()),
            self._tallies.setdefault(id_, Tally()),
            tuple(one for one in secrets if is_variable(one)),
        )

    def _usable(self, ring: Ring, now: float, tried: Collection[CandidateId]) -> list[Member]:
        """Give those that may be chosen: the ready ones, else the last resorts.

        What a vendor asked for is obeyed. But a breaker is a guess of ours, and a key that was
        refused may be accepted again: where nothing else is left, a call may find out. It waits
        for what comes back by itself rather than asks with a refused key.
        """
        states = [(one, one.state(now)) for one in ring.members if one.id not in tried]
        ready = [one for one, state in states if state in USABLE]
        if ready:
            return ready
        open_ = [one for one, state in states if state is State.OPEN]
        if open_ or tried or any(state in _COME_BACK for _, state in states):
            return open_
        refused = [one for one, state in states if state is State.OUT and not one.missing]
        return [one for one in refused if one.has_room(now)]


def _pick(ring: Ring, call: Call) -> Choice:
    pick = ring.turns.pick(call)
    why = [pick.why]
    state = pick.member.state(call.now)
    if state is State.HALF_OPEN:
        why.append(f"its breaker is half-open: this call tries whether {pick.member.name} works")
    elif state not in USABLE:
        why.append(f"nothing better is left: {_where(pick.member, call.now)}")
    why += [
        f"passed over: {_where(one, call.now)}"
        for one in ring.members
        if one is not pick.member and one.state(call.now) not in USABLE
    ]
    return Choice(pick.member, tuple(why))


def _whole_key(candidate: CandidateId) -> CandidateId:
    return CandidateId(candidate.provider, candidate.key, "")


def _nobody(ring: Ring, now: float) -> tuple[str, ...]:
    return ("no candidate can be used", *(_where(one, now) for one in ring.members))


def _where(member: Member, now: float) -> str:
    """Say how a member stands that cannot be used."""
    state, back = member.state(now), member.back_at(now)
    until = ""
    if back is not None and back != float("inf"):
        until = f" until {time.strftime('%H:%M:%S', time.localtime(back))}"
    reason = member.reason(now)
    return f"{member.name} is {state}{until}{f' ({reason})' if reason else ''}"
