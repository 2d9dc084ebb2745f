"""Times as a filter takes them: 10m ago, 14:30, 2026-11-30, today."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccproxy_tui.tui.filters.terms import FilterError, UnfinishedError, Value

_AGO = re.compile(r"(\d+(?:\.\d+)?)(s|m|min|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[t ](\d\d?:\d\d(?::\d\d)?))?")
_CLOCK = re.compile(r"\d\d?:\d\d(?::\d\d)?")
_BEGUN = re.compile(r"\d[\dt: -]*|[\d.]*")
_DAYS = {"today": 0, "yesterday": 1}


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: so many seconds ago whenever one looks, or one that stays."""

    ago: float | None = None
    first: float = 0.0
    """Seconds since the epoch."""
    last: float = 0.0
    """When the day ends that was meant, if it was a day; else as `first`."""


def moment(name: str, value: Value, now: float) -> Moment:
    """Read a value as a point in time. Raises `FilterError`."""
    text = value.text.lower()
    try:
        if value.test:
            raise ValueError(value.test)
        return _read(text, datetime.fromtimestamp(now).astimezone())
    except (ValueError, OverflowError):
        problem = f"{name}: takes an age or a time: 10m, 3d, 14:30, 2026-11-30, today"
        begun = not value.test and (
            _BEGUN.fullmatch(text) or any(day.startswith(text) for day in _DAYS)
        )
        error = UnfinishedError if begun else FilterError
        raise error(problem, value.start, value.end) from None


def _read(text: str, now: datetime) -> Moment:
    if (found := _AGO.fullmatch(text)) is not None:
        return Moment(ago=float(found[1]) * _SECONDS[found[2]])
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text in _DAYS:
        return _day(midnight - timedelta(days=_DAYS[text]))
    if _CLOCK.fullmatch(text) is not None:
        time = _time(text, midnight)
        return _point(time if time <= now else time - timedelta(days=1))
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day = datetime.fromisoformat(found[1]).astimezone()
    return _day(day) if found[2] is None else _point(_time(found[2], day))


def _time(text: str, day: datetime) -> datetime:
    hour, minute, second = (*map(int, text.split(":")), 0)[:3]
    return day.replace(hour=hour, minute=minute, second=second)


def _day(start: datetime) -> Moment:
    return Moment(first=start.timestamp(), last=(start + timedelta(days=1)).timestamp())


def _point(time: datetime) -> Moment:
    return Moment(first=time.timestamp(), last=time.timestamp())
