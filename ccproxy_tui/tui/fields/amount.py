"""A field for a number that need not be given."""

from collections.abc import Iterable, Mapping
from typing import Any

from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.text import LineInput


def amount(key: str, label: str, value: float | None, help_text: str, *, none: str) -> Field:
    """Return a line for a number; `none` is shown in it while there is none."""
    text = "" if value is None else f"{value:.15g}"
    return Field(key, label, LineInput(text, placeholder=none), help_text)


def given(values: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Return the values of such fields; what is empty is None."""
    return {key: str(values[key]).strip() or None for key in keys}
