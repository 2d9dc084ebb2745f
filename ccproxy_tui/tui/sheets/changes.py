"""The tab that tells what was changed between the four stages of a call, and why."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ccproxy_tui.inspection.difference import Change, Sign
from ccproxy_tui.inspection.events import clean_body
from ccproxy_tui.inspection.stages import Comparison, Hunk, compare_replies, compare_requests
from ccproxy_tui.traffic.call import Call, Exchange, Message
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.quantities import count, size
from ccproxy_tui.tui.sheets.not_kept import not_kept
from ccproxy_tui.tui.sheets.raw import body_nodes, message_text
from ccproxy_tui.tui.sheets.sheet import Subject
from ccproxy_tui.tui.widgets.cells import Tone
from ccproxy_tui.tui.widgets.lines import Line

_NO_REASON = "no reason is on record"
_TONES: dict[Sign, Tone] = {"+": "good", "-": "bad"}
_LONGEST_LINE = 4_000
_FEW_LINES = 12
"""So many lines of a change are shown without unfolding it."""
_FEW_PLACES = 3
_MOST_SHOWN = 40
"""Lines of changes that are shown in all without unfolding any."""
_SHOWN_AS_FIELDS = ("fields left out:", "options left out:")


@dataclass(frozen=True, slots=True)
class _Reason:
    """Changes that have the same reason."""

    reason: str
    hunks: tuple[Hunk, ...]


@dataclass(slots=True)
class _Compared:
    exchange: Exchange
    look: object
    requests: Comparison
    replies: Comparison


class ChangesSheet:
    """The four stages in their order, and what is different between one and the next."""

    title = "What changed"

    def __init__(self) -> None:
        self._compared: _Compared | None = None

    def draw(self, subject: Subject) -> Sequence[Node]:
        """Return the stages; what was compared is not compared again."""
        call, exchange = subject.call, subject.exchange
        if exchange is None:
            return not_kept(call)
        found = self._compare(call, exchange)
        return [
            *_attempts(call),
            _stage(1, "from the client", call.protocol, exchange.client_request),
            _comparison("request", "client → upstream", found.requests),
            _stage(2, "to the upstream", call.upstream_protocol, exchange.upstream_request),
            _answer(call),
            _stage(3, "from the upstream", call.upstream_protocol, exchange.upstream_reply),
            _comparison("reply", "upstream → client", found.replies),
            _stage(4, "to the client", call.protocol, exchange.client_reply),
            *_also_noted(call, (found.requests, found.replies)),
        ]

    def _compare(self, call: Call, exchange: Exchange) -> _Compared:
        look = (
            call.live,
            exchange.upstream_request.head,
            len(exchange.upstream_request.chunks),
            0 if call.live else len(exchange.client_reply.chunks),
            len(call.notes),
        )
        kept = self._compared
        if kept is None or kept.exchange is not exchange or kept.look != look:
            requests, replies = compare_requests(call, exchange), compare_replies(call, exchange)
            kept = self._compared = _Compared(exchange, look, requests, replies)
        return kept


def _attempts(call: Call) -> Iterator[Node]:
    """Say whose messages these are, where several candidates were tried."""
    tried = len(call.attempts)
    if tried > 1:
        said = f"{tried} attempts: the messages are those of the last one, {call.attempts[-1].candidate}."
        yield Node("attempts", Line(said, "warn"))


def _stage(number: int, title: str, protocol: str, message: Message) -> Node:
    """Return one of the four messages, whole below its line."""
    label = f"{number} {title}"
    if not message.head and not message.chunks:
        return Node(number, Line(f"{label}  nothing", "muted", len(label)))
    facts = [protocol, size(max(message.size, len(message.body))), message.head]
    said = " · ".join(fact for fact in facts if fact)
    return Node(
        number,
        Line(f"{label}  {said}", "strong", len(label)),
        lambda: body_nodes(clean_body(message), as_text=False),
        text=lambda: message_text(message),
    )


def _answer(call: Call) -> Node:
    """Say what came of the question: it is no difference, as it is its answer."""
    tokens = call.tokens
    attempt = call.attempts[-1] if call.attempts else None
    said = [f"status {attempt.status}" if attempt and attempt.status else ""]
    if attempt and attempt.reason:
        said.append(attempt.reason)
    if tokens.context:
        cached = f", {count(tokens.cache_read)} of them cached" if tokens.cache_read else ""
        said.append(f"{count(tokens.context)} tokens read{cached}, {count(tokens.output)} written")
    said.append(f"stop reason {call.stop_reason}" if call.stop_reason else "")
    told = " · ".join(part for part in said if part) or ("not yet" if call.live else "nothing")
    label = "answer: "
    return Node("answer", Line(f"  {label}{told}", "", len(label) + 2))


def _comparison(key: str, between: str, found: Comparison) -> Node:
    label = f"  {key}: {between}"
    if found.problem:
        return Node(key, Line(f"{label}  {found.problem}", "muted", len(label)))
    groups = _by_reason(found.hunks)
    unknown = any(not group.reason for group in groups)
    number = sum(len(group.hunks) for group in groups)
    said = f"{number} change{'' if number == 1 else 's'}" if number else "no change"
    below: list[Node] = [Node("how", Line(found.how, "muted"))]
    if found.same:
        below.append(Node("same", Line(f"unchanged: {found.same}", "muted")))
    below += _groups(groups)
    return Node(
        key,
        Line(f"{label}  {said}", "warn" if unknown else "accent", len(label)),
        below,
        open=True,
        text=lambda: "\n\n".join(_group_text(group) for group in groups) or found.how,
        summary=found.how,
    )


def _groups(groups: Iterable[_Reason]) -> Iterator[Node]:
    """Return changes by their reason, the short ones unfolded as long as there is room."""
    shown = 0
    for group in groups:
        length = _length(group)
        short = len(group.hunks) <= _FEW_PLACES and length <= _FEW_LINES
        opened = short and shown + length <= _MOST_SHOWN
        shown += length if opened else 0
        yield _group(group, opened=opened)


def _by_reason(hunks: Iterable[Hunk]) -> list[_Reason]:
    """Put what has one reason into one group: plain fields, or places in one list."""
    groups: dict[tuple[str, str], list[Hunk]] = {}
    for hunk in hunks:
        head, bracket, _ = hunk.place.partition("[")
        groups.setdefault((head if bracket else "", hunk.reason), []).append(hunk)
    return [_Reason(reason, tuple(found)) for (_, reason), found in groups.items()]


def _group(group: _Reason, *, opened: bool) -> Node:
    where, said = _where(group), group.reason or _NO_REASON
    return Node(
        ("reason", group.hunks[0].place.partition("[")[0], group.reason),
        Line(f"{where}: {said}", "" if group.reason else "warn", len(where) + 1, hang=2),
        _below(group),
        open=opened,
        text=lambda: _group_text(group),
        summary=_counts(group),
    )


def _below(group: _Reason) -> Sequence[Node] | Callable[[], Sequence[Node]]:
    """Give the lines of changes, by place unless each of them names its own."""
    brief = all("[" not in hunk.place and len(hunk.changes) <= 2 for hunk in group.hunks)
    if brief or len(group.hunks) == 1:
        return lambda: _lines(change for hunk in group.hunks for change in hunk.changes)
    return [_hunk(number, hunk) for number, hunk in enumerate(group.hunks)]


def _hunk(number: int, hunk: Hunk) -> Node:
    return Node(
        (hunk.place, number),
        Line(hunk.place, "muted"),
        lambda: _lines(hunk.changes),
        open=len(hunk.changes) <= _FEW_LINES,
        text=lambda: _hunk_text(hunk),
    )


def _where(group: _Reason) -> str:
    """Name the place of changes, or how many there are."""
    places = list(dict.fromkeys(hunk.place for hunk in group.hunks))
    if len(places) == 1:
        return places[0] or "body"
    if not any("[" in place for place in places):
        return ", ".join(places)
    return f"{places[0].partition('[')[0]}, {len(places)} places"


def _lines(changes: Iterable[Change]) -> list[Node]:
    return [
        Node(number, _line(change), text=f"{change.sign} {change.text}")
        for number, change in enumerate(changes)
    ]


def _line(change: Change) -> Line:
    text = change.text
    if len(text) > _LONGEST_LINE:
        text = f"{text[:_LONGEST_LINE]}… {count(len(text) - _LONGEST_LINE)} characters more"
    hang = len(text) - len(text.lstrip(" ")) + 4
    return Line(f"{change.sign} {text}", _TONES.get(change.sign, ""), hang=hang)


def _length(group: _Reason) -> int:
    return sum(len(hunk.changes) for hunk in group.hunks)


def _counts(group: _Reason) -> str:
    signs = [change.sign for hunk in group.hunks for change in hunk.changes]
    return f"+{signs.count('+')} -{signs.count('-')}"


def _hunk_text(hunk: Hunk) -> str:
    lines = (f"{change.sign} {change.text}" for change in hunk.changes)
    return "\n".join([f"@@ {hunk.place} @@", *lines])


def _group_text(group: _Reason) -> str:
    return "\n".join([group.reason or _NO_REASON, *map(_hunk_text, group.hunks)])


def _also_noted(call: Call, found: Iterable[Comparison]) -> Iterator[Node]:
    """Give what is on record, but explains none of the changes that can be seen."""
    reasons = [hunk.reason for one in found for hunk in one.hunks]
    for number, note in enumerate(call.notes):
        if not any(note in reason or note.partition(": ")[0] in reason for reason in reasons) and (
            not note.startswith(_SHOWN_AS_FIELDS)
        ):
            yield Node(("note", number), Line(f"also on record: {note}", "muted", 15))
