"""One proxy and one scripted upstream for all pairs; a group for each upstream protocol."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final, get_args

import pytest
import pytest_asyncio

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import (
    AccessKey,
    Configuration,
    Group,
    PromptInjection,
    Protocol,
    Provider,
    Proxy,
    Replacement,
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
from tests.pairs.clients.claude import ClaudeClient
from tests.pairs.clients.gemini import GeminiClient
from tests.pairs.clients.ollama import OllamaClient
from tests.pairs.clients.openai import OpenAIClient
from tests.pairs.clients.responses import ResponsesClient
from tests.pairs.said import SdkClient

TOKEN: Final = "cs-pairs-token-0123456789"
PROTOCOLS: Final[tuple[Protocol, ...]] = get_args(Protocol)
CLIENTS: Final[dict[str, Callable[[str, str], SdkClient]]] = {
    "claude": ClaudeClient,
    "openai": OpenAIClient,
    "responses": ResponsesClient,
    "gemini": GeminiClient,
    "ollama": OllamaClient,
}
MODEL: Final = "kimi-qwen3-vl-thinking"
"""A name whose profiles see and think, in every protocol."""


ADDED: Final = "This sentence was added by the group."
REPLACED: Final = Replacement(find="the client's", replace="the group's")
EMPTIED: Final = Replacement(find="Away with this.")


@dataclass
class Stage:
    """What a test of a pair needs."""

    upstream: ScriptedUpstream
    url: str
    listener: Listener
    pool: Pool
    clients: dict[tuple[str, str], SdkClient] = field(default_factory=dict)

    def client(self, name: str, group: str) -> SdkClient:
        """The SDK of the protocol `name`, pointed at the upstream of the protocol `group`."""
        if (name, group) not in self.clients:
            self.clients[name, group] = CLIENTS[name](f"{self.url}/{group}", TOKEN)
        return self.clients[name, group]

    def last_call(self) -> Call:
        """The newest call's record."""
        return max(self.listener.drain(), key=lambda call: call.id)


def _ruled(name: str, injection: PromptInjection) -> Group:
    return Group(
        name=f"{name}-{injection}",
        prompt_injection=injection,
        prompt_text=ADDED,
        tool_filter=("read_*",),
        temperature_ratio=0.5,
    )


def _in_messages(name: str) -> Group:
    """Rules that put the text into the user's message, in calls without tools as well."""
    return Group(
        name=f"{name}-user",
        prompt_injection="enhance",
        prompt_text=ADDED,
        prompt_scope="every",
        prompt_position="user",
        replacements=(REPLACED, EMPTIED),
    )


def configuration(upstream: ScriptedUpstream) -> Configuration:
    return Configuration(
        providers=tuple(
            Provider(
                name=name,
                protocol=name,
                base_url=upstream.base_url_of(name),
                api_keys=("sk-upstream",),
                models=(MODEL,),
            )
            for name in PROTOCOLS
        ),
        groups=(
            Group(name="default"),
            *(Group(name=name) for name in PROTOCOLS),
            *(_ruled(name, "enhance") for name in PROTOCOLS),
            *(_ruled(name, "replace") for name in PROTOCOLS),
            *(_in_messages(name) for name in PROTOCOLS),
        ),
        proxies=tuple(
            Proxy(group=group, alias="*", targets=(Target(provider=name, model=MODEL),))
            for name in PROTOCOLS
            for group in (name, f"{name}-enhance", f"{name}-replace", f"{name}-user")
        ),
        keys=(AccessKey(name="pairs", token=TOKEN),),
    )


@pytest.fixture(autouse=True)
def _nothing_is_known(stage: Stage) -> None:
    """One test's errors and lessons are not the next one's."""
    for health in stage.pool.healths.values():
        health.reset(0)
    stage.pool.lessons.learned.clear()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with contextlib.AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(
            ScriptedUpstream(strict=True, accepted_keys=["sk-upstream"])
        )
        folder = tmp_path_factory.mktemp("pairs")
        store = await ConfigurationStore.open(folder / "ccproxy.db")
        stack.push_async_callback(store.close)
        live = await LiveConfiguration.load(store, configuration(upstream))
        feed = Feed()
        listener = feed.listen()
        pool = Pool()
        gateway = Gateway(live, feed, Upstream(), pool, KeyLimits())
        _, port = await gateway.start("127.0.0.1", 0)
        stack.push_async_callback(gateway.stop, 5)
        running = Stage(upstream, f"http://127.0.0.1:{port}", listener, pool)
        try:
            yield running
        finally:
            for client in running.clients.values():
                await client.close()
