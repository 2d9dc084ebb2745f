"""The journal's limits, kept in steps so short that whoever writes hardly waits."""

import json
import time
from dataclasses import dataclass
from sqlite3 import Connection

from ccproxy_tui.traffic.journal import thinning
from ccproxy_tui.traffic.journal.schema import ENDED

_CALLS = 50
"""How many calls are deleted in a step."""
_ROW = 800
"""Bytes of a call's facts, roughly."""
_SLOTS_SHARE = 0.25
"""Of all that may be kept, for slots: they outlive calls, but must leave room for them."""
_PAGES = 500
"""How many free pages are given back in a step."""
_WORTH_GIVING_BACK = 8 * 1024 * 1024
"""Bytes; less is soon used again."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept; what is reached first counts."""

    days: float
    megabytes: float
    """Of the file's content."""


def prune(connection: Connection, limits: Limits) -> bool:
    """Delete a few of the oldest calls or slots if a limit asks for it; tells whether more is to do."""
    return (
        _delete_old(connection, limits.days)
        or _delete_much(connection, limits.megabytes)
        or thinning.forget(connection)
        or thinning.merge(connection)
        or _give_back(connection)
    )


def _delete_old(connection: Connection, days: float) -> bool:
    deleted = connection.execute(
        "delete from call where id in (select id from call "  # noqa: S608 - our own words
        f"where started_at < ? and {ENDED} order by started_at limit ?)",
        (time.time() - days * _DAY, _CALLS),
    )
    return deleted.rowcount == _CALLS


def _delete_much(connection: Connection, megabytes: float) -> bool:
    pages, free, size = _pages(connection)
    most = megabytes * 1024 * 1024
    beyond = (pages - free) * size - most
    if beyond <= 0:
        return False
    if thinning.fit(connection, most * _SLOTS_SHARE):
        return True
    doomed = []
    for call_id, length in connection.execute(
        "select id, coalesce(length(bodies), 0) from call left join exchange on call = id "  # noqa: S608
        f"where {ENDED} order by id limit ?",
        (_CALLS,),
    ):
        doomed.append(call_id)
        beyond -= length + _ROW
        if beyond <= 0:
            break
    deleted = connection.execute(
        "delete from call where id in (select value from json_each(?))", (json.dumps(doomed),)
    )
    return deleted.rowcount > 0


def _give_back(connection: Connection) -> bool:
    """Shorten the file, where it was made so that it can be; space that stays free is used again."""
    pages, free, size = _pages(connection)
    if free * size < max(_WORTH_GIVING_BACK, pages * size // 8) or not _can_shrink(connection):
        return False
    connection.execute(f"pragma incremental_vacuum({_PAGES})").fetchall()
    return True


def _can_shrink(connection: Connection) -> bool:
    return bool(_number(connection, "auto_vacuum"))


def _pages(connection: Connection) -> tuple[int, int, int]:
    """Return the file's pages, how many of them are free, and the bytes of one."""
    pages, free = _number(connection, "page_count"), _number(connection, "freelist_count")
    return pages, free, _number(connection, "page_size")


def _number(connection: Connection, pragma: str) -> int:
    return int(connection.execute(f"pragma {pragma}").fetchone()[0])
