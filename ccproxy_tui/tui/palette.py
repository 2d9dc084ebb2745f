"""The palette: a fuzzy search over what can be done now, with each command's key."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from ccproxy_tui.tui.available import Offer, offers


class CommandProvider(Provider):
    """Offers the registry's commands."""

    @property
    def _offers(self) -> list[Offer]:
        return [offer for offer in offers(self.screen) if offer.command.context not in _MOVING]

    async def discover(self) -> Hits:
        """Offer everything."""
        for offer in self._offers:
            yield DiscoveryHit(_title(offer), partial(_give, offer), help=offer.command.help)

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        matcher = self.matcher(query)
        for offer in self._offers:
            title = _title(offer)
            score = matcher.match(f"{title} {offer.command.help}")
            if score > 0:
                shown = matcher.highlight(title)
                yield Hit(score, shown, partial(_give, offer), help=offer.command.help)


_MOVING = frozenset({"list", "text"})


def _title(offer: Offer) -> str:
    return f"{offer.command.title}  ({offer.key})"


def _give(offer: Offer) -> None:
    offer.node.app.call_later(offer.give)
