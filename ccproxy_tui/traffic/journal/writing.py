"""A batch of calls is written in one transaction: facts, messages, and what they add up to."""

import json
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from sqlite3 import Connection, Error
from typing import Any

from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.traffic.journal import slots
from ccproxy_tui.traffic.journal.packing import captured, gains_of, pack
from ccproxy_tui.traffic.journal.rows import COLUMNS, PUT, from_rows, to_row
from ccproxy_tui.traffic.journal.running import News
from ccproxy_tui.traffic.journal.schema import ENDED, RUNNING

log = logging.getLogger(__name__)

_GONE = "ccproxy ended while this call ran"


def write(connection: Connection, ended: Iterable[Call], running: Iterable[News] = ()) -> None:
    """Write down calls that have ended, and what is new of those that run.

    A call whose row cannot be made is left out and logged, so that it does not hold up the others.
    """
    rows, exchanges, counted, pieces = [], [], [], []
    for call in ended:
        try:
            row = to_row(call)
            kept = call.exchange if captured(call) else None
            packed = None if kept is None else pack(gains_of(kept))
        except (TypeError, ValueError):
            log.exception("call %d cannot be kept in the journal", call.id)
            continue
        rows.append(row)
        counted.append(call)
        if packed is not None:
            exchanges.append((call.id, *packed))
    for news in running:
        try:
            rows.append(_row_of(news))
        except (TypeError, ValueError):
            continue  # it is logged when it ends
        if news.gains:
            pieces.append((news.call.id, news.piece, *pack(news.clean_gains())))
    _put(connection, counted, rows, exchanges, pieces)


def end_running(connection: Connection) -> None:
    """End the calls that a process has left running which is no more."""
    rows = connection.execute(f"select {COLUMNS} from call where {RUNNING}").fetchall()  # noqa: S608
    calls = from_rows(rows)
    for call in calls:
        call.phase, call.error = Phase.FAILED, _GONE
        for attempt in call.attempts:
            if attempt.outcome is None:
                attempt.outcome = Outcome.CANCELLED
                attempt.seconds = max(0.0, (call.duration or 0.0) - attempt.began)
    if calls:
        write(connection, calls)


def _row_of(news: News) -> tuple[Any, ...]:
    """Return the row of a call that runs, or did when its news were taken: it may end meanwhile."""
    duration = max(0.0, time.time() - news.call.started_at)
    return to_row(news.call, phase=news.phase, duration=duration)


def _put(
    connection: Connection,
    ended: Sequence[Call],
    rows: Sequence[tuple[Any, ...]],
    exchanges: Sequence[tuple[Any, ...]],
    pieces: Sequence[tuple[Any, ...]],
) -> None:
    try:
        connection.execute("begin immediate")
        counted = _already_ended(connection, ended)
        connection.executemany(PUT, rows)
        connection.executemany("insert or replace into exchange values (?, ?, ?)", exchanges)
        connection.executemany("delete from piece where call = ?", [one[:1] for one in exchanges])
        connection.executemany("insert or replace into piece values (?, ?, ?, ?)", pieces)
        slots.add(connection, (call for call in ended if call.id not in counted))
        connection.execute("commit")
    except BaseException:
        with suppress(Error):
            connection.execute("rollback")
        raise


def _already_ended(connection: Connection, calls: Sequence[Call]) -> set[int]:
    """Return which of the calls were told to have ended before: a slot counts each once."""
    ids = json.dumps([call.id for call in calls])
    rows = connection.execute(
        f"select id from call where id in (select value from json_each(?)) and {ENDED}",  # noqa: S608
        (ids,),
    )
    return {row[0] for row in rows}
