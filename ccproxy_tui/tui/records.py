"""What the picture may ask about calls that are over; the journal answers."""

from typing import Protocol

from ccproxy_tui.traffic.call import Call, Exchange


class Records(Protocol):
    """The memory of calls."""

    async def recent(self, limit: int) -> list[Call]:
        """Return the newest calls, oldest first."""

    async def exchange(self, call_id: int) -> Exchange | None:
        """Return the messages of a call, None when they were not kept."""
