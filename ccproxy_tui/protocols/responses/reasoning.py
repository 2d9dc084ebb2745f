"""Reasoning items: what proves them to their vendor, and how it travels.

The vendor takes `encrypted_content` only under the id of the item that it came with, so the
signature of such reasoning is both: `rs_1:gAAAA…`. A client gets every signature sealed, its own
vendor's too, as the item that it sees has another id.
"""

from typing import Final

from ccproxy_tui.protocols.hub import JsonObject, RedactedThinking, Thinking
from ccproxy_tui.protocols.signatures import is_foreign, seal, unseal

NAME: Final = "responses"
OWN_ID: Final = "rs_ccproxy"
"""Begins the ids of the items that are written here."""
_REDACTED: Final = "redacted:"
"""Begins what stands for a block of reasoning that has no text at all."""


def read_item(item: JsonObject) -> Thinking | RedactedThinking:
    """Read a client's reasoning item."""
    text = summary_text(item) or content_text(item)
    kept = item.get("encrypted_content")
    if not isinstance(kept, str) or not kept:
        return Thinking(text)
    if not is_foreign(kept):
        return Thinking(text, sign(item.get("id"), kept), NAME)
    signature, maker = unseal(kept, NAME)
    if signature.startswith(_REDACTED):
        return RedactedThinking(signature.removeprefix(_REDACTED), maker)
    return Thinking(text, signature, maker)


def write_item(thinking: Thinking) -> JsonObject:
    """Write the vendor's own reasoning as an item of its input."""
    id_, content = split_signature(thinking.signature)
    item: JsonObject = {"type": "reasoning", "summary": summary(thinking.text)}
    if id_:
        item["id"] = id_
    item["encrypted_content"] = content
    return item


def kept_signature(signature: str, maker: str) -> str:
    """Give the `encrypted_content` by which a client keeps a signature."""
    return seal(signature, maker, "")


def kept_redacted(data: str, maker: str) -> str:
    """Give the `encrypted_content` by which a client keeps reasoning without text."""
    return seal(_REDACTED + data, maker, "")


def restore(item: JsonObject) -> JsonObject | None:
    """Give a client's reasoning item as its vendor made it; None when that was another vendor."""
    kept = item.get("encrypted_content")
    if not isinstance(kept, str) or not kept:
        return item if item.get("content") or not _is_ours(item.get("id")) else None
    if not is_foreign(kept):
        return item
    signature, maker = unseal(kept, NAME)
    if maker != NAME:
        return None
    id_, content = split_signature(signature)
    others = {name: value for name, value in item.items() if name != "id"}
    return {**others, **({"id": id_} if id_ else {}), "encrypted_content": content}


def _is_ours(id_: object) -> bool:
    """Whether no vendor knows an item; some clients leave all ids out."""
    return not isinstance(id_, str) or id_.startswith(OWN_ID)


def sign(id_: object, content: str) -> str:
    """Pack an item's id and encrypted content into one signature."""
    fits = isinstance(id_, str) and ":" not in id_
    return f"{id_ if fits else ''}:{content}"


def split_signature(signature: str) -> tuple[str, str]:
    """Give id and encrypted content."""
    id_, _, content = signature.partition(":")
    return id_, content


def summary(text: str) -> list[JsonObject]:
    """Write reasoning as the parts of a summary."""
    return [{"type": "summary_text", "text": text}] if text else []


def summary_text(item: JsonObject) -> str:
    """Read the summary of an item."""
    return _joined(item.get("summary"))


def content_text(item: JsonObject) -> str:
    """Read the reasoning itself, which open models show."""
    return _joined(item.get("content"))


def _joined(parts: object) -> str:
    texts = (
        [part.get("text") for part in parts if isinstance(part, dict)]
        if isinstance(parts, list)
        else []
    )
    return "\n\n".join(text for text in texts if isinstance(text, str) and text)
