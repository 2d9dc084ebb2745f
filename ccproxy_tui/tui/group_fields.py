"""The fields of a group in words: what they are called, what they can be, and what is set."""

from collections.abc import Callable
from dataclasses import dataclass

from ccproxy_tui.config.models import (
    Capture,
    Group,
    InjectionScope,
    PromptInjection,
    PromptPosition,
    ToolMode,
)

INJECTION: tuple[tuple[PromptInjection, str], ...] = (
    ("off", "off"),
    ("enhance", "enhance"),
    ("replace", "replace"),
)
SCOPE: tuple[tuple[InjectionScope, str], ...] = (
    ("tools", "calls with tools"),
    ("every", "every call"),
)
POSITION: tuple[tuple[PromptPosition, str], ...] = (
    ("system", "system prompt"),
    ("user", "last user message"),
)
TOOL_MODE: tuple[tuple[ToolMode, str], ...] = (
    ("auto", "auto"),
    ("compat", "compat"),
    ("native", "native"),
)
TOOL_MODE_MEANINGS: dict[ToolMode, str] = {
    "auto": "by the URL; compat for models that call no functions",
    "compat": "described in the prompt, calls are read from the text",
    "native": "the model's own function calls, whatever the URL says",
}
CAPTURE: tuple[tuple[Capture, str], ...] = (
    ("full", "of all calls"),
    ("errors", "of failed calls"),
    ("off", "of none"),
)
_SHORT = 200
"""Characters of a long text that are worth looking at for one line."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One field of a group."""

    field: str
    title: str
    say: Callable[[Group], str]
    """Writes a group's value in a few words; who draws them makes them plain, and cuts them."""


def counted(number: int, noun: str) -> str:
    """Write a number of things: 1 model, 3 models."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def one_row(text: str) -> str:
    """Write the start of a text with its ends of lines as `\\n`."""
    return text[:_SHORT].replace("\r\n", "\n").replace("\n", "\\n")


def _replacements(group: Group) -> str:
    pairs = group.replacements
    found = ", ".join(one_row(pair.find) for pair in pairs)
    return f"{len(pairs)}: {found}" if pairs else "none"


FACETS: tuple[Facet, ...] = (
    Facet("prompt_injection", "system prompt", lambda group: group.prompt_injection),
    Facet("prompt_text", "prompt text", lambda group: one_row(group.prompt_text) or "none"),
    Facet("prompt_scope", "prompt applies to", lambda group: dict(SCOPE)[group.prompt_scope]),
    Facet("prompt_position", "prompt position",
          lambda group: dict(POSITION)[group.prompt_position]),
    Facet("prompt_models", "prompt for models",
          lambda group: ", ".join(group.prompt_models) or "all"),
    Facet("replacements", "replacements", _replacements),
    Facet("tool_mode", "tool mode", lambda group: group.tool_mode),
    Facet("tool_filter", "tools to hide", lambda group: ", ".join(group.tool_filter) or "none"),
    Facet("temperature_ratio", "temperature ratio", lambda group: f"{group.temperature_ratio:.15g}"),
    Facet("capture", "keep messages", lambda group: dict(CAPTURE)[group.capture]),
    Facet("disabled", "state", lambda group: "off" if group.disabled else "in use"),
)  # fmt: skip
"""All but name and description, which are each group's own; in the order of the form."""
