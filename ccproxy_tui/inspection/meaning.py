"""Requests and replies in one form, whatever protocol they came in: what they mean, to be compared.

Blocks of a message stand in one order, texts in a row are one, and messages in a row of the same
role are one: protocols differ in all of that, and it means the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from ccproxy_tui.inspection.reading import ReadReply
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Embedding,
    Image,
    JsonObject,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
    Usage,
)

_FIELDS: Final = (
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "output_schema",
    "output_name",
    "output_strict",
    "user",
)
_RANKS: Final[Mapping[type, int]] = {ToolResult: 0, Thinking: 1, RedactedThinking: 1, ToolUse: 3}
"""Where blocks stand in a message; all others are between thinking and calls."""

_KINDS: Final[Mapping[type, str]] = {
    Text: "text",
    Image: "image",
    Audio: "sound",
    Document: "document",
    ToolUse: "call",
    ToolResult: "result",
    Thinking: "thinking",
    RedactedThinking: "redacted thinking",
    Opaque: "other block",
}

Names = Mapping[str, str]
"""What things are called on this side, and what they shall be called."""


def request(read: Conversation, model: str, tools: Names, ids: Names) -> JsonObject:
    """Lay a request out; `tools` and `ids` of calls are renamed."""
    body: JsonObject = {"model": model}
    if system := joined(block.text for block in read.system):
        body["system"] = system
    if read.tools:
        body["tools"] = [_tool(tool, tools) for tool in read.tools]
    body["messages"] = [
        {"role": turn.role, "content": [*_blocks(turn.content, tools, ids)]}
        for turn in in_one(read.turns)
    ]
    if (choice := read.tool_choice) is not None:
        body["tool_choice"] = {"mode": choice.mode}
        if choice.name:
            body["tool_choice"]["name"] = tools.get(choice.name, choice.name)
        if not choice.parallel:
            body["tool_choice"]["parallel"] = False
    for name in _FIELDS:
        if (value := getattr(read, name)) not in (None, [], "", False):
            body[name] = value
    if (asked := read.reasoning) is not None:
        said = {"mode": asked.mode, "budget": asked.budget, "effort": asked.effort}
        body["reasoning"] = {name: value for name, value in said.items() if value}
    body.update(sorted(read.shared.items()))
    return body


def embedding(read: Embedding, model: str) -> JsonObject:
    """Lay a request for embeddings out."""
    said = {
        "model": model,
        "input": read.inputs,
        "dimensions": read.dimensions,
        "task": read.task,
        "title": read.title,
        "user": read.user,
    }
    return {name: value for name, value in said.items() if value}


def reply(read: ReadReply, tools: Names, ids: Names) -> JsonObject:
    """Lay a reply out; `tools` and `ids` of calls are renamed."""
    body: JsonObject = {"content": [*_blocks(read.blocks, tools, ids)]}
    for block in body["content"]:
        if "signed_by" in block:  # a client keeps a signature in its own form, whoever made it
            block["signed"] = block.pop("signed_by") != ""
    if read.stop_reason:
        body["stop_reason"] = read.stop_reason
    if said := _usage(read.usage):
        body["usage"] = said
    if read.error:
        body["error"] = read.error
    elif not read.complete:
        body["end"] = "none: it is not complete"
    return body


def in_one(turns: Iterable[Turn]) -> list[Turn]:
    """Give turns in which nobody has the word twice in a row, nor says nothing."""
    merged: list[Turn] = []
    for turn in turns:
        if merged and merged[-1].role == turn.role:
            merged[-1].content.extend(turn.content)
        else:
            merged.append(Turn(turn.role, [*turn.content]))
    return [turn for turn in merged if any(_counts(block) for block in turn.content)]


def call_ids(blocks: Iterable[Block]) -> list[str]:
    """Give the ids of calls in their order."""
    return [block.id for block in blocks if isinstance(block, ToolUse)]


def call_names(blocks: Iterable[Block]) -> list[str]:
    """Give the names of the tools that are called, each once."""
    return list(dict.fromkeys(block.name for block in blocks if isinstance(block, ToolUse)))


def kinds(blocks: Iterable[Block]) -> list[str]:
    """Give what kinds of blocks follow one another."""
    found: list[str] = []
    for block in blocks:
        kind = _KINDS[type(block)]
        if _counts(block) and found[-1:] != [kind]:
            found.append(kind)
    return found


def joined(texts: Iterable[str]) -> str:
    """Give texts as paragraphs of one."""
    return "\n\n".join(text for text in texts if text.strip())


def _counts(block: Block) -> bool:
    return not isinstance(block, Text) or bool(block.text.strip())


def _tool(tool: Tool, names: Names) -> JsonObject:
    name = names.get(tool.name, tool.name)
    if tool.raw is not None:
        return {"name": name, "server_tool": tool.raw}
    said: JsonObject = {"name": name}
    if tool.description:
        said["description"] = tool.description
    said["schema"] = tool.schema
    if tool.strict:
        said["strict"] = True
    return said


def _blocks(blocks: Sequence[Block], tools: Names, ids: Names) -> Iterator[JsonObject]:
    ordered = sorted(
        (block for block in blocks if _counts(block)),
        key=lambda block: _RANKS.get(type(block), 2),
    )
    texts: list[str] = []
    for block in ordered:
        if isinstance(block, Text):
            texts.append(block.text)
            continue
        if texts:
            yield {"text": joined(texts)}
            texts = []
        yield _block(block, tools, ids)
    if texts:
        yield {"text": joined(texts)}


def _block(block: Block, tools: Names, ids: Names) -> JsonObject:
    match block:
        case ToolUse(id, name, given):
            return {"call": tools.get(name, name), "id": ids.get(id, id), "arguments": given}
        case ToolResult(id, content, failed):
            said = {"result_of": ids.get(id, id), "content": [*_blocks(content, tools, ids)]}
            return {**said, "failed": True} if failed else said
        case Thinking(text, signature, maker):
            thought: JsonObject = {"thinking": text}
            return {**thought, "signed_by": maker or "unknown"} if signature else thought
        case RedactedThinking(data, maker):
            return {"redacted_thinking": _digest(data), "made_by": maker}
        case Image(kind, data, url, _):
            return {"image": url or f"{kind}, {_digest(data)}"}
        case Audio(kind, data):
            return {"sound": f"{kind}, {_digest(data)}"}
        case Document(kind, data, url, text, title):
            named: JsonObject = {"document": url or (f"{kind}, {_digest(data)}" if data else text)}
            return {**named, "title": title} if title else named
        case Opaque(raw, maker):
            return {"block": raw, "of": maker}
        case Text(text):
            return {"text": text}


def _digest(data: str) -> str:
    """Give what is the same for the same data, and short; the two kinds of base64 are the same."""
    plain = data.translate(_ALPHABET).rstrip("=").encode("utf-8", "surrogatepass")
    return f"{len(data):,} characters of base64, {blake2b(plain, digest_size=4).hexdigest()}"


_ALPHABET: Final = str.maketrans("-_", "+/")


def _usage(usage: Usage) -> dict[str, Any]:
    said = {
        "input": usage.input,
        "cache_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "output": usage.output,
        "reasoning": usage.reasoning,
    }
    return {name: count for name, count in said.items() if count}
