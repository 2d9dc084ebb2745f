"""One conversation of the scripted client: tasks, tool results, helpers, and a change of mind."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import orjson

from ccproxy_tui.demo import claude_code, prose
from ccproxy_tui.demo.claude_code import Agent
from ccproxy_tui.demo.ids import IdMaker
from ccproxy_tui.demo.reply import JsonObject
from ccproxy_tui.demo.reply_reader import Message, ReplyError, read_reply

_MOST_TURNS = 12
_MOST_TRIES = 4
_LONGEST_WAIT = 8.0
_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_HELPER_TOOL = "Agent"


@dataclass(frozen=True, slots=True)
class Habits:
    """How often the client does what real ones do at times; each is a share of 1."""

    cancel: float = 0.04
    count_tokens: float = 0.12
    wrong_model: float = 0.02
    failed_tool: float = 0.08
    new_status: float = 0.4
    """How often a later task begins with a new look at git, which spoils the prompt's cache."""
    pace: float = 1.0
    """Factor of all pauses; 0 makes none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to call, and with what."""

    base_url: str
    token: str = field(repr=False)
    model: str


class _ChangedMind(Exception):  # noqa: N818 it is a choice, not an error
    """The person pressed escape while the answer streamed."""


class Session:
    """A main agent with its history, and the helpers that it starts."""

    def __init__(
        self, http: aiohttp.ClientSession, place: Place, rng: random.Random, habits: Habits
    ) -> None:
        self._http = http
        self._place = place
        self._rng = rng
        self._habits = habits
        self._new_id = IdMaker(rng.randrange(2**32))
        self._agent = Agent(session=_uuid(rng), device=f"{rng.getrandbits(256):064x}")
        self._history: list[JsonObject] = []

    async def work(self, tasks: int) -> None:
        """Do `tasks` tasks one after the other, with pauses between them."""
        for number in range(tasks):
            task = self._rng.choice(prose.TASKS)
            if number == 0 or self._rng.random() < self._habits.new_status:
                self._agent = replace(self._agent, status=prose.git_status(self._rng))
            async with asyncio.TaskGroup() as group:
                if number == 0:
                    group.create_task(self._ask_title(task))
                group.create_task(self._do(task))
            await self._pause(0.5, 4.0)

    async def _ask_title(self, task: str) -> None:
        body = claude_code.title_body(self._agent, self._place.model, task)
        await self._call(self._agent, body)

    async def _do(self, task: str) -> None:
        """Do a task; when it fails or is broken off, the history is as if it had never been."""
        before = list(self._history)
        self._history.append({"role": "user", "content": claude_code.user_content(task)})
        if self._rng.random() < self._habits.count_tokens:
            await self._count_tokens()
        try:
            answer = await self._converse(self._agent, self._history)
        except _ChangedMind:
            answer = None
        if answer is None:
            self._history = before

    async def _converse(self, agent: Agent, history: list[JsonObject]) -> str | None:
        """Go on until the model wants no more tools; its last text, None when it failed."""
        for _ in range(_MOST_TURNS):
            message = await self._turn(agent, history)
            if message is None:
                return None
            history.append({"role": "assistant", "content": message.content})
            if not message.tool_calls:
                return message.text
            results = await self._run_tools(agent, message.tool_calls)
            history.append({"role": "user", "content": results})
        history.append({"role": "assistant", "content": [{"type": "text", "text": "Enough."}]})
        return "Enough."

    async def _turn(self, agent: Agent, history: Sequence[JsonObject]) -> Message | None:
        model = self._place.model
        if not agent.is_helper and self._rng.random() < self._habits.wrong_model:
            model = "my-misspelt-model"
        cancels = not agent.is_helper and self._rng.random() < self._habits.cancel
        body = claude_code.turn_body(agent, model, history)
        message = await self._call(agent, body, self._rng.randint(4, 30) if cancels else 0)
        if message is not None and not message.complete:
            raise _ChangedMind
        return message if message is not None and message.content else None

    async def _run_tools(self, agent: Agent, calls: Sequence[JsonObject]) -> list[JsonObject]:
        helpers = [call for call in calls if call["name"] == _HELPER_TOOL]
        async with asyncio.TaskGroup() as group:
            running = {
                call["id"]: group.create_task(self._help(agent, call["input"])) for call in helpers
            }
        if len(helpers) < len(calls):
            await self._pause(0.1, 1.5)
        return [self._result(call, running.get(call["id"])) for call in calls]

    def _result(self, call: JsonObject, done: asyncio.Task[str] | None) -> JsonObject:
        result: JsonObject = {"type": "tool_result", "tool_use_id": call["id"]}
        if done is not None:
            return result | {"content": done.result()}
        if self._rng.random() < self._habits.failed_tool:
            return result | {"content": prose.tool_error(call["name"]), "is_error": True}
        return result | {"content": prose.tool_output(self._rng, call["name"])}

    async def _help(self, parent: Agent, task: JsonObject) -> str:
        agent = replace(
            self._agent, id=self._new_id("agent-", 12), parent=parent.id or self._agent.session
        )
        said = str(task.get("prompt") or "Look around.")
        answer = await self._converse(agent, [{"role": "user", "content": said}])
        return answer or "The helper gave up."

    async def _count_tokens(self) -> None:
        body = claude_code.count_body(self._agent, self._place.model, self._history)
        path = "/v1/messages/count_tokens?beta=true"
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._post(path, self._agent, body) as response:
                await response.read()

    async def _call(self, agent: Agent, body: JsonObject, most_events: int = 0) -> Message | None:
        """Ask for an answer and try again as the real client does; None when nothing helps."""
        for attempt in range(_MOST_TRIES):
            try:
                async with self._post("/v1/messages?beta=true", agent, body) as response:
                    return await read_reply(response, most_events)
            except ReplyError as error:
                if error.status and error.status not in _RETRIED:
                    return None
                wait = error.retry_after or 0.5 * 2**attempt
                if not error.status:
                    body = {**body, "stream": False}
            except (aiohttp.ClientError, TimeoutError):
                wait = 0.5 * 2**attempt
            await self._pause(wait, wait * 1.25)
        return None

    def _post(self, path: str, agent: Agent, body: JsonObject) -> Any:
        return self._http.post(
            self._place.base_url + path,
            data=orjson.dumps(body),
            headers=claude_code.headers(agent, self._place.token),
        )

    async def _pause(self, least: float, most: float) -> None:
        seconds = min(self._rng.uniform(least, most), _LONGEST_WAIT)
        await asyncio.sleep(seconds * self._habits.pace)


def _uuid(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
