"""What clients put between a user's words: `<system-reminder>…</system-reminder>` and the like."""

import re
from collections.abc import Iterator
from typing import Final

_OPENING: Final = re.compile(r"^<([A-Za-z]+(?:[-_][A-Za-z]+)+)>", re.MULTILINE)
"""A tag that begins a line. Those of clients have two words or more, those of pages have one."""
_MOST: Final = 200
"""Asides that are looked for in one text."""


def split_asides(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text into pieces, each with the name of its tag, which is empty for the user's own."""
    at, found = 0, 0
    unclosed: set[str] = set()
    place = 0
    while found < _MOST and (opening := _OPENING.search(text, place)):
        name = opening[1]
        closing = f"</{name}>"
        end = -1 if name in unclosed else text.find(closing, opening.end())
        if end < 0:
            unclosed.add(name)
            place = opening.end()
            continue
        if before := text[at : opening.start()].strip("\n"):
            yield "", before
        yield name, text[opening.end() : end].strip("\n")
        at = place = end + len(closing)
        found += 1
    if (rest := text[at:].strip("\n")) or not at:
        yield "", rest
