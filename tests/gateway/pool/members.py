"""Candidates made by hand, for tests of who is chosen."""

from typing import Any

from ccproxy_tui.config.models import Provider, Strategy
from ccproxy_tui.config.snapshot import Candidate, Route
from ccproxy_tui.gateway.pool.allowance import Allowance
from ccproxy_tui.gateway.pool.health import Health
from ccproxy_tui.gateway.pool.member import Member, Tally, identify


def provider(name: str, keys: int = 1, **fields: Any) -> Provider:
    return Provider(
        name=name,
        base_url="http://127.0.0.1:1/v1",
        api_keys=tuple(f"sk-{name}-{number}" for number in range(1, keys + 1)),
        **fields,
    )


def candidates(*providers: Provider, weights: tuple[int, ...] = ()) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(one, "m", key, number, place, weights[place] if weights else 1)
        for place, one in enumerate(providers)
        for number, key in enumerate(one.api_keys, 1)
    )


def route(*given: Candidate, strategy: Strategy = "sticky", alias: str = "a") -> Route:
    return Route("g", alias, strategy, given)


def members(*given: Candidate) -> list[Member]:
    return [Member(one, identify(one), Health(), Health(), Allowance(), Tally()) for one in given]
