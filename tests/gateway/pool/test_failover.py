"""From one candidate to the next, over HTTP: how far, for whom, and what stays of it."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.traffic.attempt import Outcome
from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.traffic.standing import State
from tests.gateway import five
from tests.gateway.pool.scene import Scene, open_scene

DOWN = Reply(status=500, error="worn out")
LANES: tuple[Any, ...] = ("claude", "openai")
"""Upstreams of a client of Claude's protocol: faithful, converted."""


async def test_no_more_attempts_than_the_setting_says(tmp_path: Path) -> None:
    async with open_scene(tmp_path, max_attempts=2) as scene:
        scene.replies = {"sk": DOWN}
        await scene.set_up(*map(scene.provider, "abc"))
        answer = await scene.ask()
        assert scene.asked == ["a 1", "b 1"]
        assert answer.status == 500
        assert 'tried 2 of the 3 candidates of "*"' in answer.json["error"]["message"]


async def test_asking_again_without_a_part_is_an_attempt_too(tmp_path: Path) -> None:
    async with open_scene(tmp_path, max_attempts=1) as scene:
        scene.replies = {"sk-a": Reply(status=400, error="Unsupported parameter: 'temperature'")}
        await scene.set_up(scene.provider("a", "openai"))
        assert (await scene.ask(temperature=0.5)).status == 400
        assert scene.asked == ["a 1"]


async def test_no_further_attempt_after_the_deadline(tmp_path: Path) -> None:
    async with open_scene(tmp_path, failover_deadline=0.05) as scene:
        scene.replies = {"sk-a": Reply(hang_before_headers=True)}
        slow = scene.provider("a", connect_timeout=0.05, first_byte_timeout=0.05)
        await scene.set_up(slow, scene.provider("b"))
        answer = await scene.ask()
        assert (answer.status, scene.asked) == (504, ["a 1"])
        assert scene.tried == [("a/m", Outcome.TIMEOUT)]


@pytest.mark.parametrize("lane", LANES)
async def test_whoever_was_pinged_is_bound(tmp_path: Path, lane: Any) -> None:
    """The reply is committed when the upstream thinks for long; then nobody else can be asked."""
    async with open_scene(tmp_path, ping_after=0.03) as scene:
        scene.replies = {"sk-a": Reply(hang_before_headers=True)}
        slow = scene.provider("a", lane, connect_timeout=0.1, first_byte_timeout=0.1)
        await scene.set_up(slow, scene.provider("b", lane))
        answer = await scene.ask(stream=True)
        assert answer.status == 200
        *pings, last = answer.body.decode().strip().split("\n\n")
        assert pings
        assert all(one.startswith((":", "event: ping", "event: message_start")) for one in pings)
        name, data = last.split("\n")
        assert name == "event: error"
        assert orjson.loads(data.removeprefix("data: "))["error"]["type"] == "timeout_error"
        assert scene.asked == ["a 1"]
        assert scene.call.phase is Phase.FAILED


@pytest.mark.parametrize("lane", LANES)
async def test_nothing_is_heard_of_those_that_failed_before(tmp_path: Path, lane: Any) -> None:
    async with open_scene(tmp_path, ping_after=0.03) as scene:
        scene.replies = {"sk-a": Reply(close_before_headers=True), "sk-b": DOWN}
        await scene.set_up(*(scene.provider(name, lane) for name in "abc"))
        answer = await scene.ask(stream=True)
        assert [name for name, _ in answer.events].count("message_start") == 1
        assert answer.text == "c answers"
        assert [one.status for one in scene.call.attempts] == [0, 500, 200]
        assert scene.call.why[0].startswith("priority: c/m is of the first target that is avail")


async def test_the_breaker_opens_and_one_call_finds_out(scene: Scene) -> None:
    scene.replies = {"sk-a": [DOWN, DOWN, DOWN, Reply(text="a is back", hang_before_headers=True)]}
    await scene.set_up(scene.provider("a"), scene.provider("b"))
    for _ in range(3):
        await scene.ask()
    assert scene.state("a/m") is State.OPEN
    await scene.ask()
    assert scene.asked == ["a 1", "b 1"] * 3 + ["b 1"]
    scene.clock.forward(5)
    assert scene.state("a/m") is State.HALF_OPEN
    probing = asyncio.ensure_future(scene.ask())
    await scene.proxy.upstream.wait_for_calls(8)
    assert scene.state("a/m") is State.OPEN
    others = await asyncio.gather(*(scene.ask() for _ in range(5)))
    assert {answer.json["content"][0]["text"] for answer in others} == {"b answers"}
    scene.proxy.upstream.calls[7].release.set()
    assert (await probing).json["content"][0]["text"] == "a is back"
    assert scene.state("a/m") is State.READY
    assert scene.asked[7:] == ["a 1"] + ["b 1"] * 5


async def test_a_probe_that_fails_opens_it_for_twice_as_long(scene: Scene) -> None:
    scene.replies = {"sk-a": DOWN}
    await scene.set_up(scene.provider("a"), scene.provider("b"))
    for _ in range(3):
        await scene.ask()
    scene.clock.forward(5)
    await scene.ask()
    assert scene.tried == [("a/m", Outcome.OVERLOAD), ("b/m", Outcome.SUCCESS)]
    assert scene.state("a/m") is State.OPEN
    scene.clock.forward(9.9)
    assert scene.state("a/m") is State.OPEN
    scene.clock.forward(0.2)
    assert scene.state("a/m") is State.HALF_OPEN


async def test_a_probe_that_goes_away_leaves_it_to_the_next(scene: Scene) -> None:
    scene.replies = {"sk-a": [DOWN, DOWN, DOWN, Reply(hang_before_headers=True)]}
    await scene.set_up(scene.provider("a"), scene.provider("b"))
    for _ in range(3):
        await scene.ask()
    scene.clock.forward(5)
    cancelled = scene.reached(Phase.CANCELLED)
    probing = asyncio.ensure_future(scene.ask())
    await scene.proxy.upstream.wait_for_calls(7)
    probing.cancel()
    await asyncio.wait_for(cancelled.wait(), 5)
    assert scene.tried == [("a/m", Outcome.CANCELLED)]
    assert scene.state("a/m") is State.HALF_OPEN
    assert scene.standing("a/m").in_flight == 0


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("client", five.PROTOCOLS)
async def test_when_all_are_out_the_first_to_come_back_is_named(
    scene: Scene, client: str, stream: bool
) -> None:
    scene.replies = {
        "sk-a": Reply(status=429, error="a is tired", headers={"retry-after": "30"}),
        "sk-b": Reply(status=429, error="b is tired", headers={"retry-after": "10"}),
        "sk-c": Reply(status=401, error="c knows you not"),
    }
    await scene.set_up(*(scene.provider(name, "openai") for name in "abc"))
    answers = [await five.ask(scene.proxy, client, "default", stream=stream) for _ in range(2)]
    assert scene.asked == ["a 1", "b 1", "c 1"], "nobody is asked a second time"
    for answer, said in zip(answers, ("tried 3 of the 3", "all 3"), strict=True):
        assert answer.status == 429
        assert answer.headers["retry-after"] == "10"
        assert answer.headers["Content-Type"].startswith("application/json")
        error = answer.json["error"]
        message = error if client == "ollama" else error["message"]
        assert message.startswith(f"b is tired [ccproxy: {said} candidates of ")
        assert message.endswith("the first is back in 10 s]")


async def test_a_401_takes_the_key_out_and_a_403_the_model(scene: Scene) -> None:
    models = {"one": "m-1", "two": "m-2"}
    await scene.set_up(scene.provider("a", keys=2), models=models)
    scene.replies = {"sk-a-1": Reply(status=401, error="no"), "sk-a-2": Reply(status=403)}
    await scene.ask(model="one")
    out = {
        (alias, number): scene.state(f"a/{model} key {number}", alias)
        for alias, model in models.items()
        for number in (1, 2)
    }
    assert out == {
        ("one", 1): State.OUT,
        ("two", 1): State.OUT,
        ("one", 2): State.OUT,
        ("two", 2): State.READY,
    }
    scene.replies.clear()
    assert (await scene.ask(model="two")).status == 200
    assert scene.asked[-1] == "a 2"


async def test_a_key_that_is_all_there_is_may_be_accepted_again(scene: Scene) -> None:
    scene.replies = {"sk-a": [Reply(status=401, error="no"), Reply(text="welcome")]}
    await scene.set_up(scene.provider("a"))
    refused = await scene.ask()
    assert (refused.status, refused.headers["x-should-retry"]) == (401, "false")
    assert (await scene.ask()).status == 200
    assert scene.state("a/m") is State.READY


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("lane", LANES)
async def test_what_a_model_cannot_do_is_left_out_and_remembered(
    scene: Scene, lane: Any, stream: bool
) -> None:
    scene.replies = {
        "sk-a": [Reply(status=400, error="Unsupported parameter: 'temperature'"), Reply(text="ok")]
    }
    await scene.set_up(scene.provider("a", lane), scene.provider("b", lane))
    for _ in range(2):
        assert (await scene.ask(stream=stream, temperature=0.5)).status == 200
    assert scene.asked == ["a 1"] * 3
    assert ["temperature" in call.json for call in scene.proxy.upstream.calls] == [
        True,
        False,
        False,
    ]
    tried = [[one.outcome for one in call.attempts] for call in scene.calls]
    assert tried == [[Outcome.CAPABILITY, Outcome.SUCCESS], [Outcome.SUCCESS]]
    assert scene.standing("a/m").lessons == ("no parameter temperature",)
    assert scene.standing("a/m").failed == 0
    assert any("temperature" in note for note in scene.call.notes)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("status", [400, 413])
async def test_an_error_of_the_request_is_final_and_untouched(
    scene: Scene, status: int, stream: bool
) -> None:
    body = b'{"type":"error",  "error":{"type":"odd_error","message":"\\u00fc, own words"}}'
    scene.replies = {"sk-a": Reply(status=status, raw_body=body, headers={"x-own": "1"})}
    await scene.set_up(scene.provider("a"), scene.provider("b"))
    answer = await scene.ask(stream=stream)
    assert (answer.status, answer.body, answer.headers["x-own"]) == (status, body, "1")
    assert scene.tried == [("a/m", Outcome.CLIENT_ERROR)]
    assert scene.state("a/m") is State.READY


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize(
    "reply", [Reply(hang_before_headers=True), Reply(text="a b", hang_after=1)]
)
async def test_a_client_that_goes_away_counts_against_nobody(
    scene: Scene, lane: Any, reply: Reply
) -> None:
    scene.replies = {"sk-a": reply}
    await scene.set_up(scene.provider("a", lane), scene.provider("b", lane))
    for count in range(1, 5):
        cancelled = scene.reached(Phase.CANCELLED)
        asking = asyncio.ensure_future(scene.ask(stream=True))
        await scene.proxy.upstream.wait_for_calls(count)
        asking.cancel()
        await asyncio.wait_for(cancelled.wait(), 5)
        assert scene.tried == [("a/m", Outcome.CANCELLED)]
    standing = scene.standing("a/m")
    assert (standing.state, standing.failed, standing.in_flight) == (State.READY, 0, 0)
    assert scene.asked == ["a 1"] * 4
