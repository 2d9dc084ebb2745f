"""Keeps the log to a filter: while it is typed, as time passes, and as bodies are searched."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.call_log import CallLog
from ccproxy_tui.tui.filters.body_search import BodySearch
from ccproxy_tui.tui.filters.call_filter import CallFilter, parse
from ccproxy_tui.tui.filters.terms import FilterError
from ccproxy_tui.tui.records import Records

TYPING_PAUSE = 0.3
"""Seconds without a key after which bodies are searched."""
_STEPS = 100.0
"""In how many steps a `since:10m` moves on by its own length."""
_SLACK = 60.0
"""Seconds by which calls may be out of the order in which they began."""


class Filtering:
    """The filter of a log."""

    def __init__(self, log: CallLog, records: Records) -> None:
        self._log = log
        self._bodies = BodySearch(records)
        self._filter: CallFilter | None = None
        self._whole: CallFilter | None = None
        self._moved_on: dict[float, float] = {}
        self._pause_until = 0.0
        self.problem: FilterError | None = None
        """What is wrong with the text as it stands."""

    @property
    def on(self) -> bool:
        """Whether something is filtered."""
        return self._filter is not None

    @property
    def searches(self) -> bool:
        """Whether there are bodies to be searched, with `search`."""
        return self._bodies.searching

    @property
    def progress(self) -> str:
        """Say how far the search in bodies is; nothing when there is none."""
        bodies = self._bodies
        if not bodies.searching:
            return ""
        return f"searching bodies… {bodies.done:,} of {bodies.total:,}"

    def read(self, text: str, *, typing: bool) -> bool:
        """Take a filter as it stands; tells whether the log shows other calls now.

        One that is wrong leaves in force what was right. While it is typed, the beginning of a
        field is no word yet.
        """
        self.problem = None
        try:
            wanted = parse(text, self._bodies.verdicts, typing=typing)
        except FilterError as problem:
            self.problem = problem
            wanted = self._whole
        else:
            if not typing or _is_whole(text):
                self._whole = wanted
        self._pause_until = time.monotonic() + (TYPING_PAUSE if typing else 0.0)
        if wanted is self._filter:
            return False
        self._filter = wanted
        self._log.keep(wanted.matches if wanted else None)
        self._moved_on = dict.fromkeys(wanted.ages if wanted else (), time.time())
        self.look_again()
        return True

    def look_again(self) -> None:
        """Let bodies be searched of all calls that there are, where that is not done yet."""
        wanted = self._filter
        texts, facts = (wanted.texts, wanted.facts) if wanted else ((), None)
        self._bodies.begin(texts, facts, self._log.backwards)

    def take(self, calls: Iterable[Call]) -> bool:
        """Take notice of calls that have changed; tells whether one of them is to be searched."""
        return self._bodies.add(calls)

    async def search(self) -> AsyncIterator[bool]:
        """Search bodies to the end; tells after each step whether rows moved."""
        while self._bodies.searching:
            pause = self._pause_until - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            else:
                judged = await self._bodies.step()
                yield self._log.judge_again(judged)

    def tick(self, live: Iterable[Call]) -> bool:
        """Let the filter see what time has changed; tells whether rows moved."""
        if self._filter is None:
            return False
        ids = [call.id for call in live] if self._filter.clock else []
        now = time.time()
        for age, then in self._moved_on.items():
            if now - then >= max(1.0, age / _STEPS):
                ids += self._crossing(then - age, now - age)
                self._moved_on[age] = now
        return bool(ids) and self._log.judge_again(ids)

    def _crossing(self, first: float, last: float) -> list[int]:
        """Return the calls that began between two times."""
        ids = []
        for call in self._log.backwards():
            if call.started_at < first - _SLACK:
                break
            if first - _SLACK <= call.started_at <= last:
                ids.append(call.id)
        return ids


def _is_whole(text: str) -> bool:
    """Tell whether a filter does not end in a word that may still become a field."""
    word = text.rpartition(" ")[2]
    return not word.isalpha()
