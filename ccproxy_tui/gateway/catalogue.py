"""What clients are told of the proxy itself: its models, one of them, its version."""

from ccproxy_tui.config.snapshot import Candidate, GroupIndex
from ccproxy_tui.gateway.profiles import profile_of
from ccproxy_tui.gateway.routing import callable_models, find_route
from ccproxy_tui.protocols.base import ModelCard


def list_cards(index: GroupIndex) -> list[ModelCard]:
    """Give a card of each model that a client may ask for in a group."""
    return [find_card(index, model) for model in callable_models(index)]


def find_card(index: GroupIndex, model: str) -> ModelCard:
    """Give the card of a model, told by its first target; raises `RefusedError` (404)."""
    route = find_route(index, model)
    return _card(model, route.candidates[0]) if route.candidates else ModelCard(model)


def _card(model: str, candidate: Candidate) -> ModelCard:
    profile = profile_of(candidate)
    return ModelCard(
        model,
        candidate.provider.name,
        images=profile.images,
        thinking=profile.thinking or bool(profile.efforts or profile.budgets),
        context_window=profile.context_window,
        max_output_tokens=profile.max_output_tokens,
    )
