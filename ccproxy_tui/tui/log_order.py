"""Things in order: each keeps its right place while its key changes, at the cost of a search."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T", int, str)

_FEW = 8
"""Up to so many are taken out one by one; for more, the rest is written anew."""


class Ordered(Generic[T]):
    """Identities, sorted by their keys and then by themselves."""

    __slots__ = ("_entries", "_highest", "_keys")

    def __init__(self) -> None:
        self._entries: list[tuple[Any, T]] = []
        self._keys: dict[T, Any] = {}
        self._highest: T | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[T]:
        return (item for _key, item in self._entries)

    def __getitem__(self, index: int) -> T:
        return self._entries[index][1]

    def __contains__(self, item: object) -> bool:
        return item in self._keys

    @property
    def highest(self) -> T | None:
        """The highest of the identities, wherever its place is."""
        if self._highest is None and self._keys:
            self._highest = max(self._keys)
        return self._highest

    def place(self, item: T) -> int | None:
        """Return where something is, None when it is not here."""
        if item not in self._keys:
            return None
        return bisect_left(self._entries, (self._keys[item], item))

    def put(self, item: T, key: Any) -> int | None:
        """Give something its place; returns the first place that is another's now, if any."""
        entry = (key, item)
        known = item in self._keys
        if known and self._keys[item] == key:
            return None
        entries, last = self._entries, -1
        if known:
            last = bisect_left(entries, (self._keys[item], item))
            del entries[last]
        self._keys[item] = key
        if not known and self._highest is not None and item > self._highest:
            self._highest = item
        if not entries or entries[-1] < entry:
            place = len(entries)
            entries.append(entry)
        else:
            place = bisect_left(entries, entry)
            entries.insert(place, entry)
        if not known:
            return place
        return None if place == last else min(place, last)

    def put_all(self, entries: Iterable[tuple[Any, T]]) -> None:
        """Give many their places at once; those that are here stay where they are."""
        new = {item: key for key, item in entries if item not in self._keys}
        self._keys |= new
        self._entries += [(key, item) for item, key in new.items()]
        self._entries.sort()
        self._highest = None

    def drop(self, items: Collection[T]) -> bool:
        """Take some out; tells whether any was here."""
        here = [item for item in items if item in self._keys]
        if len(here) <= _FEW:
            for item in here:
                place = self.place(item)
                assert place is not None
                del self._entries[place]
                del self._keys[item]
        else:
            for item in here:
                del self._keys[item]
            self._entries = [entry for entry in self._entries if entry[1] in self._keys]
        if self._highest is not None and self._highest not in self._keys:
            self._highest = None
        return bool(here)
