"""How the journal stays within its limits."""

import asyncio
import os
import sqlite3
import time
from pathlib import Path

import pytest

from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import Journal, Limits, pruning
from ccproxy_tui.traffic.journal import journal as journal_module
from tests.traffic.writing import begun, ended, open_desk

MEGABYTE = 1024 * 1024


async def ids(journal: Journal) -> list[int]:
    return [call.id for call in await journal.recent(1000)]


def _count(connection: sqlite3.Connection) -> list[tuple[int]]:
    return connection.execute("select count(*) from call").fetchall()


async def test_the_oldest_go_when_it_is_too_old_or_too_much(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        journal, incompressible = desk.journal, os.urandom(200_000)
        old = ended(1, started_at=time.time() - 8 * 86_400)
        await desk.write(old, *(ended(number, incompressible) for number in range(2, 12)))
        await journal.prune(Limits(days=7, megabytes=100))
        assert await ids(journal) == list(range(2, 12))
        await journal.prune(Limits(days=7, megabytes=1))
        left = await ids(journal)
        assert left == list(range(12 - len(left), 12))
        assert 3 <= len(left) <= 5
        assert await journal.exchange(2) is None


async def test_a_call_that_runs_is_not_deleted(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        running = begun(1)
        await desk.write(running, ended(2, os.urandom(MEGABYTE)), ended(3))
        await desk.write(running)
        await desk.journal.prune(Limits(days=7, megabytes=1))
        assert await desk.rows("select id from call") == [(1,), (3,)]


async def test_deleting_goes_in_small_steps_that_let_others_in_between(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        journal = desk.journal
        old = time.time() - 8 * 86_400
        await desk.write(*(ended(number, started_at=old) for number in range(1, 501)))
        pruning_all = asyncio.ensure_future(journal.prune(Limits(days=7, megabytes=100)))
        await asyncio.sleep(0)  # it has begun, and who comes now is next
        ((left,),) = await journal._writer.run(_count)
        assert left == 450
        await desk.write(ended(501))
        await pruning_all
        assert await ids(journal) == [501]


async def test_new_limits_hold_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "_PRUNE_EVERY", 0.01)
    limits = Limits(days=7, megabytes=100)
    async with open_desk(tmp_path / "journal.db") as desk:
        now = time.time()
        await desk.write(ended(1, started_at=now - 2 * 86_400), ended(2))
        keeping = asyncio.ensure_future(desk.journal.keep(Feed(), lambda: limits))
        await asyncio.sleep(0)
        assert await ids(desk.journal) == [1, 2]
        limits = Limits(days=1, megabytes=100)
        async with asyncio.timeout(10):
            while await ids(desk.journal) != [2]:
                await asyncio.sleep(0.01)
        keeping.cancel()
        await asyncio.wait({keeping})


async def test_the_file_shrinks_and_free_space_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_WORTH_GIVING_BACK", MEGABYTE)
    path = tmp_path / "journal.db"

    def size() -> int:
        return path.stat().st_size // MEGABYTE

    body = os.urandom(MEGABYTE)
    async with open_desk(path) as desk:
        await desk.write(*(ended(number, body[:-number]) for number in range(1, 13)))
        await desk.rows("pragma wal_checkpoint(truncate)")
        assert size() >= 12
        await desk.journal.prune(Limits(days=7, megabytes=4))
        await desk.rows("pragma wal_checkpoint(truncate)")
        assert 3 <= size() <= 5
        for number in range(13, 30):
            await desk.write(ended(number, body[:-number]))
            await desk.journal.prune(Limits(days=7, megabytes=4))
        await desk.rows("pragma wal_checkpoint(truncate)")
        assert 3 <= size() <= 6


async def test_slots_leave_room_for_calls(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        calls = [ended(number, session=f"{number:0400d}") for number in range(1, 3001)]
        for call in calls:
            call.exchange = None
        await desk.write(*calls)
        await desk.journal.prune(Limits(days=7, megabytes=1))
        assert 3000 in await ids(desk.journal)
        assert len(await ids(desk.journal)) > 200
        assert 100 < len(await desk.journal.slots(0)) < 1000
        ((pages, free),) = await desk.rows(
            "select page_count, freelist_count from pragma_page_count, pragma_freelist_count"
        )
        assert (pages - free) * 4096 <= MEGABYTE
