"""One proxy on which fault after fault is tried: what did the client see, and what was done?"""

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import anthropic

from ccproxy_tui.config.models import Protocol, Provider, Proxy, Target
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway.pool.health import BREAKER_FAILURES
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.traffic.attempt import Attempt
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.standing import CandidateId, State
from tests.faults.table import Fault
from tests.gateway.pool.clock import Clock
from tests.gateway.proxy import TOKEN, RunningProxy, running_proxy

FAULTY, GOOD = "faulty", "good"
GOOD_TEXT: Final = "the good one answers"


@dataclass
class Client:
    """What an official client made of the reply."""

    status: int = 0
    text: str = ""
    error: str = ""
    """The error's type; empty when the reply is complete."""
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        after = self.headers.get("retry-after")
        again = f", retry after {after} s" if after else ""
        if not self.error:
            return "the whole text"
        said = f"{self.status} {self.error}{again}"
        return f"a part, then {self.error}" if self.status == 200 else said


@dataclass
class Seen:
    """What came of one call."""

    client: Client
    call: Call
    requests: list[str]
    """API keys of the requests that arrived upstream, in their order."""
    state: State
    """Of the faulty candidate, right after the call."""
    whole_key: bool
    """Whether it is its API key that is out."""
    cooldown: float
    """Seconds until it comes back by itself; 0 when it does not or is not out."""
    in_a_row: int
    """Its failures that the breaker counts."""

    @property
    def tried(self) -> list[Attempt]:
        """The attempts in their order."""
        return self.call.attempts

    @property
    def health(self) -> str:
        """How the faulty candidate stands, in words."""
        match self.state:
            case State.COOLING:
                return f"cooling {self.cooldown:.0f} s"
            case State.OUT:
                return "out, the whole key" if self.whole_key else "out"
            case State.READY if self.in_a_row:
                return f"ready, {self.in_a_row} of {BREAKER_FAILURES} failures"
        return str(self.state)


class Stage:
    """A proxy, an upstream, and a client."""

    def __init__(self, proxy: RunningProxy, clock: Clock, client: anthropic.AsyncAnthropic) -> None:
        self.proxy = proxy
        self._clock = clock
        self._client = client
        self._count = 0
        self._nobody = _closed_port()

    async def observe(
        self, fault: Fault, upstream: Protocol, *, streamed: bool, alone: bool
    ) -> Seen:
        """Let candidates that nobody knows yet answer a call, the faulty one first."""
        proxy = self.proxy
        await self._set_up(fault, upstream, alone=alone)
        faulty = Reply() if fault.script is None else fault.script(upstream, streamed)
        good = Reply(text=GOOD_TEXT)

        def script(request: ReceivedRequest) -> Reply:
            return faulty if FAULTY in request.api_key else good

        proxy.upstream.script = script
        proxy.upstream.requests.clear()
        client = await self._ask(streamed=streamed)
        call = proxy.last_call()
        route = proxy.live.snapshot.groups["default"].matching("claude-x")
        assert route is not None
        standing = proxy.pool.outlook(route).standings[0]
        health = proxy.pool.healths[standing.id]
        key = proxy.pool.healths[CandidateId(standing.id.provider, standing.id.key, "")]
        return Seen(
            client,
            call,
            [request.api_key for request in proxy.upstream.calls],
            standing.state,
            key.base is State.OUT,
            standing.until - self._clock.now if standing.until else 0.0,
            health.in_a_row,
        )

    async def _set_up(self, fault: Fault, upstream: Protocol, *, alone: bool) -> None:
        self._count += 1
        proxy = self.proxy
        address = proxy.upstream.base_url_of(upstream)
        nobody = address.replace(f":{proxy.upstream.port}", f":{self._nobody}")

        def provider(name: str, base_url: str, **timeouts: float) -> Provider:
            return Provider(
                name=name,
                protocol=upstream,
                base_url=base_url,
                api_keys=(f"sk-{name}-{self._count:06}",),
                **timeouts,  # type: ignore[arg-type]
            )

        names = [FAULTY] if alone else [FAULTY, GOOD]
        targets = tuple(Target(provider=name, model="m") for name in names)
        await proxy.configure(
            providers=(
                provider(FAULTY, nobody if fault.script is None else address, **fault.timeouts),
                provider(GOOD, address),
            ),
            proxies=(Proxy(alias="*", targets=targets, strategy="priority"),),
        )

    async def _ask(self, *, streamed: bool) -> Client:
        seen = Client()
        messages: list[anthropic.types.MessageParam] = [{"role": "user", "content": "hello"}]
        try:
            if not streamed:
                message = await self._client.messages.create(
                    model="claude-x", max_tokens=99, messages=messages
                )
                seen.status = 200
                seen.text = "".join(b.text for b in message.content if b.type == "text")
                return seen
            async with self._client.messages.stream(
                model="claude-x", max_tokens=99, messages=messages
            ) as stream:
                seen.status = stream.response.status_code
                async for text in stream.text_stream:
                    seen.text += text
                await stream.get_final_message()
        except anthropic.APIStatusError as error:
            seen.status = error.status_code
            said = error.body.get("error") if isinstance(error.body, dict) else None
            said = said if isinstance(said, dict) else {"message": str(error.body)}
            seen.error = str(said.get("type", "error of its own kind"))
            seen.message = str(said.get("message", ""))
            seen.headers = dict(error.response.headers)
        except (AssertionError, ValueError) as error:
            # no error of the protocol: the client could not even read the stream
            seen.error, seen.message = type(error).__name__, str(error)
        return seen


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.asynccontextmanager
async def open_stage(folder: Path) -> AsyncIterator[Stage]:
    """Start all of it, and stop it in the end."""
    clock = Clock()
    pool = Pool(clock=clock, jitter=lambda: 1.0)
    async with (
        running_proxy(folder, pool=pool) as proxy,
        anthropic.AsyncAnthropic(
            base_url=proxy.url, auth_token=TOKEN, api_key=None, max_retries=0
        ) as client,
    ):
        yield Stage(proxy, clock, client)
