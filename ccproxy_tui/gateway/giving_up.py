"""What a client is told when no candidate could answer: the error that helps it most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from multidict import CIMultiDict

from ccproxy_tui.config.snapshot import Route
from ccproxy_tui.gateway.credentials import read_api_key, read_http_proxy
from ccproxy_tui.gateway.errors import RefusedError, UpstreamError
from ccproxy_tui.gateway.outcomes import classify
from ccproxy_tui.gateway.pool.member import USABLE, Member
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.standing import State

_LESS_USEFUL = {Outcome.CAPABILITY: 1, Outcome.AUTH: 2}
"""Errors that waiting does not mend are said only when there is no other."""
_GUESSED = 500
"""An error that came in a stream has no status of its own, and what it is given is a guess."""
_STATUS = {Outcome.THROTTLE: 429, Outcome.QUOTA: 429, Outcome.AUTH: 401}


@dataclass(frozen=True, slots=True)
class Failed:
    """A candidate's error, of this call or, where it was not even tried, of an earlier one."""

    member: Member
    error: UpstreamError
    outcome: Outcome


def most_useful(pool: Pool, route: Route, failed: Sequence[Failed]) -> Exception:
    """Give the error of the candidate that can be used again first, and say when.

    An `UpstreamError`, or a `RefusedError` where no upstream has said anything.
    """
    now, members = pool.now(), pool.members(route)
    back = pool.back_at(route)
    seconds = None if back is None or back == inf else back - now
    latest = {one.member.id: one for one in failed}.values()
    found = list(latest) or _known(members, now)
    if not found:
        return _refusal(route, members, now, seconds)
    best = min(found, key=lambda one: _rank(one, now))
    failure, reply = best.error.failure, best.error.reply
    if failure.status >= _GUESSED:
        failure = replace(failure, status=_STATUS.get(best.outcome, failure.status))
    if any(one.state(now) in USABLE for one in members):
        seconds = failure.retry_after
    if not failed or len(members) > 1:
        tried = len(latest)
        failure = replace(failure, message=_counted(failure, route, tried, len(members), seconds))
        reply = None
    if best.outcome is Outcome.AUTH:
        failure, seconds = replace(failure, retry=False), None
    headers = CIMultiDict(best.error.headers or {})
    headers.popall("retry-after", None)
    return UpstreamError(replace(failure, retry_after=seconds), headers, reply=reply)


def _known(members: Sequence[Member], now: float) -> list[Failed]:
    """Give what the candidates that are out said when they were last asked."""
    known = []
    for member in members:
        failure = member.key_health.failure or member.health.failure
        if failure is not None and member.state(now) not in USABLE:
            error = UpstreamError(replace(failure, retry=None))
            known.append(Failed(member, error, classify(failure)))
    return known


def _rank(failed: Failed, now: float) -> tuple[int, float]:
    member = failed.member
    back = now if member.state(now) in USABLE else member.back_at(now)
    return _LESS_USEFUL.get(failed.outcome, 0), inf if back is None else back


def _counted(
    failure: Failure, route: Route, tried: int, members: int, seconds: float | None
) -> str:
    every = f'{members} candidates of "{route.alias}"'
    said = f"tried {tried} of the {every}" if tried else f"all {every} are out"
    if members == 1:
        said = f'the only candidate of "{route.alias}" is out'
    if seconds is not None:
        first = "it" if members == 1 else "the first"
        said += f"; {first} is back in {max(1, round(seconds))} s"
    return f"{failure.message} [ccproxy: {said}]"


def _refusal(
    route: Route, members: Sequence[Member], now: float, seconds: float | None
) -> RefusedError:
    """Say what ccproxy itself, or its user, has against every candidate."""
    for member in members:
        if member.state(now) is State.BUSY:
            return RefusedError(429, member.reason(now), retry_after=seconds or 1)
    for member in members:
        if member.missing and member.state(now) is State.OUT:
            try:
                read_api_key(member.candidate)
                read_http_proxy(member.candidate)
            except RefusedError as error:
                return error
    return RefusedError(
        500,
        f'all candidates of the alias "{route.alias}" are switched off; switch one on again with '
        "c in the Proxies pane",
        retry=False,
    )
