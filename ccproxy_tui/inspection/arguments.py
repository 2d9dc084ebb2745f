"""A tool call's arguments as people read them: a command, short values in a line, long ones whole."""

import json
import shlex
from typing import Any

from pydantic_core import from_json

from ccproxy_tui.inspection.entries import Entry
from ccproxy_tui.inspection.json_text import sections

_COMMANDS = ("command", "cmd")
"""Arguments that say it all."""
_ON_A_LINE = 72
"""Characters of a value that is named beside the tool."""
_ALL_ON_A_LINE = 120
_TOO_DEEP = "(nested too deeply to be laid out)"


def tell_arguments(given: Any, *, running: bool = False) -> tuple[str, str, list[Entry]]:
    """Return a few words, a text, and an entry for each value that has no place in these.

    Arguments that are still coming (`running`) are read as far as they go.
    """
    if isinstance(given, str):
        known = _so_far(given) if running else None
        if known is None:
            return ("", "", []) if running else ("arguments that are no JSON", given, [])
        given = known
    if not isinstance(given, dict):
        return "", lay_out(given), []
    for key in _COMMANDS:
        if command := _command(given.get(key)):
            return (
                "",
                command,
                _entries({name: given[name] for name in given if name != key}, running=running),
            )
    brief, long = _sorted(given)
    return brief, "", _entries(long, running=running)


def as_text(value: Any) -> str:
    """Return a value in as many lines as it has; text is not quoted."""
    return value if isinstance(value, str) else lay_out(value)


def lay_out(value: Any) -> str:
    """Return JSON in lines."""
    try:
        return "\n".join(line for section in sections(value) for line in section.lines)
    except RecursionError:
        return _TOO_DEEP


def write_json(value: Any) -> str:
    """Return JSON that can be used elsewhere."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=2)
    except (RecursionError, ValueError):
        return _TOO_DEEP


def _so_far(text: str) -> Any:
    """Read JSON of which the end is missing; None when nothing can be told yet."""
    try:
        return from_json(text.encode("utf-8", "replace"), allow_partial="trailing-strings")
    except ValueError:
        return None


def _entries(given: dict[str, Any], *, running: bool) -> list[Entry]:
    last = next(reversed(given), None) if running else None
    return [
        Entry(("argument", name), "argument", name, as_text(value), running=name == last)
        for name, value in given.items()
    ]


def _command(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return shlex.join(value)
    return value if isinstance(value, str) else ""


def _sorted(given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return what fits beside the tool's name, and the rest."""
    words: list[str] = []
    rest: dict[str, Any] = {}
    taken = 0
    for key, value in given.items():
        said = _short(value)
        if said is None or taken + len(key) + len(said) > _ALL_ON_A_LINE:
            rest[key] = value
            continue
        words.append(f"{key}: {said}")
        taken += len(words[-1])
    return ", ".join(words), rest


def _short(value: Any) -> str | None:
    """Return a value that has room on a line, None for any other, and for code with its indent."""
    if isinstance(value, str):
        whole = value.strip() == value and "\n" not in value
        return value if whole and len(value) <= _ON_A_LINE else None
    if isinstance(value, (dict, list)) and len(value) > _ON_A_LINE:
        return None
    text = lay_out(value)
    return text if len(text) <= _ON_A_LINE and "\n" not in text else None
