"""What is asked in the Gemini dialect; fields may be in camel or in snake case, as for the vendor."""

import re

import orjson

from ccproxy_tui.demo.reading.turn import Image, ToolResult, Turn, fields, join, objects
from ccproxy_tui.demo.reply import JsonObject

_CAPITAL = re.compile("[A-Z]")
_SNAKE = re.compile("(?<=[a-z])_([a-z])")


def at(value: object, *names: str) -> object:
    """Follow the names, given in camel case, into an object; None where there is nothing."""
    for name in names:
        here = fields(value)
        value = here.get(name, here.get(_CAPITAL.sub(lambda one: f"_{one[0].lower()}", name)))
    return value


def camel(name: str) -> str:
    """A field's name in camel case, whichever it was in."""
    return _SNAKE.sub(lambda found: found[1].upper(), name)


def messages(body: JsonObject) -> list[JsonObject]:
    """The contents."""
    found = at(body, "contents")
    return objects([found] if isinstance(found, dict) else found)


def turns(body: JsonObject) -> list[Turn]:
    """The conversation, instructions first."""
    instruction = objects(at(body, "systemInstruction", "parts"))
    first = Turn("system", join(part.get("text") for part in instruction))
    return [first, *map(_turn, messages(body))]


def tools(body: JsonObject) -> dict[str, JsonObject]:
    """Schema of each declared function by its name, of either kind."""
    return {
        str(one.get("name", "")): fields(at(one, "parametersJsonSchema") or at(one, "parameters"))
        for one in declarations(body)
    }


def declarations(body: JsonObject) -> list[JsonObject]:
    """All function declarations."""
    found: list[JsonObject] = []
    for tool in objects(at(body, "tools")):
        found += objects(at(tool, "functionDeclarations"))
    return found


def answer_schema(body: JsonObject) -> object:
    """JSON schema that the answer has to follow, if any."""
    config = at(body, "generationConfig")
    return at(config, "responseJsonSchema") or at(config, "responseSchema")


def _turn(content: JsonObject) -> Turn:
    turn = Turn("assistant" if content.get("role") == "model" else "user")
    texts: list[object] = []
    for part in objects(content.get("parts")):
        if part.get("thought") is True:
            turn.thoughts.append(str(part.get("text", "")))
        else:
            texts.append(part.get("text"))
        if (signature := at(part, "thoughtSignature")) is not None:
            turn.signatures.append(str(signature))
        if call := fields(at(part, "functionCall")):
            turn.calls.append((str(call.get("name", "")), fields(call.get("args"))))
        if answer := fields(at(part, "functionResponse")):
            turn.results.append(_result(fields(answer.get("response"))))
            turn.images += _images(answer.get("parts"))
        turn.images += _images([part])
    turn.text = join(texts)
    return turn


def _result(response: JsonObject) -> ToolResult:
    """By the vendor's convention the answer is in `output`, a failure in `error`."""
    is_error = "error" in response
    given = response.get("error" if is_error else "output", response.get("result", response))
    return ToolResult(given if isinstance(given, str) else orjson.dumps(given).decode(), is_error)


def _images(parts: object) -> list[Image]:
    found: list[Image] = []
    for part in objects(parts):
        media_type = str(at(part, "inlineData", "mimeType") or "")
        if media_type.startswith("image/"):
            found.append((media_type, str(at(part, "inlineData", "data") or "")))
    return found
