"""Where a list gets its rows from; it asks only for those that it shows."""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Source(Protocol[T]):
    """Rows in order, each known by an identity that outlives any re-ordering."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def __getitem__(self, index: int) -> T:
        """Return a row."""

    def index_of(self, identity: Hashable) -> int | None:
        """Return where the row with this identity is, None when it is gone."""

    def identity(self, item: T) -> Hashable:
        """Return what a row is known by."""

    @property
    def newest(self) -> int | None:
        """Where the row is that has to be in sight of somebody who follows."""


class FixedSource(Generic[T]):
    """Rows of a plain sequence."""

    def __init__(self, items: Sequence[T] = (), identity: Callable[[T], Hashable] = id) -> None:
        self._items = items
        self._identity = identity
        self._index = {identity(item): index for index, item in enumerate(items)}

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> T:
        return self._items[index]

    def index_of(self, identity: Hashable) -> int | None:
        """Return where the row with this identity is, None when it is gone."""
        return self._index.get(identity)

    def identity(self, item: T) -> Hashable:
        """Return what a row is known by."""
        return self._identity(item)

    @property
    def newest(self) -> int | None:
        """Where the last row is."""
        return len(self._items) - 1 if self._items else None
