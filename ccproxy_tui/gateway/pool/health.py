"""How one candidate, or one API key as a whole, has done lately, and whether it is to be used."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.standing import State

LONGEST_COOLDOWN = 3600.0
"""Seconds; whatever a vendor says, it is asked again after that."""
BREAKER_FAILURES = 3
"""Failures in a row after which the breaker opens."""

_FIRST_WAIT = {Outcome.THROTTLE: 2.0, Outcome.QUOTA: 60.0}
_LONGEST_WAIT = {Outcome.THROTTLE: 300.0, Outcome.QUOTA: LONGEST_COOLDOWN}
_FIRST_OPEN = 5.0
_LONGEST_OPEN = 120.0

Jitter = Callable[[], float]


def usual_jitter() -> float:
    """Spread waits by a fifth, so that not all come back at once."""
    return random.uniform(0.8, 1.2)  # noqa: S311 - no secret


@dataclass(slots=True)
class Health:
    """A state, and what led to it. Times are seconds since the epoch."""

    base: State = State.READY
    """READY, COOLING, OPEN or OUT; what time makes of it is `state`."""
    until: float = 0.0
    since: float = 0.0
    """When `base` last changed; what began before says nothing new."""
    failure: Failure | None = None
    """The last one that counted; None after a success."""
    in_a_row: int = 0
    """Failures since the last success that may open the breaker."""
    strikes: int = 0
    """Cooldowns and openings since the last success; each one doubles the next wait."""
    disabled: bool = False
    probing: int = 0
    """Calls under way that were let through a half-open breaker."""

    def state(self, now: float) -> State:
        """Tell how it stands."""
        if self.disabled:
            return State.DISABLED
        if self.base is State.COOLING and now >= self.until:
            return State.READY
        if self.base is State.OPEN and now >= self.until and not self.probing:
            return State.HALF_OPEN
        return self.base

    def succeed(self, began: float, now: float) -> bool:
        """Note that an attempt begun at `began` was answered; tells whether anything changed."""
        if began <= self.since or (self.base is State.READY and not self.in_a_row):
            return False
        self.reset(now)
        return True

    def reset(self, now: float) -> None:
        """Forget what was bad."""
        self.base, self.until, self.since = State.READY, 0.0, now
        self.in_a_row = self.strikes = 0
        self.failure = None

    def fail(
        self, outcome: Outcome, failure: Failure, began: float, now: float, jitter: Jitter
    ) -> None:
        """Note a failure that counts, of an attempt begun at `began`."""
        fresh = began > self.since
        if outcome is Outcome.AUTH:
            if not fresh:
                return
            self.failure = failure
            self._become(State.OUT, 0.0, now)
        elif self.base is State.OUT:
            return
        elif outcome in _FIRST_WAIT or failure.retry_after:
            self._cool(outcome, failure, now, jitter, fresh=fresh)
        elif fresh:
            self.failure = failure
            self.in_a_row += 1
            if self.in_a_row >= BREAKER_FAILURES:
                self.strikes += 1
                wait = min(_LONGEST_OPEN, _FIRST_OPEN * 2 ** min(self.strikes - 1, 20))
                self._become(State.OPEN, now + wait * jitter(), now)

    def _cool(
        self, outcome: Outcome, failure: Failure, now: float, jitter: Jitter, *, fresh: bool
    ) -> None:
        """Leave it alone for as long as the vendor says, else longer each time."""
        self.failure = failure
        if fresh:
            self.strikes += 1
        if failure.retry_after:  # 0 is no wait that would help
            until = now + min(LONGEST_COOLDOWN, failure.retry_after)
        elif not fresh:
            return
        else:
            wait = _FIRST_WAIT[outcome] * 2 ** min(self.strikes - 1, 20)
            until = now + min(_LONGEST_WAIT[outcome], wait) * jitter()
        if self.base is State.COOLING:
            until = max(until, self.until)
        self._become(State.COOLING, until, now)

    def _become(self, base: State, until: float, now: float) -> None:
        self.base, self.until, self.since = base, until, now
