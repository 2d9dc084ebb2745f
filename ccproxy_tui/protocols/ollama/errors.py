"""Errors as Ollama says them: a status and a text."""

import orjson

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import (
    CONTEXT_OVERFLOW,
    OUTPUT_LIMIT,
    output_limit_message,
    parse_overflow,
)
from ccproxy_tui.protocols.hub import JsonObject


def write_failure(failure: Failure) -> tuple[int, JsonObject]:
    """Give status and body of an error reply."""
    status, message = failure.status, failure.message
    if failure.kind == CONTEXT_OVERFLOW:
        status, message = 400, _overflow(message)
    elif failure.kind == OUTPUT_LIMIT:
        status, message = 400, f"num_predict is too large: {output_limit_message(message)}"
    return status, {"error": message}


def write_failure_line(failure: Failure) -> bytes:
    """Give the line that ends a broken stream."""
    return orjson.dumps(write_failure(failure)[1]) + b"\n"


def _overflow(message: str) -> str:
    """Word an overflow as Ollama's own servers begin it, and with the numbers."""
    excess = parse_overflow(message)
    if excess is None or not excess.used or not excess.limit:
        return "prompt too long; exceeded max context length"
    return (
        f"prompt too long; exceeded max context length of {excess.limit} tokens: "
        f"the prompt has {excess.used} tokens"
    )
