"""What Ollama refuses: little, as it ignores the fields that it does not know."""

from collections.abc import Iterator

from ccproxy_tui.demo.reading.turn import fields, objects
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject
from ccproxy_tui.demo.strict.base64_data import is_base64
from ccproxy_tui.demo.strict.words import words

_ROLES = ("system", "user", "assistant", "tool")
_LEVELS = ("high", "medium", "low", "max")
_INTEGERS = words(
    "num_ctx num_predict num_keep num_batch num_gpu num_thread seed top_k repeat_last_n mirostat"
)
_NUMBERS = words(
    "temperature top_p min_p typical_p repeat_penalty presence_penalty frequency_penalty"
)


def faults(request: ReceivedRequest) -> Iterator[str]:
    """Everything that is wrong with the request."""
    body = request.json
    if not request.model:
        yield "model is required"
    if request.operation != "answer":
        return
    if not isinstance(body.get("stream", True), bool | None):
        yield _cannot("stream", "bool")
    think = body.get("think")
    if not isinstance(think, bool | None) and think not in _LEVELS:
        yield f'invalid think value: "{think}" (must be "high", "medium", "low", true, or false)'
    if not isinstance(body.get("system", ""), str | None):
        yield _cannot("system", "string")
    form = body.get("format")
    if not isinstance(form, dict | None) and form not in ("", "json"):
        yield f'invalid format: {form!r}; expected "json" or a valid JSON Schema object'
    yield from _options(fields(body.get("options")))
    if not isinstance(body.get("options"), dict | None):
        yield _cannot("options", "map[string]interface {}")
    yield from _tools(body.get("tools"))
    yield from _images(body.get("images"), "images")
    given = body.get("messages")
    for message in given if isinstance(given, list) else ():
        yield from _message(message)


def thinking_fault(request: ReceivedRequest) -> str:
    """A model that cannot think is refused when it is told to; it can if its name says so."""
    asked = request.json.get("think")
    cannot = asked and request.dialect == "ollama" and "think" not in request.model
    return f'"{request.model}" does not support thinking' if cannot else ""


def _cannot(where: str, kind: str) -> str:
    return f"json: cannot unmarshal into Go struct field ChatRequest.{where} of type {kind}"


def _options(options: JsonObject) -> Iterator[str]:
    for name, value in options.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name in _INTEGERS and (not is_number or value != int(value)):
            yield f'option "{name}" must be of type integer'
        if name in _NUMBERS and not is_number:
            yield f'option "{name}" must be of type float32'
        if name == "stop" and not isinstance(value, list):
            yield 'option "stop" must be of type array'


def _tools(tools: object) -> Iterator[str]:
    if not isinstance(tools, list | None):
        yield _cannot("tools", "api.Tools")
    for tool in objects(tools):
        function = tool.get("function")
        if not isinstance(function, dict):
            yield _cannot("tools.function", "api.ToolFunction")
            return
        if not isinstance(function.get("name"), str) or not function["name"]:
            yield _cannot("tools.function.name", "string")
        parameters = function.get("parameters")
        if not isinstance(parameters, dict | None):
            yield _cannot("tools.function.parameters", "api.ToolFunctionParameters")
        if not isinstance(fields(parameters).get("type", ""), str):
            yield _cannot("tools.function.parameters.type", "string")
        for name, one in fields(fields(parameters).get("properties")).items():
            if not isinstance(one, dict):
                yield _cannot(f"tools.function.parameters.properties.{name}", "api.ToolProperty")
            elif not isinstance(one.get("type", ""), str | list):
                yield _cannot(f"tools.function.parameters.properties.{name}.type", "PropertyType")


def _message(message: object) -> Iterator[str]:
    if not isinstance(message, dict):
        yield _cannot("messages", "api.Message")
        return
    if message.get("role") not in _ROLES:
        yield f"invalid role: {message.get('role')!r}, role must be one of {list(_ROLES)}"
    for name in ("content", "thinking", "tool_name", "tool_call_id"):
        if not isinstance(message.get(name, ""), str | None):
            yield _cannot(f"messages.{name}", "string")
    yield from _images(message.get("images"), "messages.images")
    for call in message.get("tool_calls") or ():
        function = call.get("function")
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            yield _cannot("messages.tool_calls.function", "api.ToolCallFunction")
        elif not isinstance(function.get("arguments"), dict):
            kind = "api.ToolCallFunctionArguments"
            yield _cannot("messages.tool_calls.function.arguments", kind)


def _images(images: object, where: str) -> Iterator[str]:
    if not isinstance(images, list | None):
        yield _cannot(where, "[]api.ImageData")
    for image in images if isinstance(images, list) else ():
        if not is_base64(image):
            yield f"illegal base64 data at input byte 4 ({where})"
