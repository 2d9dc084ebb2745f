"""What is asked in the OpenAI Responses dialect."""

from ccproxy_tui.demo.reading.turn import (
    Image,
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
    """The input items; text alone is a message of the user."""
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return objects(given)


def turns(body: JsonObject) -> list[Turn]:
    """The conversation, instructions first; the items of one answer are one turn."""
    found = [Turn("system", text_of(body.get("instructions")))]
    for item in messages(body):
        turn = _turn(item)
        if turn.role == found[-1].role == "assistant":
            _extend(found[-1], turn)
        else:
            found.append(turn)
    return found


def tools(body: JsonObject) -> dict[str, JsonObject]:
    """Schema of each offered function by its name."""
    functions = [one for one in objects(body.get("tools")) if one.get("type") == "function"]
    return {str(one.get("name", "")): fields(one.get("parameters")) for one in functions}


def answer_schema(body: JsonObject) -> object:
    """JSON schema that the answer has to follow, if any."""
    return fields(fields(body.get("text")).get("format")).get("schema")


def _turn(item: JsonObject) -> Turn:
    match item.get("type"):
        case "function_call":
            call = (str(item.get("name", "")), arguments_of(item.get("arguments")))
            return Turn("assistant", calls=[call])
        case "function_call_output":
            output = item.get("output")
            return Turn("user", results=[ToolResult(text_of(output))], images=_images(output))
        case "reasoning":
            encrypted = item.get("encrypted_content")
            thoughts = [*objects(item.get("summary")), *objects(item.get("content"))]
            return Turn(
                "assistant",
                thoughts=[str(one.get("text", "")) for one in thoughts],
                signatures=[encrypted] if isinstance(encrypted, str) else [],
            )
    content = item.get("content")
    match item.get("role"):
        case "system" | "developer":
            return Turn("system", text_of(content))
        case "assistant":
            return Turn("assistant", text_of(content))
        case _:
            return Turn("user", text_of(content), images=_images(content))


def _images(content: object) -> list[Image]:
    parts = [part for part in objects(content) if part.get("type") == "input_image"]
    return [image_of(part.get("image_url")) for part in parts]


def _extend(turn: Turn, more: Turn) -> None:
    turn.text = "\n\n".join(text for text in (turn.text, more.text) if text)
    turn.thoughts += more.thoughts
    turn.signatures += more.signatures
    turn.calls += more.calls
