"""How the calls of a log become rows: one after the other, or under the heads of their sessions."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.tui.log_order import Ordered
from ccproxy_tui.tui.sessions import Session, Sessions

Row = Call | Session
"""What a line of the log shows: a call, or the head of a session."""

Key = Callable[[Call], Any]

_LAST = 1 << 62
"""Comes after every id."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the rows are sorted by; the order in which calls began when nothing is said."""

    call: Key | None = None
    session: Callable[[Session], Any] | None = None
    turned: bool = False
    """Whether what comes last is shown first."""


class Arrangement(Protocol):
    """Calls as rows."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def __getitem__(self, index: int) -> Row:
        """Return a row."""

    def index_of(self, identity: Hashable) -> int | None:
        """Return where a call, or the head of a session, is."""

    @property
    def newest(self) -> int | None:
        """Where the call is that began last, or the head that it is folded under."""

    @property
    def calls(self) -> int:
        """How many calls are shown, counting those that are folded away."""

    def each_call(self) -> Iterator[Call]:
        """Return all calls in the order of their rows."""

    def put(self, call: Call) -> bool:
        """Show a call, or what has become of it; tells whether rows moved."""

    def put_all(self, calls: Collection[Call]) -> None:
        """Show many calls at once."""

    def drop(self, ids: Collection[int]) -> bool:
        """Show some calls no more; tells whether any was shown."""


class Flat:
    """Calls one after the other."""

    def __init__(self, calls: Mapping[int, Call], order: Order) -> None:
        self._calls = calls
        self._key: Key = order.call or _no_key
        self._turned = order.turned
        self._order: Ordered[int] = Ordered()

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int) -> Call:
        return self._calls[self._order[-1 - index if self._turned else index]]

    def index_of(self, identity: Hashable) -> int | None:
        """Return where a call is."""
        place = self._order.place(identity) if isinstance(identity, int) else None
        return len(self) - 1 - place if self._turned and place is not None else place

    @property
    def newest(self) -> int | None:
        """Where the call is that began last."""
        return self.index_of(self._order.highest)

    @property
    def calls(self) -> int:
        """How many calls are shown."""
        return len(self._order)

    def each_call(self) -> Iterator[Call]:
        """Return all calls in the order of their rows."""
        return (self[index] for index in range(len(self)))

    def put(self, call: Call) -> bool:
        """Show a call, or what has become of it; tells whether rows moved."""
        return self._order.put(call.id, self._key(call)) is not None

    def put_all(self, calls: Collection[Call]) -> None:
        """Show many calls at once."""
        key = self._key
        self._order.put_all((key(call), call.id) for call in calls)

    def drop(self, ids: Collection[int]) -> bool:
        """Show some calls no more; tells whether any was shown."""
        return self._order.drop(ids)


def _no_key(_call: Call) -> int:
    return 0


class Grouped:
    """Heads of sessions, those with the newest calls last, and under each its calls.

    What is turned around is counted from the end, so that what comes and goes at the newest end
    leaves the other rows' numbers as they are.
    """

    def __init__(self, calls: Mapping[int, Call], sessions: Sessions, order: Order) -> None:
        self._calls = calls
        self._sessions = sessions
        self._key = order.call
        self._session_key = order.session
        self._turned = order.turned
        self._shown: dict[str, Ordered[int]] = {}
        self._of: dict[int, str] = {}
        self._heads: Ordered[str] = Ordered()
        self._starts: list[int] = [0]
        self._right_up_to = 0

    def _settled(self) -> list[int]:
        """Return where each session starts, and where the last one ends."""
        right = self._right_up_to
        if right < len(self._heads) or len(self._starts) != len(self._heads) + 1:
            sizes = (self._size(self._heads[place]) for place in range(right, len(self._heads)))
            self._starts[right:] = accumulate(sizes, initial=self._starts[right])
            self._right_up_to = len(self._heads)
        return self._starts

    def _size(self, name: str) -> int:
        return 1 if self._sessions[name].folded else 1 + len(self._shown[name])

    def _changed(self, place: int | None) -> None:
        """Count anew, when that is asked for, from a session on."""
        if place is not None:
            self._right_up_to = min(self._right_up_to, place)

    def recount(self) -> None:
        """Take note that sessions were folded or unfolded."""
        self._changed(0)

    def __len__(self) -> int:
        return self._settled()[-1]

    def __getitem__(self, index: int) -> Row:
        starts = self._settled()
        if self._turned:
            index = starts[-1] - 1 - index
        place = bisect_right(starts, index) - 1
        name = self._heads[place]
        offset = index - starts[place]
        if self._turned:
            size = starts[place + 1] - starts[place]
            offset = size - 1 - offset
        if offset == 0:
            return self._sessions[name]
        shown = self._shown[name]
        return self._calls[shown[-offset if self._turned else offset - 1]]

    def index_of(self, identity: Hashable) -> int | None:
        """Return where a call, or the head of a session, is."""
        if isinstance(identity, str):
            return self._row(identity, 0)
        name = self._of.get(identity)  # type: ignore[call-overload] # any key may be asked
        if name is None or self._sessions[name].folded:
            return None
        return self._row(name, self._offset(name, identity))

    def _offset(self, name: str, call_id: Any) -> int:
        """Return how many rows a call is below its session's head."""
        shown = self._shown[name]
        place = shown.place(call_id)
        assert place is not None
        return len(shown) - place if self._turned else place + 1

    def _row(self, name: str, offset: int) -> int | None:
        place = self._heads.place(name)
        if place is None:
            return None
        starts = self._settled()
        if self._turned:
            return starts[-1] - starts[place + 1] + offset
        return starts[place] + offset

    @property
    def newest(self) -> int | None:
        """Where the call is that began last, or the head that it is folded under."""
        if self._session_key is None:
            names: Iterable[str] = (self._heads[-1],) if len(self._heads) else ()
        else:
            names = self._shown
        newest = max((self._shown[name].highest or 0 for name in names), default=None)
        if newest is None:
            return None
        name = self._of[newest]
        return self._row(name, 0 if self._sessions[name].folded else self._offset(name, newest))

    @property
    def calls(self) -> int:
        """How many calls are shown, counting those that are folded away."""
        return len(self._of)

    def each_call(self) -> Iterator[Call]:
        """Return all calls in the order of their rows."""
        names = list(self._heads)
        for name in reversed(names) if self._turned else names:
            ids = list(self._shown[name])
            yield from (self._calls[one] for one in (reversed(ids) if self._turned else ids))

    def _key_of(self, call: Call) -> Any:
        """Return what places a call in its session: a caller comes before what it has called."""
        if self._key is not None:
            return self._key(call)
        path = self._sessions[call.session].path(call)
        return (*path, _LAST) if self._turned else path

    def put(self, call: Call) -> bool:
        """Show a call, or what has become of it; tells whether rows moved."""
        name = call.session
        if self._of.get(call.id, name) != name:
            self.drop([call.id])
        moved = self._under(name).put(call.id, self._key_of(call)) is not None
        if call.id not in self._of:
            self._of[call.id] = name
            self._changed(self._heads.place(name))
        return self._put_head(name) or moved

    def _under(self, name: str) -> Ordered[int]:
        if name not in self._shown:
            self._shown[name] = Ordered()
        return self._shown[name]

    def _put_head(self, name: str) -> bool:
        session = self._sessions[name]
        by_age = self._shown[name].highest
        key = by_age if self._session_key is None else (self._session_key(session), by_age)
        moved_from = self._heads.put(name, key)
        self._changed(moved_from)
        return moved_from is not None

    def put_all(self, calls: Collection[Call]) -> None:
        """Show many calls at once; sub-agents may find out now what they hang on."""
        of: dict[str, list[Call]] = {}
        for call in calls:
            of.setdefault(call.session, []).append(call)
            self._of[call.id] = call.session
        for name, more in of.items():
            shown = self._under(name)
            if self._key is None and self._sessions[name].has_agents:
                more = [*(self._calls[one] for one in shown), *more]
                shown = self._shown[name] = Ordered()
            shown.put_all((self._key_of(call), call.id) for call in more)
            self._put_head(name)
        self._changed(0)

    def drop(self, ids: Collection[int]) -> bool:
        """Show some calls no more; tells whether any was shown."""
        of: dict[str, list[int]] = {}
        for call_id in ids:
            if (name := self._of.pop(call_id, None)) is not None:
                of.setdefault(name, []).append(call_id)
        for name, gone in of.items():
            shown = self._shown[name]
            shown.drop(gone)
            self._changed(self._heads.place(name))
            if shown:
                self._put_head(name)
            else:
                del self._shown[name]
                self._heads.drop([name])
        return bool(of)
