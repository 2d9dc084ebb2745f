"""The app without a gateway: a store in a folder, made-up calls, scripted answers.

`python -m tests.tui.fake [--still] [--ascii] [--theme NAME]` runs it in a terminal.
"""

import argparse
import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import orjson
from textual.pilot import Pilot

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import (
    AccessKey,
    Configuration,
    Group,
    Provider,
    Proxy,
    Settings,
    Target,
)
from ccproxy_tui.config.store import ConfigurationStore
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.standing import CandidateId, Outlook, Standing, State
from ccproxy_tui.traffic.totals import SLOT_SECONDS, Slot
from ccproxy_tui.tui.app import CcproxyApp
from ccproxy_tui.tui.call_control import Replay, ReplayError
from ccproxy_tui.tui.candidates import CandidatesError
from ccproxy_tui.tui.overlays import ExitReason
from ccproxy_tui.tui.previews import Preview, Previews
from ccproxy_tui.tui.status import ProxyStatus
from ccproxy_tui.tui.upstreams import Probe, UpstreamsError

TOKEN = "cs-" + "A1b2C3d4" * 7 + "Zz9Yx"

CONFIGURATION = Configuration(
    settings=Settings(active_group="qwen"),
    providers=(
        Provider(name="local", base_url="http://127.0.0.1:8080/v1", models=("qwen3-coder", "glm")),
        Provider(
            name="vendor",
            protocol="claude",
            base_url="https://api.example.com/v1",
            api_keys=("sk-verysecretverysecret",),
            models=("sonnet",),
        ),
    ),
    groups=(
        Group(name="default"),
        Group(
            name="qwen", prompt_injection="enhance", prompt_text="Be brief.", temperature_ratio=0.7
        ),
        Group(name="spare", disabled=True),
    ),
    proxies=(
        Proxy(alias="claude-*", targets=(Target(provider="vendor", model="sonnet"),)),
        Proxy(
            group="qwen",
            alias="claude-sonnet-*",
            targets=(
                Target(provider="local", model="qwen3-coder"),
                Target(provider="local", model="glm"),
            ),
        ),
        Proxy(
            group="qwen", alias="claude-haiku-*", targets=(Target(provider="local", model="glm"),)
        ),
    ),
    keys=(AccessKey(name="ClaudeCode", token=TOKEN), AccessKey(name="ci", token="cs-short-one")),
)
STATUS = ProxyStatus("127.0.0.1:11435", "http://127.0.0.1:11435")


class FakeRecords:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.exchanges: dict[int, Exchange] = {}
        self.asked: list[int] = []
        self.annotated: list[tuple[int, bool, str]] = []
        self.slots_kept: list[Slot] = []

    async def recent(self, limit: int, *, before: int | None = None) -> list[Call]:
        calls = [call for call in self.calls if before is None or call.id < before]
        return calls[-limit:]

    async def containing(self, text: str, ids: Sequence[int]) -> set[int]:
        wanted = text.lower().encode()
        return {
            number
            for number in ids
            if (exchange := self.exchanges.get(number)) is not None
            and any(
                wanted in message.body.lower()
                for message in (
                    exchange.client_request,
                    exchange.upstream_request,
                    exchange.upstream_reply,
                    exchange.client_reply,
                )
            )
        }

    async def annotate(self, call_id: int, *, marked: bool, remark: str) -> None:
        self.annotated.append((call_id, marked, remark))

    async def slots(self, since: float) -> list[Slot]:
        return [slot for slot in self.slots_kept if slot.start + SLOT_SECONDS > since]

    async def exchange(self, call_id: int) -> Exchange | None:
        self.asked.append(call_id)
        return self.exchanges.get(call_id)


class FakeUpstreams:
    def __init__(self) -> None:
        self.ok = True
        self.failure = ""

    async def list_models(self, provider: Provider) -> list[str]:
        return ["qwen3-coder", "glm", f"{provider.name}-other"]

    async def probe(self, provider: Provider, model: str) -> Probe:
        if self.failure:
            raise UpstreamsError(self.failure)
        return Probe(self.ok, f'{model} answered in 0.8 s: "Hello"' if self.ok else "status 401")


def made_standing(name: str, state: State = State.READY, **facts: Any) -> Standing:
    """Return a standing with some facts of one's own."""
    target, _, number = name.partition(" key ")
    provider, _, model = target.partition("/")
    return Standing(
        CandidateId(provider, number, model), name, facts.pop("key", ""), state, **facts
    )


class FakeCandidates:
    """Outlooks by group and alias, which a test may put there; what is asked and done is kept."""

    def __init__(self) -> None:
        self.outlooks: dict[tuple[str, str], Outlook] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.done: list[tuple[str, CandidateId]] = []
        self.failure = ""
        self.held: asyncio.Event | None = None
        self.waiting = 0

    def put(self, group: str, alias: str, *standings: Standing, **facts: Any) -> None:
        strategy = facts.pop("strategy", "sticky")
        self.outlooks[group, alias] = Outlook(group, alias, strategy, standings, **facts)

    async def outlook(self, group: str, model: str, session: str = "") -> Outlook:
        self.asked.append((group, model, session))
        if self.held is not None:
            self.waiting += 1
            await self.held.wait()
            self.waiting -= 1
        for (of_group, alias), outlook in self.outlooks.items():
            if of_group == group and (alias == model or fnmatchcase(model, alias)):
                return outlook
        raise CandidatesError(f"group {group} has no alias for {model}")

    async def reset(self, candidate: CandidateId) -> None:
        self._do("reset", candidate, State.READY)

    async def switch(self, candidate: CandidateId, *, on: bool) -> None:
        self._do("on" if on else "off", candidate, State.READY if on else State.DISABLED)

    async def probe(self, candidate: CandidateId) -> Probe:
        self._do("probe", candidate, State.READY)
        return Probe(ok=True, text='answered in 0.8 s: "Hello"')

    def _do(self, what: str, candidate: CandidateId, state: State) -> None:
        if self.failure:
            raise CandidatesError(self.failure)
        self.done.append((what, candidate))
        for key, outlook in self.outlooks.items():
            standings = tuple(
                replace(one, state=state, until=0.0, reason="") if one.id == candidate else one
                for one in outlook.standings
            )
            self.outlooks[key] = replace(outlook, standings=standings)


class FakePreviews:
    """Answers with what a test has put there, or with nothing changed; what is asked is kept."""

    def __init__(self) -> None:
        self.answer: Preview | None = None
        self.asked: list[tuple[Configuration, str, int]] = []

    async def preview(
        self, configuration: Configuration, group: str, call: Call, request: Message
    ) -> Preview:
        self.asked.append((configuration, group, call.id))
        sent = orjson.loads(request.body)
        return self.answer or Preview(sent, sent, tools=0, target="local/glm")


class FakeControl:
    """Ends calls, and tells of new ones that run until a test ends them; what is asked is kept."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._running: dict[int, Call] = {}
        self.cancelled: list[int] = []
        self.replayed: list[Replay] = []
        self.failure = ""

    def runs(self, call: Call) -> Call:
        """Take a call that can be cancelled."""
        self._running[call.id] = call
        self._feed.tell(call)
        return call

    async def cancel(self, call_id: int) -> bool:
        self.cancelled.append(call_id)
        call = self._running.pop(call_id, None)
        if call is None:
            return False
        call.phase, call.duration = Phase.CANCELLED, 1.5
        self._feed.tell(call)
        return True

    async def replay(self, replay: Replay) -> int:
        self.replayed.append(replay)
        if self.failure:
            raise ReplayError(self.failure)
        provider, _, model = (replay.target or "local/glm").partition("/")
        call = made_call(
            replay.call.id + 100,
            replay_of=replay.call.id,
            group=replay.group or replay.call.group,
            requested=replay.model or replay.call.requested,
            provider=provider,
            model=model,
            phase=Phase.STREAMING,
            started_at=time.time(),
            duration=None,
            ttft=None,
            stop_reason="",
            tokens=Tokens(),
            exchange=Exchange(client_request=replace(replay.request)),
        )
        if replay.body is not None and call.exchange is not None:
            call.exchange.client_request.chunks = [replay.body]
        self.runs(call)
        return call.id


class Fake:
    """Everything that the app is given, and the app."""

    def __init__(self, live: LiveConfiguration, *, demo: bool, first_run: bool) -> None:
        self.live = live
        self.feed = Feed()
        self.records = FakeRecords()
        self.upstreams = FakeUpstreams()
        self.candidates = FakeCandidates()
        self.previews: Previews = FakePreviews()
        self.control = FakeControl(self.feed)
        self.status = STATUS
        self._demo = demo
        self._first_run = first_run
        self._app: CcproxyApp | None = None

    @property
    def app(self) -> CcproxyApp:
        if self._app is None:
            self._app = CcproxyApp(
                self.live,
                self.feed,
                self.records,
                self.upstreams,
                self.candidates,
                self.previews,
                self.control,
                self.status,
                demo=self._demo,
                first_run=self._first_run,
            )
        return self._app

    def run(self, size: tuple[int, int]) -> AbstractAsyncContextManager[Pilot[ExitReason]]:
        return self.app.run_test(size=size, notifications=True)

    def tell(self, *calls: Call) -> None:
        for call in calls:
            self.feed.tell(call)


@contextlib.asynccontextmanager
async def fake(
    folder: Path,
    configuration: Configuration = CONFIGURATION,
    *,
    demo: bool = False,
    first_run: bool = False,
) -> AsyncIterator[Fake]:
    store = await ConfigurationStore.open(folder / "c.db")
    try:
        live = await LiveConfiguration.load(store, configuration)
        yield Fake(live, demo=demo, first_run=first_run)
    finally:
        await store.close()


def made_call(number: int, **facts: object) -> Call:
    """Return a call that is over, with some facts of one's own."""
    call = Call(
        id=number,
        started_at=time.time() - 5,
        path="/qwen/v1/messages",
        operation="generate",
        protocol="claude",
        key="ClaudeCode",
        group="qwen",
        requested="claude-sonnet-4-5",
        alias="claude-sonnet-*",
        provider="local",
        model="qwen3-coder",
        upstream_protocol="openai",
        streaming=True,
        session="5f0c1a2b-1111",
        phase=Phase.DONE,
        status=200,
        tokens=Tokens(input=1200, cache_read=800, output=340),
        ttft=0.41,
        duration=3.2,
        stop_reason="end_turn",
        attempts=[Attempt("local/qwen3-coder", 0.0, 3.2, 200, Outcome.SUCCESS)],
        notes=["prompt added (9 characters)"],
    )
    for name, value in facts.items():
        setattr(call, name, value)
    return call


def made_exchange(text: str = "Hello there.") -> Exchange:
    headers = (("content-type", "application/json"), ("authorization", "Bearer cs-A1…x9Yx"))
    request = {
        "model": "claude-sonnet-4-5",
        "system": "You are terse.\nNever explain.",
        "messages": [{"role": "user", "content": "Say hello."}],
    }
    frames = [
        b'event: message_start\ndata: {"type":"message_start"}\n\n',
        b"event: content_block_delta\ndata: " + orjson.dumps({"text": text}) + b"\n\n",
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ]
    upstream = {"model": "qwen3-coder", "messages": [{"role": "user", "content": "Say hello."}]}
    return Exchange(
        Message("POST /qwen/v1/messages", headers, [orjson.dumps(request)]),
        Message(
            "POST http://127.0.0.1:8080/v1/chat/completions", headers, [orjson.dumps(upstream)]
        ),
        Message("200 OK", (("content-type", "text/event-stream"),), [b"data: [DONE]\n\n"]),
        Message("200 OK", (("content-type", "text/event-stream"),), frames),
    )


async def play(feed: Feed, records: FakeRecords, seed: int = 7) -> None:
    """Tell of calls that come and go, for ever."""
    chance = random.Random(seed)
    for number in range(1, 1_000_000):
        spawn(_live(feed, records, number, chance), f"call {number}")
        await asyncio.sleep(chance.uniform(0.3, 2.0))


async def _live(feed: Feed, records: FakeRecords, number: int, chance: random.Random) -> None:
    haiku = chance.random() < 0.3
    call = made_call(
        number,
        started_at=time.time(),
        phase=Phase.WAITING,
        status=0,
        duration=None,
        ttft=None,
        tokens=Tokens(),
        stop_reason="",
        key=chance.choice(["ClaudeCode", "ClaudeCode", "ci"]),
        requested="claude-haiku-4-5" if haiku else "claude-sonnet-4-5",
        alias="claude-haiku-*" if haiku else "claude-sonnet-*",
        model="glm" if haiku else "qwen3-coder",
        session=f"{number % 3}f0c1a2b",
    )
    call.exchange = made_exchange()
    feed.tell(call)
    await asyncio.sleep(chance.uniform(0.2, 1.5))
    call.ttft = time.time() - call.started_at
    if chance.random() < 0.08:
        call.status, call.error, call.phase = 529, "upstream is overloaded (529)", Phase.FAILED
    else:
        call.status, call.phase = 200, Phase.FIRST_BYTE
        feed.tell(call)
        for _ in range(chance.randrange(5, 60)):
            await asyncio.sleep(0.1)
            call.phase = Phase.STREAMING
            call.output_so_far += chance.randrange(2, 15)
            feed.tell(call)
        call.tokens = Tokens(chance.randrange(500, 9_000), chance.randrange(1_000, 60_000), 0,
                             call.output_so_far)  # fmt: skip
        call.phase = Phase.CANCELLED if chance.random() < 0.05 else Phase.DONE
    call.duration = time.time() - call.started_at
    records.exchanges[number] = call.exchange
    call.exchange = None
    feed.tell(call)


def put_candidates(candidates: FakeCandidates) -> None:
    """Let the candidates of an alias stand in every way that there is."""
    now = time.time()
    candidates.put(
        "qwen",
        "claude-sonnet-*",
        made_standing("groq/llama-4-maverick key 1", key="gsk_a…91Bc", share=0.5, in_flight=2,
                      succeeded=1240, failed=3, weight=3),
        made_standing("groq/llama-4-maverick key 2", State.COOLING, key="gsk_b…22Ff",
                      until=now + 42, reason="429: rate limit reached for requests per minute",
                      share=0.25, succeeded=610, failed=40, weight=3, lessons=("no images",)),
        made_standing("openrouter/qwen3-coder:free", State.OUT, key="sk-or…77aa",
                      reason="401: user not found", share=0.05, failed=3),
        made_standing("local/qwen3-coder", State.OPEN, until=now + 20,
                      reason="nobody listens at 127.0.0.1:8080", failed=5),
        made_standing("local/glm", State.HALF_OPEN, share=0.1, in_flight=1, succeeded=12),
        made_standing("vendor/sonnet", State.BUSY, key="sk-ve…cret", until=now + 75,
                      reason="30 of 30 requests per minute", share=0.1, succeeded=300),
        made_standing("vendor/haiku", State.DISABLED, key="sk-ve…cret"),
        strategy="weighted",
        chosen="groq/llama-4-maverick key 1",
        why=(
            "The strategy is weighted: it has had 50% of the calls, its weight stands for 60%.",
            "groq/llama-4-maverick key 2 is passed over: cooling for 42 s after a 429.",
        ),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--still", action="store_true")
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--theme", default="ccproxy-dark")
    parser.add_argument("--first-run", action="store_true")
    asked = parser.parse_args()

    async def run() -> None:
        settings = CONFIGURATION.settings.model_copy(
            update={"ascii": asked.ascii, "theme": asked.theme}
        )
        configuration = CONFIGURATION.model_copy(update={"settings": settings})
        with tempfile.TemporaryDirectory() as folder:
            async with fake(Path(folder), configuration, first_run=asked.first_run) as parts:
                put_candidates(parts.candidates)
                if not asked.still:
                    spawn(play(parts.feed, parts.records), "play")
                print(await parts.app.run_async())

    asyncio.run(run())


if __name__ == "__main__":
    main()
