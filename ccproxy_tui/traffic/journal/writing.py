"""A batch of calls is written in one transaction: facts, messages, and what they add up to."""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from sqlite3 import (
    Connection,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
)
from typing import Any, TypeVar

from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.traffic.journal import slots
from ccproxy_tui.traffic.journal.packing import Packed, captured, gains_of, pack
from ccproxy_tui.traffic.journal.rows import COLUMNS, PUT, from_rows, to_row
from ccproxy_tui.traffic.journal.running import News
from ccproxy_tui.traffic.journal.schema import ENDED, RUNNING

log = logging.getLogger(__name__)

_T = TypeVar("_T", Call, News)
_NOT_KEPT = "call %d cannot be kept in the journal"
_OF_A_CALL = (DataError, IntegrityError, InterfaceError, ProgrammingError)
"""What SQLite says of a value; all else it says of the file."""
_GONE = "ccproxy ended while this call ran"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a batch holds of a call."""

    call: Call
    over: bool
    row: tuple[Any, ...]
    packed: Packed | None
    """Its messages, or those that a call that runs has gained."""
    piece: int = 0


def write(connection: Connection, ended: Iterable[Call], running: Iterable[News] = ()) -> None:
    """Write down calls that have ended, and what is new of those that run.

    A call that cannot be kept is left out and logged, so that it does not hold up the others.
    Raises what the disk says.
    """
    entries = [*_made(_ended, ended), *_made(_running, running)]
    try:
        _put(connection, entries)
    except Exception as error:
        if _is_of_the_disk(error):
            raise
        for entry in entries:
            _put_alone(connection, entry)


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


def _made(make: Callable[[_T], _Entry], given: Iterable[_T]) -> Iterator[_Entry]:
    for one in given:
        try:
            yield make(one)
        except Exception:
            log.exception(_NOT_KEPT, (one.call if isinstance(one, News) else one).id)


def _ended(call: Call) -> _Entry:
    kept = call.exchange if captured(call) else None
    packed = None if kept is None else pack(gains_of(kept))
    return _Entry(call, True, to_row(call), packed)


def _running(news: News) -> _Entry:
    """Make the entry of a call that runs, or did when its news were taken: it may end meanwhile."""
    duration = max(0.0, time.time() - news.call.started_at)
    row = to_row(news.call, phase=news.phase, duration=duration)
    packed = pack(news.clean_gains()) if news.gains else None
    return _Entry(news.call, False, row, packed, news.piece)


def _put_alone(connection: Connection, entry: _Entry) -> None:
    try:
        _put(connection, [entry])
    except Exception as error:
        if _is_of_the_disk(error):
            raise
        log.exception(_NOT_KEPT, entry.call.id)


def _is_of_the_disk(error: Exception) -> bool:
    """Tell whether every other call would fail too."""
    return isinstance(error, Error) and not isinstance(error, _OF_A_CALL)


def _put(connection: Connection, entries: Sequence[_Entry]) -> None:
    ended = [entry.call for entry in entries if entry.over]
    packed = [(entry, entry.packed) for entry in entries if entry.packed is not None]
    exchanges = [(entry.call.id, *packed) for entry, packed in packed if entry.over]
    pieces = [(entry.call.id, entry.piece, *packed) for entry, packed in packed if not entry.over]
    try:
        connection.execute("begin immediate")
        counted = _already_ended(connection, ended)
        connection.executemany(PUT, [entry.row for entry in entries])
        connection.executemany("insert or replace into exchange values (?, ?, ?)", exchanges)
        connection.executemany("delete from piece where call = ?", [one[:1] for one in exchanges])
        connection.executemany("insert or replace into piece values (?, ?, ?, ?)", pieces)
        slots.add(connection, (call for call in ended if call.id not in counted))
        highest = max((entry.call.id for entry in entries), default=0)
        connection.execute("update last_call set id = max(id, ?)", (highest,))
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
