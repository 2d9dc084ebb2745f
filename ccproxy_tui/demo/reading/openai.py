"""What is asked in the OpenAI chat completions dialect."""

from ccproxy_tui.demo.reading.turn import (
    ToolResult,
    Turn,
    arguments_of,
    fields,
    image_of,
    objects,
    text_of,
)
from ccproxy_tui.demo.reply import JsonObject


def messages(body: JsonObject) -> list[JsonObject]:
    """The conversation in the protocol's own shape."""
    return objects(body.get("messages"))


def turns(body: JsonObject) -> list[Turn]:
    """The conversation."""
    return [_turn(message) for message in messages(body)]


def tools(body: JsonObject) -> dict[str, JsonObject]:
    """Schema of each offered tool by its name."""
    functions = [fields(tool.get("function")) for tool in objects(body.get("tools"))]
    return {str(one.get("name", "")): fields(one.get("parameters")) for one in functions}


def answer_schema(body: JsonObject) -> object:
    """JSON schema that the answer has to follow, if any."""
    return fields(fields(body.get("response_format")).get("json_schema")).get("schema")


def _turn(message: JsonObject) -> Turn:
    content = message.get("content")
    parts = [part for part in objects(content) if part.get("type") == "image_url"]
    images = [image_of(fields(part.get("image_url")).get("url")) for part in parts]
    match message.get("role"):
        case "system" | "developer":
            return Turn("system", text_of(content))
        case "tool":
            return Turn("user", results=[ToolResult(text_of(content))], images=images)
        case "assistant":
            thoughts = (message.get(name) for name in ("reasoning_content", "reasoning"))
            functions = [
                fields(call.get("function")) for call in objects(message.get("tool_calls"))
            ]
            return Turn(
                "assistant",
                text_of(content),
                thoughts=[one for one in thoughts if isinstance(one, str) and one],
                calls=[
                    (str(one.get("name", "")), arguments_of(one.get("arguments")))
                    for one in functions
                ],
            )
        case _:
            return Turn("user", text_of(content), images=images)
