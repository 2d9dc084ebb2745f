import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import AccessKey, Configuration, Group, Provider, Proxy, Target
from ccproxy_tui.config.profiles import ModelProfile
from ccproxy_tui.config.store import MIGRATIONS, ConfigurationStore, ConflictError
from ccproxy_tui.migrations import migrate

LOCAL = Provider(
    name="local",
    base_url="http://127.0.0.1:8080/v1/",
    api_keys=("k1", "env:K2"),
    models=("m",),
    profiles=(
        ModelProfile(model="qwen3*", images=False, budgets=(1, 2), efforts=("low",)),
        ModelProfile(fields={"options": {"num_ctx": 1}}),
    ),
)
FIRST = Configuration(
    providers=(LOCAL,),
    groups=(
        Group(name="default"),
        Group(name="qwen", tool_filter=("WebFetch",), temperature_ratio=0.7),
    ),
    proxies=(
        Proxy(group="qwen", alias="claude-*", targets=(Target(provider="local", model="a/b"),)),
    ),
    keys=(AccessKey(name="ClaudeCode", token="cs-12345678"),),
)


@asynccontextmanager
async def closing(store: ConfigurationStore) -> AsyncIterator[ConfigurationStore]:
    """Close even when a test fails: an open connection's thread would keep the process alive."""
    try:
        yield store
    finally:
        await store.close()


async def test_what_was_saved_is_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "ccproxy.db"
    async with closing(await ConfigurationStore.open(path)) as store:
        await LiveConfiguration.load(store, FIRST)
    assert path.stat().st_mode & 0o777 == 0o600
    async with closing(await ConfigurationStore.open(path)) as store:
        live = await LiveConfiguration.load(store, Configuration())
        assert live.value == FIRST
        assert live.value.providers[0].base_url == "http://127.0.0.1:8080/v1"


async def test_a_configuration_from_before_there_were_quirks_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "ccproxy.db"
    async with aiosqlite.connect(path, isolation_level=None) as old:
        await migrate(old, MIGRATIONS[:1], "the configuration")
        await old.executescript(
            """
            update revision set number = 1;
            insert into provider values (0, 'p', 'openai', 'http://p/v1', '["k"]', '["m"]', 0);
            insert into "group" values (0, 'default', '', 'off', '', 'tools', '[]', 1.0, 0);
            """
        )
    async with closing(await ConfigurationStore.open(path)) as store:
        live = await LiveConfiguration.load(store, FIRST)
        (provider,) = live.value.providers
        assert provider == Provider(
            name="p", base_url="http://p/v1", api_keys=("k",), models=("m",), profiles=()
        )
        await live.apply(edits.put_provider(live.value, LOCAL), "add")
        stored = await store.load()
        assert stored is not None
        assert stored[0].provider("local") == LOCAL


async def test_an_edit_holds_at_once_and_can_be_undone_and_redone(tmp_path: Path) -> None:
    async with closing(await ConfigurationStore.open(tmp_path / "c.db")) as store:
        live = await LiveConfiguration.load(store, FIRST)
        told: list[int] = []
        leave = live.listen(lambda: told.append(live.snapshot.revision))
        renamed = edits.put_group(live.value, Group(name="coder"), replaces="qwen")
        await live.apply(renamed, "rename")
        assert live.snapshot.groups["coder"].matching("claude-x") is not None
        assert await live.undo() == "rename"
        assert "coder" not in live.snapshot.groups
        assert await live.redo() == "rename"
        assert await live.redo() is None
        assert "coder" in live.snapshot.groups
        assert told == [2, 3, 4]
        leave()


async def test_a_change_by_another_process_is_taken_over_and_never_overwritten(
    tmp_path: Path,
) -> None:
    path = tmp_path / "c.db"
    async with (
        closing(await ConfigurationStore.open(path)) as ours,
        closing(await ConfigurationStore.open(path)) as theirs,
    ):
        live = await LiveConfiguration.load(ours, FIRST)
        assert not await live.reload()
        await theirs.save(edits.delete_key(FIRST, "ClaudeCode"), 1)
        with pytest.raises(ConflictError):
            await live.apply(edits.put_group(live.value, Group(name="g")), "add")
        assert live.value.keys == ()
        await live.apply(edits.put_group(live.value, Group(name="g")), "add")
        stored = await theirs.load()
        assert stored is not None
        assert stored[0] == live.value


async def test_looking_for_foreign_edits_never_takes_ones_own_for_one(tmp_path: Path) -> None:
    async with closing(await ConfigurationStore.open(tmp_path / "c.db")) as store:
        await looking_while_editing(store)


async def looking_while_editing(store: ConfigurationStore) -> None:
    live = await LiveConfiguration.load(store, FIRST)
    foreign: list[bool] = []

    async def look() -> None:
        while True:
            foreign.append(await live.reload())

    looking = asyncio.ensure_future(look())
    try:
        for number in range(50):
            await live.apply(edits.put_group(live.value, Group(name=f"g{number}")), f"add {number}")
    finally:
        looking.cancel()
    assert len(foreign) > 10
    assert not any(foreign)
    for number in reversed(range(50)):
        assert await live.undo() == f"add {number}"
