"""Bars made of signs: parts of a whole, told apart by what they are drawn with."""

from collections.abc import Sequence

FULL = "█"
EMPTY = "░"


def cells(parts: Sequence[float], width: int) -> list[int]:
    """Share out `width` cells; whatever is more than nothing gets one, as long as there are any."""
    whole = sum(parts)
    if whole <= 0 or width <= 0:
        return [0] * len(parts)
    shares = [part / whole * width for part in parts]
    given = [max(int(share), 1 if share > 0 else 0) for share in shares]
    while (missing := width - sum(given)) != 0:
        step = 1 if missing > 0 else -1
        rests = [(share - had) * step for share, had in zip(shares, given, strict=True)]
        most = max(given)
        able = [at for at, had in enumerate(given) if step > 0 or had > min(1, most - 1)]
        given[max(able, key=rests.__getitem__)] += step
    return given


def share_bar(part: float, whole: float, width: int) -> str:
    """Draw how much of a whole a part is; the least part is still seen."""
    filled = min(width, round(part / whole * width)) if whole > 0 else 0
    if part > 0:
        filled = max(1, filled)
    return FULL * filled + EMPTY * (width - filled)
