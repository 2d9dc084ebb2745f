import asyncio

import pytest

from ccproxy_tui.config.models import Provider
from ccproxy_tui.config.presets import SPOKEN, presets
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.provider_form import ProviderForm
from ccproxy_tui.tui.upstreams import Probe
from tests.tui.forms.harness import (
    SECRET,
    FakeUpstreams,
    Play,
    configuration,
    play,
)

Stage = Play[Edit | None]


def saved(stage: Stage, name: str) -> Provider:
    edit = stage.result
    assert edit is not None
    provider = edit.value.provider(name)
    assert provider is not None
    return provider


def test_presets_are_valid_providers_with_spoken_protocols() -> None:
    assert len(presets()) >= 15
    for preset in presets():
        Provider(name=preset.name, protocol=preset.protocol, base_url=preset.base_url)
        assert preset.protocol in SPOKEN
        assert preset.local == preset.base_url.startswith("http://127.0.0.1")
    titles = [(preset.title, preset.protocol) for preset in presets()]
    assert len(titles) == len(set(titles))


async def test_a_provider_is_added_from_a_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPSEEK_API_KEY", "x")
    before, upstreams = configuration(), FakeUpstreams()
    async with play(lambda: ProviderForm(before, upstreams)) as stage:
        assert "OpenRouter" in stage.text
        await stage.type("deepseek anthropic")
        await stage.press("enter")
        assert "https://api.deepseek.com/anthropic/v1" in stage.text
        assert "env:DEEPSEEK_API_KEY  ✓ set here" in stage.text
        assert "[claude]" in stage.text
        await stage.press("ctrl+s")
        assert saved(stage, "deepseek") == Provider(
            name="deepseek",
            protocol="claude",
            base_url="https://api.deepseek.com/anthropic/v1",
            api_keys=("env:DEEPSEEK_API_KEY",),
        )


async def test_a_provider_is_added_by_hand() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    async with play(lambda: ProviderForm(before, upstreams)) as stage:
        await stage.press("enter")
        await stage.type("mine")
        await stage.press("tab", "right", "right")
        assert "[openai]" in stage.text, "protocols that are not spoken yet are passed over"
        await stage.press("right", "tab")
        await stage.type("ftp://x")
        assert "✗ an address like https://host/v1 is needed" in stage.text
        await stage.press("ctrl+u")
        await stage.type("https://mine.example/v1/")
        await stage.press("tab")
        await stage.type("sk-one")
        await stage.press("enter")
        await stage.type("sk-two")
        await stage.press("tab")
        await stage.type("alpha")
        await stage.press("enter")
        await stage.type("  beta ")
        await stage.press("tab", "space", "ctrl+s")
        assert saved(stage, "mine") == Provider(
            name="mine",
            protocol="claude",
            base_url="https://mine.example/v1",
            api_keys=("sk-one", "sk-two"),
            models=("alpha", "beta"),
            disabled=True,
        )


async def test_leaving_the_presets_leaves_the_form() -> None:
    async with play(lambda: ProviderForm(configuration(), FakeUpstreams())) as stage:
        await stage.press("escape")
        assert stage.result is None


async def test_saved_keys_stay_masked_and_survive_a_mistaken_deletion() -> None:
    before = configuration()
    provider = before.provider("local")
    async with play(lambda: ProviderForm(before, FakeUpstreams(), provider)) as stage:
        assert SECRET not in stage.text
        assert "sk-ve…7890" in stage.text
        assert "env:CCPROXY_TEST_UNSET  ✗ not set in this environment" in stage.text
        await stage.press("tab", "tab", "tab", "d")
        assert "goes when you save" in stage.text
        await stage.press("d")
        assert "nothing changed yet" in stage.text
        await stage.press("down", "d", "a")
        await stage.type("two words")
        assert "✗ an API key is one word" in stage.text
        await stage.press("ctrl+u")
        await stage.type("env:HOME")
        await stage.press("enter", "ctrl+s")
        assert saved(stage, "local").api_keys == (SECRET, "env:HOME")
        assert SECRET not in repr(stage.result)


async def test_renaming_carries_targets_along() -> None:
    before = configuration()
    provider = before.provider("local")
    async with play(lambda: ProviderForm(before, FakeUpstreams(), provider)) as stage:
        await stage.type("cloud")
        assert "another provider has this name" in stage.text
        await stage.type("-2")
        await stage.press("ctrl+s")
        edit = stage.result
    assert edit is not None
    assert [str(target) for target in edit.value.proxies[0].targets] == ["cloud-2/qwen3-coder"]
    assert edit.what == "change provider cloud-2"


async def test_fetched_models_are_searched_and_chosen() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    upstreams.models = ["glm-4.6", *upstreams.models]
    provider = before.provider("local")
    async with play(lambda: ProviderForm(before, upstreams, provider)) as stage:
        await stage.press("ctrl+f")
        await stage.settle()
        assert "3 of 43 selected" in stage.text
        assert "not listed" in stage.text
        await stage.type("model-1")
        assert "10 shown" in stage.text
        await stage.press("down", "a", "space", "slash", "ctrl+u")
        await stage.type("qwen3-235b")
        await stage.press("enter", "ctrl+s")
        assert "the provider lists 41 models" in stage.text
        await stage.press("ctrl+s")
        expected = {"qwen3-coder", "glm-4.6", *(f"model-{n}" for n in range(11, 20))}
        assert set(saved(stage, "local").models) == expected
    assert upstreams.asked[0].api_keys == before.providers[0].api_keys


async def test_a_test_shows_its_result_inline_and_forgets_it_when_outdated() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    provider = before.provider("local")
    async with play(lambda: ProviderForm(before, upstreams, provider)) as stage:
        await stage.press("ctrl+t")
        assert "Test which model?" in stage.text
        await stage.press("down", "down", "enter")
        await stage.settle()
        assert upstreams.probed == ["qwen3-235b"]
        assert '✓ qwen3-235b: answered in 0.8 s: "Hello"' in stage.text
        upstreams.answer = Probe(ok=False, text="the server refused the API key (401)")
        await stage.press("ctrl+t", "enter")
        await stage.settle()
        assert "✗ qwen3-coder: the server refused the API key (401)" in stage.text
        await stage.press("tab", "tab", "end")
        await stage.type("/x")
        assert "401" not in stage.text


async def test_what_goes_wrong_while_asking_is_said() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    upstreams.error = "nobody listens at 127.0.0.1:8080; is the server running?"
    provider = before.provider("local")
    async with play(lambda: ProviderForm(before, upstreams, provider)) as stage:
        await stage.press("ctrl+f")
        await stage.settle()
        assert "✗ nobody listens at 127.0.0.1:8080; is the server running?" in stage.words
        await stage.press("escape")
        assert stage.result is None


async def test_asking_is_stopped_by_escape_and_the_form_stays() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    upstreams.held = asyncio.Event()
    provider = before.provider("local")
    async with play(lambda: ProviderForm(before, upstreams, provider)) as stage:
        await stage.press("ctrl+f")
        assert "asking http://127.0.0.1:8080/v1 for its models" in stage.text
        await stage.press("ctrl+t")
        assert len(upstreams.asked) == 1, "one question at a time"
        await stage.press("escape")
        assert upstreams.cancelled
        assert "stopped" in stage.text
        assert stage.open
        upstreams.held = None
        await stage.press("ctrl+f")
        await stage.settle()
        assert "Which models?" in stage.text


async def test_asking_needs_an_address_and_testing_a_model() -> None:
    upstreams = FakeUpstreams()
    async with play(lambda: ProviderForm(configuration(), upstreams)) as stage:
        await stage.press("enter", "ctrl+f")
        assert "▸ Base URL" in stage.text
        assert "✗ an address like https://host/v1 is needed" in stage.text
        await stage.type("http://127.0.0.1:1")
        await stage.press("ctrl+t")
        assert "add a model first" in stage.text
        assert not upstreams.asked


async def test_a_copy_is_a_new_provider() -> None:
    before = configuration()
    provider = before.provider("local")
    async with play(
        lambda: ProviderForm(before, FakeUpstreams(), provider, duplicate=True)
    ) as stage:
        await stage.press("ctrl+s")
        assert saved(stage, "local-2").api_keys == before.providers[0].api_keys
        assert stage.result is not None
        assert stage.result.value.provider("local") == provider
