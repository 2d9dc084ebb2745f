import asyncio
import os
import time
from pathlib import Path

import aiosqlite
import pytest

from ccproxy_tui.migrations import migrate
from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import LARGEST_KEPT, Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import MIGRATIONS, Journal
from ccproxy_tui.traffic.spent import Spent


def ended(number: int, body: bytes = b"body") -> Call:
    request = Message("POST /v1/messages", (("a", "b"),), [body[:2], body[2:]])
    return Call(
        id=number,
        started_at=time.time(),
        group="qwen",
        phase=Phase.DONE,
        status=200,
        tokens=Tokens(1, 2, 3, 4, estimated=True),
        ttft=0.5,
        notes=["temperature 1.0 → 0.7"],
        exchange=Exchange(client_request=request),
    )


async def stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def keep(journal: Journal, feed: Feed) -> "asyncio.Task[None]":
    task = asyncio.ensure_future(journal.keep(feed, days=7, megabytes=100))
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
    assert exchange.client_request == Message("POST /v1/messages", (("a", "b"),), [b"x" * 100_000])
    assert exchange.upstream_reply == Message()
    assert await journal.exchange(99) is None
    await journal.close()


async def test_the_oldest_go_when_it_is_too_old_or_too_much(tmp_path: Path) -> None:
    journal, feed = await Journal.open(tmp_path / "journal.db"), Feed()
    keeping = await keep(journal, feed)
    old = ended(1)
    old.started_at -= 8 * 86_400
    incompressible = os.urandom(200_000)
    for call in (old, *(ended(number, incompressible) for number in range(2, 12))):
        feed.tell(call)
    await stop(keeping)
    await journal.prune(days=7, megabytes=100)
    assert [call.id for call in await journal.recent(100)] == list(range(2, 12))
    await journal.prune(days=7, megabytes=1)
    left = [call.id for call in await journal.recent(100)]
    assert left[-1] == 11
    assert 2 <= len(left) <= 5
    assert await journal.exchange(2) is None
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
        await old.execute("insert into exchange values (7, '[]', x'00')")
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
        rows = await journal._connection.execute_fetchall("select call from exchange")
        assert [row[0] for row in rows] == [7, 8], "dropping a column has dropped no messages"
    finally:
        await journal.close()


async def test_what_keys_have_spent_is_summed_from_a_time_on(tmp_path: Path) -> None:
    def call(number: int, key: str, *, at: float, operation: str = "generate") -> Call:
        made = ended(number)
        made.key, made.started_at, made.operation, made.cost = key, at, operation, 0.25
        return made

    now = time.time()
    failed, unknown = (call(number, "dev", at=now) for number in (4, 5))
    failed.phase, unknown.cost = Phase.CANCELLED, None
    huge = [call(number, "huge", at=now) for number in (8, 9, 10)]
    for one in huge:
        one.tokens = Tokens(input=2**62)
    journal = await kept(
        tmp_path / "journal.db",
        call(1, "dev", at=now - 60),
        call(2, "dev", at=now - 50),
        call(3, "other", at=now),
        failed,
        unknown,
        call(6, "dev", at=now, operation="count tokens"),
        call(7, "", at=now),
        *huge,
    )
    try:
        spent = await journal.spent_since(now - 50)
        assert await journal.spent_since(now + 1) == {}
    finally:
        await journal.close()
    assert spent.pop("huge").tokens == 3 * 2**62
    assert spent == {"dev": Spent(30, 0.5), "other": Spent(10, 0.25)}


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
