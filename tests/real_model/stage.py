"""The proxy in this process, and a real model's server in another one, behind all its groups."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import (
    AccessKey,
    Configuration,
    Group,
    Protocol,
    Provider,
    Proxy,
    Target,
)
from ccproxy_tui.config.profiles import ModelProfile
from ccproxy_tui.config.store import ConfigurationStore
from ccproxy_tui.gateway.limits import KeyLimits
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.gateway.server import Gateway
from ccproxy_tui.gateway.upstream import Upstream
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.feed import Feed, Listener
from tests.pairs.conftest import CLIENTS
from tests.pairs.said import SdkClient
from tests.real_model.install import install_model, install_server

UPSTREAMS: Final[tuple[Protocol, ...]] = ("openai", "responses", "claude")
"""The protocols that the server itself speaks."""
QUIRKS: Final = {"responses": (ModelProfile(rewrite=True),)}
"""Its Responses events have no numbers, at which OpenAI's SDK fails."""
_TOKEN: Final = "cs-real-model-token"
_MODEL: Final = "smollm2"


@dataclass
class Stage:
    """What a check needs."""

    url: str
    server: str
    listener: Listener

    @asynccontextmanager
    async def client(self, client: str, upstream: str) -> AsyncIterator[SdkClient]:
        """The SDK of the protocol `client`, pointed at the group whose target speaks `upstream`."""
        sdk = CLIENTS[client](f"{self.url}/{upstream}", _TOKEN)
        try:
            yield sdk
        finally:
            await sdk.close()

    def newest_call(self) -> Call | None:
        """The record of the last call, if anything of it has changed since the last time."""
        return max(self.listener.drain(), key=lambda call: call.id, default=None)

    async def is_busy(self) -> bool:
        """Whether the model is at work."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.server}/slots") as reply:
            return any(slot["is_processing"] for slot in await reply.json())


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Start both."""
    python = await asyncio.to_thread(install_server)
    model = await asyncio.to_thread(install_model)
    async with AsyncExitStack() as stack:
        server = stack.enter_context(_model_server(python, model))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="real-model-")))
        store = await ConfigurationStore.open(folder / "ccproxy.db")
        stack.push_async_callback(store.close)
        live = await LiveConfiguration.load(store, _configuration(server))
        feed = Feed()
        listener = feed.listen()
        gateway = Gateway(live, feed, Upstream(), Pool(), KeyLimits())
        _, port = await gateway.start("127.0.0.1", 0)
        stack.push_async_callback(gateway.stop, 5)
        yield Stage(f"http://127.0.0.1:{port}", server, listener)


@contextmanager
def _model_server(python: Path, model: Path) -> Iterator[str]:
    """Give its address; it ends when its standard input closes, even if nobody says so."""
    script = Path(__file__).parent / "llama_server.py"
    with subprocess.Popen(
        [str(python), str(script), str(model)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout is not None
        try:
            address = child.stdout.readline().strip()
            assert address, f"{script.name} did not start; run it by hand to see why"
            yield address
        finally:
            child.kill()


def _configuration(server: str) -> Configuration:
    return Configuration(
        providers=tuple(
            Provider(
                name=name,
                protocol=name,
                base_url=f"{server}/v1",
                models=(_MODEL,),
                profiles=QUIRKS.get(name, ()),
            )
            for name in UPSTREAMS
        ),
        groups=(Group(name="default"), *(Group(name=name) for name in UPSTREAMS)),
        proxies=tuple(
            Proxy(group=name, alias="*", targets=(Target(provider=name, model=_MODEL),))
            for name in UPSTREAMS
        ),
        keys=(AccessKey(name="real model", token=_TOKEN),),
    )
