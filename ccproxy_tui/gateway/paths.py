"""Which protocols' route a URL's path is, and under which prefix it stands.

A path is `/{group}` or nothing, then `/compat` (or `/compat_mode`) or nothing, then a route.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ccproxy_tui.protocols.base import ProtocolModule, Route
from ccproxy_tui.protocols.registry import PROTOCOLS

COMPAT: Final = frozenset({"compat", "compat_mode"})
"""What in a path asks for tool compatibility mode."""

_PARAMETER: Final = re.compile(r"\\\{(\w+)\\\}")


@dataclass(frozen=True, slots=True)
class Way:
    """One protocol's route that a path fits."""

    protocol: ProtocolModule
    route: Route
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads."""

    group: str = ""
    """As the path names it; empty where it names none."""
    compat: bool = False
    below: str = ""
    """What stands below those prefixes."""
    ways: tuple[Way, ...] = ()
    """The routes that fit, of any method; none for an unknown path."""


def find_place(path: str) -> Place:
    """Take a decoded path apart; the shortest prefix that leaves a known route counts."""
    for group, compat, rest in _prefixes(one_slash(path)):
        if ways := tuple(_ways(rest or "/")):
            return Place(group, compat, rest, ways)
    return Place()


def one_slash(path: str) -> str:
    """Return a path without runs of slashes, which ends up at the same place."""
    return re.sub("//+", "/", path)


def _prefixes(path: str) -> Iterator[tuple[str, bool, str]]:
    yield "", False, path
    first, rest = _split(path)
    if first in COMPAT:
        yield "", True, rest
    elif first:
        yield first, False, rest
        second, rest = _split(rest)
        if second in COMPAT:
            yield first, True, rest


def _split(path: str) -> tuple[str, str]:
    first, slash, rest = path.removeprefix("/").partition("/")
    return first, slash + rest


def _ways(path: str) -> Iterator[Way]:
    for protocol, route in _PLAIN.get(path, ()):
        yield Way(protocol, route, {})
    for pattern, protocol, route in _PATTERNS:
        if found := pattern.fullmatch(path):
            yield Way(protocol, route, found.groupdict())


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(r"(?P<\1>.+)", re.escape(path)))


_ROUTES: Final = [(module, route) for module in PROTOCOLS.values() for route in module.routes]
_PLAIN: Final = {
    path: tuple((module, route) for module, route in _ROUTES if route.path == path)
    for path in {route.path for _, route in _ROUTES}
}
_PATTERNS: Final = [
    (_pattern(route.path), module, route) for module, route in _ROUTES if "{" in route.path
]
