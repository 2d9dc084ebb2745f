"""Many sessions at once on ten candidates of which four fail at random: who was let down?"""

import asyncio
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import orjson

from ccproxy_tui.config.models import Protocol, Provider, Proxy, Strategy, Target
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.standing import State
from tests.faults.level import Level
from tests.faults.table import FAULTS, Fault
from tests.gateway.proxy import TOKEN, RunningProxy, request, running_proxy

SESSIONS: Final = 64
FLAKY: Final = 4
HEALTHY: Final = 6
WEIGHTS: Final = (2, 2, 2, 2, 1, 2, 3, 1, 2, 3)
"""Of the flaky ones and then of the healthy ones, where the strategy looks at them."""
TOLERANCE: Final = 0.2
"""Part by which a share may differ from what the strategy promises, in a soak of full length."""
FULL_LENGTH: Final = 2_000
"""Calls."""
SEED: Final = 20_300_331

_FAILS: Final = 0.5
_FASTER: Final = 60.0
"""The pool's clock runs so much faster than ours, so that cooldowns end while we look."""
_EVERY: Final = 10
"""After that many calls somebody brings the candidates back that cannot be used."""
_OF_A_SESSION: Final = 8
"""Calls, after which the next session begins in its place."""
_LEAVES: Final = 41
"""Each so manieth client goes away in the middle of its reply."""
_PING_AFTER: Final = 0.1
"""Seconds; one that hangs is waited for longer, so that its reply is committed by a ping."""
_MOST_CONNECTIONS: Final = 16
"""How many more idle ones there may be after the second half of the calls."""
_MOST_BLOCKS: Final = 0.03
"""Part by which memory may grow in the second half."""
_PATIENT: Final = {
    "connect_timeout": 0.3,
    "first_byte_timeout": 0.1,
    "chunk_timeout": 0.3,
    "total_timeout": 0.8,
}
KINDS: Final[Sequence[Fault]] = tuple(
    fault
    for fault in FAULTS
    if fault.script is not None
    and not fault.final
    and fault.name not in {"huge line", "line without an end", "one byte at a time"}
)
"""What a flaky candidate does, some of which is no failure in the end; not what takes long."""


@dataclass
class Sent:
    """One request as the upstream saw it."""

    candidate: str
    kind: str
    at: float
    """When it arrived, by the loop's clock."""


@dataclass
class Asked:
    """One call as its client saw it."""

    number: int
    session: str
    streamed: bool
    leaves: bool
    status: int = 0
    committed_at: float = 0.0
    """When status and headers were there, by the loop's clock; 0 when they never were."""
    starts: int = 0
    """How often a reply began."""
    text: str = ""
    error: str = ""
    complete: bool = False


@dataclass
class Figures:
    """What a soak has found."""

    strategy: Strategy
    calls: int
    seconds: float = 0.0
    served: int = 0
    broken: int = 0
    """Replies that broke after the client had a part of them, which nobody can mend."""
    left: int = 0
    attempts: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Random failures by their kind."""
    twice: int = 0
    """Calls that were sent once more after the client had a part of a reply."""
    shares: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Of each healthy candidate: its part of what they served, and the promise."""
    before: Level | None = None
    half: Level | None = None
    whole: Level | None = None
    after: Level | None = None
    """When all is stopped."""
    problems: list[str] = field(default_factory=list)


class _Soak:
    def __init__(self, proxy: RunningProxy, strategy: Strategy, seed: int) -> None:
        self.proxy = proxy
        self.random = random.Random(seed)
        self.seed = seed
        self.strategy = strategy
        self.sent: dict[int, list[Sent]] = defaultdict(list)
        self.asked: list[Asked] = []
        self.attempts: dict[int, list[str]] = {}
        self.served: Counter[str] = Counter()
        self.begun = 0
        self.names = [
            *(f"flaky{number}" for number in range(FLAKY)),
            *(f"healthy{number}" for number in range(HEALTHY)),
        ]

    async def set_up(self) -> None:
        upstream = self.proxy.upstream

        def provider(name: str, number: int) -> Provider:
            protocol: Protocol = "claude" if number % 2 else "openai"
            return Provider(
                name=name,
                protocol=protocol,
                base_url=upstream.base_url_of(protocol),
                api_keys=(f"sk-{name}-0123456789",),
                **(_PATIENT if number < FLAKY else {}),  # type: ignore[arg-type]
            )

        targets = tuple(
            Target(provider=name, model="m", weight=weight)
            for name, weight in zip(self.names, WEIGHTS, strict=True)
        )
        await self.proxy.configure(
            providers=tuple(provider(name, number) for number, name in enumerate(self.names)),
            proxies=(Proxy(alias="*", targets=targets, strategy=self.strategy),),
        )
        upstream.script = self._answer

    def _answer(self, request: ReceivedRequest) -> Reply:
        name = request.api_key.split("-")[1]
        number = int(request.last_user_text.split()[1])
        words = Reply(text=[f"{name} ", "says ", f"{number}."], pace=0.001)
        fault = None
        if name.startswith("flaky") and self.random.random() < _FAILS:
            fault = self.random.choice(KINDS)
            if fault.streams_only and not request.streams:
                fault = None
        if fault is None or fault.script is None:
            self.sent[number].append(Sent(name, "good", _now()))
            return words
        self.sent[number].append(Sent(name, fault.name, _now()))
        return fault.script(request.dialect, request.streams)

    async def run(self, calls: int) -> None:
        """Let all sessions make their calls, one after the other in each."""
        numbers = iter(range(self.begun, self.begun + calls))
        self.begun += calls
        async with asyncio.TaskGroup() as group:
            for place in range(SESSIONS):
                group.create_task(self._session(place, numbers))

    async def _session(self, place: int, numbers: Iterator[int]) -> None:
        session = ""
        for turn, number in enumerate(numbers):
            if turn % _OF_A_SESSION == 0:
                session = f"session-{place}-{number}"
            asked = Asked(number, session, number % 2 == 0, number % _LEAVES == _LEAVES - 1)
            self.asked.append(asked)
            await self._ask(asked)
            if number % _EVERY == 0:
                self._note()
                self._bring_back()

    async def _ask(self, asked: Asked) -> None:
        body = request(
            stream=asked.streamed,
            messages=[{"role": "user", "content": f"call {asked.number} of {asked.session}"}],
        )
        headers = {
            "Authorization": f"Bearer {TOKEN}",
            "x-claude-code-session-id": asked.session,
        }
        async with self.proxy.session.post(
            f"{self.proxy.url}/v1/messages", data=orjson.dumps(body), headers=headers
        ) as response:
            asked.status, asked.committed_at = response.status, _now()
            if asked.leaves:
                await response.content.readany()
                response.close()
                return
            data = await response.read()
        if asked.streamed and response.status == 200:
            _read_stream(asked, data)
        else:
            _read_whole(asked, data)

    def _note(self) -> None:
        """Take what the feed has told, and let the records go."""
        for call in self.proxy.listener.drain():
            if not call.live:
                number = _number_of(call)
                self.attempts[number] = [
                    f"{one.candidate} {one.outcome} ({one.reason})" for one in call.attempts
                ]
                call.exchange = None

    def _bring_back(self) -> None:
        route = self.proxy.live.snapshot.groups["default"].routes[0]
        for standing in self.proxy.pool.outlook(route).standings:
            if standing.state is not State.READY:
                self.proxy.pool.reset(standing.id)

    async def settle(self) -> None:
        """Wait for the calls whose clients went away."""
        while running := [one.task for one in self.proxy.gateway.calls.running.values()]:
            await asyncio.wait(running)
        self._note()

    def judge(self, figures: Figures) -> None:
        """Judge the calls so far, and forget them, so that they do not count as a leak."""
        for asked in self.asked:
            sent = self.sent[asked.number]
            figures.attempts += len(sent)
            good = {fault.name for fault in KINDS if fault.good} | {"good"}
            figures.failures.update(one.kind for one in sent if one.kind not in good)
            # nothing may arrive upstream once the client has the head of its reply
            again = asked.committed_at and any(one.at > asked.committed_at for one in sent)
            if again or asked.starts > 1:
                figures.twice += 1
                self._blame(figures, asked, "was sent once more after the client had a part of it")
            if asked.leaves:
                figures.left += 1
            elif asked.complete:
                figures.served += 1
                self._check_words(figures, asked)
            elif asked.status == 200 and sent and sent[-1].candidate.startswith("flaky"):
                figures.broken += 1
                # on a busy machine a flaky one may be slower than its time-outs allow
                late = " timeout " in self.attempts[asked.number][-1]
                if sent[-1].kind in good and not late:
                    self._blame(figures, asked, "was broken though its upstream was not")
            else:
                self._blame(figures, asked, "failed")
            if sent and sent[-1].candidate.startswith("healthy"):
                self.served[sent[-1].candidate] += 1
        for book in (self.asked, self.sent, self.attempts):
            book.clear()

    def _check_words(self, figures: Figures, asked: Asked) -> None:
        last = self.sent[asked.number][-1]
        if last.kind == "good" and asked.text != f"{last.candidate} says {asked.number}.":
            self._blame(figures, asked, f"was answered with {asked.text!r}")

    def judge_shares(self, figures: Figures) -> None:
        """Hold the healthy candidates' shares against the strategy's promise."""
        healthy = self.names[FLAKY:]
        weights = WEIGHTS[FLAKY:] if self.strategy == "weighted" else (1,) * HEALTHY
        # of fewer calls the shares differ more by chance alone: sessions are whole, and not alike
        tolerance = TOLERANCE * max(1.0, (FULL_LENGTH / figures.calls) ** 0.5)
        for name, weight in zip(healthy, weights, strict=True):
            share, promise = self.served[name] / self.served.total(), weight / sum(weights)
            figures.shares[name] = share, promise
            if abs(share / promise - 1) > tolerance:
                figures.problems.append(f"{name} has {share:.1%} of the calls, not {promise:.1%}")

    def _blame(self, figures: Figures, asked: Asked, what: str) -> None:
        sent = ", ".join(f"{one.candidate}: {one.kind}" for one in self.sent[asked.number])
        form = "streamed" if asked.streamed else "whole"
        figures.problems.append(
            f"seed {self.seed}: call {asked.number} ({form}, session {asked.session}) {what}; "
            f"the client saw {asked.status} {asked.error}; the upstream saw {sent or 'nothing'}; "
            f"the proxy tried {self.attempts.get(asked.number)}"
        )


def _number_of(call: Call) -> int:
    assert call.exchange is not None
    body = orjson.loads(call.exchange.client_request.body)
    return int(body["messages"][0]["content"].split()[1])


def _read_stream(asked: Asked, data: bytes) -> None:
    for frame in data.decode().split("\n\n"):
        name, _, rest = frame.partition("\n")
        if not rest:
            continue
        event = orjson.loads(rest.removeprefix("data: "))
        match name.removeprefix("event: "):
            case "message_start":
                asked.starts += 1
            case "content_block_delta":
                asked.text += event["delta"].get("text", "")
            case "message_stop":
                asked.complete = not asked.error
            case "error":
                asked.error = event["error"]["message"]


def _read_whole(asked: Asked, data: bytes) -> None:
    body = orjson.loads(data)
    if asked.status != 200:
        asked.error = str(body)
        return
    asked.starts, asked.complete = 1, True
    asked.text = "".join(block["text"] for block in body["content"])


def _now() -> float:
    return asyncio.get_running_loop().time()


async def soak(strategy: Strategy, calls: int, *, seed: int = SEED) -> Figures:
    """Run it, and say what was found; `problems` is empty when all promises were kept."""
    figures = Figures(strategy, calls)
    started = time.monotonic()
    pool = Pool(clock=lambda: 1e6 + (time.monotonic() - started) * _FASTER, jitter=lambda: 1.0)
    await asyncio.get_running_loop().run_in_executor(None, int)  # its thread stays
    figures.before = Level.now()
    with tempfile.TemporaryDirectory() as folder:
        async with running_proxy(Path(folder), pool=pool, ping_after=_PING_AFTER) as proxy:
            proxy.upstream._keep = 1
            await proxy.session.close()
            proxy.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
            try:
                running = _Soak(proxy, strategy, seed)
                await running.set_up()
                levels = []
                for part in (calls // 2, calls - calls // 2):
                    await running.run(part)
                    await running.settle()
                    running.judge(figures)
                    levels.append(Level.now())
                running.judge_shares(figures)
            finally:
                await proxy.session.close()
    figures.half, figures.whole = levels
    figures.seconds = time.monotonic() - started
    del running, proxy, pool
    figures.after = Level.now()
    _judge_leaks(figures)
    return figures


def _judge_leaks(figures: Figures) -> None:
    before, half, whole, after = figures.before, figures.half, figures.whole, figures.after
    assert before is not None
    assert half is not None
    assert whole is not None
    assert after is not None
    if whole.tasks > half.tasks + _MOST_CONNECTIONS:  # a server has a task for each
        figures.problems.append(f"tasks grew from {half.tasks} to {whole.tasks} in the second half")
    if whole.descriptors > half.descriptors + _MOST_CONNECTIONS:
        figures.problems.append(
            f"descriptors grew from {half.descriptors} to {whole.descriptors} in the second half"
        )
    if whole.blocks > half.blocks * (1 + _MOST_BLOCKS):
        figures.problems.append(
            f"memory grew from {half.blocks} to {whole.blocks} blocks in the second half"
        )
    if after.tasks > before.tasks:
        figures.problems.append(f"{after.tasks - before.tasks} tasks were left behind")
    if after.descriptors > before.descriptors:
        left = after.descriptors - before.descriptors
        figures.problems.append(f"{left} descriptors were left open")
