"""Errors and model lists as the chat completions API says them."""

from collections.abc import Iterable
from typing import Final

import orjson

from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW
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
    status, code = failure.status, failure.kind or str(failure.status)
    if failure.kind == CONTEXT_OVERFLOW:
        status, code = 400, "context_length_exceeded"
    elif status == _OVERLOADED:
        status = 503
    kind = _TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    error = {"message": failure.message, "type": kind, "param": None, "code": code}
    return status, {"error": error}


def write_failure_event(failure: Failure) -> bytes:
    """Give the event that ends a broken stream; no `[DONE]` follows it."""
    return frame("", orjson.dumps(write_failure(failure)[1]))


def write_models(models: Iterable[str], *, discovery: bool) -> JsonObject:
    """List the models that a client may ask for."""
    data = [
        {"id": model, "object": "model", "created": 1_735_689_600, "owned_by": "ccproxy"}
        for model in models
    ]
    return {"object": "list", "data": data}
