import asyncio
from typing import Any, get_args

import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.config.first import DEMO_PROVIDER, first_configuration
from ccproxy_tui.config.models import Configuration, Protocol, Provider, Proxy
from ccproxy_tui.config.presets import presets
from ccproxy_tui.config.profiles import ModelProfile, profile_fields
from ccproxy_tui.tui.fields.text import TextLines
from ccproxy_tui.tui.screens import provider_form
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.provider_form import ProviderForm
from ccproxy_tui.tui.upstreams import Probe
from tests.tui.forms.harness import (
    LARGE,
    SECRET,
    SMALL,
    FakeUpstreams,
    Play,
    configuration,
    play,
)
from tests.tui.screen_text import wait_for

Stage = Play[Edit | None]


def saved(stage: Stage, name: str) -> Provider:
    edit = stage.result
    assert edit is not None
    provider = edit.value.provider(name)
    assert provider is not None
    return provider


def test_presets_are_valid_providers() -> None:
    assert len(presets()) >= 15
    for preset in presets():
        Provider(name=preset.name, protocol=preset.protocol, base_url=preset.base_url)
        assert preset.local == preset.base_url.startswith("http://127.0.0.1")
    assert {preset.protocol for preset in presets()} == set(get_args(Protocol))
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
        await stage.press("tab")
        for protocol in ("claude", "responses", "gemini", "ollama", "openai", "claude"):
            await stage.press("right")
            assert f"[{protocol}]" in stage.text
        await stage.press("tab")
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


@pytest.mark.parametrize(
    ("typed", "expected"), [("mine", "mine"), ("", "127.0.0.1:8080"), ("a/b", "127.0.0.1:8080")]
)
async def test_answers_speak_of_the_name_typed_or_of_the_server(typed: str, expected: str) -> None:
    before, upstreams = configuration(), FakeUpstreams()
    async with play(lambda: ProviderForm(before, upstreams, before.provider("local"))) as stage:
        await stage.press("ctrl+u")
        await stage.type(typed)
        await stage.press("ctrl+f")
        await stage.settle()
        assert [provider.name for provider in upstreams.asked] == [expected]


async def test_one_model_is_not_many_and_takes_little_room() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    upstreams.models = ["only"]
    provider = Provider(name="x", base_url="http://x/v1")
    async with play(lambda: ProviderForm(before, upstreams, provider), LARGE) as stage:
        await stage.press("ctrl+f")
        await stage.settle()
        lines = stage.text.splitlines()
        top = next(index for index, line in enumerate(lines) if "Which models?" in line)
        bottom = next(index for index, line in enumerate(lines) if "Take these" in line)
        assert bottom - top <= 10
        await stage.press("escape")
        assert "✓ the provider lists 1 model" in stage.text
        assert "1 models" not in stage.text


async def test_nothing_jumps_when_an_answer_comes() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    upstreams.error = "nobody listens at 127.0.0.1:8080; is the server running? " * 2
    for size in (SMALL, LARGE):
        async with play(
            lambda: ProviderForm(before, upstreams, before.provider("local")), size
        ) as stage:
            without = stage.text.splitlines()
            await stage.press("ctrl+f")
            await stage.settle()
            with_answer = stage.text.splitlines()
        differing = [
            index
            for index, (old, new) in enumerate(zip(without, with_answer, strict=True))
            if old != new
        ]
        assert len(differing) == 2
        assert "✗ nobody listens" in with_answer[differing[0]]


# In place of the demo


def demo_with(*aliases: str) -> Configuration:
    before = first_configuration()
    target = f"{DEMO_PROVIDER.name}/{DEMO_PROVIDER.models[0]}"
    for alias in aliases:
        proxy = Proxy.model_validate({"alias": alias, "targets": [target]})
        before = edits.put_proxy(before, proxy)
    return before


async def add_local(stage: Stage, *models: str) -> None:
    await stage.press("enter")
    await stage.type("local")
    await stage.press("tab", "tab")
    await stage.type("http://127.0.0.1:8080/v1")
    await stage.press("tab", "tab")
    for model in models:
        await stage.type(model)
        await stage.press("enter")
    await stage.press("ctrl+s")


def led(stage: Stage) -> dict[str, list[str]]:
    assert stage.result is not None
    return {
        proxy.alias: [str(target) for target in proxy.targets]
        for proxy in stage.result.value.proxies
    }


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_first_real_provider_takes_over_from_the_demo(size: tuple[int, int]) -> None:
    before = demo_with()
    async with play(lambda: ProviderForm(before, FakeUpstreams()), size) as stage:
        await add_local(stage, "qwen3-coder", "glm")
        assert (
            "Let claude-* of group default be answered by local/qwen3-coder instead of the demo?"
            in stage.words
        )
        await stage.press("y")
        assert led(stage) == {"claude-*": ["local/qwen3-coder"]}
        edit = stage.result
        assert edit is not None
        assert edit.what == "add provider local and let it answer for claude-*"
        assert edit.focus == "local"
        moved = demo_with("gpt-*")
        assert edit.change(moved).proxies[1].targets[0].provider == "local", "repeated elsewhere"


async def test_the_demo_stays_unless_the_user_says_so() -> None:
    before = demo_with()
    async with play(lambda: ProviderForm(before, FakeUpstreams())) as stage:
        await add_local(stage, "qwen3-coder")
        assert "The provider is saved either way" in stage.text
        await stage.press("enter")
        assert led(stage) == {"claude-*": ["demo/demo-model"]}
        assert saved(stage, "local").models == ("qwen3-coder",)
        assert stage.result is not None
        assert stage.result.what == "add provider local"


async def test_all_aliases_of_the_demo_are_named_or_counted() -> None:
    before = demo_with(*(f"model-{number}" for number in range(6)))
    async with play(lambda: ProviderForm(before, FakeUpstreams())) as stage:
        await add_local(stage, "m")
        assert "- claude-* of group default" in stage.text
        assert "- and 2 more" in stage.text
        await stage.press("y")
        assert set(map(tuple, led(stage).values())) == {("local/m",)}
        assert stage.result is not None
        assert stage.result.what == "add provider local and let it answer for 7 aliases"


async def test_what_a_user_has_chosen_is_left_alone() -> None:
    before = edits.put_provider(demo_with(), Provider(name="a", base_url="http://a/v1"))
    mixed = Proxy.model_validate({"alias": "gpt-*", "targets": ["demo/demo-model", "a/b"]})
    before = edits.put_proxy(before, mixed)
    async with play(lambda: ProviderForm(before, FakeUpstreams())) as stage:
        await add_local(stage, "m")
        await stage.press("y")
        assert led(stage) == {"claude-*": ["local/m"], "gpt-*": ["demo/demo-model", "a/b"]}


async def test_nothing_is_asked_where_there_is_nothing_to_answer_with() -> None:
    async with play(lambda: ProviderForm(demo_with(), FakeUpstreams())) as stage:
        await add_local(stage)
        assert led(stage) == {"claude-*": ["demo/demo-model"]}
    before = configuration()
    async with play(lambda: ProviderForm(before, FakeUpstreams())) as stage:
        await stage.press("enter")
        await stage.type("other")
        await stage.press("tab", "tab")
        await stage.type("http://x/v1")
        await stage.press("ctrl+s")
        assert stage.result is not None, "no alias is the demo's"


# Quirks of models


QUIRKS = '[[profiles]]\nmodel = "qwen3*"\nimages = false'
SAID = (ModelProfile(model="qwen3*", images=False),)


def with_quirks() -> Configuration:
    before = configuration()
    local = before.providers[0].model_copy(update={"profiles": SAID})
    return edits.put_provider(before, local, "local")


async def go_to_quirks(stage: Stage) -> TextLines:
    await stage.press("shift+tab")
    area = stage.app.screen.focused
    assert isinstance(area, TextLines)
    await wait_for(stage.pilot, "▸ Model quirks")
    return area


async def test_quirks_are_stated_as_toml() -> None:
    before, upstreams = configuration(), FakeUpstreams()
    async with play(lambda: ProviderForm(before, upstreams, before.providers[0])) as stage:
        area = await go_to_quirks(stage)
        assert "images = false" in stage.text, "an example"
        area.text = QUIRKS
        await stage.press("ctrl+t", "enter")
        await stage.settle()
        assert upstreams.asked[0].profiles == SAID
        assert "answered in 0.8 s" in stage.text
        area.text = QUIRKS.replace("false", "true")
        await stage.pilot.pause()
        assert "answered" not in stage.text, "that was about other quirks"
        area.text = QUIRKS
        await stage.press("ctrl+s")
        assert saved(stage, "local").profiles == SAID


async def test_quirks_that_are_there_are_shown_and_stay() -> None:
    before = with_quirks()
    async with play(lambda: ProviderForm(before, FakeUpstreams(), before.providers[0])) as stage:
        area = await go_to_quirks(stage)
        assert area.text == QUIRKS
        assert "nothing changed yet" in stage.text
        await stage.press("shift+tab", "shift+tab", "space", "ctrl+s")
        assert saved(stage, "local").profiles == SAID
        assert saved(stage, "local").disabled


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_wrong_quirks_are_told_with_line_and_field(size: tuple[int, int]) -> None:
    before, upstreams = configuration(), FakeUpstreams()
    async with play(lambda: ProviderForm(before, upstreams, before.providers[0]), size) as stage:
        area = await go_to_quirks(stage)
        area.text = f"{QUIRKS}\n[[profiles]]\nimags = true"
        await wait_for(stage.pilot, "✗ line 5")
        wrong = "✗ line 5: imags: there is no such field; is it images?"
        assert wrong in stage.words
        await stage.press("shift+tab", "ctrl+f", "ctrl+t")
        assert not upstreams.asked
        assert stage.app.screen.focused is area
        await stage.press("shift+tab", "ctrl+s")
        assert stage.open
        assert stage.app.screen.focused is area
        assert wrong in stage.words


async def test_what_is_wrong_with_the_lowest_field_is_in_sight() -> None:
    before = configuration()
    crowded = before.providers[0].model_copy(update={"api_keys": tuple(f"k{n}" for n in range(9))})
    async with play(lambda: ProviderForm(before, FakeUpstreams(), crowded)) as stage:
        area = await go_to_quirks(stage)
        area.text = "[[profiles]]\nzzz = 1"
        await wait_for(stage.pilot, "output_schema, fields")
        assert "✗ line 2: zzz: there is no such field; there are model," in stage.words


@pytest.mark.parametrize(
    ("there", "typed", "expected"),
    [
        ("", "{}", ""),
        ("", f"{QUIRKS}\n\n{{}}", QUIRKS),
        (QUIRKS, "{}", ""),
        (QUIRKS, f"{QUIRKS}\nsampling = false\n\n{{}}\n", f"{QUIRKS}\nsampling = false"),
        (QUIRKS, None, QUIRKS),
        (QUIRKS, "# a comment", "# a comment"),
    ],
)
async def test_the_editor_shows_what_can_be_said(
    monkeypatch: pytest.MonkeyPatch, there: str, typed: str | None, expected: str
) -> None:
    shown: list[tuple[str, str]] = []

    async def edit_text(_app: object, text: str, suffix: str) -> str | None:
        shown.append((text, suffix))
        return typed.replace("{}", profile_fields()) if typed is not None else None

    monkeypatch.setattr(provider_form, "edit_text", edit_text)
    before: Any = configuration() if not there else with_quirks()
    async with play(lambda: ProviderForm(before, FakeUpstreams(), before.providers[0])) as stage:
        area = await go_to_quirks(stage)
        await stage.press("ctrl+o")
        await stage.settle()
        assert area.text == expected
    assert shown == [(f"{there}\n\n{profile_fields()}".strip(), ".toml")]
