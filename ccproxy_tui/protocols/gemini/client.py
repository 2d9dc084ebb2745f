"""A Gemini client's request: where it comes in, what both lanes need of it, what it asks for."""

from dataclasses import dataclass
from typing import Any, Final

from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation, Route
from ccproxy_tui.protocols.checking import need
from ccproxy_tui.protocols.gemini.fields import find, listed, wrapped
from ccproxy_tui.protocols.hub import JsonObject

_SESSION_HEADER: Final = "x-session-id"
_ROOTS: Final = ("/v1beta/models", "/v1/models", "/models")
_METHODS: Final = {
    "generateContent": Operation.GENERATE,
    "streamGenerateContent": Operation.GENERATE,
    "countTokens": Operation.COUNT_TOKENS,
    "embedContent": Operation.EMBED,
    "batchEmbedContents": Operation.EMBED,
}
_SDK: Final = "google-genai"
_OWN_ROOT: Final = "/v1beta/"


def _routes(root: str) -> tuple[Route, ...]:
    posts = (Route("POST", f"{root}/{{model}}:{name}", what) for name, what in _METHODS.items())
    describe = Route("GET", f"{root}/{{model}}", Operation.DESCRIBE_MODEL)
    return (*posts, Route("GET", root, Operation.LIST_MODELS), describe)


routes: tuple[Route, ...] = tuple(route for root in _ROOTS for route in _routes(root))


@dataclass(frozen=True, slots=True)
class Form:
    """How the client wants its reply."""

    json_array: bool = False
    """Whether a stream is one JSON array, as it is without `alt=sse`."""
    thoughts: bool = False
    """Whether it asked to see the model's thoughts (`includeThoughts`)."""
    batch: bool = False
    """Whether it asked for several embeddings."""


def claims(address: Address) -> bool:
    """Whether a request is of a Gemini client, on a path that other protocols have as well."""
    path, headers = address.route.path, address.headers
    if ":" in path or path.startswith(_OWN_ROOT):
        return True
    if "x-goog-api-key" in headers or "key" in address.query:
        return True
    named = f"{headers.get('user-agent', '')} {headers.get('x-goog-api-client', '')}"
    return _SDK in named


def check_request(body: Any, operation: Operation = Operation.GENERATE) -> JsonObject:
    """Check what both lanes need; unknown fields are fine.

    Model and streaming stand in the path. Raises `BadRequestError`.
    """
    if operation in (Operation.LIST_MODELS, Operation.DESCRIBE_MODEL):
        return body if isinstance(body, dict) else {}
    if not isinstance(body, dict):
        raise BadRequestError("body", "must be a JSON object")
    if operation is Operation.EMBED:
        _check_embedding(body)
        return body
    inner = wrapped(body) if operation is Operation.COUNT_TOKENS else None
    if inner is None:
        _check_generation(body, "")
    else:
        _check_generation(inner, "generateContentRequest.")
    return body


def read_asked(body: JsonObject, address: Address) -> Asked:
    """Read what the client wants, most of it from the path."""
    path = address.route.path
    stream = path.endswith(":streamGenerateContent")
    config = find(body, "generationConfig")
    thinking = find(config, "thinkingConfig") if isinstance(config, dict) else None
    thoughts = isinstance(thinking, dict) and find(thinking, "includeThoughts") is True
    return Asked(
        operation=address.route.operation,
        model=address.parameters.get("model", "").removeprefix("models/"),
        stream=stream,
        session=address.headers.get(_SESSION_HEADER) or "",
        opening=next(iter(listed(find(body, "contents"))), None),
        form=Form(
            json_array=stream and address.query.get("alt") != "sse",
            thoughts=thoughts,
            batch=path.endswith(":batchEmbedContents"),
        ),
    )


def form_of(asked: Asked) -> Form:
    """Give the form that `read_asked` remembered."""
    return asked.form if isinstance(asked.form, Form) else Form()


def _check_generation(body: JsonObject, at: str) -> None:
    contents = find(body, "contents")
    need(isinstance(contents, list | dict) and contents, f"{at}contents", "a non-empty list")
    for index, content in enumerate(listed(contents)):
        _check_content(content, f"{at}contents[{index}]")
    system = find(body, "systemInstruction")
    fits = system is None or isinstance(system, str | dict | list)
    need(fits, f"{at}systemInstruction", "a content object")
    if isinstance(system, dict):
        _check_content(system, f"{at}systemInstruction")
    for index, part in enumerate(system if isinstance(system, list) else []):
        need(isinstance(part, str | dict), f"{at}systemInstruction[{index}]", "an object")
    config = find(body, "generationConfig")
    need(isinstance(config or {}, dict), f"{at}generationConfig", "an object")
    _check_tools(body, at)


def _check_content(content: Any, field: str) -> None:
    need(isinstance(content, dict), field, "an object")
    need(isinstance(content.get("role") or "", str), f"{field}.role", "a string")
    parts = content.get("parts")
    need(isinstance(parts or [], list | dict), f"{field}.parts", "a list")
    for index, part in enumerate(listed(parts)):
        need(isinstance(part, dict), f"{field}.parts[{index}]", "an object")


def _check_tools(body: JsonObject, at: str) -> None:
    tools = find(body, "tools")
    need(isinstance(tools or [], list | dict), f"{at}tools", "a list of objects")
    for index, tool in enumerate(listed(tools)):
        field = f"{at}tools[{index}]"
        need(isinstance(tool, dict), field, "an object")
        declarations = find(tool, "functionDeclarations")
        field += ".functionDeclarations"
        need(isinstance(declarations or [], list | dict), field, "a list of objects")
        for place, one in enumerate(listed(declarations)):
            need(isinstance(one, dict), f"{field}[{place}]", "an object")
            need(isinstance(one.get("name"), str), f"{field}[{place}].name", "a string")
    config = find(body, "toolConfig")
    need(isinstance(config or {}, dict), f"{at}toolConfig", "an object")
    calling = find(config or {}, "functionCallingConfig")
    field = f"{at}toolConfig.functionCallingConfig"
    need(isinstance(calling or {}, dict), field, "an object")
    names = find(calling or {}, "allowedFunctionNames")
    fits = isinstance(names or [], list) and all(isinstance(name, str) for name in names or [])
    need(fits, f"{field}.allowedFunctionNames", "a list of strings")


def _check_embedding(body: JsonObject) -> None:
    requests = body.get("requests")
    if requests is None:
        _check_content(body.get("content"), "content")
        return
    need(isinstance(requests, list) and requests, "requests", "a non-empty list")
    for index, request in enumerate(requests):
        need(isinstance(request, dict), f"requests[{index}]", "an object")
        _check_content(request.get("content"), f"requests[{index}].content")
