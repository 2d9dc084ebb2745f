import pytest

from ccproxy_tui.config.first import first_configuration
from ccproxy_tui.config.models import Configuration
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


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "x = [" + "{a=" * 5000])
def test_a_monstrous_file_is_refused(text: str) -> None:
    with pytest.raises(TransferError, match="not valid TOML"):
        read_toml(text, Configuration())
