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


KEYED = edits.reorder(
    BASE,
    keys=(
        AccessKey(name="one", token="cs-one-one", groups=("qwen",)),
        AccessKey(name="both", token="cs-both-both", groups=("default", "qwen")),
        AccessKey(name="all", token="cs-all-all"),
    ),
)


def groups_of_keys(configuration: Configuration) -> list[tuple[str, ...]]:
    return [key.groups for key in configuration.keys]


def test_keys_follow_a_group_that_is_renamed() -> None:
    changed = edits.put_group(KEYED, Group(name="coder"), replaces="qwen")
    assert groups_of_keys(changed) == [("coder",), ("default", "coder"), ()]
    changed = edits.put_group(KEYED, Group(name="qwen", temperature_ratio=0.5), replaces="qwen")
    assert changed.keys == KEYED.keys


def test_a_key_whose_only_group_is_deleted_is_disabled_and_does_not_open_all() -> None:
    assert edits.depends_on_group(KEYED, "qwen")[-2:] == [
        "access key one opens no other group and is disabled",
        "access key both opens one group less",
    ]
    changed = edits.delete_group(KEYED, "qwen")
    assert groups_of_keys(changed) == [(), ("default",), ()]
    assert [key.disabled for key in changed.keys] == [True, False, False]


def test_a_key_cannot_open_a_group_that_is_not_there() -> None:
    key = AccessKey(name="k", token="cs-123456", groups=("qwen", "gwen"))
    with pytest.raises(ValidationError, match='access key k: group "gwen" does not exist'):
        edits.put_key(BASE, key)


def test_a_target_keeps_weight_and_being_off_when_its_provider_is_renamed() -> None:
    target = Target(provider="one", model="m", weight=7, disabled=True)
    proxy = Proxy(group="qwen", alias="x", targets=(target,), strategy="weighted")
    changed = edits.put_proxy(BASE, proxy)
    changed = edits.put_provider(changed, ONE.model_copy(update={"name": "uno"}), replaces="one")
    renamed = edits.find_proxy(changed, "qwen", "x")
    assert renamed is not None
    assert renamed.targets == (Target(provider="uno", model="m", weight=7, disabled=True),)
    assert renamed.strategy == "weighted"


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


@pytest.mark.parametrize(
    "address",
    [
        "",
        "box:3128",
        "socks5://box:1080",
        "http://box:3128/path",
        "http://box:3128#x",
        "http://box:99999",
        "http://:3128",
        "http://box\n:3128",
        "http://user:pass word@box",
        "env:not a name",
    ],
)
def test_http_proxies_that_cannot_work_are_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Provider(name="p", base_url="http://p/v1", http_proxies=(address,))


def test_the_error_of_an_http_proxy_does_not_quote_its_password() -> None:
    with pytest.raises(ValidationError) as raised:
        Provider(name="p", base_url="http://p/v1", http_proxies=("http://u:hush\u2100@box",))
    assert "an address like" in str(raised.value)
    assert "hush" not in str(raised.value)


def test_api_keys_can_share_an_http_proxy_in_their_order() -> None:
    given = ("http://a:1", "http://b:1/", "http://a:1", "env:PROXY")
    provider = Provider(name="p", base_url="http://p/v1", http_proxies=given)
    assert provider.http_proxies == ("http://a:1", "http://b:1", "http://a:1", "env:PROXY")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://user:p@ss@box:3128", "http://••••@box:3128"),
        ("https://token@box", "https://••••@box"),
        ("http://box:3128", "http://box:3128"),
        ("env:PROXY", "env:PROXY"),
    ],
)
def test_an_http_proxy_is_shown_without_its_credentials(address: str, shown: str) -> None:
    assert edits.without_credentials(address) == shown


@pytest.mark.parametrize("day", [20301231, 0, 1.5, True, "1700000000", "31.12.2030", "", []])
def test_only_a_day_is_a_last_day(day: object) -> None:
    with pytest.raises(ValidationError, match="a day like 2030-12-31 is needed"):
        AccessKey.model_validate({"name": "k", "token": "cs-123456", "expires": day})


@pytest.mark.parametrize(
    "fields",
    [{"weight": 0}, {"weight": 1001}, {"weight": 1.5}, {"wieght": 2}],
)
def test_weights_are_whole_numbers(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Target.model_validate({"provider": "one", "model": "m", **fields})


@pytest.mark.parametrize(
    "limit",
    [
        {"requests_per_minute": 0},
        {"tokens_per_day": -1},
        {"money_per_day": 0},
        {"money_per_day": float("nan")},
        {"money_per_day": float("inf")},
    ],
)
def test_a_limit_lets_something_through(limit: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AccessKey.model_validate({"name": "k", "token": "cs-123456", **limit})


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
