"""The messages of a chat, in which tool calls and their results seldom have ids."""

from dataclasses import dataclass

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.collect import read_arguments
from ccproxy_tui.protocols.hub import (
    Block,
    JsonObject,
    Role,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.ollama.images import read_images


def leading_system_messages(messages: list[JsonObject]) -> int:
    """Count the messages at the start that are the system prompt."""
    for index, message in enumerate(messages):
        if message.get("role") != "system":
            return index
    return len(messages)


def read_turns(messages: list[JsonObject], start: int) -> list[Turn]:
    """Read the messages from `start` on; raises `BadRequestError`.

    Each call gets an id of its own, the same whenever the same conversation comes, and each
    result that of its call.
    """
    history = _History()
    for index in range(start, len(messages)):
        history.add(messages[index], f"messages[{index}]")
    return history.turns


@dataclass(slots=True)
class _OpenCall:
    """A call that has no result yet."""

    given_id: str
    name: str
    id: str


class _History:
    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._ids: set[str] = set()
        self._open: list[_OpenCall] = []
        self._last = ""
        """Role of the last message."""

    def add(self, message: JsonObject, field: str) -> None:
        role = message["role"]
        match role:
            case "user":
                self._user(message, field)
            case "assistant":
                self._assistant(message, field)
            case "tool":
                self._extend("user", [self._result(message, field)], as_before="tool")
            case "system":
                self.turns.append(Turn("system", _text(message)))
            case _:
                raise BadRequestError(f"{field}.role", "must be system, user, assistant or tool")
        self._last = role

    def _user(self, message: JsonObject, field: str) -> None:
        images = read_images(message.get("images"), f"{field}.images")
        self.turns.append(Turn("user", [*_text(message), *images]))

    def _assistant(self, message: JsonObject, field: str) -> None:
        blocks: list[Block] = []
        if thought := message.get("thinking"):
            if not isinstance(thought, str):
                raise BadRequestError(f"{field}.thinking", "must be a string")
            blocks.append(Thinking(thought))
        blocks += _text(message)
        calls = message.get("tool_calls") or []
        if not isinstance(calls, list):
            raise BadRequestError(f"{field}.tool_calls", "must be a list of objects")
        if self._last != "assistant":
            self._open.clear()
        for index, call in enumerate(calls):
            blocks.append(self._call(call, f"{field}.tool_calls[{index}]"))
        # Some clients keep each line of a streamed reply as a message of its own.
        self._extend("assistant", blocks, as_before="assistant")

    def _extend(self, role: Role, blocks: list[Block], as_before: str) -> None:
        """Add to the last turn if the last message was of the same kind."""
        if self._last == as_before:
            self.turns[-1].content += blocks
        else:
            self.turns.append(Turn(role, blocks))

    def _call(self, call: object, field: str) -> ToolUse:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(call, dict) or not isinstance(function, dict):
            raise BadRequestError(f"{field}.function", "must be an object")
        name, arguments = function.get("name"), function.get("arguments")
        if not isinstance(name, str) or not name:
            raise BadRequestError(f"{field}.function.name", "must be a non-empty string")
        if isinstance(arguments, str):
            arguments = read_arguments(arguments)
        given = call.get("id")
        given_id = given if isinstance(given, str) else ""
        own_id = self._own_id(given_id)
        self._open.append(_OpenCall(given_id, name, own_id))
        return ToolUse(own_id, name, {} if arguments is None else arguments)

    def _own_id(self, given: str) -> str:
        """Give the client's id unless it is missing or taken, else the next of a row."""
        id_, number = given, len(self._ids)
        while not id_ or id_ in self._ids:
            id_ = f"call_{number}"
            number += 1
        self._ids.add(id_)
        return id_

    def _result(self, message: JsonObject, field: str) -> ToolResult:
        images = read_images(message.get("images"), f"{field}.images")
        return ToolResult(self._answered(message), [*_text(message), *images])

    def _answered(self, message: JsonObject) -> str:
        """Tell which call a result is for: by id, else by name, else by order."""
        id_ = message.get("tool_call_id")
        name = message.get("tool_name") or message.get("name")
        by_id = (call for call in self._open if id_ and call.given_id == id_)
        by_name = (call for call in self._open if call.name == name)
        call = next(by_id, None) or next(by_name, None) or next(iter(self._open), None)
        if call is None:
            return id_ if isinstance(id_, str) else ""
        self._open.remove(call)
        return call.id


def _text(message: JsonObject) -> list[Block]:
    content = message.get("content")
    return [Text(content)] if content else []
