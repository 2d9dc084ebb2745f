"""Leading aliases that only the demo answers to the first real provider, if the user likes.

Without this a new provider would answer nothing until an alias is pointed at it.
"""

from collections.abc import Sequence

from ccproxy_tui.config import edits
from ccproxy_tui.config.first import is_demo
from ccproxy_tui.config.models import Configuration, Provider, Proxy, Target
from ccproxy_tui.tui.fields.plain import plain
from ccproxy_tui.tui.screens.confirm import Confirm
from ccproxy_tui.tui.screens.edit import Edit

_NAMED = 5
"""Aliases that the question names; of more it says how many."""


def answered_by_demo(configuration: Configuration) -> list[Proxy]:
    """Return the proxies that have no target but the demo."""
    demos = {provider.name for provider in configuration.providers if is_demo(provider)}
    return [
        proxy
        for proxy in configuration.proxies
        if all(target.provider in demos for target in proxy.targets)
    ]


def lead_away(configuration: Configuration, target: Target) -> Configuration:
    """Let `target` answer in place of the demo."""
    for proxy in answered_by_demo(configuration):
        led = proxy.model_copy(update={"targets": (target,)})
        configuration = edits.put_proxy(configuration, led, replaces=proxy)
    return configuration


def proposal(
    configuration: Configuration, edit: Edit, provider: Provider
) -> tuple[Confirm, Edit] | None:
    """Return a question, and the edit for a yes: `edit`, and `provider` in place of the demo.

    None where there is nothing to ask: the provider cannot answer, or no alias is the demo's alone.
    """
    proxies = answered_by_demo(edit.value)
    if not proxies or not provider.models or provider.disabled or is_demo(provider):
        return None
    target = Target(provider=provider.name, model=provider.models[0])
    led = proxies[0].alias if len(proxies) == 1 else f"{len(proxies)} aliases"
    further = Edit.of(
        configuration,
        lambda now: lead_away(edit.change(now), target),
        f"{edit.what} and let it answer for {plain(led)}",
        focus=edit.focus,
    )
    return _question(proxies, target), further


def _question(proxies: Sequence[Proxy], target: Target) -> Confirm:
    if len(proxies) == 1:
        what = f"{proxies[0].alias} of group {proxies[0].group}"
        aliases = []
    else:
        what = "these aliases"
        aliases = [f"  - {proxy.alias} of group {proxy.group}" for proxy in proxies[:_NAMED]]
        if len(proxies) > _NAMED:
            aliases.append(f"  - and {len(proxies) - _NAMED} more")
    return Confirm(
        "Let it answer now?",
        [
            f"Let {what} be answered by {target} instead of the demo?",
            *aliases,
            "",
            "The provider is saved either way; 2 e on an alias changes this.",
        ],
        "Let it answer",
        no_label="Only save",
        destructive=False,
    )
