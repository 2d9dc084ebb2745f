"""OpenAI's chat completions; this package is a `ProtocolModule`."""

from collections.abc import Mapping

from ccproxy_tui.protocols.base import Route
from ccproxy_tui.protocols.failures import read_failure
from ccproxy_tui.protocols.openai.client import (
    check_request,
    read_request,
    requested_model,
    session,
    wants_stream,
)
from ccproxy_tui.protocols.openai.decode import decoder, read_reply
from ccproxy_tui.protocols.openai.encode import encoder, write_reply
from ccproxy_tui.protocols.openai.errors import write_failure, write_failure_event, write_models
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
headers: Mapping[str, str] = {}
routes: tuple[Route, ...] = ()

__all__ = [
    "apply_rules",
    "check_request",
    "credentials",
    "decoder",
    "encoder",
    "headers",
    "name",
    "read_failure",
    "read_models",
    "read_reply",
    "read_request",
    "read_token_count",
    "requested_model",
    "retarget",
    "routes",
    "session",
    "tap",
    "tap_reply",
    "url",
    "wants_stream",
    "write_failure",
    "write_failure_event",
    "write_models",
    "write_reply",
    "write_request",
]
