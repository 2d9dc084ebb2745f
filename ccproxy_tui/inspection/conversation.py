"""A call as a conversation: what the client says, what of it is new, and what it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Any

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection.arguments import lay_out, write_json
from ccproxy_tui.inspection.blocks import tell_block, tell_turn, tool_names
from ccproxy_tui.inspection.entries import Entry
from ccproxy_tui.inspection.reading import ReadReply, UnreadableError, read_client_request
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.hub import Block, Conversation, Text, Tool, ToolResult, Turn
from ccproxy_tui.traffic.call import Call, Exchange, Message

_LAST = 4
"""Messages that are shown of a conversation of which nothing is known to be old."""
_MOST_SHOWN = 1_000_000
"""Bytes that are laid out of a body that could not be read."""
_ANSWERED = frozenset({Operation.GENERATE.value, Operation.COMPLETE.value})


@dataclass(slots=True)
class Request:
    """What a call asks, parted by whether it has been asked before."""

    settings: list[Entry] = field(default_factory=list)
    """System prompt and tools."""
    earlier: list[Entry] = field(default_factory=list)
    messages: int = 0
    """How many messages are in `earlier`."""
    heading: str = ""
    """What stands between the earlier messages and the others; empty where nothing is old."""
    new: list[Entry] = field(default_factory=list)


def tell_request(
    call: Call,
    exchange: Exchange,
    previous: Call | None = None,
    previous_exchange: Exchange | None = None,
) -> Request:
    """Return what a client has asked; `previous` is the call before it in the session."""
    if not _is_conversation(call):
        return Request(new=tell_body("request", exchange.client_request))
    try:
        asked = read_client_request(call, exchange)
    except UnreadableError as error:
        return Request(new=tell_body("request", exchange.client_request, str(error)))
    before = _before(previous, previous_exchange)
    names = tool_names(asked.turns)
    told = Request(_settings(asked, before))
    if before is None:
        told.messages = max(0, len(asked.turns) - _LAST)
    else:
        told.messages = _in_common(before.turns, asked.turns)
        told.heading = _heading(told.messages, asked, before, previous)
    for number, turn in enumerate(asked.turns):
        place = told.earlier if number < told.messages else told.new
        place += tell_turn(number, turn, names)
    return told


def tell_reply_block(at: int, block: Block, *, running: bool) -> list[Entry]:
    """Return the entries of one block of a reply; more of it may come when it is `running`."""
    return list(tell_block(("reply", at), block, "assistant", {}, running=running))


def tell_end(call: Call, read: ReadReply) -> Entry:
    """Return how the reply of a call that is over has ended."""
    if read.error:
        return Entry("end", "error", "error", read.error)
    if read.complete:
        wrote = "" if read.usage.output is None else f", {read.usage.output:,} tokens"
        return Entry("end", "end", "end", f"{read.stop_reason}{wrote}")
    why = call.error or "it did not come to its end"
    if read.blocks:
        return Entry("end", "error", "broken off", why)
    return Entry("end", "error", "no reply", call.error or "none was sent")


def _is_conversation(call: Call) -> bool:
    return is_answered(call) or call.operation == Operation.COUNT_TOKENS.value


def is_answered(call: Call) -> bool:
    """Whether a call is answered by a model's words, and not by a number or a list."""
    return call.operation in _ANSWERED or not call.operation


def tell_body(name: str, message: Message, why: str = "") -> list[Entry]:
    """Return a message as it is, after the reason why it is not shown as a conversation."""
    told = [Entry((name, "problem"), "problem", name, why)] if why else []
    if body := message.body:
        whole = partial(body.decode, "utf-8", "replace")
        told.append(
            Entry((name, "body"), "other", f"body of the {name}", _text_of(body), written=whole)
        )
    return told


def _text_of(body: bytes) -> str:
    """Lay out a body, if it is JSON of a size that a person may read."""
    if len(body) <= _MOST_SHOWN:
        try:
            return lay_out(json_bytes.read(body))
        except (ValueError, RecursionError):
            pass
    return body.decode("utf-8", "replace")


# --- what is known already ----------------------------------------------------------------------


def _before(call: Call | None, exchange: Exchange | None) -> Conversation | None:
    if call is None or exchange is None:
        return None
    try:
        return read_client_request(call, exchange)
    except UnreadableError:
        return None


def _in_common(before: Sequence[Turn], after: Sequence[Turn]) -> int:
    """Return with how many messages both begin."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: _alike(*pair), pairs))


def _alike(one: Turn, other: Turn) -> bool:
    if one.role != other.role or len(one.content) != len(other.content):
        return False
    try:
        return all(map(_same, one.content, other.content))
    except RecursionError:
        return False


def _same(one: Block, other: Block) -> bool:
    """Compare blocks but for where the client wants its cache to end, which moves on each time."""
    if isinstance(one, Text) and isinstance(other, Text):
        return one.text == other.text
    if isinstance(one, ToolResult) and isinstance(other, ToolResult):
        return (
            one.tool_use_id == other.tool_use_id
            and one.is_error == other.is_error
            and len(one.content) == len(other.content)
            and all(map(_same, one.content, other.content))
        )
    return one == other


def _heading(common: int, asked: Conversation, before: Conversation, previous: Call | None) -> str:
    named = "the previous call" if previous is None else f"call #{previous.id}"
    gone = len(before.turns) - common
    if not common:
        return f"new in this call: {named} had none of these messages"
    if common == len(asked.turns):
        return f"nothing new since {named}"
    if gone:
        return f"new in this call, in place of the last {gone} of {named}"
    return f"new in this call, since {named}"


# --- system prompt and tools --------------------------------------------------------------------


def _settings(asked: Conversation, before: Conversation | None) -> list[Entry]:
    told = []
    if asked.system:
        texts = [block.text for block in asked.system]
        changed = before is not None and texts != [block.text for block in before.system]
        words = [
            f"{len(texts)} blocks" if len(texts) > 1 else "",
            f"{sum(map(len, texts)):,} characters",
        ]
        words.append("not as in the call before" if changed else "")
        brief = ", ".join(word for word in words if word)
        parts = [Entry(at, "system", f"block {at + 1}", text) for at, text in enumerate(texts)]
        hint = max(texts, key=len)
        told.append(Entry("system", "system", "system", "", brief, hint, parts))
    if asked.tools:
        told.append(_offered(asked.tools, None if before is None else before.tools))
    return told


def _offered(tools: Sequence[Tool], before: Sequence[Tool] | None) -> Entry:
    words = [str(len(tools))]
    if before is not None:
        names, known = {tool.name for tool in tools}, {tool.name for tool in before}
        words += [f"{len(names - known)} more"] if names - known else []
        words += [f"{len(known - names)} fewer"] if known - names else []
    hint = ", ".join(tool.name for tool in tools)
    return Entry("tools", "tools", "tools", "", ", ".join(words), hint, partial(_tools, tools))


def _tools(tools: Sequence[Tool]) -> list[Entry]:
    return [
        Entry(
            (at, tool.name),
            "tool",
            tool.name,
            tool.description,
            "" if tool.raw is None else str(tool.raw.get("type") or ""),
            parts=partial(_schema, tool),
            written=partial(write_json, _written(tool)),
        )
        for at, tool in enumerate(tools)
    ]


def _schema(tool: Tool) -> list[Entry]:
    shown = tool.schema if tool.raw is None else tool.raw
    return [
        Entry("schema", "argument", "schema" if tool.raw is None else "as it is", lay_out(shown))
    ]


def _written(tool: Tool) -> dict[str, Any]:
    if tool.raw is not None:
        return tool.raw
    return {"name": tool.name, "description": tool.description, "schema": tool.schema}
