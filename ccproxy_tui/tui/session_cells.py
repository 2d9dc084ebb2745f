"""What the head of a session shows: whose it is, and what its calls add up to."""

from collections.abc import Hashable

from ccproxy_tui.tui.quantities import cents, clock, count
from ccproxy_tui.tui.sessions import Session
from ccproxy_tui.tui.signs import UNICODE, Signs
from ccproxy_tui.tui.widgets.cells import Cell

NO_SESSION = "no session"


class SessionCells:
    """Draws a session's head, cell by cell."""

    def __init__(self) -> None:
        self.signs: Signs = UNICODE

    def name(self, session: Session) -> Cell:
        """Whether it is folded, and the start of its name."""
        sign = self.signs.folded if session.folded else self.signs.unfolded
        return f"{sign} {session.id[:8] or NO_SESSION}", "strong"

    def who(self, session: Session) -> Cell:
        """Whose it is, and what was asked for last."""
        newest = session.newest
        return " ".join(word for word in (newest.key, newest.requested) if word), "muted"

    def live(self, session: Session) -> Cell:
        """How many of its calls run."""
        return (f"{self.signs.live}{session.live}", "accent") if session.live else ""

    def failed(self, session: Session) -> Cell:
        """How many of its calls failed."""
        failed = session.totals.failed
        return (f"{self.signs.failed}{count(failed)}", "bad") if failed else ""

    def turns(self, session: Session) -> Cell:
        """How often a model was asked."""
        return f"{count(session.turns)} {'turn' if session.turns == 1 else 'turns'}", "strong"

    def tokens_in(self, session: Session) -> Cell:
        """What models have read."""
        return f"in {count(session.totals.tokens.context)}", "strong"

    def cached(self, session: Session) -> Cell:
        """How much of that came from a cache."""
        context = session.totals.tokens.context
        return (f"cache {session.totals.cached_share:.0%}" if context else ""), "strong"

    def tokens_out(self, session: Session) -> Cell:
        """What models have written."""
        return f"out {count(session.totals.tokens.output)}", "strong"

    def money(self, session: Session) -> Cell:
        """What it has cost, as far as prices are known."""
        totals = session.totals
        if not totals.money and totals.unpriced:
            return ""
        return cents(totals.money) + ("+" if totals.unpriced else ""), "strong"

    def context(self, session: Session) -> Cell:
        """How full the main agent's window is."""
        if not session.id or not session.context:
            return ""
        if not session.window:
            return f"ctx {count(session.context)}", "strong"
        share = session.context / session.window
        return f"ctx {share:.0%}", "warn" if share >= 0.8 else "strong"

    def last(self, session: Session) -> Cell:
        """When its last call began."""
        return clock(session.newest.started_at), "muted"


def session_version(session: Session) -> Hashable:
    """Tell apart the looks of a session's head."""
    return session.folded, session.live, session.totals.calls, session.newest.id, session.context
