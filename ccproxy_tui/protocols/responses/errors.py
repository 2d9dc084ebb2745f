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

_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_OVERLOADED: Final = 529
_TOO_LONG: Final = (
    "Your input exceeds the context window of this model. Please adjust your input and try again."
)
"""The vendor's words, to the letter."""
_REJECTED: Final = frozenset({400, 413, 415, 422})


def write_failure(failure: Failure) -> tuple[int, JsonObject]:
    """Give status and body of an error reply."""
    status, code = failure.status, failure.kind or str(failure.status)
    message, param = failure.message, None
    if failure.kind == CONTEXT_OVERFLOW:
        status, code, param = 400, "context_length_exceeded", "input"
        message = _overflow(failure.message)
    elif failure.kind == OUTPUT_LIMIT:
        status, code, param = 400, "integer_above_max_value", "max_output_tokens"
        message = _output_limit(failure.message)
    elif status == _OVERLOADED:
        status = 503
    kind = _TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    return status, {"error": {"message": message, "type": kind, "param": param, "code": code}}


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
