"""OpenAI's Responses API; this package is a `ProtocolModule`."""

from collections.abc import Mapping

from ccproxy_tui.protocols.base import Framing, Operation, Route
from ccproxy_tui.protocols.failures import read_failure
from ccproxy_tui.protocols.openai.upstream import credentials, read_models
from ccproxy_tui.protocols.responses.client import (
    check_request,
    claims,
    read_asked,
    read_request,
)
from ccproxy_tui.protocols.responses.decode import decoder, read_reply
from ccproxy_tui.protocols.responses.encode import encoder, write_reply
from ccproxy_tui.protocols.responses.errors import write_failure
from ccproxy_tui.protocols.responses.models import describe, write_token_count
from ccproxy_tui.protocols.responses.request import write_request
from ccproxy_tui.protocols.responses.rules import apply_rules
from ccproxy_tui.protocols.responses.tap import tap, tap_reply
from ccproxy_tui.protocols.responses.upstream import read_token_count, retarget, url

name: str = "responses"
framing: Framing = "sse"
headers: Mapping[str, str] = {}
routes: tuple[Route, ...] = (
    Route("POST", "/v1/responses", Operation.GENERATE),
    Route("GET", "/v1/responses", Operation.OPEN_SOCKET),
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
