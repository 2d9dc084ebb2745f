"""From one candidate to the next until one answers, but never once the client has part of a reply."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from math import inf

from aiohttp import web

from ccproxy_tui.config.snapshot import Candidate, Route
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.giving_up import Failed, most_useful
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.pool.pool import Choice, Pool
from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.traffic.standing import CandidateId, State

Ask = Callable[[Candidate], Awaitable[web.StreamResponse]]
"""Sends the call to a candidate and gives the reply; raises `UpstreamError`."""


_MOST_LESSONS = 3
"""In one call: an error names one part of a request, and more than one may be too much."""


@dataclass(slots=True)
class _Course:
    """What one call has been through. Times are of the loop's clock."""

    session: str
    """What its candidate may depend on."""
    deadline: float
    """Until when one more attempt may begin."""
    held_until: float
    """Until when the call may wait for a candidate."""
    queued_until: float
    """Until when the call may wait for room under a limit of the user's own."""
    tried: set[CandidateId] = field(default_factory=set)
    """Candidates that are not asked again."""
    resting: set[CandidateId] = field(default_factory=set)
    """Those that may be asked again once they are back."""
    taught: Counter[CandidateId] = field(default_factory=Counter)
    """How often candidates were asked again without what they cannot do."""
    failed: list[Failed] = field(default_factory=list)


async def answer(passage: Passage, route: Route, pool: Pool, ask: Ask) -> web.StreamResponse:
    """Let candidates of the route try until one gives a reply.

    Raises `UpstreamError` when none does, or when the client has part of a reply already, and
    `RefusedError` when there is none to try.
    """
    settings = passage.snapshot.settings
    now = asyncio.get_running_loop().time()
    deadline = now + settings.failover_deadline
    session = passage.session if len(route.candidates) > 1 else ""
    course = _Course(session, deadline, now + settings.hold, deadline)
    async with AsyncExitStack() as stack:
        if passage.stream is not None:
            await stack.enter_async_context(passage.stream.kept_alive())
        choice = await _next(passage, route, pool, course)
        while choice is not None:
            try:
                return await _attempt(passage, pool, choice, ask, course)
            except UpstreamError:
                if _is_final(passage, course):
                    raise
            spent = len(passage.record.attempts) >= settings.max_attempts
            if spent or not _learn(passage, pool, course):
                _set_aside(pool, course)
                choice = await _next(passage, route, pool, course)
        raise most_useful(pool, route, course.failed)


async def _attempt(
    passage: Passage, pool: Pool, choice: Choice, ask: Ask, course: _Course
) -> web.StreamResponse:
    """Ask one candidate, and let the pool and the record know how it went."""
    member = choice.member
    passage.record.why = choice.why
    passage.attempts(member.candidate, pool.lessons.profile_of(member.candidate))
    if passage.stream is not None:
        passage.stream.attempt()
    trial = passage.trial = pool.begin(member)
    try:
        return await ask(member.candidate)
    except UpstreamError as error:
        outcome = trial.fail(error)
        passage.attempted(outcome, error.failure.message)
        course.failed.append(Failed(member, error.bare(), outcome))
        if passage.stream is not None and not passage.stream.bound:
            passage.stream.let_go()
        raise
    except (asyncio.CancelledError, ConnectionError):
        passage.attempted(Outcome.CANCELLED)
        raise
    except (BadRequestError, RefusedError) as error:
        passage.attempted(Outcome.CLIENT_ERROR, str(error))
        raise
    except Exception:
        passage.attempted(Outcome.CANCELLED, "an error in ccproxy itself")
        raise
    finally:
        trial.end()


def _is_final(passage: Passage, course: _Course) -> bool:
    """Tell whether no other attempt may follow: the client has part of a reply, or asks wrongly."""
    bound = passage.stream is not None and passage.stream.bound
    return bound or course.failed[-1].outcome is Outcome.CLIENT_ERROR


def _learn(passage: Passage, pool: Pool, course: _Course) -> bool:
    """Take a lesson from what the last one cannot do; tells whether it is to be asked again.

    Another call may have learned the same meanwhile, which does as well.
    """
    failed = course.failed[-1]
    candidate, id_ = failed.member.candidate, failed.member.id
    if failed.outcome is not Outcome.CAPABILITY:
        return False
    learned = pool.lessons.profile_of(candidate) != passage.profile
    if course.taught[id_] < _MOST_LESSONS and (
        learned or pool.learn(candidate, failed.error.failure) is not None
    ):
        course.taught[id_] += 1
        return True
    if course.taught[id_]:
        pool.unlearn(candidate)
    return False


def _set_aside(pool: Pool, course: _Course) -> None:
    """Ask the last one no more; where it said or is known when it is back, not before that."""
    member = course.failed[-1].member
    comes_back = member.back_at(pool.now()) is not None
    (course.resting if comes_back else course.tried).add(member.id)


async def _next(passage: Passage, route: Route, pool: Pool, course: _Course) -> Choice | None:
    """Choose the next candidate, waiting for one where that is allowed; None when there is none."""
    loop = asyncio.get_running_loop()
    settings = passage.snapshot.settings
    while len(passage.record.attempts) < settings.max_attempts:
        if course.failed and loop.time() > course.deadline:
            return None
        choice = pool.choose(route, course.session, course.tried | _open(pool, route, course))
        if choice is not None:
            return choice
        until = _worth_waiting(pool, route, course)
        if until is None:
            return None
        if passage.record.phase is not Phase.HELD:
            passage.tell(Phase.HELD)
            if passage.stream is not None:
                passage.stream.hold()
        await pool.wait(until)
        course.deadline = max(course.deadline, loop.time() + settings.failover_deadline)
    return None


def _open(pool: Pool, route: Route, course: _Course) -> set[CandidateId]:
    """Tell whose breaker has opened during this call: for it they are no last resort."""
    if not course.resting:
        return set()
    now = pool.now()
    return {
        one.id
        for one in pool.members(route)
        if one.id in course.resting and one.state(now) is State.OPEN
    }


def _worth_waiting(pool: Pool, route: Route, course: _Course) -> float | None:
    """Tell until when to wait for what comes back in time, in seconds since the epoch.

    Where the user's own limit on an API key is reached, calls queue; for a vendor's they wait only
    as long as the setting `hold` says.
    """
    loop_now, now = asyncio.get_running_loop().time(), pool.now()
    times = []
    for member in pool.members(route):
        busy = member.state(now) is State.BUSY
        allowed = max(course.held_until, course.queued_until) if busy else course.held_until
        back, latest = member.back_at(now), now + allowed - loop_now
        if back is not None and (back <= latest or (back == inf and latest > now)):
            times.append(min(back, latest))
    return min(times, default=None)
