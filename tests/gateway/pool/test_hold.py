"""Calls that wait: for a candidate that cools down, or for room under a limit of the user's own."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.traffic.standing import State
from tests.gateway.pool.scene import Scene, open_scene

LANES: tuple[Any, ...] = ("claude", "openai")
PING = b": keep-alive\n\n"
TIRED = Reply(status=429, error="tired", headers={"retry-after": "30"})
DOWN = Reply(status=500, error="worn out")


async def read_pings(response: aiohttp.ClientResponse, count: int) -> bytes:
    received = b""
    while received.count(PING) < count:
        received += await response.content.readany()
    return received


@pytest.mark.parametrize("lane", LANES)
async def test_a_held_stream_is_pinged_and_answered_when_the_cooldown_ends(
    tmp_path: Path, lane: Any
) -> None:
    async with open_scene(tmp_path, hold=60, ping_after=0.03) as scene:
        scene.replies = {"sk-a": [TIRED, Reply(text="at last")]}
        await scene.set_up(scene.provider("a", lane))
        async with scene.asking() as response:
            assert response.status == 200
            received = await read_pings(response, 2)
            assert received.replace(PING, b"") == b""
            assert (scene.call.phase, scene.asked) == (Phase.HELD, ["a 1"])
            scene.wake()
            received = await read_pings(response, 1)
            assert scene.asked == ["a 1"], "waking up alone is no reason"
            scene.clock.forward(30)
            scene.wake()
            received += await response.content.read()
        frames = received.replace(PING, b"").decode().split("\n\n")
        assert frames[0].startswith("event: message_start\n")
        assert sum(frame.startswith("event: message_start") for frame in frames) == 1
        assert "at last" in received.decode()
        assert scene.tried == [("a/m", Outcome.THROTTLE), ("a/m", Outcome.SUCCESS)]
        assert scene.call.phase is Phase.DONE


async def test_a_whole_reply_is_held_too(tmp_path: Path) -> None:
    async with open_scene(tmp_path, hold=60) as scene:
        scene.replies = {"sk-a": [TIRED, Reply(text="at last")]}
        await scene.set_up(scene.provider("a"))
        held = scene.reached(Phase.HELD)
        asking = asyncio.ensure_future(scene.ask())
        await asyncio.wait_for(held.wait(), 5)
        scene.clock.forward(30)
        scene.wake()
        assert (await asking).json["content"][0]["text"] == "at last"


async def test_one_that_fails_again_after_pings_ends_with_an_event(tmp_path: Path) -> None:
    """Pings to one who is held bind nobody: the next candidate is tried as well."""
    async with open_scene(tmp_path, hold=60, ping_after=0.03) as scene:
        scene.replies = {"sk-a": [TIRED, DOWN], "sk-b": [TIRED, Reply(status=400, error="odd")]}
        await scene.set_up(scene.provider("a"), scene.provider("b"))
        async with scene.asking() as response:
            await read_pings(response, 1)
            scene.clock.forward(30)
            scene.wake()
            received = await response.content.read()
        assert received.replace(PING, b"").startswith(b"event: error\n")
        assert b'"odd"' in received
        assert scene.asked == ["a 1", "b 1", "a 1", "b 1"]
        assert scene.call.phase is Phase.FAILED


@pytest.mark.parametrize("stream", [True, False])
async def test_a_held_call_can_be_cancelled(tmp_path: Path, stream: bool) -> None:
    async with open_scene(tmp_path, hold=60) as scene:
        scene.replies = {"sk-a": TIRED}
        await scene.set_up(scene.provider("a"))
        held, cancelled = scene.reached(Phase.HELD), scene.reached(Phase.CANCELLED)
        asking = asyncio.ensure_future(scene.ask(stream=stream))
        await asyncio.wait_for(held.wait(), 5)
        asking.cancel()
        await asyncio.wait_for(cancelled.wait(), 5)
        assert scene.tried == [("a/m", Outcome.THROTTLE)]
        assert scene.call.error == "the client went away"
        assert not scene.proxy.gateway.calls.running
        assert scene.standing("a/m").in_flight == 0


@pytest.mark.parametrize("stream", [True, False])
async def test_a_hold_that_is_too_short_is_not_begun(tmp_path: Path, stream: bool) -> None:
    async with open_scene(tmp_path, hold=20) as scene:
        scene.replies = {"sk-a": TIRED}
        await scene.set_up(scene.provider("a"))
        for _ in range(2):
            answer = await scene.ask(stream=stream)
            assert (answer.status, answer.headers["retry-after"]) == (429, "30")
        assert scene.asked == ["a 1"]


async def test_who_waits_for_a_probe_of_another_call_waits_in_peace(tmp_path: Path) -> None:
    async with open_scene(tmp_path, hold=60, max_attempts=5) as scene:
        scene.replies = {"sk-a": [DOWN, DOWN, DOWN, Reply(text="ok", hang_before_headers=True)]}
        await scene.set_up(scene.provider("a"))
        for _ in range(2):
            await scene.ask()
        held = scene.reached(Phase.HELD)
        first = asyncio.ensure_future(scene.ask())
        await asyncio.wait_for(held.wait(), 5)
        assert scene.state("a/m") is State.OPEN
        scene.clock.forward(5)
        probing = asyncio.ensure_future(scene.ask())
        await scene.proxy.upstream.wait_for_calls(4)
        looks = 0
        choose = scene.pool.choose

        def count(*given: Any) -> Any:
            nonlocal looks
            looks += 1
            return choose(*given)

        scene.pool.choose = count  # type: ignore[method-assign, assignment]
        scene.wake()
        for _ in range(200):
            await asyncio.sleep(0)
        assert looks < 10, "it must not spin"
        scene.proxy.upstream.calls[3].release.set()
        assert (await probing).status == 200
        scene.replies.clear()
        assert (await first).status == 200


async def test_a_spent_minute_leads_to_the_next_candidate(scene: Scene) -> None:
    await scene.set_up(scene.provider("a", requests_per_minute=2), scene.provider("b"))
    for _ in range(3):
        assert (await scene.ask()).status == 200
    assert scene.asked == ["a 1", "a 1", "b 1"]
    assert scene.state("a/m") is State.BUSY
    assert scene.standing("a/m").reason == "a allows 2 a minute for this API key"
    scene.clock.forward(60)
    await scene.ask()
    assert scene.asked[-1] == "a 1"


async def test_where_there_is_no_other_the_minute_is_waited_for(tmp_path: Path) -> None:
    async with open_scene(tmp_path, failover_deadline=90) as scene:
        await scene.set_up(scene.provider("a", requests_per_minute=1))
        await scene.ask()
        held = scene.reached(Phase.HELD)
        asking = asyncio.ensure_future(scene.ask())
        await asyncio.wait_for(held.wait(), 5)
        scene.clock.forward(60)
        scene.wake()
        assert (await asking).status == 200
        assert scene.asked == ["a 1", "a 1"]


async def test_a_minute_that_is_too_long_is_refused_with_its_end(tmp_path: Path) -> None:
    async with open_scene(tmp_path, failover_deadline=30) as scene:
        await scene.set_up(scene.provider("a", requests_per_minute=1))
        await scene.ask()
        answer = await scene.ask()
        assert (answer.status, answer.headers["retry-after"]) == (429, "60")
        assert "a allows 1 a minute for this API key" in answer.json["error"]["message"]


async def test_calls_queue_for_a_key_and_go_on_in_their_order(scene: Scene) -> None:
    scene.replies = {"sk-a": Reply(text="done", hang_before_headers=True)}
    await scene.set_up(scene.provider("a", concurrent_requests=1))
    asking: list[asyncio.Future[Any]] = []
    for number in range(8):
        held = scene.reached(Phase.HELD)
        messages = [{"role": "user", "content": f"call {number}"}]
        asking.append(asyncio.ensure_future(scene.ask(messages=messages)))
        await (held.wait() if number else scene.proxy.upstream.wait_for_calls(1))
    for number in range(8):
        calls = await scene.proxy.upstream.wait_for_calls(number + 1)
        assert [call.last_user_text for call in calls] == [f"call {n}" for n in range(number + 1)]
        assert scene.standing("a/m").in_flight == 1
        calls[number].release.set()
    assert {(await one).status for one in asking} == {200}


async def test_a_limit_is_of_each_key(scene: Scene) -> None:
    scene.replies = {"sk-a": Reply(text="done", hang_before_headers=True)}
    await scene.set_up(scene.provider("a", keys=3, concurrent_requests=1), strategy="round_robin")
    asking = [asyncio.ensure_future(scene.ask()) for _ in range(3)]
    calls = await scene.proxy.upstream.wait_for_calls(3)
    assert sorted(scene.asked) == ["a 1", "a 2", "a 3"]
    for call in calls:
        call.release.set()
    await asyncio.gather(*asking)


async def test_a_queue_ends_with_the_deadline_whatever_else_happens(tmp_path: Path) -> None:
    async with open_scene(tmp_path, failover_deadline=0.2) as scene:
        scene.replies = {"sk-a": Reply(text="done", hang_before_headers=True)}
        await scene.set_up(scene.provider("a", concurrent_requests=1))
        first = asyncio.ensure_future(scene.ask())
        await scene.proxy.upstream.wait_for_calls(1)
        asking = asyncio.ensure_future(scene.ask())
        loop = asyncio.get_running_loop()
        end = loop.time() + 2
        while not asking.done() and loop.time() < end:
            scene.wake()
            scene.clock.forward(0.001)
            await asyncio.wait({asking}, timeout=0.001)
        assert asking.done(), "others that come and go must not keep it waiting"
        answer = await asking
        assert answer.status == 429
        assert "a allows 1 at once" in answer.json["error"]["message"]
        scene.proxy.upstream.calls[0].release.set()
        assert (await first).status == 200
