"""JSON as people read it: long strings over as many lines as they have, small values on one line.

It is laid out in sections, a top-level field or an element of a list in one each, so that two
requests can be compared section by section. There are no commas: a line looks the same whether or
not another one follows.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ccproxy_tui.traffic.call import plain_text

_FENCE = '"""'
_STEP = "  "
_INLINE = 64
"""Characters up to which an object or list of plain values stays on its line."""
_MOST_INLINE = 6
_LONGEST_ON_A_LINE = 72
"""Characters from which on a string gets lines of its own, so that a text shows what was added."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document that is compared as a whole first."""

    name: str
    """Where it is, as in `tools[3] Bash`."""
    lines: tuple[str, ...]


def sections(body: Any) -> list[Section]:
    """Lay out a JSON value; raises `RecursionError` when it is nested too deeply."""
    if not isinstance(body, dict):
        return [Section("", tuple(_value(body, "", "")))]
    found = []
    for key, value in body.items():
        label = f"{_string(key)}: "
        if isinstance(value, list) and value and _inline(value) is None:
            found.append(Section(plain_text(key), (f"{label}[",)))
            found += [
                Section(f"{plain_text(key)}[{at}]{own_name(item)}", tuple(_value(item, _STEP, "")))
                for at, item in enumerate(value)
            ]
            found.append(Section(plain_text(key), ("]",)))
        else:
            found.append(Section(plain_text(key), tuple(_value(value, "", label))))
    return found


def own_name(item: Any) -> str:
    """Return what an element of a list calls itself: a tool's name, a message's role."""
    if not isinstance(item, dict):
        return ""
    inner = item.get("function")
    for holder in (item, inner if isinstance(inner, dict) else {}):
        for key in ("name", "role", "type"):
            if isinstance(name := holder.get(key), str) and (key != "type" or not inner):
                return f" {plain_text(name)[:40]}"
    return ""


def _value(value: Any, indent: str, label: str) -> Iterator[str]:
    """Write a value after its label, in lines that begin with `indent`."""
    start = indent + label
    if isinstance(value, str) and ("\n" in value or len(value) > _LONGEST_ON_A_LINE):
        yield start + _FENCE
        for line in plain_text(value).split("\n"):
            yield indent + _STEP + line
        yield indent + _STEP + _FENCE
    elif not isinstance(value, (dict, list)):
        yield start + _plain(value)
    elif (whole := _inline(value)) is not None:
        yield start + whole
    else:
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        yield start + opening
        items = value.items() if isinstance(value, dict) else (("", item) for item in value)
        for key, item in items:
            named = f"{_string(key)}: " if isinstance(value, dict) else ""
            yield from _value(item, indent + _STEP, named)
        yield indent + closing


def _inline(value: dict[str, Any] | list[Any]) -> str | None:
    """Write a short object or list of plain values in one line; None for any other."""
    if len(value) > _MOST_INLINE:
        return None
    items = value.values() if isinstance(value, dict) else value
    for item in items:
        if isinstance(item, str):
            if len(item) > _INLINE or "\n" in item:
                return None
        elif isinstance(item, (dict, list)) and item:
            return None
    written = _plain(value)
    return written if len(written) <= _INLINE else None


def _string(value: Any) -> str:
    return _plain(value)


def _plain(value: Any) -> str:
    return plain_text(json.dumps(value, ensure_ascii=False))
