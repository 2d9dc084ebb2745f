"""From one candidate to the next until one answers, but never once the client has part of a reply."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from math import inf

from aiohttp import web

from ccproxy_tui.config.snapshot import Candidate, Route
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.giving_up import Failed, most_useful
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.pool.pool import Choice, Pool
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

    deadline: float
    """Until when one more attempt may begin."""
    held_until: float
    """Until when the call may wait for a candidate."""
    queued_until: float
    """Until when the call may wait for room under a limit of the user's own."""
    tried: set[CandidateId] = field(default_factory=set)
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
    course = _Course(deadline, now + settings.hold, deadline)
    async with AsyncExitStack() as stack:
        if passage.stream is not None:
            await stack.enter_async_context(passage.stream.kept_alive())
        choice = await _next(passage, route, pool, course)
        while choice is not None:
            try:
                return await _attempt(passage, pool, choice, ask, course)
            except UpstreamError:
                bound = passage.stream is not None and passage.stream.bound
                if bound or course.failed[-1].outcome is Outcome.CLIENT_ERROR:
                    raise
            spent = len(passage.record.attempts) >= settings.max_attempts
            if spent or choice.member.id in course.tried:
                choice = await _next(passage, route, pool, course)
        raise most_useful(pool, route, course.failed)


async def _attempt(
    passage: Passage, pool: Pool, choice: Choice, ask: Ask, course: _Course
) -> web.StreamResponse:
    """Ask one candidate, and let the pool and the record know how it went."""
    member = choice.member
    passage.record.why = choice.why
    passage.profile = pool.lessons.profile_of(member.candidate)
    passage.attempts(member.candidate)
    if passage.stream is not None:
        passage.stream.attempt()
    trial = passage.trial = pool.begin(member)
    try:
        return await ask(member.candidate)
    except UpstreamError as error:
        outcome = trial.fail(error)
        passage.attempted(outcome, error.failure.message)
        course.failed.append(Failed(member, error, outcome))
        if not (outcome is Outcome.CAPABILITY and _learn(pool, choice, error, course)):
            course.tried.add(member.id)
        raise
    except (asyncio.CancelledError, ConnectionError):
        passage.attempted(Outcome.CANCELLED)
        raise
    except Exception:
        passage.attempted(Outcome.CLIENT_ERROR)
        raise
    finally:
        trial.end()


def _learn(pool: Pool, choice: Choice, error: UpstreamError, course: _Course) -> bool:
    """Take a lesson from what a model cannot do, which is never the same; tells whether to go on."""
    member = choice.member
    if course.taught[member.id] == _MOST_LESSONS:
        return False
    if pool.learn(member.candidate, error.failure) is None:
        return False
    course.taught[member.id] += 1
    return True


async def _next(passage: Passage, route: Route, pool: Pool, course: _Course) -> Choice | None:
    """Choose the next candidate, waiting for one where that is allowed; None when there is none."""
    loop = asyncio.get_running_loop()
    settings = passage.snapshot.settings
    session = passage.session if len(route.candidates) > 1 else ""
    while len(passage.record.attempts) < settings.max_attempts:
        if course.failed and loop.time() > course.deadline:
            return None
        choice = pool.choose(route, session, course.tried)
        if choice is not None:
            return choice
        until = _worth_waiting(pool, route, course)
        if until is None:
            return None
        passage.tell(Phase.HELD)
        if passage.stream is not None:
            passage.stream.hold()
        resting = pool.resting(route)
        await pool.wait(until)
        course.tried -= resting - pool.resting(route)
        course.deadline = max(course.deadline, loop.time() + settings.failover_deadline)
    return None


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
