"""The place where two prompts part, in words."""

from collections.abc import Sequence
from typing import Final

from ccproxy_tui.inspection.prefix import Part, Parting

_SHORT: Final = 24
"""Characters up to which a change is said as it is."""
_KINDS: Final = {
    "tools": "tool",
    "functions": "tool",
    "system": "system block",
    "instructions": "instructions",
    "systemInstruction": "system block",
    "system_instruction": "system block",
    "messages": "message",
    "contents": "message",
    "input": "item",
    "prompt": "prompt",
}
_SINGLE: Final = frozenset({"instructions", "prompt", "tool_choice", "thinking"})


def place_words(parting: Parting, old: Sequence[Part], new: Sequence[Part]) -> str:
    """Say what has changed where."""
    part, before = parting.part, parting.old
    if part is None or before is None:
        return "one of both prompts ends"
    if part.place != before.place:
        return _other_place(part, before, old, new)
    if part.place in ("tools", "functions") and part.name != before.name:
        return _other_tool(part, before, old, new)
    if part.name != before.name:
        return f"{_called(part)} took the place of one of {before.name or 'another kind'}"
    if part.place in ("tools", "functions"):
        field = next((str(step) for step in parting.path if step not in _WRAPPERS), "")
        return f"tools: {part.name}'s {field or 'JSON'} changed"
    return f"{_called(part)} changed{_block(parting)}"


_WRAPPERS: Final = ("function",)


def _called(part: Part) -> str:
    kind = _KINDS.get(part.place, part.place)
    number = "" if part.place in _SINGLE else f" {part.number}"
    role = (
        f" ({part.name})" if part.place in ("messages", "contents", "input") and part.name else ""
    )
    return f"{kind}{number}{role}"


def _block(parting: Parting) -> str:
    """Say in which block of a message it is."""
    numbers = [step for step in parting.path if isinstance(step, int)]
    part = parting.part
    if part is None or part.place in _SINGLE or not numbers:
        return ""
    return f" in its block {numbers[0] + 1}" if part.place != "system" else ""


def _other_place(part: Part, before: Part, old: Sequence[Part], new: Sequence[Part]) -> str:
    """Say what is gone, or new, where one list ends before the other."""
    was = sum(1 for one in old if one.place == before.place)
    gone = was > sum(1 for one in new if one.place == before.place)
    which = before if gone else part
    named = f"tools: {which.name}" if which.place in ("tools", "functions") else _called(which)
    return f"{named} is {'gone' if gone else 'new'}"


def _other_tool(part: Part, before: Part, old: Sequence[Part], new: Sequence[Part]) -> str:
    names, older = {one.name for one in new}, {one.name for one in old}
    if before.name not in names:
        return f"tools: {before.name} is gone"
    if part.name not in older:
        return f"tools: {part.name} is new"
    return f"tools: their order changed, {part.name} stands where {before.name} stood"


def excerpt_words(parting: Parting) -> str:
    """Say at which character, and what became of what."""
    found = parting.excerpt
    if found is None:
        return ""
    at = f" at character {parting.character + 1:,}" if found.before or parting.character else ""
    if max(len(found.old), len(found.new)) > _SHORT or not (found.old or found.new):
        return at
    return f"{at}: '{found.old}' → '{found.new}'"
