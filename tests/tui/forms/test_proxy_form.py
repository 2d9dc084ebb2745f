from time import perf_counter

import pytest

from ccproxy_tui.config.models import Configuration, Provider, Proxy, Strategy, Target
from ccproxy_tui.tui.fields.alias_notes import alias_note, overlap
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.proxy_form import ProxyForm
from tests.tui.forms.harness import LARGE, SMALL, Play, configuration, play


def targets(stage: Play[Edit | None], group: str, alias: str) -> list[str]:
    edit = stage.result
    assert edit is not None
    proxy = next(proxy for proxy in edit.value.proxies_of(group) if proxy.alias == alias)
    return [str(target) for target in proxy.targets]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_proxy_is_added_by_keys_alone(size: tuple[int, int]) -> None:
    before = configuration()
    async with play(lambda: ProxyForm(before, "default", None), size) as stage:
        await stage.type("claude-sonnet-*")
        await stage.press("tab", "tab")
        await stage.type("glm")
        assert "0 of 5 selected · 1 shown" in stage.text
        await stage.press("enter")
        await stage.type("sonnet")
        await stage.press("enter", "ctrl+u", "down")
        assert "2 of 5 selected: local/glm-4.6 → cloud/sonnet" in stage.text
        await stage.press("g", "down", "space", "K")
        assert "local/glm-4.6 → local/qwen3-coder" in stage.text
        await stage.press("ctrl+s")
        expected = ["local/glm-4.6", "local/qwen3-coder", "cloud/sonnet"]
        assert targets(stage, "default", "claude-sonnet-*") == expected
        assert stage.result is not None
        assert stage.result.focus == "claude-sonnet-*"


async def test_the_group_can_be_another_one() -> None:
    before = configuration()
    async with play(lambda: ProxyForm(before, "qwen", None)) as stage:
        await stage.type("claude-*")
        assert "the group qwen has this alias already" in stage.text
        await stage.press("shift+tab", "left", "tab", "tab", "tab")
        await stage.type("local")
        await stage.press("enter", "ctrl+s")
        assert targets(stage, "default", "claude-*") == ["local/qwen3-coder"]


async def test_headings_and_all_choose_what_is_shown() -> None:
    before = configuration()
    async with play(lambda: ProxyForm(before, "default", None)) as stage:
        await stage.type("x")
        await stage.press("tab", "tab", "down", "up")
        await stage.press("down", "g", "space")
        assert "3 of 5 selected" in stage.text
        assert "local  3 of 3" in stage.text
        await stage.press("space")
        assert "0 of 5 selected" in stage.text
        await stage.press("a")
        assert "5 of 5 selected" in stage.text
        await stage.press("slash")
        await stage.type("qwen")
        await stage.press("down", "a")
        assert "2 of 5 selected · 3 shown" in stage.text
        await stage.press("ctrl+s")
        assert targets(stage, "default", "x") == ["local/glm-4.6", "cloud/sonnet"]


async def test_a_model_that_is_not_listed_is_typed() -> None:
    before = configuration()
    async with play(lambda: ProxyForm(before, "default", None)) as stage:
        await stage.type("x")
        await stage.press("tab", "tab")
        await stage.type("nowhere/model")
        assert "by hand: provider/model" in stage.text
        await stage.press("ctrl+u")
        await stage.type("local/new/model")
        assert '+ add "local/new/model"' in stage.text
        await stage.press("enter", "ctrl+s")
        assert targets(stage, "default", "x") == ["local/new/model"]


async def test_the_state_comes_last() -> None:
    async with play(lambda: ProxyForm(configuration(), "default", None)) as stage:
        labels = ("Group", "Alias", "Strategy", "Targets", "State")
        text = stage.text
        assert "fill in: Alias, Targets" in text
        places = [text.index(f" {label} ") for label in labels]
        assert places == sorted(places)


async def test_without_targets_it_is_not_saved() -> None:
    async with play(lambda: ProxyForm(configuration(), "default", None)) as stage:
        await stage.type("x")
        await stage.press("ctrl+s")
        assert stage.open
        assert "▸ Targets" in stage.text
        assert "✗ choose at least one model" in stage.text


async def test_an_edit_keeps_unlisted_targets_and_says_so() -> None:
    proxy = Proxy.model_validate(
        {"group": "qwen", "alias": "x", "targets": ["local/gone", "cloud/sonnet"]}
    )
    before = configuration(proxies=(proxy,))
    async with play(lambda: ProxyForm(before, "qwen", proxy)) as stage:
        assert "[x] gone" in stage.text
        assert "not in its list #1" in stage.text
        assert "provider off #2" in stage.text
        await stage.press("end")
        await stage.type("y")
        await stage.press("ctrl+s")
        assert targets(stage, "qwen", "xy") == ["local/gone", "cloud/sonnet"]
        assert len(stage.result.value.proxies if stage.result else ()) == 1


async def test_a_copy_says_at_once_that_it_needs_another_alias() -> None:
    before = configuration()
    proxy = before.proxies[0]
    async with play(lambda: ProxyForm(before, "qwen", proxy, duplicate=True)) as stage:
        assert "✗ the group qwen has this alias already" in stage.text
        await stage.press("escape")
        assert stage.result is None


async def test_other_aliases_that_share_calls_are_named() -> None:
    before = configuration()
    async with play(lambda: ProxyForm(before, "qwen", None)) as stage:
        await stage.type("claude-opus-*")
        assert "claude-opus-4 keeps its calls: more exact; goes before claude-*" in stage.words


async def test_a_thousand_models_stay_quick() -> None:
    many = Provider(
        name="many",
        base_url="https://many.example/v1",
        models=tuple(f"vendor-{n % 9}/model-{n}" for n in range(1000)),
    )
    before = configuration(providers=(*configuration().providers, many))
    async with play(lambda: ProxyForm(before, "default", None)) as stage:
        await stage.type("x")
        await stage.press("tab", "tab")
        start = perf_counter()
        await stage.type("many vendor-3 model-99")
        await stage.press("down", "a")
        await stage.press("G")
        assert perf_counter() - start < 5, "22 searches and a choice, on a slow machine"
        assert "of 1005 selected" in stage.text
        await stage.press("ctrl+s")
        assert set(targets(stage, "default", "x")) == {"many/vendor-3/model-993"}


def with_targets(*targets: Target, strategy: Strategy = "weighted") -> Configuration:
    proxy = Proxy(group="qwen", alias="x", targets=targets, strategy=strategy)
    return configuration(proxies=(proxy,))


CODER = Target(provider="local", model="qwen3-coder", weight=3)
GLM = Target(provider="local", model="glm-4.6", disabled=True)


async def test_a_strategy_is_chosen_and_explained() -> None:
    before = configuration()
    async with play(lambda: ProxyForm(before, "qwen", before.proxies[0])) as stage:
        assert "a session stays with its candidate, so that caches hit" in stage.text
        await stage.press("tab")
        for words in (
            "each candidate has its turn",
            "in order: the next only when those before are out",
            "by the weights of the targets",
            "the candidate with the fewest calls under way",
        ):
            await stage.press("right")
            assert words in stage.text
        assert "[least busy]" in stage.text
        await stage.press("ctrl+s")
        assert stage.result is not None
        assert stage.result.value.proxies[0].strategy == "least_busy"


async def test_targets_have_weight_order_and_state_by_keys_alone() -> None:
    before = with_targets(CODER, GLM)
    async with play(lambda: ProxyForm(before, "qwen", before.proxies[0])) as stage:
        assert "nothing changed yet" in stage.text
        assert "weight 3 #1" in stage.text
        assert "off #2" in stage.text
        await stage.press("tab", "tab", "down", "g", "down", "minus", "minus", "minus", "J")
        assert "[x] qwen3-coder" in stage.text
        assert "weight 3" not in stage.text
        assert "weight 1" not in stage.text, "that goes without saying"
        assert "local/glm-4.6 → local/qwen3-coder" in stage.text
        await stage.press("down", "down", "o")
        assert "off #1" not in stage.text
        await stage.press("o")
        assert "off #1" in stage.text
        await stage.press("up", "o", "plus")
        assert "off #1" in stage.text
        assert "2 of 5 selected" in stage.text, "one that is not chosen has no weight"
        await stage.press("space", "plus", "o")
        assert "weight 2 off #3" in stage.text
        await stage.press("ctrl+s")
        assert stage.result is not None
        (proxy,) = stage.result.value.proxies
        assert proxy.strategy == "weighted"
        assert proxy.targets == (
            GLM.model_copy(update={"disabled": True}),
            CODER.model_copy(update={"weight": 1}),
            Target(provider="local", model="qwen3-235b", weight=2, disabled=True),
        )


async def test_a_weight_is_kept_by_a_change_a_copy_and_another_choice() -> None:
    before = with_targets(CODER, GLM)
    async with play(lambda: ProxyForm(before, "qwen", before.proxies[0])) as stage:
        await stage.press("tab", "tab", "down", "g", "down", "space", "space", "J", "K", "K")
        await stage.press("shift+tab", "shift+tab", "shift+tab", "end")
        await stage.type("y")
        await stage.press("ctrl+s")
        assert stage.result is not None
        (proxy,) = stage.result.value.proxies
        assert (proxy.alias, proxy.targets) == ("xy", (CODER, GLM))
    async with play(lambda: ProxyForm(before, "qwen", before.proxies[0], duplicate=True)) as stage:
        await stage.type("-2")
        await stage.press("ctrl+s")
        assert stage.result is not None
        assert stage.result.value.proxies[1].targets == (CODER, GLM)
        assert stage.result.value.proxies[1].strategy == "weighted"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("claude-*", "claude-opus-4", True),
        ("claude-*", "gpt-4", False),
        ("a*c", "*b*", True),
        ("a?c", "a*", True),
        ("a?c", "a??d", False),
        ("*-mini", "gpt-*", True),
        ("x*y", "x*z", False),
        ("*", "?", True),
    ],
)
def test_patterns_overlap_when_a_name_matches_both(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected


def test_only_a_few_aliases_are_named() -> None:
    others = [
        Proxy.model_validate({"alias": f"claude-{n}", "targets": ["local/m"]}) for n in range(6)
    ]
    note = alias_note("claude-*", others)
    assert note == "claude-0, claude-1, claude-2 and 3 more keep their calls: more exact"
    assert alias_note("gpt-*", others) == ""
