"""What the rules of a group mean in every protocol."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ccproxy_tui.protocols.base import Rules
from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.wildcards import compile_pattern


class Replacing:
    """Replaces texts in a client's system prompt, and counts how often.

    What the client sent is never changed. A text of which nothing remains becomes empty, so that
    it can be left out: vendors refuse blank ones.
    """

    def __init__(self, rules: Rules) -> None:
        self._pairs = rules.replacements
        self.count = 0

    def notes(self) -> list[str]:
        """Say how much was replaced."""
        some = f"{self.count} replacement{'s' if self.count > 1 else ''}"
        return [f"system prompt: {some}"] if self.count else []

    def text(self, text: str) -> str:
        """Replace in a text."""
        changed = text
        for old, new in self._pairs:
            if count := changed.count(old):
                changed = changed.replace(old, new)
                self.count += count
        return changed if changed == text or changed.strip() else ""

    def content(self, content: Any) -> Any:
        """Replace in a text, or in each block of a list; blocks that become empty are left out."""
        if isinstance(content, str):
            return self.text(content)
        if isinstance(content, list):
            return [left for block in content if (left := self._block(block)) is not None]
        return content

    def messages(self, messages: list[JsonObject], count: int) -> list[JsonObject]:
        """Replace in the first `count` messages; those that become empty are left out.

        One stays, though empty, when there would be none at all.
        """
        left = []
        for message in messages[:count]:
            content = message.get("content")
            changed = self.content(content)
            if changed == content:
                left.append(message)
            elif changed:
                left.append({**message, "content": changed})
        left += messages[count:]
        return left or [{**messages[0], "content": ""}]

    def _block(self, block: Any) -> Any:
        text = block.get("text") if isinstance(block, dict) else block
        if not isinstance(text, str):
            return block
        changed = self.text(text)
        if changed == text:
            return block
        if not changed:
            return None
        return {**block, "text": changed} if isinstance(block, dict) else changed


def inject(
    body: JsonObject,
    rules: Rules,
    to_user: Callable[[JsonObject, str], bool],
    to_system: Callable[[JsonObject, Rules], None],
) -> list[str]:
    """Put the group's prompt where it belongs, if it belongs into this request; say so.

    `to_user` gives False where there is no message of the user's. Then the system prompt takes the
    text, as it would be lost otherwise.
    """
    if not rules.inject.strip() or not (rules.inject_always or _has_tools(body)):
        return []
    if rules.position == "system":
        to_system(body, rules)
        done = "replaced" if rules.replace else "added"
    elif to_user(body, rules.inject):
        done = "added to the last user message"
    else:
        to_system(body, replace(rules, replace=False))
        done = "added to the system prompt, as there is no user message"
    return [f"prompt {done} ({len(rules.inject)} characters)"]


def is_users(message: JsonObject) -> bool:
    """Whether a message is the user's."""
    return message.get("role") == "user"


def add_to_user(
    body: JsonObject,
    text: str,
    field: str = "messages",
    kind: str = "text",
    is_wanted: Callable[[JsonObject], bool] = is_users,
) -> bool:
    """Put `text` to the front of the last user message in `field`; False if there is none.

    Never into an older one, as whatever follows a change is cached by nobody.
    """
    messages: list[JsonObject] = body[field]
    for at in reversed(range(len(messages))):
        message = messages[at]
        if is_wanted(message):
            changed = {**message, "content": _prepended(message.get("content"), text, kind)}
            body[field] = [*messages[:at], changed, *messages[at + 1 :]]
            return True
    return False


def append(content: Any, text: str, kind: str = "text") -> Any:
    """Give a message's content with `text` at its end."""
    if isinstance(content, list):
        return [*content, {"type": kind, "text": text}]
    return join(content, text)


def join(*texts: str | None) -> str:
    """Give texts as paragraphs of one; those that are empty count for nothing."""
    return "\n\n".join(text for text in texts if text)


def filter_tools(
    body: JsonObject,
    patterns: tuple[str, ...],
    name_of: Callable[[JsonObject], str],
    field: str = "tools",
) -> list[str]:
    """Take tools out of `body` by name or wildcard, and the list when it is empty; give their names.

    The client's list is never changed but replaced, as the record still shows it.
    """
    tools = body.get(field)
    if not patterns or not isinstance(tools, list):
        return []
    tests = [compile_pattern(pattern) for pattern in patterns]
    kept, removed = [], []
    for tool in tools:
        name = name_of(tool)
        if any(test.fullmatch(name) for test in tests):
            removed.append(name)
        else:
            kept.append(tool)
    if removed and kept:
        body[field] = kept
    elif removed:
        del body[field]
    return removed


def scale_temperature(body: JsonObject, ratio: float, highest: float) -> list[str]:
    """Multiply the temperature, when the client sent one; say so."""
    asked: Any = body.get("temperature")
    if ratio == 1.0 or isinstance(asked, bool) or not isinstance(asked, int | float):
        return []
    scaled = round(min(max(asked * ratio, 0.0), highest), 4)
    if scaled == asked:
        return []
    body["temperature"] = scaled
    return [f"temperature {asked} → {scaled}"]


def _has_tools(body: JsonObject) -> bool:
    """Whether a request carries tools; `functions` is what they were called in OpenAI's API once."""
    return bool(body.get("tools") or body.get("functions"))


def _prepended(content: Any, text: str, kind: str) -> Any:
    """Give content with `text` at its front, but behind tool results, which have to stay first."""
    if not isinstance(content, list):
        return join(text, content)
    others = (at for at, block in enumerate(content) if block.get("type") != "tool_result")
    place = next(others, len(content))
    return [*content[:place], {"type": kind, "text": text}, *content[place:]]
