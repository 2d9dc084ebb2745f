"""A group's rules on a raw Messages request, the same for both lanes."""

from typing import Any, Final

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.claude.blocks import is_attribution
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.rules import filter_tools, injection_note, injects, scale_temperature

_HIGHEST_TEMPERATURE: Final = 1.0


def apply_rules(body: JsonObject, rules: Rules) -> list[str]:
    """Change `body` as the group asks; say what was changed."""
    notes = []
    if removed := filter_tools(body, rules.tool_filter, _name):
        notes.append("tools removed: " + ", ".join(removed))
        notes += _free_tool_choice(body, removed)
    if injects(body, rules):
        body["system"] = _inject(body.get("system"), rules)
        notes.append(injection_note(rules))
    return notes + scale_temperature(body, rules.temperature_ratio, _HIGHEST_TEMPERATURE)


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


def _inject(system: Any, rules: Rules) -> list[JsonObject]:
    """Give the system prompt as blocks; the client's note to its vendor stays first and alone."""
    if isinstance(system, str):
        blocks = [{"type": "text", "text": system}] if system else []
    else:
        blocks = system or []
    if rules.replace:
        blocks = [block for block in blocks[:1] if is_attribution(str(block.get("text", "")))]
    return [*blocks, {"type": "text", "text": rules.inject}]
