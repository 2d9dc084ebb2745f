"""What the user said first: by it a session can be told whose client does not name it."""

from typing import Any


def first_of_user(messages: Any) -> Any:
    """Give the user's first message, else the first of all; text stands for itself."""
    if not isinstance(messages, list):
        return messages
    first = messages[0] if messages else None
    of_user = (one for one in messages if isinstance(one, dict) and one.get("role") == "user")
    return next(of_user, first)
