"""What each access key may use: requests a minute, tokens and money a calendar day.

A call is measured when it begins and counted when it ends, so none is ever cut; several at once
may together go over.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from datetime import time as time_of_day

from ccproxy_tui.config.models import AccessKey
from ccproxy_tui.gateway.errors import RefusedError
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.spent import Spent

_MINUTE = 60.0
_NOTHING = Spent()
_TOO_FAST = "rate_limit_exceeded"
_SPENT = "insufficient_quota"
"""The words of OpenAI's APIs, which alone have a field for them; the other three say 429."""


def today() -> date:
    """Return the calendar day of this machine."""
    return datetime.now(UTC).astimezone().date()


def beginning(day: date) -> float:
    """Return when a day of this machine's calendar began, in seconds since the epoch."""
    return datetime.combine(day, time_of_day()).timestamp()


class KeyLimits:
    """What the access keys have used, by their names: a key that is renamed starts anew."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = today,
    ) -> None:
        """`clock` gives seconds that never jump, `today` the calendar day."""
        self._clock = clock
        self._today = today
        self._day = today()
        self._midnight = beginning(self._day)
        self._spent: dict[str, Spent] = {}
        self._admitted: dict[str, deque[float]] = {}

    def seed(self, spent: Mapping[str, Spent]) -> None:
        """Begin with what the keys have used today already."""
        self._spent = dict(spent)

    def admit(self, key: AccessKey) -> None:
        """Let a call of this key begin, which then counts as one request.

        Raises `RefusedError` (429) when the key has reached one of its limits.
        """
        spent = self._spent_today().get(key.name, _NOTHING)
        if key.tokens_per_day is not None and spent.tokens >= key.tokens_per_day:
            used, limit = _tokens(spent.tokens), _tokens(key.tokens_per_day)
            raise _day_is_spent(key, used, limit, "tokens/day")
        if key.money_per_day is not None and spent.money >= key.money_per_day:
            used, limit = _dollars(spent.money), _dollars(key.money_per_day)
            raise _day_is_spent(key, used, limit, "money/day")
        if key.requests_per_minute is not None:
            self._admit_in_minute(key, key.requests_per_minute)

    def _admit_in_minute(self, key: AccessKey, limit: int) -> None:
        now = self._clock()
        admitted = self._admitted.setdefault(key.name, deque())
        while admitted and admitted[0] <= now - _MINUTE:
            admitted.popleft()
        if len(admitted) < limit:
            admitted.append(now)
            return
        # the limit may just have been lowered, so it is not always the oldest that has to go
        wait = math.ceil(admitted[-limit] + _MINUTE - now)
        raise RefusedError(
            429,
            f'the access key "{key.name}" has made its {limit:,} requests of the last minute; the '
            f"next one is free in {wait} s, or raise requests/min in the Keys pane",
            _TOO_FAST,
            retry=False,
            retry_after=wait,
        )

    def note(self, call: Call) -> None:
        """Count what an ended call has used, however it ended; its cost must be known by now.

        As in the journal, a call belongs to the day on which it began.
        """
        spent = self._spent_today()
        if call.key and call.started_at >= self._midnight:
            spent[call.key] = spent.get(call.key, _NOTHING) + Spent.by(call)

    def _spent_today(self) -> dict[str, Spent]:
        day = self._today()
        if day != self._day:
            self._day, self._midnight, self._spent = day, beginning(day), {}
        return self._spent


def _day_is_spent(key: AccessKey, used: str, limit: str, field: str) -> RefusedError:
    return RefusedError(
        429,
        f'the access key "{key.name}" has used {used} today, and may use {limit} a day; its day '
        f"ends at midnight, or raise {field} in the Keys pane",
        _SPENT,
        retry=False,
    )


def _tokens(number: int) -> str:
    return f"{number:,} tokens"


def _dollars(amount: float) -> str:
    """Write an amount, of less than a dollar with as many digits as it takes."""
    amount = round(amount, 6)
    if amount >= 1 or amount == round(amount, 2):
        return f"${amount:,.2f}"
    return f"${amount:.6f}".rstrip("0")
