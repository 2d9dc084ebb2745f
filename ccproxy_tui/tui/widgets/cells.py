"""Text that fits its cells: one line, no control characters, cut by width and not by length."""

import re
import unicodedata
from typing import Literal

from rich.cells import cell_len, set_cell_size

Tone = Literal["", "strong", "muted", "good", "warn", "bad", "accent"]
"""What a text means; the theme says how that looks, and a glyph or word says it without colour."""

Cell = str | tuple[str, Tone]
"""What a column shows of a row."""

Align = Literal["left", "right"]

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")


def one_line(text: str) -> str:
    """Return text whose width can be told: whatever controls a terminal or hides is replaced."""
    if text.isprintable() and (text.isascii() or not _VARIATION_SELECTORS.search(text)):
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if _VARIATION_SELECTORS.match(character):
        return ""
    return "·" if unicodedata.category(character) in _INVISIBLE else character


def width_of(text: str) -> int:
    """Return how many cells a line takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int, *, mark: str = "…") -> str:
    """Shorten a line to `width` cells; `mark` says that something is missing."""
    if width_of(text) <= width:
        return text
    if width <= len(mark):
        return mark[:width]
    return set_cell_size(text, width - len(mark)).rstrip() + mark


def fit(text: str, width: int, align: Align = "left", *, mark: str = "…") -> str:
    """Return a line of exactly `width` cells."""
    text = cut(text, width, mark=mark)
    padding = " " * (width - width_of(text))
    return padding + text if align == "right" else text + padding
