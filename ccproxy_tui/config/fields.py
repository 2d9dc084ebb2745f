"""Kinds of text and numbers that the configuration's fields hold, each checked where it comes in."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

RESERVED_GROUPS = frozenset(
    {"switch", "compat", "compat_mode", "mcp", "metrics", "api", "v1", "v1beta", "models"}
)
"""Names that are already a part of the proxy's own URLs."""

_URL_UNSAFE = re.compile(r"[\s/@?#%{}\\\x00-\x1f\x7f]")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_ENV_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")


def _name(value: str) -> str:
    value = value.strip()
    if not value:
        raise ValueError("a name is needed")
    if any(ord(character) < 32 for character in value):
        raise ValueError("a name is one line of text")
    return value


def _group_name(value: str) -> str:
    value = _name(value)
    if value.lower() in RESERVED_GROUPS:
        raise ValueError(f'"{value}" is part of the proxy\'s own URLs; choose another name')
    if found := _URL_UNSAFE.search(value):
        shown = "a space" if found[0].isspace() else f'"{found[0]}"'
        raise ValueError(f"a group's name is part of its URL and cannot hold {shown}")
    return value


def _provider_name(value: str) -> str:
    value = _name(value)
    if "/" in value:
        raise ValueError('"/" separates provider and model and cannot be part of the name')
    return value


def _base_url(value: str) -> str:
    value = value.strip().rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address like https://host/v1 is needed")
    if parts.username or parts.password:
        raise ValueError("put the credential under API keys, not into the address")
    if parts.query or parts.fragment:
        raise ValueError("an address without ? and # is needed")
    _check_port(parts)
    return value


def _check_port(parts: SplitResult) -> None:
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("the port must be a number from 0 to 65535") from None


def _api_key(value: str) -> str:
    value = value.strip()
    if value.startswith("env:"):
        if not _ENV_REFERENCE.fullmatch(value):
            raise ValueError("env: is followed by the name of an environment variable")
    elif not _PRINTABLE.fullmatch(value):
        raise ValueError("an API key is one word of plain ASCII")
    return value


def _http_proxy(value: str) -> str:
    value = value.strip().rstrip("/")
    if value.startswith("env:"):
        if not _ENV_REFERENCE.fullmatch(value):
            raise ValueError("env: is followed by the name of an environment variable")
        return value
    # what is not ASCII goes no further: urlsplit's error would quote the password
    parts = urlsplit(value if _PRINTABLE.fullmatch(value) else "")
    known = parts.scheme in {"http", "https"} and parts.hostname
    if not known or parts.path or parts.query or parts.fragment:
        raise ValueError("an address like http://user:password@host:3128 is needed")
    _check_port(parts)
    return value


def _token(value: str) -> str:
    value = value.strip()
    if not _PRINTABLE.fullmatch(value) or len(value) < 6:
        raise ValueError("a token is one word of at least 6 plain ASCII characters")
    return value


def _alias(value: str) -> str:
    value = value.strip()
    if not value or any(character.isspace() for character in value):
        raise ValueError("an alias is one word: a model's name, or a pattern with * and ?")
    return value


def _host(value: str) -> str:
    value = value.strip()
    if not value or _URL_UNSAFE.search(value):
        raise ValueError("a host name or an IP address is needed")
    return value


def _unique_lines(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for value in values if (line := value.strip())))


def _day(value: Any) -> Any:
    """Refuse what pydantic takes for a date, but nobody means as one: seconds since the epoch."""
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value.strip())
    if value is not None and type(value) is not date:
        raise ValueError("a day like 2030-12-31 is needed")
    return value


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Name = Annotated[str, AfterValidator(_name)]
GroupName = Annotated[str, AfterValidator(_group_name)]
ProviderName = Annotated[str, AfterValidator(_provider_name)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), AfterValidator(_unique_lines)]
ApiKeys = Annotated[
    tuple[Annotated[str, AfterValidator(_api_key)], ...],
    BeforeValidator(_as_tuple),
    AfterValidator(_unique_lines),
]
HttpProxies = Annotated[
    tuple[Annotated[str, AfterValidator(_http_proxy)], ...], BeforeValidator(_as_tuple)
]
"""Not made unique: two API keys can share one."""
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000_000)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Token = Annotated[str, AfterValidator(_token)]
Alias = Annotated[str, AfterValidator(_alias)]
Host = Annotated[str, AfterValidator(_host)]
LastDay = Annotated[date | None, BeforeValidator(_day)]
AsTuple = BeforeValidator(_as_tuple)
"""Takes a list for a tuple, as JSON and TOML have it."""
