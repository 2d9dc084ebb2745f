"""A preview as lines: what is changed in words, the difference, and the whole request upstream."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ccproxy_tui.inspection.difference import Change, Sign, difference
from ccproxy_tui.inspection.json_text import sections
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.previews import Preview
from ccproxy_tui.tui.quantities import clock, count
from ccproxy_tui.tui.signs import PLAIN
from ccproxy_tui.tui.widgets.cells import Tone
from ccproxy_tui.tui.widgets.lines import Line

MOST_LINES = 30_000
LONGEST_LINE = 4_000
"""Characters; longer ones are images and the like."""

_LABEL = 10
_KEY = re.compile(r'\s*"(?:[^"\\]|\\.)*": ')
_TONES: dict[Sign, Tone] = {"+": "good", "-": "bad", "@": "accent"}
_SAME = "nothing is changed"
_OTHER_TARGET = "nothing but what the target needs, such as the model's name"
_TOO_DEEP = Line("The request is nested too deeply to be shown.", "warn")
_ALL_OF_IT = "o opens all of it"


@dataclass(frozen=True, slots=True)
class PreviewText:
    """A preview, ready to be shown."""

    summary: tuple[Line, ...]
    changes: tuple[Line, ...]
    whole: tuple[Line, ...]

    def lines(self, *, whole: bool, ascii_only: bool) -> list[Line]:
        """Return what is shown: the summary, then one of both views, what is very long cut."""
        lines = [*self.summary, Line("")]
        if ascii_only:
            lines = [replace(line, text=line.text.translate(PLAIN)) for line in lines]
        return lines + cut_lines(self.whole if whole else self.changes, ascii_only=ascii_only)

    def text(self, *, whole: bool) -> str:
        """Return the same in full, for pager and clipboard."""
        below = self.whole if whole else self.changes
        return "\n".join(line.text for line in (*self.summary, Line(""), *below))


def preview_text(call: Call, preview: Preview) -> PreviewText:
    """Lay a preview out; a long request takes a while."""
    return PreviewText(
        tuple(_summary(call, preview)), tuple(_changes(preview)), tuple(_whole(preview))
    )


def call_words(call: Call) -> str:
    """Tell which call it is, in a few words."""
    return f"#{call.id} · {clock(call.started_at)} · {call.requested} · {call.protocol} client"


def _summary(call: Call, preview: Preview) -> Iterable[Line]:
    tools = preview.tools
    offered = "" if tools is None else f" · {tools or 'no'} tool{'' if tools == 1 else 's'}"
    yield _fact("call", f"{call_words(call)}{offered}")
    if preview.target:
        lane = "converted" if preview.converted else "passed through"
        how = "" if preview.upstream is None else f", {lane}"
        yield _fact("goes to", f"{preview.target} ({preview.upstream_protocol}{how})")
    if preview.problem:
        yield _fact("but", preview.problem, "bad")
    if preview.changed is not None:
        same = _SAME if preview.changed == preview.sent else _OTHER_TARGET
        for number, note in enumerate(preview.notes or (same,)):
            yield _fact("" if number else "changes", note, "strong" if preview.notes else "")


def _fact(label: str, text: str, tone: Tone = "") -> Line:
    return Line(f"{label:<{_LABEL}}{text}", tone, _LABEL, hang=_LABEL)


def _changes(preview: Preview) -> Iterable[Line]:
    if preview.changed is None:
        return
    try:
        found = difference(sections(preview.sent), sections(preview.changed))
    except RecursionError:
        yield _TOO_DEEP
        return
    if not found:
        more = "; w shows what goes upstream" if preview.converted else ""
        yield Line(f"No rule of the group changes what the client sends{more}.", "muted")
        return
    passes = preview.upstream is not None and not preview.converted
    yield Line("--- as the client sends it", "bad")
    yield Line(f"+++ {'as it goes upstream' if passes else 'under the rules of the group'}", "good")
    for change in found:
        yield change_line(change)


def change_line(change: Change) -> Line:
    """Return a line of a difference."""
    text = f"@@ {change.text} @@" if change.sign == "@" else f"{change.sign} {change.text}"
    hang = len(text) - len(text[2:].lstrip(" ")) + 2
    return Line(text, _TONES.get(change.sign, ""), hang=hang)


def _whole(preview: Preview) -> Iterable[Line]:
    if preview.upstream is None:
        yield Line("Nothing would go upstream.", "warn")
        return
    yield Line(f"POST {preview.url}", "strong")
    try:
        laid_out = sections(preview.upstream)
    except RecursionError:
        yield _TOO_DEEP
        return
    for section in laid_out:
        for text in section.lines:
            found = _KEY.match(text)
            yield Line(text, "", found.end() if found else 0)


def cut_lines(lines: Sequence[Line], *, ascii_only: bool) -> list[Line]:
    """Leave out what nobody reads on a screen; say so."""
    more = "~" if ascii_only else "…"
    shown = [
        line
        if len(line.text) <= LONGEST_LINE
        else replace(
            line,
            text=f"{line.text[:LONGEST_LINE]}{more} "
            f"{count(len(line.text) - LONGEST_LINE)} characters more: {_ALL_OF_IT}",
        )
        for line in lines[:MOST_LINES]
    ]
    if len(lines) > MOST_LINES:
        rest = f"{more} {len(lines) - MOST_LINES:,} lines more: {_ALL_OF_IT}"
        shown.append(Line(rest, "warn"))
    return shown
