"""Addresses, credentials and model lists of a Responses upstream."""

from typing import Final

from ccproxy_tui.protocols.addresses import versioned
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.responses.reasoning import restore
from ccproxy_tui.protocols.usage import read_count

_PATHS: Final = {
    Operation.GENERATE: "/responses",
    Operation.EMBED: "/embeddings",
    Operation.LIST_MODELS: "/models",
}


def url(base_url: str, model: str, operation: Operation, *, stream: bool) -> str | None:
    """Give the address of an operation, None where the protocol has none."""
    path = _PATHS.get(operation)
    return None if path is None else versioned(base_url) + path


def retarget(body: JsonObject, model: str) -> None:
    """Put the target's model into a request, and make reasoning again what its vendor said.

    Other vendors' reasoning goes, as an item that this one never made would be refused.
    """
    body["model"] = model
    items = body.get("input")
    if not isinstance(items, list):
        return
    restored = [restore(item) if item.get("type") == "reasoning" else item for item in items]
    if any(new is not old for new, old in zip(restored, items, strict=True)):
        body["input"] = [item for item in restored if item is not None]


def read_token_count(body: JsonObject) -> int | None:
    """Read the reply to a count."""
    return read_count(body.get("input_tokens"))
