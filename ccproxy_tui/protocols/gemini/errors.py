"""Errors as the Gemini API says them."""

from typing import Final

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import (
    CONTEXT_OVERFLOW,
    OUTPUT_LIMIT,
    parse_output_limit,
    parse_overflow,
)
from ccproxy_tui.protocols.hub import JsonObject

_CODES: Final = {408: 504, 502: 503, 529: 503}
_WORDS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""google.rpc.Code, as it is mapped to HTTP."""


def write_failure(failure: Failure) -> tuple[int, JsonObject]:
    """Give status and body of an error reply."""
    code, message = _code(failure.status), failure.message
    if failure.kind == CONTEXT_OVERFLOW:
        code, message = 400, _overflow(message)
    elif failure.kind == OUTPUT_LIMIT:
        code, message = 400, _output_limit(message)
    return code, {"error": {"code": code, "message": message, "status": _WORDS[code]}}


def _code(status: int) -> int:
    status = _CODES.get(status, status)
    if status in _WORDS:
        return status
    return 500 if status >= 500 else 400


def _overflow(message: str) -> str:
    excess = parse_overflow(message)
    if excess is None or not excess.used or not excess.limit:
        return "The input token count exceeds the maximum number of tokens allowed."
    return (
        f"The input token count ({excess.used}) exceeds the maximum number of tokens allowed"
        f" ({excess.limit})."
    )


def _output_limit(message: str) -> str:
    excess = parse_output_limit(message)
    if excess is None or not excess.limit or excess.prompt:
        return message
    return (
        f"Unable to submit request because it has a maxOutputTokens value of {excess.used} but the"
        f" supported range is from 1 (inclusive) to {excess.limit + 1} (exclusive)."
        " Update the value and try again."
    )
