"""One message of a conversation, as far as a script asks about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import orjson

from ccproxy_tui.demo.reply import JsonObject

Image = tuple[str, str]
"""Media type and base64 data; an image by its address has no media type."""

_DATA_URL = re.compile(r"data:(?P<media_type>[^;,]+);base64,(?P<data>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the client's tool gave back."""

    text: str
    is_error: bool = False


@dataclass(slots=True)
class Turn:
    """Who said what; the instructions that stand apart are a turn of the system, too."""

    role: Literal["system", "user", "assistant"]
    text: str = ""
    thoughts: list[str] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    calls: list[tuple[str, JsonObject]] = field(default_factory=list)
    results: list[ToolResult] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


def objects(value: object) -> list[JsonObject]:
    """The objects in a list; none when it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def fields(value: object) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_of(content: object) -> str:
    """A string, or the text of all blocks that have one."""
    if isinstance(content, str):
        return content
    return join(one.get("text") for one in objects(content))


def join(texts: Iterable[object]) -> str:
    """Put the texts below each other."""
    return "\n\n".join(text for text in texts if isinstance(text, str) and text)


def arguments_of(text: object) -> JsonObject:
    """Arguments that are sent as JSON text; an empty object when it is broken."""
    try:
        return fields(orjson.loads(text)) if isinstance(text, str) else {}
    except ValueError:
        return {}


def image_of(url: object) -> Image:
    """An image by its address, which may be a data URL."""
    found = _DATA_URL.fullmatch(str(url))
    return (found["media_type"], found["data"]) if found else ("", str(url))
