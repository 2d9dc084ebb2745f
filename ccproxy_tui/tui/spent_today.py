"""What the calls of this day have cost, for the header."""

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.usage import midnight

_LONGEST_DAY = 25.5 * 3600
"""Seconds; a little more than a day has when clocks are put back."""


class SpentToday:
    """US dollars since midnight, as far as prices are known."""

    def __init__(self) -> None:
        self._begun = self._next = 0.0
        self._money = 0.0

    def remember(self, money: float, now: float) -> None:
        """Add what calls of earlier runs have cost today."""
        self._turn(now)
        self._money += money

    def take(self, call: Call, now: float) -> None:
        """Add a call that has just ended."""
        self._turn(now)
        if call.started_at >= self._begun:
            self._money += call.cost or 0.0

    def amount(self, now: float) -> float:
        """Return the sum; at midnight it begins anew."""
        self._turn(now)
        return self._money

    def _turn(self, now: float) -> None:
        if not self._begun <= now < self._next:
            self._begun, self._money = midnight(now), 0.0
            self._next = midnight(self._begun + _LONGEST_DAY)
