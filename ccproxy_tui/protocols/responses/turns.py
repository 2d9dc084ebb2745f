"""A client's input items, read into the system prompt and turns."""

from typing import Any, Final

from ccproxy_tui.protocols.base import BadRequestError
from ccproxy_tui.protocols.collect import read_arguments
from ccproxy_tui.protocols.free_text import packed
from ccproxy_tui.protocols.hub import (
    Block,
    JsonObject,
    Opaque,
    Role,
    Text,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.responses import reasoning
from ccproxy_tui.protocols.responses.contents import read_content
from ccproxy_tui.protocols.responses.tools import flat_name

SYSTEM_ROLES: Final = ("system", "developer")
_ROLES: Final[dict[str, Role]] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",
}
_USERS_OWN: Final = frozenset(
    {"mcp_approval_response", "additional_tools", "configuration_update", "compaction_trigger"}
)
"""Items that are not the model's, besides those that end in `_output`."""


def item_type(item: JsonObject) -> Any:
    """Type of an item; a message need not say its own."""
    return item.get("type") or ("message" if "role" in item else None)


def leading_system_items(items: Any) -> int:
    """Count the messages at the start that belong to the system prompt."""
    if not isinstance(items, list):
        return 0
    for index, item in enumerate(items):
        if item_type(item) != "message" or item.get("role") not in SYSTEM_ROLES:
            return index
    return len(items)


def read_turns(items: str | list[JsonObject]) -> tuple[list[Text], list[Turn]]:
    """Read the system prompt and the turns; raises `BadRequestError` naming the item."""
    if isinstance(items, str):
        return [], [Turn("user", [Text(items)])]
    count = leading_system_items(items)
    system: list[Text] = []
    turns: list[Turn] = []
    for index, item in enumerate(items):
        role, blocks = _read_item(item, f"input[{index}]")
        if index < count:
            system += [block for block in blocks if isinstance(block, Text)]
        elif turns and turns[-1].role == role:
            turns[-1].content += blocks
        else:
            turns.append(Turn(role, blocks))
    return system, turns


def _read_item(item: JsonObject, field: str) -> tuple[Role, list[Block]]:
    kind = item_type(item)
    match kind:
        case "message":
            role = item.get("role")
            if not isinstance(role, str) or role not in _ROLES:
                raise BadRequestError(f"{field}.role", "must be one of " + ", ".join(_ROLES))
            return _ROLES[role], read_content(item.get("content"), f"{field}.content")
        case "reasoning":
            return "assistant", [reasoning.read_item(item)]
        case "function_call":
            arguments = item.get("arguments") or ""
            said = read_arguments(arguments) if isinstance(arguments, str) else arguments
            return "assistant", [_read_call(item, field, said)]
        case "custom_tool_call":
            text = item.get("input") or ""
            if not isinstance(text, str):
                raise BadRequestError(f"{field}.input", "must be a string")
            return "assistant", [_read_call(item, field, packed(text))]
        case "function_call_output" | "custom_tool_call_output":
            content = read_content(item.get("output"), f"{field}.output")
            return "user", [ToolResult(_string(item, "call_id", field), content)]
        case "item_reference":
            raise BadRequestError(field, "nothing is stored here: send the item itself")
        case str():
            users = kind.endswith("_output") or kind in _USERS_OWN
            return "user" if users else "assistant", [Opaque(item, reasoning.NAME)]
    raise BadRequestError(f"{field}.type", "must be a string")


def _read_call(item: JsonObject, field: str, arguments: Any) -> ToolUse:
    name = flat_name(_string(item, "name", field), item.get("namespace"))
    return ToolUse(_string(item, "call_id", field), name, arguments)


def _string(item: JsonObject, name: str, field: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequestError(f"{field}.{name}", "must be a non-empty string")
    return value
