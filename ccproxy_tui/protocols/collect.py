"""A stream's events gathered into a whole reply, so that both kinds share one mechanism."""

from collections.abc import Iterable

import orjson

from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    Block,
    BlockStart,
    Event,
    Opaque,
    RedactedThinking,
    Reply,
    ReplyError,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolUse,
)


class ReplyBrokeError(Exception):
    """A reply was to be written whole, but its events end with an error or do not end at all."""

    def __init__(self, error: ReplyError) -> None:
        super().__init__(error.message)
        self.error = error


def collect(events: Iterable[Event]) -> Reply:
    """Gather valid events; raises `ReplyBrokeError` when they hold a `ReplyError` or no `ReplyStop`."""
    reply = Reply()
    pieces: list[str] = []
    signature: list[str] = []
    maker = ""
    open_block: BlockStart | None = None
    for event in events:
        if isinstance(event, TextDelta | ThinkingDelta):
            pieces.append(event.text)
        elif isinstance(event, ArgumentsDelta):
            pieces.append(event.json)
        elif isinstance(event, SignatureDelta):
            signature.append(event.signature)
            maker = event.maker
        elif isinstance(event, BlockStart):
            open_block = event
        elif isinstance(event, ReplyStart):
            reply.id, reply.model = event.id, event.model
        elif isinstance(event, ReplyError):
            raise ReplyBrokeError(event)
        elif isinstance(event, ReplyStop):
            reply.stop_reason, reply.stop_sequence = event.reason, event.stop_sequence
            reply.usage = event.usage
            return reply
        elif open_block is not None:
            reply.content.append(made_block(open_block, "".join(pieces), "".join(signature), maker))
            pieces.clear()
            signature.clear()
            open_block = None
    raise ReplyBrokeError(ReplyError(502, "the upstream ended in the middle of its reply"))


def read_arguments(text: str) -> object:
    """Read a tool call's JSON, `{}` for nothing; text that is no JSON stays text."""
    if not text.strip():
        return {}
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def made_block(start: BlockStart, said: str, signature: str, maker: str) -> Block:
    """Make the block that has begun with `start` and has said all this."""
    raw = start.raw or {}
    match start.kind:
        case "text":
            return Text(said)
        case "thinking":
            return Thinking(said, signature, maker if signature else "")
        case "tool_use":
            return ToolUse(start.id, start.name, read_arguments(said))
        case "redacted_thinking":
            return RedactedThinking(str(raw.get("data", "")), start.maker)
        case "opaque":
            block = {**raw, "input": read_arguments(said)} if said else raw
            return Opaque(block, start.maker)
