"""OpenAI's chat completions; this package is a `ProtocolModule`."""

from collections.abc import Mapping

from ccproxy_tui.protocols.base import Framing, Operation, Route
from ccproxy_tui.protocols.failures import read_failure
from ccproxy_tui.protocols.openai.client import (
    check_request,
    claims,
    read_asked,
    read_request,
)
from ccproxy_tui.protocols.openai.decode import decoder, read_reply
from ccproxy_tui.protocols.openai.encode import encoder, write_reply
from ccproxy_tui.protocols.openai.errors import write_failure
from ccproxy_tui.protocols.openai.models import describe, write_token_count
from ccproxy_tui.protocols.openai.request import write_request
from ccproxy_tui.protocols.openai.rules import apply_rules
from ccproxy_tui.protocols.openai.tap import tap, tap_reply
from ccproxy_tui.protocols.openai.upstream import (
    credentials,
    read_models,
    read_token_count,
    retarget,
    url,
)

name: str = "openai"
framing: Framing = "sse"
headers: Mapping[str, str] = {}
routes: tuple[Route, ...] = (
    Route("POST", "/v1/chat/completions", Operation.GENERATE),
    Route("POST", "/v1/embeddings", Operation.EMBED),
    Route("GET", "/v1/models", Operation.LIST_MODELS),
    Route("GET", "/v1/models/{model}", Operation.DESCRIBE_MODEL),
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
