"""What can be wrong with a call, and the limits to what is held of one."""

from collections.abc import Callable
from typing import Final, NoReturn

from ccproxy_tui.compat.source import Source

MOST_HELD: Final = 4 * 1024 * 1024
"""Characters of a value that has to be complete before it is understood."""


class CallProblemError(Exception):
    """A call cannot be read; the message says why, to be told to the model."""


class CallTooLongError(CallProblemError):
    """A value is longer than one that has to be held may be."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a value has more than {most} characters")


class CallOpenError(CallProblemError):
    """The reply has ended in the middle of a value, so that nobody knows what is missing."""

    def __init__(self) -> None:
        super().__init__("it ends in the middle of a value")


class CallCutError(Exception):
    """The reply was cut off in the middle of a call."""


def check_cut(source: Source) -> None:
    """Raise `CallCutError` where the reply was cut off."""
    if source.cut:
        raise CallCutError


def ended_inside(source: Source) -> NoReturn:
    """Say that the text has ended in the middle of a value."""
    check_cut(source)
    raise CallOpenError


def bounded(parts: list[str], most: int = MOST_HELD) -> Callable[[str], None]:
    """Give what adds a piece to `parts`, up to `most` characters; it raises `CallTooLongError`."""
    size = 0

    def write(piece: str) -> None:
        nonlocal size
        size += len(piece)
        if size > most:
            raise CallTooLongError(most)
        parts.append(piece)

    return write
