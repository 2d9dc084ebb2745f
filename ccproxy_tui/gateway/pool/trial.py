"""One attempt as the pool sees it: taken into account when it begins, and when it is over."""

from collections.abc import Callable
from dataclasses import replace

from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.outcomes import classify
from ccproxy_tui.gateway.pool.health import Jitter
from ccproxy_tui.gateway.pool.member import Member
from ccproxy_tui.protocols.retry_hints import read_hint
from ccproxy_tui.traffic.attempt import HEALTH_OUTCOMES, Outcome
from ccproxy_tui.traffic.standing import State

_ANSWERED = frozenset({Outcome.CLIENT_ERROR, Outcome.CAPABILITY})
_WAITED_FOR = frozenset({Outcome.THROTTLE, Outcome.QUOTA})
_ONE_MODEL = frozenset({403, 404})
"""Statuses of a key that is good, but not for this model; with any other one it is out as a whole."""


class Trial:
    """Tells a candidate's health how an attempt went; `end` must come, and counts once."""

    def __init__(
        self,
        member: Member,
        clock: Callable[[], float],
        jitter: Jitter,
        *,
        changed: Callable[[], None],
        freed: Callable[[], None],
    ) -> None:
        """`changed` is called when a health is another one, `freed` when there is room again."""
        self._member = member
        self._clock = clock
        self._jitter = jitter
        self._changed = changed
        self._freed = freed
        self._began = clock()
        self._answered = False
        self._over = False
        self.in_vain = False
        """Whether it has failed before anything of a good reply came."""
        self._probes = member.health.state(self._began) is State.HALF_OPEN
        if self._probes:
            member.health.probing += 1
        member.allowance.begin(member.candidate.provider, self._began)
        member.tally.in_flight += 1

    def repeat(self) -> None:
        """Note that one more request goes out for the same attempt."""
        self._member.allowance.sends(self._member.candidate.provider, self._clock())

    def answered(self) -> None:
        """Note that a good reply has begun: whoever waits for a breaker may try as well."""
        self._answered = True
        self._stop_probing()

    def succeed(self) -> None:
        """Note that the whole reply was good."""
        member, now = self._member, self._clock()
        member.tally.succeeded += 1
        of_key = member.key_health.succeed(self._began, now)
        if member.health.succeed(self._began, now) or of_key:
            self._changed()
        self.end()

    def fail(self, error: UpstreamError) -> Outcome:
        """Note an error, and tell of which class it is."""
        outcome = error.outcome or classify(error.failure)
        self.in_vain = not self._answered
        member, now = self._member, self._clock()
        failure = error.failure
        if outcome in _WAITED_FOR and failure.retry_after is None:  # an event has no headers
            failure = replace(failure, retry_after=read_hint({}, failure.message, now))
        if outcome in HEALTH_OUTCOMES:
            member.tally.failed += 1
            whole_key = outcome is Outcome.AUTH and failure.status not in _ONE_MODEL
            health = member.key_health if whole_key else member.health
            health.fail(outcome, failure, self._began, now, self._jitter)
            self._changed()
        elif outcome in _ANSWERED and member.health.base is State.OPEN:
            member.health.succeed(self._began, now)
            self._changed()
        self.end()
        return outcome

    def end(self) -> None:
        """Make room for others."""
        if self._over:
            return
        self._over = True
        self._stop_probing()
        self._member.allowance.end()
        self._member.tally.in_flight -= 1
        if self._member.candidate.provider.concurrent_requests is not None:
            self._freed()

    def _stop_probing(self) -> None:
        if self._probes:
            self._probes = False
            self._member.health.probing -= 1
            self._freed()
