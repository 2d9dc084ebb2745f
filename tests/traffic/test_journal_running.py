"""What a kill leaves of calls that run, and how they get into the journal."""

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase
from ccproxy_tui.traffic.journal import Journal
from tests.traffic.writing import begun, ended, exchange_of, open_desk, says


async def left_by(path: Path) -> tuple[list[Call], list[Exchange | None]]:
    """What the next process finds."""
    journal = await Journal.open(path)
    try:
        calls = await journal.recent(100)
        return calls, [await journal.exchange(call.id) for call in calls]
    finally:
        await journal.close()


async def test_a_call_that_never_ended_has_failed_and_keeps_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    call = begun(7, streaming=True, status=200)
    call.attempts = [
        Attempt("one/m", 0.1, 0.2, 429, Outcome.THROTTLE, "429: slow down"),
        Attempt("two/m", 0.4),
    ]
    async with open_desk(path) as desk:
        reply = exchange_of(call).client_reply
        await desk.write(call)
        says(reply, b"one ", b"two ")
        await desk.write()
        call.phase = Phase.STREAMING
        says(reply, b"three")
        reply.head = "200"
        await desk.write(call)
        assert await desk.journal.recent(9) == [], "the feed tells of those that run"
        seen = await desk.journal.exchange(7)
        assert seen is not None
        assert seen.client_reply.body == b"one two three"
        (found,), (exchange,) = await left_by(path)
    assert (found.id, found.phase, found.group) == (7, Phase.FAILED, "qwen")
    assert found.error == "ccproxy ended while this call ran"
    assert found.duration is not None
    assert 0 <= found.duration <= time.time() - call.started_at
    assert [one.outcome for one in found.attempts] == [Outcome.THROTTLE, Outcome.CANCELLED]
    assert exchange is not None
    assert exchange.client_request.body == b'{"hello": 1}'
    assert exchange.client_reply.head == "200"
    assert exchange.client_reply.chunks == [b"one ", b"two ", b"three"]
    assert exchange.client_reply.times == pytest.approx(reply.times, abs=1e-4)
    (again,), _ = await left_by(path)
    assert again.error == found.error, "it has failed once and for all"


async def test_a_quick_call_is_written_once(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        call = begun(1)
        await desk.write(call)
        assert await desk.rows("select id from call") == []
        call.phase = Phase.DONE
        await desk.write(call)
        assert await desk.rows("select phase from call") == [("done",)]
        assert await desk.rows("select * from piece") == []


async def test_a_batch_holds_only_what_is_new(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        call = begun(1)
        await desk.write(call)
        for _ in range(10):
            says(exchange_of(call).client_reply, os.urandom(10_000))
            await desk.write()
            await desk.write()
        ((pieces, size),) = await desk.rows("select count(*), sum(length(bodies)) from piece")
        assert pieces == 10
        assert 100_000 < size < 103_000


async def test_the_end_takes_the_place_of_the_pieces(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        call = begun(1)
        await desk.write(call)
        exchange = exchange_of(call)
        says(exchange.client_reply, b"a", b"bc")
        await desk.write()
        says(exchange.client_reply, b"def")
        call.phase = Phase.DONE
        await desk.write()  # the telling of the end may be lost
        assert call.exchange is None
        assert await desk.rows("select call from piece") == []
        kept = await desk.journal.exchange(1)
        assert kept is not None
        assert kept.client_reply.chunks == [b"a", b"bc", b"def"]
        assert kept.client_reply.times == pytest.approx(exchange.client_reply.times, abs=1e-4)
        assert kept.client_reply.size == 6


async def test_another_attempt_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with open_desk(path) as desk:
        call = begun(1)
        exchange = exchange_of(call)
        await desk.write(call)
        says(exchange.upstream_reply, b"half a re", b"ply")
        await desk.write()
        exchange.upstream_request, exchange.upstream_reply = Message("POST two"), Message("200 OK")
        says(exchange.upstream_reply, b"whole")
        await desk.write()
        _, (kept,) = await left_by(path)
    assert kept is not None
    assert (kept.upstream_request.head, kept.upstream_reply.head) == ("POST two", "200 OK")
    assert kept.upstream_reply.chunks == [b"whole"]


async def test_a_body_that_was_cleaned_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with open_desk(path) as desk:
        call = begun(1)
        reply = exchange_of(call).upstream_reply
        await desk.write(call)
        says(reply, b"your key abc", b" is wrong")
        await desk.write()
        reply.chunks[:], reply.times[:] = [b"your key ... is wrong"], reply.times[-1:]
        says(reply, b"!")
        await desk.write()
        _, (kept,) = await left_by(path)
    assert kept is not None
    assert kept.upstream_reply.chunks == [b"your key ... is wrong", b"!"]


async def test_half_a_line_that_may_hold_a_secret_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with open_desk(path) as desk:
        call = begun(1)
        reply = exchange_of(call).upstream_reply
        reply.clean = lambda data: data.replace(b"sk-secret", b"***")
        await desk.write(call)
        says(reply, b"data: good\n", b"data: sk-se")
        await desk.write()
        seen = await desk.journal.exchange(1)
        assert seen is not None
        assert seen.upstream_reply.chunks == [b"data: good\n"]
        says(reply, b"cret\n", b"data: mo")
        await desk.write()
        _, (kept,) = await left_by(path)
        assert b"sk-se" not in path.read_bytes() + Path(f"{path}-wal").read_bytes()
    assert kept is not None
    assert kept.upstream_reply.chunks == [b"data: good\n", b"data: ***\n"]


@pytest.mark.parametrize("moment", ["before it is written", "while it runs", "after its end"])
async def test_a_persons_words_stay_when_a_call_is_written_again(
    tmp_path: Path, moment: str
) -> None:
    async def annotate(*, now: str) -> None:
        if now == moment:
            call.marked, call.remark = True, "look here"
            await desk.journal.annotate(1, marked=True, remark="look here")

    async with open_desk(tmp_path / "journal.db") as desk:
        call = begun(1)
        await desk.write(call)
        await annotate(now="before it is written")
        await desk.write(call)
        await annotate(now="while it runs")
        await desk.write(call)
        call.phase = Phase.DONE
        await desk.write(call)
        await annotate(now="after its end")
        await desk.write(call)
        (found,) = await desk.journal.recent(1)
        assert (found.marked, found.remark) == (True, "look here")
        assert await desk.journal.exchange(1) is not None, "told twice, and kept"


async def test_words_that_came_after_the_record_was_read_stay(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        call = begun(1)
        await desk.write(call)
        await desk.write(call)
        await desk.journal.annotate(1, marked=True, remark="new")  # the record knows nothing of it
        call.phase = Phase.DONE
        await desk.write(call)
        (found,) = await desk.journal.recent(1)
        assert (found.marked, found.remark) == (True, "new")


@pytest.mark.parametrize(
    ("capture", "kept"), [("full", [1, 2, 3]), ("errors", [2, 3]), ("off", [])]
)
async def test_whose_messages_are_kept(tmp_path: Path, capture: str, kept: list[int]) -> None:
    path = tmp_path / "journal.db"
    calls = [
        ended(1, capture=capture),
        ended(2, capture=capture, phase=Phase.FAILED),
        ended(3, capture=capture, status=404),
    ]
    running = begun(4, capture=capture)
    async with open_desk(path) as desk:
        await desk.write(running)
        await desk.write(*calls)
        assert [call.exchange for call in calls] == [None] * 3
        found, exchanges = await left_by(path)
    assert [call.id for call in found] == [1, 2, 3, 4]
    assert {call.capture for call in found} == {capture}
    with_messages = [call.id for call, one in zip(found, exchanges, strict=True) if one]
    assert with_messages == kept + [4] * (capture == "full")


async def test_what_the_disk_had_no_room_for_is_written_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def room(pages: int) -> None:
        await desk.journal._writer.run(lambda one: one.execute(f"pragma max_page_count = {pages}"))

    async with open_desk(tmp_path / "journal.db") as desk:
        await room(30)
        call, large = begun(1), ended(2, os.urandom(200_000))
        await desk.write(call)
        says(exchange_of(call).client_reply, os.urandom(200_000))
        await desk.write(large)
        await desk.write()
        assert caplog.text.count("cannot be written (database or disk is full)") == 1
        assert await desk.rows("select id from call") == []
        assert await desk.rows("select * from slot") == []
        await room(100_000)
        await desk.write()
        assert await desk.rows("select id from call order by id") == [(1,), (2,)]
        found = await desk.journal.exchange(1)
        assert found is not None
        assert found.client_reply.chunks == exchange_of(call).client_reply.chunks


async def test_a_call_that_ends_while_it_is_written_still_counts(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        journal, call = desk.journal, begun(1)
        await desk.write(call)
        hold = threading.Event()
        holding = asyncio.ensure_future(journal._writer.run(lambda _: hold.wait(10)))
        await asyncio.sleep(0)
        writing = asyncio.ensure_future(desk.write())
        await asyncio.sleep(0)  # what is to be written has been taken
        call.phase = Phase.DONE
        hold.set()
        await asyncio.gather(holding, writing)
        assert await desk.rows("select phase from call") == [("waiting",)]
        await desk.write(call)
        assert await desk.rows("select phase from call") == [("done",)]
        (slot,) = await journal.slots(0)
        assert slot.totals.calls == 1
