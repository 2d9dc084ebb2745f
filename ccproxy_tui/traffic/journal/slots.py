"""What calls add up to in each quarter of an hour, kept longer than the calls themselves."""

import time
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from ccproxy_tui.traffic.call import Call, Phase, Tokens, plain_text
from ccproxy_tui.traffic.journal.rows import shared
from ccproxy_tui.traffic.journal.schema import ENDED
from ccproxy_tui.traffic.journal.sums import read, spent_of, write
from ccproxy_tui.traffic.spent import FREE_OPERATION, Spent
from ccproxy_tui.traffic.totals import SLOT_SECONDS, Slot, Totals

KEPT_DAYS = 35
"""Whatever the limits of the calls are."""

KIND = 'start, "group", alias, target, key, session'
_CALL = (
    'started_at, operation, "group", alias, provider, model, key, session, phase, streaming, '
    "ttft, duration, cost, input, cache_read, cache_write, output, estimated"
)

Kind = tuple[int, str, str, str, str, str]


def add(connection: Connection, calls: Iterable[Call]) -> None:
    """Take calls that are over into their slots."""
    take_in(connection, _sums(calls))


def take_in(connection: Connection, sums: Mapping[Kind, Totals]) -> None:
    """Add sums to what is written of their kinds."""
    for kind, gained in sums.items():
        known = connection.execute(
            f"select totals from slot where ({KIND}) = (?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
            kind,
        ).fetchone()
        if known is not None:
            gained.merge(read(known[0]))
        connection.execute(
            "insert or replace into slot values (?, ?, ?, ?, ?, ?, ?)", (*kind, write(gained))
        )


def fill(connection: Connection) -> None:
    """Take in the calls of a journal that was written before there were slots."""
    if connection.execute("select 1 from slot").fetchone():
        return
    rows = connection.execute(
        f"select {_CALL} from call where started_at >= ? and {ENDED} and operation != ?",  # noqa: S608
        (oldest(), FREE_OPERATION),
    )
    connection.execute("begin immediate")
    add(connection, map(_counted, rows))
    connection.execute("commit")


def since(connection: Connection, timestamp: float) -> list[Slot]:
    """Return the slots from the one on in which a time lies."""
    rows = connection.execute(
        f"select {KIND}, totals from slot where start >= ?",  # noqa: S608 - our own names
        (timestamp // SLOT_SECONDS * SLOT_SECONDS,),
    )
    return [
        Slot(
            start, shared(group), shared(alias), shared(target), shared(key), shared(session),
            read(totals),
        )
        for start, group, alias, target, key, session, totals in rows
    ]  # fmt: skip


def spent_since(connection: Connection, timestamp: float) -> dict[str, Spent]:
    """Return what the calls that began since then have used, by the names of access keys.

    Within the slot in which the time lies, calls are counted as long as they are kept.
    """
    spent: dict[str, Spent] = {}
    start = -(-timestamp // SLOT_SECONDS) * SLOT_SECONDS
    rows = connection.execute(
        # unlike sum(), total() takes numbers of any size
        "select key, total(input + cache_read + cache_write + output), total(cost) from call "  # noqa: S608
        f"where started_at >= ? and started_at < ? and operation != ? and {ENDED} group by key",
        (timestamp, start, FREE_OPERATION),
    )
    for key, tokens, money in rows:
        spent[key] = Spent(int(tokens), money)
    for key, written in connection.execute(
        "select key, totals from slot where start >= ?", (start,)
    ):
        spent[key] = spent.get(key, Spent()) + spent_of(written)
    spent.pop("", None)
    return spent


def oldest() -> float:
    """Return the time before which no slot is kept."""
    return time.time() - KEPT_DAYS * 86_400


def _sums(calls: Iterable[Call]) -> dict[Kind, Totals]:
    sums: dict[Kind, Totals] = {}
    for call in calls:
        if call.operation != FREE_OPERATION:
            start = int(call.started_at // SLOT_SECONDS) * SLOT_SECONDS
            names = (call.group, call.alias, call.target, call.key, call.session)
            group, alias, target, key, session = map(plain_text, names)
            kind = (start, group, alias, target, key, session)
            sums.setdefault(kind, Totals()).add(call)
    return sums


def _counted(row: Sequence[Any]) -> Call:
    """Read what totals are made of."""
    started_at, operation, group, alias, provider, model, key, session, *rest = row
    phase, streaming, ttft, duration, cost, *tokens = rest
    return Call(
        id=0,
        started_at=started_at,
        operation=operation,
        group=group,
        alias=alias,
        provider=provider,
        model=model,
        key=key,
        session=session,
        phase=Phase(phase),
        streaming=bool(streaming),
        ttft=ttft,
        duration=duration,
        cost=cost,
        tokens=Tokens(*tokens),
    )
