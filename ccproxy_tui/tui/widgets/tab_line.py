"""Tabs in one line; those around the current one stay in sight when there is no room for all."""

from collections.abc import Sequence

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TabLine(Widget):
    """Names, one of them current."""

    DEFAULT_CSS = """
    TabLine { height: 1; width: 100%; color: $text-muted; }
    """

    current: reactive[int] = reactive(0)

    class Changed(Message):
        """Another tab is current."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = tuple(names)

    def move(self, by: int) -> None:
        """Go some tabs on, round and round."""
        self.current = (self.current + by) % len(self._names)

    def watch_current(self) -> None:
        """Tell."""
        if self.is_mounted:
            self.post_message(self.Changed())

    def _first(self) -> int:
        """Return the first tab that is drawn, such that the current one has room."""
        first = 0
        while first < self.current:
            wide = sum(len(name) + 2 for name in self._names[first : self.current + 1])
            if wide <= self.size.width:
                break
            first += 1
        return first

    def render(self) -> RenderResult:
        """Draw the names."""
        first = self._first()
        parts: list[str | tuple[str, str]] = []
        for number, name in enumerate(self._names[first:], first):
            parts.append((f" {name} ", "reverse bold" if number == self.current else ""))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Go to the tab under the mouse."""
        end = 0
        for number, name in enumerate(self._names[self._first() :], self._first()):
            end += len(name) + 2
            if event.x < end:
                self.current = number
                return
