"""Edits of a configuration, as functions from one value to the next.

Renaming carries along what refers to the old name; deleting takes away what cannot stand alone,
and `depends_on_*` says beforehand what that is. All raise pydantic's `ValidationError` when the
result would not be a valid configuration.
"""

import secrets
import string
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ccproxy_tui.config.models import (
    DEFAULT_GROUP,
    AccessKey,
    Configuration,
    Group,
    Prompt,
    Provider,
    Proxy,
    Settings,
)

_T = TypeVar("_T")
_HIDDEN = "••••"
_TOKEN_ALPHABET = string.ascii_letters + string.digits


def new_token() -> str:
    """Return a fresh access token: cs- and 61 random letters and digits (363 bits)."""
    return "cs-" + "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(61))


def mask(secret: str) -> str:
    """Return a secret as it may be shown: its two ends when long, else nothing of it."""
    if secret.startswith("env:"):
        return secret
    if len(secret) < 16:
        return "••••••••"
    return f"{secret[:5]}…{secret[-4:]}"


def without_credentials(address: str) -> str:
    """Return an HTTP proxy's address as it may be shown, be it valid or just being typed."""
    if address.startswith("env:"):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return _HIDDEN
    credentials, at, host = parts.netloc.rpartition("@")
    if not host:
        return _HIDDEN
    return f"{parts.scheme}://{_HIDDEN if credentials else ''}{at}{host}"


def unused_name(wanted: str, taken: Iterable[str]) -> str:
    """Return `wanted`, or `wanted-2`, `wanted-3`, … when that is taken."""
    names = set(taken)
    candidate, number = wanted, 2
    while candidate in names:
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate


def _changed(configuration: Configuration, **changes: Any) -> Configuration:
    """Return a copy that has been validated as a whole, which `model_copy` does not do."""
    fields = {name: getattr(configuration, name) for name in Configuration.model_fields}
    return Configuration.model_validate({**fields, **changes})


def _put(items: Sequence[_T], old: _T | None, new: _T) -> tuple[_T, ...]:
    """Return `items` with `new` in the place of `old`, or at the end when there is no old one."""
    if old is None:
        return (*items, new)
    return tuple(new if item is old else item for item in items)


def put_settings(configuration: Configuration, settings: Settings) -> Configuration:
    """Replace the settings."""
    return _changed(configuration, settings=settings)


def put_provider(
    configuration: Configuration, provider: Provider, replaces: str | None = None
) -> Configuration:
    """Add a provider, or put it in the place of the one named `replaces`."""
    old = configuration.provider(replaces) if replaces is not None else None
    proxies = configuration.proxies
    if old is not None and old.name != provider.name:
        proxies = tuple(_retarget(proxy, old.name, provider.name) for proxy in proxies)
    return _changed(
        configuration, providers=_put(configuration.providers, old, provider), proxies=proxies
    )


def _retarget(proxy: Proxy, old: str, new: str) -> Proxy:
    targets = tuple(
        target.model_copy(update={"provider": new}) if target.provider == old else target
        for target in proxy.targets
    )
    return proxy.model_copy(update={"targets": targets})


def put_group(
    configuration: Configuration, group: Group, replaces: str | None = None
) -> Configuration:
    """Add a group, or put it in the place of the one named `replaces`."""
    old = configuration.group(replaces) if replaces is not None else None
    proxies, settings = configuration.proxies, configuration.settings
    keys = configuration.keys
    if old is not None and old.name != group.name:
        proxies = tuple(
            proxy.model_copy(update={"group": group.name}) if proxy.group == old.name else proxy
            for proxy in proxies
        )
        if settings.active_group == old.name:
            settings = settings.model_copy(update={"active_group": group.name})
        keys = tuple(_regrouped(key, old.name, group.name) for key in keys)
    return _changed(
        configuration,
        groups=_put(configuration.groups, old, group),
        proxies=proxies,
        settings=settings,
        keys=keys,
    )


def copy_fields(
    configuration: Configuration, template: Group, fields: Iterable[str], names: Iterable[str]
) -> Configuration:
    """Give the groups `names` the template's values of `fields`, all in one step."""
    values = {field: getattr(template, field) for field in fields}
    chosen = frozenset(names)
    return _changed(
        configuration,
        groups=tuple(
            group.model_copy(update=values) if group.name in chosen else group
            for group in configuration.groups
        ),
    )


def _regrouped(key: AccessKey, old: str, new: str) -> AccessKey:
    groups = tuple(new if name == old else name for name in key.groups)
    return key.model_copy(update={"groups": groups})


def put_proxy(
    configuration: Configuration, proxy: Proxy, replaces: Proxy | None = None
) -> Configuration:
    """Add a proxy, or put it in the place of `replaces` (one of the configuration's own)."""
    old = None if replaces is None else find_proxy(configuration, replaces.group, replaces.alias)
    return _changed(configuration, proxies=_put(configuration.proxies, old, proxy))


def find_proxy(configuration: Configuration, group: str, alias: str) -> Proxy | None:
    """Return the proxy of that group and alias, if there is one."""
    return next((proxy for proxy in configuration.proxies_of(group) if proxy.alias == alias), None)


def put_key(
    configuration: Configuration, key: AccessKey, replaces: str | None = None
) -> Configuration:
    """Add an access key, or put it in the place of the one named `replaces`."""
    old = configuration.key(replaces) if replaces is not None else None
    return _changed(configuration, keys=_put(configuration.keys, old, key))


def put_prompt(
    configuration: Configuration, prompt: Prompt, replaces: str | None = None
) -> Configuration:
    """Add a prompt of the user's own, or put it in the place of the one named `replaces`."""
    old = configuration.prompt(replaces) if replaces is not None else None
    return _changed(configuration, prompts=_put(configuration.prompts, old, prompt))


def delete_prompt(configuration: Configuration, name: str) -> Configuration:
    """Delete a prompt; groups that have its text keep it."""
    return _changed(
        configuration,
        prompts=tuple(prompt for prompt in configuration.prompts if prompt.name != name),
    )


def depends_on_provider(configuration: Configuration, name: str) -> list[str]:
    """Say what deleting a provider changes, a line each."""
    said = []
    for proxy in configuration.proxies:
        left = [target for target in proxy.targets if target.provider != name]
        if not left:
            said.append(f"proxy {proxy.group}: {proxy.alias} has no other target and goes too")
        elif lost := len(proxy.targets) - len(left):
            said.append(f"proxy {proxy.group}: {proxy.alias} loses {lost} of its targets")
    return said


def delete_provider(configuration: Configuration, name: str) -> Configuration:
    """Delete a provider, the targets on it, and the proxies that are left with none."""
    proxies = []
    for proxy in configuration.proxies:
        left = tuple(target for target in proxy.targets if target.provider != name)
        if left:
            proxies.append(proxy.model_copy(update={"targets": left}))
    providers = tuple(item for item in configuration.providers if item.name != name)
    return _changed(configuration, providers=providers, proxies=tuple(proxies))


def depends_on_group(configuration: Configuration, name: str) -> list[str]:
    """Say what deleting a group changes, a line each."""
    said = [f"proxy {proxy.alias} goes too" for proxy in configuration.proxies_of(name)]
    if configuration.settings.active_group == name:
        said.append(f"it is the active group: /switch will lead to {DEFAULT_GROUP}")
    for key in configuration.keys:
        if key.groups == (name,):
            said.append(f"access key {key.name} opens no other group and is disabled")
        elif name in key.groups:
            said.append(f"access key {key.name} opens one group less")
    return said


def delete_group(configuration: Configuration, name: str) -> Configuration:
    """Delete a group with its proxies; the default group cannot be deleted."""
    settings = configuration.settings
    if settings.active_group == name:
        settings = settings.model_copy(update={"active_group": DEFAULT_GROUP})
    return _changed(
        configuration,
        settings=settings,
        groups=tuple(group for group in configuration.groups if group.name != name),
        proxies=tuple(proxy for proxy in configuration.proxies if proxy.group != name),
        keys=tuple(_without_group(key, name) for key in configuration.keys),
    )


def _without_group(key: AccessKey, name: str) -> AccessKey:
    """Take a group from a key; as no group means all of them, the last one disables the key."""
    if name not in key.groups:
        return key
    left = tuple(group for group in key.groups if group != name)
    return key.model_copy(update={"groups": left, "disabled": key.disabled or not left})


def delete_proxy(configuration: Configuration, proxy: Proxy) -> Configuration:
    """Delete a proxy."""
    where = (proxy.group, proxy.alias)
    left = tuple(item for item in configuration.proxies if (item.group, item.alias) != where)
    return _changed(configuration, proxies=left)


def delete_key(configuration: Configuration, name: str) -> Configuration:
    """Delete an access key."""
    return _changed(
        configuration, keys=tuple(key for key in configuration.keys if key.name != name)
    )


def moved(items: Sequence[_T], index: int, by: int) -> tuple[_T, ...]:
    """Return `items` with the one at `index` moved `by` places, as far as there is room."""
    order = list(items)
    item = order.pop(index)
    order.insert(max(0, min(len(order), index + by)), item)
    return tuple(order)


def reorder(
    configuration: Configuration,
    *,
    providers: tuple[Provider, ...] | None = None,
    groups: tuple[Group, ...] | None = None,
    proxies: tuple[Proxy, ...] | None = None,
    keys: tuple[AccessKey, ...] | None = None,
) -> Configuration:
    """Replace whole lists, such as after a move."""
    given = {"providers": providers, "groups": groups, "proxies": proxies, "keys": keys}
    return _changed(configuration, **{name: value for name, value in given.items() if value})
