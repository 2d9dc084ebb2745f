"""Guesses for upstreams that do not count tokens."""

from typing import Final

_CHARS_PER_TOKEN: Final = 4


def estimated_output(characters: int) -> int:
    """Guess the tokens of what was said."""
    return -(-characters // _CHARS_PER_TOKEN)
