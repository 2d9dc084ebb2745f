"""How a call ends early: refused by the proxy itself, or failed by its upstream."""

from dataclasses import dataclass

from multidict import CIMultiDict

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.traffic.attempt import Outcome


class RefusedError(Exception):
    """The proxy itself turns the call down; the client gets `failure` in its own shape."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "",
        *,
        retry: bool | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = Failure(status, message, kind, retry, retry_after=retry_after)


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An upstream's error just as it came, for a client that speaks its protocol."""

    status: int
    headers: CIMultiDict[str]
    """Those that the client may see."""
    body: bytes


class UpstreamError(Exception):
    """The upstream could not be reached, refused, or broke off.

    `headers` are those of its reply that a client should see, such as `request-id`. `outcome` is
    the class of the error where its `failure` alone does not tell it. `reply` is what a client may
    be given untouched.
    """

    def __init__(
        self,
        failure: Failure,
        headers: CIMultiDict[str] | None = None,
        *,
        outcome: Outcome | None = None,
        reply: ErrorReply | None = None,
    ) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.headers = headers
        self.outcome = outcome
        self.reply = reply

    def bare(self) -> "UpstreamError":
        """Return the error without the frames it came through, which hold on to whole requests."""
        return UpstreamError(self.failure, self.headers, outcome=self.outcome, reply=self.reply)

    def __str__(self) -> str:
        return self.failure.message
