"""Ollama's own API; this package is a `ProtocolModule`, `embeddings` an `EmbeddingModule`."""

from collections.abc import Mapping

from ccproxy_tui.protocols.base import Framing, Operation, Route
from ccproxy_tui.protocols.failures import read_failure
from ccproxy_tui.protocols.ollama.client import check_request, claims, read_asked
from ccproxy_tui.protocols.ollama.conversation import read_request
from ccproxy_tui.protocols.ollama.decode import decoder, read_reply
from ccproxy_tui.protocols.ollama.encode import encoder, write_reply
from ccproxy_tui.protocols.ollama.errors import write_failure
from ccproxy_tui.protocols.ollama.models import describe
from ccproxy_tui.protocols.ollama.request import write_request
from ccproxy_tui.protocols.ollama.rules import apply_rules
from ccproxy_tui.protocols.ollama.tap import tap, tap_reply
from ccproxy_tui.protocols.ollama.upstream import (
    credentials,
    read_models,
    read_token_count,
    retarget,
    url,
    write_token_count,
)

name: str = "ollama"
framing: Framing = "ndjson"
headers: Mapping[str, str] = {}
routes: tuple[Route, ...] = (
    Route("POST", "/api/chat", Operation.GENERATE),
    Route("POST", "/api/generate", Operation.COMPLETE),
    Route("POST", "/api/embed", Operation.EMBED),
    Route("POST", "/api/embeddings", Operation.EMBED),
    Route("GET", "/api/tags", Operation.LIST_MODELS),
    Route("POST", "/api/show", Operation.DESCRIBE_MODEL),
    Route("GET", "/api/ps", Operation.LIST_RUNNING),
    Route("GET", "/api/version", Operation.TELL_VERSION),
    Route("HEAD", "/api/version", Operation.TELL_VERSION),
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
