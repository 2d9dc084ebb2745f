"""A conversation's blocks as entries."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from ccproxy_tui.inspection.arguments import as_text, lay_out, tell_arguments, write_json
from ccproxy_tui.inspection.asides import split_asides
from ccproxy_tui.inspection.entries import Entry, Kind
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Document,
    Image,
    Opaque,
    RedactedThinking,
    Role,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)

_SPEAKERS: Mapping[Role, Kind] = {"user": "user", "assistant": "assistant", "system": "system"}
_LONGEST_NAME = 60


def tool_names(turns: Sequence[Turn]) -> dict[str, str]:
    """Return the names of the tools that were called, by the calls' ids."""
    return {
        block.id: block.name for turn in turns for block in turn.content if type(block) is ToolUse
    }


def tell_turn(number: int, turn: Turn, names: Mapping[str, str]) -> Iterator[Entry]:
    """Return the entries of one message."""
    for at, block in enumerate(turn.content):
        yield from tell_block((number, at), block, turn.role, names)


def tell_block(
    key: tuple[object, ...],
    block: Block,
    role: Role,
    names: Mapping[str, str],
    *,
    running: bool = False,
) -> Iterator[Entry]:
    """Return the entries of one block, which may be more than one where others are wrapped in it."""
    match block:
        case Text(text):
            yield from _said(key, text, role, running=running)
        case Thinking(text, signature):
            brief = "" if text else f"not shown, signed with {len(signature)} characters"
            yield Entry(key, "thinking", "thinking", text, brief, running=running)
        case RedactedThinking(data):
            brief = f"encrypted, {len(data)} characters"
            yield Entry(key, "thinking", "thinking", "", brief, written=lambda: data)
        case ToolUse(_, name, given):
            yield _called(key, name, given, running=running)
        case ToolResult():
            yield _result(key, block, names)
        case Image() | Audio() | Document():
            yield _media(key, block)
        case Opaque(raw):
            brief = str(raw.get("name") or "")[:_LONGEST_NAME]
            parts = partial(_laid_out, raw)
            kind = block.type[:_LONGEST_NAME]
            yield Entry(
                key, "other", kind, "", brief, parts=parts, written=partial(write_json, raw)
            )


def _said(key: tuple[object, ...], text: str, role: Role, *, running: bool) -> Iterator[Entry]:
    speaker = _SPEAKERS.get(role, "user")
    if speaker != "user":
        yield Entry(key, speaker, role, text, running=running)
        return
    for number, (tag, piece) in enumerate(split_asides(text)):
        kind: Kind = "aside" if tag else speaker
        yield Entry((*key, number), kind, tag[:_LONGEST_NAME] or role, piece)


def _called(key: tuple[object, ...], name: str, given: object, *, running: bool) -> Entry:
    brief, text, parts = tell_arguments(given, running=running)
    written = partial(as_text if isinstance(given, str) else write_json, given)
    label = name[:_LONGEST_NAME] or "(a tool without a name)"
    return Entry(key, "call", label, text, brief, parts=parts, written=written, running=running)


def _result(key: tuple[object, ...], result: ToolResult, names: Mapping[str, str]) -> Entry:
    """Make an entry of a result: its text, and what else is in it or wrapped in its text."""
    said: list[str] = []
    parts: list[Entry] = []
    for at, block in enumerate(result.content):
        if isinstance(block, Text):
            for number, (tag, piece) in enumerate(split_asides(block.text)):
                if tag:
                    parts.append(Entry((at, number), "aside", tag[:_LONGEST_NAME], piece))
                else:
                    said.append(piece)
        else:
            parts += tell_block((at,), block, "user", names)
    name = names.get(result.tool_use_id, "")
    label = f"result of {name[:_LONGEST_NAME] or f'call {result.tool_use_id[:_LONGEST_NAME]}'}"
    text = "\n".join(said)
    brief = "" if text or parts else "empty"
    return Entry(key, "result", label, text, brief, parts=parts, failed=result.is_error)


def _media(key: tuple[object, ...], block: Image | Audio | Document) -> Entry:
    label = type(block).__name__.lower()
    url = "" if isinstance(block, Audio) else block.url
    title, text = (block.title, block.text) if isinstance(block, Document) else ("", "")
    words = [block.media_type, title, url, _bytes(len(block.data) * 3 // 4) if block.data else ""]
    brief = ", ".join(word for word in words if word)
    data = block.data
    written: Callable[[], str] | None = (lambda: data) if data else None
    return Entry(key, "media", label, text, brief or "empty", written=written)


def _bytes(size: int) -> str:
    return f"{size / 1000:.0f} kB" if size >= 1000 else f"{size} bytes"


def _laid_out(raw: object) -> list[Entry]:
    return [Entry("raw", "argument", "as it is", lay_out(raw))]
