"""What is asked in the Anthropic Messages dialect."""

from ccproxy_tui.demo.reading.turn import Image, ToolResult, Turn, fields, objects, text_of
from ccproxy_tui.demo.reply import JsonObject


def messages(body: JsonObject) -> list[JsonObject]:
    """The conversation in the protocol's own shape."""
    return objects(body.get("messages"))


def turns(body: JsonObject) -> list[Turn]:
    """The conversation, instructions first."""
    first = Turn("system", text_of(body.get("system")))
    return [first, *map(_turn, messages(body))]


def tools(body: JsonObject) -> dict[str, JsonObject]:
    """Schema of each offered tool by its name."""
    return {
        str(tool.get("name", "")): fields(tool.get("input_schema"))
        for tool in objects(body.get("tools"))
    }


def answer_schema(body: JsonObject) -> object:
    """JSON schema that the answer has to follow, if any."""
    return fields(fields(body.get("output_config")).get("format")).get("schema")


def _turn(message: JsonObject) -> Turn:
    role = message.get("role")
    content = message.get("content")
    turn = Turn(role if role in ("assistant", "system") else "user", text_of(content))
    for block in objects(content):
        match block.get("type"):
            case "thinking":
                turn.thoughts.append(str(block.get("thinking", "")))
                turn.signatures.append(str(block.get("signature", "")))
            case "tool_use":
                turn.calls.append((str(block.get("name", "")), fields(block.get("input"))))
            case "image":
                turn.images.append(_image(block))
            case "tool_result":
                inner = block.get("content")
                turn.results.append(ToolResult(text_of(inner), block.get("is_error") is True))
                images = (one for one in objects(inner) if one.get("type") == "image")
                turn.images += map(_image, images)
    return turn


def _image(block: JsonObject) -> Image:
    source = fields(block.get("source"))
    if source.get("type") == "base64":
        return str(source.get("media_type", "")), str(source.get("data", ""))
    return "", str(source.get("url", ""))
