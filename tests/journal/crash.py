"""Kills a process that writes a journal, over and over, and looks what is left."""

import asyncio
import random
import sqlite3
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.traffic.journal import Journal
from tests.journal.writer import NEW, piece_of

_ROOT = Path(__file__).parents[2]


@dataclass
class Told:
    """What the journal was told of a call, and when."""

    began: float = 0.0
    ended: float | None = None
    pieces: list[float] = field(default_factory=list)


@dataclass
class Figures:
    kills: int = 0
    calls: int = 0
    """That were told of and not lost."""
    pieces: int = 0
    never_ended: int = 0
    """Calls that a kill has ended."""
    lost_calls: int = 0
    lost_pieces: int = 0
    oldest_loss: float = 0.0
    """How many seconds before its kill something was told that is lost."""
    slowest_open: float = 0.0
    megabytes: float = 0.0
    problems: list[str] = field(default_factory=list)


def read_notes(path: Path) -> dict[int, Told]:
    told: dict[int, Told] = {}
    for line in path.read_text().splitlines():
        moment, event, number, pieces = line.split()
        one = told.setdefault(int(number), Told(float(moment)))
        if event == "ended":
            one.ended = float(moment)
        elif event == "piece":
            one.pieces.append(float(moment))
            assert len(one.pieces) == int(pieces)
    return told


async def write_and_kill(path: Path, notes: Path, seed: int, seconds: float) -> float:
    """Let a process write for a while, kill it, and return when."""
    arguments = ["-m", "tests.journal.writer", str(path), str(notes), str(seed)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=_ROOT)
    try:
        while not (notes.exists() and notes.stat().st_size):
            assert process.returncode is None, "the writer has ended by itself"
            await asyncio.sleep(0.01)
        await asyncio.sleep(seconds)
    finally:
        killed = time.monotonic()
        process.kill()
        await process.wait()
    return killed


async def crash(folder: Path, kills: int, seed: int, longest: float) -> Figures:
    """Kill a writer some times, each after `longest` seconds at most."""
    figures, chance, path = Figures(), random.Random(seed), folder / "journal.db"
    known: set[int] = set()
    for number in range(kills):
        notes = folder / f"notes-{number}"
        killed = await write_and_kill(path, notes, number, chance.uniform(0.05, longest))
        figures.kills += 1
        known |= await check(path, read_notes(notes), killed, known, figures)
    figures.megabytes = path.stat().st_size / 2**20
    return figures


async def check(
    path: Path, told: dict[int, Told], killed: float, known: set[int], figures: Figures
) -> set[int]:
    """Compare what is left with what was told; return the ids of all calls that are there."""
    started = time.perf_counter()
    journal = await Journal.open(path)
    figures.slowest_open = max(figures.slowest_open, time.perf_counter() - started)
    try:
        calls = {call.id: call for call in await journal.recent(10_000_000) if call.alias == NEW}
        for number, one in told.items():
            await _compare(journal, calls.get(number), number, one, killed, figures)
        if missing := known - calls.keys():
            figures.problems.append(f"{len(missing)} calls of earlier runs are gone")
        sums = [slot.totals for slot in await journal.slots(0) if slot.alias == NEW]
        if sum(totals.calls for totals in sums) != len(calls):
            figures.problems.append("the sums are not those of the calls")
        failed = sum(call.phase is Phase.FAILED for call in calls.values())
        if sum(totals.failed for totals in sums) != failed:
            figures.problems.append("the sums of failures are not those of the calls")
    finally:
        await journal.close()
    with sqlite3.connect(path) as connection:
        said = connection.execute("pragma integrity_check").fetchall()
        stray = connection.execute("pragma foreign_key_check").fetchall()
    connection.close()
    if said != [("ok",)] or stray:
        figures.problems.append(f"the file is broken: {said} {stray}")
    return set(calls)


async def _compare(
    journal: Journal, call: Call | None, number: int, told: Told, killed: float, figures: Figures
) -> None:
    if call is None:
        figures.lost_calls += 1
        figures.oldest_loss = max(figures.oldest_loss, killed - told.began)
        return
    figures.calls += 1
    figures.never_ended += call.error == "ccproxy ended while this call ran"
    if told.ended is not None and call.error:
        figures.oldest_loss = max(figures.oldest_loss, killed - told.ended)
    exchange = await journal.exchange(number)
    if exchange is None:
        figures.problems.append(f"call {number} has no messages")
        return
    chunks, times = exchange.client_reply.chunks, exchange.client_reply.times
    figures.pieces += len(chunks)
    if lost := told.pieces[len(chunks) :]:
        figures.lost_pieces += len(lost)
        figures.oldest_loss = max(figures.oldest_loss, killed - lost[0])
    if not _sound(number, chunks, times):
        figures.problems.append(f"the reply of call {number} is not what was written")


def _sound(number: int, chunks: Sequence[bytes], times: Sequence[float]) -> bool:
    wanted = [piece_of(number, index) for index in range(len(chunks))]
    return list(chunks) == wanted and len(times) == len(chunks) and sorted(times) == list(times)
