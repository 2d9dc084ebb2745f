"""How the gateway tells that a call has changed: a bounded deque for each listener.

Publishing costs the gateway one `append` a listener and never waits. A listener that does not
drain in time loses the oldest tellings, which it can see in `missed`; since a telling is a
reference to the live `Call`, the calls themselves are never stale.
"""

from collections import deque

from ccproxy_tui.traffic.call import Call


class Listener:
    """One reader of the feed, on whatever thread it likes."""

    def __init__(self, capacity: int) -> None:
        self._calls: deque[Call] = deque(maxlen=capacity)
        self._told = 0
        self._drained = 0
        self.missed = 0
        """How many tellings were dropped because nobody drained."""

    def tell(self, call: Call) -> None:
        """Note a change; called by the gateway's thread only."""
        self._told += 1
        self._calls.append(call)

    def drain(self) -> list[Call]:
        """Take all calls that changed since the last time, oldest first, each once."""
        changed: dict[int, Call] = {}
        while self._calls:
            call = self._calls.popleft()
            changed[call.id] = call
            self._drained += 1
        waiting = len(self._calls)
        self.missed = max(self.missed, self._told - self._drained - waiting)
        return list(changed.values())


class Feed:
    """Where the gateway says that a call began, went on or ended."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()

    def listen(self, capacity: int = 10_000) -> Listener:
        """Start listening; nothing from before is told."""
        listener = Listener(capacity)
        self._listeners = (*self._listeners, listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop telling this listener."""
        self._listeners = tuple(other for other in self._listeners if other is not listener)

    def tell(self, call: Call) -> None:
        """Say that `call` has changed."""
        for listener in self._listeners:
            listener.tell(call)
