"""The proxy's models, described as the Gemini API does."""

from collections.abc import Sequence
from typing import Final

from ccproxy_tui.protocols.base import Address, ModelCard, Operation
from ccproxy_tui.protocols.hub import JsonObject

_METHODS: Final = ["generateContent", "countTokens", "embedContent", "batchEmbedContents"]


def describe(address: Address, models: Sequence[ModelCard]) -> JsonObject:
    """List the models that a client may ask for, or describe the one that it asked for."""
    if address.route.operation is Operation.DESCRIBE_MODEL:
        return _describe(models[0])
    return {"models": [_describe(card) for card in models]}


def write_token_count(count: int) -> JsonObject:
    """Write the reply to a count."""
    return {"totalTokens": count}


def _describe(card: ModelCard) -> JsonObject:
    model: JsonObject = {
        "name": f"models/{card.id}",
        "version": "001",
        "displayName": card.id,
        "description": f"by {card.owner}",
        "supportedGenerationMethods": _METHODS,
        "thinking": card.thinking,
    }
    if card.context_window is not None:
        model["inputTokenLimit"] = card.context_window
    if card.max_output_tokens is not None:
        model["outputTokenLimit"] = card.max_output_tokens
    return model
