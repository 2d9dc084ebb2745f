"""What the columns of the log show of a call."""

import time

from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.traffic.totals import output_rate
from ccproxy_tui.tui.progress import elapsed, only_counts, output_tokens, tokens_per_second
from ccproxy_tui.tui.quantities import clock_or_day, count, percent, price, seconds
from ccproxy_tui.tui.sessions import Sessions
from ccproxy_tui.tui.signs import UNICODE, Signs
from ccproxy_tui.tui.widgets.cells import Cell, Tone, cut, one_line, width_of

WIDEST_ROUTE = 48
"""Cells up to which other columns make way for alias and target."""
_LEAST_ALIAS = 6
"""Cells below which a cut alias says nothing."""
_SHORT_ID = 4
_PHASE_TONES: dict[Phase, Tone] = {
    Phase.HELD: "warn",
    Phase.WAITING: "warn",
    Phase.FIRST_BYTE: "accent",
    Phase.STREAMING: "accent",
    Phase.DONE: "muted",
    Phase.FAILED: "bad",
    Phase.CANCELLED: "warn",
}
_PATIENT = frozenset({Phase.HELD, Phase.WAITING})


class CallCells:
    """Draws a call, cell by cell."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.signs: Signs = UNICODE
        self.grouped = False
        """Whether calls are under the heads of their sessions."""
        self.tree = False
        """Whether, besides, sub-agents are under the call that started them."""
        self.annotated = False
        """Whether any call has a mark or a remark, in sight or not."""

    def time(self, call: Call) -> Cell:
        """When it began; in a session also whose call it is."""
        return f"{self._branch(call)}{clock_or_day(call.started_at, time.time())}"

    def time_width(self, call: Call) -> int:
        """Return the cells that its time and its place in the tree take."""
        return len(self._branch(call)) + len(clock_or_day(call.started_at, time.time()))

    def _branch(self, call: Call) -> str:
        if not self.grouped:
            return ""
        agent = f"{self.signs.helper}{short_agent(call)} " if call.agent else "  "
        session = self._sessions.of(call) if self.tree else None
        depth = 0 if session is None else len(session.path(call)) // 2
        return "  " * depth + agent

    def status(self, call: Call) -> Cell:
        """The status that its client got."""
        if call.live:
            return self.signs.live, "warn" if call.phase in _PATIENT else "accent"
        if not call.status:
            return self.signs.off, "muted"
        if call.status >= 500 or call.phase is Phase.FAILED:
            return str(call.status), "bad"
        return str(call.status), "warn" if call.status >= 400 else "good"

    def sign(self, call: Call) -> Cell:
        """Where it is in its life, as a sign."""
        return self.signs.phase(call.phase), _PHASE_TONES[call.phase]

    def mark(self, call: Call) -> Cell:
        """What a person has done to it."""
        signs = self.signs
        if call.marked:
            return signs.annotated if call.remark else signs.marked, "warn"
        return signs.remark if call.remark else "", "warn"

    def mark_width(self, call: Call) -> int:
        """Return the cells for that: the same for all calls, lest columns move while one scrolls."""
        del call
        return int(self.annotated)

    def phase(self, call: Call) -> Cell:
        """Where it is in its life, in words."""
        if call.phase is Phase.DONE and only_counts(call):
            return "count", "muted"
        rate = tokens_per_second(call) if call.phase is Phase.STREAMING else 0
        words = f"{count(rate)} tok/s" if rate >= 1 else str(call.phase)
        return words, _PHASE_TONES[call.phase]

    def key(self, call: Call) -> Cell:
        """The access key's name."""
        return call.key or self.signs.off

    def group(self, call: Call) -> Cell:
        """The group that it came to."""
        return call.group, "muted"

    def agent(self, call: Call) -> Cell:
        """The sub-agent that it is from."""
        return call.agent.removeprefix("agent-"), "muted"

    def route(self, call: Call) -> Cell:
        """Alias and target."""
        return self.route_in(call, WIDEST_ROUTE)

    def route_in(self, call: Call, width: int) -> Cell:
        """Return the target in full, and as much of the alias as fits."""
        tone: Tone = "muted" if only_counts(call) else ""
        thin = self.signs.helper if call.agent and not self.grouped else ""
        asked = thin + one_line(call.alias or call.requested or call.path)
        if not call.target:
            return asked, tone
        target = f"{self.signs.to} {one_line(call.target)}"
        room = width - width_of(target) - 1
        if room < min(_LEAST_ALIAS, width_of(asked)):
            return thin + call.target, tone
        return f"{cut(asked, room, mark=self.signs.more)} {target}", tone

    def route_width(self, call: Call) -> int:
        """Return the cells that alias and target take."""
        if not call.target:
            return 0
        thin = 1 if call.agent and not self.grouped else 0
        route = f"{call.alias or call.requested} {self.signs.to} {call.target}"
        return min(width_of(one_line(route)) + thin, WIDEST_ROUTE)

    def tool(self, call: Call) -> Cell:
        """The tool that the model called last."""
        return call.tools[-1] if call.tools else "", "muted"

    def tries(self, call: Call) -> Cell:
        """How often it was tried, when that was not once."""
        return (str(len(call.attempts)), "warn") if len(call.attempts) > 1 else ""

    def tokens_in(self, call: Call) -> Cell:
        """What the model read."""
        return count(call.tokens.context) if call.tokens.context else ""

    def cached(self, call: Call) -> Cell:
        """How much of that came from a cache."""
        if only_counts(call):
            return ""
        return percent(call.tokens.cache_read, call.tokens.context), "muted"

    def tokens_out(self, call: Call) -> Cell:
        """What the model has written so far."""
        tokens = output_tokens(call)
        return count(tokens) if tokens else ""

    def cost(self, call: Call) -> Cell:
        """US dollars, where a price is known."""
        if call.cost is None or not call.tokens.context or only_counts(call):
            return ""
        return price(call.cost)

    def context(self, call: Call) -> Cell:
        """How full the model's window is after it."""
        share = context_share(call)
        return (f"{share:.0%}", "warn" if share >= 0.8 else "muted") if share else ""

    def speed(self, call: Call) -> Cell:
        """Tokens of output a second."""
        return (count(rate) if (rate := speed(call)) else ""), "muted"

    def ttft(self, call: Call) -> Cell:
        """How long the first content took."""
        return seconds(call.ttft), "muted"

    def duration(self, call: Call) -> Cell:
        """How long it took, or takes so far."""
        return (seconds(elapsed(call)), "warn") if call.live else seconds(call.duration)

    def session(self, call: Call) -> Cell:
        """The session, by the start of its name."""
        return call.session[:8], "muted"

    def number(self, call: Call) -> Cell:
        """What it is called in filters and in the inspector."""
        return f"#{call.id}", "muted"


def short_agent(call: Call) -> str:
    """Return enough of a sub-agent's name to tell it from its neighbours."""
    return one_line(call.agent.removeprefix("agent-")[:_SHORT_ID])


def context_share(call: Call) -> float:
    """Return how much of its window a call has filled, 0 where that is not known yet."""
    if not call.window or not call.tokens.context or only_counts(call):
        return 0.0
    return (call.tokens.context + output_tokens(call)) / call.window


def speed(call: Call) -> float:
    """Return the tokens of output a second, 0 where that says nothing."""
    return tokens_per_second(call) if call.live else output_rate(call) or 0.0
