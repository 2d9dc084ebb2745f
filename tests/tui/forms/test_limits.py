"""What limits providers, access keys and whole calls, as forms take it."""

from datetime import date

import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.config.edits import without_credentials
from ccproxy_tui.config.models import AccessKey, Configuration, Settings
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.key_form import KeyForm
from ccproxy_tui.tui.screens.provider_form import ProviderForm
from ccproxy_tui.tui.screens.settings import SettingsForm
from tests.tui.forms.harness import LARGE, SMALL, FakeUpstreams, Play, configuration, play
from tests.tui.screen_text import wait_for

HTTP_PROXY = "http://user:secretpassword@gate.example:3128"
LIMITS = {
    "requests_per_minute": 30,
    "concurrent_requests": 4,
    "connect_timeout": 2.5,
    "first_byte_timeout": 20,
    "chunk_timeout": 21,
    "total_timeout": 600,
}
Stage = Play[Edit | None]


def saved(stage: Stage) -> Configuration:
    assert stage.result is not None
    return stage.result.value


def limited(**changes: object) -> Configuration:
    before = configuration()
    values = {**LIMITS, "http_proxies": (HTTP_PROXY, "env:GATE"), **changes}
    return edits.put_provider(before, before.providers[0].model_copy(update=values), "local")


# Providers


async def open_limits(stage: Stage) -> None:
    await stage.press("shift+tab", "shift+tab")
    await wait_for(stage.pilot, "Space shows or hides")
    await stage.press("space", "tab")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_limits_of_a_provider_are_behind_a_line(size: tuple[int, int]) -> None:
    before = configuration()
    async with play(
        lambda: ProviderForm(before, FakeUpstreams(), before.providers[0]), size
    ) as stage:
        assert "▸ Limits, prices, HTTP proxies: none set" in stage.text
        assert "Requests/min" not in stage.text
        await open_limits(stage)
        await wait_for(stage.pilot, "▸ Requests/min")
        for value in LIMITS.values():
            await stage.type(str(value))
            await stage.press("tab")
        await stage.type("qwen3-* 0.20 0.60 0.05")
        await stage.press("enter")
        await stage.type("* 1 2")
        await stage.press("tab")
        await stage.type(HTTP_PROXY)
        await stage.press("enter")
        await stage.type("env:GATE")
        await stage.press("ctrl+s")
        provider = saved(stage).provider("local")
    assert provider is not None
    assert {key: getattr(provider, key) for key in LIMITS} == LIMITS
    assert [str(price) for price in provider.prices] == ["qwen3-* 0.2 0.6 0.05", "* 1 2"]
    assert provider.http_proxies == (HTTP_PROXY, "env:GATE")


async def test_limits_that_are_set_are_named_kept_and_taken_away() -> None:
    before = limited()
    async with play(lambda: ProviderForm(before, FakeUpstreams(), before.providers[0])) as stage:
        assert "HTTP proxies: Requests/min, At once, Connect within" in stage.text
        assert "nothing changed yet" in stage.text
        await open_limits(stage)
        await wait_for(stage.pilot, "http://••••@gate.example:3128")
        assert "secretpassword" not in stage.text
        await stage.press("ctrl+u")
        await stage.press("tab", "tab", "ctrl+u")
        await wait_for(stage.pilot, "10, as in the settings")
        await stage.press("tab", "tab", "tab", "tab", "tab", "d", "ctrl+s")
        provider = saved(stage).provider("local")
        assert "secretpassword" not in repr(stage.result)
    assert provider is not None
    assert provider.requests_per_minute is None
    assert provider.connect_timeout is None
    assert provider.concurrent_requests == 4
    assert provider.http_proxies == ("env:GATE",)


async def test_a_wrong_limit_opens_the_line_and_is_told() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    async with play(lambda: ProviderForm(before, upstreams, before.providers[0])) as stage:
        await open_limits(stage)
        await stage.type("many")
        await stage.press("shift+tab", "space")
        shown = await wait_for(stage.pilot, "HTTP proxies ✗: Requests/min")
        assert "no limit" not in shown
        await stage.press("ctrl+f")
        assert not upstreams.asked
        await wait_for(stage.pilot, "▸ Requests/min")
        await stage.press("shift+tab", "space", "ctrl+s")
        assert stage.open
        shown = await wait_for(stage.pilot, "▸ Requests/min")
        assert "✗ a whole number from 1 on, or nothing, is needed" in shown
        await stage.press("ctrl+u")
        await stage.press("tab", "tab", "tab", "tab", "tab", "tab")
        await stage.type("qwen3-* cheap")
        await wait_for(stage.pilot, "✗ write a model or pattern, then $ per million tokens")
        await stage.press("ctrl+u", "tab")
        await stage.type("socks://x")
        await wait_for(stage.pilot, "✗ an address like http://user:password@host:3128")


async def test_it_is_said_when_http_proxies_and_keys_do_not_pair() -> None:
    proxies = ("http://a:1", "http://b:1", "http://c:1")
    before = limited(http_proxies=proxies)
    async with play(
        lambda: ProviderForm(before, FakeUpstreams(), before.providers[0]), LARGE
    ) as stage:
        await open_limits(stage)
        await stage.type("9")
        await wait_for(stage.pilot, "3 for 2 API keys: they are taken in turn")


async def test_a_copy_has_the_limits_too() -> None:
    before = limited()
    async with play(
        lambda: ProviderForm(before, FakeUpstreams(), before.providers[0], duplicate=True)
    ) as stage:
        await stage.press("ctrl+s")
        copy = saved(stage).provider("local-2")
    assert copy == before.providers[0].model_copy(update={"name": "local-2"})


def test_addresses_as_they_may_be_shown() -> None:
    shown = [
        without_credentials(address)
        for address in (HTTP_PROXY, "http://gate:3128", "env:GATE", "http://[::1", "nonsense@x")
    ]
    assert shown == [
        "http://••••@gate.example:3128", "http://gate:3128", "env:GATE", "••••", "••••",
    ]  # fmt: skip


# Access keys


def with_key(**facts: object) -> Configuration:
    before = configuration()
    return edits.put_key(before, before.keys[0].model_copy(update=facts), "laptop")


def the_key(stage: Stage) -> AccessKey:
    key = saved(stage).key("laptop")
    assert key is not None
    return key


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_limits_of_a_key(size: tuple[int, int]) -> None:
    before = configuration()
    async with play(lambda: KeyForm(before, before.keys[0]), size) as stage:
        await stage.press("tab")
        await stage.type("qw")
        await stage.press("enter", "tab", "tab")
        for value in ("2027-01-31", "30", "200000", "1.5"):
            await stage.type(value)
            await stage.press("tab")
        assert "[in use] off" in stage.text, "all fields are in sight"
        assert "▸ State" in stage.text
        await stage.press("ctrl+s")
        key = the_key(stage)
    assert key == before.keys[0].model_copy(
        update={
            "groups": ("qwen",),
            "expires": date(2027, 1, 31),
            "requests_per_minute": 30,
            "tokens_per_day": 200_000,
            "money_per_day": 1.5,
        }
    )


async def test_limits_of_a_key_are_taken_away() -> None:
    before = with_key(groups=("qwen",), expires=date(2027, 1, 31), tokens_per_day=5)
    async with play(lambda: KeyForm(before, before.keys[0])) as stage:
        assert "nothing changed yet" in stage.text
        assert "[x] qwen" in stage.text
        await stage.press("tab", "tab", "G", "space")
        await stage.press("tab", "ctrl+u")
        await stage.press("tab", "tab", "ctrl+u")
        await stage.press("ctrl+s")
        assert the_key(stage) == configuration().keys[0]


@pytest.mark.parametrize("typed", ["soon", "31.1.2027", "2027-02-30"])
async def test_a_date_that_is_none_is_told(typed: str) -> None:
    before = configuration()
    async with play(lambda: KeyForm(before, before.keys[0])) as stage:
        await stage.press("tab", "tab", "tab")
        await stage.type(typed)
        await wait_for(stage.pilot, "✗ a day like")
        await stage.press("ctrl+s")
        assert stage.open


async def test_amounts_that_are_none_are_told() -> None:
    before = configuration()
    async with play(lambda: KeyForm(before, before.keys[0])) as stage:
        await stage.press("tab", "tab", "tab", "tab")
        await stage.type("0")
        await wait_for(stage.pilot, "✗ a whole number from 1 on, or nothing, is needed")
        await stage.press("ctrl+u")
        await stage.press("tab")
        await stage.type("1.5")
        await wait_for(stage.pilot, "✗ a whole number from 1 on, or nothing, is needed")
        await stage.press("tab")
        await stage.type("-1")
        await wait_for(stage.pilot, "✗ a number above 0, or nothing, is needed")


# Settings


async def test_settings_of_failing_over() -> None:
    async with play(lambda: SettingsForm(configuration())) as stage:
        for _ in range(6):
            await stage.press("tab")
        for value in ("1800", "3", "20", "90"):
            await stage.press("ctrl+u")
            await stage.type(value)
            await stage.press("tab")
        await stage.press("ctrl+s")
        settings = saved(stage).settings
    assert settings == Settings(total_timeout=1800, max_attempts=3, failover_deadline=20, hold=90)


async def test_how_much_is_kept_of_calls() -> None:
    async with play(lambda: SettingsForm(configuration())) as stage:
        await stage.press(*["tab"] * 11)
        for value in ("0.5", "200"):
            await stage.press("ctrl+u")
            await stage.type(value)
            await stage.press("tab")
        await stage.press("ctrl+s")
        settings = saved(stage).settings
    assert settings == Settings(journal_days=0.5, journal_megabytes=200)


async def test_a_journal_of_nothing_is_refused() -> None:
    async with play(lambda: SettingsForm(configuration())) as stage:
        await stage.press(*["tab"] * 11)
        await stage.press("ctrl+u")
        await stage.type("0")
        await wait_for(stage.pilot, "✗ a number of days above 0, and up to 3650, is needed")
        await stage.press("tab", "ctrl+u")
        await stage.type("0.5")
        await wait_for(stage.pilot, "✗ a whole number from 1 to 10000000 is needed")
        await stage.press("ctrl+s")
        assert stage.open
