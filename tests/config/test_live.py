import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import aiosqlite
import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.config.live import LiveConfiguration
from ccproxy_tui.config.models import (
    AccessKey,
    Configuration,
    Group,
    Provider,
    Proxy,
    Settings,
    Target,
)
from ccproxy_tui.config.prices import ModelPrice
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
    prices=(ModelPrice(model="qwen3*", input=0.2, output=0.6, cache_write=0.25),),
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


POOL = Configuration(
    settings=Settings(
        max_attempts=3, hold=2.5, total_timeout=99, journal_days=0.5, journal_megabytes=200
    ),
    providers=(
        LOCAL.model_copy(
            update={
                "requests_per_minute": 60,
                "concurrent_requests": 4,
                "connect_timeout": 1.5,
                "first_byte_timeout": 2.5,
                "chunk_timeout": 3.5,
                "total_timeout": 4.5,
                "http_proxies": ("http://u:p@box:1", "env:PROXY", "http://u:p@box:1"),
            }
        ),
        Provider(name="plain", base_url="http://plain/v1"),
    ),
    groups=FIRST.groups,
    proxies=(
        Proxy(
            group="qwen",
            alias="x",
            targets=(
                Target(provider="local", model="a/b", weight=3),
                Target(provider="plain", model="m", disabled=True),
                Target(provider="plain", model="n"),
            ),
            strategy="least_busy",
        ),
    ),
    keys=(
        AccessKey(
            name="dev",
            token="cs-12345678",
            groups=("qwen", "default"),
            expires=date(2030, 12, 31),
            requests_per_minute=30,
            tokens_per_day=1_000_000_000_000,
            money_per_day=0.5,
        ),
        AccessKey(name="plain", token="cs-87654321"),
    ),
)


async def test_a_pool_that_was_saved_is_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "ccproxy.db"
    async with closing(await ConfigurationStore.open(path)) as store:
        await LiveConfiguration.load(store, POOL)
    async with closing(await ConfigurationStore.open(path)) as store:
        assert (await LiveConfiguration.load(store, FIRST)).value == POOL


async def test_a_configuration_from_before_there_were_pools_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "ccproxy.db"
    async with aiosqlite.connect(path, isolation_level=None) as old:
        await migrate(old, MIGRATIONS[:2], "the configuration")
        await old.executescript(
            """
            update revision set number = 4;
            insert into setting values ('port', '12000');
            insert into provider values
                (0, 'p', 'claude', 'http://p/v1', '["k"]', '["m"]', 0, '[{"model":"x"}]');
            insert into "group" values (0, 'default', '', 'off', '', 'tools', '[]', 1.0, 0);
            insert into proxy values (0, 'default', 'claude-*', '["p/m"]', 1);
            insert into access_key values (0, 'dev', 'cs-12345678', 0);
            """
        )
    async with closing(await ConfigurationStore.open(path)) as store:
        live = await LiveConfiguration.load(store, FIRST)
        assert live.value == Configuration(
            settings=Settings(port=12000),
            providers=(
                Provider(
                    name="p",
                    protocol="claude",
                    base_url="http://p/v1",
                    api_keys=("k",),
                    models=("m",),
                    profiles=(ModelProfile(model="x"),),
                ),
            ),
            proxies=(
                Proxy(
                    alias="claude-*",
                    targets=(Target(provider="p", model="m"),),
                    strategy="sticky",
                    disabled=True,
                ),
            ),
            keys=(AccessKey(name="dev", token="cs-12345678"),),
        )
        await live.apply(POOL, "change it all")
        stored = await store.load()
        assert stored is not None
        assert stored[0] == POOL


async def test_groups_from_before_there_was_a_choice_keep_all_messages(tmp_path: Path) -> None:
    path = tmp_path / "ccproxy.db"
    async with aiosqlite.connect(path, isolation_level=None) as old:
        await migrate(old, MIGRATIONS[:4], "the configuration")
        await old.executescript(
            """
            update revision set number = 1;
            insert into "group" values (
                0, 'default', '', 'off', '', 'tools', '[]', 1.0, 0, 'system', '[]', '[]', 'auto'
            );
            """
        )
    quiet = (Group(name="default"), Group(name="quiet", capture="off"))
    async with closing(await ConfigurationStore.open(path)) as store:
        live = await LiveConfiguration.load(store, FIRST)
        assert live.value == Configuration()
        assert live.value.groups[0].capture == "full"
        await live.apply(live.value.model_copy(update={"groups": quiet}), "add group quiet")
        stored = await store.load()
    assert stored is not None
    assert stored[0].groups == quiet


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
