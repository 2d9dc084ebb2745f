"""What it costs to be watched: the proxy with the app on top, against the proxy without a screen.

Run it with `make watched`. All traffic is on loopback; the log holds 100,000 calls. The two proxies
take turns, so that a noisy machine is as noisy for both.
"""

import asyncio
import contextlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import uvloop

from ccproxy_tui.config.store import ConfigurationStore
from ccproxy_tui.paths import Home
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.traffic.feed import Feed
from ccproxy_tui.traffic.journal import Journal, Limits
from tests.perf.bench import MESSAGES, body
from tests.perf.pty_screen import PtyScreen
from tests.perf.servers import TOKEN, Process, configuration, process

LOG_ROWS = 100_000
ROUNDS = 8
SECONDS = 8.0
"""Of each round, for each of the two."""
CALLS_A_SECOND = 20
EVENTS_A_SECOND = 200
STREAMS = 100
KEYS = 200
SIZES = ((80, 24), (120, 40), (200, 60))


async def make_home(folder: Path, origin: str) -> None:
    """Make a data folder with a configuration and a long history."""
    folder.mkdir(mode=0o700)
    home = Home(folder)
    store = await ConfigurationStore.open(home.configuration)
    await store.save(configuration(origin + "/v1"), await store.revision())
    await store.close()
    journal, feed = await Journal.open(home.journal), Feed()
    keeping = spawn(journal.keep(feed, lambda: _LIMITS), "keep")
    await asyncio.sleep(0)
    now = time.time()
    for number in range(1, LOG_ROWS + 1):
        feed.tell(made(number, now - (LOG_ROWS - number) * 2.0))
        if number % 5_000 == 0:
            while journal.last_id < number:
                await asyncio.sleep(0.05)
    keeping.cancel()
    await asyncio.wait({keeping})
    await journal.close()


def made(number: int, began: float) -> Call:
    return Call(
        id=number,
        started_at=began,
        path="/claude/v1/messages",
        operation="generate",
        protocol="claude",
        key="bench",
        group="claude",
        requested="claude-sonnet-4-5",
        alias="*",
        provider="claude",
        model="replay",
        upstream_protocol="claude",
        streaming=True,
        session=f"session-{number // 40}",
        phase=Phase.DONE,
        status=200,
        tokens=Tokens(1_000 + number % 977, 20_000, 0, 300 + number % 89),
        ttft=0.4,
        duration=3.0 + number % 13,
        cost=0.01,
    )


_CURSOR = b"48;2;31;68;104"
"""The colour of the row under the cursor."""
_FRAME = b"1 Groups"
_MAIN = "from ccproxy_tui.cli import main; main()"
_LIMITS = Limits(days=30.0, megabytes=4096.0)


@contextlib.contextmanager
def headless(home: Path, port: int) -> Iterator[PtyScreen]:
    arguments = ["-c", _MAIN, "serve", "--port", str(port)]
    yield from _running(arguments, home, (120, 40), b"listens on")


@contextlib.contextmanager
def watched(home: Path, port: int, size: tuple[int, int]) -> Iterator[PtyScreen]:
    arguments = ["-c", _MAIN, "--port", str(port)]
    yield from _running(arguments, home, size, b"5 Log")


def _running(
    arguments: list[str], home: Path, size: tuple[int, int], ready: bytes
) -> Iterator[PtyScreen]:
    screen = PtyScreen(arguments, size, {"CCPROXY_HOME": str(home)})
    try:
        screen.wait_for(ready)
        yield screen
    finally:
        screen.stop()


async def load(port: int, seconds: float) -> list[float]:
    """Make calls at an even rate, and return the milliseconds to their first bytes."""
    url, data = f"http://127.0.0.1:{port}/claude{MESSAGES}", body(stream=True)
    first_bytes: list[float] = []

    async def call(session: aiohttp.ClientSession) -> None:
        began = time.perf_counter()
        async with session.post(url, data=data, headers={"x-api-key": TOKEN}) as response:
            await response.content.readany()
            first_bytes.append((time.perf_counter() - began) * 1000)
            await response.read()
            assert response.status == 200

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            group.create_task(call(session))
            await asyncio.sleep(1 / CALLS_A_SECOND)
    return first_bytes


async def compare(homes: tuple[Path, Path], ports: tuple[int, int]) -> None:
    """Print what calls cost with and without the app."""
    with headless(homes[0], ports[0]) as bare, watched(homes[1], ports[1], (200, 60)) as app:
        await asyncio.to_thread(app.wait_for, b"100,0", 120)
        pairs = []
        for _ in range(ROUNDS + 1):
            pairs.append([await measure(*one) for one in ((bare, ports[0]), (app, ports[1]))])
        del pairs[0]
        bare_cpu, app_cpu = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
        ratio = statistics.median(pair[1][0] / pair[0][0] for pair in pairs)
        drawing = statistics.median(pair[1][1] for pair in pairs)
        times = [sorted(time for pair in pairs for time in pair[side][2]) for side in (0, 1)]
        middle, late = (
            [one[min(len(one) - 1, int(len(one) * share))] for one in times]
            for share in (0.5, 0.99)
        )
        print(f"calls: {CALLS_A_SECOND} a second, streams of 300 events, 60 KB of request")
        print("| | headless | with the app | ratio | target |\n|---|---|---|---|---|")
        print(f"| CPU a call, ms | {bare_cpu:.2f} | {app_cpu:.2f} | **{ratio:.2f}** | 1.1 |")
        for name, one in (("p50", middle), ("p99", late)):
            target = "1.1" if name == "p99" else ""
            print(
                f"| first byte {name}, ms | {one[0]:.2f} | {one[1]:.2f} | "
                f"**{one[1] / one[0]:.2f}** | {target} |"
            )
        print(f"the app's own thread takes {drawing:.1%} of a core\n", flush=True)


async def measure(screen: PtyScreen, port: int) -> tuple[float, float, list[float]]:
    """Return CPU milliseconds a call (without the app's drawing), the drawing's share, times."""
    is_app = "serve" not in screen.process.args  # type: ignore[operator] # it is a list
    before, began = screen.cpu(), time.monotonic()
    first_bytes = await load(port, SECONDS)
    await asyncio.sleep(0.7)  # what is written behind is a part of the price
    after, took = screen.cpu(), time.monotonic() - began
    drawn = after[True] - before[True] if is_app else 0.0
    spent = sum(after.values()) - sum(before.values()) - drawn
    return spent * 1000 / len(first_bytes), drawn / took, first_bytes


async def count_bytes(home: Path, port: int) -> None:
    """Print what is sent to the terminal while many calls come and go."""
    print(f"terminal: {EVENTS_A_SECOND} changes of calls a second")
    print("| size | bytes a second | target |\n|---|---|---|")
    for size in SIZES:
        with watched(home, port, size) as app:
            await asyncio.to_thread(app.wait_for, b"100,0", 120)
            running = spawn(load_events(port), "load")
            await asyncio.sleep(2)
            sent = await asyncio.to_thread(app.sent_within, 10.0)
            running.cancel()
            print(f"| {size[0]}×{size[1]} | {sent / 10:,.0f} | 60,000 |", flush=True)
    print()


async def load_events(port: int) -> None:
    """Make calls so that about `EVENTS_A_SECOND` changes are told: four for each."""
    url, data = f"http://127.0.0.1:{port}/claude{MESSAGES}", body(stream=False)
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        while True:
            group.create_task(_ask(session, url, data))
            await asyncio.sleep(4 / EVENTS_A_SECOND)


async def _ask(session: aiohttp.ClientSession, url: str, data: bytes) -> None:
    async with session.post(url, data=data, headers={"x-api-key": TOKEN}) as response:
        await response.read()


async def time_keys(home: Path, port: int, drip: Process) -> None:
    """Print how long keys take to be seen while many streams run."""
    del drip
    with watched(home, port, (120, 40)) as app:
        await asyncio.to_thread(app.wait_for, b"100,0", 120)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            url, data = f"http://127.0.0.1:{port}/claude{MESSAGES}", body(stream=True)
            running = [spawn(_ask(session, url, data), "stream") for _ in range(STREAMS)]
            await asyncio.to_thread(app.wait_for, f"{STREAMS} live".encode(), 30)
            app.press(b"\x1b[5~" * 8, _CURSOR)  # away from the calls that run
            print(f"keys: {KEYS} presses while {STREAMS} streams run (20 events a second each)")
            print("| key to paint, ms | p50 | p99 | target |\n|---|---|---|---|")
            for what, keys, seen in (
                ("cursor", (b"k", b"j"), _CURSOR),
                ("pane", (b"1", b"5"), _FRAME),
            ):
                times = await asyncio.to_thread(_press_many, app, keys, seen)
                late = times[int(len(times) * 0.99)]
                print(f"| {what} | {statistics.median(times):.0f} | {late:.0f} | 100 |", flush=True)
            for one in running:
                one.cancel()
            await asyncio.wait(running)


def _press_many(app: PtyScreen, keys: tuple[bytes, bytes], seen: bytes) -> list[float]:
    """Press two keys in turn; `seen` is what only a key lets be drawn. Returns sorted milliseconds."""
    times = []
    for number in range(KEYS):
        times.append(app.press(keys[number % 2], seen) * 1000)
        time.sleep(0.05 + number % 7 * 0.02)
    return sorted(times)


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ccproxy-watched-") as folder:
        with process("replay", "events") as upstream:
            origin = f"http://127.0.0.1:{upstream.port}"
            homes = Path(folder, "headless"), Path(folder, "watched")
            await make_home(homes[0], origin)
            shutil.copytree(homes[0], homes[1])
            await compare(homes, (free_port(), free_port()))
            await count_bytes(homes[1], free_port())
        with process("drip", "") as drip:
            home = Path(folder, "drip")
            await make_home(home, f"http://127.0.0.1:{drip.port}")
            await time_keys(home, free_port(), drip)


if __name__ == "__main__":
    uvloop.run(main())
