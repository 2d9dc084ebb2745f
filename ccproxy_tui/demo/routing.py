"""Which dialect a request speaks, and what it wants; the paths of the real vendors."""

import re
from collections.abc import Mapping

from ccproxy_tui.demo.received import Dialect, Operation
from ccproxy_tui.demo.reply import JsonObject

_MODELS = "/v1/models"
"""The one path that belongs to three dialects; headers tell them apart."""
_GEMINI = r"/v1(?:beta)?/models/.+"

_ROUTES: tuple[tuple[str, str, Dialect, Operation], ...] = (
    ("POST", r"/v1/messages", "claude", "answer"),
    ("POST", r"/v1/messages/count_tokens", "claude", "count"),
    ("POST", r"/v1/chat/completions", "openai", "answer"),
    ("POST", r"/v1/embeddings", "openai", "embed"),
    ("POST", r"/v1/responses", "responses", "answer"),
    ("POST", _GEMINI + r":(?:generateContent|streamGenerateContent)", "gemini", "answer"),
    ("POST", _GEMINI + r":countTokens", "gemini", "count"),
    ("POST", _GEMINI + r":(?:embedContent|batchEmbedContents)", "gemini", "embed"),
    ("GET", r"/v1beta/models", "gemini", "list"),
    ("GET", _GEMINI, "gemini", "describe"),
    ("POST", r"/api/(?:chat|generate)", "ollama", "answer"),
    ("POST", r"/api/(?:embed|embeddings)", "ollama", "embed"),
    ("GET", r"/api/tags", "ollama", "list"),
    ("POST", r"/api/show", "ollama", "describe"),
    ("GET", r"/api/version", "ollama", "version"),
)


def route(
    method: str, path: str, headers: Mapping[str, str], parameters: Mapping[str, str]
) -> tuple[Dialect, Operation]:
    """Say the dialect and the operation; a path of nobody's still has a likely dialect."""
    for expected, pattern, dialect, operation in _ROUTES:
        if method == expected and re.fullmatch(pattern, path):
            return dialect, operation
    listed = method == "GET" and path == _MODELS
    return _likely(path, headers, parameters), "list" if listed else "unknown"


def _likely(path: str, headers: Mapping[str, str], parameters: Mapping[str, str]) -> Dialect:
    if path.startswith("/api/"):
        return "ollama"
    if path.startswith("/v1beta/") or "x-goog-api-key" in headers or "key" in parameters:
        return "gemini"
    if "anthropic-version" in headers or "x-api-key" in headers:
        return "claude"
    return "openai"


_FIELDS: dict[tuple[Dialect, Operation], tuple[tuple[str, ...], type | tuple[type, ...]]] = {
    ("claude", "answer"): (("messages",), list),
    ("claude", "count"): (("messages",), list),
    ("openai", "answer"): (("messages",), list),
    ("openai", "embed"): (("input",), (str, list)),
    ("responses", "answer"): (("input", "previous_response_id", "prompt"), (str, list, dict)),
    ("gemini", "answer"): (("contents",), (list, dict)),
    ("gemini", "count"): (("contents", "generateContentRequest"), (list, dict)),
    ("gemini", "embed"): (("content", "requests"), (list, dict)),
    ("ollama", "answer"): (("messages", "prompt"), (list, str)),
    ("ollama", "embed"): (("input", "prompt"), (list, str)),
}
"""Of which fields a body needs one, and of what type it is."""


def missing_field(operation: Operation, dialect: Dialect, body: JsonObject) -> str:
    """The field without which nobody answers; empty when nothing is missing."""
    names, kinds = _FIELDS.get((dialect, operation), ((), object))
    found = not names or any(isinstance(body.get(name), kinds) for name in names)
    return "" if found else names[0]
