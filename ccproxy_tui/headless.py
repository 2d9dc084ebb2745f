"""The proxy without a screen: a line for each call, and an orderly end on SIGTERM or SIGINT."""

import asyncio
import contextlib
import gc
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict

import aiosqlite
import orjson
from pydantic import ValidationError

from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import AccessKey
from ccproxy_tui.runtime import Service
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.call import Call
from ccproxy_tui.traffic.feed import Feed

PATIENCE = 600.0
"""Seconds that running calls get to end after the first signal; the second one ends them."""
RELOAD_EVERY = 1.0
"""Seconds between looks for edits that another process has made."""
_PRINT_EVERY = 0.1
_WAITING_LINES = 10_000

log = logging.getLogger(__name__)


async def serve(service: Service, *, as_json: bool) -> None:
    """Serve until SIGTERM or SIGINT; raises what `Service.open` raises."""
    await service.open()
    gc.collect()
    gc.freeze()  # what is there now stays; looking through it again would hold calls up
    written = _as_json if as_json else _as_text
    printer = Printer()
    if aside := service.journal.aside:
        print(f"the journal is damaged; it is {aside} now, and a new one begins", file=sys.stderr)  # noqa: T201
    printer.say(written({"event": "listening", "url": service.url}))
    if service.first_start and not as_json:
        printer.say(_first_key_line(service.live.value.keys[0]))
    async with (
        following(service.live),
        printing(service.feed, lambda told: printer.say(written(told))),
    ):
        with stop_signals() as came:
            await came.acquire()
            if running := len(service.gateway.calls.running):
                print(f"waiting for {running} running calls; again to stop them", file=sys.stderr)  # noqa: T201
            closing = spawn(service.close(PATIENCE), "close")
            again = spawn(came.acquire(), "second signal")
            await asyncio.wait({closing, again}, return_when=asyncio.FIRST_COMPLETED)
            again.cancel()
            for call in list(service.gateway.calls.running.values()):
                call.task.cancel()
            await closing
    printer.finish()


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Semaphore]:
    """Give a semaphore that can be acquired once for each SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    came = asyncio.Semaphore(0)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, came.release)
    try:
        yield came
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@contextlib.asynccontextmanager
async def following(live: LiveConfiguration) -> AsyncIterator[None]:
    """Take over edits that another process saves."""

    async def follow() -> None:
        while True:
            await asyncio.sleep(RELOAD_EVERY)
            try:
                await live.reload()
            except (aiosqlite.Error, ValidationError) as error:
                log.warning("the configuration cannot be read (%s); the old one stays", error)

    task = spawn(follow(), "follow configuration")
    try:
        yield
    finally:
        task.cancel()


class Printer:
    """Writes lines to standard output from a thread of its own, as a pipe may stop reading."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING_LINES)
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
        self._thread.start()

    def say(self, line: str) -> None:
        """Print a line; when nobody reads, lines are left out rather than waited for."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(line)

    def finish(self) -> None:
        """Print what is left, as far as somebody reads."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(timeout=1)

    def _run(self) -> None:
        try:
            while (line := self._lines.get()) is not None:
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
        except OSError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.asynccontextmanager
async def printing(feed: Feed, say: Callable[[dict[str, object]], None]) -> AsyncIterator[None]:
    """Say every call that ends."""
    listener = feed.listen()

    def tell_ended() -> None:
        for call in listener.drain():
            if call.phase.ended:
                say(facts(call))

    async def follow() -> None:
        while True:
            await asyncio.sleep(_PRINT_EVERY)
            tell_ended()

    task = spawn(follow(), "print calls")
    try:
        yield
    finally:
        task.cancel()
        tell_ended()
        feed.leave(listener)


def facts(call: Call) -> dict[str, object]:
    """Return what is known of a call, without its messages."""
    return {
        "event": "call",
        "id": call.id,
        "time": call.started_at,
        "phase": str(call.phase),
        "status": call.status,
        "key": call.key,
        "group": call.group,
        "operation": call.operation,
        "model": call.requested,
        "alias": call.alias,
        "target": call.target,
        "tokens": asdict(call.tokens),
        "ttft": call.ttft,
        "duration": call.duration,
        "session": call.session,
        "attempts": [asdict(attempt) for attempt in call.attempts],
        "cost": call.cost,
        "error": call.error,
        "notes": call.notes,
    }


def _first_key_line(key: AccessKey) -> str:
    """Show the key that the first start has made, but never to a log file."""
    token = key.token if sys.stdout.isatty() else "`ccproxy export --secrets` shows its token"
    return f"a first access key was made, {key.name}: {token}"


def _as_json(told: dict[str, object]) -> str:
    return orjson.dumps(told).decode()


def _as_text(told: dict[str, object]) -> str:
    if told["event"] == "listening":
        return f"ccproxy listens on {told['url']}; stop it with ctrl+c"
    return _call_line(told)


def _call_line(told: dict[str, object]) -> str:
    tokens = told["tokens"]
    assert isinstance(tokens, dict)
    read = tokens["input"] + tokens["cache_read"] + tokens["cache_write"]
    parts = [
        time.strftime("%H:%M:%S", time.localtime(float(str(told["time"])))),
        f"#{told['id']}",
        str(told["status"] or "-"),
        str(told["key"] or "-"),
        str(told["group"] or "-"),
        f"{told['model'] or '-'} → {told['target'] or '-'}",
        f"in {read} cached {tokens['cache_read']} out {tokens['output']}",
        f"ttft {_seconds(told['ttft'])}",
        _seconds(told["duration"]),
        str(told["phase"]),
        str(told["error"]).replace("\n", " "),
    ]
    return "  ".join(part for part in parts if part)


def _seconds(value: object) -> str:
    return f"{value:.2f}s" if isinstance(value, float) else "-"
