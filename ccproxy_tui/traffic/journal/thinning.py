"""What becomes of old slots, in steps so short that whoever writes hardly waits."""

import time
from sqlite3 import Connection

from ccproxy_tui.traffic.journal.slots import KIND, Kind, oldest, take_in
from ccproxy_tui.traffic.journal.sums import read
from ccproxy_tui.traffic.totals import SLOT_SECONDS, Totals

MERGED_AFTER = 2 * 86_400
"""Seconds after which an hour has one slot of each kind: a month of quarters takes long to read."""

_HOUR = 4 * SLOT_SECONDS
_FORGOTTEN = 1000
_LET_GO = 100
_MERGED = 200
_FILL = 1.5
"""How many times as much a slot takes in the file as its content has."""
_SIZE = """
    select total(40 + length("group") + length(alias) + length(target) + length(key)
        + length(session) + length(totals)) from slot
"""


def forget(connection: Connection) -> bool:
    """Delete some of the slots that are too old; tells whether there may be more."""
    deleted = connection.execute(
        f"delete from slot where ({KIND}) in "  # noqa: S608 - our own names
        f"(select {KIND} from slot where start < ? limit ?)",
        (oldest(), _FORGOTTEN),
    )
    return deleted.rowcount == _FORGOTTEN


def fit(connection: Connection, size: float) -> bool:
    """Delete some of the oldest slots if all of them take more bytes; tells whether they did."""
    if connection.execute(_SIZE).fetchone()[0] * _FILL <= size:
        return False
    deleted = connection.execute(
        f"delete from slot where ({KIND}) in "  # noqa: S608 - our own names
        f"(select {KIND} from slot order by start limit ?)",
        (_LET_GO,),
    )
    return deleted.rowcount > 0


def merge(connection: Connection) -> bool:
    """Take some quarters of hours, some days old, into their hours; tells whether there were any."""
    until = (time.time() - MERGED_AFTER) // _HOUR * _HOUR
    rows = connection.execute(
        f"select {KIND}, totals from slot where start < ? and start % ? != 0 limit ?",  # noqa: S608
        (until, _HOUR, _MERGED),
    ).fetchall()
    if not rows:
        return False
    sums: dict[Kind, Totals] = {}
    for start, group, alias, target, key, session, totals in rows:
        kind = (start // _HOUR * _HOUR, group, alias, target, key, session)
        sums.setdefault(kind, Totals()).merge(read(totals))
    with connection:
        connection.execute("begin immediate")
        take_in(connection, sums)
        connection.executemany(
            f"delete from slot where ({KIND}) = (?, ?, ?, ?, ?, ?)",  # noqa: S608
            [row[:-1] for row in rows],
        )
    return True
