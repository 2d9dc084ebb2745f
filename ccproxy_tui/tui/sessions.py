"""The sessions of a log: what their calls add up to, and which call a sub-agent hangs on."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping

from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.totals import Sums
from ccproxy_tui.tui.progress import only_counts

Path = tuple[int, ...]
"""Where a call is in its session's tree: ids from a call of the main agent down to itself."""


class Session:
    """The calls of one conversation with its sub-agents, or all those without a session."""

    def __init__(self, name: str, calls: Mapping[int, Call]) -> None:
        self.id = name
        """As the client calls it; empty for the calls that have none."""
        self._calls = calls
        self._ids: list[int] = []
        self._branches: dict[str, Path] | None = {}
        self._last: dict[str, Path] = {}
        self._context_of = 0
        self.totals = Sums()
        """What the calls that are over add up to."""
        self.live = 0
        """How many calls run."""
        self.folded = False
        """Whether only its head is shown."""
        self.past = False
        """Whether it has had no call since the app started."""
        self.context = 0
        """Tokens that the main agent's last call left in the window."""
        self.window: int | None = None
        """Tokens that the window of that call's model holds."""

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, call_id: int) -> bool:
        place = bisect_left(self._ids, call_id)
        return place < len(self._ids) and self._ids[place] == call_id

    @property
    def newest(self) -> Call:
        """The call that began last."""
        return self._calls[self._ids[-1]]

    @property
    def turns(self) -> int:
        """How often a model was asked, counting those calls that run."""
        return self.totals.calls + self.live

    @property
    def has_agents(self) -> bool:
        """Whether sub-agents are known to take part."""
        return self._branches is None or bool(self._branches)

    def add(self, call: Call) -> None:
        """Take in a call, however old."""
        if not self._ids or call.id > self._ids[-1]:
            self._ids.append(call.id)
            if self._branches is not None:
                self._note(call, self._branches)
        else:
            insort(self._ids, call.id)
            self._branches = None

    def add_older(self, calls: Collection[Call]) -> None:
        """Take in many calls, most of them older than those here."""
        self._ids[:0] = [call.id for call in calls]
        self._ids.sort()
        self._branches = None

    def remove(self, call_id: int) -> None:
        """Let go of a call that is another session's after all."""
        del self._ids[bisect_left(self._ids, call_id)]
        self._branches = None

    def forget(self, up_to: int) -> None:
        """Let go of all calls up to an id; what they have added to the totals stays."""
        del self._ids[: bisect_left(self._ids, up_to + 1)]

    def ended(self, call: Call) -> None:
        """Add a call that is over to the totals."""
        self.totals.add(call)
        of_main_agent = call.tokens.context and not call.agent and not only_counts(call)
        if of_main_agent and call.id >= self._context_of:
            self._context_of = call.id
            self.context = call.tokens.context + call.tokens.output
            self.window = call.window

    def path(self, call: Call) -> Path:
        """Return where a call is in the tree of agents; one of the main agent is a root."""
        if not call.agent:
            return (call.id,)
        if self._branches is None:
            self._branches = {}
            self._last = {}
            for call_id in self._ids:
                self._note(self._calls[call_id], self._branches)
        return (*self._branches.get(call.agent, ()), call.id)

    def _note(self, call: Call, branches: dict[str, Path]) -> None:
        """Hang an agent's first call on the newest call of its parent, or else of the main agent."""
        if not call.agent:
            if not only_counts(call):
                self._last[""] = (call.id,)
            return
        if call.agent not in branches:
            parent = call.parent_agent if call.parent_agent != call.agent else ""
            above = self._last.get(parent) or self._last.get("", ())
            branches[call.agent] = (*above, call.id)
        self._last[call.agent] = (*branches[call.agent], call.id)

    def before(self, call: Call) -> Call | None:
        """Return the newest earlier call of the same agent that asked the same model for the same.

        Claude Code asks a smaller one for a session's title, which is no part of the conversation.
        """
        for place in range(bisect_left(self._ids, call.id) - 1, -1, -1):
            earlier = self._calls[self._ids[place]]
            if (
                earlier.agent == call.agent
                and earlier.operation == call.operation
                and earlier.requested == call.requested
                and earlier.target
            ):
                return earlier
        return None


class Sessions:
    """All sessions of which a log holds calls."""

    def __init__(self, calls: Mapping[int, Call]) -> None:
        self._calls = calls
        self._sessions: dict[str, Session] = {}
        self._running: dict[int, tuple[str, str]] = {}
        self.fold_new = False
        """Whether a session that begins shows only its head."""

    def __getitem__(self, name: str) -> Session:
        return self._sessions[name]

    @property
    def running(self) -> list[Call]:
        """The calls that run."""
        return [self._calls[one] for one in self._running]

    def of(self, call: Call) -> Session | None:
        """Return the session of a call, None when the log does not hold it."""
        return self._sessions.get(call.session)

    def fold_all(self, *, folded: bool) -> None:
        """Show only the heads, or all calls; also of those to come."""
        self.fold_new = folded
        for session in self._sessions.values():
            session.folded = folded

    def take(self, call: Call, *, new: bool) -> None:
        """Take in a call that is new or has changed; who it belongs to may turn out late."""
        place = call.session, call.agent
        known = self._running.get(call.id)
        if known is None and not new:
            return
        if new or known != place:
            if known is not None:
                self._move_out(call.id, known[0])
            self._join(call)
        if call.live:
            self._running[call.id] = place
        else:
            self._running.pop(call.id, None)
            session = self._sessions[call.session]
            session.live -= 1
            session.ended(call)

    def _join(self, call: Call) -> None:
        session = self._sessions.get(call.session)
        if session is None:
            session = self._sessions[call.session] = Session(call.session, self._calls)
            session.folded = self.fold_new
        elif session.past:
            session.past, session.folded = False, self.fold_new
        session.add(call)
        session.live += 1

    def _move_out(self, call_id: int, name: str) -> None:
        session = self._sessions[name]
        session.remove(call_id)
        session.live -= 1
        if not session:
            del self._sessions[name]

    def remember(self, calls: Iterable[Call]) -> None:
        """Take in calls of earlier runs; a session that has no others begins folded."""
        of: dict[str, list[Call]] = {}
        for call in calls:
            of.setdefault(call.session, []).append(call)
        for name, older in of.items():
            session = self._sessions.get(name)
            if session is None:
                session = self._sessions[name] = Session(name, self._calls)
                session.past = session.folded = True
            session.add_older(older)
            for call in older:
                session.ended(call)

    def forget(self, calls: Iterable[Call]) -> None:
        """Let go of the oldest calls."""
        last: dict[str, int] = {}
        for call in calls:
            name = self._running.pop(call.id, (call.session, ""))[0]
            self._sessions[name].live -= call.live
            last[name] = call.id
        for name, call_id in last.items():
            session = self._sessions[name]
            session.forget(call_id)
            if not session:
                del self._sessions[name]
