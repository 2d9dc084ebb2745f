"""What calls add up to is kept apart from them, and is the same whoever adds."""

import asyncio
import random
import threading
import time
from itertools import product
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from ccproxy_tui.migrations import migrate
from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.traffic.journal import Journal, Limits, thinning
from ccproxy_tui.traffic.journal import slots as slots_module
from ccproxy_tui.traffic.journal.rows import PUT, to_row
from ccproxy_tui.traffic.journal.schema import MIGRATIONS
from ccproxy_tui.traffic.spent import Spent
from ccproxy_tui.traffic.totals import SLOT_SECONDS, Slot, Totals
from tests.traffic.writing import begun, ended, open_desk

NOW = time.time() // SLOT_SECONDS * SLOT_SECONDS + 60
DAY = 86_400


def call(number: int, *, at: float = NOW, **fields: Any) -> Call:
    facts = {"key": "dev", "provider": "p", "model": "m", "duration": 1.5, "streaming": True}
    return ended(number, started_at=at, **{**facts, **fields})


def some_calls(count: int) -> list[Call]:
    chance = random.Random(7)
    calls = []
    for number in range(1, count + 1):
        made = call(
            number,
            at=NOW - chance.randrange(6) * 600,
            alias=chance.choice(["sonnet-*", "opus-*"]),
            session=chance.choice(["", "half \ud83d"]),
            operation=chance.choice(["generate", "generate", "count tokens"]),
            phase=chance.choice([Phase.DONE, Phase.DONE, Phase.FAILED, Phase.CANCELLED]),
            ttft=chance.choice([None, chance.random()]),
            cost=chance.choice([None, 0.25, 1.5]),
        )
        read, cached, written, output = chance.choices(range(1000), k=4)
        made.tokens = Tokens(read, cached, written, output)
        calls.append(made)
    return calls


def totals_of(slots: list[Slot]) -> Totals:
    totals = Totals()
    for slot in slots:
        totals.merge(slot.totals)
    return totals


async def slots_of(path: Path, since: float = 0.0) -> list[Slot]:
    journal = await Journal.open(path)
    try:
        return await journal.slots(since)
    finally:
        await journal.close()


async def test_slots_are_the_sums_of_their_calls(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    calls = some_calls(200)
    async with open_desk(path) as desk:
        for start in range(0, 200, 17):
            await desk.write(*calls[start : start + 17])
    slots = await slots_of(path)
    for slot in slots:
        assert slot.start % SLOT_SECONDS == 0
        mine = [
            one
            for one in calls
            if slot.start <= one.started_at < slot.start + SLOT_SECONDS
            and (one.group, one.alias, one.target, one.key) == (
                slot.group, slot.alias, slot.target, slot.key,
            )
            and one.session.replace("\ud83d", "?") == slot.session
        ]  # fmt: skip
        assert slot.totals == Totals.of(mine)
    assert {slot.target for slot in slots} == {"p/m"}
    assert totals_of(slots) == Totals.of(calls)
    assert totals_of(slots).ttft.percentile(0.5) is not None


async def test_a_call_counts_once_and_only_when_it_is_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with open_desk(path) as desk:
        running, done = begun(1), call(2)
        await desk.write(running, done)
        await desk.write(running)
        await desk.write(done)  # told once more, after its end
        assert [slot.totals.calls for slot in await desk.journal.slots(0)] == [1]
    for _ in range(2):
        totals = totals_of(await slots_of(path))
        assert (totals.calls, totals.failed) == (2, 1), "the one that ran has failed"


async def test_slots_outlive_their_calls(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        days = (36, 34, 1)
        await desk.write(*(call(n, at=NOW - days * DAY) for n, days in enumerate(days, 1)))
        await desk.journal.prune(Limits(days=0.5, megabytes=100))
        assert await desk.journal.recent(9) == []
        starts = [slot.start for slot in await desk.journal.slots(0)]
        assert [round((NOW - start) / DAY) for start in starts] == [34, 1]
        assert len(await desk.journal.slots(NOW - 2 * DAY)) == 1
        assert await desk.journal.spent_since((NOW - DAY) // SLOT_SECONDS * SLOT_SECONDS) == {
            "dev": Spent(10, 0)
        }


async def test_a_time_within_a_quarter_of_an_hour_means_all_of_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        await desk.write(call(1), call(2, at=NOW - SLOT_SECONDS))
        assert len(await desk.journal.slots(NOW + 30)) == 1
        assert len(await desk.journal.slots(NOW - SLOT_SECONDS)) == 2


@pytest.mark.parametrize("since", [NOW - 60, NOW - 60 - SLOT_SECONDS, NOW - 2000, NOW - 0.5, NOW])
async def test_what_was_spent_is_exact_from_any_time_on(tmp_path: Path, since: float) -> None:
    calls = [*some_calls(100), call(101, key="", cost=9.0), call(102, key="other", cost=0.5)]
    wanted: dict[str, Spent] = {}
    for one in calls:
        if one.started_at >= since and one.key and one.operation != "count tokens":
            wanted[one.key] = wanted.get(one.key, Spent()) + Spent.by(one)
    async with open_desk(tmp_path / "journal.db") as desk:
        await desk.write(*calls)
        assert await desk.journal.spent_since(since) == wanted
        assert await desk.journal.spent_since(NOW + 1) == {}


async def test_an_older_journal_gets_its_slots(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    calls = [*some_calls(60), call(61, at=NOW - 40 * DAY)]
    async with aiosqlite.connect(path, isolation_level=None) as old:
        await migrate(old, MIGRATIONS[:3], "the journal")
        await old.executemany(PUT, [to_row(one) for one in calls])
    for _ in range(2):
        assert totals_of(await slots_of(path)) == Totals.of(calls[:60])


async def test_quarters_of_past_days_become_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinning, "_MERGED", 7)
    hour = NOW // 3600 * 3600
    offsets = [quarter * SLOT_SECONDS + 5 for quarter in range(8)]
    calls = [
        call(number, at=hour - days * DAY + offset, session=session)
        for number, (days, offset, session) in enumerate(product((4, 3, 1), offsets, "ab"))
    ]
    async with open_desk(tmp_path / "journal.db") as desk:
        await desk.write(*calls)
        await desk.journal.prune(Limits(days=7, megabytes=100))
        slots = await desk.journal.slots(0)
    old = [slot for slot in slots if slot.start < hour - 2 * DAY]
    starts = {hour - days * DAY + more for days in (4, 3) for more in (0, 3600)}
    assert {slot.start for slot in old} == starts
    assert len(old) == len(starts) * 2
    assert len(slots) - len(old) == 16, "of the last days nothing is merged"
    for session in "ab":
        mine = [slot for slot in slots if slot.session == session]
        assert totals_of(mine) == Totals.of(one for one in calls if one.session == session)


async def test_who_adds_up_a_month_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = threading.Event()

    def add_up(*_: object) -> list[Slot]:
        hold.wait(10)
        return []

    monkeypatch.setattr(slots_module, "since", add_up)
    async with open_desk(tmp_path / "journal.db") as desk:
        await desk.write(call(1))
        adding = asyncio.ensure_future(desk.journal.slots(0))
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(5):
                assert [one.id for one in await desk.journal.recent(9)] == [1]
        finally:
            hold.set()
            await adding
