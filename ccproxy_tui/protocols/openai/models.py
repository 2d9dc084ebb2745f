"""What a chat completions client is told of the models."""

from collections.abc import Sequence
from typing import Final

from ccproxy_tui.protocols.base import Address, ModelCard, Operation
from ccproxy_tui.protocols.hub import JsonObject

_SINCE: Final = 1_735_689_600


def describe(address: Address, models: Sequence[ModelCard]) -> JsonObject:
    """List models, or describe one."""
    if address.route.operation is Operation.DESCRIBE_MODEL:
        return _describe(models[0])
    return {"object": "list", "data": [_describe(model) for model in models]}


def write_token_count(count: int) -> JsonObject:
    """Write the reply to a count, for which this protocol has no route."""
    return {"input_tokens": count}


def _describe(model: ModelCard) -> JsonObject:
    return {"id": model.id, "object": "model", "created": _SINCE, "owned_by": model.owner}
