"""Keeps what the feed tells of calls, and answers what is asked of them.

Ended calls are written in the next batch, and their messages then leave memory. Of calls that run,
the facts and what their messages have gained are written too, so that a kill loses little.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from ccproxy_tui.database import open_database
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.body_text import BodyText
from ccproxy_tui.traffic.call import Call, Exchange, plain_text
from ccproxy_tui.traffic.feed import Feed, Listener
from ccproxy_tui.traffic.journal import slots
from ccproxy_tui.traffic.journal.connection import Connection
from ccproxy_tui.traffic.journal.packing import PARTS, message_of, unpack
from ccproxy_tui.traffic.journal.pruning import Limits, prune
from ccproxy_tui.traffic.journal.rows import COLUMNS, LARGEST_NUMBER, from_rows
from ccproxy_tui.traffic.journal.running import Running
from ccproxy_tui.traffic.journal.schema import ENDED, MIGRATIONS
from ccproxy_tui.traffic.journal.writing import end_running, write
from ccproxy_tui.traffic.spent import Spent
from ccproxy_tui.traffic.totals import Slot

log = logging.getLogger(__name__)

WRITE_EVERY = 0.35
"""Seconds between batches. What happens in a call is on disk after one of them, that it began after
two."""
LARGEST_BACKLOG = 256 * 1024 * 1024
"""Bytes of messages that may wait for the disk; beyond it the oldest are let go."""

_PRUNE_EVERY = 5.0
_SEARCHED_AT_ONCE = 16
"""Calls between two moments at which a search can be given up."""


class Journal:
    """Keeps every call; whoever opens it closes it."""

    def __init__(
        self, path: Path, writer: Connection, reader: Connection, searcher: Connection
    ) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._searcher = searcher
        self._waiting: dict[int, Call] = {}
        self._running: dict[int, Running] = {}
        self._writable = True
        self.last_id = 0
        """The highest id that was ever written."""
        self.lost = 0
        """How many calls are kept without their messages, as the disk was too slow."""

    @classmethod
    async def open(cls, path: Path) -> "Journal":
        """Open or create the journal at `path`, readable by its owner only.

        Calls that ran when the process before ended have failed.
        """
        pragmas = ("auto_vacuum = incremental",)
        made = await open_database(path, MIGRATIONS, "the journal", pragmas)
        async with AsyncExitStack() as stack:
            try:
                connections = []
                for name in ("writer", "reader", "searcher"):
                    connection = await Connection.open(path, name)
                    stack.push_async_callback(connection.close)
                    connections.append(connection)
            finally:
                await made.close()
            journal = cls(path, *connections)
            await journal._writer.run(slots.fill)
            await journal._writer.run(end_running)
            journal.last_id = await journal._reader.run(_last_id)
            stack.pop_all()
        return journal

    async def close(self) -> None:
        """Close the file; `keep` has written what was waiting."""
        for connection in (self._searcher, self._reader, self._writer):
            await connection.close()

    async def keep(self, feed: Feed, limits: Callable[[], Limits]) -> None:
        """Write down every call of the feed, on the gateway's event loop, until cancelled.

        What is beyond the limits, which are asked for again and again, is deleted.
        """
        listener = feed.listen(capacity=100_000)
        pruning = spawn(self._prune_often(limits), "prune journal")
        try:
            while True:
                await asyncio.sleep(WRITE_EVERY)
                await self._write(listener)
        finally:
            pruning.cancel()
            feed.leave(listener)
            await self._write(listener)

    async def recent(self, limit: int, *, before: int | None = None) -> list[Call]:
        """Return the newest calls that have ended, or those with an id below `before`, without
        their messages; the oldest comes first."""

        def read(connection: sqlite3.Connection) -> list[Call]:
            rows = connection.execute(
                f"select {COLUMNS} from call where id < ? and {ENDED} order by id desc limit ?",  # noqa: S608 - our own names
                (LARGEST_NUMBER if before is None else before, limit),
            )
            return from_rows(rows)[::-1]

        return await self._reader.run(read)

    async def exchange(self, call_id: int) -> Exchange | None:
        """Return the messages of a call as far as they are written, None when they are not kept."""
        return await self._reader.run(lambda connection: _exchange(connection, call_id))

    async def containing(self, text: str, ids: Sequence[int]) -> set[int]:
        """Tell which of some calls have a text in one of their bodies; case does not count.

        It may be given up by a cancellation, and holds up nobody.
        """
        wanted, found = BodyText(text), set[int]()
        for start in range(0, len(ids), _SEARCHED_AT_ONCE):
            some = ids[start : start + _SEARCHED_AT_ONCE]
            found |= await self._searcher.run(_search(wanted, some))
        return found

    async def annotate(self, call_id: int, *, marked: bool, remark: str) -> None:
        """Keep a person's mark and remark on a call; one that is not written yet brings its own."""
        await self._writer.run(
            lambda connection: connection.execute(
                "update call set marked = ?, remark = ? where id = ?",
                (marked, plain_text(remark), call_id),
            )
        )

    async def slots(self, since: float) -> list[Slot]:
        """Return what calls add up to, from the quarter of an hour on in which `since` lies."""
        return await self._reader.run(lambda connection: slots.since(connection, since))

    async def spent_since(self, timestamp: float) -> dict[str, Spent]:
        """Return what the calls that began since then have used, by the names of access keys."""
        return await self._reader.run(lambda connection: slots.spent_since(connection, timestamp))

    async def prune(self, limits: Limits) -> None:
        """Delete what is beyond the limits, the oldest calls first, in steps between the batches."""
        while await self._writer.run(lambda connection: prune(connection, limits)):
            pass

    async def _prune_often(self, limits: Callable[[], Limits]) -> None:
        while True:
            try:
                await self.prune(limits())
            except sqlite3.Error as error:
                log.warning("the journal could not be pruned (%s); trying again later", error)
            await asyncio.sleep(_PRUNE_EVERY)

    async def _write(self, listener: Listener) -> None:
        self._sort(listener.drain())
        self._relieve()
        ended = list(self._waiting.values())
        running = [(one, new) for one in self._running.values() if (new := one.news())]
        if not (ended or running):
            return
        news = [new for _, new in running]
        try:
            await self._writer.run(lambda connection: write(connection, ended, news))
        except sqlite3.Error as error:
            self._cannot_write(error)
            return
        self._writable = True
        for call in ended:
            del self._waiting[call.id]
            self.last_id = max(self.last_id, call.id)
            call.exchange = None
        for one, new in running:
            one.keep(new)

    def _sort(self, told: Sequence[Call]) -> None:
        """Tell calls that have ended from those that run."""
        for call in told:
            if call.phase.ended:
                self._waiting[call.id] = call
            elif (known := self._running.get(call.id)) is not None:
                known.told = True
            else:
                self._running[call.id] = Running(call)
        # an end of which nothing was heard is seen all the same
        for call in [one.call for one in self._running.values() if one.call.phase.ended]:
            self._waiting[call.id] = call
            del self._running[call.id]

    def _relieve(self) -> None:
        """Let go of messages, oldest first, while too much waits for the disk; facts stay."""
        waiting = sum(_size(call) for call in self._waiting.values())
        for call in self._waiting.values():
            if waiting <= LARGEST_BACKLOG:
                return
            waiting -= _size(call)
            call.exchange = None
            self.lost += 1

    def _cannot_write(self, error: Exception) -> None:
        for one in self._running.values():
            one.told = True
        if self._writable:
            log.error("the journal %s cannot be written (%s); trying again", self._path, error)
        self._writable = False


def _last_id(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select coalesce(max(id), 0) from call").fetchone()[0])


def _exchange(connection: sqlite3.Connection, call_id: int) -> Exchange | None:
    pieces = (
        connection.execute(
            "select heads, bodies from exchange where call = ?", (call_id,)
        ).fetchall()
        or connection.execute(
            "select heads, bodies from piece where call = ? order by number", (call_id,)
        ).fetchall()
    )
    return unpack(pieces) if pieces else None


def _search(wanted: BodyText, ids: Sequence[int]) -> Callable[[sqlite3.Connection], set[int]]:
    def has(exchange: Exchange) -> bool:
        # a request that was passed on unchanged need not be read twice
        bodies = {message_of(exchange, part).body for part in range(len(PARTS))}
        return any(map(wanted.within_body, bodies))

    def search(connection: sqlite3.Connection) -> set[int]:
        exchanges = ((call_id, _exchange(connection, call_id)) for call_id in ids)
        return {call_id for call_id, kept in exchanges if kept and has(kept)}

    return search


def _size(call: Call) -> int:
    """Bytes of a call's messages; what several of them hold counts once."""
    if call.exchange is None:
        return 0
    messages = [message_of(call.exchange, part) for part in range(len(PARTS))]
    return sum({id(chunk): len(chunk) for one in messages for chunk in one.chunks}.values())
