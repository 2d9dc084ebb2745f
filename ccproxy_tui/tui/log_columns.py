"""The columns of the log: what can be shown, sorted by, and in which order it usually comes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.arrangement import Key, Order, Row
from ccproxy_tui.tui.call_cells import CallCells, context_share, speed
from ccproxy_tui.tui.progress import elapsed, output_tokens
from ccproxy_tui.tui.session_cells import SessionCells
from ccproxy_tui.tui.sessions import Session
from ccproxy_tui.tui.widgets.cells import one_line, width_of
from ccproxy_tui.tui.widgets.columns import Column

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A column, with what a person is told of it."""

    name: str
    """What it is remembered by, and called above the rows."""
    words: str
    column: Column[Row]
    sort: Key | None = None
    """What to sort calls by; None where that makes no sense."""
    sessions: Callable[[Session], Any] | None = None
    """What to sort sessions by; None leaves those with the newest calls last."""
    text: bool = False
    """Whether its values are words, of which the first in the alphabet comes first."""
    usual: bool = True
    """Whether it is shown as long as nobody says otherwise."""


def log_columns(cells: CallCells) -> tuple[LogColumn, ...]:
    """Return all columns that there are, in their usual order."""

    def column(name: str, cell: Callable[[Call], Any], width: int, **how: Any) -> Column[Row]:
        for one, nothing in (("content", 0), ("sized", "")):
            if one in how:
                how[one] = _of_call(how[one], nothing)
        return Column(name, _of_call(cell, ""), width, **how)

    return (
        LogColumn("time", "when it began",
                  column("time", cells.time, 8, priority=1, content=cells.time_width, most=24)),
        LogColumn("st", "status that the client got", column("st", cells.status, 3),
                  lambda call: call.status),
        LogColumn("sign", "where it is in its life, as a sign",
                  column("", cells.sign, 1, priority=1)),
        LogColumn("mark", "your marks and remarks",
                  column("", cells.mark, 0, priority=1, content=cells.mark_width),
                  lambda call: (call.marked, bool(call.remark))),
        LogColumn("phase", "where it is in its life, in words",
                  column("phase", cells.phase, 10, priority=7), lambda call: call.phase, text=True),
        LogColumn("key", "access key",
                  column("key", cells.key, 3, most=16, priority=4, content=_key_width),
                  lambda call: call.key, text=True),
        LogColumn("group", "group",
                  column("group", cells.group, 5, most=16, priority=5, content=_group_width),
                  lambda call: call.group, text=True),
        LogColumn("route", "alias and target",
                  column("route", cells.route, 24, grow=1, least=24, sized=cells.route_in,
                         content=cells.route_width),
                  lambda call: (call.target, call.alias), text=True),
        LogColumn("tool", "tool that the model called last",
                  column("tool", cells.tool, 0, most=12, priority=6, content=_tool_width),
                  lambda call: call.tools[-1] if call.tools else "", text=True),
        LogColumn("agent", "sub-agent",
                  column("agent", cells.agent, 5, most=12, priority=9, content=_agent_width),
                  lambda call: call.agent, text=True, usual=False),
        LogColumn("try", "attempts, when there was more than one",
                  column("try", cells.tries, 3, align="right", priority=8),
                  lambda call: len(call.attempts)),
        LogColumn("in", "tokens read",
                  column("in", cells.tokens_in, 4, align="right", priority=2),
                  lambda call: call.tokens.context,
                  lambda session: session.totals.tokens.context),
        LogColumn("cache", "share of the tokens read that came from a cache",
                  column("cache", cells.cached, 5, align="right", priority=6),
                  _cached_share, lambda session: session.totals.cached_share),
        LogColumn("out", "tokens written",
                  column("out", cells.tokens_out, 4, align="right", priority=2),
                  output_tokens, lambda session: session.totals.tokens.output),
        LogColumn("$", "cost in US dollars",
                  column("$", cells.cost, 5, align="right", priority=3),
                  lambda call: call.cost or 0.0, lambda session: session.totals.money),
        LogColumn("ctx", "how full the model's window is after it",
                  column("ctx", cells.context, 4, align="right", priority=5),
                  context_share, _session_share),
        LogColumn("tok/s", "tokens of output a second",
                  column("tok/s", cells.speed, 5, align="right", priority=9), speed, usual=False),
        LogColumn("ttft", "seconds to the first content",
                  column("ttft", cells.ttft, 5, align="right", priority=8),
                  lambda call: call.ttft or 0.0),
        LogColumn("dur", "seconds from start to end",
                  column("dur", cells.duration, 5, align="right", priority=2), elapsed),
        LogColumn("session", "session",
                  column("session", cells.session, 8, priority=9),
                  lambda call: call.session, text=True),
        LogColumn("id", "number", column("id", cells.number, 3, align="right", priority=9,
                  content=_id_width), usual=False),
    )  # fmt: skip


def head_columns(cells: SessionCells) -> tuple[Column[Row], ...]:
    """Return what the head of a session is made of."""

    def column(cell: Callable[[Session], Any], width: int, **how: Any) -> Column[Row]:
        return Column("", _of_session(cell), width, **how)

    return (
        column(cells.name, 10),
        column(cells.who, 10, grow=1, priority=7),
        column(cells.live, 3, priority=1),
        column(cells.failed, 3, priority=1),
        column(cells.turns, 9, align="right"),
        column(cells.tokens_in, 7, align="right", priority=2),
        column(cells.cached, 9, align="right", priority=3),
        column(cells.tokens_out, 8, align="right", priority=3),
        column(cells.money, 7, align="right", priority=1),
        column(cells.context, 8, align="right", priority=2),
        column(cells.last, 8, priority=5),
    )


def in_order(columns: Sequence[LogColumn], names: Iterable[str]) -> list[LogColumn]:
    """Return columns in the order of some names; one that is not named comes after its neighbour."""
    known = {column.name: column for column in columns}
    ordered = [known[name] for name in dict.fromkeys(names) if name in known]
    if not ordered:
        return list(columns)
    for place, column in enumerate(columns):
        if column not in ordered:
            before = ordered.index(columns[place - 1]) + 1 if place else 0
            ordered.insert(before, column)
    return ordered


def order_by(column: LogColumn | None, *, reverse: bool, newest_first: bool) -> Order:
    """Return the order of the rows when they are sorted by a column, or by none."""
    if column is None:
        return Order(turned=newest_first)
    return Order(column.sort, column.sessions, turned=reverse)


def _of_call(function: Callable[..., R], nothing: R) -> Callable[..., R]:
    """Let a function of calls be asked about any row."""
    return lambda row, *rest: function(row, *rest) if isinstance(row, Call) else nothing


def _of_session(function: Callable[[Session], R]) -> Callable[[Row], R | str]:
    return lambda row: function(row) if isinstance(row, Session) else ""


def _key_width(call: Call) -> int:
    return width_of(one_line(call.key))


def _group_width(call: Call) -> int:
    return width_of(one_line(call.group))


def _agent_width(call: Call) -> int:
    return width_of(one_line(call.agent.removeprefix("agent-")))


def _tool_width(call: Call) -> int:
    return width_of(one_line(call.tools[-1])) if call.tools else 0


def _id_width(call: Call) -> int:
    return len(f"#{call.id}")


def _cached_share(call: Call) -> float:
    return call.tokens.cache_read / call.tokens.context if call.tokens.context else 0.0


def _session_share(session: Session) -> float:
    return session.context / session.window if session.window else 0.0
