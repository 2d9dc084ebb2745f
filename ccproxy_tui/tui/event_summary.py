"""What an event of a stream says, in a few words, whatever protocol it is of."""

from collections.abc import Iterator
from typing import Any

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection.events import StreamEvent
from ccproxy_tui.tui.json_nodes import preview
from ccproxy_tui.tui.widgets.cells import cut

_DULL = frozenset(
    {
        "id", "object", "created", "created_at", "model", "index", "system_fingerprint", "logprobs",
        "obfuscation", "sequence_number", "item_id", "output_index", "content_index", "role",
        "responseId", "modelVersion", "service_tier",
    }
)  # fmt: skip
"""Fields that are the same in every event, or count them."""
_MOST = 200
_VALUE = 50
_PARTS = 4


def event_summary(event: StreamEvent) -> tuple[bool, str]:
    """Tell whether an event has JSON to unfold, and what is in it."""
    try:
        value = json_bytes.read(event.data)
    except (ValueError, RecursionError):
        return False, cut(event.data[: _MOST * 4].decode("utf-8", "replace"), _MOST)
    if not isinstance(value, (dict, list)):
        return False, preview(value, _MOST)
    leaves = [leaf for leaf in _leaves(value) if leaf != ("type", event.name)]
    telling = [leaf for leaf in leaves if leaf[0] != "type"] or leaves
    parts = (f"{name}: {preview(item, _VALUE)}" for name, item in telling[:_PARTS])
    return True, cut("  ".join(parts), _MOST)


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Give the plain values that say something, each with its field's name."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        name, item = waiting.pop()
        if isinstance(item, dict):
            waiting += [(key, item[key]) for key in reversed(item) if key not in _DULL]
        elif isinstance(item, list):
            waiting += [(name, one) for one in reversed(item)]
        elif item is not None and item != "":
            yield name, item
