"""The form for a proxy: an alias, and the targets that answer for it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import ValidationError
from textual import on

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Configuration, Proxy, Strategy, Target
from ccproxy_tui.tui.fields.alias_notes import alias_note
from ccproxy_tui.tui.fields.check_list import Item
from ccproxy_tui.tui.fields.choice import Choice, on_off
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.fields.target_list import TargetPicker
from ccproxy_tui.tui.fields.text import LineInput
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.form import FormScreen

_OTHER_ROWS = 7
"""Rows of the fields besides the targets, with their notes."""
_MOST_ROWS = 30
_SPARE_ROWS = 3
"""Lines kept free in the list for targets typed by hand."""


_STRATEGIES: tuple[tuple[Strategy, str], ...] = (
    ("sticky", "sticky"),
    ("round_robin", "round robin"),
    ("priority", "priority"),
    ("weighted", "weighted"),
    ("least_busy", "least busy"),
)
_MEANINGS: dict[Strategy, str] = {
    "sticky": "a session stays with its candidate, so that caches hit",
    "round_robin": "each candidate has its turn",
    "priority": "in order: the next only when those before are out",
    "weighted": "by the weights of the targets",
    "least_busy": "the candidate with the fewest calls under way",
}


class ProxyForm(FormScreen):
    """Adds a proxy to a group, or changes one."""

    FIRST_FIELD: ClassVar[str] = "alias"
    WORDS: ClassVar[dict[str, str]] = {"targets": "choose at least one model"}

    def __init__(
        self,
        configuration: Configuration,
        group_name: str,
        proxy: Proxy | None,
        *,
        duplicate: bool = False,
    ) -> None:
        self._replaces = None if duplicate else proxy
        self._proxy = proxy
        self._group_name = group_name if proxy is None else proxy.group
        chosen = () if proxy is None else proxy.targets
        self._targets = TargetPicker(
            target_items(configuration, map(str, chosen)),
            chosen,
            by_hand=self._by_hand,
            search="type words to search, or provider/model",
            empty="no provider has models yet; type provider/model",
        )
        new = self._replaces is None
        self._names = {provider.name for provider in configuration.providers}
        title = f"Proxy {proxy.alias}" if proxy and not new else "New proxy"
        super().__init__(configuration, title, new=new)

    def make_fields(self) -> Iterable[Field]:
        """Return the fields."""
        proxy = self._proxy
        groups = [(group.name, group.name) for group in self.configuration.groups]
        return (
            Field("group", "Group", Choice(groups, self._group_name),
                  "The group whose calls it is for."),
            Field("alias", "Alias", LineInput("" if proxy is None else proxy.alias,
                                              placeholder="e.g. claude-sonnet-*"),
                  "The model that the client asks for. * stands for any run of characters, "
                  "? for one; the most exact alias wins."),
            Field("strategy", "Strategy",
                  Choice(_STRATEGIES, "sticky" if proxy is None else proxy.strategy),
                  "Which candidate gets a call: one of the targets with one of its API keys. Those "
                  "that cannot answer now are passed over."),
            Field("targets", "Targets", self._targets,
                  "The models that answer. Type words or provider/model, down leads into the list. "
                  "There: space chooses, K J order, + - weight, o off/on."),
            Field("disabled", "State", on_off(disabled=bool(proxy and proxy.disabled)),
                  "A proxy that is off answers for nothing."),
        )  # fmt: skip

    def begin(self) -> None:
        """Say at once what the strategy means, and that a copy needs another alias, or group."""
        self._note_others()
        if self.new and self._proxy is not None:
            self.field("alias").touched = True
            self.check()

    def fit(self, rows: int) -> None:
        """Give the list of targets what the other fields leave."""
        self._targets.set_rows(
            min(rows - _OTHER_ROWS, _MOST_ROWS, self._targets.full_rows + _SPARE_ROWS)
        )

    @on(Field.Changed)
    def _note_others(self) -> None:
        strategy = self.field("strategy")
        strategy.show_note(_MEANINGS[strategy.value])
        group = str(self.field("group").value)
        alias = str(self.field("alias").value).strip()
        note = alias_note(alias, self._others(group)) if alias else ""
        self.field("alias").show_note(plain(note))

    def _others(self, group: str) -> Sequence[Proxy]:
        return [
            proxy
            for proxy in self.configuration.proxies_of(group)
            if self._replaces is None
            or proxy.alias != self._replaces.alias
            or proxy.group != self._replaces.group
        ]

    def own_problems(self) -> dict[str, str]:
        """Return why the alias cannot be had."""
        group, alias = str(self.field("group").value), str(self.field("alias").value).strip()
        if any(other.alias == alias for other in self._others(group)):
            return {"alias": f"the group {plain(group)} has this alias already"}
        return {}

    def make_edit(self) -> Edit:
        """Return the edit that the values mean."""
        proxy = Proxy.model_validate(self.values)
        replaces = self._replaces
        return Edit.of(
            self.configuration,
            lambda configuration: edits.put_proxy(configuration, proxy, replaces),
            f"{'add' if self.new else 'change'} proxy {plain(proxy.alias)}",
            focus=proxy.alias,
        )

    def _by_hand(self, typed: str) -> Item | str:
        """Return the target that was typed, or what to type."""
        name, _, model = typed.partition("/")
        if name not in self._names or not model:
            return f'nothing has "{typed}"; by hand: provider/model'
        try:
            target = Target.model_validate(typed)
        except ValidationError:
            return "by hand: provider/model"
        return Item(str(target), target.model, heading=target.provider, note="typed")


def target_items(configuration: Configuration, chosen: Iterable[str]) -> list[Item]:
    """Return all models, by provider; those chosen that a provider does not list come with it."""
    unlisted: dict[str, list[str]] = {}
    for key in chosen:
        name, _, model = key.partition("/")
        unlisted.setdefault(name, []).append(model)
    items = []
    for provider in configuration.providers:
        off = "provider off" if provider.disabled else ""
        models = dict.fromkeys(provider.models, off)
        extra = {m: "not in its list" for m in unlisted.get(provider.name, ()) if m not in models}
        items += [
            Item(f"{provider.name}/{model}", model, provider.name, note)
            for model, note in {**extra, **models}.items()
        ]
    return items
