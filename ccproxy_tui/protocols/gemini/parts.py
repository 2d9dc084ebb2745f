"""Fitted turns, written as `contents`."""

from ccproxy_tui.protocols.fitting import NOTHING
from ccproxy_tui.protocols.gemini.fields import NAME
from ccproxy_tui.protocols.gemini.media import write_media
from ccproxy_tui.protocols.gemini.signed import DUMMY
from ccproxy_tui.protocols.hub import (
    Block,
    JsonObject,
    Opaque,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.tool_names import ToolNames


def write_contents(turns: list[Turn], names: ToolNames, *, dummies: bool) -> list[JsonObject]:
    """Write the turns; `dummies` says whether the model insists on signatures of calls."""
    called: dict[str, str] = {}
    contents = []
    for turn in turns:
        if turn.role == "assistant":
            called |= {use.id: use.name for use in turn.content if isinstance(use, ToolUse)}
            parts = _write_model(turn.content, names, dummies=dummies)
            role = "model"
        else:
            parts = [_write_user(block, called, names) for block in turn.content]
            role = "user"
        if parts:
            contents.append({"role": role, "parts": parts})
    return contents


def _write_model(content: list[Block], names: ToolNames, *, dummies: bool) -> list[JsonObject]:
    """Write a turn of the model's: a signature goes to the call after the thought that holds it.

    Any other part may differ from the one that it was made for, and the API refuses it there.
    Thoughts of other models have no place here. The API looks for a signature at the first call
    of a turn only.
    """
    parts: list[JsonObject] = []
    signature = ""
    for block in content:
        match block:
            case Thinking(text, own, maker):
                if maker == NAME:
                    signature = own or signature
                    if text:
                        parts.append({"text": text, "thought": True})
                continue
            case ToolUse(id, name, arguments):
                call = {"id": id, "name": names.wire(name), "args": arguments}
                signature = signature or (DUMMY if dummies else "")
                signed = {"thoughtSignature": signature} if signature else {}
                parts.append({"functionCall": call, **signed})
                dummies = False
            case Text(text):
                parts.append({"text": text})
            case Opaque(raw):
                parts.append(raw)
        signature = ""
    return parts


def _write_user(block: Block, called: dict[str, str], names: ToolNames) -> JsonObject:
    match block:
        case Text(text):
            return {"text": text}
        case ToolResult(id, content, failed):
            return {"functionResponse": _write_result(id, content, called, names, failed=failed)}
        case Opaque(raw):
            return raw
    return write_media(block)


def _write_result(
    id_: str, content: list[Block], called: dict[str, str], names: ToolNames, *, failed: bool
) -> JsonObject:
    text = "\n\n".join(block.text for block in content if isinstance(block, Text))
    media = [_write_user(block, called, names) for block in content if not isinstance(block, Text)]
    response: JsonObject = {
        "id": id_,
        "name": names.wire(called.get(id_, id_)),
        "response": {"error" if failed else "output": text or NOTHING},
    }
    if media:
        response["parts"] = media
    return response
