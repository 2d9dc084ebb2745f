"""A group's rules on a raw Messages request, the same for both lanes."""

from typing import Any, Final

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.claude.blocks import is_attribution
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.rules import (
    Replacing,
    add_to_user,
    filter_tools,
    inject,
    scale_temperature,
)

_HIGHEST_TEMPERATURE: Final = 1.0
_NONE_FOUND: Final = {"type": "text", "text": "No tools are available for this."}


def apply_rules(body: JsonObject, rules: Rules) -> list[str]:
    """Change `body` as the group asks; say what was changed."""
    notes = _replace(body, rules)
    if removed := filter_tools(body, rules.tool_filter, _name):
        notes.append("tools removed: " + ", ".join(removed))
        notes += _free_tool_choice(body, removed)
        _forget(body, removed)
    notes += inject(body, rules, add_to_user, _add_to_system)
    return notes + _scale(body, rules.temperature_ratio)


def _replace(body: JsonObject, rules: Rules) -> list[str]:
    """Replace in the system prompt, of which the client's note to its vendor is no part."""
    system = body.get("system")
    note, told = _split(system) if isinstance(system, list) else ([], system)
    replacing = Replacing(rules)
    changed = replacing.content(told)
    if replacing.count and (note or changed):
        body["system"] = [*note, *changed] if note else changed
    elif replacing.count:
        del body["system"]
    return replacing.notes()


def _split(blocks: list[JsonObject]) -> tuple[list[JsonObject], list[JsonObject]]:
    """Tell the client's note to its vendor, which comes first, from the prompt."""
    count = 1 if blocks and is_attribution(str(blocks[0].get("text", ""))) else 0
    return blocks[:count], blocks[count:]


def _name(tool: JsonObject) -> str:
    return str(tool.get("name") or "")


def _free_tool_choice(body: JsonObject, removed: list[str]) -> list[str]:
    """Let no choice stand that names a tool which is gone."""
    choice = body.get("tool_choice")
    if choice is None:
        return []
    if "tools" not in body:
        del body["tool_choice"]
        return []
    if not isinstance(choice, dict) or choice.get("name") not in removed:
        return []
    freed: JsonObject = {"type": "auto"}
    if "disable_parallel_tool_use" in choice:
        freed["disable_parallel_tool_use"] = choice["disable_parallel_tool_use"]
    body["tool_choice"] = freed
    return ["tool_choice → auto"]


def _forget(body: JsonObject, removed: list[str]) -> None:
    """Let no result of a search for tools refer to one that is gone, as the vendor refuses that.

    "Tool reference 'x' not found in available tools": anthropics/claude-code#81863.
    """
    body["messages"] = [_without(message, removed) for message in body["messages"]]


def _without(block: JsonObject, removed: list[str]) -> JsonObject:
    content = block.get("content")
    if not isinstance(content, list):
        return block
    others = [one for one in content if not (isinstance(one, dict) and _refers(one, removed))]
    left = [_without(one, removed) if isinstance(one, dict) else one for one in others]
    return block if left == content else {**block, "content": left or [_NONE_FOUND]}


def _refers(block: JsonObject, removed: list[str]) -> bool:
    name = block.get("tool_name") or block.get("name")
    return block.get("type") == "tool_reference" and name in removed


def _add_to_system(body: JsonObject, rules: Rules) -> None:
    """Add a block to the system prompt; the client's note to its vendor stays first and alone."""
    system: Any = body.get("system") or []
    blocks = [{"type": "text", "text": system}] if isinstance(system, str) else system
    kept = _split(blocks)[0] if rules.replace else blocks
    body["system"] = [*kept, {"type": "text", "text": rules.inject}]


def _scale(body: JsonObject, ratio: float) -> list[str]:
    """Scale the temperature, but not beside thinking, where the vendor takes none but 1."""
    thinking = body.get("thinking")
    if isinstance(thinking, dict) and thinking.get("type") in ("enabled", "adaptive"):
        return []
    return scale_temperature(body, ratio, _HIGHEST_TEMPERATURE)
