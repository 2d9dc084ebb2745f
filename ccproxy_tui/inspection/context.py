"""What fills a model's window: each part of a request, by bytes and by tokens."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import get_args

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection.reading import (
    UnreadableError,
    read_client_request,
    read_upstream_request,
)
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    RedactedThinking,
    Role,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
)
from ccproxy_tui.protocols.tokens import PER_IMAGE, count_text
from ccproxy_tui.traffic.call import Call, Exchange, plain_text

_MCP = "mcp__"
_KNOWN_MOST = 50_000
_known: dict[tuple[int, int], int] = {}
"""Tokens of texts that were counted, by hash and length: a session sends the same ones again."""


@dataclass(slots=True)
class Part:
    """A part of the window, and what it consists of."""

    key: str
    name: str
    bytes: int = 0
    tokens: int = 0
    """As our tokenizer counts them."""
    text: str = ""
    parts: list["Part"] = field(default_factory=list)
    """The largest first."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a request puts into the window."""

    parts: list[Part]
    tokens: int
    bytes: int
    of_client: bool
    """Whether the client's request was measured, as what went upstream cannot be read."""


def measure(call: Call, exchange: Exchange) -> Contents:
    """Measure what went upstream, or else what the client sent; raises `UnreadableError`."""
    of_client = False
    try:
        conversation = read_upstream_request(call, exchange)
    except UnreadableError:
        conversation, of_client = read_client_request(call, exchange), True
    parts = _sorted([_system(conversation), _tools(conversation), _history(conversation)])
    return Contents(
        parts, sum(part.tokens for part in parts), sum(part.bytes for part in parts), of_client
    )


def _count(text: str) -> int:
    key = hash(text), len(text)
    tokens = _known.get(key)
    if tokens is None:
        if len(_known) >= _KNOWN_MOST:
            _known.clear()
        tokens = _known[key] = count_text(text)
    return tokens


def _leaf(key: str, name: str, text: str, *, tokens: int | None = None) -> Part:
    text = plain_text(text)
    size = len(text) if text.isascii() else len(text.encode())
    return Part(key, name, size, _count(text) if tokens is None else tokens, text)


def _whole(key: str, name: str, parts: Iterable[Part]) -> Part:
    parts = _sorted(parts)
    return Part(key, name, sum(p.bytes for p in parts), sum(p.tokens for p in parts), parts=parts)


def _sorted(parts: Iterable[Part]) -> list[Part]:
    """Leave out what is empty, and put the largest first."""
    filled = (part for part in parts if part.bytes or part.tokens)
    return sorted(filled, key=lambda part: (-part.tokens, -part.bytes))


def _system(conversation: Conversation) -> Part:
    blocks = [
        _leaf(f"block {number}", f"block {number}", block.text)
        for number, block in enumerate(conversation.system, 1)
    ]
    return _whole("system", "system prompt", blocks)


def _tools(conversation: Conversation) -> Part:
    own: list[Part] = []
    servers: defaultdict[str, list[Part]] = defaultdict(list)
    for tool in conversation.tools:
        server, name = _server(tool.name)
        part = _leaf(tool.name, name, _tool_text(tool))
        (servers[server] if server else own).append(part)
    own += [
        _whole(f"{_MCP}{server}", f"MCP {server} ({len(parts)})", parts)
        for server, parts in servers.items()
    ]
    return _whole("tools", f"tools ({len(conversation.tools)})", own)


def _server(name: str) -> tuple[str, str]:
    """Split `mcp__server__tool`; a tool of the client's own has no server."""
    if name.startswith(_MCP):
        server, mark, tool = name.removeprefix(_MCP).partition("__")
        if mark and server and tool:
            return server, tool
    return "", name


def _tool_text(tool: Tool) -> str:
    if tool.raw is not None:
        return json_bytes.write(tool.raw).decode()
    schema = json_bytes.write(tool.schema).decode()
    return "\n".join((tool.name, tool.description, schema))


_KINDS = {
    "user": "user's text",
    "assistant": "assistant's text",
    "system": "system messages",
    "thinking": "thinking",
    "calls": "tool calls",
    "results": "tool results",
    "images": "images, documents, audio",
    "other": "other blocks",
}
_BY_TOOL = frozenset({"calls", "results"})
_ROLES = frozenset(get_args(Role))


def _history(conversation: Conversation) -> Part:
    """Sort all blocks of the conversation by kind, those of tools by tool as well."""
    names = {
        block.id: block.name
        for turn in conversation.turns
        for block in turn.content
        if isinstance(block, ToolUse)
    }
    found: defaultdict[str, defaultdict[str, list[Part]]]
    found = defaultdict(lambda: defaultdict(list))
    for number, turn in enumerate(conversation.turns, 1):
        for at, block in enumerate(turn.content):
            kind, tool = _kind(turn.role, block, names)
            for part in _block_parts(block, f"{number}.{at}", f"message {number}"):
                medium = kind == "results" and not part.text
                found["images" if medium else kind]["" if medium else tool].append(part)
    kinds = []
    for kind, tools in found.items():
        if kind in _BY_TOOL:
            parts = [_whole(tool, f"{tool} ({len(some)})", some) for tool, some in tools.items()]
        else:
            parts = tools[""]
        kinds.append(_whole(kind, _KINDS[kind], parts))
    count = len(conversation.turns)
    return _whole("history", f"history ({count} message{'s' if count != 1 else ''})", kinds)


def _kind(role: str, block: Block, names: dict[str, str]) -> tuple[str, str]:
    """Return under which heading a block comes, and of which tool it is."""
    match block:
        case Text():
            return role if role in _ROLES else "other", ""
        case Thinking() | RedactedThinking():
            return "thinking", ""
        case ToolUse(name=name):
            return "calls", name or "unnamed"
        case ToolResult(tool_use_id=number):
            return "results", names.get(number, "") or "unknown tool"
        case Image() | Document() | Audio():
            return "images", ""
    return "other", ""


def _block_parts(block: Block, key: str, place: str) -> Iterator[Part]:
    """Measure a block; a result's images are parts of their own."""
    match block:
        case Text(text=text) | Thinking(text=text) | RedactedThinking(data=text):
            yield _leaf(key, place, text)
        case ToolUse(name=name, input=given):
            said = given if isinstance(given, str) else json_bytes.write(given).decode()
            yield _leaf(key, place, f"{name}\n{said}")
        case ToolResult(content=content):
            for at, inner in enumerate(content):
                yield from _block_parts(inner, f"{key}.{at}", place)
        case Document(text=text) if text:
            yield _leaf(key, place, text)
        case Image(data=data, url=url) | Document(data=data, url=url):
            yield Part(key, place, len(data or url), PER_IMAGE)
        case Audio(data=data):
            yield Part(key, place, len(data), PER_IMAGE)
        case _:
            yield _leaf(key, place, json_bytes.write(block.raw).decode())
