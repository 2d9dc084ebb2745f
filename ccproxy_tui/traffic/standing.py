"""How the candidates of an alias stand, as the gateway tells whoever watches."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether a candidate can be chosen; all but the first two say why not."""

    READY = "ready"
    HALF_OPEN = "half-open"
    """The breaker lets one call through, to see whether the upstream works again."""
    COOLING = "cooling"
    """The upstream wants to be left alone until a time."""
    OPEN = "breaker open"
    """It failed several times in a row; it is tried only when nothing else is left."""
    BUSY = "busy"
    """A limit of ours for its API key is reached."""
    OUT = "out"
    """Its API key was refused; it stays out until a person or a successful probe brings it back."""
    DISABLED = "disabled"
    """A person has switched it off."""


@dataclass(frozen=True, slots=True)
class CandidateId:
    """What a candidate is known by; no part of it is a secret."""

    provider: str
    key: str
    """A digest of the provider's address and the API key."""
    model: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How one candidate stands."""

    id: CandidateId
    name: str
    """`provider/model`, with the number of the API key where there are several."""
    masked_key: str
    """The API key as it may be shown; empty for none."""
    state: State
    until: float = 0.0
    """When the state ends by itself, in seconds since the epoch; 0 when it does not."""
    reason: str = ""
    """What brought it there, as `429: rate limit reached`."""
    share: float = 0.0
    """Its part of the alias's latest calls, 0 to 1."""
    in_flight: int = 0
    succeeded: int = 0
    """Attempts since the start."""
    failed: int = 0
    """Attempts since the start that counted against it."""
    weight: int = 1
    lessons: tuple[str, ...] = ()
    """What its model was found not to do, in words, such as `no images`."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """All candidates of an alias, and whom a call would go to now."""

    group: str
    alias: str
    strategy: str
    standings: tuple[Standing, ...]
    """In the order of the configuration."""
    chosen: str = ""
    """Name of the candidate that would be chosen; empty when there is none."""
    why: tuple[str, ...] = ()
    """The reasons, a sentence each."""
