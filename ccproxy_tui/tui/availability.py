"""How many of an alias's candidates can answer, for all aliases of a group."""

from collections.abc import Iterable
from typing import NamedTuple

from ccproxy_tui.traffic.standing import State
from ccproxy_tui.tui.candidates import Candidates, CandidatesError
from ccproxy_tui.tui.standings import available


class Available(NamedTuple):
    """How many can answer, of those that nobody has switched off."""

    ready: int
    total: int


async def availability(
    candidates: Candidates, group: str, aliases: Iterable[str]
) -> dict[str, Available]:
    """Ask about each alias; one that there is no answer for is left out."""
    found = {}
    for alias in aliases:
        try:
            outlook = await candidates.outlook(group, alias)
        except CandidatesError:
            continue
        wanted = [one for one in outlook.standings if one.state is not State.DISABLED]
        if outlook.alias == alias:
            found[alias] = Available(sum(map(available, wanted)), len(wanted))
    return found
