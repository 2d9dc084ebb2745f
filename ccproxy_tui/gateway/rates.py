"""What the user says that a model costs, in the terms of the record."""

from ccproxy_tui.config.models import Provider
from ccproxy_tui.config.prices import find_price
from ccproxy_tui.traffic.prices import Rates


def stated_rates(provider: Provider, model: str) -> Rates | None:
    """Return a model's rates as the provider's prices have them; None leaves it to the lists."""
    price = find_price(provider.prices, model)
    return None if price is None else Rates(*price.rates)
