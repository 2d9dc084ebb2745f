"""How much to think, said by one protocol as a level and by another as a number of tokens."""

from typing import Final

from ccproxy_tui.protocols.hub import Reasoning

LEVELS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_BUDGETS: Final = {
    "none": 0,
    "minimal": 1024,
    "low": 4096,
    "medium": 16_384,
    "high": 31_999,
    "xhigh": 48_000,
    "max": 63_999,
}
"""Tokens; the vendors publish no such table, and Claude Code's own `high` is 31,999."""


def effort_of(reasoning: Reasoning) -> str:
    """Give the level that a client asked for, by name or by budget; empty when by neither."""
    if reasoning.mode == "off":
        return "none"
    if reasoning.effort in LEVELS:
        return reasoning.effort
    if reasoning.budget is None:
        return ""
    if reasoning.budget <= 0:
        return "none" if reasoning.budget == 0 else ""
    return next((name for name in LEVELS[2:5] if reasoning.budget <= _BUDGETS[name]), "high")


def budget_of(reasoning: Reasoning) -> int | None:
    """Give the tokens that a client allows for thinking; None when it leaves that open."""
    if reasoning.mode == "off":
        return 0
    if reasoning.budget is not None:
        return reasoning.budget if reasoning.budget >= 0 else None
    return _BUDGETS.get(reasoning.effort)


def nearest(wanted: str, levels: tuple[str, ...]) -> str:
    """Give the highest of `levels` (from low to high) that is not above `wanted`, else the lowest."""
    rank = LEVELS.index(wanted)
    fitting = [level for level in levels if level in LEVELS and LEVELS.index(level) <= rank]
    return fitting[-1] if fitting else levels[0]
