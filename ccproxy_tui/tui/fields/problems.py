"""What is wrong with a form's values, a sentence for each field, in the user's words."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

WHOLE = ""
"""The field of what is wrong with no field in particular."""


def problems_of(error: ValidationError, words: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the first thing that is wrong with each field; `words` replace pydantic's own."""
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_input=False):
        location = detail["loc"]
        field = str(location[0]) if location else WHOLE
        found.setdefault(field, _words(detail, (words or {}).get(field)))
    return found


def _words(detail: ErrorDetails, given: str | None) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"])
    if given is not None:
        return given
    return detail["msg"]
