import tomllib
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest

from ccproxy_tui.config.temperatures import find_hint
from ccproxy_tui.wildcards import compile_pattern

WIDEST = 60

BOTH = "0.6 thinking, 0.7 not; 0 makes it loop"
NEWER_QWEN = "0.6 for exact code, else 1.0; 0.7 without thinking"
REFUSED = "any but 1 is refused"
CODING_TESTS = "1.0; 0.7 in its maker's coding tests"
OWN_DEEPSEEK = "at DeepSeek's own API: 0 for code, 1.3 to talk"
KIMI_K2 = "0.6 recommended; Moonshot's Claude URL does it by itself"
OLDER_CLAUDE = "0 to 1; any but 1 is refused while it thinks"
FIXED = "1.0; Moonshot's own API takes no other"

EXAMPLES = {
    "qwen/qwen3-coder:free": "0.7 recommended",
    "qwen3-coder:30b": "0.7 recommended",
    "qwen3-coder-plus": "0.7 recommended",
    "Qwen/Qwen3-Coder-480B-A35B-Instruct": "0.7 recommended",
    "hf.co/unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:Q4_K_M": "0.7 recommended",
    "accounts/fireworks/models/qwen3-coder-480b-a35b-instruct": "0.7 recommended",
    "qwen/qwen3-coder-next": "1.0 recommended",
    "Qwen/Qwen3-235B-A22B-Thinking-2507": "0.6 recommended",
    "qwen3:30b-a3b-thinking-2507-q4_K_M": "0.6 recommended",
    "qwen/qwen3-235b-a22b-2507": "0.7 recommended",
    "Qwen/Qwen3-30B-A3B-Instruct-2507": "0.7 recommended",
    "qwen3:4b-instruct": "0.7 recommended",
    "Qwen/Qwen3-Next-80B-A3B-Instruct": "0.7 recommended",
    "qwen3": BOTH,
    "qwen3:8b": BOTH,
    "Qwen/Qwen3-8B": BOTH,
    "qwen3-14b": BOTH,
    "qwen/qwen3-32b": BOTH,
    "qwen3-235b-a22b": BOTH,
    "Qwen/Qwen3-0.6B-GGUF": BOTH,
    "qwen3.8:27b": "1.0 recommended, 0.7 without thinking",
    "Qwen/Qwen3.6-35B-A3B": NEWER_QWEN,
    "Qwen/Qwen3.5-397B-A17B": NEWER_QWEN,
    "qwq:32b": "0.6 recommended; 0 makes it loop",
    "deepseek/deepseek-r1-0528:free": "0.6 recommended, 0.5 to 0.7; else it may loop",
    "deepseek-r1:14b": "0.6 recommended, 0.5 to 0.7; else it may loop",
    "deepseek-v4-flash": "1.0; DeepSeek's own API ignores it when it thinks",
    "deepseek-reasoner": "ignored: it thinks",
    "deepseek-ai/DeepSeek-V3.2": "1.0 recommended for your own server",
    "deepseek-v3.2:cloud": "1.0 recommended for your own server",
    "deepseek-ai/DeepSeek-V3.1": OWN_DEEPSEEK,
    "deepseek-chat": OWN_DEEPSEEK,
    "deepseek/deepseek-chat-v3.1:free": OWN_DEEPSEEK,
    "kimi-k3": FIXED,
    "kimi-k2.7-code-highspeed": FIXED,
    "moonshotai/kimi-k2.6": "1.0 thinking, 0.6 not; Moonshot's API takes no other",
    "moonshotai/Kimi-K2.5": "fixed at Moonshot's own API",
    "kimi-k2-thinking-turbo": "1.0 recommended",
    "moonshotai/Kimi-K2-Instruct-0905": KIMI_K2,
    "kimi-k2:1t-cloud": KIMI_K2,
    "moonshotai/kimi-k2": KIMI_K2,
    "z-ai/glm-5.2": "1.0 by default; Z.ai takes 0 to 1",
    "z-ai/glm-5": CODING_TESTS,
    "glm-5:cloud": CODING_TESTS,
    "zai-org/GLM-5-FP8": CODING_TESTS,
    "glm-4.7": CODING_TESTS,
    "glm-4.7:cloud": CODING_TESTS,
    "zai-org/GLM-4.7-FP8": CODING_TESTS,
    "z-ai/glm-4.6": "1.0 recommended",
    "z-ai/glm-4.6:exacto": "1.0 recommended",
    "zai-org/GLM-4.6-FP8": "1.0 recommended",
    "glm-4.5": "0.6 by default; Z.ai takes 0 to 1",
    "glm-4.5:latest": "0.6 by default; Z.ai takes 0 to 1",
    "z-ai/glm-4.5-air:free": "0.6 by default; Z.ai takes 0 to 1",
    "MiniMaxAI/MiniMax-M2": "1.0 recommended",
    "minimax/minimax-m3": "1.0 recommended",
    "openai/gpt-oss-120b": "1.0 recommended",
    "gpt-oss:20b": "1.0 recommended",
    "gpt-5": REFUSED,
    "openai/gpt-5-mini": REFUSED,
    "gpt-5-nano": REFUSED,
    "gpt-5-2025-08-07": REFUSED,
    "openai/gpt-5.2": "taken only with reasoning effort none",
    "o1": REFUSED,
    "o1-2024-12-17": REFUSED,
    "openai/o3": REFUSED,
    "o3-mini": REFUSED,
    "o4-mini": REFUSED,
    "anthropic/claude-opus-4.7": REFUSED,
    "us.anthropic.claude-opus-4-8-v1:0": REFUSED,
    "claude-opus-5-5": REFUSED,
    "claude-sonnet-5-5": REFUSED,
    "claude-haiku-5-5": REFUSED,
    "anthropic/claude-3.7-sonnet": OLDER_CLAUDE,
    "claude-opus-4-1-20250805": OLDER_CLAUDE,
    "claude-sonnet-4-20250514": OLDER_CLAUDE,
    "claude-sonnet-4-5": OLDER_CLAUDE,
    "claude-haiku-4-5-20251001": OLDER_CLAUDE,
    "models/gemini-3-pro-preview": "keep 1.0; lower may make it loop",
    "google/gemini-3.5-flash": "keep 1.0; lower may make it loop",
    "google/gemma-4-31B-it": "1.0 recommended",
    "gemma4:26b": "1.0 recommended",
    "labs-devstral-small-2512": "0.15 recommended",
    "mistralai/mistral-small-3.2-24b-instruct:free": "0.15 recommended",
    "mistral-small3.2:24b": "0.15 recommended",
    "ministral-3:8b-instruct-2512-q4_K_M": "below 0.1 recommended",
    "mistral-nemo:12b": "0.3 recommended",
    "nvidia/nemotron-3-super-120b-a12b:free": "1.0 recommended, also with tools",
    "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16": "0.6 with tools, 1.0 to reason",
}

UNKNOWN = [
    "",
    "qwen/",
    "qwen-max",
    "qwen3-max",
    "qwen3-vl:8b",
    "qwen3-embedding:8b",
    "Qwen/Qwen3-Embedding-8B",
    "Qwen/Qwen3-VL-8B-Instruct",
    "qwen2.5-coder:7b",
    "glm-4.6v-flash",
    "glm-4.5v",
    "glm-4-9b",
    "gpt-4o",
    "gpt-4.1",
    "gpt-5-chat-latest",
    "olmo-3",
    "claude-3-5-sonnet-20241022",
    "gemini-2.5-pro",
    "gemma3:27b",
    "mistral-large-latest",
    "ministral-3:14b-reasoning-2512",
    "kimi-latest",
    "deepseek-coder-v2:16b",
    "meta-llama/llama-3.3-70b-instruct:free",
    "qwen/llama",
]


def entries() -> list[dict[str, Any]]:
    source = files("ccproxy_tui.config").joinpath("temperatures.toml")
    found: list[dict[str, Any]] = tomllib.loads(source.read_text(encoding="utf-8"))["hints"]
    return found


@pytest.mark.parametrize(("model", "words"), EXAMPLES.items())
def test_a_known_model_has_its_hint_whoever_serves_it(model: str, words: str) -> None:
    hint = find_hint(model)
    assert hint is not None
    assert hint.words == words


@pytest.mark.parametrize("model", UNKNOWN)
def test_of_other_models_nothing_is_said(model: str) -> None:
    assert find_hint(model) is None


def test_a_hint_names_the_page_of_the_very_model() -> None:
    pages = {model: hint.source for model in EXAMPLES if (hint := find_hint(model))}
    assert pages["qwen3-coder:30b"].endswith("/Qwen/Qwen3-Coder-480B-A35B-Instruct")
    assert pages["qwen/qwen3-coder-next"].endswith("/Qwen/Qwen3-Coder-Next")
    assert pages["deepseek-ai/DeepSeek-V3.2"].endswith("/deepseek-ai/DeepSeek-V3.2")
    assert pages["moonshotai/kimi-k2"] == "https://github.com/MoonshotAI/Kimi-K2"


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["models"][0])
def test_an_entry_is_short_plain_and_has_a_source(entry: dict[str, Any]) -> None:
    assert entry.keys() == {"models", "words", "source"}
    assert 0 < len(entry["words"]) <= WIDEST
    assert entry["words"].isascii()
    assert entry["words"] == entry["words"].strip().removesuffix(".")
    page = urlsplit(entry["source"])
    assert page.scheme == "https"
    assert page.hostname
    assert len(page.path) > 1, "a page, not a home page"


def test_every_pattern_is_lower_case_and_the_first_to_fit_some_model() -> None:
    patterns = [pattern for entry in entries() for pattern in entry["models"]]
    assert [pattern for pattern in patterns if pattern != pattern.lower()] == []
    names = [model.lower().rpartition("/")[2] for model in EXAMPLES]
    first = {
        next(pattern for pattern in patterns if compile_pattern(pattern).fullmatch(name))
        for name in names
    }
    assert sorted(set(patterns) - first) == []
    assert len(patterns) == len(set(patterns))
