"""Addresses, credentials and model lists of a chat completions upstream."""

from typing import Any, Final

from ccproxy_tui.protocols.addresses import versioned
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.hub import JsonObject

_PATHS: Final = {
    Operation.GENERATE: "/chat/completions",
    Operation.EMBED: "/embeddings",
    Operation.LIST_MODELS: "/models",
}


def url(base_url: str, model: str, operation: Operation, *, stream: bool) -> str | None:
    """Give the address of an operation, None where the protocol has none."""
    path = _PATHS.get(operation)
    return None if path is None else versioned(base_url) + path


def credentials(api_key: str) -> dict[str, str]:
    """Give the header that shows an API key."""
    return {"authorization": f"Bearer {api_key}"} if api_key else {}


def retarget(body: JsonObject, model: str) -> None:
    """Put the target's model into a request."""
    body["model"] = model


def read_models(body: Any) -> list[str]:
    """Read the ids of a model list, which some servers send bare or as `models`."""
    entries = body if isinstance(body, list) else body.get("data") or body.get("models") or []
    ids = []
    for entry in entries:
        named = entry.get("id") or entry.get("name") if isinstance(entry, dict) else entry
        if isinstance(named, str) and named:
            ids.append(named)
    return ids


def read_token_count(body: JsonObject) -> int | None:
    """Read the reply to a count, which this protocol does not have."""
    return None
