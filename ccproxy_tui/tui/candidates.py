"""What the picture may ask about the candidates of an alias; the gateway answers, on its thread."""

from typing import Protocol

from ccproxy_tui.traffic.standing import CandidateId, Outlook
from ccproxy_tui.tui.upstreams import Probe


class CandidatesError(Exception):
    """There is no answer; the message says why and what to do."""


class Candidates(Protocol):
    """Questions and commands about candidates, by the alias that they answer for."""

    async def outlook(self, group: str, model: str, session: str = "") -> Outlook:
        """Tell how the candidates for a model stand, and whom a call would go to now.

        An alias may be given in place of a model. Nothing is sent and no turn is taken. Raises
        `CandidatesError` when no alias is for it.
        """

    async def reset(self, candidate: CandidateId) -> None:
        """Make a candidate ready, and forget what its model was found not to do."""

    async def switch(self, candidate: CandidateId, *, on: bool) -> None:
        """Disable a candidate, or enable it; this survives a restart, but is no configuration."""

    async def probe(self, candidate: CandidateId) -> Probe:
        """Send a tiny request; an answer makes the candidate ready."""
