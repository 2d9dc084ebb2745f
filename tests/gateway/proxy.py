"""The proxy between a scripted upstream and a real HTTP client, all on loopback."""

import contextlib
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import (
    AccessKey,
    Configuration,
    Group,
    Protocol,
    Provider,
    Proxy,
    Settings,
    Target,
)
from ccproxy_tui.config.store import ConfigurationStore
from ccproxy_tui.demo.upstream import ScriptedUpstream
from ccproxy_tui.gateway.limits import KeyLimits
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.gateway.server import Gateway
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.feed import Feed, Listener

TOKEN = "cs-test-token-0123456789"
LANES = ("openai", "claude")
"""Groups of the same name lead to an upstream of that protocol."""

Json = dict[str, Any]


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def events(self) -> list[tuple[str, Json]]:
        """Event names and data of a stream, which has to be well-formed."""
        found = []
        for frame in self.body.decode().split("\n\n"):
            if frame.strip():
                name, data = frame.split("\n", 1)
                found.append(
                    (name.removeprefix("event: "), orjson.loads(data.removeprefix("data: ")))
                )
        return found

    @property
    def text(self) -> str:
        deltas = (data["delta"] for name, data in self.events if name == "content_block_delta")
        return "".join(delta.get("text", "") for delta in deltas)


@dataclass
class RunningProxy:
    upstream: ScriptedUpstream
    live: LiveConfiguration
    gateway: Gateway
    pool: Pool
    listener: Listener
    session: aiohttp.ClientSession
    url: str
    calls: dict[int, Call] = field(default_factory=dict)

    async def configure(self, **changes: Any) -> None:
        await self.live.apply(self.live.value.model_copy(update=changes), "change")

    async def set_group(self, lane: str, **changes: Any) -> None:
        groups = tuple(
            Group.model_validate({**group.model_dump(), **changes}) if group.name == lane else group
            for group in self.live.value.groups
        )
        await self.configure(groups=groups)

    async def post(
        self, path: str, body: Json | bytes, *, token: str | None = TOKEN, **headers: str
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        async with self.session.post(
            self.url + path, data=io.BytesIO(data), headers=sent
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def ask(self, lane: str, *, stream: bool = True, **fields: Any) -> Answer:
        return await self.post(f"/{lane}/v1/messages", request(stream=stream, **fields))

    def last_call(self) -> Call:
        """The record of the newest call, as the feed has told of it."""
        for call in self.listener.drain():
            self.calls[call.id] = call
        return self.calls[max(self.calls)]


def request(*, stream: bool = True, **fields: Any) -> Json:
    return {
        "model": "claude-sonnet-4-5",
        "max_tokens": 1000,
        "stream": stream,
        "messages": [{"role": "user", "content": "hello"}],
        **fields,
    }


def tool(name: str) -> Json:
    return {"name": name, "description": name, "input_schema": {"type": "object", "properties": {}}}


def configuration(base_url: str, **settings: Any) -> Configuration:
    def provider(protocol: Protocol) -> Provider:
        return Provider(
            name=protocol, protocol=protocol, base_url=base_url, api_keys=("sk-one",), models=("m",)
        )

    def proxy(lane: str) -> Proxy:
        return Proxy(group=lane, alias="claude-*", targets=(Target(provider=lane, model="m"),))

    return Configuration(
        settings=Settings(**settings),
        providers=(provider("openai"), provider("claude")),
        groups=(Group(name="default"), *(Group(name=lane) for lane in LANES)),
        proxies=tuple(proxy(lane) for lane in LANES),
        keys=(AccessKey(name="dev", token=TOKEN),),
    )


@contextlib.asynccontextmanager
async def running_proxy(
    folder: Path,
    *,
    ping_after: float = 10.0,
    host: str = "127.0.0.1",
    pool: Pool | None = None,
    **settings: Any,
) -> AsyncIterator[RunningProxy]:
    async with contextlib.AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(ScriptedUpstream(strict=True))
        store = await ConfigurationStore.open(folder / "ccproxy.db")
        stack.push_async_callback(store.close)
        live = await LiveConfiguration.load(store, configuration(upstream.base_url, **settings))
        feed = Feed()
        listener = feed.listen()
        pool = pool or Pool(jitter=lambda: 1.0)
        gateway = Gateway(live, feed, Upstream(), pool, KeyLimits(), ping_after=ping_after)
        _, port = await gateway.start(host, 0)
        stack.push_async_callback(gateway.stop, 5)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        url = f"http://127.0.0.1:{port}"
        yield RunningProxy(upstream, live, gateway, pool, listener, session, url)
