"""The text of one value inside tags: CDATA, entities, and where it ends.

A value ends at its closing tag only where that is followed by what may follow a value; elsewhere
the same letters are content. Whether entities are decoded is decided by the first `<` or `&`: a
model that escapes has escaped that one as well.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import Final

import regex

from ccproxy_tui.compat.source import Pattern, Source, Steps

_CDATA: Final = regex.compile(r"\s*<!\[CDATA\[")
_FIRST_BREAK: Final = regex.compile(r"\r?\n|(?=[^\r\n])|(?=\r[^\n])")
_SECTION: Final = regex.compile(r"\]\]>\s*<!\[CDATA\[")
_ENTITY: Final = regex.compile(r"&(?:amp|lt|gt|quot|apos|#39|#34);")
_HALF_CLOSED: Final = re.compile(r"\s*</?[\w:.-]*\s*\Z")

Write = Callable[[str], None]


def read_value(
    source: Source,
    end: Pattern,
    last: Pattern,
    write: Write,
    *,
    layout: bool = False,
    entities: bool = True,
) -> Steps[bool]:
    """Read a value up to and with its closing tag, and `write` it piece by piece.

    `end` matches the closing tag with what has to follow it, `last` the closing tag where the text
    has ended. A line break around it is `layout`, and no part of it; `entities` are decoded, unless
    the text shows that nothing is escaped. False when the text ended before the value did, other
    than in the midst of its closing tag.
    """
    if (yield from source.accept(_CDATA)) is not None:
        return (yield from _read_sections(source, end, last, write))
    if layout:
        yield from source.accept(_FIRST_BREAK)
        write = _WithoutLastBreak(write)
    text = _Text(write, may_be_escaped=entities)
    while True:
        at = source.text.find("<", source.at)
        if at < 0:
            text.write(source.take_all())
            if not (yield from source.more()):
                text.end()
                return False
            continue
        text.write(source.take(at))
        if (yield from source.accept(end, last)) is not None:
            text.end()
            return True
        if source.ended and _HALF_CLOSED.match(source.text, source.at):
            source.take_all()
            text.end()
            return not source.cut
        text.write(source.take(source.at + 1))


def _read_sections(source: Source, end: Pattern, last: Pattern, write: Write) -> Steps[bool]:
    closing = regex.compile(rf"\]\]>\s*(?:{end.pattern})", regex.IGNORECASE)
    at_last = regex.compile(rf"\]\]>\s*(?:{last.pattern})", regex.IGNORECASE)
    while True:
        at = source.text.find("]", source.at)
        if at < 0:
            write(source.take_all())
            if not (yield from source.more()):
                return False
            continue
        write(source.take(at))
        if (yield from source.accept(_SECTION)) is not None:
            continue
        if (yield from source.accept(closing, at_last)) is not None:
            return True
        write(source.take(source.at + 1))


class _WithoutLastBreak:
    """Passes text on but for a line break at its end."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._held = ""

    def __call__(self, piece: str) -> None:
        piece = self._held + piece
        cut = len(piece)
        if piece.endswith("\n"):
            cut -= 2 if piece.endswith("\r\n") else 1
        elif piece.endswith("\r"):
            cut -= 1
        self._held = piece[cut:]
        if cut:
            self._write(piece[:cut])


class _Text:
    """Passes text on, and decodes its entities where it is escaped."""

    def __init__(self, write: Write, *, may_be_escaped: bool) -> None:
        self._write = write
        self._escaped: bool | None = None if may_be_escaped else False
        self._held = ""
        """What may be the beginning of an entity."""

    def write(self, piece: str) -> None:
        if not piece:
            return
        if self._escaped is False:
            self._write(piece)
            return
        piece, self._held = self._held + piece, ""
        if self._escaped is None:
            mark = re.search("[<&]", piece)
            if mark is None:
                self._write(piece)
                return
            at = mark.start()
            found = _ENTITY.match(piece, at, partial=True)
            if found is not None and found.partial:
                self._pass_on(piece[:at])
                self._held = piece[at:]
                return
            self._escaped = found is not None
        if not self._escaped:
            self._pass_on(piece)
            return
        at = piece.rfind("&")
        if at >= 0 and (found := _ENTITY.match(piece, at, partial=True)) and found.partial:
            piece, self._held = piece[:at], piece[at:]
        self._pass_on(_ENTITY.sub(lambda found: unescape(found[0]), piece))

    def end(self) -> None:
        self._pass_on(self._held)
        self._held = ""

    def _pass_on(self, piece: str) -> None:
        if piece:
            self._write(piece)
