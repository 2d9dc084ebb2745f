"""What is recommended for the temperature of the models that a group leads to."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from ccproxy_tui.config.models import Proxy
from ccproxy_tui.config.temperatures import Hint, find_hint
from ccproxy_tui.tui.fields.plain import plain

_MOST_HINTS = 2
_MOST_MODELS = 2

Hints = dict[Hint, list[str]]
"""Recommendations, and the models that each of them is for."""


def hints_for(proxies: Iterable[Proxy]) -> Hints:
    """Return what is recommended for the models that the proxies lead to."""
    models = dict.fromkeys(
        target.model
        for proxy in proxies
        if not proxy.disabled
        for target in proxy.targets
        if not target.disabled
    )
    hints: Hints = {}
    for model in models:
        if (hint := find_hint(model)) is not None:
            hints.setdefault(hint, []).append(model)
    return hints


def temperature_note(hints: Hints) -> str:
    """Say what is recommended, a line each, and at which site."""
    lines = [
        f"{_named(models)}: {hint.words} ({urlsplit(hint.source).hostname or hint.source})"
        for hint, models in list(hints.items())[:_MOST_HINTS]
    ]
    if (more := len(hints) - _MOST_HINTS) > 0:
        lines.append(f"and {more} more for other models")
    return "\n".join(map(plain, lines))


def sources(hints: Hints) -> str:
    """Return the pages that say so."""
    return plain(", ".join(hint.source for hint in hints))


def _named(models: list[str]) -> str:
    more = len(models) - _MOST_MODELS
    return ", ".join(models[:_MOST_MODELS]) + (f" and {more} more" if more > 0 else "")
