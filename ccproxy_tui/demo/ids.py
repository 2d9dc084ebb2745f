"""Identifiers in the vendors' styles."""

import random
import string

_LETTERS = string.ascii_letters + string.digits


class IdMaker:
    """Makes ids; the same seed gives the same ids again."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 ids of a demo guard nothing

    def __call__(self, prefix: str, length: int = 22) -> str:
        """Give `prefix` followed by letters and digits."""
        return prefix + "".join(self._random.choices(_LETTERS, k=length))
