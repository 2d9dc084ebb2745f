"""What clients are told of the proxy itself: its models, one of them, its version."""

from ccproxy_tui.config.snapshot import GroupIndex
from ccproxy_tui.gateway.pool.lessons import Lessons
from ccproxy_tui.gateway.routing import callable_models, find_route
from ccproxy_tui.protocols.base import ModelCard


class Catalogue:
    """The models of a group, as far as they are known."""

    def __init__(self, lessons: Lessons) -> None:
        self._lessons = lessons

    def list_cards(self, index: GroupIndex) -> list[ModelCard]:
        """Give a card of each model that a client may ask for in a group."""
        return [self.find_card(index, model) for model in callable_models(index)]

    def find_card(self, index: GroupIndex, model: str) -> ModelCard:
        """Give the card of a model, told by its first target; raises `RefusedError` (404)."""
        candidates = find_route(index, model).candidates
        if not candidates:
            return ModelCard(model)
        profile = self._lessons.profile_of(candidates[0])
        return ModelCard(
            model,
            candidates[0].provider.name,
            images=profile.images,
            thinking=profile.thinking or bool(profile.efforts or profile.budgets),
            context_window=profile.context_window,
            max_output_tokens=profile.max_output_tokens,
        )
