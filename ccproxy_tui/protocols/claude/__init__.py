"""Anthropic's Messages API; this package is a `ProtocolModule`."""

from collections.abc import Mapping

from ccproxy_tui.protocols.base import Framing, Operation, Route
from ccproxy_tui.protocols.claude.decode import decoder, read_reply
from ccproxy_tui.protocols.claude.encode import encoder, write_reply
from ccproxy_tui.protocols.claude.errors import write_failure
from ccproxy_tui.protocols.claude.models import describe, write_token_count
from ccproxy_tui.protocols.claude.request import (
    check_request,
    claims,
    read_asked,
    read_request,
)
from ccproxy_tui.protocols.claude.rules import apply_rules
from ccproxy_tui.protocols.claude.tap import tap, tap_reply
from ccproxy_tui.protocols.claude.upstream import (
    credentials,
    read_models,
    read_token_count,
    retarget,
    url,
    write_request,
)
from ccproxy_tui.protocols.failures import read_failure

name: str = "claude"
framing: Framing = "sse"
headers: Mapping[str, str] = {"anthropic-version": "2023-06-01"}
routes: tuple[Route, ...] = (
    Route("POST", "/v1/messages", Operation.GENERATE),
    Route("POST", "/v1/messages/count_tokens", Operation.COUNT_TOKENS),
    Route("GET", "/v1/models", Operation.LIST_MODELS),
    Route("GET", "/v1/models/{model}", Operation.DESCRIBE_MODEL),
    Route("GET", "/", Operation.SAY_HELLO),
    Route("GET", "/api/hello", Operation.SAY_HELLO),
)

__all__ = [
    "apply_rules",
    "check_request",
    "claims",
    "credentials",
    "decoder",
    "describe",
    "encoder",
    "framing",
    "headers",
    "name",
    "read_asked",
    "read_failure",
    "read_models",
    "read_reply",
    "read_request",
    "read_token_count",
    "retarget",
    "routes",
    "tap",
    "tap_reply",
    "url",
    "write_failure",
    "write_reply",
    "write_request",
    "write_token_count",
]
