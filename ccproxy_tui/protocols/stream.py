"""The one machine that makes a reply valid, whatever order an upstream says it in.

Decoders tell it loosely what came. Out come hub events of which this holds: one start, dense
indexes, one block open at a time, each opened and closed once, a stop reason that agrees with the
blocks that were sent, usage with the stop, and nothing after a stop or an error.

Blocks stand in a queue. The front one is live: what comes for it goes out at once. Another one
goes live when the front one is known to be complete, and is kept in order until then.
"""

import re
from collections import deque
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final

from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockKind,
    BlockStart,
    BlockStop,
    Event,
    JsonObject,
    ReplyError,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    StopReason,
    TextDelta,
    ThinkingDelta,
    Usage,
)

_MARKS: Final = re.compile(r'[{}\[\]"\\]')
_STRONG_REASONS: Final = frozenset({"max_tokens", "refusal", "pause_turn", "overflow"})
_CALL_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,40}")
_UNNAMED: Final = "unknown"


class ObjectEnd:
    """Tells where the first JSON object of a text that comes in pieces is complete."""

    __slots__ = ("_depth", "_escaped", "_in_string", "reached")

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self.reached = False

    @property
    def in_string(self) -> bool:
        """Whether a string is open."""
        return self._in_string

    def take(self, piece: str) -> str:
        """Give the part of `piece` that belongs to the object; nothing once it is complete."""
        if self.reached:
            return ""
        skip = 0 if self._escaped else -1
        self._escaped = False
        for match in _MARKS.finditer(piece):
            at = match.start()
            if at == skip:
                continue
            mark = piece[at]
            if self._in_string:
                if mark == '"':
                    self._in_string = False
                elif mark == "\\":
                    skip = at + 1
                    self._escaped = skip == len(piece)
            elif mark == '"':
                self._in_string = True
            elif mark in "{[":
                self._depth += 1
            elif mark in "}]":
                self._depth -= 1
                if self._depth == 0:
                    self.reached = True
                    return piece[: at + 1]
        return piece


@dataclass(slots=True, eq=False)
class _Block:
    kind: BlockKind
    id: str = ""
    name: str = ""
    raw: JsonObject | None = None
    waiting: list[str] = field(default_factory=list)
    signature: str = ""
    end: ObjectEnd = field(default_factory=ObjectEnd)
    index: int = -1
    """-1 until it is live."""
    said: bool = False
    """Whether it has any arguments."""
    complete: bool = False


class ReplyMachine:
    """Takes what an upstream says and gives valid events, by `take`.

    `maker` is the protocol that its signatures and opaque blocks belong to.
    """

    def __init__(self, maker: str = "") -> None:
        self._maker = maker
        self._out: list[Event] = []
        self._queue: deque[_Block] = deque()
        self._keyed: dict[object, _Block] = {}
        self._ids: set[str] = set()
        self._next_index = 0
        self._blank = ""
        self._blank_kind: BlockKind = "text"
        self._tools_sent = 0
        self._reason: StopReason | None = None
        self._stop_sequence: str | None = None
        self._usage = Usage()
        self.started = False
        self.ended = False

    @property
    def finished(self) -> bool:
        """Whether the upstream has given a reason to stop."""
        return self._reason is not None

    def take(self) -> list[Event]:
        """Give the events since the last time."""
        out = self._out
        self._out = []
        return out

    # what an upstream may say

    def start(self, id: str = "", model: str = "", usage: Usage | None = None) -> None:  # noqa: A002 the field's name
        """Begin the reply; again does nothing."""
        if self.started or self.ended:
            return
        self.started = True
        if usage is not None:
            self.usage(usage)
        self._out.append(ReplyStart(id, model, Usage() if usage is None else usage))

    def text(self, text: str) -> None:
        """Say more text."""
        self._flow("text", text)

    def thinking(self, text: str) -> None:
        """Say more reasoning."""
        self._flow("thinking", text)

    def signature(self, signature: str) -> None:
        """Sign the reasoning that is open, or an empty one; more reasoning opens a new block."""
        if not signature or self.ended:
            return
        last = self._queue[-1] if self._queue else None
        if last is None or last.kind != "thinking" or last.complete or last.signature:
            last = self._append(_Block("thinking"))
        last.signature += signature
        if last.index >= 0:
            self._out.append(SignatureDelta(last.index, signature, self._maker))

    def whole(self, kind: BlockKind, raw: JsonObject) -> None:
        """Say a block that comes in one piece, in its vendor's own form."""
        if not self.ended:
            self._append(_Block(kind, raw=raw, complete=True))
            self._advance()

    def tool(self, key: object, id: str = "", name: str = "") -> None:  # noqa: A002 the field's name
        """Say that a tool is called; `key` tells calls apart, the first id and name count."""
        if self.ended:
            return
        block = self._keyed.get(key)
        if block is None:
            block = _Block("tool_use")
            self._keyed[key] = block
            block.id, block.name = id, name
            self._append(block)
            return
        block.id = block.id or id
        if name and not block.name:
            block.name = name
            self._advance()

    def server_tool(self, key: object, raw: JsonObject) -> None:
        """Say that the vendor's own tool is called; arguments may follow."""
        if not self.ended and key not in self._keyed:
            block = _Block("opaque", raw=raw)
            self._keyed[key] = block
            self._append(block)

    def arguments(self, key: object, piece: str) -> None:
        """Say more of a call's arguments; what follows a whole JSON object is left out."""
        if not piece or self.ended:
            return
        block = self._keyed.get(key)
        if block is None:
            self.tool(key)
            block = self._keyed[key]
        if block.complete:
            return
        piece = block.end.take(piece if block.said else piece.lstrip())
        if not piece:
            return
        block.said = True
        if block.index >= 0:
            self._out.append(ArgumentsDelta(block.index, piece))
        else:
            block.waiting.append(piece)
        if block.end.reached and len(self._queue) > 1:
            self._advance()

    def has_whole_arguments(self, key: object) -> bool:
        """Whether the call's arguments are a whole JSON object already."""
        block = self._keyed.get(key)
        return block is not None and block.end.reached

    def close(self, key: object = None) -> None:
        """Say that a block is complete: the call `key`, or the text or reasoning that came last."""
        self._blank = ""
        if key is not None and key in self._keyed:
            self._keyed[key].complete = True
        elif self._queue and self._queue[-1].kind in ("text", "thinking"):
            self._queue[-1].complete = True
        self._advance()

    def finish(self, reason: StopReason, stop_sequence: str | None = None) -> None:
        """Say why the reply stops; the first reason counts, and usage may still follow."""
        if self._reason is None:
            self._reason = reason
            self._stop_sequence = stop_sequence

    def usage(self, usage: Usage) -> None:
        """Say what is known of the tokens; later figures take the place of earlier ones."""
        known = self._usage
        if usage.input is not None:
            known.input = usage.input
        if usage.cache_read is not None:
            known.cache_read = usage.cache_read
        if usage.cache_write is not None:
            known.cache_write = usage.cache_write
        if usage.output is not None:
            known.output = usage.output
        if usage.reasoning is not None:
            known.reasoning = usage.reasoning

    def done(self) -> None:
        """Say that the upstream has said its last word."""
        if self.ended:
            return
        if not self.started:
            self.fail(502, "the upstream sent an empty reply")
            return
        for block in self._queue:
            block.complete = True
        self._advance(last=True)
        self.ended = True
        reason = self._stop_reason()
        sequence = self._stop_sequence if reason == "stop_sequence" else None
        self._out.append(ReplyStop(reason, self._usage, sequence))

    def end(self) -> None:
        """Say that the connection is closed, which is an error unless the reply had finished."""
        if self.ended:
            return
        if self.finished:
            self.done()
        elif self.started:
            self.fail(502, "the upstream ended the stream in the middle of its reply", cut=True)
        else:
            self.fail(502, "the upstream closed the stream before it replied", cut=True)

    def fail(self, status: int, message: str, kind: str = "", *, cut: bool = False) -> None:
        """Break the reply off."""
        if not self.ended:
            self.ended = True
            self._queue.clear()
            self._out.append(ReplyError(status, message, kind, cut))

    # how it becomes valid

    def _flow(self, kind: BlockKind, text: str) -> None:
        if not text or self.ended:
            return
        last = self._queue[-1] if self._queue else None
        if last is None or last.kind != kind or last.complete or last.signature:
            if self._blank and self._blank_kind == kind:
                text = self._blank + text
            if text.isspace():
                self._blank, self._blank_kind = text, kind
                return
            last = self._append(_Block(kind))
        if last.index < 0:
            last.waiting.append(text)
        elif kind == "text":
            self._out.append(TextDelta(last.index, text))
        else:
            self._out.append(ThinkingDelta(last.index, text))

    def _append(self, block: _Block) -> _Block:
        self._blank = ""
        self._queue.append(block)
        self._advance()
        return block

    def _advance(self, *, last: bool = False) -> None:
        """Close and open blocks from the front, as far as it is known what they are."""
        queue = self._queue
        while queue:
            front = queue[0]
            if front.index < 0 and not self._open(front, last=last):
                if not last:
                    return
                queue.popleft()
                continue
            if not (front.complete or (len(queue) > 1 and self._over(front))):
                return
            self._close(queue.popleft())

    def _over(self, block: _Block) -> bool:
        return block.kind in ("text", "thinking") or block.end.reached

    def _open(self, block: _Block, *, last: bool) -> bool:
        if block.kind == "tool_use":
            if not block.name:
                if not (last and block.said):
                    return False
                block.name = _UNNAMED
            if not _CALL_ID.fullmatch(block.id) or block.id in self._ids:
                block.id = f"toolu_{token_hex(12)}"
            self._ids.add(block.id)
            self._tools_sent += 1
        self.start()
        index = block.index = self._next_index
        self._next_index += 1
        out = self._out
        maker = self._maker if block.raw is not None else ""
        out.append(BlockStart(index, block.kind, block.id, block.name, block.raw, maker))
        for piece in block.waiting:
            if block.kind == "text":
                out.append(TextDelta(index, piece))
            elif block.kind == "thinking":
                out.append(ThinkingDelta(index, piece))
            else:
                out.append(ArgumentsDelta(index, piece))
        block.waiting.clear()
        if block.signature:
            out.append(SignatureDelta(index, block.signature, self._maker))
        return True

    def _close(self, block: _Block) -> None:
        if block.kind == "tool_use" and not block.said:
            self._out.append(ArgumentsDelta(block.index, "{}"))
        self._out.append(BlockStop(block.index))

    def _stop_reason(self) -> StopReason:
        reason: StopReason = self._reason or "end_turn"
        if reason in _STRONG_REASONS:
            return reason
        if self._tools_sent:
            return "tool_use"
        return "end_turn" if reason == "tool_use" else reason
