"""What calls have used, in words and columns."""

from collections.abc import Callable, Sequence

from ccproxy_tui.traffic.totals import Totals
from ccproxy_tui.tui.quantities import count, dollars, percent, seconds
from ccproxy_tui.tui.usage import Used
from ccproxy_tui.tui.widgets.cells import Cell, one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column
from ccproxy_tui.tui.widgets.rows import Rows

_NAMELESS = "(none)"
_SHARES = {0.5: "p50", 0.95: "p95", 0.99: "p99", 0.05: "slowest 5% up to"}


class UsageRows(Rows[Used]):
    """A row for each that has used something."""

    def __init__(self) -> None:
        super().__init__(
            (
                Column("", _name, 10, grow=1, most=60, least=10, content=_name_width),
                Column("requests", _calls, 8, align="right"),
                Column("failed", _failed, 6, align="right"),
                Column("in", _input, 5, align="right"),
                Column("cached", _cached, 6, align="right", priority=3),
                Column("out", _output, 5, align="right"),
                Column("money", _money, 10, align="right"),
                Column("ttft p50", _ttft(0.5), 8, align="right", priority=4),
                Column("p95", _ttft(0.95), 5, align="right", priority=4),
                Column("tok/s p50", _speed(0.5), 9, align="right", priority=5),
                Column("slow 5%", _speed(0.05), 7, align="right", priority=6),
            )
        )


def summary(totals: Totals) -> str:
    """Return all figures of a time, over three lines."""
    tokens = totals.tokens
    calls = f"{totals.calls:,} request{'' if totals.calls == 1 else 's'}"
    parts = [
        [
            calls,
            f"{totals.failed:,} failed ({percent(totals.failed, totals.calls) or '0%'})",
            f"{totals.cancelled:,} cancelled",
            money(totals),
        ],
        [
            f"in {count(tokens.context)}",
            f"cached {percent(tokens.cache_read, tokens.context) or '0%'}",
            f"written to cache {count(tokens.cache_write)}",
            f"out {count(tokens.output)}",
        ],
        [_percentiles("first content", totals, "ttft"), _percentiles("tokens/s", totals, "speed")],
    ]
    return "\n".join(" · ".join(part for part in line if part) for line in parts)


def money(totals: Totals) -> str:
    """Return what calls have cost, and how many have no price."""
    without = f", {totals.unpriced:,} without a price" if totals.unpriced else ""
    return f"{dollars(totals.money)}{without}"


def as_text(title: str, totals: Totals, rows: Sequence[Used]) -> str:
    """Return all of it for the clipboard."""
    lines = [title, summary(totals), ""]
    lines += [
        "\t".join(
            (
                row.name or _NAMELESS,
                f"{row.totals.calls} requests",
                f"{row.totals.failed} failed",
                f"in {row.totals.tokens.context}",
                f"cached {row.totals.tokens.cache_read}",
                f"out {row.totals.tokens.output}",
                dollars(row.totals.money),
            )
        )
        for row in rows
    ]
    return "\n".join(lines)


def _percentiles(name: str, totals: Totals, which: str) -> str:
    histogram = totals.ttft if which == "ttft" else totals.speed
    if not histogram.buckets:
        return ""
    shares = (0.5, 0.95, 0.99) if which == "ttft" else (0.5, 0.05)
    written = [
        f"{_SHARES[share]} {_written(histogram.percentile(share), which)}" for share in shares
    ]
    return f"{name} {' '.join(written)}"


def _written(value: float | None, which: str) -> str:
    if value is None:
        return ""
    return seconds(value) if which == "ttft" else count(value)


def _name(used: Used) -> Cell:
    return used.name if used.name else (_NAMELESS, "muted")


def _name_width(used: Used) -> int:
    return width_of(one_line(used.name))


def _calls(used: Used) -> Cell:
    return f"{used.totals.calls:,}"


def _failed(used: Used) -> Cell:
    totals = used.totals
    return (percent(totals.failed, totals.calls), "bad") if totals.failed else ("0%", "muted")


def _input(used: Used) -> Cell:
    return count(used.totals.tokens.context)


def _cached(used: Used) -> Cell:
    return percent(used.totals.tokens.cache_read, used.totals.tokens.context), "muted"


def _output(used: Used) -> Cell:
    return count(used.totals.tokens.output)


def _money(used: Used) -> Cell:
    if not used.totals.money and used.totals.unpriced:
        return "no price", "muted"
    return dollars(used.totals.money)


def _ttft(share: float) -> Callable[[Used], Cell]:
    return lambda used: _written(used.totals.ttft.percentile(share), "ttft")


def _speed(share: float) -> Callable[[Used], Cell]:
    return lambda used: _written(used.totals.speed.percentile(share), "speed")
