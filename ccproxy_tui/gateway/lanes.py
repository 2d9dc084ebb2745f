"""Which lane a call takes to a candidate, for the call itself and for a preview of it."""

from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.gateway.pool.lessons import Lessons
from ccproxy_tui.protocols.base import ProtocolModule
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.registry import PROTOCOLS


def says_tools(profile: Profile, *, decided: bool | None) -> bool:
    """Whether tools are described in the prompt; where nobody has decided, the model does."""
    return not profile.tools if decided is None else decided


def is_faithful(
    client: ProtocolModule, candidate: Candidate, lessons: Lessons, *, in_words: bool
) -> bool:
    """Whether the client's request is passed on as it is."""
    same = PROTOCOLS[candidate.provider.protocol] is client
    return same and not in_words and not lessons.convert(candidate)
