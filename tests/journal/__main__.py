"""Kills a writer over and over, asks a very long journal, and prints figures: `make journal`.

The exit status tells whether a promise was broken.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.journal import crash, long

KILLS = 40
LONGEST = 4.0
"""Seconds that a writer lives at most."""
SEED = 7
CALLS = 1_000_000


def _print_crash(figures: crash.Figures) -> list[str]:
    told, lost = figures.calls + figures.lost_calls, figures.lost_calls
    print(
        f"{figures.kills} times kill -9, each 0.05 to {LONGEST:g} s after the first call:\n"
        f"  {figures.calls:,} of {told:,} calls told of are there, {figures.never_ended:,} of them "
        f"ended by a kill; {lost:,} are lost\n"
        f"  {figures.pieces:,} pieces of replies are there, of calls that are there "
        f"{figures.lost_pieces:,} are lost\n"
        f"  the oldest of all that is lost was told {figures.oldest_loss:.2f} s before its kill\n"
        f"  opened again in {figures.slowest_open * 1000:.0f} ms at most, "
        f"{figures.megabytes:.1f} MB"
    )
    late = [f"something told {figures.oldest_loss:.2f} s before a kill is lost"]
    return figures.problems + late * (figures.oldest_loss > 1)


def _print_long(figures: long.Figures) -> list[str]:
    print(
        f"A journal of {figures.calls:,} calls, {long.SEARCHED:,} of them with messages: "
        f"{figures.megabytes:,.0f} MB, written in {figures.making:.0f} s; "
        f"{figures.bytes_a_call:,.0f} bytes a call in memory"
    )
    for one in figures.times:
        sign = "  " if one.kept else "✗ "
        print(f"{sign}{one.what:42}{one.seconds * 1000:9.1f} ms  {one.note}".rstrip())
    return [
        f"{one.what}: {one.seconds:.2f} s of {one.promise:g} s"
        for one in figures.times
        if not one.kept
    ]


async def _main(kills: int, calls: int) -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ccproxy-journal-") as folder:
        problems = _print_crash(await crash.crash(Path(folder), kills, SEED, LONGEST))
        print()
        problems += _print_long(await long.measure(Path(folder) / "long.db", calls))
    print()
    for problem in problems:
        print(f"✗ {problem}")
    print(f"{len(problems)} promises broken, {time.monotonic() - started:.0f} s")
    return 1 if problems else 0


if __name__ == "__main__":
    given = [int(number) for number in sys.argv[1:]]
    sys.exit(asyncio.run(_main(*(given or (KILLS, CALLS)))))
