"""Errors as the chat completions API says them."""

from typing import Final

import orjson

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import (
    CONTEXT_OVERFLOW,
    OUTPUT_LIMIT,
    parse_output_limit,
    parse_overflow,
)
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.sse import frame

_TYPES: Final = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_OVERLOADED: Final = 529


def write_failure(failure: Failure) -> tuple[int, JsonObject]:
    """Give status and body of an error reply."""
    if failure.kind == CONTEXT_OVERFLOW:
        return envelope(400, overflow_words(failure.message), "context_length_exceeded")
    if failure.kind == OUTPUT_LIMIT:
        return envelope(400, _output_words(failure.message), "invalid_value")
    return envelope(failure.status, failure.message, failure.kind or str(failure.status))


def envelope(
    status: int, message: str, code: str, param: str | None = None
) -> tuple[int, JsonObject]:
    """Give status and body of an error as both of this vendor's APIs have it."""
    status = 503 if status == _OVERLOADED else status
    kind = _TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    return status, {"error": {"message": message, "type": kind, "param": param, "code": code}}


def write_failure_event(failure: Failure) -> bytes:
    """Give the event that ends a broken stream; no `[DONE]` follows it."""
    return frame("", orjson.dumps(write_failure(failure)[1]))


def overflow_words(message: str) -> str:
    """Say that a prompt is too long as this vendor says it, with the numbers if they are known."""
    excess = parse_overflow(message)
    if excess is None or not (excess.used and excess.limit):
        return "Your input exceeds the context window of this model. Please adjust your input and try again."
    return (
        f"This model's maximum context length is {excess.limit} tokens. However, your messages "
        f"resulted in {excess.used} tokens. Please reduce the length of the messages."
    )


def _output_words(message: str) -> str:
    excess = parse_output_limit(message)
    if excess is None or excess.prompt:
        return message
    return (
        f"max_tokens is too large: {excess.used}. This model supports at most {excess.limit} "
        "completion tokens."
    )
