"""The tab with the four messages as they crossed the wire: heads, headers, bodies, events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection.events import EventReader, StreamEvent, clean_body, is_stream
from ccproxy_tui.traffic.call import Call, Exchange, Message, plain_text
from ccproxy_tui.tui.event_summary import event_summary
from ccproxy_tui.tui.json_nodes import json_nodes, json_text, text_nodes
from ccproxy_tui.tui.outline import Node, plain
from ccproxy_tui.tui.quantities import size
from ccproxy_tui.tui.sheets.not_kept import not_kept
from ccproxy_tui.tui.sheets.sheet import Subject
from ccproxy_tui.tui.widgets.lines import Line

_NOTHING_YET = "Nothing yet."
_PAUSE = 0.5
"""Seconds between two events from which on it is said."""
_TIME = 9


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the four messages."""

    key: str
    title: str
    message: Callable[[Exchange], Message]
    none: str
    """What is said when an ended call has no such message."""


_PARTS = (
    _Part("client request", "Client's request", lambda e: e.client_request, "No request came."),
    _Part("upstream request", "Request upstream", lambda e: e.upstream_request,
          "No request went upstream."),
    _Part("upstream reply", "Upstream's reply", lambda e: e.upstream_reply, "No reply came."),
    _Part("client reply", "Reply to the client", lambda e: e.client_reply, "No reply was sent."),
)  # fmt: skip


@dataclass(slots=True)
class _Drawn:
    """What was worked out of a message."""

    message: Message
    look: object
    nodes: list[Node]
    reader: EventReader
    events: list[Node] = field(default_factory=list)


class RawSheet:
    """Messages, each with its headers and its body: JSON as a tree or as it was sent."""

    title = "Raw"

    def __init__(self) -> None:
        self.as_text = False
        self._drawn: dict[str, _Drawn] = {}

    def draw(self, subject: Subject) -> Sequence[Node]:
        """Return the messages; one that is as it was is not read again."""
        exchange = subject.exchange
        if exchange is None:
            return not_kept(subject.call)
        return [self._part(part, subject.call, part.message(exchange)) for part in _PARTS]

    def _part(self, part: _Part, call: Call, message: Message) -> Node:
        title = Line(f"{part.title}  ", "strong", len(part.title))
        if not (message.head or message.headers or message.chunks):
            none = _NOTHING_YET if call.live else part.none
            return Node(part.key, Line(f"{title.text}{none}", "muted", title.lead))
        return Node(
            part.key,
            Line(title.text + message.head, "strong", title.lead),
            self._nodes(part, call, message),
            open=True,
            text=lambda: message_text(message),
            summary=_facts(message),
        )

    def _nodes(self, part: _Part, call: Call, message: Message) -> list[Node]:
        look = (len(message.chunks), call.live, self.as_text)
        drawn = self._drawn.get(part.key)
        if drawn is None or drawn.message is not message:
            drawn = self._drawn[part.key] = _Drawn(message, None, [], EventReader(message))
        if drawn.look != look:
            drawn.look = look
            body = self._body(part, call, drawn)
            drawn.nodes = [*_headers(message), *body]
        return drawn.nodes

    def _body(self, part: _Part, call: Call, drawn: _Drawn) -> list[Node]:
        message = drawn.message
        if not message.chunks:
            return [Node("body", Line("No body yet." if call.live else "No body.", "muted"))]
        if is_stream(message) and not self.as_text:
            events = drawn.reader.read(ended=not call.live)
            _add_events(drawn.events, events)
            line = Line(f"events: {len(events):,}", lead=len("events:"))
            # the list is copied, as the one that is kept grows in another thread
            return [
                Node("events", line, list(drawn.events), open=part.key == "client reply",
                     text=lambda: _decoded(clean_body(message)), summary=_facts(message))
            ]  # fmt: skip
        return body_nodes(clean_body(message), as_text=self.as_text)


def body_nodes(body: bytes, *, as_text: bool) -> list[Node]:
    """Return a body as a tree, or as text where it is no JSON or that is wanted."""
    if not as_text:
        try:
            return json_nodes(json_bytes.read(body))
        except (ValueError, RecursionError):
            pass
    text = _decoded(body)
    return text_nodes(text, text)


def message_text(message: Message) -> str:
    """Return a whole message as text, its JSON laid out."""
    body = clean_body(message)
    try:
        text = json_text(json_bytes.read(body))
    except (ValueError, RecursionError):
        text = _decoded(body)
    headers = [f"{name}: {value}" for name, value in message.headers]
    return "\n".join([message.head, *headers, "", text])


def _decoded(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\r\n", "\n")


def _facts(message: Message) -> str:
    """Return size and time of a body."""
    parts = [size(max(message.size, sum(map(len, tuple(message.chunks)))))]
    if message.times:
        first, last = message.times[0], message.times[-1]
        parts.append(f"+{first:.2f}s" + (f" to +{last:.2f}s" if last - first >= 0.01 else ""))
    return " · ".join(parts)


def _headers(message: Message) -> list[Node]:
    if not message.headers:
        return []
    lines = [Line(f"{name}: {value}", "", len(name) + 1) for name, value in message.headers]
    text = "\n".join(line.text for line in lines)
    head = Line(f"headers: {len(lines)}", lead=len("headers:"))
    return [Node("headers", head, plain(*lines), text=text)]


def _add_events(nodes: list[Node], events: list[StreamEvent]) -> None:
    """Add a node for each event that has none yet."""
    for number in range(len(nodes), len(events)):
        before = events[number - 1].time if number else None
        nodes.append(_event(number, events[number], before))


def _event(number: int, event: StreamEvent, before: float | None) -> Node:
    time = "" if event.time is None else f"+{event.time:.2f}s"
    text = (f"{time:<{_TIME}}" if time else "") + plain_text(event.name)
    unfolds, brief = event_summary(event)
    pause = 0.0 if event.time is None or before is None else event.time - before
    if pause > _PAUSE:
        text += f"  ({pause:.1f}s after the one before)"
    return Node(
        number,
        Line(text, "warn" if pause > _PAUSE else "", len(time)),
        (lambda: json_nodes(json_bytes.read(event.data))) if unfolds else (),
        text=lambda: _decoded(event.data),
        summary=brief,
    )
