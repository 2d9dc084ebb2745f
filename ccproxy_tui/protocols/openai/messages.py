"""A fitted conversation's turns, written as chat messages.

A chat message is either the user's, the model's or one tool's result.
"""

from typing import Any

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.fitting import plain_result
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    JsonObject,
    Opaque,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.tool_names import ToolNames


def write_messages(
    conversation: Conversation, profile: Profile, names: ToolNames
) -> list[JsonObject]:
    """Write the messages of a conversation that fits the profile."""
    messages: list[JsonObject] = []
    if conversation.system:
        messages.append({"role": "system", "content": _joined(conversation.system)})
    for turn in conversation.turns:
        if turn.role == "assistant":
            messages.append(_write_assistant(turn.content, profile, names))
        elif turn.role == "system":
            messages.append({"role": "system", "content": _joined(turn.content)})
        else:
            messages += _write_user(turn.content)
    return messages


def _joined(content: list[Block] | list[Text]) -> str:
    return "\n\n".join(block.text for block in content if isinstance(block, Text))


def _write_assistant(content: list[Block], profile: Profile, names: ToolNames) -> JsonObject:
    calls = [_write_call(block, names) for block in content if isinstance(block, ToolUse)]
    thoughts = [block.text for block in content if isinstance(block, Thinking) and block.text]
    message: JsonObject = {"role": "assistant", "content": _joined(content) or None}
    if profile.reasoning_replay != "none" and (thoughts or calls):
        message[profile.reasoning_replay] = "\n\n".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    return message


def _write_call(call: ToolUse, names: ToolNames) -> JsonObject:
    arguments = json_bytes.write(call.input).decode()
    function = {"name": names.wire(call.name), "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


def _write_user(content: list[Block]) -> list[JsonObject]:
    messages: list[JsonObject] = [
        {"role": "tool", "tool_call_id": block.tool_use_id, "content": plain_result(block)}
        for block in content
        if isinstance(block, ToolResult)
    ]
    parts = [_write_part(block) for block in content if not isinstance(block, ToolResult)]
    if parts:
        said: Any = parts
        texts = [text for part in parts if isinstance(text := part.get("text"), str)]
        if len(texts) == len(parts):
            said = "\n\n".join(texts)
        messages.append({"role": "user", "content": said})
    return messages


def _write_part(block: Block) -> JsonObject:
    match block:
        case Text(text):
            return {"type": "text", "text": text}
        case Image(media_type, data, url, detail):
            image = {"url": url or f"data:{media_type};base64,{data}"}
            return {
                "type": "image_url",
                "image_url": image | ({"detail": detail} if detail else {}),
            }
        case Audio(media_type, data):
            form = media_type.partition("/")[2].removeprefix("x-")
            return {"type": "input_audio", "input_audio": {"data": data, "format": form}}
        case Document(media_type, data, url, text, title):
            if not data:
                return {
                    "type": "text",
                    "text": "\n".join(one for one in (title, text or url) if one),
                }
            address = f"data:{media_type};base64,{data}"
            file = {"filename": title or "document.pdf", "file_data": address}
            return {"type": "file", "file": file}
        case Opaque(raw):
            return raw
    raise TypeError(f"a fitted user turn holds no {type(block).__name__} for this protocol")
