"""One call on its way through the gateway: what its steps share, and how its record is kept."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui.config.snapshot import Candidate, Snapshot
from ccproxy_tui.gateway import headers as header_rules
from ccproxy_tui.gateway.upstream import Timeouts, UpstreamReply
from ccproxy_tui.protocols.base import Asked, ProtocolModule
from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.protocols.usage import estimated_output
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed


@dataclass(slots=True, eq=False)
class Passage:
    """A call, the request it came in with, and where it is going."""

    request: web.Request
    protocol: ProtocolModule
    """The client's."""
    snapshot: Snapshot
    record: Call
    feed: Feed
    exchange: Exchange
    ping_after: float
    """Seconds of silence after which a client is told that the call is alive; the first ping also
    commits the reply, so that until then an upstream's error can still get its own status."""
    size: int = 0
    """Bytes of the client's body."""
    body: JsonObject = field(default_factory=dict)
    asked: Asked = field(default_factory=Asked)
    started: float = field(default_factory=time.perf_counter)

    @property
    def timeouts(self) -> Timeouts:
        """Patience with the upstream, as the settings have it."""
        return Timeouts.of(self.snapshot.settings)

    def forget_body(self) -> None:
        """Let go of the parsed body: a call can run for minutes, and needs it no more."""
        self.body = {}

    def tell(self, phase: Phase | None = None) -> None:
        """Say that the record has changed, in phase or otherwise."""
        if phase is not None:
            self.record.phase = phase
        self.feed.tell(self.record)

    def chose(self, candidate: Candidate) -> None:
        """Note where the call is going."""
        self.record.provider = candidate.provider.name
        self.record.model = candidate.model
        self.record.upstream_protocol = candidate.provider.protocol
        self.tell()

    def sends(self, method: str, url: str, headers: CIMultiDict[str], body: bytes) -> None:
        """Note a request to the upstream."""
        self.record.attempts += 1
        self.exchange.upstream_request = Message(
            f"{method} {url}", header_rules.recorded(headers.items()), [body]
        )

    def receives(self, reply: UpstreamReply) -> None:
        """Note that the upstream has begun to answer."""
        self.exchange.upstream_reply = Message(
            f"{reply.status} {reply.reason}".strip(), header_rules.recorded(reply.headers)
        )
        self.tell(Phase.FIRST_BYTE)

    def replies(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        """Note the head of the reply to the client."""
        self.record.status = status
        self.exchange.client_reply.head = f"{status}"
        self.exchange.client_reply.headers = header_rules.recorded(headers)

    def writes(self) -> None:
        """Note that bytes of reply go out to the client."""
        if self.record.ttft is None:
            self.record.ttft = time.perf_counter() - self.started

    def says(self, characters: int) -> None:
        """Note how many characters the model has written so far."""
        self.record.output_so_far = estimated_output(characters)

    def uses(self, usage: Usage, *, complete: bool = True) -> None:
        """Note the tokens that the upstream counted; estimate what it left unsaid.

        What it said of the output of a reply that is not `complete` is only how it began.
        """
        said, seen = usage.output, self.record.output_so_far
        output = seen if said is None else said if complete else max(said, seen)
        self.record.tokens = Tokens(
            input=self.size // 4 if usage.input is None else usage.input,
            cache_read=usage.cache_read or 0,
            cache_write=usage.cache_write or 0,
            output=output,
            estimated=usage.input is None or said is None or not complete,
        )

    def ends(self, phase: Phase, error: str = "") -> None:
        """Note the end; only the first one counts."""
        if self.record.live:
            self.record.duration = time.perf_counter() - self.started
            self.record.error = error
            self.tell(phase)
