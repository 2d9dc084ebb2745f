"""Whether a text stands in a body: as it is, as JSON escapes it, or in pieces over a stream."""

import re
from dataclasses import fields
from itertools import pairwise

from ccproxy_tui.traffic.call import Exchange

_MESSAGES = tuple(field.name for field in fields(Exchange))
_BACKSLASH = rb"\\"
_CONTROLS = {"\n": b"n", "\r": b"r", "\t": b"t"}
_SOMETIMES_ESCAPED = frozenset("<>&'\x7f")
"""ASCII that some write as `\\u003c`, though JSON does not ask for it."""
_PIECE = re.compile(
    rb'"(?:text|content|thinking|reasoning|reasoning_content|arguments|partial_json|delta)"'
    rb'\s*:\s*"((?:[^"\\]|\\.)*)"'
)
"""A piece of a streamed text; what is escaped in it is escaped on its own, so pieces join."""
_STREAMED = (b"data:", b"event:", b"[{")
"""What streamed bodies begin with: events, or Gemini's list."""
_LINES = b"}\n{"
"""What is between the lines of Ollama's streams."""


class BodyText:
    """A text to be looked for in bodies; case does not count."""

    def __init__(self, text: str) -> None:
        self.text = text
        short = re.sub(r"\\+", r"\\", text)
        forms = [
            _forms(character, b"" if before == "\\" else _BACKSLASH)
            for before, character in pairwise(" " + short)
        ]
        runs = b"".join(form if len(form) == 1 else b"\0" for form in forms).split(b"\0")
        self._must = max(runs, key=len, default=b"")
        """The longest part that is never written otherwise: without it, nothing need be tried."""
        self._pattern = None
        if len(self._must) < len(forms):
            parts = (re.escape(form) if len(form) == 1 else form for form in forms)
            self._pattern = re.compile(b"".join(parts))

    def within(self, exchange: Exchange) -> bool:
        """Tell whether one of the four messages of a call has it."""
        seen: set[int] = set()
        for name in _MESSAGES:
            chunks = tuple(getattr(exchange, name).chunks)
            pieces = hash(tuple(map(id, chunks)))
            if pieces not in seen and self.within_body(b"".join(chunks)):
                return True
            seen.add(pieces)
        return False

    def within_body(self, body: bytes) -> bool:
        """Tell whether a body has it."""
        body = body.lower()
        if self._has(body):
            return True
        if not body.startswith(_STREAMED) and _LINES not in body:
            return False
        return self._has(b"".join(_PIECE.findall(body)))

    def _has(self, body: bytes) -> bool:
        if self._must not in body:
            return False
        return self._pattern is None or self._pattern.search(_one_backslash(body)) is not None


def _one_backslash(body: bytes) -> bytes:
    """Shorten every run of backslashes to one, as nobody knows how often a text was escaped.

    Patterns that would try each length of a run would take forever on a long one.
    """
    while b"\\\\" in body:
        body = body.replace(b"\\\\", b"\\")
    return body


def _forms(character: str, escape: bytes) -> bytes:
    """Return how a character may be written: one byte if there is one way only, else a pattern.

    `escape` is the backslash that escapes it, none where one stands before it anyway. Bodies are
    compared in lower case, as far as that is ASCII.
    """
    if character in '"/':
        return (escape and escape + b"?") + character.encode()
    if character == "\\":
        return _BACKSLASH
    if character in _CONTROLS:
        return b"(?:" + character.encode() + b"|" + escape + _CONTROLS[character] + b")"
    if character.isascii() and character not in _SOMETIMES_ESCAPED:
        return character.lower().encode()
    ways: list[bytes] = []
    for written in dict.fromkeys((character, character.lower(), character.upper())):
        plain = written.encode("utf-8", "replace").lower()
        ways += [re.escape(plain), _escaped(written, escape)]
    return b"(?:" + b"|".join(ways) + b")"


def _escaped(text: str, escape: bytes) -> bytes:
    units = text.encode("utf-16-be", "replace")
    written = [b"u%02x%02x" % pair for pair in zip(units[::2], units[1::2], strict=True)]
    return escape + _BACKSLASH.join(written)
