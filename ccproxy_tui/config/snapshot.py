"""A configuration as the gateway reads it: frozen, indexed, swapped by reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccproxy_tui.config.models import (
    AccessKey,
    Configuration,
    Group,
    Provider,
    Proxy,
    Settings,
    Strategy,
)
from ccproxy_tui.wildcards import compile_pattern


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to answer: a target with one of its provider's API keys (empty for none)."""

    provider: Provider
    model: str
    api_key: str = field(repr=False)
    number: int = 1
    """Which of the provider's API keys it is, from 1 on."""
    target: int = 0
    """Which of the alias's targets it is, from 0 on."""
    weight: int = 1
    """The target's."""

    @property
    def name(self) -> str:
        """What it is called: its target, and the number of the API key where there are several."""
        target = f"{self.provider.name}/{self.model}"
        return f"{target} key {self.number}" if len(self.provider.api_keys) > 1 else target

    @property
    def http_proxy(self) -> str:
        """The outgoing HTTP proxy, literal or env:NAME: the key's own, or the one for all."""
        proxies = self.provider.http_proxies
        return proxies[(self.number - 1) % len(proxies)] if proxies else ""


@dataclass(frozen=True, slots=True)
class Route:
    """An alias of a group with everything that can answer for it."""

    group: str
    alias: str
    strategy: Strategy
    candidates: tuple[Candidate, ...]


class GroupIndex:
    """A group and its aliases: exact names first, then patterns with most literal characters."""

    def __init__(self, group: Group, proxies: tuple[Proxy, ...], providers: Mapping[str, Provider]):
        self.group = group
        routes = [
            Route(group.name, proxy.alias, proxy.strategy, _candidates(proxy, providers))
            for proxy in proxies
            if not proxy.disabled
        ]
        patterns = [route for route in routes if is_pattern(route.alias)]
        patterns.sort(key=lambda route: specificity(route.alias), reverse=True)
        self._exact = {route.alias: route for route in routes if not is_pattern(route.alias)}
        self._patterns = [(compile_pattern(route.alias), route) for route in patterns]
        self.routes: tuple[Route, ...] = (*self._exact.values(), *patterns)

    @property
    def aliases(self) -> tuple[str, ...]:
        """All aliases, in the order in which they are tried."""
        return tuple(route.alias for route in self.routes)

    def exact(self, model: str) -> Route | None:
        """Return the route whose alias is just this name."""
        return self._exact.get(model)

    def matching(self, model: str) -> Route | None:
        """Return the route of the most specific pattern that matches."""
        return next((route for matches, route in self._patterns if matches.fullmatch(model)), None)


class Snapshot:
    """One state of the configuration, for as many calls as begin under it."""

    def __init__(self, configuration: Configuration, revision: int) -> None:
        self.revision = revision
        self.configuration = configuration
        self.settings: Settings = configuration.settings
        providers = {provider.name: provider for provider in configuration.providers}
        self.groups: Mapping[str, GroupIndex] = {
            group.name: GroupIndex(group, configuration.proxies_of(group.name), providers)
            for group in configuration.groups
        }
        self.routes: tuple[Route, ...] = tuple(
            route for index in self.groups.values() for route in index.routes
        )
        self.keys: tuple[AccessKey, ...] = tuple(
            key for key in configuration.keys if not key.disabled
        )


def is_pattern(alias: str) -> bool:
    """Tell whether an alias has wildcards."""
    return "*" in alias or "?" in alias


def specificity(pattern: str) -> tuple[int, int]:
    """Order patterns: more literal characters first, then fewer `*`."""
    return len(pattern) - pattern.count("*") - pattern.count("?"), -pattern.count("*")


def _candidates(proxy: Proxy, providers: Mapping[str, Provider]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(provider, target.model, api_key, number, place, target.weight)
        for place, target in enumerate(proxy.targets)
        if not target.disabled and not (provider := providers[target.provider]).disabled
        for number, api_key in enumerate(provider.api_keys or ("",), 1)
    )
