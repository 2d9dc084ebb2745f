"""Recorded messages as hub values, whatever protocol they are in, complete or not."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

import orjson
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection.streams import StreamReader
from ccproxy_tui.protocols.base import BadRequestError, Operation, ProtocolModule
from ccproxy_tui.protocols.collect import made_block
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    Block,
    BlockStart,
    BlockStop,
    Conversation,
    Event,
    ReplyError,
    ReplyStop,
    SignatureDelta,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.call import Call, Exchange, Message


class UnreadableError(Exception):
    """A recorded message cannot be read; says why."""


@dataclass(slots=True)
class ReadReply:
    """A reply as far as it has come."""

    blocks: list[Block] = field(default_factory=list)
    """The last one may be incomplete unless `complete`."""
    stop_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    error: str = ""
    complete: bool = False
    """Whether the reply came to its own end, be it an error."""


def read_client_request(call: Call, exchange: Exchange) -> Conversation:
    """Read what the client asked for; raises `UnreadableError`."""
    return _read_request(call.protocol, exchange.client_request, call.operation)


def read_upstream_request(call: Call, exchange: Exchange) -> Conversation:
    """Read what was sent upstream; raises `UnreadableError`."""
    same = call.upstream_protocol == call.protocol
    operation = call.operation if same else Operation.GENERATE.value
    return _read_request(call.upstream_protocol, exchange.upstream_request, operation)


def read_client_reply(call: Call, exchange: Exchange) -> ReadReply:
    """Read what the client was sent; raises `UnreadableError`."""
    return read_reply(call.protocol, exchange.client_reply)


def read_upstream_reply(call: Call, exchange: Exchange) -> ReadReply:
    """Read what the upstream sent; raises `UnreadableError`."""
    return read_reply(call.upstream_protocol, exchange.upstream_reply)


def _read_request(protocol: str, message: Message, operation: str) -> Conversation:
    module, body = find_protocol(protocol), message.body
    if not body:
        raise UnreadableError("there is no body")
    try:
        parsed = module.check_request(json_bytes.read(body), Operation(operation))
        return module.read_request(parsed)
    except BadRequestError as error:
        raise UnreadableError(str(error)) from error
    except (ValueError, RecursionError, TypeError, LookupError, AttributeError) as error:
        raise UnreadableError(f"it is no request in {protocol} ({error})") from error


def read_reply(protocol: str, message: Message) -> ReadReply:
    """Read a reply, whole or streamed, complete or not; raises `UnreadableError`."""
    module, body = find_protocol(protocol), message.body
    status = reply_status(message)
    if status >= 400:
        failure = module.read_failure(status, body, CIMultiDict(message.headers))
        return ReadReply(error=failure.message, complete=True)
    try:
        return gather(_events(module, body))
    except (ValueError, RecursionError, TypeError, LookupError, AttributeError) as error:
        raise UnreadableError(f"it is no reply in {protocol} ({error})") from error


def reply_status(message: Message) -> int:
    """Return the HTTP status in a reply's head, 0 where there is none."""
    word = message.head.partition(" ")[0]
    return int(word) if word.isdecimal() else 0


def _events(module: ProtocolModule, body: bytes) -> list[Event]:
    with suppress(orjson.JSONDecodeError):
        whole = orjson.loads(body)
        if isinstance(whole, dict):
            return module.read_reply(whole)
    reader = StreamReader(module)
    return reader.feed(body) + reader.end()


def gather(events: Iterable[Event]) -> ReadReply:
    """Gather the events of a reply, as far as they have come."""
    gathering = Gathering()
    gathering.take(events)
    return gathering.read()


class Gathering:
    """Gathers a reply whose events come by and by; what has come is not looked at again."""

    def __init__(self) -> None:
        self._read = ReadReply()
        self._open: BlockStart | None = None
        self._pieces: list[str] = []
        self._signature = ""
        self._maker = ""

    @property
    def running(self) -> bool:
        """Whether the last block is still open."""
        return self._open is not None

    def take(self, events: Iterable[Event]) -> None:
        """Take what has come since the last time."""
        for event in events:
            match event:
                case TextDelta() | ThinkingDelta():
                    self._pieces.append(event.text)
                case ArgumentsDelta():
                    self._pieces.append(event.json)
                case SignatureDelta():
                    self._signature += event.signature
                    self._maker = event.maker
                case BlockStart():
                    self._open = event
                case BlockStop():
                    self._close()
                case ReplyStop(reason, usage):
                    read = self._read
                    read.stop_reason, read.usage, read.complete = reason, usage, True
                case ReplyError(cut=False):
                    self._read.error, self._read.complete = event.message, True

    def read(self) -> ReadReply:
        """Give the reply so far; the block that is open is the last one."""
        blocks = [*self._read.blocks]
        if self._open is not None:
            self._pieces = ["".join(self._pieces)]
            blocks.append(self._block(self._open))
        return replace(self._read, blocks=blocks)

    def _close(self) -> None:
        if self._open is not None:
            self._read.blocks.append(self._block(self._open))
            self._open = None
            self._pieces, self._signature = [], ""

    def _block(self, start: BlockStart) -> Block:
        return made_block(start, "".join(self._pieces), self._signature, self._maker)


def find_protocol(protocol: str) -> ProtocolModule:
    """Return the module of a protocol; raises `UnreadableError`."""
    module = PROTOCOLS.get(protocol)
    if module is None:
        raise UnreadableError("nothing went there" if not protocol else f"{protocol} is unknown")
    return module
