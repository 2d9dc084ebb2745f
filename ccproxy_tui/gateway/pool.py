"""Which candidate answers a call: each (target, API key) pair of the alias gets its turn."""

import os
from collections import Counter

from ccproxy_tui.config.snapshot import Candidate, Route
from ccproxy_tui.gateway.errors import RefusedError

_ENV = "env:"


class Pool:
    """Round robin for every alias of every group; turns outlive edits of the configuration."""

    def __init__(self) -> None:
        self._turns: Counter[tuple[str, str]] = Counter()

    def choose(self, group: str, route: Route) -> Candidate:
        """Return the candidate whose turn it is; raises `RefusedError` when there is none."""
        _need_candidates(route)
        usable = [one for one in route.candidates if _has_key(one)] or route.candidates
        turn = self._turns[group, route.alias]
        self._turns[group, route.alias] += 1
        return usable[turn % len(usable)]

    def for_counting(self, route: Route, protocol: str) -> Candidate:
        """Return who can count tokens, if anyone can; takes nobody's turn."""
        _need_candidates(route)
        speaking = (one for one in route.candidates if one.provider.protocol == protocol)
        return next(speaking, route.candidates[0])


def _need_candidates(route: Route) -> None:
    if not route.candidates:
        raise RefusedError(
            500,
            f'all providers of the alias "{route.alias}" are disabled; enable one in the '
            "Providers pane",
            retry=False,
        )


def _has_key(candidate: Candidate) -> bool:
    """Tell whether the API key can be had: a variable may not be set where ccproxy runs."""
    name = candidate.api_key.removeprefix(_ENV)
    return name == candidate.api_key or bool(os.environ.get(name, "").strip())


def read_api_key(candidate: Candidate) -> str:
    """Return the API key itself, looking up env:NAME; raises `RefusedError` when it is not set."""
    if not candidate.api_key.startswith(_ENV):
        return candidate.api_key
    name = candidate.api_key.removeprefix(_ENV)
    if value := os.environ.get(name, "").strip():
        return value
    raise RefusedError(
        500,
        f'provider "{candidate.provider.name}" takes its API key from the environment variable '
        f"{name}, which is not set where ccproxy runs",
        retry=False,
    )
