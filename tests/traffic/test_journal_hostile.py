"""An upstream may say anything of what a call has used, and a client anything of itself."""

import math
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ccproxy_tui.traffic.call import LARGEST_COUNT, Tokens
from ccproxy_tui.traffic.journal import Journal
from ccproxy_tui.traffic.spent import Spent
from ccproxy_tui.traffic.totals import Histogram, Totals
from tests.traffic.writing import begun, ended, exchange_of, open_desk, says

HUGE = 10**400


@pytest.mark.parametrize(
    "facts",
    [
        {"tokens": Tokens(input=-(10**30))},
        {"tokens": Tokens(output=HUGE), "streaming": True, "duration": 9.0},
        {"tokens": Tokens(cache_read=HUGE, cache_write=HUGE)},
        {"cost": math.inf},
        {"cost": math.nan},
        {"ttft": math.inf},
        {"ttft": math.nan},
        {"ttft": -5.0},
        {"status": 10**30, "window": -(10**30), "duration": -math.inf},
    ],
    ids="-".join,
)
async def test_figures_that_make_no_sense_harm_nobody(
    tmp_path: Path, facts: dict[str, Any]
) -> None:
    path = tmp_path / "journal.db"
    odd = ended(1)
    for name, value in facts.items():
        setattr(odd, name, value)
    async with open_desk(path) as desk:
        await desk.write(odd, ended(2))
        await desk.write(ended(3))
    journal = await Journal.open(path)
    try:
        assert [call.id for call in await journal.recent(9)] == [1, 2, 3]
        (slot,) = await journal.slots(0)
        assert slot.totals.calls == 3
        assert 0 <= slot.totals.tokens.input <= 2 * LARGEST_COUNT
        assert slot.totals.money == 0
        assert slot.totals.ttft.percentile(0.5) == pytest.approx(0.5, rel=0.1)
        await journal.spent_since(0)
    finally:
        await journal.close()


@pytest.mark.parametrize("facts", [{"started_at": math.nan}, {"started_at": math.inf}], ids=str)
async def test_what_only_the_file_refuses_is_left_out_alone(
    tmp_path: Path, facts: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        running = begun(4)
        await desk.write(running)
        await desk.write(ended(1), ended(2, **facts), ended(3), running)
        assert await desk.rows("select id from call order by id") == [(1,), (3,), (4,)]
        assert "call 2 cannot be kept" in caplog.text
        (slot,) = await desk.journal.slots(0)
        assert slot.totals.calls == 2


async def test_whatever_fails_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("what nobody has thought of")

    async with open_desk(tmp_path / "journal.db") as desk:
        with monkeypatch.context() as patch:
            patch.setattr("ccproxy_tui.traffic.journal.journal.write", fail)
            await desk.write(ended(1))
        assert "what nobody has thought of" in caplog.text
        await desk.write()
        assert [call.id for call in await desk.journal.recent(9)] == [1]


async def test_a_call_whose_news_cannot_be_cleaned_is_left_out_alone(tmp_path: Path) -> None:
    def fail(_: bytes) -> bytes:
        raise RuntimeError("cannot be cleaned")

    async with open_desk(tmp_path / "journal.db") as desk:
        odd, good = begun(1), begun(2)
        await desk.write(odd, good)
        for call in (odd, good):
            says(exchange_of(call).client_reply, b"a line\n")
        exchange_of(odd).client_reply.clean = fail
        await desk.write()
        assert await desk.rows("select distinct call from piece") == [(2,)]


@pytest.mark.parametrize("odd", ["Infinity", "NaN", str(HUGE), "", "0]"])
async def test_a_sum_that_cannot_be_read_is_left_out(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "journal.db"
    async with open_desk(path) as desk:
        await desk.write(ended(1, key="dev"), ended(2, key="other"))
    with sqlite3.connect(path) as connection:
        written = f"[1,0,0,0.5,0,[{odd},0,0,0,false],[],[]]"
        connection.execute("update slot set totals = ? where key = 'dev'", (written,))
    connection.close()
    async with open_desk(path) as desk:
        by_key = {slot.key: slot.totals for slot in await desk.journal.slots(0)}
        assert by_key["other"].calls == 1
        assert by_key["dev"] == Totals()
        assert await desk.journal.spent_since(0) == {"dev": Spent(), "other": Spent(10)}
        await desk.write(ended(3, key="dev"))
        assert sum(slot.totals.calls for slot in await desk.journal.slots(0)) == 2


async def test_sums_end_where_a_column_does(tmp_path: Path) -> None:
    calls = [ended(number, started_at=1e9) for number in range(1, 1200)]
    for call in calls:
        call.tokens = Tokens(input=LARGEST_COUNT)
    async with open_desk(tmp_path / "journal.db") as desk:
        await desk.write(*calls)
        (slot,) = await desk.journal.slots(0)
    assert 2**62 < slot.totals.tokens.input < 2**63


def test_a_histogram_counts_what_is_no_number() -> None:
    histogram = Histogram()
    for value in (math.nan, math.inf, -math.inf):
        histogram.add(value)
    assert histogram.buckets.total() == 3
