"""What the picture may ask about calls that are over; the journal answers."""

from collections.abc import Sequence
from typing import Protocol

from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.traffic.totals import Slot


class Records(Protocol):
    """The memory of calls."""

    async def recent(self, limit: int, *, before: int | None = None) -> list[Call]:
        """Return the newest calls, or the newest of those with an id below `before`, oldest first."""

    async def exchange(self, call_id: int) -> Exchange | None:
        """Return the messages of a call, None when they were not kept."""

    async def containing(self, text: str, ids: Sequence[int]) -> set[int]:
        """Tell which of some calls have a text in one of their bodies; case does not count."""

    async def annotate(self, call_id: int, *, marked: bool, remark: str) -> None:
        """Keep a person's mark and remark on a call."""

    async def slots(self, since: float) -> list[Slot]:
        """Return what calls that began since then add up to, in quarters of an hour."""
