"""What is known of one call.

The gateway's thread alone writes a `Call`; everybody else reads it, live. Single attributes are
always whole (one reference is swapped), which is all that a screen needs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from time import perf_counter
from typing import Literal

from ccproxy_tui.traffic.attempt import Attempt


class Phase(StrEnum):
    """Where a call is in its life; the last three are ends."""

    HELD = "held"
    """No candidate is available; the call waits for one."""
    WAITING = "waiting"
    """Nothing has come from the upstream yet."""
    FIRST_BYTE = "first byte"
    """The upstream has begun to answer."""
    STREAMING = "streaming"
    """Content is flowing to the client."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """The client went away, or somebody stopped the call."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the call."""
        return self in _ENDS


_ENDS = frozenset({Phase.DONE, Phase.FAILED, Phase.CANCELLED})


def plain_text(text: str) -> str:
    """Return text that can be stored and drawn: what no encoding has becomes a question mark.

    Bytes of a header that are not UTF-8, and halves of surrogate pairs, come in as such.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


LARGEST_COUNT = 2**53
"""Of tokens: JSON holds no larger number for sure, and no model reads or writes so many."""


@dataclass(slots=True)
class Tokens:
    """Tokens of a call; `input` leaves out the cached ones, so that none is counted twice."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    estimated: bool = False
    """Whether the upstream left something unsaid that was estimated here."""

    @property
    def context(self) -> int:
        """Everything that the model read, cached or not."""
        return self.input + self.cache_read + self.cache_write

    def bounded(self) -> "Tokens":
        """Return what of them counts: an upstream may say anything."""
        return Tokens(
            _bounded(self.input),
            _bounded(self.cache_read),
            _bounded(self.cache_write),
            _bounded(self.output),
            self.estimated,
        )


def _bounded(count: int) -> int:
    return min(max(count, 0), LARGEST_COUNT)


Headers = tuple[tuple[str, str], ...]
"""Header names and values in their order, credentials masked."""


Capture = Literal["full", "errors", "off"]
"""Whose messages the journal keeps: those of all calls, of failed ones, of none."""


LARGEST_KEPT = 16 * 1024 * 1024
"""Bytes of a streamed body that are kept."""


@dataclass(slots=True)
class Message:
    """One request or reply as it crossed a wire; `chunks` holds the body as it came or went."""

    head: str = ""
    """`POST https://…` of a request, `200 OK` of a reply."""
    headers: Headers = ()
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    """Bytes of the body, kept or not."""
    began: float = 0.0
    """When its call began, by `perf_counter`."""
    times: list[float] = field(default_factory=list)
    """When the chunks came or went, in seconds after the call's start; none where nobody knows."""
    clean: Callable[[bytes], bytes] | None = field(default=None, repr=False, compare=False)
    """What takes a credential out of whole lines of the body, for who keeps them before its end."""

    def keep(self, data: bytes) -> None:
        """Add a piece of the body; what goes beyond `LARGEST_KEPT` is only counted."""
        self.size += len(data)
        if self.size <= LARGEST_KEPT:
            self.times.append(perf_counter() - self.began)
            self.chunks.append(data)

    @property
    def body(self) -> bytes:
        """The body so far, in one piece."""
        return b"".join(self.chunks)


@dataclass(slots=True)
class Exchange:
    """The four messages of a call: what the client and what the upstream sent and saw."""

    client_request: Message = field(default_factory=Message)
    upstream_request: Message = field(default_factory=Message)
    upstream_reply: Message = field(default_factory=Message)
    client_reply: Message = field(default_factory=Message)


@dataclass(slots=True, eq=False)
class Call:
    """One call: its facts, and its messages until the journal has them."""

    id: int
    """Counts up over restarts; shown as #id."""
    started_at: float
    """Seconds since the epoch."""
    method: str = "POST"
    path: str = ""
    """Path without its query."""
    operation: str = ""
    """What was asked for: `generate` or `count tokens`."""
    protocol: str = ""
    """The client's protocol."""
    key: str = ""
    """Name of the access key."""
    group: str = ""
    requested: str = ""
    """The model that the client asked for."""
    alias: str = ""
    """The alias that caught it."""
    provider: str = ""
    model: str = ""
    """The target's model."""
    upstream_protocol: str = ""
    streaming: bool = False
    session: str = ""
    agent: str = ""
    """Sub-agent, empty for the main agent."""
    parent_agent: str = ""
    """Who started the sub-agent, empty for the main agent."""
    tools: tuple[str, ...] = ()
    """Names of the tools that the model called, each once, in their order."""
    window: int | None = None
    """Tokens that the target's model can read and write at most, where that is known."""
    replay_of: int | None = None
    """The call that a person has sent again; None for a client's own."""
    capture: Capture = "full"
    """What its group lets the journal keep of its messages."""
    marked: bool = False
    """Whether a person has marked it."""
    remark: str = ""
    """What a person has noted on it."""
    phase: Phase = Phase.WAITING
    status: int = 0
    """HTTP status sent to the client; 0 while none was."""
    error: str = ""
    """Why it failed, in words; never holds a secret."""
    tokens: Tokens = field(default_factory=Tokens)
    ttft: float | None = None
    """Seconds from the call's start to the first content of the reply."""
    duration: float | None = None
    """Seconds from start to end; None while it runs."""
    output_so_far: int = 0
    """Rough count of output tokens while it streams; `tokens.output` is the final word."""
    stop_reason: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    """The requests that went upstream."""
    why: tuple[str, ...] = ()
    """Why the last candidate was chosen, a sentence each."""
    cost: float | None = None
    """US dollars; None where no price is known."""
    notes: list[str] = field(default_factory=list)
    """What was changed or degraded on the way, a line each."""
    exchange: Exchange | None = None
    """The messages; None once the journal has them, which then is where to ask."""

    @property
    def target(self) -> str:
        """The chosen target as `provider/model`, empty when none was."""
        return f"{self.provider}/{self.model}" if self.provider else ""

    @property
    def money(self) -> float | None:
        """US dollars; None where no price is known, or it makes no sense."""
        return self.cost if self.cost is not None and isfinite(self.cost) else None

    @property
    def live(self) -> bool:
        """Whether it still runs."""
        return not self.phase.ended
