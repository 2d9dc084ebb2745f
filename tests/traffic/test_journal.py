import asyncio
import os
import time
from pathlib import Path

import pytest

from ccproxy_tui.traffic.call import LARGEST_KEPT, Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import Journal


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


def test_a_very_long_body_is_counted_but_not_kept_whole() -> None:
    message = Message()
    for _ in range(20):
        message.keep(b"x" * 1024 * 1024)
    assert message.size == 20 * 1024 * 1024
    assert len(message.body) == LARGEST_KEPT
