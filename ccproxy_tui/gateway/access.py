"""Who is let in: the right Host, no web page, and one of the access keys."""

import hmac
import ipaddress

from aiohttp import web

from ccproxy_tui.config.models import AccessKey, Settings
from ccproxy_tui.config.snapshot import Snapshot
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.gateway.limits import today

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


def check_origin(request: web.Request, settings: Settings, listening: str) -> None:
    """Refuse what a web page could send: loopback alone is no protection against those.

    A foreign `Host` means DNS rebinding; a foreign `Origin` or `Sec-Fetch-Site` a cross-site call.
    `listening` is the address that the proxy listens on.
    """
    host = _host_name(request.headers.get("Host", ""))
    if not _is_ours(host, settings, listening):
        raise RefusedError(
            403,
            f'Host "{host}" is not an address of this proxy; if it should be, add it to '
            "accept_hosts in the settings",
        )
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise RefusedError(403, "calls from other web sites are not accepted")
    origin = request.headers.get("Origin")
    if origin and not _is_ours(_host_name(origin.partition("://")[2]), settings, listening):
        raise RefusedError(403, "calls from other web sites are not accepted")


def check_key(request: web.Request, snapshot: Snapshot) -> AccessKey:
    """Return the access key that was shown; any of the places may hold the right one.

    Raises `RefusedError` (401) when none does, or only one that has expired.
    """
    shown = [value.encode(errors="surrogateescape") for value in _shown(request) if value]
    found = [key for key in snapshot.keys if _is_among(key.token.encode(), shown)]
    day = today()
    for key in found:
        if key.expires is None or day <= key.expires:
            return key
    if found:
        raise RefusedError(
            401,
            f'the access key "{found[0].name}" has expired: its last day was {found[0].expires}; '
            "give it a later one in ccproxy's Keys pane, or use another key",
            retry=False,
        )
    if not shown:
        raise RefusedError(
            401,
            "no access key was sent; set your client's API key (ANTHROPIC_AUTH_TOKEN for Claude "
            "Code) to a key from ccproxy's Keys pane. It is taken from Authorization: Bearer, "
            "x-api-key, x-goog-api-key or ?key=",
            retry=False,
        )
    raise RefusedError(
        401,
        "the access key is not one of ccproxy's; copy one from its Keys pane",
        retry=False,
    )


def key_of_replay(snapshot: Snapshot, name: str) -> AccessKey:
    """Return the access key that a call counts under which a person sends again.

    It opens every group then, and is nobody's where it has gone.
    """
    key = snapshot.configuration.key(name)
    if key is None:
        return AccessKey.model_construct(name="", token="")
    return key.model_copy(update={"groups": ()})


def check_group(key: AccessKey, group: str) -> None:
    """Refuse a group that a key does not open; raises `RefusedError` (403)."""
    if key.groups and group not in key.groups:
        raise RefusedError(
            403,
            f'the access key "{key.name}" does not open the group "{group}"; it opens: '
            f"{', '.join(key.groups)}. Add the group to the key in ccproxy's Keys pane, or choose "
            "another one in the URL",
            retry=False,
        )


def _is_among(token: bytes, shown: list[bytes]) -> bool:
    """Compare with all that was shown, in a time that tells nothing about the token."""
    return any([hmac.compare_digest(value, token) for value in shown])  # noqa: C419 - all of them


def _shown(request: web.Request) -> tuple[str, ...]:
    head = request.headers
    scheme, _, bearer = head.get("Authorization", "").partition(" ")
    return (
        bearer.strip() if scheme.lower() == "bearer" else "",
        head.get("x-api-key", ""),
        head.get("x-goog-api-key", ""),
        request.query.get("key", ""),
    )


def _host_name(value: str) -> str:
    """Return the name or address in `host`, `host:port` or `[v6]:port`, in lower case."""
    value = value.strip().lower()
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.partition(":")[0].rstrip(".")


def _is_ours(host: str, settings: Settings, listening: str) -> bool:
    if host in _LOOPBACK_NAMES or host == listening.lower():
        return True
    if host in {name.lower() for name in settings.accept_hosts}:
        return True
    return listening in _ANY_ADDRESS and _is_address(host)


def _is_address(host: str) -> bool:
    """Tell an IP address from a name: nobody can rebind an address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
