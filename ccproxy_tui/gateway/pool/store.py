"""What the pool knows, on disk: it survives a restart. Written behind, and without a secret."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import aiosqlite
import orjson

from ccproxy_tui.database import open_database
from ccproxy_tui.gateway.pool.health import Health
from ccproxy_tui.gateway.pool.lessons import Lesson
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.lacks import Lack
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.traffic.standing import CandidateId, State

log = logging.getLogger(__name__)

WRITE_EVERY = 0.5
"""Seconds between looks for changes."""

_KNOWN = frozenset(field.name for field in fields(Profile))

MIGRATIONS: tuple[str, ...] = (
    """
    create table health (
        provider text not null, key text not null, model text not null, state text not null,
        until real not null, since real not null, in_a_row integer not null,
        strikes integer not null, disabled integer not null,
        status integer, message text, kind text, primary key (provider, key, model)
    );
    create table lesson (
        provider text not null, model text not null, position integer not null,
        words text not null, entry text not null, learned_at real not null,
        primary key (provider, model, position)
    );
    """,
)


class PoolStore:
    """The pool's database; whoever opens it closes it."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> "PoolStore":
        """Open or create the database at `path`, readable by its owner only."""
        pragmas = ("synchronous = normal",)
        return cls(await open_database(path, MIGRATIONS, "the pool's memory", pragmas))

    async def close(self) -> None:
        """Close the database."""
        await self._connection.close()

    async def load(self, pool: Pool) -> None:
        """Let the pool know what was known when it was last written."""
        for row in await self._connection.execute_fetchall("select * from health"):
            pool.healths[CandidateId(*row[:3])] = _health(row)
        lessons = "select provider, model, words, entry, learned_at from lesson order by position"
        for provider, model, words, entry, at in await self._connection.execute_fetchall(lessons):
            learned = pool.lessons.learned.get((provider, model), ())
            lesson = Lesson(Lack(words, orjson.loads(entry)), at)
            if not lesson.lack.entry.keys() <= _KNOWN:
                continue  # of another version
            pool.lessons.learned[provider, model] = (*learned, lesson)

    async def keep(self, pool: Pool) -> None:
        """Write what changes, until cancelled."""
        written = 0
        try:
            while True:
                await asyncio.sleep(WRITE_EVERY)
                written = await self._write(pool, written)
        finally:
            await self._write(pool, written)

    async def _write(self, pool: Pool, written: int) -> int:
        """Replace what is stored when it is older; gives the revision that is."""
        revision = pool.revision
        if revision == written:
            return written
        healths = [_row(id_, health) for id_, health in pool.healths.items() if _tells(health)]
        lessons = [
            (*place, position, one.lack.words, _json(one.lack.entry), one.learned_at)
            for place, learned in pool.lessons.learned.items()
            for position, one in enumerate(learned)
        ]
        try:
            await self._replace(healths, lessons)
        except aiosqlite.Error as error:
            log.warning("what the pool knows cannot be written (%s); trying again", error)
            return written
        return revision

    async def _replace(
        self, healths: Sequence[tuple[Any, ...]], lessons: Sequence[tuple[Any, ...]]
    ) -> None:
        execute, many = self._connection.execute, self._connection.executemany
        try:
            await execute("begin immediate")
            await execute("delete from health")
            await many("insert into health values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", healths)
            await execute("delete from lesson")
            await many("insert into lesson values (?, ?, ?, ?, ?, ?)", lessons)
            await execute("commit")
        except BaseException:
            # a cancelled statement still runs, in its turn, before this one
            with suppress(aiosqlite.Error):
                await execute("rollback")
            raise


def _tells(health: Health) -> bool:
    """Tell whether a health is other than that of a candidate nobody knows."""
    return health.base is not State.READY or health.disabled or bool(health.in_a_row)


def _row(id_: CandidateId, health: Health) -> tuple[Any, ...]:
    failure = health.failure
    said = (failure.status, failure.message, failure.kind) if failure else (None, None, None)
    return (
        id_.provider, id_.key, id_.model, health.base.value, health.until, health.since,
        health.in_a_row, health.strikes, int(health.disabled), *said,
    )  # fmt: skip


def _json(entry: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(entry)).decode()


def _health(row: Any) -> Health:
    _, _, _, state, until, since, in_a_row, strikes, disabled, status, message, kind = row
    failure = None if status is None else Failure(status, message, kind)
    return Health(State(state), until, since, failure, in_a_row, strikes, bool(disabled))
