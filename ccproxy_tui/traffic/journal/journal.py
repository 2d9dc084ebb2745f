"""Keeps what the feed tells of calls, and answers what is asked of them.

Ended calls are written in the next batch, and their messages then leave memory. Of calls that run,
the facts and what their messages have gained are written too, so that a kill loses little.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from ccproxy_tui.database import open_database, set_aside
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.body_text import BodyText
from ccproxy_tui.traffic.call import Call, Exchange, plain_text
from ccproxy_tui.traffic.feed import Feed, Listener
from ccproxy_tui.traffic.journal import slots
from ccproxy_tui.traffic.journal.backlog import Backlog
from ccproxy_tui.traffic.journal.connection import Connection
from ccproxy_tui.traffic.journal.packing import PARTS, message_of, unpack
from ccproxy_tui.traffic.journal.pruning import Limits, prune
from ccproxy_tui.traffic.journal.rows import COLUMNS, LARGEST_NUMBER, from_rows
from ccproxy_tui.traffic.journal.running import News, Running
from ccproxy_tui.traffic.journal.schema import ENDED, MIGRATIONS
from ccproxy_tui.traffic.journal.writing import end_running, write
from ccproxy_tui.traffic.spent import Spent
from ccproxy_tui.traffic.totals import Slot

log = logging.getLogger(__name__)

WRITE_EVERY = 0.35
"""Seconds between batches. What happens in a call is on disk after one of them, that it began after
two."""

_LONGEST_PAUSE = 30.0
_RUNNING_AT_ONCE = 50
_PRUNE_EVERY = 5.0
_LOOKED_AT = 100
"""Calls by which a journal shows that it can be read; the others of a long one take too long."""
_DAY = 86_400
_SEARCHED_AT_ONCE = 16
"""Calls between two moments at which a search can be given up."""


class Journal:
    """Keeps every call; whoever opens it closes it."""

    def __init__(
        self,
        path: Path,
        writer: Connection,
        reader: Connection,
        searcher: Connection,
        adder: Connection,
    ) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._searcher = searcher
        self._adder = adder
        self._backlog = Backlog()
        self._running: dict[int, Running] = {}
        self._pause = 0.0
        """Seconds until a batch that could not be written is tried again; 0 while all is well."""
        self._try_again = 0.0
        self.last_id = 0
        """The highest id that was ever written."""
        self.aside: Path | None = None
        """Where the journal before is that was damaged."""

    @classmethod
    async def open(cls, path: Path) -> "Journal":
        """Open or create the journal at `path`, readable by its owner only.

        Calls that ran when the process before ended have failed. A file that is damaged gets
        another name, which `aside` then tells, and a new one is begun.
        """
        try:
            return await cls._open(path)
        except (sqlite3.DatabaseError, ValueError) as error:
            if isinstance(error, sqlite3.OperationalError):  # no rights, no room, in use
                raise
            problem = error
        aside = set_aside(path)
        log.error("the journal is damaged (%s); it is %s now, and a new one begins", problem, aside)
        journal = await cls._open(path)
        journal.aside = aside
        return journal

    @classmethod
    async def _open(cls, path: Path) -> "Journal":
        pragmas = ("auto_vacuum = incremental",)
        made = await open_database(path, MIGRATIONS, "the journal", pragmas)
        async with AsyncExitStack() as stack:
            try:
                connections = []
                for name in ("writer", "reader", "searcher", "adder"):
                    connection = await Connection.open(path, name)
                    stack.push_async_callback(connection.close)
                    connections.append(connection)
            finally:
                await made.close()
            journal = cls(path, *connections)
            await journal._writer.run(slots.fill)
            await journal._writer.run(end_running)
            journal.last_id = await journal._reader.run(_last_id)
            await journal.recent(_LOOKED_AT)
            await journal.spent_since(time.time() - _DAY)
            stack.pop_all()
        return journal

    async def close(self) -> None:
        """Close the file; `keep` has written what was waiting."""
        for connection in (self._adder, self._searcher, self._reader, self._writer):
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
                if time.monotonic() < self._try_again:
                    self._sort(listener.drain())
                else:
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
        """Return what calls add up to, from the quarter of an hour on in which `since` lies.

        Some days ago an hour counts as one. It may take a while, and holds up nobody.
        """
        return await self._adder.run(lambda connection: slots.since(connection, since))

    async def spent_since(self, timestamp: float) -> dict[str, Spent]:
        """Return what the calls that began since then have used, by the names of access keys.

        It is exact for any time of the last days.
        """
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
        """Write what is new in batches, between which the loop is free for others."""
        self._sort(listener.drain())
        try:
            while calls := self._backlog.batch():
                await self._writer.run(_writing(calls, ()))
                self._backlog.done(calls)
                self.last_id = max(self.last_id, *(call.id for call in calls))
                self._can_write()
            running = list(self._running.values())
            for start in range(0, len(running), _RUNNING_AT_ONCE):
                await self._write_running(running[start : start + _RUNNING_AT_ONCE])
        except Exception as error:  # noqa: BLE001 - whatever it is, the next calls are kept
            self._cannot_write(error)

    async def _write_running(self, some: Sequence[Running]) -> None:
        # one that has ended since they were sorted is written as such next time
        news = [(one, new) for one in some if one.call.live and (new := one.news())]
        if news:
            await self._writer.run(_writing((), [new for _, new in news]))
            self._can_write()
        for one, new in news:
            one.keep(new)

    def _sort(self, told: Sequence[Call]) -> None:
        """Tell calls that have ended from those that run."""
        for call in told:
            if call.phase.ended:
                self._backlog.add(call)
            elif (known := self._running.get(call.id)) is not None:
                known.told = True
            else:
                self._running[call.id] = Running(call)
        # an end of which nothing was heard is seen all the same
        for call in [one.call for one in self._running.values() if one.call.phase.ended]:
            self._backlog.add(call)
            del self._running[call.id]

    def _can_write(self) -> None:
        if self._pause:
            log.warning(
                "the journal is written again; of %d calls so far something is lost",
                self._backlog.lost,
            )
        self._pause = 0.0

    def _cannot_write(self, error: Exception) -> None:
        for one in self._running.values():
            one.told = True
        if not self._pause:
            log.error("the journal %s cannot be written (%s); trying again", self._path, error)
        self._pause = min(max(2 * self._pause, 1.0), _LONGEST_PAUSE)
        self._try_again = time.monotonic() + self._pause


def _writing(ended: Sequence[Call], news: Sequence[News]) -> Callable[[sqlite3.Connection], None]:
    return lambda connection: write(connection, ended, news)


def _last_id(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select id from last_call").fetchone()[0])


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
