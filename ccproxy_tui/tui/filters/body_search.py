"""Looks for texts in the messages of calls: newest first, some at a time, each once.

Messages are in memory while a call runs and just after; then they are on disk.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from ccproxy_tui.traffic.body_text import BodyText
from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.tui.call_log import Matches
from ccproxy_tui.tui.records import Records

_AT_ONCE = 200
_SORTED_AT_ONCE = 5_000
_TEXTS = 3
"""Of how many earlier texts it is remembered what was found."""


class BodySearch:
    """What was found so far, and what is still to be looked at."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._verdicts: dict[str, dict[int, bool]] = {}
        self._texts: tuple[str, ...] = ()
        self._passes: Matches | None = None
        self._unsorted: list[Call] = []
        self._waiting: deque[Call] = deque()
        self._begun = 0
        self.done = 0
        self.total = 0
        """Of how many calls `done` have been looked at, for the texts that are looked for now."""

    def verdicts(self, text: str) -> dict[int, bool]:
        """Return whether calls, by their ids, have a text; it grows as the search goes on."""
        return self._verdicts.setdefault(text, {})

    @property
    def searching(self) -> bool:
        """Whether there are calls that nobody has looked at yet."""
        return bool(self._unsorted) or self.done < self.total

    def begin(
        self, texts: tuple[str, ...], passes: Matches | None, calls: Callable[[], Iterable[Call]]
    ) -> None:
        """Look for other texts from now on, in calls that pass; they come newest first."""
        self._texts, self._passes = texts, passes
        self._begun += 1
        self._forget()
        self._unsorted = list(calls()) if texts else []
        self._unsorted.reverse()
        self._waiting.clear()
        self.done = self.total = 0

    def _forget(self) -> None:
        """Keep what was found of the texts that were looked for last."""
        for text in self._texts:
            self._verdicts[text] = self._verdicts.pop(text, {})
        for text in list(self._verdicts)[: -len(self._texts) - _TEXTS]:
            del self._verdicts[text]

    def add(self, calls: Iterable[Call]) -> bool:
        """Look also into calls that have ended just now; tells whether there is one."""
        if not self._texts:
            return False
        ended = [call for call in calls if self._wants(call)]
        self._waiting.extendleft(ended)
        self.total += len(ended)
        return bool(ended)

    def _wants(self, call: Call) -> bool:
        if call.live or (self._passes is not None and not self._passes(call)):
            return False
        return any(call.id not in self.verdicts(text) for text in self._texts)

    async def step(self) -> list[int]:
        """Go on with the search; returns the calls that are judged now, by their ids."""
        if self._unsorted:
            some = self._unsorted[-_SORTED_AT_ONCE:][::-1]
            del self._unsorted[-_SORTED_AT_ONCE:]
            wanted = [call for call in some if self._wants(call)]
            self._waiting += wanted
            self.total += len(wanted)
            await asyncio.sleep(0)
            return []
        texts, begun = self._texts, self._begun
        batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
        try:
            for text in texts:
                verdicts = self.verdicts(text)
                asked = [call for call in batch if call.id not in verdicts]
                found = await self._containing(text, asked)
                verdicts.update((call.id, call.id in found) for call in asked)
        finally:
            if begun == self._begun:
                self.done += len(batch)
        return [call.id for call in batch]

    async def _containing(self, text: str, calls: Sequence[Call]) -> set[int]:
        kept = [(call.id, call.exchange) for call in calls]
        at_hand = [(number, exchange) for number, exchange in kept if exchange is not None]
        written = [number for number, exchange in kept if exchange is None]
        found = await asyncio.to_thread(_having, BodyText(text), at_hand) if at_hand else set()
        return found | await self._records.containing(text, written) if written else found


def _having(text: BodyText, exchanges: Sequence[tuple[int, Exchange]]) -> set[int]:
    return {number for number, exchange in exchanges if text.within(exchange)}
