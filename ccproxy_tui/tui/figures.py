"""Running figures for header and panes, from calls as they begin and end."""

import time
from collections import Counter, deque
from typing import Literal

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.tui.progress import only_counts
from ccproxy_tui.tui.spent_today import SpentToday

Health = Literal["unknown", "good", "degraded", "down"]

SPARK_SECONDS = 10
SPARK_BARS = 30
_RECENT = 200
_PROVIDER_RECENT = 10
_DOWN_AFTER = 3


class Figures:
    """What the calls since the start of the app add up to."""

    def __init__(self) -> None:
        self.live: dict[int, Call] = {}
        self.tokens_in = 0
        self.tokens_cached = 0
        self.tokens_out = 0
        self.spent_today = SpentToday()
        self.calls_by_key: Counter[str] = Counter()
        self.used_keys: set[str] = set()
        self.used_proxies: set[tuple[str, str]] = set()
        """Group and alias of those that caught a call in this run."""
        self.used_providers: set[str] = set()
        self._begun: deque[float] = deque()
        self._failed: deque[bool] = deque(maxlen=_RECENT)
        self._providers: dict[str, deque[bool]] = {}

    def take(self, call: Call, *, new: bool) -> None:
        """Take in a call that is new or has changed."""
        if new:
            self.calls_by_key[call.key] += 1
            self._begun.append(call.started_at)
        self._note_use(call)
        if call.live:
            self.live[call.id] = call
        elif new or call.id in self.live:
            self.live.pop(call.id, None)
            self._end(call)

    def _note_use(self, call: Call) -> None:
        if call.key:
            self.used_keys.add(call.key)
        if call.alias:
            self.used_proxies.add((call.group, call.alias))
        if call.provider:
            self.used_providers.add(call.provider)

    def remember(self, call: Call) -> None:
        """Take in a call of an earlier run, which does not count for the rates."""
        self.calls_by_key[call.key] += 1

    def _end(self, call: Call) -> None:
        self._failed.append(call.phase is Phase.FAILED)
        self.spent_today.take(call, time.time())
        if not only_counts(call):
            self.tokens_in += call.tokens.context
            self.tokens_cached += call.tokens.cache_read
            self.tokens_out += call.tokens.output
        if call.provider and call.phase is not Phase.CANCELLED:
            recent = self._providers.setdefault(call.provider, deque(maxlen=_PROVIDER_RECENT))
            recent.append(call.phase is Phase.FAILED and call.status not in {400, 404, 413, 422})

    def health(self, provider: str) -> Health:
        """Say how the last calls to a provider went."""
        recent = self._providers.get(provider)
        if not recent:
            return "unknown"
        if len(recent) >= _DOWN_AFTER and all(list(recent)[-_DOWN_AFTER:]):
            return "down"
        return "degraded" if any(recent) else "good"

    @property
    def failed_share(self) -> float | None:
        """The share of failures among the last calls, None before the first end."""
        return sum(self._failed) / len(self._failed) if self._failed else None

    def per_minute(self, now: float) -> int:
        """Count the calls that began in the last minute."""
        self._forget(now)
        return sum(begun > now - 60 for begun in self._begun)

    def spark(self, now: float) -> list[int]:
        """Count the calls in each slot of `SPARK_SECONDS`, the newest last."""
        self._forget(now)
        slots = [0] * SPARK_BARS
        for begun in self._begun:
            age = int((now - begun) // SPARK_SECONDS)
            if 0 <= age < SPARK_BARS:
                slots[-1 - age] += 1
        return slots

    def _forget(self, now: float) -> None:
        while self._begun and self._begun[0] < now - SPARK_SECONDS * SPARK_BARS:
            self._begun.popleft()
