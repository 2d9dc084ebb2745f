"""Two calls compared, as lines for the screen and for the clipboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from ccproxy_tui.inspection.comparison import Fact, Kind, Value, reply_sections, request_sections
from ccproxy_tui.inspection.difference import difference
from ccproxy_tui.inspection.json_text import Section
from ccproxy_tui.inspection.reading import ReadReply
from ccproxy_tui.traffic.call import Message
from ccproxy_tui.tui.fields.glyphs import Glyphs
from ccproxy_tui.tui.preview_text import change_line
from ccproxy_tui.tui.quantities import dollars, percent, seconds
from ccproxy_tui.tui.widgets.cells import cut, fit, one_line, width_of
from ccproxy_tui.tui.widgets.lines import Line, wrap

SIDE_BY_SIDE = 96
"""Cells from which two texts stand side by side; in fewer they stand one below the other."""

_LABEL = 14
_WIDEST = 44
"""Cells of a column of facts, so that they are near one another."""
_BAR = " │ "


@dataclass(frozen=True, slots=True)
class Side:
    """What is shown of one of the two calls."""

    name: str
    """`#7 local/glm`."""
    reply: ReadReply | None
    """None when it cannot be read."""
    unread: str = ""
    """Why it cannot be read, or that nothing has come."""
    error: str = ""
    """Why the call failed."""
    request: Message | None = None
    sent_upstream: Message | None = None


def fact_lines(facts: Sequence[Fact], width: int, signs: Glyphs) -> list[Line]:
    """Return the table of facts, of those that either call has; a sign marks the better one."""
    column = min(_WIDEST, max(10, (width - _LABEL) // 2))
    lines = []
    for fact in facts:
        if fact.left in (None, "") and fact.right in (None, ""):
            continue
        left = _cell(fact.left, fact.kind, signs, better=fact.better == "left")
        right = _cell(fact.right, fact.kind, signs, better=fact.better == "right")
        text = f"{fact.name:<{_LABEL}}{fit(left, column - 1)} {cut(right, column)}"
        lines.append(Line(text, "", _LABEL))
    if any(fact.better for fact in facts):
        lines.append(Line(f"{'':<{_LABEL}}{signs.right} the better one", "muted"))
    return lines


def _cell(value: Value, kind: Kind, signs: Glyphs, *, better: bool) -> str:
    written = one_line(_written(value, kind))
    return f"{signs.right} {written}" if better else f"  {written}"


def _written(value: Value, kind: Kind) -> str:
    if value is None or isinstance(value, str):
        return value or "–"
    match kind:
        case "seconds":
            return seconds(value)
        case "rate":
            return f"{value:.0f}"
        case "share":
            return percent(value, 1) or "0%"
        case "dollars":
            return dollars(value)
    return f"{value:,.0f}"


def reply_lines(left: Side, right: Side, width: int) -> list[Line]:
    """Return both replies: side by side where there is room, else one below the other."""
    if width < SIDE_BY_SIDE:
        return [
            line
            for side in (left, right)
            for line in (Line(""), Line(side.name, "strong"), *map(Line, _said(side)))
        ]
    column = (width - len(_BAR)) // 2
    heads = f"{fit(one_line(left.name), column)}{_BAR}{cut(one_line(right.name), column)}"
    pairs = zip_longest(_column(left, column), _column(right, column), fillvalue="")
    return [Line(""), Line(heads, "strong"), *(Line(_joined(pair, column)) for pair in pairs)]


def _joined(pair: tuple[str, str], column: int) -> str:
    left, right = pair
    return f"{left}{' ' * (column - width_of(left))}{_BAR}{right}"


def _column(side: Side, width: int) -> list[str]:
    return [line.text for line in wrap([Line(text, hang=0) for text in _said(side)], width)]


def _said(side: Side) -> list[str]:
    """Return a reply's lines."""
    if side.reply is None:
        return [side.error or side.unread]
    lines = [line for section in reply_sections(side.reply) for line in section.lines]
    return lines or [side.unread or "(an empty reply)"]


def reply_changes(left: Side, right: Side) -> list[Line]:
    """Return what is different between the replies."""
    if left.reply is None or right.reply is None:
        without = left if left.reply is None else right
        return [Line(f"{without.name}: {without.unread}", "muted")]
    one, other = reply_sections(left.reply), reply_sections(right.reply)
    return _changes(left, right, one, other, "The replies are the same so far.")


def request_changes(left: Side, right: Side) -> list[Line]:
    """Return what is different between what the clients asked for, and between what went upstream."""
    if left.request is None or right.request is None:
        without = left if left.request is None else right
        return [Line(f"{without.name}: its messages were not kept.", "muted")]
    lines = [Line("What the clients sent", "accent")]
    lines += _changes(left, right, request_sections(left.request), request_sections(right.request),
                      "The two bodies are the same.")  # fmt: skip
    if left.sent_upstream is None or right.sent_upstream is None:
        return lines
    lines += [Line(""), Line("What went upstream", "accent")]
    one, other = request_sections(left.sent_upstream), request_sections(right.sent_upstream)
    return lines + _changes(left, right, one, other, "The two bodies are the same.")


def _changes(
    left: Side, right: Side, one: Sequence[Section], other: Sequence[Section], same: str
) -> list[Line]:
    try:
        found = difference(one, other)
    except RecursionError:
        return [Line("They are nested too deeply to be compared.", "warn")]
    if not found:
        return [Line(same, "muted")]
    heads = [Line(f"--- {left.name}", "bad"), Line(f"+++ {right.name}", "good")]
    return heads + [change_line(change) for change in found]
