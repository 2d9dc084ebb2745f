"""Errors as the Responses API says them."""

from typing import Final

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import (
    CONTEXT_OVERFLOW,
    OUTPUT_LIMIT,
    parse_output_limit,
    parse_overflow,
)
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.openai.errors import envelope

_TOO_LONG: Final = (
    "Your input exceeds the context window of this model. Please adjust your input and try again."
)
"""The vendor's words, to the letter."""
_REJECTED: Final = frozenset({400, 413, 415, 422})


def write_failure(failure: Failure) -> tuple[int, JsonObject]:
    """Give status and body of an error reply."""
    if failure.kind == CONTEXT_OVERFLOW:
        return envelope(400, _overflow(failure.message), "context_length_exceeded", "input")
    if failure.kind == OUTPUT_LIMIT:
        said = _output_limit(failure.message)
        return envelope(400, said, "integer_above_max_value", "max_output_tokens")
    return envelope(failure.status, failure.message, failure.kind or str(failure.status))


def stream_error(failure: Failure) -> JsonObject:
    """Give the `error` of a response that failed; agents go by its code."""
    if failure.kind == CONTEXT_OVERFLOW:
        return {"code": "context_length_exceeded", "message": _overflow(failure.message)}
    if failure.kind == "insufficient_quota":
        code = failure.kind
    elif failure.status == 429:
        code = "rate_limit_exceeded"
    else:
        code = "invalid_prompt" if failure.status in _REJECTED else "server_error"
    return {"code": code, "message": failure.message}


def _overflow(message: str) -> str:
    excess = parse_overflow(message)
    if excess is None or not excess.used or not excess.limit:
        return _TOO_LONG
    return f"{_TOO_LONG} ({excess.used} tokens > {excess.limit} maximum)"


def _output_limit(message: str) -> str:
    excess = parse_output_limit(message)
    if excess is None:
        return message
    return (
        "Invalid 'max_output_tokens': integer above maximum value. "
        f"Expected a value <= {excess.limit - excess.prompt}, but got {excess.used} instead."
    )
