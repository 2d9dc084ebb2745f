"""A connection to the journal that is used on a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

_T = TypeVar("_T")
_PRAGMAS = (
    "busy_timeout = 5000",
    "foreign_keys = on",
    "synchronous = normal",  # what is committed survives a kill, though not a power cut
    "journal_size_limit = 67108864",
)


class Connection:
    """Runs what it is given one after the other, for tasks of any event loop.

    Nothing begins a transaction by itself.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"journal {name}")
        self._sqlite = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    @classmethod
    async def open(cls, path: Path, name: str) -> "Connection":
        """Open a file that is there."""
        connection = cls(path, name)
        try:
            await connection.run(_prepare)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Return what `work` makes of the connection; raises what it raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, self._sqlite)

    async def close(self) -> None:
        """Close it, after what was begun."""
        await self.run(lambda sqlite: sqlite.close())
        self._thread.shutdown()


def _prepare(sqlite: sqlite3.Connection) -> None:
    for pragma in _PRAGMAS:
        sqlite.execute(f"pragma {pragma}")
    sqlite.execute("select 1 from sqlite_schema").fetchone()  # or the file is not opened yet
