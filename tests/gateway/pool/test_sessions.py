"""Sticky routing over HTTP: what is one session, and that it stays where its cache is warm."""

from collections import Counter
from typing import Any

import orjson
import pytest

from ccproxy_tui.demo.reply import Reply
from tests.gateway.pool.scene import Scene
from tests.gateway.proxy import request

TIRED = Reply(status=429, error="tired", headers={"retry-after": "30"})
USER = "user_0123_account__session_{}"


def said(*texts: str) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]


@pytest.fixture
async def many(scene: Scene) -> Scene:
    await scene.set_up(*(scene.provider(name, keys=2) for name in "abcd"), strategy="sticky")
    return scene


def homes(scene: Scene, sessions: int) -> list[set[str]]:
    """Where each session's calls went, when they were made in turns."""
    asked = scene.asked
    return [set(asked[number::sessions]) for number in range(sessions)]


async def test_by_the_header(many: Scene) -> None:
    for _ in range(3):
        for number in range(16):
            await many.ask(session=f"session-{number}", messages=said(f"other {_}"))
    assert all(len(home) == 1 for home in homes(many, 16))
    assert set(Counter(many.asked).values()) == {6}, "new sessions are spread evenly"


@pytest.mark.parametrize("form", ["plain", "json"])
async def test_by_the_session_in_the_user_id(many: Scene, form: str) -> None:
    for _ in range(3):
        for number in range(8):
            user = USER.format(number)
            if form == "json":
                user = orjson.dumps({"device_id": "d", "session_id": f"s{number}"}).decode()
            await many.ask(metadata={"user_id": user}, messages=said(f"other {_}"))
    assert all(len(home) == 1 for home in homes(many, 8))
    assert len(set(many.asked)) == 8


async def test_by_the_key_and_the_first_message(many: Scene) -> None:
    for turn in range(3):
        for number in range(8):
            grown = ("an answer", "more", "an answer", "and more")[: 2 * turn]
            await many.ask(messages=said(f"task {number}", *grown))
    assert all(len(home) == 1 for home in homes(many, 8))
    assert len(set(many.asked)) == 8


async def test_sub_agents_stay_with_their_session(many: Scene) -> None:
    for number in range(8):
        await many.ask(session=f"session-{number}")
    for agent in range(3):
        for number in range(8):
            headers: dict[str, Any] = {
                "x-claude-code-session-id": f"session-{number}",
                "x-claude-code-agent-id": f"agent-{agent}",
            }
            body = request(stream=False, messages=said(f"sub-task {agent}"))
            await many.proxy.post("/v1/messages", body, **headers)
    assert all(len(home) == 1 for home in homes(many, 8))


async def test_a_session_moves_once_and_does_not_come_back(scene: Scene) -> None:
    await scene.set_up(*map(scene.provider, "abc"), strategy="sticky")
    await scene.ask(session="mine")
    [home] = scene.asked
    scene.replies = {f"sk-{home[0]}": TIRED}
    for _ in range(3):
        assert (await scene.ask(session="mine")).status == 200
    _, refused, second, *later = scene.asked
    assert refused == home != second
    scene.replies.clear()
    scene.clock.forward(31)
    await scene.ask(session="mine")
    assert {*later, scene.asked[-1]} == {second}
    assert scene.call.why[0] == f"sticky: session mine stays with {second[0]}/m"


async def test_a_session_asks_elsewhere_while_its_home_is_full_and_goes_home(scene: Scene) -> None:
    providers = (scene.provider(name, requests_per_minute=1) for name in "ab")
    await scene.set_up(*providers, strategy="sticky")
    await scene.ask(session="mine")
    await scene.ask(session="mine")
    first, second = scene.asked
    assert first != second
    scene.clock.forward(61)
    await scene.ask(session="mine")
    assert scene.asked[-1] == first
