"""Questions about the proxy itself, of which this protocol has none of its own."""

from collections.abc import Sequence

from ccproxy_tui.protocols.base import Address, ModelCard
from ccproxy_tui.protocols.hub import JsonObject


def describe(address: Address, models: Sequence[ModelCard]) -> JsonObject:
    """Answer nothing: the list of models belongs to chat completions."""
    return {}


def write_token_count(count: int) -> JsonObject:
    """Write the reply to a count, as `/responses/input_tokens` has it."""
    return {"object": "response.input_tokens", "input_tokens": count}
