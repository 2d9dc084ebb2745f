"""How much a client wants the model to think, in the words of all whose servers speak this protocol.

The protocol's own is `reasoning_effort`. Routers have `reasoning`, an object; vendors of models
have `thinking`, formed as Anthropic's, or `enable_thinking` and `thinking_budget`.
"""

from typing import Any, Final

from ccproxy_tui.protocols.hub import JsonObject, Reasoning

FIELDS: Final = frozenset(
    {"reasoning_effort", "reasoning", "thinking", "enable_thinking", "thinking_budget"}
)


def read_reasoning(body: JsonObject) -> Reasoning | None:
    """Read the wish, None when there is none that can be understood; whoever says no, is heard."""
    said, thinking = _object(body.get("reasoning")), _object(body.get("thinking"))
    kind = thinking.get("type")
    effort = body.get("reasoning_effort") or said.get("effort")
    effort = effort if isinstance(effort, str) else ""
    budgets = (said.get("max_tokens"), thinking.get("budget_tokens"), body.get("thinking_budget"))
    budget = next((one for one in budgets if _is_budget(one)), None)
    switches = (said.get("enabled"), body.get("enable_thinking"))
    if effort == "none" or budget == 0 or kind == "disabled" or any(on is False for on in switches):
        return Reasoning("off")
    if budget or kind == "enabled" or any(on is True for on in switches):
        return Reasoning("on", budget, effort)
    return Reasoning(effort=effort) if effort or kind == "adaptive" else None


def _object(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _is_budget(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
