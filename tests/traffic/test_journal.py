import asyncio
import time
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
import zstandard

from ccproxy_tui.migrations import migrate
from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import LARGEST_KEPT, Call, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import Journal, Limits
from ccproxy_tui.traffic.journal.schema import MIGRATIONS
from ccproxy_tui.traffic.spent import Spent
from tests.traffic.writing import ended, exchange_of, open_desk


async def stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def keep(journal: Journal, feed: Feed) -> "asyncio.Task[None]":
    task = asyncio.ensure_future(journal.keep(feed, lambda: Limits(days=7, megabytes=100)))
    await asyncio.sleep(0)
    return task


async def kept(path: Path, *calls: Call) -> Journal:
    """A journal that was closed and opened again after it has kept these calls."""
    journal, feed = await Journal.open(path), Feed()
    try:
        keeping = await keep(journal, feed)
        for call in calls:
            feed.tell(call)
        await stop(keeping)
    finally:
        await journal.close()
    return await Journal.open(path)


async def test_ended_calls_are_kept_and_leave_memory(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal, feed = await Journal.open(path), Feed()
    keeping = await keep(journal, feed)
    calls = [ended(1), ended(2, b"x" * 100_000)]
    live = Call(id=3, started_at=time.time())
    for call in (*calls, live):
        feed.tell(call)
    await stop(keeping)
    assert [call.exchange for call in calls] == [None, None]
    await journal.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size < 100_000, "messages are compressed"

    journal = await Journal.open(path)
    assert journal.last_id == 2
    first, second = await journal.recent(10)
    assert (first.id, first.group, first.phase, first.ttft) == (1, "qwen", Phase.DONE, 0.5)
    assert first.tokens == Tokens(1, 2, 3, 4, estimated=True)
    assert first.notes == ["temperature 1.0 → 0.7"]
    exchange = await journal.exchange(second.id)
    assert exchange is not None
    chunks = [b"xx", b"x" * 99_998]
    assert exchange.client_request == Message("POST /v1/messages", (("a", "b"),), chunks, 100_000)
    assert exchange.upstream_reply == Message()
    assert await journal.exchange(99) is None
    await journal.close()


async def test_a_feed_that_nobody_drains_forgets_the_oldest_and_says_so() -> None:
    feed = Feed()
    listener = feed.listen(capacity=3)
    for number in range(5):
        feed.tell(ended(number))
    assert [call.id for call in listener.drain()] == [2, 3, 4]
    assert listener.missed == 2
    feed.leave(listener)
    feed.tell(ended(9))
    assert listener.drain() == []


async def test_one_call_that_cannot_be_kept_does_not_hold_up_the_others(tmp_path: Path) -> None:
    journal, feed = await Journal.open(tmp_path / "journal.db"), Feed()
    keeping = await keep(journal, feed)
    odd = ended(1)
    odd.session, odd.tokens = "half \ud83d", Tokens(input=2**70)
    hopeless = ended(2)
    hopeless.notes = [object()]  # type: ignore[list-item]
    for call in (odd, hopeless, ended(3)):
        feed.tell(call)
    await stop(keeping)
    assert [(call.id, call.session) for call in await journal.recent(9)] == [(1, "half ?"), (3, "")]
    await journal.close()


async def test_attempts_reasons_and_cost_are_read_as_they_were_written(tmp_path: Path) -> None:
    call = ended(1)
    call.attempts = [
        Attempt("one/m key 2", 0.1, 0.5, 429, Outcome.THROTTLE, "429: slow down \ud83d"),
        Attempt("two/m", 0.6, None, 0, None),
    ]
    call.why, call.cost = ("the session stays here", "one/m cools down"), 0.0125
    journal = await kept(tmp_path / "journal.db", call, ended(2))
    try:
        first, second = await journal.recent(10)
    finally:
        await journal.close()
    throttled, running = first.attempts
    assert throttled == Attempt("one/m key 2", 0.1, 0.5, 429, Outcome.THROTTLE, "429: slow down ?")
    assert throttled.outcome is Outcome.THROTTLE
    assert running == call.attempts[1]
    assert first.why == call.why
    assert first.cost == 0.0125
    assert (second.attempts, second.why, second.cost) == ([], (), None)


async def test_a_journal_from_before_attempts_were_kept_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with aiosqlite.connect(path, isolation_level=None) as old:
        await migrate(old, MIGRATIONS[:1], "the journal")
        await old.execute(
            """
            insert into call values (
                7, ?, 'POST', '/v1/messages', 'generate', 'claude', 'dev', 'qwen', 'sonnet', '*',
                'one', 'm', 'openai', 1, 's', '', 'done', 200, '', 0.5, 1.5, 9, 'end_turn',
                3, '["a note"]', 1, 2, 3, 4, 0
            )
            """,
            (time.time(),),
        )
        heads = '[["POST /", [["a", "b"]], 3], ["", [], 0], ["200", [], 2], ["", [], 0]]'
        bodies = zstandard.ZstdCompressor().compress(b"abcde")
        await old.execute("insert into exchange values (7, ?, ?)", (heads, bodies))
    journal = await kept(path, ended(8))
    try:
        first, second = await journal.recent(10)
        assert (first.id, first.key, first.stop_reason, first.notes) == (
            7,
            "dev",
            "end_turn",
            ["a note"],
        )
        assert first.tokens == Tokens(1, 2, 3, 4)
        assert (first.attempts, first.why, first.cost) == ([], (), None)
        assert second.id == 8
        exchange = await journal.exchange(7)
        assert exchange is not None, "dropping a column has dropped no messages"
        assert exchange.client_request == Message("POST /", (("a", "b"),), [b"abc"], 3)
        assert exchange.upstream_reply == Message("200", (), [b"de"], 2)
        assert exchange.client_reply == Message()
        assert await journal.exchange(8) is not None
    finally:
        await journal.close()


def test_what_a_call_has_spent_is_the_same_before_and_after_it_is_written() -> None:
    call = ended(1)
    assert Spent.by(call) == Spent(10, 0)
    call.cost = 0.5
    assert Spent.by(call) + Spent.by(call) == Spent(20, 1)
    call.operation = "count tokens"
    assert Spent.by(call) == Spent()


def test_a_very_long_body_is_counted_but_not_kept_whole() -> None:
    message = Message()
    for _ in range(20):
        message.keep(b"x" * 1024 * 1024)
    assert message.size == 20 * 1024 * 1024
    assert len(message.body) == LARGEST_KEPT


async def test_how_and_when_a_reply_came_is_kept(tmp_path: Path) -> None:
    call = ended(1)
    exchange = exchange_of(call)
    reply, upstream = exchange.client_reply, exchange.upstream_reply
    for number in range(500):
        piece = b"event: piece\ndata: %d words of a reply that streams\n\n" % number
        reply.chunks.append(piece)
        reply.times.append(1.5 + number * 0.0251)
        upstream.chunks.append(piece)
        upstream.times.append(1.5 + number * 0.025)
    upstream.size = reply.size = len(reply.body)
    exchange.upstream_request = Message("POST", (), [b"sent at once"], 12)
    path = tmp_path / "journal.db"
    async with open_desk(path) as desk:
        await desk.write(call)
        kept = await desk.journal.exchange(1)
        ((stored,),) = await desk.rows("select length(bodies) from exchange")
    assert kept is not None
    assert kept.client_reply.chunks == reply.chunks
    assert kept.client_reply.times == pytest.approx(reply.times, abs=1e-4)
    assert kept.upstream_reply.times == pytest.approx(upstream.times, abs=1e-4)
    assert kept.upstream_request == exchange.upstream_request
    assert stored < len(reply.body) / 4, "times and lengths take little"


async def test_calls_that_are_read_share_their_names(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        names: dict[str, Any] = {"group": "a group", "session": "a session", "key": "a key"}
        calls = [ended(number, **names, why=("one reason",)) for number in (1, 2)]
        for call in calls:
            call.attempts = [Attempt("p/m", 0.0)]
        await desk.write(*calls)
        one, two = await desk.journal.recent(2)
    for name in names:
        assert getattr(one, name) is getattr(two, name)
    assert one.why is two.why
    assert one.attempts[0].candidate is two.attempts[0].candidate
    assert one.notes is not two.notes, "what may be changed is each call's own"


async def test_it_answers_other_event_loops(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        journal = desk.journal
        await desk.write(ended(1))

        async def ask() -> list[int]:
            await journal.annotate(1, marked=True, remark="there")
            return [call.id for call in await journal.recent(10) if call.remark == "there"]

        assert await asyncio.to_thread(asyncio.run, ask()) == [1]


async def test_older_calls_are_read_in_pages(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "journal.db") as desk:
        await desk.write(*(ended(number) for number in range(1, 8)))
        pages = [await desk.journal.recent(3, before=before) for before in (None, 5, 2, 1)]
    assert [[call.id for call in page] for page in pages] == [[5, 6, 7], [2, 3, 4], [1], []]


async def test_no_id_comes_again_when_all_calls_are_deleted(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    async with open_desk(path) as desk:
        await desk.write(ended(5, started_at=time.time() - 8 * 86_400))
        await desk.journal.prune(Limits(days=7, megabytes=100))
        assert await desk.journal.recent(9) == []
    journal = await Journal.open(path)
    assert journal.last_id == 5
    await journal.close()
