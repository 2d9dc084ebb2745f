"""The one way to open a SQLite file: its owner's alone, and with the tables that it should have."""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import aiosqlite

from ccproxy_tui.migrations import migrate


async def open_database(
    path: Path, scripts: Sequence[str], what: str, pragmas: Sequence[str] = ()
) -> aiosqlite.Connection:
    """Open or create the database at `path`, without transactions that begin by themselves.

    Raises `NewerDatabaseError`, in whose message `what` names the database.
    """
    path.touch(mode=0o600)
    connection = await aiosqlite.connect(path, isolation_level=None)
    try:
        # some can only be set before the file has a first page, which is what the last one writes
        for pragma in ("busy_timeout = 5000", *pragmas, "journal_mode = wal"):
            await connection.execute(f"pragma {pragma}")
        await migrate(connection, scripts, what)
    except BaseException:
        await connection.close()
        raise
    return connection


def set_aside(path: Path) -> Path:
    """Give a database that is of no use another name, and return it."""
    aside = path.with_name(f"{path.stem}-damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
    for belongs in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + belongs).rename(aside.with_name(aside.name + belongs))
    return aside
