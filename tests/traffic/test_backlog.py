"""What waits for the disk, and how little that costs."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.journal import Limits, backlog
from ccproxy_tui.traffic.journal import journal as journal_module
from ccproxy_tui.traffic.journal.backlog import Backlog
from tests.traffic.writing import Desk, begun, ended, exchange_of, open_desk, says

KILOBYTE = 1024


def full(count: int, size: int = KILOBYTE) -> tuple[Backlog, list[Call]]:
    waiting, calls = Backlog(), [ended(number, bytes(size)) for number in range(1, count + 1)]
    for call in calls:
        waiting.add(call)
    return waiting, calls


def test_the_messages_of_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LARGEST", 3 * KILOBYTE)
    waiting, calls = full(5)
    assert [call.exchange is None for call in calls] == [True, True, False, False, False]
    assert waiting.lost == 2
    assert waiting.batch() == calls, "their facts stay"
    waiting.done(calls[:3])
    waiting.add(ended(6, bytes(KILOBYTE)))
    assert calls[3].exchange is not None, "there is room again"


def test_facts_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MOST", 3)
    waiting, calls = full(5)
    assert waiting.batch() == calls[2:]
    assert waiting.lost == 2


def test_a_batch_is_small() -> None:
    waiting, calls = full(1000)
    assert waiting.batch() == calls[:100]
    waiting.done(calls[:100])
    assert waiting.batch() == calls[100:200]
    waiting, calls = full(5, 7 * KILOBYTE * KILOBYTE)
    assert waiting.batch() == calls[:2]
    waiting, calls = full(2, 20 * KILOBYTE * KILOBYTE)
    assert waiting.batch() == calls[:1]


def test_a_call_that_is_told_twice_waits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LARGEST", 2 * KILOBYTE)
    waiting, (first, second) = full(2)
    for _ in range(5):
        waiting.add(first)
    assert waiting.batch() == [first, second]
    assert waiting.lost == 0


async def tries(desk: Desk) -> list[str]:
    """What the writer begins from now on."""
    begins: list[str] = []

    def watch(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(
            lambda sql: begins.append(sql) if sql.startswith("begin") else None
        )

    await desk.journal._writer.run(watch)
    return begins


async def test_a_full_disk_is_not_tried_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "WRITE_EVERY", 0.001)

    async def room(pages: int) -> None:
        await desk.journal._writer.run(lambda one: one.execute(f"pragma max_page_count = {pages}"))

    async with open_desk(tmp_path / "journal.db") as desk:
        await room(1)
        begins = await tries(desk)
        keeping = asyncio.ensure_future(
            desk.journal.keep(desk.feed, lambda: Limits(days=7, megabytes=100))
        )
        await asyncio.sleep(0)
        listener = desk.feed._listeners[-1]
        for number in range(1, 41):
            desk.feed.tell(ended(number, os.urandom(KILOBYTE * 50)))
            async with asyncio.timeout(5):
                while listener._calls:  # it is taken all the same
                    await asyncio.sleep(0.001)
        assert 1 <= len(begins) <= 3
        await room(100_000)
        keeping.cancel()
        await asyncio.wait({keeping})
        assert [call.id for call in await desk.journal.recent(99)] == list(range(1, 41))


async def test_a_thousand_streams_are_written_some_at_a_time(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        calls = [begun(number) for number in range(1, 1001)]
        await desk.write(*calls)
        for call in calls:
            says(exchange_of(call).client_reply, b"a word\n")
        begins = await tries(desk)
        await desk.write()
        assert len(begins) == 20
        assert await desk.rows("select count(*) from piece") == [(1000,)]
