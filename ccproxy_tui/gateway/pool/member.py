"""A candidate within its alias, with all that decides whether it can be chosen."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from ccproxy_tui.config.api_keys import resolve, variable
from ccproxy_tui.config.edits import mask
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway.pool.allowance import Allowance
from ccproxy_tui.gateway.pool.health import Health
from ccproxy_tui.traffic.standing import CandidateId, State

USABLE = frozenset({State.READY, State.HALF_OPEN})
_ASKED = USABLE | {State.OPEN}
_LONGEST_REASON = 200


@dataclass(slots=True)
class Tally:
    """What a candidate has done since the start, over all aliases."""

    in_flight: int = 0
    succeeded: int = 0
    failed: int = 0


@dataclass(slots=True, eq=False)
class Member:
    """One candidate of an alias."""

    candidate: Candidate
    id: CandidateId
    health: Health
    key_health: Health
    """Of the API key, whatever the model."""
    allowance: Allowance
    tally: Tally
    variables: tuple[str, ...] = ()
    """References to those that hold its API key or HTTP proxy."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.candidate.name

    @property
    def missing(self) -> str:
        """The name of a variable that it needs, and that is not set where ccproxy runs."""
        return next((variable(one) for one in self.variables if resolve(one) is None), "")

    def state(self, now: float) -> State:
        """Tell how it stands: the worst of what its parts say."""
        own = self.health.state(now)
        if own is State.DISABLED:
            return own
        if self.missing:
            return State.OUT
        of_key = self.key_health.state(now)
        if of_key is not State.READY:
            return of_key
        if own in _ASKED and not self.has_room(now):
            return State.BUSY
        return own

    def has_room(self, now: float) -> bool:
        """Tell whether the user's limits on its API key allow one more request."""
        return self.allowance.free_at(self.candidate.provider, now) <= now

    def back_at(self, now: float) -> float | None:
        """Tell when it will be usable again by itself; None when it will not.

        Infinity where a request under way has to end first.
        """
        match self.state(now):
            case State.BUSY:
                return self.allowance.free_at(self.candidate.provider, now)
            case State.OPEN if self.health.until <= now:
                return inf  # a call under way tries it
            case State.COOLING | State.OPEN:
                return self.health.until
        return None

    def reason(self, now: float) -> str:
        """Say what brought it where it stands, in one line."""
        state = self.state(now)
        if state is State.BUSY:
            return self.allowance.reason(self.candidate.provider)
        if state is State.OUT and self.missing:
            return f"the environment variable {self.missing} is not set where ccproxy runs"
        if state is State.READY:
            return ""
        failure = self.key_health.failure or self.health.failure
        if failure is None:
            return ""
        return f"{failure.status}: {' '.join(failure.message.split())[:_LONGEST_REASON]}"

    def masked_key(self) -> str:
        """Give its API key as it may be shown."""
        return mask(self.candidate.api_key) if self.candidate.api_key else ""


def identify(candidate: Candidate) -> CandidateId:
    """Give what a candidate is known by, over restarts and edits of other things.

    With another address or another API key it is another one, of which nothing is known.
    """
    api_key = resolve(candidate.api_key) or candidate.api_key
    digest = _digest(candidate.provider.base_url, api_key)
    return CandidateId(candidate.provider.name, digest, candidate.model)


@lru_cache(maxsize=4096)
def _digest(base_url: str, api_key: str) -> str:
    return hashlib.blake2b(f"{base_url}\0{api_key}".encode(), digest_size=8).hexdigest()
