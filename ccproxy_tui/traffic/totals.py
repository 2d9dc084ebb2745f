"""What calls add up to: counts, tokens, money, and histograms that percentiles are read from.

Totals can be added up again, so that a day is made of its quarters of an hour.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, floor, log

from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.traffic.spent import FREE_OPERATION

_STEP = 1.1
"""A bucket's upper edge is this many times its lower one, so a percentile is 5 % off at most."""
_LEAST = 0.001
_MOST = 1e9
"""What is below the one or above the other counts as much."""


@dataclass(slots=True)
class Histogram:
    """How often values were about so large."""

    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, value: float) -> None:
        """Count a value."""
        self.buckets[floor(log(min(max(_LEAST, value), _MOST) / _LEAST, _STEP))] += 1

    def merge(self, buckets: Mapping[int, int]) -> None:
        """Count all values of another histogram."""
        for bucket, count in buckets.items():
            self.buckets[bucket] += count

    def percentile(self, share: float) -> float | None:
        """Return the value that `share` (0 to 1) of all do not exceed; None where there are none."""
        rank = ceil(self.buckets.total() * share)
        for bucket in sorted(self.buckets):
            rank -= self.buckets[bucket]
            if rank <= 0:
                return _LEAST * float(_STEP ** (bucket + 0.5))
        return None


@dataclass(slots=True)
class Sums:
    """The sum of some calls; calls that only count tokens are left out."""

    calls: int = 0
    failed: int = 0
    cancelled: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    money: float = 0.0
    """US dollars, as far as prices are known."""
    unpriced: int = 0
    """Calls that used tokens and have no price."""

    def add(self, call: Call) -> None:
        """Take in a call that is over."""
        if call.operation == FREE_OPERATION:
            return
        self.calls += 1
        self.failed += call.phase is Phase.FAILED
        self.cancelled += call.phase is Phase.CANCELLED
        tokens = call.tokens.bounded()
        self.add_tokens(tokens)
        self.money += call.money or 0.0
        self.unpriced += call.money is None and tokens.context + tokens.output > 0

    def add_tokens(self, tokens: Tokens) -> None:
        """Take in some tokens."""
        mine = self.tokens
        mine.input += tokens.input
        mine.cache_read += tokens.cache_read
        mine.cache_write += tokens.cache_write
        mine.output += tokens.output
        mine.estimated = mine.estimated or tokens.estimated

    def merge_sums(self, other: "Sums") -> None:
        """Take in what others have added up to."""
        self.calls += other.calls
        self.failed += other.failed
        self.cancelled += other.cancelled
        self.add_tokens(other.tokens)
        self.money += other.money
        self.unpriced += other.unpriced

    @property
    def cached_share(self) -> float:
        """The share of the tokens read that came from a cache, 0 to 1."""
        context = self.tokens.context
        return self.tokens.cache_read / context if context else 0.0


@dataclass(slots=True)
class Totals(Sums):
    """The sum of some calls, with how their times are spread."""

    ttft: Histogram = field(default_factory=Histogram)
    """Seconds to the first content."""
    speed: Histogram = field(default_factory=Histogram)
    """Tokens of output a second, after the first content."""

    def add(self, call: Call) -> None:
        """Take in a call that is over."""
        Sums.add(self, call)
        counts = call.phase is Phase.DONE and call.operation != FREE_OPERATION
        if counts and call.ttft is not None:
            self.ttft.add(call.ttft)
            if (rate := output_rate(call)) is not None:
                self.speed.add(rate)

    def merge(self, other: "Totals") -> None:
        """Take in what others have added up to."""
        self.merge_sums(other)
        self.ttft.merge(other.ttft.buckets)
        self.speed.merge(other.speed.buckets)

    @classmethod
    def of(cls, calls: Iterable[Call]) -> "Totals":
        """Add up calls that are over."""
        totals = cls()
        for call in calls:
            totals.add(call)
        return totals


def output_rate(call: Call) -> float | None:
    """Return the tokens of output a second after the first content; None where that says nothing."""
    if call.duration is None or call.ttft is None or not call.streaming:
        return None
    wrote, output = call.duration - call.ttft, call.tokens.bounded().output
    return output / wrote if wrote > 0.2 and output > 1 else None


@dataclass(frozen=True, slots=True)
class Slot:
    """What the calls of one kind add up to in a quarter of an hour."""

    start: float
    """Seconds since the epoch; a multiple of `SLOT_SECONDS`."""
    group: str
    alias: str
    target: str
    """`provider/model`, empty when none was chosen."""
    key: str
    session: str
    totals: Totals


SLOT_SECONDS = 900
"""Every time zone's midnight is the start of a slot."""
