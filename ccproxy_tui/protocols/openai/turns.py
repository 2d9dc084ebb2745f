"""A client's messages, read into turns: what was said, the model's calls, and their results."""

from typing import Any

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.collect import read_arguments
from ccproxy_tui.protocols.data_urls import split_data_url
from ccproxy_tui.protocols.free_text import packed
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Document,
    Image,
    JsonObject,
    Opaque,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)


def read_turns(messages: list[JsonObject], start: int) -> list[Turn]:
    """Read the messages from `start` on; raises `BadRequestError`.

    A `function_call`, the older form of a call, has no id: it gets one by its place, the same
    whenever the same conversation comes. A `function` message answers the last such call.
    """
    history = _History()
    for index in range(start, len(messages)):
        history.add(messages[index], index)
    return history.turns


def read_text(message: JsonObject) -> str:
    """Give the texts of a message as one."""
    blocks = _read_parts(message.get("content"))
    return "\n\n".join(block.text for block in blocks if isinstance(block, Text))


class _History:
    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._in_results = False
        self._unanswered: dict[str, str] = {}
        """Ids of calls of the older form, by the names of their functions."""

    def add(self, message: JsonObject, index: int) -> None:
        field = f"messages[{index}]"
        match message["role"]:
            case "tool":
                self._result(message, _string(message, "tool_call_id", field))
                return
            case "function":
                name = _string(message, "name", field)
                self._result(message, self._unanswered.pop(name, ""))
                return
            case "assistant":
                blocks = _read_assistant(message, field)
                if (call := message.get("function_call")) is not None:
                    use = _read_function(f"call_{index}", call, f"{field}.function_call")
                    self._unanswered[use.name] = use.id
                    blocks.append(use)
                self.turns.append(Turn("assistant", blocks))
            case "user":
                self.turns.append(Turn("user", _read_parts(message.get("content"))))
            case "system" | "developer":
                self.turns.append(Turn("system", [Text(read_text(message))]))
            case _:
                raise BadRequestError(
                    f"{field}.role", "must be system, developer, user, assistant, tool, function"
                )
        self._in_results = False

    def _result(self, message: JsonObject, call: str) -> None:
        result = ToolResult(call, _read_parts(message.get("content")))
        if self._in_results:
            self.turns[-1].content.append(result)
        else:
            self.turns.append(Turn("user", [result]))
        self._in_results = True


def _string(holder: JsonObject, name: str, field: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str):
        raise BadRequestError(f"{field}.{name}", "must be a string")
    return value


def _read_assistant(message: JsonObject, field: str) -> list[Block]:
    blocks: list[Block] = []
    if thought := message.get("reasoning_content") or message.get("reasoning"):
        blocks.append(Thinking(str(thought)))
    blocks += _read_parts(message.get("content"))
    if refusal := message.get("refusal"):
        blocks.append(Text(str(refusal)))
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list):
        raise BadRequestError(f"{field}.tool_calls", "must be a list")
    blocks += [_read_call(call, f"{field}.tool_calls[{at}]") for at, call in enumerate(calls)]
    return blocks


def _read_call(call: Any, field: str) -> ToolUse:
    if not isinstance(call, dict):
        raise BadRequestError(field, "must be an object")
    id_ = str(call.get("id") or "")
    if call.get("type") != "custom":
        return _read_function(id_, call.get("function"), f"{field}.function")
    custom = call.get("custom")
    form = custom if isinstance(custom, dict) else {}
    name = _string(form, "name", f"{field}.custom")
    return ToolUse(id_, name, packed(_string(form, "input", f"{field}.custom")))


def _read_function(id_: str, function: Any, field: str) -> ToolUse:
    form = function if isinstance(function, dict) else {}
    arguments = read_arguments(str(form.get("arguments") or ""))
    return ToolUse(id_, _string(form, "name", field), arguments)


def _read_parts(content: Any) -> list[Block]:
    if isinstance(content, str):
        return [Text(content)] if content else []
    return [_read_part(part) for part in content or []]


def _read_part(part: JsonObject) -> Block:
    match part:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "refusal", "refusal": str(text)}:
            return Text(text)
        case {"type": "image_url", "image_url": {"url": str(address), **rest}}:
            kind, data = split_data_url(address)
            detail = str(rest.get("detail") or "")
            return Image(kind, data, "" if data else address, detail)
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(kind)}}:
            return Audio(f"audio/{kind}", data)
        case {"type": "file", "file": {"file_data": str(address), **rest}}:
            kind, data = split_data_url(address)
            return Document(kind, data, title=str(rest.get("filename") or ""))
    return Opaque(part, "openai")
