"""Whose turn it is among the candidates that can be used, by the strategy of their alias.

`pick` looks and changes nothing, so that a dry run can ask too; `chose` notes what was decided.
"""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from ccproxy_tui.config.models import Strategy
from ccproxy_tui.gateway.pool.member import Member
from ccproxy_tui.traffic.standing import CandidateId, State

_MOST_SESSIONS = 10_000
_SHOWN = 8
"""Characters of a session's name."""
_IDLE = 3600.0
"""Seconds after which a session counts as over: no vendor keeps a prompt cache longer by default."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a choice may depend on."""

    session: str
    now: float
    usable: Sequence[Member]
    """Candidates that may be chosen; never empty."""
    everyone: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Pick:
    """Who is to answer, and why, in a sentence."""

    member: Member
    why: str


class Turns(Protocol):
    """A strategy at work for one alias."""

    def pick(self, call: Call) -> Pick:
        """Say whose turn it is."""

    def chose(self, member: Member, call: Call) -> None:
        """Note that `member` was chosen."""


class RoundRobin:
    """The one goes first whose last turn is longest ago."""

    def __init__(self) -> None:
        self._count = 0
        self._last: dict[CandidateId, int] = {}

    def pick(self, call: Call) -> Pick:
        """Take who has waited longest; nobody gets the turns of one that is out."""
        member = min(call.usable, key=lambda one: self._last.get(one.id, 0))
        return Pick(member, f"round robin: {member.name} has waited longest for its turn")

    def chose(self, member: Member, call: Call) -> None:
        """Note its turn."""
        self._count += 1
        self._last[member.id] = self._count


class LeastBusy(RoundRobin):
    """The one with the fewest calls under way; of several, the one that has waited longest."""

    def pick(self, call: Call) -> Pick:
        """Take the least busy."""
        member = min(call.usable, key=lambda one: (one.tally.in_flight, self._last.get(one.id, 0)))
        most = max(one.tally.in_flight for one in call.usable)
        calls = member.tally.in_flight
        why = f"least busy: {member.name} has {calls} calls under way, others up to {most}"
        return Pick(member, why)


class Weighted:
    """Smooth weighted round robin: shares by the targets' weights, well mixed."""

    def __init__(self) -> None:
        self._due: dict[CandidateId, float] = {}

    def pick(self, call: Call) -> Pick:
        """Take who is most due."""
        weights = _weights(call.usable)
        member = max(call.usable, key=lambda one: self._due.get(one.id, 0.0) + weights[one.id])
        share = weights[member.id] / sum(weights.values())
        return Pick(member, f"weighted: {member.name} is due, by its share of {share:.0%}")

    def chose(self, member: Member, call: Call) -> None:
        """Let all become more due, and the chosen one less."""
        weights = _weights(call.usable)
        for one in call.usable:
            self._due[one.id] = self._due.get(one.id, 0.0) + weights[one.id]
        self._due[member.id] -= sum(weights.values())


def _weights(usable: Sequence[Member]) -> dict[CandidateId, float]:
    """Share each target's weight out among its API keys."""
    keys = Counter(one.candidate.target for one in usable)
    return {one.id: one.candidate.weight / keys[one.candidate.target] for one in usable}


class Priority:
    """The first target that can be used; of its API keys, the session's own."""

    def pick(self, call: Call) -> Pick:
        """Take the first in order."""
        first = min(one.candidate.target for one in call.usable)
        same = [one for one in call.usable if one.candidate.target == first]
        member = max(same, key=lambda one: _affinity(call.session, one.id))
        if first == min(one.candidate.target for one in call.everyone):
            return Pick(member, f"priority: {member.name} is of the first target")
        return Pick(member, f"priority: {member.name} is of the first target that is available")

    def chose(self, member: Member, call: Call) -> None:
        """Nothing is to be noted: the order is all."""


@dataclass(slots=True)
class _Home:
    member: CandidateId
    used: float


class Sticky:
    """A session stays with its candidate, whose prompt cache it has filled.

    A new one goes where rendezvous hashing leads it, among those that have not had their part of
    the sessions yet; the hash makes that the same after a restart, the bound makes it even.
    """

    def __init__(self) -> None:
        self._homes: OrderedDict[str, _Home] = OrderedDict()
        self._guests: Counter[CandidateId] = Counter()
        self._without_session = RoundRobin()

    def pick(self, call: Call) -> Pick:
        """Take the session's own, or find it a new one."""
        if not call.session:
            pick = self._without_session.pick(call)
            if len(call.everyone) == 1:
                return Pick(pick.member, f"{pick.member.name} is the only candidate")
            return Pick(pick.member, f"sticky, but no session is named; {pick.why}")
        home = self._home(call)
        here = next((one for one in call.usable if one.id == home), None)
        session = call.session[:_SHOWN]
        if here is not None:
            return Pick(here, f"sticky: session {session} stays with {here.name}")
        member = self._find(call.usable, call.session)
        before = next((one for one in call.everyone if one.id == home), None)
        if before is None:
            return Pick(
                member, f"sticky: session {session} is new; its hash leads to {member.name}"
            )
        return Pick(
            member,
            f"sticky: session {session} was with {before.name}, which is not available; "
            f"its hash leads to {member.name}",
        )

    def chose(self, member: Member, call: Call) -> None:
        """Make it the session's own, unless there is only no room at home for one more call."""
        if not call.session:
            self._without_session.chose(member, call)
            return
        self._forget(call.now)
        home = self._homes.get(call.session)
        if home is None:
            self._homes[call.session] = _Home(member.id, call.now)
            self._guests[member.id] += 1
            return
        self._homes.move_to_end(call.session)
        home.used = call.now
        if home.member != member.id and not _is_only_busy(home.member, call.everyone, call.now):
            self._guests[home.member] -= 1
            self._guests[member.id] += 1
            home.member = member.id

    def _home(self, call: Call) -> CandidateId | None:
        home = self._homes.get(call.session)
        return None if home is None or home.used < call.now - _IDLE else home.member

    def _find(self, usable: Sequence[Member], session: str) -> Member:
        guests = self._guests
        part = ceil((sum(guests[one.id] for one in usable) + 1) / len(usable))
        room = [one for one in usable if guests[one.id] < part]
        return max(room, key=lambda one: _affinity(session, one.id))

    def _forget(self, now: float) -> None:
        while self._homes:
            oldest = next(iter(self._homes.values()))
            if oldest.used >= now - _IDLE and len(self._homes) < _MOST_SESSIONS:
                return
            self._homes.popitem(last=False)
            self._guests[oldest.member] -= 1


_STRATEGIES: dict[Strategy, type[Turns]] = {
    "sticky": Sticky,
    "round_robin": RoundRobin,
    "priority": Priority,
    "weighted": Weighted,
    "least_busy": LeastBusy,
}


def begin(strategy: Strategy) -> Turns:
    """Give a strategy that has seen nothing yet."""
    return _STRATEGIES[strategy]()


def _affinity(session: str, candidate: CandidateId) -> bytes:
    """Rendezvous hashing: the candidate with the highest score is the session's."""
    text = "\0".join((session, candidate.provider, candidate.key, candidate.model))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _is_only_busy(home: CandidateId, everyone: Sequence[Member], now: float) -> bool:
    return any(one.id == home and one.state(now) is State.BUSY for one in everyone)
