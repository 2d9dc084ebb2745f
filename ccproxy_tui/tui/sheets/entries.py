"""A conversation's entries as an outline: a label, and a text that is folded where it is long."""

from collections.abc import Iterable, Sequence
from functools import cache, partial

from ccproxy_tui.inspection.entries import Entry, Kind
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.widgets.cells import Tone
from ccproxy_tui.tui.widgets.lines import Line

_TONES: dict[Kind, Tone] = {
    "thinking": "muted",
    "aside": "muted",
    "end": "muted",
    "error": "bad",
    "problem": "warn",
    "heading": "strong",
}
_LINES: dict[Kind, int] = {"result": 12, "thinking": 60, "argument": 40, "call": 40, "user": 80}
"""Lines that are shown of a text before the rest of it is folded."""
_LINES_OF_OTHERS = 200
_LINES_OF_A_REST = 2_000
_PROSE: frozenset[Kind] = frozenset({"user", "assistant", "thinking", "system", "tool", "aside"})
_FOLDED: frozenset[Kind] = frozenset({"system", "tools", "tool", "aside", "other", "earlier"})
"""What is folded although it is new."""
_BESIDE = 200
"""Characters of a text that has room beside its label."""
_LONGEST_LINE = 2_000
_SUMMARY = 200


def nodes_of(entries: Iterable[Entry], *, unfolded: bool) -> list[Node]:
    """Return entries as nodes, unfolded but for those that few people look into."""
    return [node_of(entry, unfolded=unfolded and entry.kind not in _FOLDED) for entry in entries]


def node_of(entry: Entry, *, unfolded: bool) -> Node:
    """Return an entry with what is below it."""
    short = len(entry.text) <= _BESIDE and "\n" not in entry.text
    words = entry.label + (", error" if entry.failed else "") + (" …" if entry.running else "")
    beside = "  ".join(part for part in (entry.brief, entry.text if short else "") if part)
    tone: Tone = "bad" if entry.failed else _TONES.get(entry.kind, "")
    line = Line(f"{words}  {beside}" if beside else words, tone, len(words), hang=2)
    if not entry.parts and short:
        return Node(entry.key, line, text=entry.full)
    hint = entry.hint or ("" if short else entry.text)
    summary = " ".join(hint[:_SUMMARY].split())
    below = cache(partial(_below, entry, short=short))
    return Node(entry.key, line, below, unfolded, entry.full, summary)


def _below(entry: Entry, *, short: bool) -> list[Node]:
    limit = _LINES.get(entry.kind, _LINES_OF_OTHERS)
    below: list[Node] = []
    if entry.running and not short:
        below += _end(entry, limit)
    elif not short:
        below += _shown(entry, _lines(entry.text), 0, limit)
    return below + nodes_of(entry.inside(), unfolded=True)


def _end(entry: Entry, limit: int) -> list[Node]:
    """Return the last lines of a text that grows; only these are looked at each time it has grown."""
    before, *last = entry.text.rsplit("\n", limit)
    if len(last) < limit:
        return _shown(entry, _lines(entry.text), 0, limit)
    count = before.count("\n") + 1
    line = Line(f"… {count:,} lines before" if count > 1 else "… 1 line before", "muted")
    above = Node("before", line, lambda: _shown(entry, _lines(before), 0, _LINES_OF_A_REST))
    lines = (_line(text, entry.kind) for text in last)
    return [above, *(Node(at, line, text=entry.full) for at, line in enumerate(lines, count))]


def _shown(entry: Entry, lines: Sequence[str], start: int, limit: int) -> list[Node]:
    """Return so many lines from one on, and a node that has the rest."""
    end = min(len(lines), start + limit)
    shown = [
        Node(number, _line(lines[number], entry.kind), text=entry.full)
        for number in range(start, end)
    ]
    if rest := len(lines) - end:
        more = Line(f"… {rest:,} more lines" if rest > 1 else "… 1 more line", "muted")
        below = partial(_shown, entry, lines, end, _LINES_OF_A_REST)
        shown.append(Node("more", more, cache(below), text=entry.full))
    return shown


def _line(text: str, kind: Kind) -> Line:
    text = text.expandtabs(4)
    hang = len(text) - len(text.lstrip(" ")) if kind in _PROSE else -1
    return Line(text, _TONES.get(kind, ""), hang=hang)


def _lines(text: str) -> list[str]:
    """Cut a text into its lines, and those into pieces that are too long to be drawn at once."""
    return [
        line[at : at + _LONGEST_LINE]
        for line in text.rstrip("\n").split("\n")
        for at in range(0, max(1, len(line)), _LONGEST_LINE)
    ]
