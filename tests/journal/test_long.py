"""A long journal in its quick form: what is asked at a start takes no longer than of a short one."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ccproxy_tui.traffic.journal import Journal
from tests.journal import long

_STEP = 100
"""Instructions of SQLite's machine that are counted as one."""
NEWEST = 1_790_000_000.0


async def steps(journal: Journal, ask: Callable[[], Awaitable[object]]) -> int:
    """How much SQLite does for an answer, whatever else the machine does."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    def watch(connection: sqlite3.Connection) -> None:
        connection.set_progress_handler(count, _STEP)

    await journal._reader.run(watch)
    await ask()
    return counted


async def work(path: Path, calls: int) -> dict[str, int]:
    journal = await Journal.open(path)
    await long.make(journal, calls, NEWEST)
    try:
        return {
            "recent": await steps(journal, lambda: journal.recent(100)),
            "older": await steps(journal, lambda: journal.recent(100, before=calls // 2)),
            "spent": await steps(journal, lambda: journal.spent_since(NEWEST - 3600)),
            "exchange": await steps(journal, lambda: journal.exchange(calls)),
        }
    finally:
        await journal.close()


async def test_what_is_asked_at_a_start_does_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long, "SEARCHED", 5)
    short = await work(tmp_path / "short.db", 500)
    much = await work(tmp_path / "long.db", 5_000)
    for question, took in much.items():
        assert took < 2 * short[question] + 5, question


async def test_a_long_journal_opens_and_prunes_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long, "SEARCHED", 100)
    figures = await long.measure(tmp_path / "journal.db", 2_000)
    slow = [one for one in figures.times if one.seconds > 3]
    assert slow == [], "each takes a small part of a second on a machine that does nothing else"
    assert 200 < figures.bytes_a_call < 6_000
