"""Which headers travel on, and how they are recorded: open lists, but never a credential."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlencode

from multidict import CIMultiDict

from ccproxy_tui.traffic.call import Headers, plain_text

TICKET = "x-ccproxy-replay"
"""By which the proxy knows a request that it sends itself; see `replay`."""

_MASK = "•••"

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
    {"origin", "referer", "forwarded", "via", "content-type", "accept", TICKET}
)
_OF_THE_CLIENT_ALONE_PREFIXES = ("x-forwarded-", "sec-", "x-real-")
_SECRET = re.compile(
    "api[-_]?key|token(?!s)|secret|credential|signature|password|authoriz|authentication|jwt"
    "|(key|auth|sig)$",
    re.IGNORECASE,
)
"""Of a header's or a parameter's name; `tokens` are counted, in limits for instance."""
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
        [(name, _MASK if _is_secret(name) else plain_text(value)) for name, value in headers]
    )


def recorded_query(query: Mapping[str, str]) -> str:
    """Return a URL's query as it may be kept, with its question mark: without credentials."""
    kept = [pair for pair in query.items() if not _is_secret(pair[0])]
    return f"?{urlencode(kept)}" if kept else ""


def sent_again(headers: Headers) -> CIMultiDict[str]:
    """Return what can be sent again of a client's recorded headers."""
    return CIMultiDict(
        [
            (name, value)
            for name, value in headers
            if value != _MASK and name.lower() not in _OF_ONE_HOP - {"accept-encoding"}
        ]
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
    return name.lower() in CREDENTIALS or _SECRET.search(name) is not None
