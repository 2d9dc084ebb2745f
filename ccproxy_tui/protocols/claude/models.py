"""What a Messages client is told of the models, and of the tokens that were counted."""

from collections.abc import Sequence
from typing import Final

from ccproxy_tui.protocols.base import Address, ModelCard, Operation
from ccproxy_tui.protocols.hub import JsonObject

_SINCE: Final = "2025-01-01T00:00:00Z"
_LOOKS_LIKE_CLAUDE: Final = ("claude", "anthropic")


def describe(address: Address, models: Sequence[ModelCard]) -> JsonObject:
    """List models, or describe one.

    Claude Code's discovery shows only ids that look like Claude's, so it gets such ones.
    """
    if address.route.operation is Operation.DESCRIBE_MODEL:
        return _describe(models[0], discovery=False)
    discovery = address.headers.get("User-Agent", "").startswith("claude-code")
    data = [_describe(model, discovery=discovery) for model in models]
    ids = [entry["id"] for entry in data]
    return {
        "data": data,
        "has_more": False,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def write_token_count(count: int) -> JsonObject:
    """Write the reply to a count."""
    return {"input_tokens": count}


def _describe(model: ModelCard, *, discovery: bool) -> JsonObject:
    return {
        "type": "model",
        "id": _discoverable(model.id) if discovery else model.id,
        "display_name": model.id,
        "created_at": _SINCE,
    }


def _discoverable(model: str) -> str:
    return model if model.startswith(_LOOKS_LIKE_CLAUDE) else f"claude-{model}"
