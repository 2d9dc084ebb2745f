"""The keys of what has the focus, most useful first, as many as there is room for."""

from typing import Protocol, runtime_checkable

from textual.app import RenderResult
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from ccproxy_tui.tui.available import Offer, offers
from ccproxy_tui.tui.widgets.cells import width_of

_ALWAYS = "app.help"


@runtime_checkable
class Choosy(Protocol):
    """A widget with commands that now do nothing but say why; no key of theirs is shown."""

    def is_idle(self, action: str) -> bool:
        """Tell whether an action would do nothing now."""


class KeyFooter(Widget):
    """One line of keys; the one for help is never crowded out."""

    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom; height: 1; width: 100%;
        background: $footer-background; color: $footer-foreground;
    }
    """

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._keys_changed)

    def _keys_changed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def _keys(self) -> list[tuple[str, str, str]]:
        """Return id, key and title of what can be done now, in the registry's order."""
        return [
            (offer.command.id, offer.key, offer.command.title)
            for offer in offers(self.screen)
            if offer.command.footer and not _is_idle(offer)
        ]

    def render(self) -> RenderResult:
        """Draw the keys that fit."""
        keys = self._keys()
        room = self.size.width - 1
        always = [entry for entry in keys if entry[0] == _ALWAYS]
        room -= sum(_width(entry) for entry in always)
        shown = []
        for entry in keys:
            if entry in always:
                shown.append(entry)
            elif _width(entry) <= room:
                room -= _width(entry)
                shown.append(entry)
            else:
                room = -1
        parts: list[Content | str | tuple[str, str]] = [" "]
        for _name, key, title in shown:
            parts += [(key, "bold $footer-key-foreground"), f" {title}  "]
        return Content.assemble(*parts)


def _is_idle(offer: Offer) -> bool:
    return isinstance(offer.node, Choosy) and offer.node.is_idle(offer.action)


def _width(entry: tuple[str, str, str]) -> int:
    _name, key, title = entry
    return width_of(key) + width_of(title) + 3
