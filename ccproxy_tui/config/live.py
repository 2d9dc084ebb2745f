"""The configuration in force: edits are saved, take hold for the next call, and can be undone."""

from collections import deque
from collections.abc import Callable

from ccproxy_tui.config.models import Configuration
from ccproxy_tui.config.snapshot import Snapshot
from ccproxy_tui.config.store import ConfigurationStore

_UNDO_STEPS = 100


class LiveConfiguration:
    """What holds now. The gateway reads `snapshot` once a call; edits swap it."""

    def __init__(self, store: ConfigurationStore, value: Configuration, revision: int) -> None:
        self._store = store
        self.snapshot = Snapshot(value, revision)
        self._undo: deque[tuple[str, Configuration]] = deque(maxlen=_UNDO_STEPS)
        self._redo: deque[tuple[str, Configuration]] = deque(maxlen=_UNDO_STEPS)
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    async def load(cls, store: ConfigurationStore, first: Configuration) -> "LiveConfiguration":
        """Load what is stored; with nothing stored yet, store `first`."""
        stored = await store.load()
        if stored is None:
            stored = first, await store.save(first, 0)
        return cls(store, *stored)

    @property
    def value(self) -> Configuration:
        """The configuration in force."""
        return self.snapshot.configuration

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change, on the changer's thread; returns how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def apply(self, value: Configuration, what: str) -> None:
        """Save an edit and put it in force; `what` names it for undo, as in `delete group qwen`.

        Raises `ConflictError` when the stored configuration was changed elsewhere; it is then
        loaded, so that the edit can be repeated.
        """
        before = self.value
        await self._save(value)
        self._undo.append((what, before))
        self._redo.clear()

    async def undo(self) -> str | None:
        """Take back the last edit and return its name, None when there is none."""
        return await self._step(self._undo, self._redo)

    async def redo(self) -> str | None:
        """Do again what was undone and return its name, None when there is none."""
        return await self._step(self._redo, self._undo)

    async def reload(self) -> bool:
        """Take over what another process has saved; tells whether there was anything."""
        if await self._store.revision() == self.snapshot.revision:
            return False
        stored = await self._store.load()
        if stored is None:
            return False
        self._undo.clear()
        self._redo.clear()
        self._swap(*stored)
        return True

    async def _step(
        self, source: deque[tuple[str, Configuration]], other: deque[tuple[str, Configuration]]
    ) -> str | None:
        if not source:
            return None
        what, value = source[-1]
        before = self.value
        await self._save(value)
        source.pop()
        other.append((what, before))
        return what

    async def _save(self, value: Configuration) -> None:
        try:
            revision = await self._store.save(value, self.snapshot.revision)
        except Exception:
            await self.reload()
            raise
        self._swap(value, revision)

    def _swap(self, value: Configuration, revision: int) -> None:
        """Put a state in force, unless a newer one already is."""
        if revision > self.snapshot.revision:
            self.snapshot = Snapshot(value, revision)
            for listener in tuple(self._listeners):
                listener()
