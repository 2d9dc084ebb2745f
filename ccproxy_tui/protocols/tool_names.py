"""Tool names for an upstream that allows fewer of them than the client does."""

import re
from hashlib import sha256
from typing import Final

_ILLEGAL: Final = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST: Final = 64
_HASH: Final = 8


class ToolNames:
    """What each tool of one request is called upstream, and back again.

    A name that has to change always changes in the same way, for the sake of prompt caches.
    """

    def __init__(self) -> None:
        self._originals: dict[str, str] = {}

    def wire(self, name: str) -> str:
        """Give the name to send: `name` itself where the upstream can take it."""
        clean = _ILLEGAL.sub("_", name)
        if clean == name and 0 < len(name) <= _LONGEST:
            return name
        digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
        short = f"{clean[: _LONGEST - _HASH - 1]}_{digest}"
        self._originals[short] = name
        return short

    def original(self, name: str) -> str:
        """Give the client's name for a tool that the upstream calls `name`."""
        return self._originals.get(name, name) if self._originals else name
