"""Calls that have ended and wait for the disk, in as much memory as may be used for them."""

from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.journal.packing import PARTS, message_of

LARGEST = 256 * 1024 * 1024
"""Bytes of messages that may wait; beyond it the oldest are let go."""
MOST = 50_000
"""Calls that may wait; beyond it the oldest are let go."""

_BATCH = 100
_BATCH_SIZE = 16 * 1024 * 1024


class Backlog:
    """The oldest come first, and nothing takes longer the more of them wait."""

    def __init__(self) -> None:
        self._calls: OrderedDict[int, Call] = OrderedDict()
        self._sizes: OrderedDict[int, int] = OrderedDict()
        """Of those whose messages wait too."""
        self._size = 0
        self.lost = 0
        """How often the messages of a call, or all of it, were let go."""

    def add(self, call: Call) -> None:
        """Let a call wait; when that is too much, the messages of the oldest go first."""
        self._calls[call.id] = call
        if call.id not in self._sizes and (size := _size(call)):
            self._sizes[call.id] = size
            self._size += size
        while self._size > LARGEST:
            self._let_go(self._calls[next(iter(self._sizes))])
            self.lost += 1
        while len(self._calls) > MOST:
            self._let_go(self._calls.popitem(last=False)[1])
            self.lost += 1

    def batch(self) -> list[Call]:
        """Return the next calls to be written, so few that it is soon done."""
        calls: list[Call] = []
        size = 0
        for call in islice(self._calls.values(), _BATCH):
            size += self._sizes.get(call.id, 0)
            if calls and size > _BATCH_SIZE:
                break
            calls.append(call)
        return calls

    def done(self, calls: Iterable[Call]) -> None:
        """Forget calls that are on disk, which is where their messages are from now on."""
        for call in calls:
            self._calls.pop(call.id, None)
            self._let_go(call)

    def _let_go(self, call: Call) -> None:
        self._size -= self._sizes.pop(call.id, 0)
        call.exchange = None


def _size(call: Call) -> int:
    """Bytes of a call's messages; what several of them hold counts once."""
    if call.exchange is None:
        return 0
    messages = [message_of(call.exchange, part) for part in range(len(PARTS))]
    return sum({id(chunk): len(chunk) for one in messages for chunk in one.chunks}.values())
