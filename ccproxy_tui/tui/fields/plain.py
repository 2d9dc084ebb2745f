"""Text from outside, made safe for one row of the screen."""

from ccproxy_tui.tui.widgets.cells import cut, one_line


def plain(text: str, width: int | None = None) -> str:
    """Return `text` on one line without control characters, at most `width` cells wide."""
    line = one_line(text)
    return line if width is None else cut(line, max(0, width))
