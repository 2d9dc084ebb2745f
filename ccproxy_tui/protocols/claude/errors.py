"""Errors as the Messages API says them."""

from typing import Final

import orjson

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import (
    CANCELLED,
    CONTEXT_OVERFLOW,
    OUTPUT_LIMIT,
    output_limit_message,
    overflow_message,
)
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.sse import frame

_TYPES: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    499: "invalid_request_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_CLOSED: Final = 499
"""Claude Code gives up at it. After a 400 that it does not know it tries five more times, each with
less of its features."""
_STATUSES: Final = {408: 504, 503: 529}


def write_failure(failure: Failure) -> tuple[int, JsonObject]:
    """Give status and body of an error reply, with the words by which agents repair themselves."""
    status, message = failure.status, failure.message
    if failure.kind == CONTEXT_OVERFLOW:
        status, message = 400, overflow_message(message)
    elif failure.kind == OUTPUT_LIMIT:
        status, message = 400, output_limit_message(message)
    elif failure.kind == CANCELLED:
        status = _CLOSED
    status = _STATUSES.get(status, status)
    if status not in _TYPES:
        status = 500 if status >= 500 else 400
    body: JsonObject = {"type": "error", "error": {"type": _TYPES[status], "message": message}}
    if failure.request_id:
        body["request_id"] = failure.request_id
    return status, body


def write_failure_event(failure: Failure) -> bytes:
    """Give the event that ends a broken stream."""
    return frame("error", orjson.dumps(write_failure(failure)[1]))
