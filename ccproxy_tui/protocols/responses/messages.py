"""A fitted conversation's turns, written as input items."""

from hashlib import sha256

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.fitting import NOTHING, plain_result
from ccproxy_tui.protocols.hub import (
    Block,
    Conversation,
    JsonObject,
    Opaque,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.responses.contents import write_part
from ccproxy_tui.protocols.responses.reasoning import write_item
from ccproxy_tui.protocols.tool_names import ToolNames


def write_items(conversation: Conversation, profile: Profile, names: ToolNames) -> list[JsonObject]:
    """Write the turns; reasoning that nobody signed is noted as left out."""
    items: list[JsonObject] = []
    for turn in conversation.turns:
        if turn.role == "system":
            text = "\n\n".join(block.text for block in turn.content if isinstance(block, Text))
            items.append({"type": "message", "role": "developer", "content": text})
        elif turn.role == "assistant":
            items += [_said(block, names) for block in turn.content]
        else:
            items += _users(turn.content)
    return items


def _said(block: Block, names: ToolNames) -> JsonObject:
    match block:
        case Thinking(signature=""):
            return _unsigned(block)
        case Thinking():
            return write_item(block)
        case ToolUse(id, name, arguments):
            return {
                "type": "function_call",
                "call_id": id,
                "name": names.wire(name),
                "arguments": json_bytes.write(arguments).decode(),
            }
        case Opaque(raw):
            return raw
    text = block.text if isinstance(block, Text) else ""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "role": "assistant", "content": content}


def _unsigned(block: Thinking) -> JsonObject:
    """Write reasoning as open models' servers take it back."""
    content = [{"type": "reasoning_text", "text": block.text}]
    return {
        "type": "reasoning",
        "id": f"rs_{_digest(block.text)}",
        "summary": [],
        "content": content,
    }


def _users(content: list[Block]) -> list[JsonObject]:
    items: list[JsonObject] = []
    parts: list[JsonObject] = []
    for block in content:
        if isinstance(block, ToolResult):
            items.append(
                {
                    "type": "function_call_output",
                    "call_id": block.tool_use_id,
                    "output": _output(block),
                }
            )
        elif isinstance(block, Opaque) and not str(block.raw.get("type")).startswith("input_"):
            items.append(block.raw)
        else:
            parts.append(write_part(block))
    if parts:
        items.append({"type": "message", "role": "user", "content": parts})
    return items


def _output(result: ToolResult) -> str | list[JsonObject]:
    text = plain_result(result)
    attached = [write_part(block) for block in result.content if not isinstance(block, Text)]
    if not attached:
        return text
    return attached if text == NOTHING else [write_part(Text(text)), *attached]


def _digest(text: str) -> str:
    """Give what is the same for the same text each time, for the sake of prompt caches."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
