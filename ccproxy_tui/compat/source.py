"""A model's text as a reader sees it: it comes in pieces, and what was read is let go.

Readers are generators that yield when they need more of it. So a grammar is written as if the
text were all there, and each function goes on where it was when the next piece has come.
"""

import re
from collections.abc import Generator
from typing import TypeAlias, TypeVar

import regex

_T = TypeVar("_T")

Steps = Generator[None, None, _T]
"""Something that needs more text each time it yields, and gives a `_T` in the end."""
_MOST_UNDECIDED = 4096
"""Characters that are held back at most because they could still become a match."""
_SPACE = re.compile(r"\s+")

Pattern: TypeAlias = regex.Pattern[str]
Match: TypeAlias = regex.Match[str]


class Source:
    """The part of the text that has come and was not read yet."""

    def __init__(self) -> None:
        self.text = ""
        self.at = 0
        self.ended = False
        self.cut = False
        """Whether it has ended where the model would have gone on."""
        self.before = "\n"
        """The last character that was read; the text begins a line."""
        self._kept: list[str] | None = None

    def feed(self, piece: str) -> None:
        """Take more of the text; no place found in it before is valid any more."""
        self.text = self.text[self.at :] + piece
        self.at = 0

    def end(self, *, cut: bool) -> None:
        """Say that there will be no more."""
        self.ended, self.cut = True, cut

    def take(self, to: int) -> str:
        """Read up to the place `to`."""
        taken = self.text[self.at : to]
        if taken:
            self.at = to
            self.before = taken[-1]
            if self._kept is not None:
                self._kept.append(taken)
        return taken

    def take_all(self) -> str:
        """Read all that is there."""
        return self.take(len(self.text))

    def forget(self) -> None:
        """Keep no longer what is read."""
        self._kept = None

    @property
    def is_drained(self) -> bool:
        """Whether nothing is there to be read."""
        return self.at == len(self.text)

    def keep(self) -> None:
        """Keep what is read from here on, to be given back by `kept`."""
        self._kept = []

    def kept(self) -> str:
        """Give what was kept, and keep no longer."""
        kept, self._kept = self._kept or [], None
        return "".join(kept)

    def more(self) -> Steps[bool]:
        """Wait for more; False when there will be none."""
        if self.ended:
            return False
        yield
        return True

    def match(self, pattern: Pattern, last: Pattern | None = None) -> Steps[Match | None]:
        """Match here, waiting as long as more text could still make it a match, but not for ever.

        Once the text has ended, `last` takes the pattern's place.
        """
        while not self.ended:
            found = pattern.match(self.text, self.at, partial=True)
            if found is None or not found.partial:
                return found
            if len(self.text) - self.at > _MOST_UNDECIDED:
                return None
            yield
        return (last or pattern).match(self.text, self.at)

    def accept(self, pattern: Pattern, last: Pattern | None = None) -> Steps[Match | None]:
        """Match here, and read what has matched."""
        found = yield from self.match(pattern, last)
        if found is not None:
            self.take(found.end())
        return found

    def skip_space(self) -> Steps[None]:
        """Read all whitespace."""
        while True:
            if found := _SPACE.match(self.text, self.at):
                self.take(found.end())
            if not self.is_drained or not (yield from self.more()):
                return
