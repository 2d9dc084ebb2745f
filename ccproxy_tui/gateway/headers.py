"""Which headers travel on, and how they are recorded: open lists, but never a credential."""

from collections.abc import Iterable
from functools import lru_cache

from multidict import CIMultiDict

from ccproxy_tui.traffic.call import Headers, plain_text

CREDENTIALS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "x-api-key",
        "x-goog-api-key",
        "api-key",
        "cookie",
        "set-cookie",
    }
)

_OF_ONE_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
        "host",
        "content-length",
        "content-encoding",
        "accept-encoding",
    }
)
_OF_THE_CLIENT_ALONE = frozenset(
    {"origin", "referer", "forwarded", "via", "content-type", "accept"}
)
_OF_THE_CLIENT_ALONE_PREFIXES = ("x-forwarded-", "sec-", "x-real-")
_OF_ANY_REPLY = frozenset({"retry-after", "x-should-retry", "request-id", "x-request-id"})
_OF_THE_UPSTREAM_ALONE = frozenset({"server", "date", "alt-svc", "strict-transport-security"})


def to_upstream(headers: Iterable[tuple[str, str]]) -> CIMultiDict[str]:
    """Return what an upstream of the client's own protocol is shown of the client's headers."""
    return CIMultiDict([(name, plain_text(value)) for name, value in headers if _goes_up(name)])


def to_client(headers: Iterable[tuple[str, str]]) -> CIMultiDict[str]:
    """Return what the client is shown of the upstream's headers when its reply is relayed."""
    return CIMultiDict([(name, plain_text(value)) for name, value in headers if _comes_down(name)])


def of_any_reply(headers: Iterable[tuple[str, str]]) -> CIMultiDict[str]:
    """Return what holds in every protocol: when to come back, and how to name the request."""
    return CIMultiDict([header for header in headers if header[0].lower() in _OF_ANY_REPLY])


def recorded(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return headers as they may be kept: credentials say only that they were there."""
    return tuple(
        [(name, "•••" if _is_secret(name) else plain_text(value)) for name, value in headers]
    )


# The same few names come with every call, so what is decided by a name is decided once.


@lru_cache(maxsize=1024)
def _goes_up(name: str) -> bool:
    low = name.lower()
    return (
        low not in CREDENTIALS
        and low not in _OF_ONE_HOP
        and low not in _OF_THE_CLIENT_ALONE
        and not low.startswith(_OF_THE_CLIENT_ALONE_PREFIXES)
    )


@lru_cache(maxsize=1024)
def _comes_down(name: str) -> bool:
    low = name.lower()
    return (
        low not in CREDENTIALS
        and low not in _OF_ONE_HOP
        and low not in _OF_THE_UPSTREAM_ALONE
        and not low.startswith("access-control-")
    )


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    low = name.lower()
    return low in CREDENTIALS or low.endswith(("-key", "-token", "-secret", "-auth", "password"))
