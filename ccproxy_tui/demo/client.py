"""A scripted client that behaves like several people with Claude Code, over real HTTP."""

import asyncio
import random
from collections.abc import Sequence

import aiohttp

from ccproxy_tui.demo.session import Habits, Place, Session

MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-sonnet-5-5", "claude-haiku-5-5")
_TIMEOUT = aiohttp.ClientTimeout(total=600, sock_connect=10)


class DemoClient:
    """Keeps `sessions` conversations going, so that a few calls are live at any time."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        sessions: int = 2,
        prefixes: Sequence[str] = ("",),
        models: Sequence[str] = MODELS,
        seed: int = 1,
        habits: Habits | None = None,
    ) -> None:
        """`prefixes` are paths such as `/qwen`; each conversation takes one of them."""
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._sessions = sessions
        self._prefixes = tuple(prefixes)
        self._models = tuple(models)
        self._seed = seed
        self._habits = habits or Habits()

    def __repr__(self) -> str:
        return f"<DemoClient {self._base_url}>"

    async def run(self, conversations: int | None = None) -> None:
        """Work until cancelled, or until each session has had that many conversations."""
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, connector=connector) as http,
            asyncio.TaskGroup() as group,
        ):
            for number in range(self._sessions):
                group.create_task(self._keep_talking(http, number, conversations))

    async def _keep_talking(
        self, http: aiohttp.ClientSession, number: int, conversations: int | None
    ) -> None:
        rng = random.Random(self._seed * 1_000 + number)  # noqa: S311 chance of a show
        left = conversations
        while left is None or left > 0:
            base_url = self._base_url + rng.choice(self._prefixes)
            place = Place(base_url, self._token, rng.choice(self._models))
            await Session(http, place, rng, self._habits).work(tasks=rng.randint(1, 4))
            left = None if left is None else left - 1
