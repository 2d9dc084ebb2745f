"""Each server of the benchmark in a process of its own, so that its CPU time can be read."""

import asyncio
import contextlib
import gc
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import orjson
import uvloop
from aiohttp import web

from ccproxy_tui.config.models import (
    AccessKey,
    Configuration,
    Group,
    Protocol,
    Provider,
    Proxy,
    Target,
)
from ccproxy_tui.demo.replay import ReplayServer
from ccproxy_tui.paths import Home
from ccproxy_tui.runtime import Overrides, Service
from tests.perf.minimal_converter import convert
from tests.perf.relay import application, relay

DRIP = 0.05
"""Seconds between the events of a stream that goes on slowly."""
TOKEN = "cs-benchmark-token"


class Process:
    """A server process that prints its port and serves until it is stopped."""

    def __init__(self, *arguments: str) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.perf.servers", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None
        self.port = int(self._child.stdout.readline())

    @property
    def cpu(self) -> float:
        """Seconds of CPU used so far, by all threads."""
        threads = Path(f"/proc/{self._child.pid}/task").iterdir()
        return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9

    def stop(self) -> None:
        self._child.terminate()
        self._child.wait()


@contextmanager
def process(*arguments: str) -> Iterator[Process]:
    running = Process(*arguments)
    try:
        yield running
    finally:
        running.stop()


def configuration(upstream: str) -> Configuration:
    """A group for each upstream protocol, named after it."""

    def target(provider: str) -> tuple[Target, ...]:
        return (Target(provider=provider, model="replay"),)

    names: tuple[Protocol, ...] = get_args(Protocol)
    return Configuration(
        providers=tuple(Provider(name=name, protocol=name, base_url=upstream) for name in names),
        groups=(Group(name="default"), *(Group(name=name) for name in names)),
        proxies=tuple(Proxy(group=name, alias="*", targets=target(name)) for name in names),
        keys=(AccessKey(name="bench", token=TOKEN),),
    )


async def drip(request: web.Request) -> web.StreamResponse:
    """Answer a Claude client with a stream that goes on slowly, for as long as it listens."""
    await request.read()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    usage = {"input_tokens": 9, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "usage": usage}
    started: dict[str, Any] = {"type": "message_start", "message": message}
    block: dict[str, Any] = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    delta: dict[str, Any] = {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "a word or two "},
    }
    with contextlib.suppress(ConnectionError):
        for event in (started, block, *itertools.repeat(delta, 100_000)):
            name, data = str(event["type"]).encode(), orjson.dumps(event)
            await response.write(b"event: %b\ndata: %b\n\n" % (name, data))
            await asyncio.sleep(DRIP)
    return response


async def _serve(kind: str, argument: str) -> None:
    if kind == "replay":
        server = ReplayServer(events=300, writing=argument)  # type: ignore[arg-type]
        await server.start()
        port = server.port
    elif kind == "drip":
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/{path:.*}", drip)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
    elif kind == "ccproxy":
        folder = Path(tempfile.mkdtemp(prefix="ccproxy-bench-"))
        first = configuration(argument + "/v1")
        service = Service(Home(folder), Overrides(port=0), first=first)
        await service.open()
        port = service.port
    else:
        app = application(argument, convert if kind == "converter" else relay)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
    gc.collect()
    gc.freeze()  # as `ccproxy serve` does
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], sys.argv[2]))
