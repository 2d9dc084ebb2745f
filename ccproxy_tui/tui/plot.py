"""Bars in plain characters, drawn by plotext; the theme colours them like any other text."""

from collections.abc import Sequence
from math import floor, log10
from typing import Final

from ccproxy_tui.tui.quantities import count

_LINES_A_MARK: Final = 3
"""Lines between two named heights at least."""
_END: Final = "\x1b[0m"
_ASCII = str.maketrans("┤┬┌┐└┘─│┼", "|+++++-|+")


def draw_bars(
    labels: Sequence[str], values: Sequence[float], width: int, height: int, *, ascii_only: bool
) -> list[str]:
    """Draw a bar for each value, over its label, in so many cells."""
    import plotext as plot  # it takes a while to load

    plot.clear_figure()
    plot.limit_size(width=False, height=False)  # to what it takes for the terminal's
    plot.theme("clear")
    plot.plotsize(width, height)
    plot.frame(False)
    places = list(range(len(values)))
    plot.bar(places, list(values), width=0.7, marker="#" if ascii_only else "█")
    shown = _spread(labels, width)
    plot.xticks([place for place, _ in shown], [label for _, label in shown])
    top = max(*values, 1e-9)
    plot.ylim(0, top)
    heights = _heights(top, max(3, (height - 1) // _LINES_A_MARK))
    plot.yticks(heights, _words(heights))
    drawn = str(plot.build()).replace(_END, "")
    lines = [line.rstrip() for line in drawn.splitlines()]
    return [line.translate(_ASCII) for line in lines] if ascii_only else lines


def _heights(top: float, most: int) -> list[float]:
    """Choose heights to name: round ones in even steps, from nothing to the top."""
    least = top / max(1, most)
    size = 10.0 ** floor(log10(least))
    step = next((step * size for step in (1, 2, 5) if step * size >= least), 10 * size)
    return [number * step for number in range(int(top / step) + 1)]


def _words(heights: Sequence[float]) -> list[str]:
    """Write heights as short as their step allows, with a space before the bars."""
    step = heights[1] if len(heights) > 1 else 1.0
    digits = max(0, -floor(log10(step)))
    return [f"{count(one) if step >= 1 else f'{one:.{digits}f}'} " for one in heights]


def _spread(labels: Sequence[str], width: int) -> list[tuple[int, str]]:
    """Choose labels that do not touch, each where it is new."""
    room = max(1, (width - 8) // (max(map(len, labels), default=1) + 2))
    step = -(-len(labels) // room)
    return [
        (place, label)
        for place, label in enumerate(labels)
        if place % step == 0 and (place == 0 or labels[place - 1] != label)
    ]
