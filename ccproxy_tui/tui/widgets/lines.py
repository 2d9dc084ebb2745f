"""Lines of a long text, and how they wrap."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ccproxy_tui.tui.widgets.cells import Tone, one_line, width_of


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with its meaning; the first `lead` characters are a label."""

    text: str
    tone: Tone = ""
    lead: int = 0
    hang: int = -1
    """How far the continuation of a broken line is indented; by default two more than the line."""


def wrap(lines: Iterable[Line], width: int) -> list[Line]:
    """Break lines to a width, at words where that goes, and indent what continues."""
    wrapped: list[Line] = []
    for line in lines:
        text = one_line(line.text)
        if width_of(text) <= width:
            wrapped.append(line if text is line.text else replace(line, text=text))
        else:
            wrapped.extend(_broken(replace(line, text=text), width))
    return wrapped


def _broken(line: Line, width: int) -> list[Line]:
    hang = line.hang
    if hang < 0:
        hang = len(line.text) - len(line.text.lstrip(" ")) + 2
    indent = " " * min(hang, width // 2)
    pieces = []
    start, prefix, lead = 0, "", line.lead
    text = line.text
    while start < len(text):
        room = max(1, width - len(prefix))
        end = start + _fitting(text, start, room)
        if end < len(text):
            space = text.rfind(" ", start + room // 2, end)
            end = space + 1 if space > 0 else end
        pieces.append(Line(prefix + text[start:end].rstrip(), line.tone, min(lead, end)))
        start, prefix, lead = end, indent, 0
    return pieces


def _fitting(text: str, start: int, room: int) -> int:
    """Return how many characters from `start` fit into `room` cells, at least one."""
    piece = text[start : start + room]
    if piece.isascii():
        return len(piece)
    taken = 0
    for number, character in enumerate(piece):
        taken += width_of(character)
        if taken > room:
            return max(1, number)
    return len(piece)
