"""CPU per call and added latency, as ratios to bare yardsticks measured in the same run.

Run it with `make bench`. All traffic is on loopback. A body is 60 KB in the shape of Claude Code's
requests, a stream has 300 events, and recording is on. The yardstick of every converted stream is
the one minimal converter, from a Claude client to an OpenAI upstream.
"""

import asyncio
import contextlib
import statistics
import time
from dataclasses import dataclass

import aiohttp
import orjson
import uvloop

from tests.perf.minimal_converter import to_openai
from tests.perf.servers import TOKEN, Process, process

ROUNDS = 5
CALLS = 240
"""In each round, for each of the two that are compared."""
CONCURRENT = 8


@dataclass(frozen=True)
class Lane:
    """One way to the upstream; `path` is below the server's root."""

    server: Process
    path: str
    body: bytes


@dataclass(frozen=True)
class Measured:
    cpu: float
    """Milliseconds of CPU a call."""
    first_byte: list[float]
    """Milliseconds until the first byte."""


MESSAGES = "/v1/messages"
WRITINGS = {
    "whole": "one write",
    "events": "300 writes",
    "spaced": "300 writes, 0.5 ms apart",
}


def body(*, stream: bool) -> bytes:
    paragraph = "The build copies every file that has changed since the last run, and says so. "
    tools = [
        {
            "name": f"Tool{number}",
            "description": paragraph * 28,
            "input_schema": {
                "type": "object",
                "properties": {
                    name: {"type": "string", "description": paragraph}
                    for name in ("path", "content", "limit")
                },
                "required": ["path"],
            },
        }
        for number in range(12)
    ]
    messages: list[dict[str, object]] = [{"role": "user", "content": paragraph * 12}]
    for number in range(20):
        use = {"type": "tool_use", "id": f"t{number}", "name": "Tool1", "input": {"path": "a.py"}}
        result = {"type": "tool_result", "tool_use_id": f"t{number}", "content": paragraph * 8}
        messages.append({"role": "assistant", "content": [use]})
        messages.append({"role": "user", "content": [result]})
    return orjson.dumps(
        {
            "model": "claude-sonnet-4-5",
            "max_tokens": 32_000,
            "stream": stream,
            "system": [
                {"type": "text", "text": "x-anthropic-billing-header: cc_version=2;"},
                {"type": "text", "text": paragraph * 90, "cache_control": {"type": "ephemeral"}},
            ],
            "messages": messages,
            "tools": tools,
        }
    )


async def call(session: aiohttp.ClientSession, lane: Lane) -> tuple[float, float]:
    url = f"http://127.0.0.1:{lane.server.port}{lane.path}"
    started = time.perf_counter()
    async with session.post(url, data=lane.body, headers={"x-api-key": TOKEN}) as response:
        await response.content.readany()
        first = time.perf_counter()
        rest = await response.read()
        assert response.status == 200, rest
    return first - started, time.perf_counter() - started


async def measure(lane: Lane) -> Measured:
    times: list[tuple[float, float]] = []
    async with aiohttp.ClientSession() as session:

        async def worker() -> None:
            for _ in range(CALLS // CONCURRENT):
                times.append(await call(session, lane))

        before = lane.server.cpu
        await asyncio.gather(*(worker() for _ in range(CONCURRENT)))
        await asyncio.sleep(0.7)  # what is written behind is a part of the price
        spent = lane.server.cpu - before
    return Measured(spent * 1000 / CALLS, [first * 1000 for first, _ in times])


async def compare(name: str, ours: Lane, yardstick: Lane, target: float) -> None:
    """Print a row: the two take turns, so that a noisy machine is as noisy for both."""
    await measure(ours)
    await measure(yardstick)
    pairs = [(await measure(yardstick), await measure(ours)) for _ in range(ROUNDS)]
    ratio = statistics.median(our.cpu / bare.cpu for bare, our in pairs)
    bare_cpu, our_cpu = (statistics.median(pair[side].cpu for pair in pairs) for side in (0, 1))
    first = [sorted(time for pair in pairs for time in pair[side].first_byte) for side in (0, 1)]
    added = statistics.median(first[1]) - statistics.median(first[0])
    late = first[1][int(len(first[1]) * 0.99)] - first[0][int(len(first[0]) * 0.99)]
    print(
        f"| {name} | {bare_cpu:.2f} | {our_cpu:.2f} | **{ratio:.2f}** | {target} | {added:+.1f} | "
        f"{late:+.1f} |",
        flush=True,
    )


async def main() -> None:
    print(
        "| lane | yardstick, CPU ms | ccproxy, CPU ms | ratio | target | added first byte p50, ms "
        "| p99 |\n|---|---|---|---|---|---|---|"
    )
    whole, streamed = body(stream=False), body(stream=True)
    chat = orjson.dumps(to_openai(orjson.loads(streamed)))
    for writing, what in WRITINGS.items():
        with contextlib.ExitStack() as stack:
            upstream = stack.enter_context(process("replay", writing))
            origin = f"http://127.0.0.1:{upstream.port}"
            proxy = stack.enter_context(process("ccproxy", origin))
            relay = stack.enter_context(process("relay", origin))
            converter = stack.enter_context(process("converter", origin))
            bare = Lane(relay, MESSAGES, streamed)
            minimal = Lane(converter, MESSAGES, streamed)

            def lane(group: str, proxy: Process = proxy) -> Lane:
                return Lane(proxy, f"/{group}{MESSAGES}", streamed)

            if writing == "whole":
                ours = Lane(proxy, f"/claude{MESSAGES}", whole)
                await compare("faithful, JSON", ours, Lane(relay, MESSAGES, whole), 2.5)
            await compare(f"faithful, stream, {what}", lane("claude"), bare, 2)
            await compare(f"claude → openai, stream, {what}", lane("openai"), minimal, 2)
            if writing == "events":
                for name in ("responses", "gemini", "ollama"):
                    await compare(f"claude → {name}, stream, {what}", lane(name), minimal, 2)
                ours = Lane(proxy, "/claude/v1/chat/completions", chat)
                await compare(f"openai → claude, stream, {what}", ours, minimal, 2)


if __name__ == "__main__":
    uvloop.run(main())
