"""One call on its way through the gateway: what its steps share, and how its record is kept."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from multidict import CIMultiDict

from ccproxy_tui import json_bytes
from ccproxy_tui.config.snapshot import Candidate, Snapshot
from ccproxy_tui.gateway import headers as header_rules
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.lanes import says_tools
from ccproxy_tui.gateway.pool.trial import Trial
from ccproxy_tui.gateway.rates import stated_rates
from ccproxy_tui.gateway.replay import Ticket
from ccproxy_tui.gateway.upstream import UpstreamReply
from ccproxy_tui.protocols.base import MOST_TOOLS, Asked, Operation, ProtocolModule
from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.protocols.profiles import Profile
from ccproxy_tui.protocols.usage import estimated_output
from ccproxy_tui.traffic import prices
from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import (
    Call,
    Exchange,
    Headers,
    Message,
    Phase,
    Tokens,
    plain_text,
)
from ccproxy_tui.traffic.feed import Feed

if TYPE_CHECKING:  # the stream writes into the passage's record
    from ccproxy_tui.gateway.client_reply import ClientStream


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
    stream: "ClientStream | None" = None
    """The streamed reply, where one was asked for."""
    profile: Profile = field(default_factory=Profile)
    """Of the model that the attempt under way goes to."""
    tools_in_words: bool | None = None
    """Whether tools are described in the prompt; None: where the model is known to have none."""
    ticket: Ticket | None = None
    """Of a call that a person sends again."""
    trial: Trial | None = None
    """The attempt under way, as the pool sees it."""
    broke: UpstreamError | None = None
    """What ended a reply that had begun already, and that the client was told of."""
    _spent: float = 0.0
    """US dollars of input that was sent before, for the same attempt."""
    _base_url: str = ""
    """The provider's, by which prices are found."""
    _rates: prices.Rates | None = None
    """What the user says that the model costs."""
    _notes: int = 0
    """How many notes there were before the first attempt."""

    def __post_init__(self) -> None:
        """Let the reply's pieces be timed from the call's start on."""
        self.exchange.client_reply.began = self.started

    @property
    def session(self) -> str:
        """What sticky routing knows the call's session by, where the client does not name one."""
        if self.asked.session or self.asked.opening is None:
            return self.asked.session
        opening = json_bytes.write(self.asked.opening)
        return hashlib.blake2b(self.record.key.encode() + opening, digest_size=8).hexdigest()

    @property
    def says_tools(self) -> bool:
        """Whether the attempt under way describes tools in the prompt, and reads calls from text."""
        return says_tools(self.profile, decided=self.tools_in_words)

    def tell(self, phase: Phase | None = None) -> None:
        """Say that the record has changed, in phase or otherwise."""
        if phase is not None:
            self.record.phase = phase
        self.feed.tell(self.record)

    def chose(self, candidate: Candidate, profile: Profile) -> None:
        """Note where the call is going, and what is known of the model there."""
        record, provider = self.record, candidate.provider
        record.provider, record.model = provider.name, candidate.model
        record.upstream_protocol = provider.protocol
        self.profile, self._base_url = profile, provider.base_url
        self._rates = stated_rates(provider, candidate.model)
        record.window = profile.context_window or prices.window(
            provider.base_url, provider.protocol, candidate.model
        )
        self.tell()

    def attempts(self, candidate: Candidate, profile: Profile) -> None:
        """Note that an attempt begins; nothing stays of what the one before has left."""
        record = self.record
        if not record.attempts:
            self._notes = len(record.notes)
        del record.notes[self._notes :]
        self.exchange.upstream_request, self.exchange.upstream_reply = Message(), self._message()
        attempt = Attempt(candidate.name, time.perf_counter() - self.started)
        record.attempts = [*record.attempts, attempt]
        record.phase = Phase.WAITING
        record.output_so_far, record.stop_reason, record.tokens = 0, "", Tokens()
        record.tools = ()
        self.broke, self._spent = None, 0.0
        self.chose(candidate, profile)

    def attempted(self, outcome: Outcome, reason: str = "") -> None:
        """Note how the attempt under way has ended; only the first word counts."""
        attempt = self.record.attempts[-1]
        if attempt.outcome is None:
            attempt.seconds = self._seconds_into(attempt)
            attempt.outcome = outcome
            attempt.reason = reason

    def sends(self, method: str, url: str, headers: CIMultiDict[str], body: bytes) -> None:
        """Note a request to the upstream."""
        self.exchange.upstream_request = Message(
            f"{method} {url}", header_rules.recorded(headers.items()), [body]
        )

    def connects(self) -> None:
        """Note that the attempt's upstream can be sent the request; its first reply fixes when."""
        if self.stream is not None:
            self.stream.be_patient()
        if self.record.attempts and (attempt := self.record.attempts[-1]).first_byte is None:
            attempt.connected = self._seconds_into(attempt)

    def receives(self, reply: UpstreamReply) -> None:
        """Note that the upstream has begun to answer."""
        head = f"{reply.status} {reply.reason}".strip()
        self.exchange.upstream_reply = self._message(head, header_rules.recorded(reply.headers))
        if self.record.attempts:
            attempt = self.record.attempts[-1]
            attempt.status = reply.status
            if attempt.first_byte is None:
                attempt.first_byte = self._seconds_into(attempt)
        self.tell(Phase.FIRST_BYTE)

    def _seconds_into(self, attempt: Attempt) -> float:
        return time.perf_counter() - self.started - attempt.began

    def _message(self, head: str = "", headers: Headers = ()) -> Message:
        return Message(head, headers, began=self.started)

    def replies(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        """Note the head of the reply to the client."""
        self.record.status = status
        self.exchange.client_reply.head = f"{status}"
        self.exchange.client_reply.headers = header_rules.recorded(headers)

    def writes(self) -> None:
        """Note that bytes of a good reply go out to the client; the request is needed no more."""
        if self.record.ttft is None:
            self.record.ttft = time.perf_counter() - self.started
            self.body = {}
            if self.trial is not None:
                self.trial.answered()

    def says(self, characters: int) -> None:
        """Note how many characters the model has written so far."""
        self.record.output_so_far = estimated_output(characters)

    def calls(self, tools: Sequence[str]) -> None:
        """Note tools that the model has called; those on record already stay where they are."""
        known = self.record.tools
        called = dict.fromkeys((*known, *map(plain_text, tools)))
        if len(known) < min(len(called), MOST_TOOLS):
            self.record.tools = tuple(called)[:MOST_TOOLS]

    def uses(self, usage: Usage, *, complete: bool = True) -> None:
        """Note the tokens that the upstream counted; estimate what it left unsaid.

        What it said of the output of a reply that is not `complete` is only how it began. A call
        that was refused has used nothing.
        """
        if usage == Usage() and (self.trial is None or self.trial.in_vain):
            return
        said, seen = usage.output, self.record.output_so_far
        output = seen if said is None else said if complete else max(said, seen)
        self.record.tokens = Tokens(
            input=self.size // 4 if usage.input is None else usage.input,
            cache_read=usage.cache_read or 0,
            cache_write=usage.cache_write or 0,
            output=output,
            estimated=usage.input is None or said is None or not complete,
        )

    def repeats(self, usage: Usage) -> None:
        """Note that the attempt's request is sent once more, after a reply that has cost `usage`.

        The output of that one is part of the whole reply; its input is only paid for.
        """
        if self.trial is not None:
            self.trial.repeat()
        tokens = Tokens(usage.input or 0, usage.cache_read or 0, usage.cache_write or 0)
        self._spent += self._price(tokens) or 0.0

    def repeat_failed(self, why: str) -> None:
        """Note that nothing came of it, so that the reply before is all that was paid for."""
        self._spent = 0.0
        self.record.notes.append(f"asking again has failed: {why}")

    def _price(self, tokens: Tokens) -> float | None:
        record = self.record
        protocol, model = record.upstream_protocol, record.model
        return prices.price(self._base_url, protocol, model, tokens, self._rates)

    def ends(self, phase: Phase, error: str = "") -> None:
        """Note the end; only the first one counts."""
        record = self.record
        if record.live:
            self._close_attempt(phase)
            record.duration = time.perf_counter() - self.started
            record.error = error
            if self._base_url and self.asked.operation is not Operation.COUNT_TOKENS:
                cost = self._price(record.tokens)
                record.cost = None if cost is None else cost + self._spent
            self.tell(phase)

    def _close_attempt(self, phase: Phase) -> None:
        """End the attempt with its call: the record is complete when the end is told."""
        if self.trial is None:
            return
        if phase is Phase.DONE:
            self.trial.succeed()
            self.attempted(Outcome.SUCCESS)
        elif self.broke is not None:
            self.attempted(self.trial.fail(self.broke), self.broke.failure.message)
        else:
            self.attempted(Outcome.CANCELLED)
