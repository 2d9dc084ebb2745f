"""The configuration in SQLite: read whole, written whole in one transaction.

It is small, so a save replaces all rows; the revision counts saves and guards against two writers.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiosqlite
import orjson

from ccproxy_tui.config.models import Configuration
from ccproxy_tui.database import open_database

MIGRATIONS: tuple[str, ...] = (
    """
    create table revision (number integer not null);
    insert into revision values (0);
    create table setting (name text primary key, value text not null);
    create table provider (
        position integer primary key, name text not null unique, protocol text not null,
        base_url text not null, api_keys text not null, models text not null,
        disabled integer not null
    );
    create table "group" (
        position integer primary key, name text not null unique, description text not null,
        prompt_injection text not null, prompt_text text not null, prompt_scope text not null,
        tool_filter text not null, temperature_ratio real not null, disabled integer not null
    );
    create table proxy (
        position integer primary key, "group" text not null, alias text not null,
        targets text not null, disabled integer not null, unique ("group", alias)
    );
    create table access_key (
        position integer primary key, name text not null unique, token text not null,
        disabled integer not null
    );
    """,
    """
    alter table provider add column profiles text not null default '[]';
    """,
    """
    alter table provider add column requests_per_minute integer;
    alter table provider add column concurrent_requests integer;
    alter table provider add column connect_timeout real;
    alter table provider add column first_byte_timeout real;
    alter table provider add column chunk_timeout real;
    alter table provider add column total_timeout real;
    alter table provider add column http_proxies text not null default '[]';
    alter table proxy add column strategy text not null default 'sticky';
    alter table access_key add column groups text not null default '[]';
    alter table access_key add column expires text;
    alter table access_key add column requests_per_minute integer;
    alter table access_key add column tokens_per_day integer;
    alter table access_key add column money_per_day real;
    """,
    """
    alter table "group" add column prompt_position text not null default 'system';
    alter table "group" add column prompt_models text not null default '[]';
    alter table "group" add column replacements text not null default '[]';
    alter table "group" add column tool_mode text not null default 'auto';
    create table prompt (
        position integer primary key, name text not null unique, text text not null,
        description text not null
    );
    """,
    """
    alter table "group" add column capture text not null default 'full';
    """,
    """
    alter table provider add column prices text not null default '[]';
    """,
)
"""SQL scripts; the database's `user_version` says how many have been run."""

_TABLES = {
    "providers": "provider",
    "groups": "group",
    "proxies": "proxy",
    "keys": "access_key",
    "prompts": "prompt",
}
_LISTS = frozenset(
    {
        "api_keys",
        "groups",
        "http_proxies",
        "models",
        "prices",
        "profiles",
        "prompt_models",
        "replacements",
        "targets",
        "tool_filter",
    }
)


class ConflictError(Exception):
    """Somebody else has saved meanwhile; load again and repeat the edit."""


class ConfigurationStore:
    """The configuration's database; whoever opens it closes it."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._transaction = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> "ConfigurationStore":
        """Open or create the database at `path`, readable by its owner only."""
        return cls(await open_database(path, MIGRATIONS, "the configuration"))

    async def close(self) -> None:
        """Close the database."""
        await self._connection.close()

    async def revision(self) -> int:
        """Return how often the configuration was saved, 0 for never."""
        async with self._transaction:  # or a save under way on this connection would be seen
            return await self._revision()

    async def load(self) -> tuple[Configuration, int] | None:
        """Return configuration and revision, None when nothing was ever saved."""
        async with self._transaction:
            await self._connection.execute("begin")
            try:
                revision = await self._revision()
                stored = {field: await self._rows(table) for field, table in _TABLES.items()}
                settings = {
                    name: orjson.loads(value)
                    for name, value in await self._connection.execute_fetchall(
                        "select name, value from setting"
                    )
                }
            finally:
                await self._connection.execute("commit")
        if revision == 0:
            return None
        return Configuration.model_validate({"settings": settings, **stored}), revision

    async def save(self, configuration: Configuration, expected_revision: int) -> int:
        """Replace what is stored and return the new revision.

        Raises `ConflictError` when the stored revision is not the expected one.
        """
        async with self._transaction:
            await self._connection.execute("begin immediate")
            try:
                if await self._revision() != expected_revision:
                    raise ConflictError("the configuration was changed elsewhere meanwhile")
                await self._replace(configuration, expected_revision + 1)
            except BaseException:
                if self._connection.in_transaction:
                    await self._connection.execute("rollback")
                raise
            await self._connection.execute("commit")
        return expected_revision + 1

    async def _replace(self, configuration: Configuration, revision: int) -> None:
        data = configuration.model_dump(mode="json")
        await self._connection.execute("delete from setting")
        await self._connection.executemany(
            "insert into setting values (?, ?)",
            [(name, _text(value)) for name, value in data["settings"].items()],
        )
        for field, table in _TABLES.items():
            await self._replace_rows(table, data[field])
        await self._connection.execute("update revision set number = ?", (revision,))

    async def _revision(self) -> int:
        rows = list(await self._connection.execute_fetchall("select number from revision"))
        return int(rows[0][0])

    async def _rows(self, table: str) -> list[dict[str, Any]]:
        cursor = await self._connection.execute(f'select * from "{table}" order by position')  # noqa: S608 - our own names
        async with cursor:
            names = [column[0] for column in cursor.description]
            rows = await cursor.fetchall()
        return [
            {
                name: orjson.loads(value) if name in _LISTS else value
                for name, value in zip(names, row, strict=True)
                if name != "position"
            }
            for row in rows
        ]

    async def _replace_rows(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        await self._connection.execute(f'delete from "{table}"')  # noqa: S608 - our own names
        for position, row in enumerate(rows):
            columns = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" * len(row))
            values = [_text(value) if isinstance(value, list) else value for value in row.values()]
            await self._connection.execute(
                f'insert into "{table}" (position, {columns}) values (?, {marks})',  # noqa: S608
                [position, *values],
            )


def _text(value: object) -> str:
    return orjson.dumps(value).decode()
