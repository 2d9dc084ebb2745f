"""JSON as lines that unfold: counts on what is folded, long texts over as many lines as they have."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ccproxy_tui.inspection.json_text import own_name
from ccproxy_tui.traffic.call import plain_text
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.widgets.cells import cut
from ccproxy_tui.tui.widgets.lines import Line

_MOST_ITEMS = 1_000
_MOST_TEXT = 100_000
_ON_A_LINE = 100
"""Characters up to which a text is shown in its line alone."""
_PREVIEW = 60
_PREVIEW_ITEMS = 6


def json_nodes(value: Any) -> list[Node]:
    """Return what is in a JSON value, a node each."""
    if isinstance(value, (dict, list)) and value:
        return _children(value)
    return [_node("", "", value)]


def json_text(value: Any) -> str:
    """Return JSON laid out, and a text as it is."""
    if isinstance(value, str):
        return plain_text(value)
    try:
        return plain_text(json.dumps(value, ensure_ascii=False, indent=2))
    except RecursionError:
        return "(nested too deeply to be laid out)"


def preview(value: Any, most: int = _PREVIEW) -> str:
    """Return the beginnings of what is in a value, in one line."""
    if not isinstance(value, (dict, list)):
        return cut(_scalar(value[:most] if isinstance(value, str) else value), most)
    parts = []
    items = value.items() if isinstance(value, dict) else (("", item) for item in value)
    for name, item in islice(items, _PREVIEW_ITEMS):
        said = own_name(item).lstrip() or _scalar(item, most // 2)
        parts.append(f"{plain_text(name)}: {said}" if name else said)
    return cut("  ".join(parts), most)


def text_nodes(text: str, whole: str | None = None) -> list[Node]:
    """Return a text's lines, a node each; `whole` is what copying any of them gives."""
    shown = text[:_MOST_TEXT]
    lines = shown.split("\n")
    nodes = [Node(number, Line(line, hang=0), text=whole) for number, line in enumerate(lines)]
    if len(text) > len(shown):
        nodes.append(
            _more(f"{len(text) - len(shown):,} characters", text if whole is None else whole)
        )
    return nodes


def _more(what: str, whole: str) -> Node:
    return Node("more", Line(f"… {what} more: o opens all of it, y copies it", "warn"), text=whole)


def _children(value: dict[str, Any] | list[Any]) -> list[Node]:
    items: Iterator[tuple[Any, str, Any]]
    if isinstance(value, dict):
        items = ((key, plain_text(key), item) for key, item in value.items())
    else:
        items = ((at, f"[{at}]{own_name(item)}", item) for at, item in enumerate(value))
    nodes = [_node(key, label, item) for key, label, item in islice(items, _MOST_ITEMS)]
    if len(value) > _MOST_ITEMS:
        nodes.append(_more(f"{len(value) - _MOST_ITEMS:,}", json_text(value)))
    return nodes


def _node(key: Any, label: str, value: Any) -> Node:
    label = f"{label}: " if label else ""
    if isinstance(value, (dict, list)) and value:
        return Node(
            key,
            Line(label + _counted(value), lead=len(label)),
            lambda: _children(value),
            text=lambda: json_text(value),
            summary=preview(value),
        )
    if isinstance(value, str) and ("\n" in value or len(value) > _ON_A_LINE):
        return _text_node(key, label, value)
    return Node(key, Line(label + _scalar(value), lead=len(label)), text=lambda: json_text(value))


def _text_node(key: Any, label: str, value: str) -> Node:
    """Return a long text: its beginning, and below it all of it."""
    start = _scalar(value[:_PREVIEW].partition("\n")[0])[:-1]
    size = f"{value.count(chr(10)) + 1:,} lines, {len(value):,} characters"
    return Node(
        key,
        Line(f"{label}{start}…", lead=len(label)),
        lambda: text_nodes(plain_text(value), plain_text(value)),
        text=lambda: plain_text(value),
        summary=size,
    )


def _counted(value: dict[str, Any] | list[Any]) -> str:
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}{len(value) or ''}{closing}"


def _scalar(value: Any, most: int = 0) -> str:
    if most and isinstance(value, str) and len(value) > most:
        value = value[:most] + "…"
    if isinstance(value, (dict, list)):
        return _counted(value)
    return plain_text(json.dumps(value, ensure_ascii=False))
