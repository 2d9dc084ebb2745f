"""A scrollbar without the signs for parts of a cell, which plain ASCII has not got."""

from typing import ClassVar

from textual.scrollbar import ScrollBarRender
from textual.widget import Widget


class _WholeCells(ScrollBarRender):
    VERTICAL_BARS: ClassVar[list[str]] = [" "]


def draw_scrollbar_plainly(widget: Widget) -> None:
    """Let a widget's scrollbar be drawn with whole cells only."""
    widget.vertical_scrollbar.renderer = _WholeCells  # type: ignore[misc]
