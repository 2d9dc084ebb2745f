import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Group, Provider, Proxy, Target
from tests.gateway.proxy import TOKEN, RunningProxy, request


async def add(proxy: RunningProxy, group: str, alias: str, *targets: str) -> None:
    parsed = tuple(Target.model_validate(target) for target in targets)
    added = Proxy(group=group, alias=alias, targets=parsed, strategy="round_robin")
    value = edits.put_proxy(proxy.live.value, added)
    await proxy.live.apply(value, "add proxy")


async def test_without_a_prefix_the_default_group_answers(proxy: RunningProxy) -> None:
    await add(proxy, "default", "*", "claude/from-default")
    answer = await proxy.post("/v1/messages?beta=true", request())
    assert answer.status == 200
    assert proxy.upstream.calls[-1].model == "from-default"
    assert proxy.last_call().path == "/v1/messages"


async def test_switch_leads_to_the_active_group_from_the_next_call_on(proxy: RunningProxy) -> None:
    for lane in ("claude", "openai"):
        settings = proxy.live.value.settings.model_copy(update={"active_group": lane})
        await proxy.configure(settings=settings)
        await proxy.post("/switch/v1/messages", request())
        assert proxy.upstream.calls[-1].dialect == lane
        assert proxy.last_call().group == lane


async def test_three_ways_to_miss_have_three_messages(proxy: RunningProxy) -> None:
    await proxy.set_group("openai", disabled=True)
    unknown_group = await proxy.ask("qwen")
    disabled_group = await proxy.ask("openai")
    unknown_alias = await proxy.ask("claude", model="gpt-5")
    messages = []
    for answer in (unknown_group, disabled_group, unknown_alias):
        assert answer.status == 404
        assert answer.json["error"]["type"] == "not_found_error"
        messages.append(answer.json["error"]["message"])
    assert messages[0] == 'there is no group "qwen"; groups are: claude, default, openai'
    assert "disabled" in messages[1]
    assert '"gpt-5"' in messages[2]
    assert "claude-*" in messages[2]


async def test_the_most_specific_alias_wins_and_a_window_mark_is_ignored(
    proxy: RunningProxy,
) -> None:
    await add(proxy, "claude", "*", "claude/any")
    await add(proxy, "claude", "claude-sonnet-*", "claude/sonnet")
    await add(proxy, "claude", "claude-sonnet-4-5", "claude/exact")
    for model, target in (
        ("claude-sonnet-4-5", "exact"),
        ("claude-sonnet-4-5[1m]", "exact"),
        ("claude-sonnet-9", "sonnet"),
        ("claude-haiku", "m"),
        ("gpt-5", "any"),
    ):
        await proxy.ask("claude", model=model)
        assert proxy.upstream.calls[-1].model == target
        assert proxy.last_call().target == f"claude/{target}"


async def test_every_pair_of_target_and_key_gets_its_turn(proxy: RunningProxy) -> None:
    value = edits.put_provider(
        proxy.live.value,
        Provider(
            name="two",
            protocol="claude",
            base_url=proxy.upstream.base_url,
            api_keys=("k1", "k2"),
        ),
    )
    value = edits.put_provider(
        value, Provider(name="keyless", protocol="openai", base_url=proxy.upstream.base_url)
    )
    await proxy.live.apply(value, "add")
    await add(proxy, "default", "x", "two/a", "two/b", "keyless/c")
    for _ in range(10):
        assert (await proxy.post("/v1/messages", request(model="x"))).status == 200
    seen = [(call.model, call.api_key) for call in proxy.upstream.calls]
    pairs = [("a", "k1"), ("a", "k2"), ("b", "k1"), ("b", "k2"), ("c", "")]
    assert seen == pairs * 2


async def test_a_disabled_provider_is_left_out_and_all_disabled_is_said(
    proxy: RunningProxy,
) -> None:
    provider = proxy.live.value.providers[1].model_copy(update={"disabled": True})
    value = edits.put_provider(proxy.live.value, provider, replaces=provider.name)
    await proxy.live.apply(value, "disable")
    answer = await proxy.ask("claude")
    assert answer.json["error"]["message"].startswith("all targets of the alias")
    assert answer.headers["x-should-retry"] == "false"


async def test_an_api_key_from_the_environment_is_read_at_use(
    proxy: RunningProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = proxy.live.value.providers[1].model_copy(update={"api_keys": ("env:SOME_KEY",)})
    value = edits.put_provider(proxy.live.value, provider, replaces=provider.name)
    await proxy.live.apply(value, "env")
    missing = await proxy.ask("claude")
    assert "SOME_KEY, which is not set" in missing.json["error"]["message"]
    monkeypatch.setenv("SOME_KEY", "sk-from-env")
    assert (await proxy.ask("claude")).status == 200
    assert proxy.upstream.calls[-1].api_key == "sk-from-env"


async def test_a_key_that_is_not_set_takes_no_turn(proxy: RunningProxy) -> None:
    keys = ("env:CCPROXY_TEST_NOT_SET", "sk-one")
    provider = proxy.live.value.providers[1].model_copy(update={"api_keys": keys})
    value = edits.put_provider(proxy.live.value, provider, replaces=provider.name)
    await proxy.live.apply(value, "env")
    assert [(await proxy.ask("claude")).status for _ in range(4)] == [200] * 4


async def test_models_are_listed_as_ids_that_can_be_called(proxy: RunningProxy) -> None:
    await add(proxy, "claude", "qwen3-coder", "claude/q")
    await add(proxy, "claude", "gpt-?", "claude/g")

    async def listed(agent: str) -> list[str]:
        async with proxy.session.get(
            proxy.url + "/claude/v1/models?limit=1000",
            headers={"x-api-key": proxy.live.value.keys[0].token, "User-Agent": agent},
        ) as response:
            assert response.status == 200
            return [model["id"] for model in (await response.json())["data"]]

    assert await listed("curl") == ["qwen3-coder", "claude-latest", "gpt-1"]
    discovered = await listed("claude-code/2.1.330")
    assert discovered[0] == "claude-qwen3-coder"
    for model in discovered:
        assert (await proxy.ask("claude", model=model)).status == 200
    assert proxy.upstream.calls[-3].model == "q"


async def test_listing_models_needs_a_key_and_a_group(proxy: RunningProxy) -> None:
    async with proxy.session.get(proxy.url + "/claude/v1/models") as response:
        assert response.status == 401
    headers = {"x-api-key": proxy.live.value.keys[0].token}
    async with proxy.session.get(proxy.url + "/nope/v1/models", headers=headers) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("headers", "listed"),
    [
        ({"x-api-key": TOKEN, "anthropic-version": "2023-06-01"}, "data.0.display_name"),
        ({"x-goog-api-key": TOKEN}, "models.0.supportedGenerationMethods"),
        ({"Authorization": f"Bearer {TOKEN}"}, "data.0.owned_by"),
    ],
)
async def test_a_list_has_the_form_of_the_protocol_that_its_client_speaks(
    proxy: RunningProxy, headers: dict[str, str], listed: str
) -> None:
    """Three protocols have this path."""
    async with proxy.session.get(proxy.url + "/claude/v1/models", headers=headers) as response:
        assert response.status == 200
        found = await response.json()
    for name in listed.split("."):
        found = found[int(name) if name.isdigit() else name]
    assert found


async def test_one_model_is_described_by_its_whole_name(proxy: RunningProxy) -> None:
    await add(proxy, "claude", "org/model", "claude/q")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = proxy.url + "/claude/v1/models/org/model"
    async with proxy.session.get(url, headers=headers) as response:
        assert response.status == 200
        assert (await response.json())["id"] == "org/model"
    async with proxy.session.get(url + "/x", headers=headers) as response:
        assert response.status == 404
        assert "org/model/x" in (await response.json())["error"]["message"]


async def test_a_known_path_says_which_method_it_takes(proxy: RunningProxy) -> None:
    async with proxy.session.get(proxy.url + "/claude/v1/messages") as response:
        assert response.status == 404
        message = (await response.json())["error"]["message"]
    assert message == "/claude/v1/messages takes POST, not GET"


async def test_a_web_socket_is_refused_so_that_clients_fall_back(proxy: RunningProxy) -> None:
    async with proxy.session.get(proxy.url + "/claude/v1/responses") as response:
        assert response.status == 426
        assert "POST" in (await response.json())["error"]["message"]


async def test_a_rename_of_a_group_holds_for_the_next_call(proxy: RunningProxy) -> None:
    value = edits.put_group(proxy.live.value, Group(name="coder"), replaces="claude")
    await proxy.live.apply(value, "rename")
    assert (await proxy.ask("claude")).status == 404
    assert (await proxy.ask("coder")).status == 200
