"""Files in a conversation: parts with inline data or an address."""

import mimetypes
from base64 import b64decode
from binascii import Error
from pathlib import PurePosixPath
from typing import Final

from ccproxy_tui.protocols.checking import need
from ccproxy_tui.protocols.gemini.fields import find
from ccproxy_tui.protocols.gemini.signed import standard_base64
from ccproxy_tui.protocols.hub import Audio, Block, Document, Image, JsonObject

_SOME_IMAGE: Final = "image/jpeg"
_SOME_DOCUMENT: Final = "application/pdf"
_HUB_HAS_NO: Final = "video/"


def read_media(part: JsonObject, field: str) -> Block | None:
    """Read a part that holds a file or names one; None for any other, and for video."""
    blob, file = find(part, "inlineData"), find(part, "fileData")
    if blob is not None:
        need(isinstance(blob, dict), f"{field}.inlineData", "an object")
        data = blob.get("data")
        need(isinstance(data, str), f"{field}.inlineData.data", "base64 text")
        return _read_inline(_kind(blob), standard_base64(data), _title(blob))
    if file is not None:
        need(isinstance(file, dict), f"{field}.fileData", "an object")
        address = find(file, "fileUri")
        need(isinstance(address, str), f"{field}.fileData.fileUri", "a string")
        kind = _kind(file) or _guess(address)
        if kind.startswith("image/"):
            return Image(kind, url=address)
        if not kind.startswith(("audio/", _HUB_HAS_NO)):
            return Document(kind, url=address, title=_title(file))
    return None


def write_media(block: Block) -> JsonObject:
    """Write an image, a sound or a document as a part."""
    match block:
        case Image(kind, data, url):
            return _write(kind, data, url, _SOME_IMAGE)
        case Audio(kind, data):
            return _write(kind, data, "", "")
        case Document(text=text, title=title) if text:
            return {"text": f"{title}\n{text}" if title else text}
        case Document(kind, data, url):
            return _write(kind, data, url, _SOME_DOCUMENT)
    raise TypeError(f"no file: {type(block).__name__}")


def _read_inline(kind: str, data: str, title: str) -> Block | None:
    if kind.startswith("image/"):
        return Image(kind, data)
    if kind.startswith("audio/"):
        return Audio(kind, data)
    if kind.startswith("text/"):
        try:
            return Document(kind, text=b64decode(data).decode(), title=title)
        except (Error, ValueError):
            return Document(kind, data, title=title)
    return None if kind.startswith(_HUB_HAS_NO) else Document(kind, data, title=title)


def _write(kind: str, data: str, url: str, default: str) -> JsonObject:
    if data:
        return {"inlineData": {"mimeType": kind or default, "data": data}}
    return {"fileData": {"mimeType": kind or _guess(url) or default, "fileUri": url}}


def _kind(blob: JsonObject) -> str:
    return str(find(blob, "mimeType") or "").lower()


def _title(blob: JsonObject) -> str:
    return str(find(blob, "displayName") or "")


def _guess(address: str) -> str:
    """Guess a file's type by the end of its path."""
    path = PurePosixPath(address.partition("?")[0].partition("#")[0])
    return mimetypes.guess_type(f"file{path.suffix}")[0] or ""
