"""What a recorded call would become under a configuration, saved or not; the gateway tells it."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from ccproxy_tui.config.models import Configuration
from ccproxy_tui.traffic.call import Call, Message


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a request; nothing is sent."""

    sent: Any = field(default=None, repr=False)
    """The client's JSON; None when it cannot be read."""
    changed: Any = field(default=None, repr=False)
    """The same as the group changes it, and as it goes upstream where it is passed through."""
    notes: tuple[str, ...] = ()
    """What is changed or degraded on the way, a line each."""
    tools: int | None = None
    """How many tools the client offers; None when that cannot be told."""
    target: str = ""
    """Where it would go, as `provider/model`; empty when nowhere."""
    upstream_protocol: str = ""
    converted: bool = False
    """Whether the request is written anew in the upstream's protocol."""
    url: str = ""
    """The upstream's address of it."""
    upstream: Any = field(default=None, repr=False)
    """The JSON that would go upstream; None when nothing would."""
    problem: str = ""
    """Why nothing would go upstream, in words."""


class Previews(Protocol):
    """Previews of recorded calls."""

    async def preview(
        self, configuration: Configuration, group: str, call: Call, request: Message
    ) -> Preview:
        """Tell what a call's request, as recorded, would become in a group; nothing is sent."""
