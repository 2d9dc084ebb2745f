"""How a database gets its tables: scripts that are run once each, in their order."""

from collections.abc import Sequence

import aiosqlite


class NewerDatabaseError(Exception):
    """The file was written by a newer version of ccproxy."""


async def migrate(connection: aiosqlite.Connection, scripts: Sequence[str], what: str) -> None:
    """Run the scripts that have not been run yet; `user_version` counts them.

    Raises `NewerDatabaseError`, in whose message `what` names the database.
    """
    rows = list(await connection.execute_fetchall("pragma user_version"))
    done = int(rows[0][0])
    if done > len(scripts):
        raise NewerDatabaseError(f"{what} was written by a newer ccproxy; update this one")
    for number, script in enumerate(scripts[done:], done + 1):
        await connection.executescript(f"begin; {script}; pragma user_version = {number}; commit;")
