"""Makes a journal of very many calls, and takes the time of what is asked of it."""

import asyncio
import random
import sqlite3
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path

from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import Journal, Limits
from ccproxy_tui.traffic.journal.writing import write

DAYS = 30
"""Over which the calls are spread."""
SEARCHED = 2000
"""Calls that have messages, and are searched."""
_DAY = 86_400
_AT_ONCE = 2000
_TARGETS = (("local", "qwen3-coder-30b"), ("zai", "glm-4.6"), ("anthropic", "claude-sonnet-4-5"))
_GROUPS = ("default", "qwen", "night")
_TOOLS = ("Bash", "Read", "Edit", "Grep", "Glob", "Write")


@dataclass(frozen=True)
class Figure:
    """How long something took."""

    what: str
    seconds: float
    promise: float
    """How long it may take."""
    note: str = ""

    @property
    def kept(self) -> bool:
        return self.seconds <= self.promise


@dataclass
class Figures:
    calls: int
    making: float = 0.0
    megabytes: float = 0.0
    bytes_a_call: float = 0.0
    """In memory, of those that are read back."""
    times: list[Figure] = field(default_factory=list)

    def add(self, what: str, seconds: float, promise: float, note: str = "") -> None:
        self.times.append(Figure(what, seconds, promise, note))


def made(number: int, started_at: float, chance: random.Random) -> Call:
    """A call like those of an agent at work."""
    session = int(started_at // 7200) * 3 + chance.randrange(3)
    provider, model = _TARGETS[session % 3] if chance.random() < 0.9 else _TARGETS[-1]
    ttft = chance.uniform(0.2, 3)
    candidate = f"{provider}/{model}"
    attempts = [Attempt(candidate, 0.001, ttft * 2, 200, Outcome.SUCCESS, "", 0.01, ttft)]
    if chance.random() < 0.05:
        attempts.insert(0, Attempt(candidate, 0.0, 0.1, 429, Outcome.THROTTLE, "429: slow down"))
    failed = chance.random() < 0.02
    return Call(
        id=number,
        started_at=started_at,
        path="/v1/messages",
        operation="generate",
        protocol="claude",
        key="dev",
        group=_GROUPS[session % 3],
        requested="claude-sonnet-4-5-20250929",
        alias="claude-sonnet-*",
        provider=provider,
        model=model,
        upstream_protocol="openai",
        streaming=True,
        session=f"{session:032x}",
        tools=tuple(chance.sample(_TOOLS, chance.randrange(3))),
        window=200_000,
        phase=Phase.FAILED if failed else Phase.DONE,
        status=502 if failed else 200,
        error="local ended the stream in the middle of its reply" if failed else "",
        tokens=Tokens(chance.randrange(9000), chance.randrange(90_000), 0, chance.randrange(2000)),
        ttft=ttft,
        duration=ttft * chance.uniform(1.5, 9),
        stop_reason="tool_use",
        attempts=attempts,
        why=("the session stays with its candidate",),
        cost=chance.random() / 10,
        notes=["temperature 1.0 → 0.7"],
    )


def messages(chance: random.Random) -> Exchange:
    """Messages as Claude Code has them: 60 KB of request, a reply of 200 events."""
    words = ["the", "build", "copies", "every", "file", "that", "has", "changed", "since", "then"]
    text = " ".join(chance.choices(words, k=10_000)).encode()
    request = b'{"model": "m", "messages": [{"role": "user", "content": "%s"}]}' % text
    reply = Message("200", (("Content-Type", "text/event-stream"),))
    for number in range(200):
        word = chance.choice(words).encode()
        reply.chunks.append(b'data: {"choices": [{"delta": {"content": "%s "}}]}\n\n' % word)
        reply.times.append(0.8 + number * 0.02 + chance.random() / 100)
    head = (("content-type", "application/json"), ("user-agent", "claude-cli/2.0"))
    return Exchange(
        Message("POST /v1/messages", head, [request]),
        Message("POST https://api.example/v1/chat/completions", head, [request]),
        reply,
        reply,
    )


async def make(journal: Journal, count: int, newest: float) -> None:
    """Write calls as the journal itself does, the last ones with messages."""
    chance = random.Random(1)

    def batch(start: int) -> list[Call]:
        calls = []
        for number in range(start, min(start + _AT_ONCE, count + 1)):
            call = made(number, newest - (count - number) * DAYS * _DAY / count, chance)
            if number > count - SEARCHED:
                call.exchange = messages(chance)
            calls.append(call)
        return calls

    for start in range(1, count + 1, _AT_ONCE):
        calls = batch(start)
        await journal._writer.run(lambda connection, calls=calls: write(connection, calls))  # type: ignore[misc]


@contextmanager
def timing() -> Iterator[list[float]]:
    taken: list[float] = []
    started = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - started)


async def measure(path: Path, count: int) -> Figures:
    """Make the journal, and ask everything that is ever asked."""
    figures, newest = Figures(count), time.time() - 60
    journal = await Journal.open(path)
    with timing() as taken:
        await make(journal, count, newest)
    await journal.close()
    figures.making, figures.megabytes = taken[0], path.stat().st_size / 2**20
    with timing() as taken:
        journal = await Journal.open(path)
    figures.add("open", taken[0], 0.5)
    try:
        await _ask(journal, figures, newest)
        await _search(journal, figures)
        await _prune(journal, figures)
    finally:
        await journal.close()
    return figures


async def _ask(journal: Journal, figures: Figures, newest: float) -> None:
    async def take(what: str, promise: float, ask: Callable[[], Awaitable[object]]) -> None:
        with timing() as taken:
            answer = await ask()
        assert answer, what
        note = f"{len(answer):,}" if isinstance(answer, list) else ""
        figures.add(what, taken[0], promise, note)

    day = datetime.combine(datetime.fromtimestamp(newest, UTC).astimezone(), time_of_day())
    await take("the newest 1,000 calls", 0.25, lambda: journal.recent(1000))
    middle = figures.calls // 2
    await take("1,000 older ones", 0.25, lambda: journal.recent(1000, before=middle))
    await take("sums of a day", 0.25, lambda: journal.slots(newest - _DAY))
    await take("sums of 30 days", 2.0, lambda: journal.slots(newest - DAYS * _DAY))
    await take("spent since midnight", 0.1, lambda: journal.spent_since(day.timestamp()))
    await take("spent since any time", 0.1, lambda: journal.spent_since(newest - 1234.5))
    await take("messages of a call", 0.1, lambda: journal.exchange(figures.calls))
    with timing() as taken:
        calls = await journal.recent(100_000)
    figures.add("the newest 100,000 calls", taken[0], 20.0, f"{len(calls):,}")
    tracemalloc.start()
    calls = await journal.recent(10_000)
    figures.bytes_a_call = tracemalloc.get_traced_memory()[0] / len(calls)
    tracemalloc.stop()


async def _search(journal: Journal, figures: Figures) -> None:
    ids = range(figures.calls - SEARCHED + 1, figures.calls + 1)
    with timing() as taken:
        assert await journal.containing("nobody says this", ids) == set()
    figures.add(f"search of {SEARCHED:,} calls, in vain", taken[0], 10.0)
    searching = asyncio.ensure_future(journal.containing("nobody says this", ids))
    await asyncio.sleep(0.1)
    searching.cancel()
    with timing() as taken:
        await asyncio.wait({searching})
        await journal._searcher.run(lambda _: None)
    figures.add("giving a search up", taken[0], 0.5)


async def _prune(journal: Journal, figures: Figures) -> None:
    """Delete the older half while calls are written, and see how long those wait."""
    feed, chance = Feed(), random.Random(2)
    listener = feed.listen()
    waits, reads, number = [], [], journal.last_id
    started = time.perf_counter()
    pruning = asyncio.ensure_future(journal.prune(Limits(days=DAYS / 2, megabytes=100_000)))
    while not pruning.done():
        number += 1
        call = made(number, time.time(), chance)
        call.exchange = messages(chance)
        feed.tell(call)
        with timing() as taken:
            await journal._write(listener)
        waits += taken
        with timing() as taken:
            await journal.recent(100)
        reads += taken
        await asyncio.sleep(0.02)
    await pruning
    seconds = time.perf_counter() - started
    left = await journal._reader.run(_count)
    note = f"{figures.calls - left + len(waits):,} calls in {seconds:.1f} s, {len(waits)} batches"
    figures.add("longest wait of a batch while deleting", max(waits), 0.5, note)
    figures.add("longest wait of a question meanwhile", max(reads), 0.5)


def _count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select count(*) from call").fetchone()[0])
