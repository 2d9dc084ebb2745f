"""A request in the order in which its vendor reads it, and where two of them part.

Vendors cache a prompt from its beginning on: tools first, then the system prompt, then the
messages, in whatever order the JSON has them. Marks for the cache are no part of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.tokens import PER_IMAGE, count_text
from ccproxy_tui.traffic.call import plain_text

_ORDER: Final[dict[str, tuple[str, ...]]] = {
    "claude": ("tools", "system", "tool_choice", "thinking", "messages"),
    "openai": ("tools", "functions", "messages"),
    "ollama": ("tools", "system", "messages", "prompt"),
    "responses": ("tools", "instructions", "input"),
    "gemini": ("tools", "systemInstruction", "system_instruction", "contents"),
}
"""What of a request is part of the prompt, in the order in which it is read."""
_MARK: Final = "cache_control"
_ATTRIBUTION: Final = b"x-anthropic-billing-header"
_DATA: Final = re.compile(rb"[\w+/=-]{2000,}")
"""What no text has, but base64."""
_AROUND: Final = 40
"""Characters that are shown on both sides of a difference."""
_KNOWN_MOST: Final = 20_000
_known: dict[bytes, int] = {}
"""Tokens of parts that were counted: a session sends the same ones again and again."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A tool, a block of the system prompt, or a message."""

    place: str
    number: int
    """From 1 on."""
    name: str
    """Its own name, or its role."""
    path: Path
    """Where it is in the JSON."""
    value: Any
    """Without marks for the cache."""
    text: bytes
    """The same as JSON."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What stands around the first difference, on both sides."""

    before: str
    """The same on both sides."""
    old: str
    new: str
    old_after: str
    new_after: str


@dataclass(frozen=True, slots=True)
class Parting:
    """Where a request is different from the one before for the first time."""

    index: int
    """Of the part."""
    part: Part | None
    """The part of this request; None where it has ended."""
    old: Part | None
    """That of the one before; None where that one has ended."""
    path: Path = ()
    """Where in the part."""
    character: int = 0
    """Of the text there, from 0 on."""
    excerpt: Excerpt | None = None
    offset: int | None = None
    """Bytes of the request's JSON before it; None where that cannot be told."""
    kept: int = 0
    """Tokens before it, as our tokenizer counts."""


def parts_of(body: Any, protocol: str) -> list[Part]:
    """Give the parts of a request in the order in which they are read."""
    found: list[Part] = []
    for place in _ORDER.get(protocol, ()):
        value = body.get(place) if isinstance(body, dict) else None
        if value is not None:
            found += _parts(place, value)
    return found


def tokens_of(part: Part) -> int:
    """Count the tokens of a part, about."""
    tokens = _known.get(part.text)
    if tokens is None:
        if len(_known) >= _KNOWN_MOST:
            _known.clear()
        tokens = _known[part.text] = _count(part.text)
    return tokens


def is_attribution(part: Part) -> bool:
    """Whether a part is Claude Code's note to its own vendor, and no prompt."""
    return _ATTRIBUTION in part.text[:100]


def part_ways(old: Sequence[Part], new: Sequence[Part], body: bytes) -> Parting | None:
    """Find the first difference; None where one goes on where the other has ended."""
    for index, (one, other) in enumerate(zip(old, new, strict=False)):
        if one.text != other.text or one.place != other.place:
            return _parting(index, one, other, new, body)
    return None


def _parts(place: str, value: Any) -> Iterator[Part]:
    items = _items(place, value)
    for number, (path, item) in enumerate(items, 1):
        plain = _unmarked(item)
        yield Part(place, number, _name(plain), path, plain, json_bytes.write(plain))


def _items(place: str, value: Any) -> list[tuple[Path, Any]]:
    """Give the elements of a part of the request; Gemini's tools and system prompt are nested."""
    if place.startswith("system") and isinstance(value, dict):
        return [((place, "parts", at), one) for at, one in enumerate(_list(value.get("parts")))]
    if not isinstance(value, list):
        return [((place,), value)]
    found: list[tuple[Path, Any]] = []
    for at, item in enumerate(value):
        inner = _declarations(item)
        if inner is None:
            found.append(((place, at), item))
        else:
            name, declared = inner
            found += [((place, at, name, number), one) for number, one in enumerate(declared)]
    return found


def _declarations(item: Any) -> tuple[str, list[Any]] | None:
    if isinstance(item, dict):
        for name in ("functionDeclarations", "function_declarations"):
            if isinstance(item.get(name), list):
                return name, item[name]
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _name(item: Any) -> str:
    inner = item.get("function") if isinstance(item, dict) else None
    for holder in (item, inner):
        if isinstance(holder, dict):
            for key in ("name", "role"):
                if isinstance(name := holder.get(key), str):
                    return plain_text(name)[:80]
    kind = item.get("type") if isinstance(item, dict) else ""
    return plain_text(kind)[:80] if isinstance(kind, str) else ""


def _unmarked(value: Any) -> Any:
    """Give a value without marks for the cache; text alone is a list of one block, as it means."""
    if isinstance(value, dict):
        found = {key: _unmarked(inner) for key, inner in value.items() if key != _MARK}
        if isinstance(found.get("content"), str) and "role" in found:
            found["content"] = [{"type": "text", "text": found["content"]}]
        return found
    if isinstance(value, list):
        return [_unmarked(inner) for inner in value]
    return value


def _count(text: bytes) -> int:
    images = len(_DATA.findall(text))
    plain = _DATA.sub(b"", text) if images else text
    return PER_IMAGE * images + count_text(plain.decode("utf-8", "replace"))


def _parting(index: int, one: Part, other: Part, new: Sequence[Part], body: bytes) -> Parting:
    kept = sum(tokens_of(part) for part in new[:index])
    if one.place != other.place or one.name != other.name:
        begins = one.place == other.place or (index > 0 and new[index - 1].place == other.place)
        offset = _offset(body, other.path, None, 0) if begins else None
        return Parting(index, other, one, offset=offset, kept=kept)
    path, was, now = _descend(one.value, other.value, ())
    character = 0
    if isinstance(was, str) and isinstance(now, str):
        character = _same(was, now)
    excerpt = _excerpt(_text(was), _text(now))
    offset = _offset(body, (*other.path, *path), now, character)
    inside = _inside(other.value, path, now, character)
    if inside is not None:
        kept += _count(other.text[:inside])
    return Parting(index, other, one, path, character, excerpt, offset, kept)


def _descend(one: Any, other: Any, path: Path) -> tuple[Path, Any, Any]:
    """Go down to the first value that differs; a missing one is None."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in other:
            if key not in one:
                return (*path, key), None, other[key]
            if one[key] != other[key]:
                return _descend(one[key], other[key], (*path, key))
        missing = next((key for key in one if key not in other), None)
        return (path, one, other) if missing is None else ((*path, missing), one[missing], None)
    if isinstance(one, list) and isinstance(other, list):
        for at, (was, now) in enumerate(zip(one, other, strict=False)):
            if was != now:
                return _descend(was, now, (*path, at))
        at = min(len(one), len(other))
        if len(one) != len(other):
            return (*path, at), _get(one, at), _get(other, at)
    return path, one, other


def _get(items: list[Any], at: int) -> Any:
    return items[at] if at < len(items) else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json_bytes.write(value).decode("utf-8", "replace")


def _same(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _excerpt(old: str, new: str) -> Excerpt:
    start = _same(old, new)
    rest, other = old[start:], new[start:]
    tail = _same(rest[::-1], other[::-1])
    changed, now = rest[: len(rest) - tail], other[: len(other) - tail]
    return Excerpt(
        plain_text(old[max(0, start - _AROUND) : start]),
        plain_text(changed),
        plain_text(now),
        plain_text(rest[len(changed) : len(changed) + _AROUND]),
        plain_text(other[len(now) : len(now) + _AROUND]),
    )


def _offset(body: bytes, path: Path, leaf: Any, character: int) -> int | None:
    """Tell how many bytes of a request come before a place in it."""
    value = json_bytes.read(body)
    if json_bytes.write(value) != body:
        return None
    return _inside(value, path, leaf, character)


def _inside(value: Any, path: Path, leaf: Any, character: int) -> int | None:
    """Tell how many bytes of a value's JSON come before a place in it."""
    at = 0
    for step in path:
        if isinstance(value, dict):
            at += 1
            for key, inner in value.items():
                name = len(json_bytes.write(key)) + 1
                if key == step:
                    at += name
                    break
                at += name + len(json_bytes.write(inner)) + 1
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            at += 1 + sum(len(json_bytes.write(inner)) + 1 for inner in value[:step])
            value = _get(value, step)
        else:
            break
    if isinstance(value, str) and isinstance(leaf, str):
        at += len(json_bytes.write(value[:character])) - 1
    return at
