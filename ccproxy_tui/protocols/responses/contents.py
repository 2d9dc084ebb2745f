"""Parts of content: texts, images and files, read from a client and written for an upstream."""

from typing import Any, Final

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.data_urls import split_data_url
from ccproxy_tui.protocols.hub import Audio, Block, Document, Image, JsonObject, Opaque, Text
from ccproxy_tui.protocols.responses.reasoning import NAME

_TEXTS: Final = ("input_text", "output_text", "text", "summary_text", "reasoning_text")
_PDF: Final = "application/pdf"


def read_content(content: Any, field: str) -> list[Block]:
    """Read the content of a message or of a tool's output."""
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)] if content else []
    if not isinstance(content, list):
        raise BadRequestError(field, "must be a string or a list of parts")
    return [_read_part(part, f"{field}[{at}]") for at, part in enumerate(content)]


def write_part(block: Block) -> JsonObject:
    """Write a block of the user's or a tool's, which the target can take."""
    match block:
        case Text(text):
            return {"type": "input_text", "text": text}
        case Image(kind, data, address, detail):
            if data:
                address = f"data:{kind or 'image/png'};base64,{data}"
            return {"type": "input_image", "image_url": address, "detail": detail or "auto"}
        case Audio(kind, data):
            form = kind.rpartition("/")[2] or "wav"
            sound = {"data": data, "format": "mp3" if form == "mpeg" else form.removeprefix("x-")}
            return {"type": "input_audio", "input_audio": sound}
        case Document(kind, data, _, _, title) if data:
            address = f"data:{kind or _PDF};base64,{data}"
            return {"type": "input_file", "filename": title or "document", "file_data": address}
        case Document(url=address) if address:
            return {"type": "input_file", "file_url": address}
        case Document(text=text, title=title):
            return {"type": "input_text", "text": f"{title}\n{text}" if title else text}
        case Opaque(raw):
            return raw
    return {"type": "input_text", "text": ""}


def _read_part(part: Any, field: str) -> Block:
    if not isinstance(part, dict):
        raise BadRequestError(field, "must be an object")
    match part.get("type"):
        case str(kind) if kind in _TEXTS:
            return Text(_string(part, "text", field))
        case "refusal":
            return Text(_string(part, "refusal", field))
        case "input_image":
            return _read_image(part)
        case "input_file":
            return _read_file(part)
        case "input_audio":
            sound = part.get("input_audio")
            match sound:
                case {"data": str(data), "format": str(form)}:
                    return Audio("audio/mpeg" if form == "mp3" else f"audio/{form}", data)
    return Opaque(part, NAME)


def _string(part: JsonObject, name: str, field: str) -> str:
    value = part.get(name)
    if not isinstance(value, str):
        raise BadRequestError(f"{field}.{name}", "must be a string")
    return value


def _read_image(part: JsonObject) -> Block:
    address, detail = part.get("image_url"), part.get("detail")
    if isinstance(address, dict):
        address = address.get("url")
    if not isinstance(address, str) or not address:
        return Opaque(part, NAME)
    kind, data = split_data_url(address)
    detail = detail if isinstance(detail, str) and detail != "auto" else ""
    return Image(kind, data, detail=detail) if data else Image(url=address, detail=detail)


def _read_file(part: JsonObject) -> Block:
    name, said, address = part.get("filename"), part.get("file_data"), part.get("file_url")
    title = name if isinstance(name, str) else ""
    if isinstance(said, str) and said:
        kind, data = split_data_url(said)
        return Document(kind, data, title=title) if data else Document(_PDF, said, title=title)
    if isinstance(address, str) and address:
        return Document(url=address, title=title)
    return Opaque(part, NAME)
