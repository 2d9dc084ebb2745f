"""One request upstream on behalf of a call: whom it went to, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What came of an attempt."""

    SUCCESS = "success"
    CLIENT_ERROR = "client error"
    """The request itself is wrong, and would be everywhere."""
    CAPABILITY = "capability error"
    """The model cannot do a part of what was asked for."""
    AUTH = "auth"
    """The API key is not accepted."""
    QUOTA = "quota"
    """The account has nothing left for a while."""
    THROTTLE = "throttle"
    """Too many requests or tokens in a short time."""
    OVERLOAD = "overload"
    """The upstream cannot answer now, or answers with something that is no reply."""
    TRANSPORT = "transport"
    """No connection, or one that broke."""
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    """The client went away, or somebody stopped the call."""


HEALTH_OUTCOMES = frozenset(
    {
        Outcome.AUTH,
        Outcome.QUOTA,
        Outcome.THROTTLE,
        Outcome.OVERLOAD,
        Outcome.TRANSPORT,
        Outcome.TIMEOUT,
    }
)
"""Those that say something about the candidate, not about the request or the client."""


@dataclass(slots=True)
class Attempt:
    """One request upstream; its call holds all of them, in their order."""

    candidate: str
    """`provider/model`, with the number of the API key where there are several."""
    began: float
    """Seconds after the call's start."""
    seconds: float | None = None
    """How long it took; None while it runs."""
    status: int = 0
    """The upstream's HTTP status; 0 when none came."""
    outcome: Outcome | None = None
    """None while it runs."""
    reason: str = ""
    """Why it failed, in words."""
    connected: float | None = None
    """Seconds after its own start until there was a connection to send the request on."""
    first_byte: float | None = None
    """Seconds after its own start until the upstream began to answer."""
