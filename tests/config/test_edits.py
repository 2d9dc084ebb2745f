import pytest
from pydantic import ValidationError

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import (
    AccessKey,
    Configuration,
    Group,
    Provider,
    Proxy,
    Settings,
    Target,
)
from ccproxy_tui.config.snapshot import Snapshot

ONE = Provider(name="one", base_url="http://one/v1", api_keys=("k1", "k2"), models=("m",))
TWO = Provider(name="two", base_url="http://two/v1")


def targets(*texts: str) -> tuple[Target, ...]:
    return tuple(Target.model_validate(text) for text in texts)


BASE = Configuration(
    settings=Settings(active_group="qwen"),
    providers=(ONE, TWO),
    groups=(Group(name="default"), Group(name="qwen")),
    proxies=(
        Proxy(group="qwen", alias="claude-*", targets=targets("one/m", "two/x/y")),
        Proxy(group="qwen", alias="only", targets=targets("one/m")),
    ),
)


def test_renaming_a_provider_carries_its_targets_along() -> None:
    changed = edits.put_provider(BASE, ONE.model_copy(update={"name": "uno"}), replaces="one")
    assert [str(target) for target in changed.proxies[0].targets] == ["uno/m", "two/x/y"]


def test_renaming_a_group_carries_proxies_and_the_active_group_along() -> None:
    changed = edits.put_group(BASE, Group(name="coder"), replaces="qwen")
    assert {proxy.group for proxy in changed.proxies} == {"coder"}
    assert changed.settings.active_group == "coder"


def test_deleting_a_provider_takes_what_is_left_without_a_target() -> None:
    assert edits.depends_on_provider(BASE, "one") == [
        "proxy qwen: claude-* loses 1 of its targets",
        "proxy qwen: only has no other target and goes too",
    ]
    changed = edits.delete_provider(BASE, "one")
    assert [proxy.alias for proxy in changed.proxies] == ["claude-*"]


def test_deleting_the_active_group_leads_switch_to_default() -> None:
    assert len(edits.depends_on_group(BASE, "qwen")) == 3
    changed = edits.delete_group(BASE, "qwen")
    assert changed.settings.active_group == "default"
    assert changed.proxies == ()
    with pytest.raises(ValidationError, match="must stay"):
        edits.delete_group(changed, "default")


@pytest.mark.parametrize("name", ["switch", "Compat", "v1", "a/b", "a@b", "a b", "metrics", ""])
def test_group_names_that_cannot_be_reached_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Group(name=name)


@pytest.mark.parametrize(
    "url", ["host/v1", "ftp://host", "http://u:p@host", "http://h/?key=x", "http://h:99999"]
)
def test_base_urls_that_cannot_work_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        Provider(name="p", base_url=url)


def test_references_to_what_does_not_exist_are_named() -> None:
    with pytest.raises(ValidationError, match='provider "three" does not exist'):
        edits.put_proxy(BASE, Proxy(group="qwen", alias="x", targets=targets("three/m")))
    with pytest.raises(ValidationError, match="there are 2 of proxy"):
        edits.put_proxy(BASE, Proxy(group="qwen", alias="only", targets=targets("one/m")))


def test_no_secret_is_in_any_repr() -> None:
    shown = repr(Snapshot(BASE, 1).groups["qwen"].exact("only")) + repr(
        AccessKey(name="a", token="cs-secretsecret")
    )
    assert "k1" not in shown
    assert "cs-secret" not in shown


def test_new_tokens_have_64_characters_and_differ() -> None:
    first, second = edits.new_token(), edits.new_token()
    assert first != second
    assert first.startswith("cs-")
    assert len(first) == 64
    assert first[3:].isalnum()
    assert first[8:-4] not in edits.mask(first)


def test_aliases_match_exactly_first_and_then_by_specificity() -> None:
    configuration = edits.reorder(
        BASE,
        proxies=tuple(
            Proxy(group="qwen", alias=alias, targets=targets("one/m"))
            for alias in ("*", "claude-*", "claude-sonnet-*", "claude-sonnet-4?", "claude-sonnet-4")
        ),
    )
    index = Snapshot(configuration, 1).groups["qwen"]

    def alias(model: str) -> str:
        route = index.exact(model) or index.matching(model)
        assert route is not None
        return route.alias

    assert alias("claude-sonnet-4") == "claude-sonnet-4"
    assert alias("claude-sonnet-45") == "claude-sonnet-4?"
    assert alias("claude-sonnet-4-5") == "claude-sonnet-*"
    assert alias("claude-haiku") == "claude-*"
    assert alias("gpt") == "*"


def test_candidates_are_every_target_with_every_key_of_its_provider() -> None:
    route = Snapshot(BASE, 1).groups["qwen"].matching("claude-x")
    assert route is not None
    assert [(c.provider.name, c.model, c.api_key) for c in route.candidates] == [
        ("one", "m", "k1"),
        ("one", "m", "k2"),
        ("two", "x/y", ""),
    ]
