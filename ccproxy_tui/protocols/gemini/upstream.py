"""Addresses, credentials and model lists of a Gemini upstream."""

from typing import Any, Final
from urllib.parse import quote, urlsplit

from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.gemini.fields import find, listed, put, spelling, wrapped
from ccproxy_tui.protocols.gemini.signed import DUMMY, is_foreign
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.usage import read_count

_METHODS: Final = {
    Operation.GENERATE: "generateContent",
    Operation.COUNT_TOKENS: "countTokens",
    Operation.EMBED: "batchEmbedContents",
}
_COLLECTIONS: Final = ("models/", "tunedModels/")


def url(base_url: str, model: str, operation: Operation, *, stream: bool) -> str | None:
    """Give the address of an operation, None where the protocol has none.

    A mere host gets the usual `/v1beta`. A model list has 50 entries unless asked for more.
    """
    base = base_url.strip().rstrip("/")
    base = base if urlsplit(base).path else f"{base}/v1beta"
    if operation is Operation.LIST_MODELS:
        return f"{base}/models?pageSize=1000"
    method = _METHODS.get(operation)
    if method is None:
        return None
    if operation is Operation.GENERATE and stream:
        method = "streamGenerateContent?alt=sse"
    return f"{base}/{quote(resource(model))}:{method}"


def resource(model: str) -> str:
    """Give a model's name with its collection."""
    return model if model.startswith(_COLLECTIONS) else f"models/{model}"


def credentials(api_key: str) -> dict[str, str]:
    """Give the header that shows an API key; in the URL it would end up in logs."""
    return {"x-goog-api-key": api_key} if api_key else {}


def retarget(body: JsonObject, model: str) -> None:
    """Put the target's model where a body names one, and take foreign signatures out."""
    if "model" in body:
        body["model"] = resource(model)
    if (inner := wrapped(body)) is not None:
        inner = {**inner, "model": resource(model)}
        _drop_foreign(inner)
        put(body, "generateContentRequest", inner)
    requests = body.get("requests")
    if isinstance(requests, list):
        body["requests"] = [
            {**one, "model": resource(model)} if isinstance(one, dict) else one for one in requests
        ]
    _drop_foreign(body)


def read_models(body: Any) -> list[str]:
    """Read the ids of a model list."""
    entries = body if isinstance(body, list) else listed(body.get("models") or body.get("data"))
    ids = []
    for entry in entries:
        named = entry.get("name") or entry.get("id") if isinstance(entry, dict) else entry
        if isinstance(named, str) and named:
            ids.append(named.removeprefix("models/"))
    return ids


def read_token_count(body: JsonObject) -> int | None:
    """Read the reply to a count; None when it holds none."""
    return read_count(find(body, "totalTokens"))


def _drop_foreign(body: JsonObject) -> None:
    """Take out thoughts and signatures of other vendors' models, in copies of what holds them."""
    contents = listed(body.get("contents"))
    if not any(_is_foreign(part) for content in contents for part in listed(content.get("parts"))):
        return
    kept = []
    for content in contents:
        parts = [own for part in listed(content.get("parts")) if (own := _own(part))]
        if parts:
            kept.append({**content, "parts": parts})
    body["contents"] = kept


def _is_foreign(part: JsonObject) -> bool:
    return is_foreign(find(part, "thoughtSignature"))


def _own(part: JsonObject) -> JsonObject | None:
    if not _is_foreign(part):
        return part
    if part.get("thought") is True or part.get("text") == "":
        return None
    key = spelling(part, "thoughtSignature")
    if find(part, "functionCall"):
        return {**part, key: DUMMY}
    return {name: value for name, value in part.items() if name != key}
