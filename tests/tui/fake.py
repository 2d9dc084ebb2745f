"""The app without a gateway: a store in a folder, made-up calls, scripted answers.

`python -m tests.tui.fake [--still] [--ascii] [--theme NAME]` runs it in a terminal.
"""

import argparse
import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

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
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.tui.app import CcproxyApp
from ccproxy_tui.tui.overlays import ExitReason
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

    async def recent(self, limit: int) -> list[Call]:
        return self.calls[-limit:]

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


class Fake:
    """Everything that the app is given, and the app."""

    def __init__(self, live: LiveConfiguration, *, demo: bool, first_run: bool) -> None:
        self.live = live
        self.feed = Feed()
        self.records = FakeRecords()
        self.upstreams = FakeUpstreams()
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
        attempts=1,
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
                if not asked.still:
                    spawn(play(parts.feed, parts.records), "play")
                print(await parts.app.run_async())

    asyncio.run(run())


if __name__ == "__main__":
    main()
