"""What calls have used over a time: summed up by group, alias, target, key or session, and in bars."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccproxy_tui.traffic.totals import SLOT_SECONDS, Slot, Totals

_HOUR = 3600.0
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Period:
    """A time up to now, and the bars that it is drawn in."""

    title: str
    bars: int
    bar_seconds: float
    label: str
    """How a bar's start is written, for `strftime`."""
    since_midnight: bool = False

    def since(self, now: float) -> float:
        """Return when it begins, in seconds since the epoch."""
        if self.since_midnight:
            return midnight(now)
        end = now // SLOT_SECONDS * SLOT_SECONDS + SLOT_SECONDS
        return end - self.bars * self.bar_seconds


PERIODS = (
    Period("Today", 24, _HOUR, "%H", since_midnight=True),
    Period("24 hours", 24, _HOUR, "%H"),
    Period("7 days", 28, 6 * _HOUR, "%a"),
    Period("30 days", 30, _DAY, "%d"),
)

DIMENSIONS: Mapping[str, Callable[[Slot], str]] = {
    "group": lambda slot: slot.group,
    "alias": lambda slot: f"{slot.group}: {slot.alias}" if slot.alias else "",
    "target": lambda slot: slot.target,
    "key": lambda slot: slot.key,
    "session": lambda slot: slot.session,
}
"""What usage is summed up by, and the name that a slot has there; empty for none."""

MEASURES: Mapping[str, Callable[[Totals], float]] = {
    "money, $": lambda totals: totals.money,
    "requests": lambda totals: totals.calls,
    "failed": lambda totals: totals.failed,
    "tokens in": lambda totals: totals.tokens.context,
    "tokens out": lambda totals: totals.tokens.output,
    "first content p95, s": lambda totals: totals.ttft.percentile(0.95) or 0.0,
    "tokens a second p50": lambda totals: totals.speed.percentile(0.5) or 0.0,
}
"""What can be drawn in bars."""


@dataclass(frozen=True, slots=True)
class Used:
    """What one of a dimension has used."""

    name: str
    totals: Totals


def midnight(now: float) -> float:
    """Return when the day began, by this machine's clock."""
    day = datetime.fromtimestamp(now).astimezone()
    return day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def total(slots: Sequence[Slot]) -> Totals:
    """Add up all of it."""
    totals = Totals()
    for slot in slots:
        totals.merge(slot.totals)
    return totals


def by(dimension: str, slots: Sequence[Slot]) -> list[Used]:
    """Add up by a dimension: what has cost the most comes first, then what has read the most."""
    name_of = DIMENSIONS[dimension]
    found: dict[str, Totals] = {}
    for slot in slots:
        found.setdefault(name_of(slot), Totals()).merge(slot.totals)
    rows = [Used(name, totals) for name, totals in found.items()]
    return sorted(rows, key=lambda one: (-one.totals.money, -one.totals.tokens.context, one.name))


def bars(period: Period, slots: Sequence[Slot], now: float) -> list[tuple[str, Totals]]:
    """Add up in the period's bars, each with its label; the newest is the last one."""
    starts = _starts(period, now)
    found = [Totals() for _ in starts]
    for slot in slots:
        place = sum(start <= slot.start for start in starts) - 1
        if place >= 0:
            found[place].merge(slot.totals)
    labels = [datetime.fromtimestamp(start).astimezone().strftime(period.label) for start in starts]
    return list(zip(labels, found, strict=True))


def _starts(period: Period, now: float) -> list[float]:
    """Return when the bars begin; those of a day by its clock, which may leap."""
    first = period.since(now)
    if not period.since_midnight:
        return [first + number * period.bar_seconds for number in range(period.bars)]
    day = datetime.fromtimestamp(first).astimezone()
    naive = day.replace(tzinfo=None)
    hours = (naive + timedelta(hours=number) for number in range(period.bars))
    return sorted(hour.astimezone().timestamp() for hour in hours)
