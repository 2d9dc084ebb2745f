"""Keys that come faster than they are worked off, as over a slow line, go where they are meant for.

Textual hands out every key at once, to whatever has the focus then; but what a key does is found out
only when nobody on its way up has taken it. Typed in one go, `/err` would filter by nothing.
"""

import asyncio
from collections import deque
from typing import Final, Generic

from textual import events
from textual.app import App, ReturnType
from textual.message import Message
from textual.screen import Screen

_PATIENCE: Final = 1.0
"""Seconds; whoever has a key may be gone and never say that it is done with it."""


class KeyDone(Message):
    """Comes up behind a key, on the same way."""


class TypedAhead(App[ReturnType], Generic[ReturnType], inherit_bindings=False):
    """An app that hands out a key when all is done that the one before it does."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type] # they are the app's own
        self._typed: deque[events.Key] = deque()
        self._handed_out: events.Key | None = None
        self._shown_then: Screen[object] | None = None
        self._at_last: asyncio.TimerHandle | None = None

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait for those before it."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._handed_out is None:
            await self._hand_out()

    async def _hand_out(self) -> None:
        self._handed_out = None
        if self._at_last is not None:
            self._at_last.cancel()
        if not self._typed:
            return
        key = self._handed_out = self._typed.popleft()
        self._shown_then = self.screen
        last = self.focused or self.screen
        loop = asyncio.get_running_loop()
        self._at_last = loop.call_later(_PATIENCE, self.call_next, self._give_up, key)
        await super().on_event(key)
        last.post_message(KeyDone())

    async def on_key_done(self, event: KeyDone) -> None:
        """Hand out the next one: behind a focus that is about to change, on a screen once it is there."""
        event.stop()
        if self.screen is self._shown_then or not self._typed:
            self.call_later(self._hand_out)
        else:
            self.screen.call_after_refresh(self._hand_out)

    async def _give_up(self, key: events.Key) -> None:
        if self._handed_out is key:
            await self._hand_out()
