"""A group's rules, in the words that the protocol modules apply."""

from ccproxy_tui.config.models import Group
from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.wildcards import compile_pattern


def rules_of(group: Group, model: str, *, inject: bool) -> Rules:
    """Return what the group asks to be done to a request for `model`.

    Without `inject` no prompt is added: a count of tokens must not grow with every entry.
    """
    injecting = inject and group.prompt_injection != "off" and is_meant(group, model)
    return Rules(
        replacements=tuple((one.find, one.replace) for one in group.replacements),
        inject=group.prompt_text.strip() if injecting else "",
        position=group.prompt_position,
        replace=group.prompt_injection == "replace",
        inject_always=group.prompt_scope == "every",
        tool_filter=group.tool_filter,
        temperature_ratio=group.temperature_ratio,
    )


def tools_in_words(group: Group, *, compat_url: bool) -> bool | None:
    """Decide, once for a request and its reply, whether tools are described in the prompt.

    None leaves it to what is known of the model.
    """
    if group.tool_mode == "auto":
        return True if compat_url else None
    return group.tool_mode == "compat"


def is_meant(group: Group, model: str) -> bool:
    """Whether the group's text is for calls that ask for `model`."""
    patterns = group.prompt_models
    return not patterns or any(compile_pattern(one).fullmatch(model) for one in patterns)
