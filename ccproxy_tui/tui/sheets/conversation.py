"""The tab of a call as a conversation, which grows while the call runs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from ccproxy_tui.inspection.conversation import (
    is_answered,
    tell_body,
    tell_end,
    tell_reply_block,
    tell_request,
)
from ccproxy_tui.inspection.entries import Entry
from ccproxy_tui.inspection.live import LiveReply
from ccproxy_tui.inspection.reading import ReadReply, UnreadableError, reply_status
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.quantities import count, seconds
from ccproxy_tui.tui.sheets.entries import node_of, nodes_of
from ccproxy_tui.tui.sheets.not_kept import not_kept
from ccproxy_tui.tui.sheets.sheet import Subject
from ccproxy_tui.tui.widgets.lines import Line

_WAITING = {
    Phase.HELD: "waiting for a candidate",
    Phase.WAITING: "waiting for the first byte",
    Phase.FIRST_BYTE: "the upstream has begun to answer",
}
_RUNNING = {"thinking": "thinking", "assistant": "writing"}


@dataclass(slots=True)
class _Asked:
    """The nodes of a request, and what they were made of."""

    subject: Subject
    pieces: int
    nodes: list[Node]

    def is_of(self, subject: Subject) -> bool:
        return (
            self.subject.exchange is subject.exchange
            and self.subject.call is subject.call
            and self.subject.previous_exchange is subject.previous_exchange
            and self.pieces == _pieces(subject)
        )


@dataclass(slots=True)
class _Answered:
    """A reply that is read, and the nodes of its blocks that are complete."""

    reply: LiveReply
    nodes: list[list[Node]] = field(default_factory=list)


class ConversationSheet:
    """System prompt, tools, messages and the reply."""

    title = "Conversation"

    def __init__(self) -> None:
        self._asked: _Asked | None = None
        self._answered: _Answered | None = None

    def draw(self, subject: Subject) -> Sequence[Node]:
        """Return the outline of a call; of one that is drawn again only what is new is worked out."""
        exchange = subject.exchange
        if exchange is None:
            return not_kept(subject.call)
        if self._asked is None or not self._asked.is_of(subject):
            self._asked = _Asked(subject, _pieces(subject), _request(subject, exchange))
            self._answered = None
        return [*self._asked.nodes, *self._reply(subject.call, exchange)]

    # --- the reply ---------------------------------------------------------------------------

    def _reply(self, call: Call, exchange: Exchange) -> list[Node]:
        ended = not call.live
        if not is_answered(call):
            return _as_it_is(call, exchange, ended=ended)
        protocol, message, heading = _source(call, exchange)
        nodes = [_heading("reply", heading)]
        try:
            answered = self._follow(protocol, message)
            read = answered.reply.read(ended=ended)
        except UnreadableError as error:
            read, running = ReadReply(), []
            nodes += nodes_of(tell_body("reply", message, str(error)), unfolded=True)
        else:
            running = _blocks(answered, read, ended=ended)
            nodes += [*chain.from_iterable(answered.nodes), *nodes_of(running, unfolded=True)]
            if ended and not read.blocks:
                nodes += nodes_of(tell_body("reply", message), unfolded=True)
        return [*nodes, _ended(call, read) if ended else _status(call, running)]

    def _follow(self, protocol: str, message: Message) -> _Answered:
        answered = self._answered
        if answered is None or not answered.reply.follows(protocol, message):
            answered = self._answered = _Answered(LiveReply(protocol, message))
        return answered


def _pieces(subject: Subject) -> int:
    return 0 if subject.exchange is None else len(subject.exchange.client_request.chunks)


def _request(subject: Subject, exchange: Exchange) -> list[Node]:
    told = tell_request(subject.call, exchange, subject.previous, subject.previous_exchange)
    nodes = nodes_of(told.settings, unfolded=False)
    if told.earlier:
        word = "message" if told.messages == 1 else "messages"
        earlier = Entry("earlier", "earlier", f"{told.messages} earlier {word}", parts=told.earlier)
        nodes.append(_folded(earlier))
    if told.heading:
        nodes.append(_heading("new", told.heading))
    return nodes + nodes_of(told.new, unfolded=True)


def _folded(entry: Entry) -> Node:
    """Return entries that are folded, one by one as well."""
    line = Line(entry.label, "muted", len(entry.label))
    return Node(entry.key, line, lambda: nodes_of(entry.inside(), unfolded=False), text=entry.full)


def _heading(key: str, text: str) -> Node:
    return Node(key, Line(f"-- {text} --", "strong"))


def _source(call: Call, exchange: Exchange) -> tuple[str, Message, str]:
    """Return what the client was sent, or else what the upstream has sent, and what that is."""
    client, upstream = exchange.client_reply, exchange.upstream_reply
    if not client.chunks and upstream.chunks and reply_status(upstream) < 400:
        return call.upstream_protocol, upstream, "reply, as the upstream sends it"
    return call.protocol, client, "reply"


def _blocks(answered: _Answered, read: ReadReply, *, ended: bool) -> list[Entry]:
    """Keep the nodes of the blocks that are complete; return the entries of the open one.

    Of a reply that has `ended`, as one that is broken off, nothing more comes.
    """
    complete = len(read.blocks) - answered.reply.running
    for at in range(len(answered.nodes), complete):
        told = tell_reply_block(at, read.blocks[at], running=False)
        answered.nodes.append(nodes_of(told, unfolded=True))
    if complete == len(read.blocks):
        return []
    return tell_reply_block(complete, read.blocks[complete], running=not ended)


def _as_it_is(call: Call, exchange: Exchange, *, ended: bool) -> list[Node]:
    """Return a reply that is a number, a list or rows of numbers."""
    if not ended:
        return [_status(call, [])]
    told = tell_body("reply", exchange.client_reply)
    return nodes_of(told, unfolded=True) or [_ended(call, ReadReply())]


def _ended(call: Call, read: ReadReply) -> Node:
    return node_of(tell_end(call, read), unfolded=True)


def _status(call: Call, running: Sequence[Entry]) -> Node:
    """Say what a running call is at."""
    if running:
        entry = running[-1]
        doing = _RUNNING.get(entry.kind, f"arguments of {entry.label}")
    else:
        doing = _WAITING.get(call.phase, "waiting for more")
    words = [f"{doing}…", seconds(max(0.0, time.time() - call.started_at))]
    if len(call.attempts) > 1:
        words.append(f"attempt {len(call.attempts)}")
    if call.output_so_far:
        words.append(f"about {count(call.output_so_far)} tokens")
    return Node("status", Line(" · ".join(words), "warn"))
