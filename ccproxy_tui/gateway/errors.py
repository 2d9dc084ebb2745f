"""How a call ends early: refused by the proxy itself, or failed by its upstream."""

from multidict import CIMultiDict

from ccproxy_tui.protocols.base import Failure


class RefusedError(Exception):
    """The proxy itself turns the call down; the client gets `failure` in its own shape."""

    def __init__(
        self, status: int, message: str, kind: str = "", *, retry: bool | None = None
    ) -> None:
        super().__init__(message)
        self.failure = Failure(status, message, kind, retry)


class UpstreamError(Exception):
    """The upstream could not be reached, refused, or broke off.

    `headers` are those of its reply that a client should see, such as `retry-after`.
    """

    def __init__(self, failure: Failure, headers: CIMultiDict[str] | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.headers = headers
