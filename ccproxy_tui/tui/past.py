"""The calls of earlier runs: the newest at once, older ones bit by bit, for nobody waits for them."""

import asyncio

from ccproxy_tui.tui.drain import Drain
from ccproxy_tui.tui.records import Records

FIRST = 1_000
MORE = 2_500
_BREATH = 0.03
"""Seconds for others between two bits."""


class Past:
    """Brings recorded calls into the log until it is full, or there are no others."""

    def __init__(self, records: Records, drain: Drain) -> None:
        self._records = records
        self._drain = drain
        self._before: int | None = None
        self.more = True
        """Whether there may be older calls that the log has room for."""

    async def bring(self) -> None:
        """Bring some more calls."""
        first = self._before is None
        limit = FIRST if first else MORE
        if not first:
            await asyncio.sleep(_BREATH)
        calls = await self._records.recent(limit, before=self._before)
        room = self._drain.remember(calls)
        self.more = room and len(calls) == limit
        if calls:
            self._before = calls[0].id
