from datetime import date

import pytest

from ccproxy_tui.config.first import first_configuration
from ccproxy_tui.config.models import Configuration, Provider, Target
from ccproxy_tui.config.transfer import TransferError, read_toml, write_toml

FILE = """
[settings]
port = 12000
[[providers]]
name = "local"
protocol = "openai"
base_url = "http://127.0.0.1:8080/v1"
api_keys = ["sk-1-very-long-secret-value", "env:OPENAI_API_KEY"]
models = ["qwen3-coder"]
[[providers.profiles]]
model = "qwen3*"
images = false
thinking_on = { chat_template_kwargs = { enable_thinking = true } }
[[providers.profiles]]
budgets = [1024, 8192]
[[groups]]
name = "qwen"
prompt_injection = "enhance"
prompt_text = \"\"\"two
lines\"\"\"
tool_filter = ["WebFetch", "WebSearch"]
temperature_ratio = 0.7
[[proxies]]
group = "qwen"
alias = "claude-sonnet-*"
targets = ["local/qwen3-coder"]
[[keys]]
name = "ClaudeCode"
"""


def test_a_file_adds_and_changes_and_leaves_the_rest() -> None:
    first = first_configuration()
    result = read_toml(FILE, first)
    assert [provider.name for provider in result.value.providers] == ["demo", "local"]
    assert result.value.keys == first.keys, "a key without a token keeps the one it has"
    assert result.new_tokens == ()
    assert result.value.settings.port == 12000
    assert "+ proxy qwen: claude-sonnet-*" in result.changes
    assert "~ settings.port: 11435 → 12000" in result.changes
    again = read_toml(FILE, result.value)
    assert again.changes == ()


def test_a_missing_token_is_made_up_and_told_once() -> None:
    result = read_toml(FILE, Configuration())
    (key,) = result.new_tokens
    assert key.name == "ClaudeCode"
    assert result.value.keys == (key,)
    assert key.token not in "".join(result.changes)


def test_replace_makes_the_file_all_there_is() -> None:
    result = read_toml(FILE, first_configuration(), replace=True)
    assert [provider.name for provider in result.value.providers] == ["local"]
    assert [group.name for group in result.value.groups] == ["default", "qwen"]
    assert "- provider demo" in result.changes


def test_everything_wrong_is_said_at_once_with_its_place() -> None:
    broken = """
    [setings]
    [[providers]]
    name = "a/b"
    base_url = "nowhere"
    [[providers.profiles]]
    images = "no"
    imags = true
    [[groups]]
    name = "switch"
    temperatur = 1
    [[proxies]]
    alias = "x"
    targets = ["just-a-model"]
    """
    with pytest.raises(TransferError) as raised:
        read_toml(broken, Configuration())
    text = str(raised.value)
    for part in (
        "[setings]",
        "providers[0].name",
        "providers[0].base_url",
        "providers[0].profiles[0].images: must be true or false",
        "providers[0].profiles[0].imags: there is no such field",
        "groups[0].name",
        "groups[0].temperatur: there is no such field",
        "proxies[0].targets[0]",
    ):
        assert part in text


def test_a_target_on_an_unknown_provider_is_refused_whole() -> None:
    with pytest.raises(TransferError, match='provider "locl" does not exist'):
        read_toml(FILE.replace("local/qwen3", "locl/qwen3"), Configuration())
    with pytest.raises(TransferError, match="not valid TOML"):
        read_toml("port = ", Configuration())


def test_an_export_with_secrets_is_the_configuration() -> None:
    value = read_toml(FILE, first_configuration()).value
    assert read_toml(write_toml(value, secrets=True), Configuration(), replace=True).value == value


def test_an_export_without_secrets_has_none_and_keeps_them_when_read_again() -> None:
    value = read_toml(FILE, first_configuration()).value
    text = write_toml(value, secrets=False)
    assert "sk-1" not in text
    assert "= []" not in text.partition("[[")[2]
    assert value.keys[0].token not in text
    assert read_toml(text, value).value == value


def test_no_secret_is_in_what_will_change() -> None:
    value = read_toml(FILE, first_configuration()).value
    changed = read_toml(
        FILE.replace("sk-1-very-long-secret-value", "sk-2-other-long-secret-value"), value
    )
    assert any("api_keys" in line for line in changed.changes)
    assert "very-long-secret" not in "".join(changed.changes)
    assert "other-long-secret" not in "".join(changed.changes)


def test_quirks_are_a_part_of_a_provider_and_of_what_changes() -> None:
    value = read_toml(FILE, first_configuration()).value
    provider = value.provider("local")
    assert provider is not None
    assert provider.profile_entries == (
        {
            "model": "qwen3*",
            "images": False,
            "thinking_on": {"chat_template_kwargs": {"enable_thinking": True}},
        },
        {"model": "*", "budgets": [1024, 8192]},
    )
    text = write_toml(value, secrets=False)
    assert "[[providers.profiles]]\nmodel = " in text
    assert "thinking_on = {chat_template_kwargs = {enable_thinking = true}}\n" in text
    (line,) = read_toml(FILE.replace("images = false", "images = true"), value).changes
    assert line.startswith("~ provider local: profiles: qwen3* images=false thinking_on={chat_")
    assert "→ qwen3* images=true" in line
    rest = read_toml('[[providers]]\nname = "local"\ndisabled = true', value).value
    assert rest.providers[1].profiles == provider.profiles


POOL = """
[settings]
max_attempts = 3
hold = 30
[[providers]]
name = "pool"
base_url = "https://pool.example/v1"
api_keys = ["env:ONE", "env:TWO"]
requests_per_minute = 60
concurrent_requests = 4
first_byte_timeout = 20.5
http_proxies = ["http://user:pass-word@box:3128", "http://other:3128"]
[[groups]]
name = "qwen"
[[proxies]]
group = "qwen"
alias = "mixed"
targets = ["pool/a", { provider = "pool", model = "b/c", weight = 3 }]
strategy = "weighted"
[[proxies]]
group = "qwen"
alias = "tables"
strategy = "priority"
[[proxies.targets]]
provider = "pool"
model = "a"
disabled = true
[[proxies.targets]]
provider = "pool"
model = "b"
weight = 2
[[keys]]
name = "dev"
token = "cs-dev-dev-dev-dev"
groups = ["qwen"]
expires = 2030-12-31
requests_per_minute = 30
tokens_per_day = 2_000_000
money_per_day = 4.5
"""


def test_a_pool_and_its_limits_are_read() -> None:
    value = read_toml(POOL, first_configuration()).value
    provider, key = value.provider("pool"), value.key("dev")
    assert provider is not None
    assert key is not None
    assert (provider.requests_per_minute, provider.concurrent_requests) == (60, 4)
    assert (provider.first_byte_timeout, provider.chunk_timeout) == (20.5, None)
    mixed, tables = value.proxies_of("qwen")
    assert mixed.targets == (
        Target(provider="pool", model="a"),
        Target(provider="pool", model="b/c", weight=3),
    )
    assert tables.targets == (
        Target(provider="pool", model="a", disabled=True),
        Target(provider="pool", model="b", weight=2),
    )
    assert (mixed.strategy, tables.strategy) == ("weighted", "priority")
    assert (key.groups, key.expires) == (("qwen",), date(2030, 12, 31))
    assert (key.requests_per_minute, key.tokens_per_day, key.money_per_day) == (30, 2_000_000, 4.5)


def test_a_pool_is_written_as_it_was_read() -> None:
    value = read_toml(POOL, first_configuration()).value
    text = write_toml(value, secrets=True)
    assert read_toml(text, Configuration(), replace=True).value == value
    assert "\nexpires = 2030-12-31\n" in text, "TOML has dates of its own"
    assert 'targets = ["pool/a", {' in text
    assert "None" not in text


def test_http_proxies_stay_secret_in_an_export_and_in_what_changes() -> None:
    value = read_toml(POOL, first_configuration()).value
    text = write_toml(value, secrets=False)
    assert "pass-word" not in text
    assert "http_proxies" not in text
    assert read_toml(text, value).changes == ()
    result = read_toml(POOL.replace("pass-word", "new-word").replace("other", "third"), value)
    assert result.changes == (
        "~ provider pool: http_proxies: http://••••@box:3128, http://other:3128 → "
        "http://••••@box:3128, http://third:3128",
    )
    assert "word" not in repr(value.provider("pool"))


def test_http_proxies_that_are_references_are_exported() -> None:
    provider = Provider(name="p", base_url="http://p/v1", http_proxies=("env:PROXY",))
    text = write_toml(Configuration(providers=(provider,)), secrets=False)
    assert 'http_proxies = ["env:PROXY"]' in text


def test_what_changes_shows_weights_what_is_off_and_days() -> None:
    value = read_toml(POOL, first_configuration()).value
    changed = POOL.replace("weight = 3", "disabled = true").replace("2030-12-31", "2031-01-01")
    changed = changed.replace("disabled = true\n[[", "weight = 5\n[[")
    changed = changed.replace("concurrent_requests = 4", "total_timeout = 900")
    assert read_toml(changed, value).changes == (
        "~ provider pool: total_timeout: none → 900.0",
        "~ proxy qwen: mixed: targets: pool/a, pool/b/c x3 → pool/a, pool/b/c (disabled)",
        "~ proxy qwen: tables: targets: pool/a (disabled), pool/b x2 → pool/a x5, pool/b x2",
        "~ key dev: expires: 2030-12-31 → 2031-01-01",
    )


def test_what_is_wrong_with_a_pool_is_said_with_its_place() -> None:
    broken = (
        POOL.replace("weight = 3", "weight = 0")
        .replace('"priority"', '"best"')
        .replace("2030-12-31", "20301231")
        .replace("http://other:3128", "socks5://other")
    )
    with pytest.raises(TransferError) as raised:
        read_toml(broken, first_configuration())
    text = str(raised.value)
    for part in (
        "proxies[0].targets[1].weight: ",
        "proxies[1].strategy: ",
        "keys[0].expires: a day like 2030-12-31 is needed",
        "providers[0].http_proxies[1]: an address like http://user:password@host:3128",
    ):
        assert part in text
    with pytest.raises(TransferError, match='access key dev: group "gwen" does not exist'):
        read_toml(POOL.replace('groups = ["qwen"]', 'groups = ["gwen"]'), first_configuration())


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "x = [" + "{a=" * 5000])
def test_a_monstrous_file_is_refused(text: str) -> None:
    with pytest.raises(TransferError, match="not valid TOML"):
        read_toml(text, Configuration())
