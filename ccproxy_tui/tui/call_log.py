"""The calls that the log pane can show, and of them those that a filter lets by, as rows.

A call is known by its id, which counts up: the order of ids is the order in which calls began.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.arrangement import Arrangement, Flat, Grouped, Order, Row
from ccproxy_tui.tui.sessions import Session, Sessions

Matches = Callable[[Call], bool]

CAPACITY = 100_000
_SLICE = 5_000
"""How many calls find their places at a time, when the rows are made anew."""


class CallLog:
    """A bounded number of calls, and the rows that are made of them."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._calls: dict[int, Call] = {}
        self._ids: list[int] = []
        self._matches: Matches | None = None
        self._unjudged = 0
        self._order = Order()
        self._grouped = False
        self._rows: Arrangement = Flat(self._calls, self._order)
        self.sessions = Sessions(self._calls)
        self.come = 0
        """How many calls there were since the app started."""
        self.forgotten = 0
        """How many older calls were dropped to stay within bounds."""
        self.annotated = False
        """Whether a person has marked any call, or noted something on it."""

    # --- the rows ----------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return self._rows[index]

    def identity(self, item: Row) -> Hashable:
        """Return what a row is known by."""
        return item.id

    def index_of(self, identity: Hashable) -> int | None:
        """Return where a call, or the head of a session, is among the rows."""
        return self._rows.index_of(identity)

    @property
    def newest(self) -> int | None:
        """Where the row is that has to be in sight of somebody who follows."""
        return self._rows.newest

    @property
    def shown(self) -> int:
        """How many calls the filter lets by, counting those that are folded away."""
        return self._rows.calls

    def calls_shown(self) -> Sequence[Call]:
        """Return the calls that the filter lets by in the order of the rows."""
        return list(self._rows.each_call())

    # --- all of them -------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many calls there are, whatever the filter."""
        return len(self._calls)

    @property
    def full(self) -> bool:
        """Whether a call more means one less at the other end."""
        return len(self._calls) >= self._capacity

    def get(self, call_id: int) -> Call | None:
        """Return a call that is still here."""
        return self._calls.get(call_id)

    def backwards(self) -> Iterator[Call]:
        """Go through all calls, whatever the filter, the newest first."""
        return (self._calls[one] for one in reversed(self._ids))

    def marked(self) -> list[Call]:
        """Return the calls that a person has marked, whatever the filter, oldest first."""
        return [call for one in self._ids if (call := self._calls[one]).marked]

    def before(self, call: Call) -> Call | None:
        """Return the newest earlier call of the same session, agent and operation with a target."""
        session = self.sessions.of(call) if call.session else None
        return None if session is None else session.before(call)

    # --- what is shown how -------------------------------------------------------------------

    def arrange(self, order: Order, *, grouped: bool) -> None:
        """Put the rows in another order, under heads of sessions or without."""
        self._order = order
        self._grouped = grouped
        self._show_anew()

    def keep(self, matches: Matches | None) -> None:
        """Show only calls that match, or all of them; see `unjudged`."""
        self._matches = matches
        self._show_anew()

    def _show_anew(self) -> None:
        self._rows = (
            Grouped(self._calls, self.sessions, self._order)
            if self._grouped
            else Flat(self._calls, self._order)
        )
        self._unjudged = len(self._ids)
        self.judge_more()

    @property
    def unjudged(self) -> bool:
        """Whether older calls have yet to find their places, with `judge_more`."""
        return self._unjudged > 0

    def judge_more(self) -> None:
        """Show some more of the older calls, if the filter lets them by."""
        last = self._unjudged
        self._unjudged = max(0, last - _SLICE)
        ids = self._ids[self._unjudged : last]
        self._show_all([self._calls[one] for one in ids])

    def _show_all(self, calls: Collection[Call]) -> None:
        matches = self._matches
        self._rows.put_all(calls if matches is None else [call for call in calls if matches(call)])

    def judge_again(self, ids: Iterable[int]) -> bool:
        """Let the filter judge some calls once more; tells whether rows moved."""
        moved = False
        for call in (self._calls[one] for one in ids if one in self._calls):
            moved = self._judge(call) or moved
        return moved

    def _judge(self, call: Call) -> bool:
        if self._matches is None or self._matches(call):
            return self._rows.put(call)
        return self._rows.drop((call.id,))

    def fold(self, sessions: Iterable[Session], *, folded: bool) -> None:
        """Show only the heads of some sessions, or all of their calls."""
        for session in sessions:
            session.folded = folded
        if isinstance(self._rows, Grouped):
            self._rows.recount()

    def fold_all(self, *, folded: bool) -> None:
        """Show only the heads of all sessions, or all calls."""
        self.sessions.fold_all(folded=folded)
        self.fold((), folded=folded)

    # --- what comes and goes -----------------------------------------------------------------

    def take(self, calls: Iterable[Call]) -> bool:
        """Take in calls that are new or have changed; tells whether rows moved."""
        moved = False
        for call in calls:
            new = call.id not in self._calls
            if new and self.forgotten and call.id < self._ids[0]:
                continue
            self._calls[call.id] = call
            self.annotated = self.annotated or _annotated(call)
            if new:
                self._number(call.id)
            self.sessions.take(call, new=new)
            moved = self._judge(call) or moved
        return self._shed() or moved

    def _number(self, call_id: int) -> None:
        self.come += 1
        if not self._ids or call_id > self._ids[-1]:
            self._ids.append(call_id)
            return
        place = bisect_left(self._ids, call_id)
        self._ids.insert(place, call_id)
        self._unjudged += place < self._unjudged

    def remember(self, calls: Sequence[Call]) -> None:
        """Take in calls of earlier runs, oldest first, as far as there is room for them."""
        room = max(0, self._capacity - len(self._calls))
        older = [call for call in calls if call.id not in self._calls]
        older = older[max(0, len(older) - room) :]
        border = self._ids[self._unjudged - 1] if self._unjudged else 0
        self._calls.update((call.id, call) for call in older)
        self.annotated = self.annotated or any(map(_annotated, older))
        self._ids[:0] = [call.id for call in older]
        self._ids.sort()
        self._unjudged = bisect_right(self._ids, border)
        self.sessions.remember(older)
        self._show_all([call for call in older if call.id > border])

    def _shed(self) -> bool:
        """Drop the oldest, some at a time, for each time costs a look at all."""
        extra = len(self._ids) - self._capacity
        if extra <= self._capacity // 100:
            return False
        gone = self._ids[:extra]
        del self._ids[:extra]
        self._unjudged = max(0, self._unjudged - extra)
        moved = self._rows.drop(gone)
        self.sessions.forget(self._calls[one] for one in gone)
        for one in gone:
            del self._calls[one]
        self.forgotten += extra
        return moved


def _annotated(call: Call) -> bool:
    return call.marked or bool(call.remark)
