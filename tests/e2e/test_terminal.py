"""The full-screen app on a real pseudo-terminal: what no headless test of a screen exercises."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from ccproxy_tui.demo.upstream import ScriptedUpstream
from tests.e2e.command import COMMAND, PATIENCE, environment, run
from tests.e2e.test_headless import TOKEN, ask, write_configuration


class Terminal:
    """The master side: reads what the app draws, or stops reading."""

    def __init__(self, process: asyncio.subprocess.Process, master: int) -> None:
        self.process = process
        self.master = master
        self.seen = b""
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            self.seen += os.read(self.master, 65536)
        except OSError:
            self.stop_reading()
        self._changed.set()

    def stop_reading(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)

    async def shows(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while text.encode() not in self.seen:
                self._changed.clear()
                await self._changed.wait()

    def hang_up(self) -> None:
        self.stop_reading()
        os.close(self.master)


@asynccontextmanager
async def terminal(
    home: Path, *arguments: str, command: tuple[str, ...] = (str(COMMAND),)
) -> AsyncIterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def become_session_leader() -> None:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    process = await asyncio.create_subprocess_exec(
        *command,
        *arguments,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**environment(home), "TERM": "xterm-256color"},
        preexec_fn=become_session_leader,
    )
    os.close(slave)
    running = Terminal(process, master)
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def prepared(folder: Path, upstream: ScriptedUpstream) -> int:
    """Import a configuration and return a port that is free."""
    await run(folder, "import", write_configuration(folder, upstream.base_url), "--yes")
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    return port


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    async with ScriptedUpstream() as running:
        yield running


async def test_it_serves_while_it_is_drawn_and_quits_by_key(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    port = await prepared(tmp_path, upstream)
    async with terminal(tmp_path, "--port", str(port)) as screen:
        await screen.shows(f"127.0.0.1:{port}")
        assert await ask(f"http://127.0.0.1:{port}") == 200
        await screen.shows("local/m")
        os.write(screen.master, b"\x11")  # ctrl+q
        async with asyncio.timeout(PATIENCE):
            assert await screen.process.wait() == 0
        assert TOKEN.encode() not in screen.seen


async def test_it_goes_on_serving_when_the_terminal_vanishes(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    port = await prepared(tmp_path, upstream)
    url = f"http://127.0.0.1:{port}"
    async with terminal(tmp_path, "--port", str(port)) as screen:
        await screen.shows(f"127.0.0.1:{port}")
        assert await ask(url) == 200
        screen.hang_up()
        for _ in range(20):
            assert await ask(url) == 200
            await asyncio.sleep(0.1)
        assert screen.process.returncode is None
        await run(
            tmp_path, "import", write_configuration(tmp_path, upstream.base_url, "late"), "--yes"
        )
        async with asyncio.timeout(PATIENCE):
            while await ask(url, "late") != 200:
                await asyncio.sleep(0.1)
        screen.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            assert await screen.process.wait() == 0
        with pytest.raises(aiohttp.ClientConnectionError):
            await ask(url)


A_SCREEN_THAT_FAILS = """
from ccproxy_tui.cli import main
from ccproxy_tui.tui.app import CcproxyApp
def fail(self): raise RuntimeError("a mistake in the picture")
CcproxyApp._tick = fail
main()
"""


async def test_it_goes_on_serving_when_the_screen_fails(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    port = await prepared(tmp_path, upstream)
    command = (sys.executable, "-c", A_SCREEN_THAT_FAILS)
    async with terminal(tmp_path, "--port", str(port), command=command) as screen:
        await screen.shows("is still served")
        assert await ask(f"http://127.0.0.1:{port}") == 200
        screen.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            assert await screen.process.wait() == 0


async def test_a_terminal_that_stops_reading_does_not_hold_calls_up(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    port = await prepared(tmp_path, upstream)
    url = f"http://127.0.0.1:{port}"
    async with terminal(tmp_path, "--port", str(port)) as screen:
        await screen.shows(f"127.0.0.1:{port}")
        screen.stop_reading()
        async with asyncio.timeout(PATIENCE):
            for _ in range(200):
                assert await ask(url) == 200
        screen.process.kill()
