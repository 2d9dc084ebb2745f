"""Candidates on one scripted upstream, told apart by their API keys, behind a real proxy."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from ccproxy_tui.config.models import Protocol, Provider, Proxy, Strategy, Target
from ccproxy_tui.config.snapshot import Route
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Call, Phase
from ccproxy_tui.traffic.standing import Standing, State
from tests.gateway.pool.clock import Clock
from tests.gateway.proxy import TOKEN, Answer, RunningProxy, request, running_proxy

Replies = Reply | Sequence[Reply]
"""The same for every call, or one after the other, the last for all that follow."""


@dataclass
class Scene:
    proxy: RunningProxy
    clock: Clock
    replies: dict[str, Replies] = field(default_factory=dict)
    """By the beginning of the API key, such as `sk-a`; others say who they are."""
    _turns: dict[str, int] = field(default_factory=dict)

    @property
    def pool(self) -> Pool:
        return self.proxy.pool

    def provider(
        self, name: str, protocol: Protocol = "claude", *, keys: int = 1, **fields: Any
    ) -> Provider:
        return Provider(
            name=name,
            protocol=protocol,
            api_keys=tuple(f"sk-{name}-{number}-secret" for number in range(1, keys + 1)),
            **{"base_url": self.proxy.upstream.base_url_of(protocol), **fields},
        )

    async def set_up(
        self,
        *providers: Provider,
        strategy: Strategy = "priority",
        models: Mapping[str, str] | None = None,
    ) -> None:
        """Make an alias `*` for all of them, or one for each of `models`, an alias to a model."""
        proxies = tuple(
            Proxy(
                alias=alias,
                targets=tuple(Target(provider=one.name, model=model) for one in providers),
                strategy=strategy,
            )
            for alias, model in (models or {"*": "m"}).items()
        )
        await self.proxy.configure(providers=providers, proxies=proxies)
        self.proxy.upstream.script = self._answer

    def _answer(self, request: ReceivedRequest) -> Reply:
        for prefix, given in self.replies.items():
            if request.api_key.startswith(prefix):
                if isinstance(given, Reply):
                    return given
                turn = self._turns[prefix] = self._turns.get(prefix, 0) + 1
                return given[min(turn, len(given)) - 1]
        return Reply(text=f"{request.api_key.split('-')[1]} answers")

    async def ask(self, *, stream: bool = False, session: str = "", **fields: Any) -> Answer:
        headers = {"x-claude-code-session-id": session} if session else {}
        body = request(stream=stream, **fields)
        return await self.proxy.post("/v1/messages", body, **headers)

    @contextlib.asynccontextmanager
    async def asking(self, **fields: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask for a stream, and read it as one likes."""
        async with self.proxy.session.post(
            f"{self.proxy.url}/v1/messages",
            data=orjson.dumps(request(stream=True, **fields)),
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as response:
            yield response

    @property
    def asked(self) -> list[str]:
        """The providers, and the numbers of their keys, that requests arrived for."""
        return [" ".join(call.api_key.split("-")[1:3]) for call in self.proxy.upstream.calls]

    @property
    def tried(self) -> list[tuple[str, Outcome | None]]:
        """The attempts of the newest call."""
        return [(one.candidate, one.outcome) for one in self.call.attempts]

    @property
    def calls(self) -> list[Call]:
        """All calls, in the order in which they began."""
        newest = self.proxy.last_call()
        return [self.proxy.calls[number] for number in range(1, newest.id + 1)]

    @property
    def call(self) -> Call:
        return self.proxy.last_call()

    def route(self, alias: str = "*") -> Route:
        routes = self.proxy.live.snapshot.groups["default"].routes
        return next(route for route in routes if route.alias == alias)

    def standing(self, name: str, alias: str = "*") -> Standing:
        standings = self.pool.outlook(self.route(alias)).standings
        return next(one for one in standings if one.name == name)

    def state(self, name: str, alias: str = "*") -> State:
        return self.standing(name, alias).state

    def wake(self) -> None:
        """Let calls that wait look again, as any change of the pool does."""
        self.pool.switch(next(iter(self.pool.healths)), on=True)

    def reached(self, phase: Phase, count: int = 1) -> asyncio.Event:
        """Give what is set once `count` calls have been told to be in a phase."""
        event, seen, told = asyncio.Event(), set[int](), self.proxy.listener.tell

        def tell(call: Call) -> None:
            if call.phase is phase:
                seen.add(call.id)
                if len(seen) >= count:
                    event.set()
            told(call)

        self.proxy.listener.tell = tell  # type: ignore[method-assign]
        return event


@contextlib.asynccontextmanager
async def open_scene(folder: Path, **settings: Any) -> AsyncIterator[Scene]:
    clock = Clock()
    pool = Pool(clock=clock, jitter=lambda: 1.0)
    async with running_proxy(folder, pool=pool, **settings) as proxy:
        yield Scene(proxy, clock)
