"""What is asked in the Ollama dialect, of `/api/chat` or of `/api/generate`."""

from ccproxy_tui.demo.reading import openai
from ccproxy_tui.demo.reading.turn import Image, ToolResult, Turn, fields, objects, text_of
from ccproxy_tui.demo.reply import JsonObject

_IMAGES_BEGIN = {
    "iVBORw0KGgo": "image/png",
    "/9j/": "image/jpeg",
    "R0lGOD": "image/gif",
    "UklGR": "image/webp",
}
"""The first letters of each kind of image in base64; this protocol does not name the kind."""


def messages(body: JsonObject) -> list[JsonObject]:
    """The messages; a bare prompt is one of the user."""
    if isinstance(prompt := body.get("prompt"), str):
        return [{"role": "user", "content": prompt, "images": body.get("images")}]
    return objects(body.get("messages"))


def turns(body: JsonObject) -> list[Turn]:
    """The conversation, instructions first."""
    first = Turn("system", text_of(body.get("system")))
    return [first, *map(_turn, messages(body))]


def tools(body: JsonObject) -> dict[str, JsonObject]:
    """Schema of each offered tool by its name."""
    return openai.tools(body)


def answer_schema(body: JsonObject) -> object:
    """JSON schema that the answer has to follow, if any."""
    return body.get("format")


def _turn(message: JsonObject) -> Turn:
    text = text_of(message.get("content"))
    given = message.get("images")
    images = [_image(one) for one in given] if isinstance(given, list) else []
    match message.get("role"):
        case "system":
            return Turn("system", text)
        case "tool":
            return Turn("user", results=[ToolResult(text)], images=images)
        case "assistant":
            thinking = message.get("thinking")
            functions = [
                fields(call.get("function")) for call in objects(message.get("tool_calls"))
            ]
            return Turn(
                "assistant",
                text,
                thoughts=[thinking] if isinstance(thinking, str) and thinking else [],
                calls=[
                    (str(one.get("name", "")), fields(one.get("arguments"))) for one in functions
                ],
            )
        case _:
            return Turn("user", text, images=images)


def _image(data: object) -> Image:
    text = str(data)
    kinds = (kind for start, kind in _IMAGES_BEGIN.items() if text.startswith(start))
    return next(kinds, ""), text
