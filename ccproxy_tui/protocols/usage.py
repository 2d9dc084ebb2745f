"""How many tokens a reply says that it has used, and guesses for upstreams that do not say."""

from typing import Any, Final

_CHARS_PER_TOKEN: Final = 4
_MOST: Final = 2**53
"""Beyond it, neither JSON nor a sum of money is exact any more."""


def read_count(value: Any) -> int | None:
    """Read a number of tokens; what no reply can have used was not said."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= _MOST else None


def estimated_output(characters: int) -> int:
    """Guess the tokens of what was said."""
    return -(-characters // _CHARS_PER_TOKEN)
