"""The calls that the log pane can show: the newest ones, and of them those that a filter lets by."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable

from ccproxy_tui.traffic.call import Call

Matches = Callable[[Call], bool]


class CallLog:
    """A bounded row of calls, oldest first, with an optional filter over it.

    Calls are numbered as they come; the filtered view is the sorted list of their numbers.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._calls: list[Call] = []
        self._first = 0
        self._number: dict[int, int] = {}
        self._matches: Matches | None = None
        self._view: list[int] = []
        self.dropped = 0
        """How many of the shown calls went away at the front since the filter was set."""

    def __len__(self) -> int:
        return len(self._calls) if self._matches is None else len(self._view)

    def __getitem__(self, index: int) -> Call:
        if self._matches is None:
            return self._calls[index]
        return self._calls[self._view[index] - self._first]

    def identity(self, item: Call) -> Hashable:
        """Return what a call is known by."""
        return item.id

    def index_of(self, identity: Hashable) -> int | None:
        """Return where a call is among those shown."""
        number = self._number.get(identity)  # type: ignore[call-overload] # any key may be asked
        if number is None:
            return None
        if self._matches is None:
            return int(number) - self._first
        place = bisect_left(self._view, number)
        return place if place < len(self._view) and self._view[place] == number else None

    @property
    def total(self) -> int:
        """How many calls there are, whatever the filter."""
        return len(self._calls)

    @property
    def come(self) -> int:
        """How many calls there ever were."""
        return self._first + len(self._calls)

    @property
    def forgotten(self) -> int:
        """How many older calls were dropped to stay within bounds."""
        return self._first

    def get(self, call_id: int) -> Call | None:
        """Return a call that is still here."""
        number = self._number.get(call_id)
        return None if number is None else self._calls[number - self._first]

    def keep(self, matches: Matches | None) -> None:
        """Show only calls that match, or all of them."""
        self._matches = matches
        self.dropped = 0
        self._view = []
        if matches is not None:
            numbered = enumerate(self._calls, self._first)
            self._view = [number for number, call in numbered if matches(call)]

    def take(self, calls: Iterable[Call]) -> bool:
        """Take in calls that are new or have changed; tells whether the shown rows moved."""
        moved = False
        for call in calls:
            number = self._number.get(call.id)
            if number is None:
                number = self._append(call)
                moved = moved or self._matches is None
            if self._matches is not None:
                moved = self._judge(number, shown=self._matches(call)) or moved
        self._shed()
        return moved

    def _append(self, call: Call) -> int:
        number = self._first + len(self._calls)
        self._calls.append(call)
        self._number[call.id] = number
        return number

    def _judge(self, number: int, *, shown: bool) -> bool:
        place = bisect_left(self._view, number)
        was_shown = place < len(self._view) and self._view[place] == number
        if was_shown and not shown:
            del self._view[place]
        elif shown and not was_shown:
            self._view.insert(place, number)
        return was_shown != shown

    def _shed(self) -> None:
        extra = len(self._calls) - self._capacity
        if extra <= 0:
            return
        for call in self._calls[:extra]:
            del self._number[call.id]
        del self._calls[:extra]
        self._first += extra
        gone = extra
        if self._matches is not None:
            gone = bisect_left(self._view, self._first)
            del self._view[:gone]
        self.dropped += gone
