"""What the picture may ask about upstreams; the gateway does the asking, on its own thread."""

from dataclasses import dataclass
from typing import Protocol

from ccproxy_tui.config.models import Provider


@dataclass(frozen=True, slots=True)
class Probe:
    """How a small real call to a provider went."""

    ok: bool
    text: str
    """In words: `answered in 0.8 s: "Hello"`, or what is wrong and what to do. Holds no secret."""


class Upstreams(Protocol):
    """Questions to providers as they stand in a form, saved or not."""

    async def list_models(self, provider: Provider) -> list[str]:
        """Ask the provider's list endpoint; raises `UpstreamsError` with words for the user."""

    async def probe(self, provider: Provider, model: str) -> Probe:
        """Send a tiny request to a model."""


class UpstreamsError(Exception):
    """The provider could not be asked; the message says why and what to do."""
