"""How much to think: levels, numbers of tokens, and what is nearest."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.protocols.effort import LEVELS, budget_of, effort_of, nearest
from ccproxy_tui.protocols.hub import Reasoning


@pytest.mark.parametrize(
    ("reasoning", "level"),
    [
        (Reasoning("adaptive"), ""),
        (Reasoning("on"), ""),
        (Reasoning("off"), "none"),
        (Reasoning("off", 5000, "high"), "none"),
        (Reasoning("adaptive", effort="xhigh"), "xhigh"),
        (Reasoning("on", 5, "max"), "max"),
        (Reasoning("adaptive", effort="very much"), ""),
        (Reasoning("on", 2000, "very much"), "low"),
        (Reasoning("on", 0), "none"),
        (Reasoning("on", -1), ""),
        (Reasoning("on", 1), "low"),
        (Reasoning("on", 4096), "low"),
        (Reasoning("on", 4097), "medium"),
        (Reasoning("on", 16_384), "medium"),
        (Reasoning("on", 16_385), "high"),
        (Reasoning("on", 31_999), "high"),
        (Reasoning("on", 500_000), "high"),
    ],
)
def test_the_level_that_was_asked_for(reasoning: Reasoning, level: str) -> None:
    """Failure 22: a level by name counts more than a number; -1 leaves it open."""
    assert effort_of(reasoning) == level


@pytest.mark.parametrize(
    ("reasoning", "budget"),
    [
        (Reasoning("adaptive"), None),
        (Reasoning("on"), None),
        (Reasoning("off"), 0),
        (Reasoning("off", 5000, "high"), 0),
        (Reasoning("on", 5000), 5000),
        (Reasoning("on", 5000, "high"), 5000),
        (Reasoning("on", 0), 0),
        (Reasoning("on", -1), None),
        (Reasoning("adaptive", effort="none"), 0),
        (Reasoning("adaptive", effort="high"), 31_999),
        (Reasoning("adaptive", effort="very much"), None),
    ],
)
def test_the_tokens_that_were_asked_for(reasoning: Reasoning, budget: int | None) -> None:
    assert budget_of(reasoning) == budget


@pytest.mark.parametrize(
    ("wanted", "levels", "sent"),
    [
        ("medium", ("low", "medium", "high"), "medium"),
        ("max", ("low", "medium", "high"), "high"),
        ("xhigh", ("low", "high"), "high"),
        ("medium", ("low", "high"), "low"),
        ("none", ("low", "medium", "high"), "low"),
        ("minimal", ("low",), "low"),
        ("none", ("none", "low"), "none"),
    ],
)
def test_the_nearest_level(wanted: str, levels: tuple[str, ...], sent: str) -> None:
    assert nearest(wanted, levels) == sent


KNOWN = st.sets(st.sampled_from(LEVELS), min_size=1).map(
    lambda some: tuple(level for level in LEVELS if level in some)
)


@given(st.sampled_from(LEVELS), KNOWN)
def test_the_nearest_level_is_known_and_above_the_wanted_one_only_if_all_are(
    wanted: str, levels: tuple[str, ...]
) -> None:
    sent = nearest(wanted, levels)
    assert sent in levels
    if wanted in levels:
        assert sent == wanted
    if LEVELS.index(sent) > LEVELS.index(wanted):
        assert sent == levels[0]
    else:
        between = LEVELS[LEVELS.index(sent) + 1 : LEVELS.index(wanted) + 1]
        assert not set(between) & set(levels)


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_more_tokens_are_never_a_lower_level(one: int, other: int) -> None:
    less, more = sorted((one, other))
    ranks = [LEVELS.index(effort_of(Reasoning("on", budget))) for budget in (less, more)]
    assert ranks == sorted(ranks)


def test_a_level_said_as_tokens_is_read_as_a_level_again() -> None:
    """So that a way through two proxies, or back again, loses nothing."""
    budgets = [budget_of(Reasoning("adaptive", effort=level)) for level in LEVELS]
    assert all(less < more for less, more in pairwise(b for b in budgets if b is not None))
    for level in ("none", "low", "medium", "high"):
        budget = budget_of(Reasoning("adaptive", effort=level))
        assert effort_of(Reasoning("on", budget)) == level
