"""The calls on disk: written behind, in batches, on the journal's own thread.

Only ended calls are written. Once a call is, its messages leave memory and are read from here.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import aiosqlite
import orjson
import zstandard

from ccproxy_tui.database import open_database
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens, plain_text
from ccproxy_tui.traffic.feed import Feed, Listener
from ccproxy_tui.traffic.spent import FREE_OPERATION, Spent
from ccproxy_tui.traffic.totals import SLOT_SECONDS, Slot, Totals

log = logging.getLogger(__name__)

WRITE_EVERY = 0.5
"""Seconds between batches."""
LARGEST_BACKLOG = 256 * 1024 * 1024
"""Bytes of messages that may wait for the disk; beyond it the oldest are let go."""

_PRUNE_EVERY = 600.0
_LARGEST_NUMBER = 2**63 - 1
_LEVEL = 1
"""Of compression: the higher ones take more time than they save space on text like this."""
_MESSAGES = tuple(field.name for field in fields(Exchange))
_LISTS = ("attempts", "why", "notes", "tools")
"""Fields that are kept as JSON."""
_FACTS = tuple(
    field.name for field in fields(Call) if field.name not in {"tokens", "exchange", *_LISTS}
)
_TOKENS = tuple(field.name for field in fields(Tokens))
_NAMES = (*_FACTS, *_TOKENS, *_LISTS)
_COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
_MARKS = ", ".join("?" * len(_NAMES))

MIGRATIONS: tuple[str, ...] = (
    """
    create table call (
        id integer primary key, started_at real not null, method text not null,
        path text not null, operation text not null, protocol text not null, key text not null,
        "group" text not null, requested text not null, alias text not null,
        provider text not null, model text not null, upstream_protocol text not null,
        streaming integer not null, session text not null, agent text not null,
        phase text not null, status integer not null, error text not null, ttft real,
        duration real, output_so_far integer not null,
        stop_reason text not null, attempts integer not null, notes text not null,
        input integer not null, cache_read integer not null, cache_write integer not null,
        output integer not null, estimated integer not null
    );
    create index call_started_at on call (started_at);
    create table exchange (
        call integer primary key references call (id) on delete cascade,
        heads text not null, bodies blob not null
    );
    """,
    """
    alter table call drop column attempts; -- a mere number
    alter table call add column attempts text not null default '[]';
    alter table call add column why text not null default '[]';
    alter table call add column cost real;
    """,
    """
    alter table call add column parent_agent text not null default '';
    alter table call add column tools text not null default '[]';
    alter table call add column "window" integer;
    alter table call add column replay_of integer;
    alter table call add column capture text not null default 'full';
    alter table call add column marked integer not null default 0;
    alter table call add column remark text not null default '';
    """,
)


class Journal:
    """Keeps every call; whoever opens it closes it."""

    def __init__(self, connection: aiosqlite.Connection, path: Path, last_id: int) -> None:
        self._connection = connection
        self._path = path
        self._waiting: deque[Call] = deque()
        self._writable = True
        self.last_id = last_id
        """The highest id that was ever written."""
        self.lost = 0
        """How many calls are kept without their messages, as the disk was too slow."""

    @classmethod
    async def open(cls, path: Path) -> "Journal":
        """Open or create the journal at `path`, readable by its owner only."""
        pragmas = ("synchronous = normal", "foreign_keys = on")
        connection = await open_database(path, MIGRATIONS, "the journal", pragmas)
        try:
            rows = list(await connection.execute_fetchall("select coalesce(max(id), 0) from call"))
        except BaseException:
            await connection.close()
            raise
        return cls(connection, path, int(rows[0][0]))

    async def close(self) -> None:
        """Close the file; `keep` has written what was waiting."""
        await self._connection.close()

    async def keep(self, feed: Feed, *, days: float, megabytes: float) -> None:
        """Write down every call of the feed that ends, until cancelled.

        Calls older than `days`, and the oldest beyond `megabytes`, are deleted now and then.
        """
        listener = feed.listen(capacity=100_000)
        pruning = spawn(self._prune_often(days, megabytes), "prune journal")
        try:
            while True:
                await asyncio.sleep(WRITE_EVERY)
                await self._write(listener)
        finally:
            pruning.cancel()
            feed.leave(listener)
            await self._write(listener)

    async def recent(self, limit: int, *, before: int | None = None) -> list[Call]:
        """Return the newest calls, or those with an id below `before`, without their messages.

        The oldest comes first.
        """
        rows = await self._connection.execute_fetchall(
            f"select {_COLUMNS} from call where id < ? order by id desc limit ?",  # noqa: S608 - our own names
            (_LARGEST_NUMBER if before is None else before, limit),
        )
        return [_call(row) for row in reversed(list(rows))]

    async def annotate(self, call_id: int, *, marked: bool, remark: str) -> None:
        """Keep a person's mark and remark on a call, if that is written."""
        await self._connection.execute(
            "update call set marked = ?, remark = ? where id = ?",
            (marked, plain_text(remark), call_id),
        )

    async def containing(self, text: str, ids: Sequence[int]) -> set[int]:
        """Tell which of some calls have a text in one of their bodies; case does not count."""
        wanted, found = text.lower().encode(), set()
        for call_id in ids:
            exchange = await self.exchange(call_id)
            if exchange is not None and any(
                wanted in getattr(exchange, part).body.lower() for part in _MESSAGES
            ):
                found.add(call_id)
        return found

    async def slots(self, since: float) -> list[Slot]:
        """Return what calls that began since then add up to, in quarters of an hour."""
        rows = await self._connection.execute_fetchall(
            f"select {_COLUMNS} from call where started_at >= ?",  # noqa: S608 - our own names
            (since,),
        )
        kinds: dict[tuple[float, str, str, str, str, str], Totals] = {}
        for call in map(_call, rows):
            start = call.started_at // SLOT_SECONDS * SLOT_SECONDS
            kind = (start, call.group, call.alias, call.target, call.key, call.session)
            kinds.setdefault(kind, Totals()).add(call)
        return [Slot(*kind, totals) for kind, totals in kinds.items()]

    async def spent_since(self, timestamp: float) -> dict[str, Spent]:
        """Return what the calls that began since then have used, by the names of access keys."""
        rows = await self._connection.execute_fetchall(
            # unlike sum(), total() takes numbers of any size
            "select key, total(input + cache_read + cache_write + output), total(cost) from call "
            "where started_at >= ? and key != '' and operation != ? group by key",
            (timestamp, FREE_OPERATION),
        )
        return {key: Spent(int(tokens), money) for key, tokens, money in rows}

    async def exchange(self, call_id: int) -> Exchange | None:
        """Return the messages of a written call, None when they are not kept (any more)."""
        rows = await self._connection.execute_fetchall(
            "select heads, bodies from exchange where call = ?", (call_id,)
        )
        for heads, bodies in rows:
            return await asyncio.to_thread(_unpacked, heads, bodies)
        return None

    async def _write(self, listener: Listener) -> None:
        for call in listener.drain():
            if call.phase.ended:
                self._waiting.append(call)
        self._relieve()
        if not self._waiting:
            return
        batch = list(self._waiting)
        rows = await asyncio.to_thread(_rows, batch)
        try:
            await self._insert(*rows)
        except aiosqlite.Error as error:
            self._cannot_write(error)
            return
        self._writable = True
        for _ in batch:
            call = self._waiting.popleft()
            self.last_id = max(self.last_id, call.id)
            call.exchange = None

    def _relieve(self) -> None:
        """Let go of messages, oldest first, while too much waits for the disk; facts stay."""
        waiting = sum(_size(call) for call in self._waiting)
        for call in self._waiting:
            if waiting <= LARGEST_BACKLOG:
                return
            waiting -= _size(call)
            call.exchange = None
            self.lost += 1

    def _cannot_write(self, error: Exception) -> None:
        if self._writable:
            log.error("the journal %s cannot be written (%s); trying again", self._path, error)
        self._writable = False

    async def _insert(
        self, calls: Sequence[tuple[Any, ...]], exchanges: Sequence[tuple[Any, ...]]
    ) -> None:
        execute = self._connection.executemany
        try:
            await self._connection.execute("begin immediate")
            await execute(f"insert or replace into call ({_COLUMNS}) values ({_MARKS})", calls)  # noqa: S608 - our own names
            await execute("insert or replace into exchange values (?, ?, ?)", exchanges)
            await self._connection.execute("commit")
        except BaseException:
            # a cancelled statement still runs, in its turn, before this one
            with suppress(aiosqlite.Error):
                await self._connection.execute("rollback")
            raise

    async def _prune_often(self, days: float, megabytes: float) -> None:
        while True:
            try:
                await self.prune(days=days, megabytes=megabytes)
            except aiosqlite.Error as error:
                log.warning("the journal could not be pruned (%s); trying again later", error)
            await asyncio.sleep(_PRUNE_EVERY)

    async def prune(self, *, days: float, megabytes: float) -> None:
        """Delete calls older than `days`, and the oldest until the file's content fits."""
        await self._connection.execute(
            "delete from call where started_at < ?", (time.time() - days * 86_400,)
        )
        for _ in range(100):
            if await self._used() <= megabytes * 1024 * 1024:
                return
            await self._connection.execute(
                "delete from call where id in (select id from call order by id limit "
                "max(1, (select count(*) from call) / 20))"
            )

    async def _used(self) -> int:
        """Bytes in use; space that was freed is used again before the file grows."""
        numbers = [
            next(iter(await self._connection.execute_fetchall(f"pragma {name}")))[0]
            for name in ("page_count", "freelist_count", "page_size")
        ]
        return int((numbers[0] - numbers[1]) * numbers[2])


def _size(call: Call) -> int:
    """Bytes of a call's messages; what several of them hold counts once."""
    if call.exchange is None:
        return 0
    messages = (_message(call, part) for part in _MESSAGES)
    pieces = {id(chunk): len(chunk) for message in messages for chunk in message.chunks}
    return sum(pieces.values())


def _message(call: Call, part: str) -> Message:
    message = getattr(call.exchange, part)
    assert isinstance(message, Message)
    return message


def _rows(batch: Sequence[Call]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Turn calls into rows; done away from the event loop.

    A call whose row cannot be made is left out and logged, so that it does not hold up the others.
    """
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    calls, exchanges = [], []
    for call in batch:
        try:
            facts = [_stored(getattr(call, name)) for name in _FACTS]
            tokens = [_stored(getattr(call.tokens, name)) for name in _TOKENS]
            lists = [_list(getattr(call, name)) for name in _LISTS]
            packed = None if call.exchange is None else _packed(call.exchange, compressor)
        except (TypeError, ValueError):
            log.exception("call %d cannot be kept in the journal", call.id)
            continue
        calls.append((*facts, *tokens, *lists))
        if packed is not None:
            exchanges.append((call.id, *packed))
    return calls, exchanges


def _stored(value: Any) -> Any:
    """Fit a value into a column: no half characters, no number above what SQLite holds."""
    if isinstance(value, str):
        return plain_text(value)
    return min(value, _LARGEST_NUMBER) if type(value) is int else value


def _list(items: Sequence[Any]) -> str:
    """Write texts or attempts as a JSON list."""
    return orjson.dumps([_whole(item) for item in items]).decode()


def _whole(item: Any) -> Any:
    """Make good what JSON cannot hold: half characters."""
    if isinstance(item, Attempt):
        return replace(item, reason=plain_text(item.reason))
    return plain_text(item) if isinstance(item, str) else item


def _packed(exchange: Exchange, compressor: zstandard.ZstdCompressor) -> tuple[str, bytes]:
    """Compress all bodies as one: what the proxy passed on unchanged is then stored once."""
    heads, bodies = [], []
    for part in _MESSAGES:
        message: Message = getattr(exchange, part)
        body = message.body
        heads.append((message.head, message.headers, len(body)))
        bodies.append(body)
    return orjson.dumps(heads).decode(), compressor.compress(b"".join(bodies))


def _unpacked(heads: str, bodies: bytes) -> Exchange:
    data = zstandard.ZstdDecompressor().decompress(bodies)
    exchange, start = Exchange(), 0
    for part, (head, headers, length) in zip(_MESSAGES, orjson.loads(heads), strict=True):
        chunks = [data[start : start + length]] if length else []
        pairs = tuple((name, value) for name, value in headers)
        setattr(exchange, part, Message(head, pairs, chunks))
        start += length
    return exchange


def _call(row: Sequence[Any]) -> Call:
    kept = dict(zip(_NAMES, row, strict=True))
    tokens = {name: kept.pop(name) for name in _TOKENS}
    tokens["estimated"] = bool(tokens["estimated"])
    kept["phase"] = Phase(kept["phase"])
    for name in ("streaming", "marked"):
        kept[name] = bool(kept[name])
    lists = {name: orjson.loads(kept.pop(name)) for name in _LISTS}
    return Call(
        **kept,
        tokens=Tokens(**tokens),
        attempts=[_attempt(item) for item in lists["attempts"]],
        why=tuple(lists["why"]),
        tools=tuple(lists["tools"]),
        notes=lists["notes"],
    )


def _attempt(kept: dict[str, Any]) -> Attempt:
    outcome = kept.pop("outcome")
    return Attempt(**kept, outcome=None if outcome is None else Outcome(outcome))
