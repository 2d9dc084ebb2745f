"""What the picture may do to calls: stop one that runs, send one again. The gateway does it."""

from dataclasses import dataclass, field
from typing import Protocol

from ccproxy_tui.traffic.call import Call, Message


class ReplayError(Exception):
    """A call cannot be sent again; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A recorded call that is to be sent again, as if its client did."""

    call: Call
    request: Message = field(repr=False)
    """The client's request as recorded."""
    body: bytes | None = field(default=None, repr=False)
    """What to send in place of the recorded body; None for that one."""
    group: str = ""
    """The group to call; empty for the same one."""
    model: str = ""
    """The model to ask for; empty for the same one."""
    target: str = ""
    """`provider/model` to send it to, whatever the alias says; empty for whom the pool chooses."""


class CallControl(Protocol):
    """Carried out by the gateway, on its own thread."""

    async def cancel(self, call_id: int) -> bool:
        """End a running call with an error that its client understands; False if it was over."""

    async def replay(self, replay: Replay) -> int:
        """Send a call again and return the new call's id at once, while that runs.

        Raises `ReplayError`.
        """
