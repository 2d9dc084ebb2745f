"""Numbers as a narrow column can show them."""

from datetime import datetime
from math import ceil

_STEPS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def count(number: float) -> str:
    """Write a count in at most five characters: 812, 4.0k, 32k, 1.2M."""
    for size, letter in _STEPS:
        if number >= size * 0.9995:
            scaled = number / size
            return f"{scaled:.1f}{letter}" if scaled < 9.95 else f"{scaled:.0f}{letter}"
    return f"{number:.0f}"


def seconds(value: float | None) -> str:
    """Write a duration: 0.82s, 2.8s, 41s, 5m12, 2h05; nothing when there is none."""
    if value is None:
        return ""
    if value < 0.995:
        return f"{value:.2f}s"
    if value < 9.95:
        return f"{value:.1f}s"
    if value < 99.5:
        return f"{value:.0f}s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}"
    return f"{minutes // 60}h{minutes % 60:02}"


def countdown(value: float) -> str:
    """Write how long something lasts yet: 00:42, 12:05, 2:00:00."""
    minutes, rest = divmod(max(0, ceil(value)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def dollars(value: float) -> str:
    """Write US dollars: $0.0123."""
    return "<$0.0001" if 0 < value < 0.0001 else f"${value:,.4f}"


def cents(value: float) -> str:
    """Write a sum of US dollars where there is little room: $4.12, <$0.01."""
    return "<$0.01" if 0 < value < 0.005 else f"${value:,.2f}"


def price(value: float) -> str:
    """Write US dollars without their sign, in at most five characters: 0.012, 4.12, 38.5, 412."""
    if value < 0.0005:
        return "<.001" if value else "0"
    for below, digits in ((0.9995, 3), (9.995, 2), (99.95, 1)):
        if value < below:
            return f"{value:.{digits}f}"
    return count(value)


def percent(part: float, whole: float) -> str:
    """Write a share; nothing when there is no whole."""
    return f"{part / whole:.0%}" if whole else ""


def clock_or_day(timestamp: float, now: float) -> str:
    """Write a time of day in the user's zone, with its date where that is another day: 11-27 14:03."""
    then, today = (datetime.fromtimestamp(one).astimezone() for one in (timestamp, now))
    return then.strftime("%H:%M:%S" if then.date() == today.date() else "%m-%d %H:%M")


def clock(timestamp: float) -> str:
    """Write a time of day in the user's zone."""
    return datetime.fromtimestamp(timestamp).astimezone().strftime("%H:%M:%S")


def moment(timestamp: float) -> str:
    """Write date and time of day in the user's zone."""
    return datetime.fromtimestamp(timestamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def size(number: int) -> str:
    """Write a number of bytes."""
    return f"{number} B" if number < 1000 else f"{count(number)}B"
