"""What can be configured, and how each kind is named, edited, deleted, moved and tested."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import ClassVar, Generic, TypeVar, cast

from textual.screen import ModalScreen

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import (
    DEFAULT_GROUP,
    AccessKey,
    Configuration,
    Group,
    Provider,
    Proxy,
)
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.group_form import GroupForm
from ccproxy_tui.tui.screens.key_form import KeyForm
from ccproxy_tui.tui.screens.provider_form import ProviderForm
from ccproxy_tui.tui.screens.proxy_form import ProxyForm
from ccproxy_tui.tui.upstreams import Upstreams

Item = Group | Proxy | AccessKey | Provider
T = TypeVar("T", bound=Item)
Form = ModalScreen[Edit | None]


def changed(item: T, **changes: object) -> T:
    """Return an item with some of its fields changed."""
    return cast("T", item.model_copy(update=changes))


class Kind(ABC, Generic[T]):
    """One kind of thing in the configuration."""

    noun: ClassVar[str]

    def name(self, item: T) -> str:
        """Return what the user calls it."""
        return item.alias if isinstance(item, Proxy) else item.name

    def identity(self, item: T) -> Hashable:
        """Return what it is known by within its list."""
        return self.name(item)

    def copy(self, configuration: Configuration, item: T) -> T:
        """Return a copy under a name that is not taken."""
        taken = [self.name(other) for other in self.items(configuration)]
        return changed(item, name=edits.unused_name(self.name(item), taken))

    @abstractmethod
    def items(self, configuration: Configuration) -> Sequence[T]:
        """Return all of them, in their order."""

    @abstractmethod
    def form(
        self, configuration: Configuration, upstreams: Upstreams, item: T | None, *, duplicate: bool
    ) -> Form:
        """Return the form that adds or edits one."""

    @abstractmethod
    def put(self, configuration: Configuration, old: T, new: T) -> Configuration:
        """Put one in the place of another."""

    @abstractmethod
    def delete(self, configuration: Configuration, item: T) -> Configuration:
        """Delete one, and what cannot be without it."""

    def consequences(self, configuration: Configuration, item: T) -> list[str]:
        """Say what else a deletion changes."""
        del configuration, item
        return []

    @abstractmethod
    def reorder(self, configuration: Configuration, items: tuple[T, ...]) -> Configuration:
        """Put all of them into another order."""

    @abstractmethod
    def copy_text(self, item: T, base_url: str) -> str:
        """Return what is worth having on the clipboard."""

    def probe(self, configuration: Configuration, item: T) -> tuple[Provider, str] | None:
        """Return provider and model that tell whether it works."""
        del configuration, item
        return None


class GroupKind(Kind[Group]):
    """Groups."""

    noun = "group"

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def copy(self, configuration: Configuration, item: Group) -> Group:
        """Return it as it is: the form finds the name, as it offers to copy the proxies too."""
        del configuration
        return item

    def items(self, configuration: Configuration) -> Sequence[Group]:
        """Return all groups."""
        return configuration.groups

    def form(
        self,
        configuration: Configuration,
        upstreams: Upstreams,
        item: Group | None,
        *,
        duplicate: bool,
    ) -> Form:
        """Return the form for a group."""
        del upstreams
        return GroupForm(configuration, item, duplicate=duplicate, base_url=self.base_url)

    def put(self, configuration: Configuration, old: Group, new: Group) -> Configuration:
        """Replace a group."""
        return edits.put_group(configuration, new, replaces=old.name)

    def delete(self, configuration: Configuration, item: Group) -> Configuration:
        """Delete a group and its proxies."""
        return edits.delete_group(configuration, item.name)

    def consequences(self, configuration: Configuration, item: Group) -> list[str]:
        """Say what goes with a group."""
        return edits.depends_on_group(configuration, item.name)

    def reorder(self, configuration: Configuration, items: tuple[Group, ...]) -> Configuration:
        """Reorder the groups."""
        return edits.reorder(configuration, groups=items)

    def copy_text(self, item: Group, base_url: str) -> str:
        """Return the address that clients of the group are pointed at."""
        return base_url if item.name == DEFAULT_GROUP else f"{base_url}/{item.name}"


class ProxyKind(Kind[Proxy]):
    """The proxies of one group."""

    noun = "proxy"

    def __init__(self, group: str) -> None:
        self.group = group

    def copy(self, configuration: Configuration, item: Proxy) -> Proxy:
        """Return a copy with an alias that the group has not got."""
        taken = [other.alias for other in self.items(configuration)]
        return item.model_copy(update={"alias": edits.unused_name(item.alias, taken)})

    def items(self, configuration: Configuration) -> Sequence[Proxy]:
        """Return the group's proxies."""
        return configuration.proxies_of(self.group)

    def form(
        self,
        configuration: Configuration,
        upstreams: Upstreams,
        item: Proxy | None,
        *,
        duplicate: bool,
    ) -> Form:
        """Return the form for a proxy."""
        del upstreams
        return ProxyForm(configuration, self.group, item, duplicate=duplicate)

    def put(self, configuration: Configuration, old: Proxy, new: Proxy) -> Configuration:
        """Replace a proxy."""
        return edits.put_proxy(configuration, new, replaces=old)

    def delete(self, configuration: Configuration, item: Proxy) -> Configuration:
        """Delete a proxy."""
        return edits.delete_proxy(configuration, item)

    def reorder(self, configuration: Configuration, items: tuple[Proxy, ...]) -> Configuration:
        """Reorder the group's proxies; those of other groups stay where they are."""
        mine = iter(items)
        proxies = tuple(
            next(mine) if proxy.group == self.group else proxy for proxy in configuration.proxies
        )
        return edits.reorder(configuration, proxies=proxies)

    def copy_text(self, item: Proxy, base_url: str) -> str:
        """Return the alias."""
        del base_url
        return item.alias

    def probe(self, configuration: Configuration, item: Proxy) -> tuple[Provider, str] | None:
        """Return the first target."""
        target = item.targets[0]
        provider = configuration.provider(target.provider)
        return None if provider is None else (provider, target.model)


class KeyKind(Kind[AccessKey]):
    """Access keys."""

    noun = "key"

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def copy(self, configuration: Configuration, item: AccessKey) -> AccessKey:
        """Return a copy with a token of its own."""
        copied = super().copy(configuration, item)
        return copied.model_copy(update={"token": edits.new_token()})

    def items(self, configuration: Configuration) -> Sequence[AccessKey]:
        """Return all keys."""
        return configuration.keys

    def form(
        self,
        configuration: Configuration,
        upstreams: Upstreams,
        item: AccessKey | None,
        *,
        duplicate: bool,
    ) -> Form:
        """Return the form for a key."""
        del upstreams
        return KeyForm(configuration, item, duplicate=duplicate, base_url=self.base_url)

    def put(self, configuration: Configuration, old: AccessKey, new: AccessKey) -> Configuration:
        """Replace a key."""
        return edits.put_key(configuration, new, replaces=old.name)

    def delete(self, configuration: Configuration, item: AccessKey) -> Configuration:
        """Delete a key."""
        return edits.delete_key(configuration, item.name)

    def consequences(self, configuration: Configuration, item: AccessKey) -> list[str]:
        """Say who is locked out."""
        del configuration, item
        return ["clients with this token are refused from the next call on"]

    def reorder(self, configuration: Configuration, items: tuple[AccessKey, ...]) -> Configuration:
        """Reorder the keys."""
        return edits.reorder(configuration, keys=items)

    def copy_text(self, item: AccessKey, base_url: str) -> str:
        """Return the token."""
        del base_url
        return item.token


class ProviderKind(Kind[Provider]):
    """Providers."""

    noun = "provider"

    def items(self, configuration: Configuration) -> Sequence[Provider]:
        """Return all providers."""
        return configuration.providers

    def form(
        self,
        configuration: Configuration,
        upstreams: Upstreams,
        item: Provider | None,
        *,
        duplicate: bool,
    ) -> Form:
        """Return the form for a provider."""
        return ProviderForm(configuration, upstreams, item, duplicate=duplicate)

    def put(self, configuration: Configuration, old: Provider, new: Provider) -> Configuration:
        """Replace a provider."""
        return edits.put_provider(configuration, new, replaces=old.name)

    def delete(self, configuration: Configuration, item: Provider) -> Configuration:
        """Delete a provider and what has no other target."""
        return edits.delete_provider(configuration, item.name)

    def consequences(self, configuration: Configuration, item: Provider) -> list[str]:
        """Say which proxies lose targets."""
        return edits.depends_on_provider(configuration, item.name)

    def reorder(self, configuration: Configuration, items: tuple[Provider, ...]) -> Configuration:
        """Reorder the providers."""
        return edits.reorder(configuration, providers=items)

    def copy_text(self, item: Provider, base_url: str) -> str:
        """Return the provider's address."""
        del base_url
        return item.base_url

    def probe(self, configuration: Configuration, item: Provider) -> tuple[Provider, str] | None:
        """Return the provider's first model."""
        del configuration
        return (item, item.models[0]) if item.models else None
