"""Which group and which alias a call belongs to; three ways to miss, three messages."""

import re
from collections.abc import Iterable

from ccproxy_tui.config.models import DEFAULT_GROUP
from ccproxy_tui.config.snapshot import Candidate, GroupIndex, Route, Snapshot, is_pattern
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.wildcards import compile_pattern

SWITCH = "switch"
"""The URL prefix that leads to the active group."""

_WINDOW_MARK = re.compile(r"\[\d+[a-z]\]$", re.IGNORECASE)
"""`[1m]`: Claude Code's way to ask for a large window, no part of the name."""

_DISCOVERY_PREFIX = "claude-"
"""Claude Code's model discovery lists only ids with `claude` in them, so others get this prefix."""


def name_group(snapshot: Snapshot, prefix: str) -> str:
    """Return the name of the group that a URL's prefix stands for, whether there is one or not."""
    name = prefix or DEFAULT_GROUP
    return snapshot.settings.active_group if name == SWITCH else name


def find_group(snapshot: Snapshot, prefix: str) -> GroupIndex:
    """Return the group that a URL's prefix names; raises `RefusedError` (404)."""
    name = name_group(snapshot, prefix)
    index = snapshot.groups.get(name)
    if index is None:
        raise RefusedError(
            404,
            f'there is no group "{name}"; groups are: {_listed(snapshot.groups)}',
            "not_found",
        )
    if index.group.disabled:
        raise RefusedError(
            404, f'the group "{name}" is disabled; enable it in the Groups pane', "not_found"
        )
    return index


def find_route(index: GroupIndex, model: str) -> Route:
    """Return the route for the model that a client asked for; raises `RefusedError` (404)."""
    name = _WINDOW_MARK.sub("", model)
    plain = name.removeprefix(_DISCOVERY_PREFIX)
    route = (
        index.exact(model)
        or index.exact(name)
        or index.exact(plain)
        or index.matching(name)
        or index.matching(plain)
    )
    if route is None:
        known = _listed(index.aliases) if index.aliases else "none yet"
        raise RefusedError(
            404,
            f'the group "{index.group.name}" has no alias for the model "{model}"; '
            f"aliases are: {known}",
            "not_found",
        )
    return route


def pin(snapshot: Snapshot, target: str) -> Route:
    """Return a route to `provider/model` alone, which need not be a target of any alias.

    It belongs to no group, so that it takes no alias's turns. Raises `RefusedError` (404).
    """
    name, _, model = target.partition("/")
    provider = snapshot.configuration.provider(name)
    if provider is None or not model:
        known = _listed(one.name for one in snapshot.configuration.providers) or "none yet"
        said = f'"{target}" names no provider and model; providers are: {known}'
        raise RefusedError(404, said, "not_found")
    if provider.disabled:
        said = f'the provider "{name}" is disabled; enable it in the Providers pane'
        raise RefusedError(404, said, "not_found")
    candidates = tuple(
        Candidate(provider, model, api_key, number)
        for number, api_key in enumerate(provider.api_keys or ("",), 1)
    )
    return Route("", target, "least_busy", candidates)


def callable_models(index: GroupIndex) -> list[str]:
    """List ids that a client may ask for.

    A pattern stands for the targets' own names where it matches them, else for one made up.
    """
    names: dict[str, None] = {}
    for route in index.routes:
        if not is_pattern(route.alias):
            names[route.alias] = None
            continue
        matches = compile_pattern(route.alias)
        own = [c.model for c in route.candidates if matches.fullmatch(c.model)]
        names.update(dict.fromkeys(own or [_filled(route.alias)]))
    return list(names)


def _filled(pattern: str) -> str:
    return pattern.replace("*", "latest").replace("?", "1")


def _listed(names: Iterable[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown[:20]) + (", …" if len(shown) > 20 else "")
