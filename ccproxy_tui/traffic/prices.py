"""What a call costs, by the list prices that come with genai-prices; nothing is ever downloaded.

They take 0.1 s and some megabytes to load, which is left until the first call that needs them.
"""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ccproxy_tui.traffic.call import Tokens

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

_FREE = ":free"
"""OpenRouter's mark of a model that costs nothing."""
_MAKERS = {"claude": "anthropic", "openai": "openai", "responses": "openai", "gemini": "google"}
"""Whose list counts where the host has none with that model, by the protocol that it speaks: it is
taken for a relay."""
_PRIVATE_DOMAINS = ("localhost", "local", "internal", "lan", "home.arpa", "test", "invalid")
"""RFC 2606, 6761, 6762 and 8375, ICANN's `internal`, and what routers like to use."""


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars for a million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write: float

    def cost(self, tokens: Tokens) -> float:
        """Return US dollars for some tokens."""
        dollars = (
            tokens.input * self.input
            + tokens.output * self.output
            + tokens.cache_read * self.cache_read
            + tokens.cache_write * self.cache_write
        )
        return dollars / 1_000_000


def price(
    base_url: str, protocol: str, model: str, tokens: Tokens, own: Rates | None = None
) -> float | None:
    """Return US dollars for what a model of the provider at `base_url` has read and written.

    `own` rates come before the list. None when no price is known, as of any model on a private
    network. Never raises.
    """
    try:
        if own is not None:
            return own.cost(tokens)
        if _is_private(base_url):
            return None
        if model.endswith(_FREE):
            return 0.0
        listed = _find(base_url, protocol, model)
        return None if listed is None else _total(listed, tokens)
    except (ValueError, ArithmeticError):  # an address or a number that makes no sense
        return None


def window(base_url: str, protocol: str, model: str) -> int | None:
    """Return how many tokens the model can read and write, by the same lists; None: not known."""
    try:
        listed = None if _is_private(base_url) else _find(base_url, protocol, model)
    except ValueError:
        return None
    return None if listed is None else listed.model.context_window


def load() -> None:
    """Load the prices, for instance on another thread, so that no call has to wait for it."""
    _find("https://openrouter.ai/api/v1", "openai", "")


@lru_cache(maxsize=1024)
def _is_private(base_url: str) -> bool:
    """Tell whether an address is of this machine, or of a network that is not the internet."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(tuple(f".{name}" for name in _PRIVATE_DOMAINS))


@lru_cache(maxsize=1024)
def _find(base_url: str, protocol: str, model: str) -> "PriceCalculation | None":
    """Look a model up, under its whole name or without what says whose it is."""
    from genai_prices import Usage, calc_price

    for name in dict.fromkeys((model, model.rpartition("/")[2])):
        with suppress(LookupError):
            return calc_price(Usage(), name, provider_api_url=base_url)
        if protocol in _MAKERS:
            with suppress(LookupError):
                return calc_price(Usage(), name, provider_id=_MAKERS[protocol])
    return None


def _total(listed: "PriceCalculation", tokens: Tokens) -> float:
    from genai_prices import Usage

    usage = Usage(
        input_tokens=tokens.context,  # the library's includes the cached ones
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
        output_tokens=tokens.output,
    )
    return float(listed.model.calc_price(usage, listed.provider).total_price)
