"""What is wrong with a value, in the words of a file rather than of the code; never the value."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_WORDS = {
    "extra_forbidden": "there is no such field",
    "missing": "is needed",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "too_short": "must not be empty",
}


def problems(error: ValidationError) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Give each problem with its place."""
    for detail in error.errors(include_input=False, include_url=False):
        yield detail["loc"], _said(detail)


def place(parts: tuple[int | str, ...]) -> str:
    """Write a place below another one, as in `[0].base_url`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def plain(message: str) -> str:
    """Give a message of ours without what pydantic puts before it."""
    return message.removeprefix("Value error, ")


def _said(detail: ErrorDetails) -> str:
    if detail["type"] == "literal_error":
        return f"must be {detail['ctx']['expected']}"
    return _WORDS.get(detail["type"]) or plain(detail["msg"])
