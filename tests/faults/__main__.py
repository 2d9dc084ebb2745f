"""Tries every fault, then soaks, and prints what was measured: `python -m tests.faults`.

The exit status tells whether a promise was broken.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, get_args

from ccproxy_tui.config.models import Protocol, Strategy
from tests.faults.level import Level
from tests.faults.promises import broken_promises
from tests.faults.soak import FLAKY, FULL_LENGTH, HEALTHY, SEED, SESSIONS, TOLERANCE, Figures, soak
from tests.faults.stage import Seen, open_stage
from tests.faults.table import FAULTS

_STRATEGIES: Final[tuple[Strategy, ...]] = ("sticky", "round_robin", "weighted")
_PROTOCOLS: Final[tuple[Protocol, ...]] = get_args(Protocol)
_COLUMNS: Final = (38, 22, 44, 32, 24)


def _print_row(cells: Iterable[str]) -> None:
    print(
        "  ".join(f"{cell:{width}}" for cell, width in zip(cells, _COLUMNS, strict=True)).rstrip()
    )


def _tried(seen: Seen) -> str:
    return ", ".join(f"{one.candidate.split('/')[0]}: {one.outcome}" for one in seen.tried)


async def _print_faults() -> list[str]:
    """Print a line for each fault on each lane; give the promises that were broken."""
    broken: list[str] = []
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        async with open_stage(Path(folder)) as stage:
            _print_row(("fault", "lane", "what the client saw", "tried", "health"))
            for fault in FAULTS:
                for upstream in _PROTOCOLS:
                    for streamed in (True,) if fault.streams_only else (True, False):
                        for alone in (False, True):
                            seen = await stage.observe(
                                fault, upstream, streamed=streamed, alone=alone
                            )
                            count += 1
                            form = "streamed" if streamed else "whole"
                            kept = broken_promises(
                                seen, fault, upstream, streamed=streamed, alone=alone
                            )
                            where = f"{fault.name}{', alone' if alone else ''}"
                            broken += [f"{where}, {upstream} {form}: {one}" for one in kept]
                            mark = "✗ " if kept else ""
                            _print_row(
                                (
                                    mark + where,
                                    f"claude→{upstream} {form[0]}",
                                    str(seen.client),
                                    _tried(seen),
                                    seen.health,
                                )
                            )
    print(f"\n{count} calls with a fault (s streamed, w whole); {len(broken)} promises broken\n")
    return broken


def _print_level(when: str, level: Level | None) -> None:
    assert level is not None
    print(
        f"  {when:14} {level.tasks:5} tasks  {level.descriptors:5} descriptors  "
        f"{level.blocks:8} blocks of memory  {level.rss:6.1f} MiB"
    )


def _print_soak(figures: Figures) -> None:
    failures = figures.failures.total()
    print(
        f"{figures.strategy}: {figures.calls} calls in {figures.seconds:.1f} s: "
        f"{figures.served} served, {figures.broken} broken after commit, "
        f"{figures.left} left by their clients\n"
        f"  {figures.attempts} requests upstream, {failures} of them failed in "
        f"{len(figures.failures)} ways; {figures.twice} calls sent twice after commit"
    )
    _print_level("before", figures.before)
    _print_level("half of it", figures.half)
    _print_level("all of it", figures.whole)
    _print_level("stopped", figures.after)
    shares = (
        f"{name} {share:.1%} of {promise:.1%}" for name, (share, promise) in figures.shares.items()
    )
    print(f"  shares against promise: {', '.join(shares)}")
    for problem in figures.problems:
        print(f"  ✗ {problem}")
    print()


async def _main() -> int:
    started = time.monotonic()
    problems = await _print_faults()
    for problem in problems:
        print(f"✗ {problem}")
    print(
        f"Soak: {SESSIONS} sessions at once, {FLAKY} of {FLAKY + HEALTHY} candidates fail at "
        f"random, seed {SEED}, shares within {TOLERANCE:.0%}\n"
    )
    for strategy in _STRATEGIES:
        figures = await soak(strategy, FULL_LENGTH)
        _print_soak(figures)
        problems += figures.problems
    print(f"{len(problems)} promises broken, {time.monotonic() - started:.0f} s")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
