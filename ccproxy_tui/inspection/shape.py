"""The shape of a body without its words: keys stay, and each text is replaced by its length."""

import re
from contextlib import suppress
from typing import Any

from ccproxy_tui import json_bytes

_OF_THE_PROTOCOL = frozenset(
    {"type", "role", "model", "object", "stop_reason", "finish_reason", "finishReason", "status"}
)
"""Fields whose short values belong to the protocol and say nothing of the person."""

_ARGUMENTS = frozenset({"input", "arguments", "args", "response"})
"""Fields below which everything is what a tool was given, or gave."""

_WORD = re.compile(r"[A-Za-z0-9_.:/@+\[\]-]{1,40}")
_EVENT = re.compile(r"event: ?[A-Za-z0-9_.]{1,40}")


def shape(body: bytes) -> bytes:
    """Return the shape of JSON, or of a stream of it; of anything else only the size."""
    with suppress(ValueError, RecursionError):
        return json_bytes.write(_shape(json_bytes.read(body)))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"[{len(body):,} bytes]".encode()
    return "\n".join(_line(line) for line in text.split("\n")).encode()


def _line(line: str) -> str:
    """Return a line of a stream; event names stay."""
    lead, brace, rest = line.partition("{")
    if brace and lead.strip() in {"", "data:"}:
        with suppress(ValueError, RecursionError):
            return (
                lead + json_bytes.write(_shape(json_bytes.read((brace + rest).encode()))).decode()
            )
    word = line.strip()
    if not word or word in {"data: [DONE]", "[", "]", ","} or _EVENT.fullmatch(word):
        return line
    return length_of(line)


def _shape(value: Any, key: str = "", *, kept: bool = True) -> Any:
    """`kept` tells that words of the protocol stay as they are."""
    if isinstance(value, dict):
        return {
            name: _shape(item, name, kept=kept and name not in _ARGUMENTS)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_shape(item, key, kept=kept) for item in value]
    if isinstance(value, str) and not (kept and key in _OF_THE_PROTOCOL and _WORD.fullmatch(value)):
        return length_of(value)
    return value


def length_of(text: str) -> str:
    """Return what stands for a text that is left out."""
    return f"[{len(text):,} characters]"
