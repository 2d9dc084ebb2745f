"""Content blocks of the Messages API, read into the hub's and written from them."""

from typing import Any

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Document,
    Image,
    JsonObject,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from ccproxy_tui.protocols.signatures import seal, unseal

NAME = "claude"
_ATTRIBUTION = "x-anthropic-billing-header"


def is_attribution(text: str) -> bool:
    """Whether a system block is the client's note to its vendor and no prompt."""
    return text.startswith(_ATTRIBUTION)


def read_blocks(content: Any, field: str) -> list[Block]:
    """Read a message's content, a string or a list; raises `BadRequestError` naming the place."""
    if isinstance(content, str):
        return [Text(content)] if content else []
    if not isinstance(content, list):
        raise BadRequestError(field, "must be a string or a list of blocks")
    return [_read_block(block, f"{field}[{index}]") for index, block in enumerate(content)]


def write_block(block: Block) -> JsonObject | None:
    """Write a block; None for reasoning without a signature, which the vendor refuses."""
    match block:
        case Text(text, cache_control):
            written: JsonObject = {"type": "text", "text": text}
            return written if cache_control is None else {**written, "cache_control": cache_control}
        case Image(media_type, data, url):
            return {"type": "image", "source": _write_source(media_type, data, url)}
        case Document():
            return _write_document(block)
        case ToolUse(id, name, arguments):
            return {"type": "tool_use", "id": id, "name": name, "input": as_object(arguments)}
        case ToolResult(tool_use_id, content, is_error):
            written = {
                "type": "tool_result",
                "tool_use_id": tool_use_id,
                "content": [w for b in content if (w := write_block(b)) is not None],
            }
            return {**written, "is_error": True} if is_error else written
        case Thinking(text, signature, maker):
            if not signature:
                return None
            sealed = seal(signature, maker, NAME)
            return {"type": "thinking", "thinking": text, "signature": sealed}
        case RedactedThinking(data):
            return {"type": "redacted_thinking", "data": data}
        case Opaque(raw):
            return raw
        case Audio():
            return {"type": "text", "text": "[a sound was here, which has no form here]"}


def as_object(arguments: Any) -> JsonObject:
    """Give a call's arguments as the object that the API insists on."""
    if isinstance(arguments, dict):
        return arguments
    return {"malformed_arguments": arguments}


def _read_block(block: Any, field: str) -> Block:
    if isinstance(block, str):
        return Text(block)
    if not isinstance(block, dict):
        raise BadRequestError(field, "must be an object")
    match block.get("type"):
        case "text":
            return Text(_string(block, "text", field), block.get("cache_control"))
        case "tool_use":
            id_, name = _string(block, "id", field), _string(block, "name", field)
            return ToolUse(id_, name, block.get("input") or {})
        case "tool_result":
            return ToolResult(
                _string(block, "tool_use_id", field),
                read_blocks(block.get("content") or "", f"{field}.content"),
                block.get("is_error") is True,
            )
        case "thinking":
            signature, maker = unseal(str(block.get("signature") or ""), NAME)
            return Thinking(str(block.get("thinking") or ""), signature, maker)
        case "redacted_thinking":
            return RedactedThinking(str(block.get("data") or ""), NAME)
        case "tool_reference":
            named = block.get("tool_name") or block.get("name")
            return Text(f"The tool {named} is available now.")
        case "image":
            return _read_image(block)
        case "document":
            return _read_document(block, field)
    return Opaque(block, NAME)


def _string(block: JsonObject, name: str, field: str) -> str:
    value = block.get(name)
    if not isinstance(value, str):
        raise BadRequestError(f"{field}.{name}", "must be a string")
    return value


def _read_image(block: JsonObject) -> Block:
    source: Any = block.get("source")
    match source:
        case {"type": "base64", "data": str(data)}:
            return Image(str(source.get("media_type") or "image/png"), data)
        case {"type": "url", "url": str(url)}:
            return Image(url=url)
    return Opaque(block, NAME)


def _read_document(block: JsonObject, field: str) -> Block:
    title = str(block.get("title") or "")
    source: Any = block.get("source")
    match source:
        case {"type": "base64", "data": str(data)}:
            kind = str(source.get("media_type") or "application/pdf")
            return Document(kind, data, title=title)
        case {"type": "url", "url": str(url)}:
            return Document(url=url, title=title)
        case {"type": "text", "data": str(text)}:
            return Document("text/plain", text=text, title=title)
        case {"type": "content", "content": content}:
            blocks = read_blocks(content, f"{field}.source.content")
            text = "\n".join(part.text for part in blocks if isinstance(part, Text))
            return Document("text/plain", text=text, title=title)
    return Opaque(block, NAME)


def _write_source(media_type: str, data: str, url: str) -> JsonObject:
    if url:
        return {"type": "url", "url": url}
    return {"type": "base64", "media_type": media_type, "data": data}


def _write_document(document: Document) -> JsonObject:
    if document.text:
        source: JsonObject = {"type": "text", "media_type": "text/plain", "data": document.text}
    else:
        source = _write_source(document.media_type, document.data, document.url)
    written: JsonObject = {"type": "document", "source": source}
    return {**written, "title": document.title} if document.title else written
