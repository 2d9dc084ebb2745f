"""What the pool knows survives a restart, in a file without a secret."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway.pool.store import PoolStore
from ccproxy_tui.tasks import spawn
from ccproxy_tui.traffic.standing import State
from tests.gateway.pool.scene import Scene, open_scene

SAID = "the key sk-t-1-secret is tired"


@contextlib.asynccontextmanager
async def process(folder: Path, port: int = 0) -> AsyncIterator[Scene]:
    """A run of the proxy whose pool is loaded when it starts, and written behind.

    `port` is that of the providers, which have to be the same as in an earlier run.
    """
    async with contextlib.AsyncExitStack() as stack:
        scene = await stack.enter_async_context(open_scene(folder))
        if port:
            await scene.proxy.upstream.stop()
            await scene.proxy.upstream.start(port=port)
        store = await PoolStore.open(folder / "pool.db")
        stack.push_async_callback(store.close)
        await store.load(scene.pool)
        task = spawn(store.keep(scene.pool), "keep")
        try:
            yield scene
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def set_up(scene: Scene) -> None:
    scene.replies = {
        "sk-t": Reply(status=429, error=SAID, headers={"retry-after": "600"}),
        "sk-u": Reply(status=401, error="who are you"),
        "sk-d": Reply(status=500, error="down"),
        "sk-l": [
            Reply(status=400, error="Unsupported parameter: 'temperature'"),
            Reply(text="limited"),
        ],
    }
    await scene.set_up(*map(scene.provider, "tudl"))


async def test_states_and_lessons_are_there_again(tmp_path: Path) -> None:
    async with process(tmp_path) as scene:
        await set_up(scene)
        for _ in range(3):
            assert (await scene.ask(temperature=0.5)).status == 200
        scene.pool.switch(scene.standing("l/m").id, on=False)
        before = scene.pool.outlook(scene.route()).standings
        port = scene.proxy.upstream.port
    async with process(tmp_path, port) as scene:
        await set_up(scene)
        after = scene.pool.outlook(scene.route()).standings
        assert [one.state for one in after] == [
            State.COOLING, State.OUT, State.OPEN, State.DISABLED,
        ]  # fmt: skip
        for old, new in zip(before, after, strict=True):
            assert (new.id, new.state, new.until) == (old.id, old.state, old.until)
            assert (new.reason, new.lessons) == (old.reason, old.lessons)
        assert after[3].lessons == ("no parameter temperature",)
        scene.pool.switch(after[3].id, on=True)
        scene.replies["sk-l"] = Reply(text="limited")
        assert (await scene.ask(temperature=0.5)).status == 200
        [received] = scene.proxy.upstream.calls
        assert received.api_key.startswith("sk-l")
        assert "temperature" not in received.json
        scene.clock.forward(600)
        assert scene.state("t/m") is State.READY


async def test_the_file_is_its_owners_and_has_no_api_key(tmp_path: Path) -> None:
    async with process(tmp_path) as scene:
        await set_up(scene)
        await scene.ask(temperature=0.5)
    path = tmp_path / "pool.db"
    assert path.stat().st_mode & 0o077 == 0
    with contextlib.closing(sqlite3.connect(path)) as database:
        dump = "\n".join(database.iterdump())
    assert "who are you" in dump
    assert "sk-" not in dump
    for written in tmp_path.glob("pool.db*"):
        assert b"sk-t-1-secret" not in written.read_bytes()


async def test_what_has_recovered_is_not_out_again(tmp_path: Path) -> None:
    async with process(tmp_path) as scene:
        await set_up(scene)
        await scene.ask()
        port = scene.proxy.upstream.port
    async with process(tmp_path, port) as scene:
        await set_up(scene)
        assert scene.state("t/m") is State.COOLING
        scene.pool.reset(scene.standing("t/m").id)
    async with process(tmp_path, port) as scene:
        await set_up(scene)
        assert scene.state("t/m") is State.READY
        assert scene.state("u/m") is State.OUT
