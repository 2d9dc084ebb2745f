"""Scrollbars without the signs for parts of a cell, which plain ASCII has not got."""

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender


class _WholeCells(ScrollBarRender):
    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def draw_scrollbars(*, plainly: bool) -> None:
    """Let all scrollbars be drawn with whole cells only, or finely."""
    ScrollBar.renderer = _WholeCells if plainly else ScrollBarRender
