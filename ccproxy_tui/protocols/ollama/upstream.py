"""Addresses, credentials and model lists of an Ollama server."""

from typing import Any, Final

from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.hub import JsonObject

_PATHS: Final = {
    Operation.GENERATE: "/api/chat",
    Operation.COMPLETE: "/api/generate",
    Operation.EMBED: "/api/embed",
    Operation.LIST_MODELS: "/api/tags",
}


def url(base_url: str, model: str, operation: Operation, *, stream: bool) -> str | None:
    """Give the address of an operation, None where the protocol has none.

    People write the base with the segment of this API, or of its OpenAI-like one, at its end.
    """
    path = _PATHS.get(operation)
    base = base_url.strip().rstrip("/")
    base = base.removesuffix("/v1").removesuffix("/api").rstrip("/")
    return None if path is None else base + path


def credentials(api_key: str) -> dict[str, str]:
    """Give the header that shows an API key, as Ollama's cloud and guarded servers take it."""
    return {"authorization": f"Bearer {api_key}"} if api_key else {}


def retarget(body: JsonObject, model: str) -> None:
    """Put the target's model into a request."""
    body["model"] = model


def read_models(body: JsonObject) -> list[str]:
    """Read the ids of a model list."""
    entries: Any = body.get("models") if isinstance(body, dict) else None
    ids = []
    for entry in entries if isinstance(entries, list) else []:
        named = entry.get("model") or entry.get("name") if isinstance(entry, dict) else None
        if isinstance(named, str) and named:
            ids.append(named)
    return ids


def write_token_count(count: int) -> JsonObject:
    """Write the reply to a count, under the name that the protocol has for such a number."""
    return {"prompt_eval_count": count}


def read_token_count(body: JsonObject) -> int | None:
    """Read the reply to a count, which this protocol does not have."""
    return None
