import pytest

from ccproxy_tui.config.models import Configuration, Prompt
from ccproxy_tui.config.prompts import shipped
from ccproxy_tui.config.transfer import read_toml, write_toml

WIDEST = 80 - 4
GRAMMAR = ("<cs:", "<name>", "<args>", "<arg ", "<tool_call>", "<function=", "[TOOL_CALLS]", "```")
MAKERS = ("qwen", "glm", "deepseek", "kimi", "gpt", "gemini", "llama", "mistral", "minimax")

each = pytest.mark.parametrize("prompt", shipped(), ids=lambda prompt: prompt.name)


def test_there_is_one_for_each_way_to_use_claude_code_one_for_other_agents_and_one_for_all() -> (
    None
):
    assert [prompt.name for prompt in shipped()] == [
        "Claude Code, tool compatibility",
        "Claude Code, native tools",
        "Other coding agents",
        "General",
    ]
    assert shipped() is shipped()


def test_the_user_can_keep_all_of_them_and_a_file_gives_them_back_unchanged() -> None:
    kept = Configuration(prompts=shipped())
    assert read_toml(write_toml(kept, secrets=True), Configuration()).value == kept


@each
def test_a_text_is_worth_its_tokens(prompt: Prompt) -> None:
    assert 100 <= len(prompt.text.split()) <= 350
    said = [line for line in prompt.text.splitlines() if line]
    assert len(said) == len(set(said))


@each
def test_a_text_stands_by_itself_in_a_system_prompt(prompt: Prompt) -> None:
    assert prompt.text == prompt.text.strip()
    assert prompt.text.startswith("# "), "a heading parts it from what is before"
    assert all(line == line.rstrip() for line in prompt.text.splitlines())


@each
def test_it_fits_a_small_plain_screen(prompt: Prompt) -> None:
    assert prompt.name.isascii()
    assert prompt.description.isascii()
    assert prompt.text.isascii()
    assert len(prompt.name) <= 40
    assert 20 <= len(prompt.description) <= WIDEST
    assert "\n" not in prompt.description


@each
def test_how_a_call_is_written_is_left_to_the_proxy(prompt: Prompt) -> None:
    assert [piece for piece in GRAMMAR if piece in prompt.text] == []


@each
def test_no_model_is_named(prompt: Prompt) -> None:
    assert [maker for maker in MAKERS if maker in prompt.text.lower()] == []
