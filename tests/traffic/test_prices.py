import subprocess
import sys

import pytest

from ccproxy_tui.traffic.call import Tokens
from ccproxy_tui.traffic.prices import Rates, price, window

MILLION = 1_000_000
ANTHROPIC = "https://api.anthropic.com"
OPENROUTER = "https://openrouter.ai/api/v1"
SONNET = "claude-sonnet-4-20250514"
"""A dated model: its list prices are 3, 15, 0.30 and 3.75 dollars a million tokens."""


@pytest.mark.parametrize(
    ("tokens", "dollars"),
    [
        (Tokens(input=100_000), 0.30),
        (Tokens(output=100_000), 1.50),
        (Tokens(cache_read=100_000), 0.03),
        (Tokens(cache_write=100_000), 0.375),
        (Tokens(10_000, 20_000, 30_000, 40_000), 0.03 + 0.006 + 0.1125 + 0.60),
        (Tokens(), 0.0),
    ],
)
def test_each_kind_of_token_has_its_own_price(tokens: Tokens, dollars: float) -> None:
    assert price(ANTHROPIC, "claude", SONNET, tokens) == pytest.approx(dollars)


def test_a_model_without_a_price_for_cached_tokens_reads_them_as_any_other() -> None:
    whole = price("https://api.openai.com/v1", "openai", "gpt-4-turbo", Tokens(input=1000))
    cached = price(
        "https://api.openai.com/v1", "openai", "gpt-4-turbo", Tokens(input=600, cache_read=400)
    )
    assert whole == cached == pytest.approx(0.01)


def test_an_aggregator_has_its_own_list_with_the_vendors_in_front() -> None:
    tokens = Tokens(input=MILLION)
    assert price(OPENROUTER, "openai", "openai/gpt-5-mini", tokens) == pytest.approx(0.25)
    claude = price(OPENROUTER, "openai", "anthropic/claude-sonnet-4.5", Tokens(input=100_000))
    assert claude == pytest.approx(0.30), "and not that of the protocol's vendor"
    assert price(OPENROUTER, "openai", "qwen/qwen3-coder:free", tokens) == 0
    assert price(OPENROUTER, "openai", "nobody/has-heard-of:free", tokens) == 0
    assert price(OPENROUTER, "openai", "nobody/has-heard-of", tokens) is None


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "models/gemini-2.5-flash"])
def test_what_says_whose_a_model_is_may_be_there_or_not(model: str) -> None:
    google = "https://generativelanguage.googleapis.com/v1beta"
    assert price(google, "gemini", model, Tokens(input=MILLION)) == pytest.approx(0.30)


def test_an_unknown_host_is_a_relay_of_the_vendor_whose_protocol_it_speaks() -> None:
    relay, tokens = "https://relay.example.com/v1", Tokens(input=100_000)
    assert price(relay, "claude", SONNET, tokens) == pytest.approx(0.30)
    assert price(relay, "openai", SONNET, tokens) is None
    assert price(relay, "claude", "claude-of-the-year-2525", tokens) is None
    assert price(relay, "ollama", "gpt-5-mini", tokens) is None


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:8080/v1",
        "http://[::1]:8080",
        "http://10.1.2.3",
        "http://192.168.0.9:11434",
        "http://100.64.0.7",
        "http://[fd00::1]/v1",
        "http://localhost:4000",
        "http://litellm:4000",
        "http://box.lan",
        "http://box.home.arpa./v1",
        "http://demo.internal/v1",
    ],
)
def test_a_model_on_a_private_network_has_no_vendors_price(base_url: str) -> None:
    assert price(base_url, "claude", SONNET, Tokens(input=1000)) is None
    assert price(base_url, "claude", "x:free", Tokens(input=1000)) is None


def test_nonsense_has_no_price_and_does_no_harm() -> None:
    assert price(ANTHROPIC, "claude", SONNET, Tokens(input=-1)) is None
    assert price(ANTHROPIC, "claude", "", Tokens(input=1)) is None
    assert price("http://[nonsense", "claude", SONNET, Tokens(input=1)) is None
    assert price("", "", "", Tokens()) is None


def test_prices_are_loaded_when_needed_and_without_a_socket() -> None:
    """In a process of its own, as others here may have loaded them."""
    script = f"""
import os, sys, threading
from ccproxy_tui.traffic import prices
from ccproxy_tui.traffic.call import Tokens
assert "genai_prices" not in sys.modules
sys.addaudithook(lambda event, _: event.startswith("socket.") and os._exit(1))
prices.load()
assert "genai_prices" in sys.modules
assert prices.price({ANTHROPIC!r}, "claude", {SONNET!r}, Tokens(input=1)) > 0
assert threading.active_count() == 1
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_the_window_of_a_listed_model_is_known() -> None:
    assert window(ANTHROPIC, "claude", SONNET) == 200_000
    assert window(ANTHROPIC, "claude", "no-such-model") is None
    assert window("http://192.168.1.9:8000", "claude", SONNET) is None
    assert window("http://[nonsense", "claude", SONNET) is None


def test_a_number_that_makes_no_sense_has_no_price_of_ones_own() -> None:
    assert price(ANTHROPIC, "claude", SONNET, Tokens(output=10**400), Rates(1, 1, 1, 1)) is None
