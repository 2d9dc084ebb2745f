"""The soak in short; `python -m tests.faults` runs it in full length."""

import pytest

from ccproxy_tui.config.models import Strategy
from tests.faults.soak import soak

CALLS = 600


@pytest.mark.parametrize("strategy", ["sticky", "round_robin", "weighted"])
async def test_whoever_is_healthy_serves(strategy: Strategy) -> None:
    figures = await soak(strategy, CALLS)
    assert figures.problems == []
    assert figures.twice == 0
    assert figures.failures.total() > 20, "it must be a test of something"
    assert figures.served + figures.broken + figures.left == CALLS
