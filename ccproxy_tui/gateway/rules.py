"""A group's rules, in the words that the protocol modules apply."""

from ccproxy_tui.config.models import Group
from ccproxy_tui.protocols.base import Rules


def rules_of(group: Group, *, inject: bool) -> Rules:
    """Return what the group asks to be done to a request.

    Without `inject` no prompt is added: a count of tokens must not grow with every entry.
    """
    injecting = inject and group.prompt_injection != "off"
    return Rules(
        inject=group.prompt_text.strip() if injecting else "",
        replace=group.prompt_injection == "replace",
        inject_always=group.prompt_scope == "every",
        tool_filter=group.tool_filter,
        temperature_ratio=group.temperature_ratio,
    )
