"""Calls at the same time, and one after the other, that have to do with each other."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.standing import State
from tests.gateway.pool.scene import Scene, open_scene

DOWN = Reply(status=503, error="down")


@pytest.mark.parametrize("lane", ["claude", "openai"])
@pytest.mark.parametrize("stream", [True, False])
async def test_calls_that_learn_the_same_are_all_answered(
    scene: Scene, lane: Any, stream: bool
) -> None:
    """Those that were under way when the first one learned it, too."""
    await scene.set_up(scene.provider("a", lane))
    asked = asyncio.Condition()
    first = 0

    async def answer(request: ReceivedRequest) -> Reply:
        nonlocal first
        if "temperature" not in request.json:
            return Reply(text="fine")
        async with asked:
            first += 1
            asked.notify_all()
            await asked.wait_for(lambda: first == 4)
        return Reply(status=400, error="Unsupported parameter: 'temperature'")

    scene.proxy.upstream.script = answer
    answers = await asyncio.gather(*(scene.ask(stream=stream, temperature=0.5) for _ in range(4)))
    assert [one.status for one in answers] == [200] * 4
    assert (await scene.ask(temperature=0.5)).status == 200
    assert len(scene.proxy.upstream.calls) == 9


async def test_a_lesson_that_did_not_help_is_forgotten(scene: Scene) -> None:
    scene.replies = {"sk-a": Reply(status=400, error="Unsupported parameter: 'temperature'")}
    await scene.set_up(scene.provider("a"))
    assert (await scene.ask(temperature=0.5)).status == 400
    assert scene.asked == ["a 1", "a 1"]
    assert scene.standing("a/m").lessons == ()
    assert scene.pool.revision == 2, "both are to be stored"


@pytest.mark.parametrize("status", [500, 401])
async def test_a_limit_holds_for_the_last_resort_as_well(tmp_path: Path, status: int) -> None:
    async with open_scene(tmp_path, failover_deadline=0.05) as scene:
        scene.replies = {"sk-a": Reply(status=status, error="no")}
        await scene.set_up(scene.provider("a", requests_per_minute=4))
        for _ in range(9):
            assert (await scene.ask()).status >= 400
        assert len(scene.asked) == 4


async def test_calls_without_a_session_are_spread(scene: Scene) -> None:
    await scene.set_up(*(scene.provider(name, "openai") for name in "abcd"), strategy="sticky")
    for _ in range(12):
        body = {"model": "m", "input": "a text"}
        assert (await scene.proxy.post("/v1/embeddings", body)).status == 200
    asked = Counter(request.api_key for request in scene.proxy.upstream.requests)
    assert sorted(asked.values()) == [3, 3, 3, 3]


async def test_who_is_back_meanwhile_is_asked_again(tmp_path: Path) -> None:
    """Rather than waiting for another one, or giving up."""
    async with open_scene(tmp_path) as scene:
        throttled = Reply(status=429, error="slow", headers={"retry-after": "1"})
        scene.replies = {"sk-a": [throttled, Reply(text="back")]}
        await scene.set_up(scene.provider("a"), scene.provider("b"))

        def answer(request: ReceivedRequest) -> Reply:
            if request.api_key.startswith("sk-b"):
                scene.clock.forward(2)
                return Reply(status=429, error="slow", headers={"retry-after": "50"})
            return scene._answer(request)

        scene.proxy.upstream.script = answer
        assert (await scene.ask()).json["content"][0]["text"] == "back"
        assert [outcome for _, outcome in scene.tried] == [
            Outcome.THROTTLE, Outcome.THROTTLE, Outcome.SUCCESS,
        ]  # fmt: skip


async def test_a_late_refusal_does_not_throw_out_who_was_brought_back(scene: Scene) -> None:
    slow = Reply(status=401, error="who", hang_before_headers=True)
    scene.replies = {"sk-a": slow}
    await scene.set_up(scene.provider("a"))
    late = asyncio.ensure_future(scene.ask())
    await scene.proxy.upstream.wait_for_calls(1)
    scene.pool.reset(scene.standing("a/m").id)
    scene.proxy.upstream.calls[0].release.set()
    assert (await late).status == 401
    assert scene.state("a/m") is State.READY
