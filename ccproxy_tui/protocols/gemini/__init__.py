"""The Gemini API; this package is a `ProtocolModule`."""

from collections.abc import Mapping

from ccproxy_tui.protocols.base import Framing
from ccproxy_tui.protocols.failures import read_failure
from ccproxy_tui.protocols.gemini.client import check_request, claims, read_asked, routes
from ccproxy_tui.protocols.gemini.decode import decoder, read_reply
from ccproxy_tui.protocols.gemini.encode import encoder, write_reply
from ccproxy_tui.protocols.gemini.errors import write_failure
from ccproxy_tui.protocols.gemini.fields import NAME
from ccproxy_tui.protocols.gemini.generation import read_request
from ccproxy_tui.protocols.gemini.models import describe, write_token_count
from ccproxy_tui.protocols.gemini.request import write_request
from ccproxy_tui.protocols.gemini.rules import apply_rules
from ccproxy_tui.protocols.gemini.tap import tap, tap_reply
from ccproxy_tui.protocols.gemini.upstream import (
    credentials,
    read_models,
    read_token_count,
    retarget,
    url,
)

name: str = NAME
framing: Framing = "sse"
headers: Mapping[str, str] = {}

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
