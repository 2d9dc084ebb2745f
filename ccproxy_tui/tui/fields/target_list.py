"""A field for the targets of a proxy: chosen from a long list, in an order, each with its weight."""

from collections.abc import Callable, Iterable
from typing import ClassVar, cast

from textual.binding import BindingType

from ccproxy_tui.config.models import Target
from ccproxy_tui.tui.commands import bindings
from ccproxy_tui.tui.fields.check_list import CheckList, Item
from ccproxy_tui.tui.fields.field import Edited
from ccproxy_tui.tui.fields.pick_list import PickList

_HEAVIEST = 1000


class TargetList(CheckList):
    """Models with check marks; a chosen one has a weight, and can be off without losing its place."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("targets")]

    targets: dict[str, Target]
    """Weight and state of those that have had one, chosen or not, by key."""

    def target(self, key: str) -> Target:
        """Return the target that a key stands for."""
        return self.targets.get(key) or Target.model_validate(key)

    def note(self, item: Item) -> str:
        """Say what is unusual about a target."""
        if item.key not in self.chosen:
            return item.note
        target = self.target(item.key)
        weight = f"weight {target.weight}" if target.weight != 1 else ""
        off = "off" if target.disabled else ""
        return " ".join(word for word in (item.note, weight, off) if word)

    def _change(self, changed: Callable[[Target], Target]) -> None:
        if self.here is None:
            self.app.bell()
            return
        key = self.here.key
        self.targets[key] = changed(self.target(key))
        self.refresh()
        self.post_message(Edited())

    def _weigh(self, by: int) -> None:
        def weighed(target: Target) -> Target:
            weight = max(1, min(_HEAVIEST, target.weight + by))
            return target.model_copy(update={"weight": weight})

        self._change(weighed)

    def action_targets_heavier(self) -> None:
        """Give the target one more share."""
        self._weigh(1)

    def action_targets_lighter(self) -> None:
        """Give the target one share less."""
        self._weigh(-1)

    def action_targets_switch(self) -> None:
        """Switch the target off, or on again."""
        self._change(lambda target: target.model_copy(update={"disabled": not target.disabled}))


class TargetPicker(PickList):
    """The list with its search line; its value is the targets."""

    LIST: ClassVar[type[CheckList]] = TargetList

    def __init__(
        self,
        items: Iterable[Item],
        chosen: Iterable[Target],
        *,
        by_hand: Callable[[str], Item | str],
        search: str,
        empty: str,
    ) -> None:
        targets = {str(target): target for target in chosen}
        super().__init__(items, targets, ordered=True, by_hand=by_hand, search=search, empty=empty)
        self._targets = cast("TargetList", self.list)
        self._targets.targets = targets

    @property
    def value(self) -> tuple[Target, ...]:
        """The targets, in their order."""
        return tuple(map(self._targets.target, self.keys))
