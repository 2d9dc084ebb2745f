"""References of a schema to its own parts."""

from typing import Any, Final
from urllib.parse import unquote

from ccproxy_tui.protocols.hub import JsonObject

_MOST_INLINED: Final = 1_000
"""Schemas written in place of references; definitions may multiply each other."""


class References:
    """Follows references; a recursive one is followed so often and no further."""

    def __init__(self, root: JsonObject, *, kept: bool) -> None:
        self._root = root
        self._deepest = 1 if kept else 3
        self._followed: list[str] = []
        self._inlined = 0

    def mark(self) -> int:
        """Note where one schema begins."""
        if self._followed:
            self._inlined += 1
        return len(self._followed)

    def leave(self, mark: int) -> None:
        """Forget the references that were followed since then."""
        del self._followed[mark:]

    def follow(self, ref: str) -> JsonObject | None:
        """Give what is referred to; None when it has been followed often enough."""
        if self._inlined > _MOST_INLINED or self._followed.count(ref) >= self._deepest:
            return None
        self._followed.append(ref)
        return self.target(ref)

    def again(self) -> None:
        """Begin to count anew what is inlined."""
        self._inlined = 0

    def target(self, ref: str) -> JsonObject:
        """Give what a reference of the form `#/$defs/name` points to; empty when nothing is."""
        base, _, pointer = ref.partition("#")
        part: Any = self._root
        if base and base != self._root.get("$id"):
            return {}
        for step in pointer.split("/")[1:] if pointer else []:
            step = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(part, dict):
                part = part.get(step)
            elif isinstance(part, list) and step.isdecimal() and int(step[:6]) < len(part):
                part = part[int(step)]
            else:
                return {}
        return part if isinstance(part, dict) else {}
