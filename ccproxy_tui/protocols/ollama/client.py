"""What a client asks of Ollama's API: checked, and read before the body is let go."""

from typing import Any, Final

from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation
from ccproxy_tui.protocols.checking import need
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.opening import first_of_user

LEGACY_EMBED_PATH: Final = "/api/embeddings"
"""The older route for one text, whose reply has another shape."""
_SESSION_HEADER: Final = "x-session-id"
_STREAMED: Final = (Operation.GENERATE, Operation.COMPLETE)


def claims(address: Address) -> bool:
    """Whether a request is this protocol's; no other has its paths."""
    return "/api/" in address.route.path


def check_request(body: Any, operation: Operation = Operation.GENERATE) -> JsonObject:
    """Check what both lanes need; unknown fields are fine.

    A chat without messages and a blank prompt are Ollama's way to load a model, and pass.
    """
    if not isinstance(body, dict):
        raise BadRequestError("body", "must be a JSON object")
    if operation is Operation.DESCRIBE_MODEL:
        need(_model(body), "model", "a non-empty string")
    elif operation is Operation.EMBED:
        _check_model(body)
        _check_input(body)
    elif operation in _STREAMED:
        _check_model(body)
        need(isinstance(body.get("stream") or False, bool), "stream", "true or false")
        need(isinstance(body.get("options") or {}, dict), "options", "an object")
        _check_objects(body, "tools")
        _check_messages(body)
        for name in ("prompt", "system"):
            need(isinstance(body.get(name) or "", str), name, "a string")
    return body


def read_asked(body: JsonObject, address: Address) -> Asked:
    """Read from a checked request what the client wants."""
    operation = address.route.operation
    return Asked(
        operation,
        _model(body),
        stream=operation in _STREAMED and body.get("stream") is not False,
        session=str(address.headers.get(_SESSION_HEADER) or ""),
        opening=first_of_user(body.get("messages")) or body.get("prompt"),
        idle=operation in _STREAMED and not (body.get("messages") or body.get("prompt")),
        form={"legacy": address.route.path == LEGACY_EMBED_PATH},
    )


def _model(body: JsonObject) -> str:
    """Give the model, which older clients call `name` when they ask about one."""
    named = body.get("model") or body.get("name")
    return named if isinstance(named, str) else ""


def _check_model(body: JsonObject) -> None:
    need(isinstance(body.get("model"), str) and body["model"], "model", "a non-empty string")


def _check_objects(body: JsonObject, name: str) -> None:
    items = body.get(name) or []
    need(isinstance(items, list), name, "a list of objects")
    for index, item in enumerate(items):
        need(isinstance(item, dict), f"{name}[{index}]", "an object")


def _check_messages(body: JsonObject) -> None:
    _check_objects(body, "messages")
    for index, message in enumerate(body.get("messages") or []):
        field = f"messages[{index}]"
        need(isinstance(message.get("role"), str), f"{field}.role", "a string")
        need(isinstance(message.get("content") or "", str), f"{field}.content", "a string")


def _check_input(body: JsonObject) -> None:
    if body.get("input") is None:
        need(isinstance(body.get("prompt"), str), "input", "a string or a list of strings")
        return
    texts = body["input"]
    fits = isinstance(texts, str) or (
        isinstance(texts, list) and all(isinstance(text, str) for text in texts)
    )
    need(fits, "input", "a string or a list of strings")
