"""The configuration as one frozen value: an edit makes a new one, and undo is the old one.

Everything is validated here, at the edge, so that the gateway can trust what it is given.
"""

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from ccproxy_tui.config.profiles import ModelProfile

Protocol = Literal["claude", "openai", "responses", "gemini", "ollama"]
PromptInjection = Literal["off", "enhance", "replace"]
InjectionScope = Literal["tools", "every"]
Strategy = Literal["sticky", "round_robin", "priority", "weighted", "least_busy"]

DEFAULT_GROUP = "default"
"""The group of calls whose URL names none; it always exists."""

RESERVED_GROUPS = frozenset(
    {"switch", "compat", "compat_mode", "mcp", "metrics", "api", "v1", "v1beta", "models"}
)
"""Names that are already a part of the proxy's own URLs."""

_URL_UNSAFE = re.compile(r"[\s/@?#%{}\\\x00-\x1f\x7f]")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_ENV_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")


def _name(value: str) -> str:
    value = value.strip()
    if not value:
        raise ValueError("a name is needed")
    if any(ord(character) < 32 for character in value):
        raise ValueError("a name is one line of text")
    return value


def _group_name(value: str) -> str:
    value = _name(value)
    if value.lower() in RESERVED_GROUPS:
        raise ValueError(f'"{value}" is part of the proxy\'s own URLs; choose another name')
    if found := _URL_UNSAFE.search(value):
        shown = "a space" if found[0].isspace() else f'"{found[0]}"'
        raise ValueError(f"a group's name is part of its URL and cannot hold {shown}")
    return value


def _provider_name(value: str) -> str:
    value = _name(value)
    if "/" in value:
        raise ValueError('"/" separates provider and model and cannot be part of the name')
    return value


def _base_url(value: str) -> str:
    value = value.strip().rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address like https://host/v1 is needed")
    if parts.username or parts.password:
        raise ValueError("put the credential under API keys, not into the address")
    if parts.query or parts.fragment:
        raise ValueError("an address without ? and # is needed")
    _check_port(parts)
    return value


def _check_port(parts: SplitResult) -> None:
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("the port must be a number from 0 to 65535") from None


def _api_key(value: str) -> str:
    value = value.strip()
    if value.startswith("env:"):
        if not _ENV_REFERENCE.fullmatch(value):
            raise ValueError("env: is followed by the name of an environment variable")
    elif not _PRINTABLE.fullmatch(value):
        raise ValueError("an API key is one word of plain ASCII")
    return value


def _http_proxy(value: str) -> str:
    value = value.strip().rstrip("/")
    if value.startswith("env:"):
        if not _ENV_REFERENCE.fullmatch(value):
            raise ValueError("env: is followed by the name of an environment variable")
        return value
    # what is not ASCII goes no further: urlsplit's error would quote the password
    parts = urlsplit(value if _PRINTABLE.fullmatch(value) else "")
    known = parts.scheme in {"http", "https"} and parts.hostname
    if not known or parts.path or parts.query or parts.fragment:
        raise ValueError("an address like http://user:password@host:3128 is needed")
    _check_port(parts)
    return value


def _token(value: str) -> str:
    value = value.strip()
    if not _PRINTABLE.fullmatch(value) or len(value) < 6:
        raise ValueError("a token is one word of at least 6 plain ASCII characters")
    return value


def _alias(value: str) -> str:
    value = value.strip()
    if not value or any(character.isspace() for character in value):
        raise ValueError("an alias is one word: a model's name, or a pattern with * and ?")
    return value


def _host(value: str) -> str:
    value = value.strip()
    if not value or _URL_UNSAFE.search(value):
        raise ValueError("a host name or an IP address is needed")
    return value


def _unique_lines(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for value in values if (line := value.strip())))


def _day(value: Any) -> Any:
    """Refuse what pydantic takes for a date, but nobody means as one: seconds since the epoch."""
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value.strip())
    if value is not None and type(value) is not date:
        raise ValueError("a day like 2030-12-31 is needed")
    return value


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Name = Annotated[str, AfterValidator(_name)]
GroupName = Annotated[str, AfterValidator(_group_name)]
ProviderName = Annotated[str, AfterValidator(_provider_name)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), AfterValidator(_unique_lines)]
ApiKeys = Annotated[
    tuple[Annotated[str, AfterValidator(_api_key)], ...],
    BeforeValidator(_as_tuple),
    AfterValidator(_unique_lines),
]
HttpProxies = Annotated[
    tuple[Annotated[str, AfterValidator(_http_proxy)], ...], BeforeValidator(_as_tuple)
]
"""Not made unique: two API keys can share one."""
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000_000)]


class _Value(BaseModel):
    """Frozen and strict about field names, so that a typo in a file is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Settings(_Value):
    """What holds for the whole proxy."""

    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    """The address to listen on; needs a restart."""
    port: int = Field(default=11435, ge=0, le=65_535)
    """The port to listen on, 0 for any free one; needs a restart."""
    accept_hosts: Lines = ()
    """More names by which clients may address the proxy (the `Host` header)."""
    active_group: str = DEFAULT_GROUP
    """The group that /switch leads to."""
    connect_timeout: Seconds = 10
    """Seconds until an upstream must have accepted a connection."""
    first_byte_timeout: Seconds = 300
    """Seconds until the first byte of an upstream's reply."""
    chunk_timeout: Seconds = 300
    """Seconds of silence allowed within a reply."""
    total_timeout: Seconds = 3600
    """Seconds until a reply must be complete."""
    max_attempts: int = Field(default=8, ge=1, le=100)
    """How many requests go upstream for one call, at most."""
    failover_deadline: Seconds = 60
    """Seconds from a call's start within which one more candidate may be tried."""
    hold: float = Field(default=0, ge=0, le=86_400)
    """Seconds that a call may wait for a candidate that is cooling down; 0 fails at once."""
    on_hangup: Literal["serve", "exit"] = "serve"
    """What to do when the terminal vanishes."""
    theme: str = "ccproxy-dark"
    """The look of the full-screen app."""
    ascii: bool = False
    """Draw with plain ASCII."""


class Provider(_Value):
    """A vendor or server that runs models."""

    name: ProviderName
    protocol: Protocol = "openai"
    base_url: Annotated[str, AfterValidator(_base_url)]
    """Up to and including the version segment, e.g. https://api.openai.com/v1."""
    api_keys: ApiKeys = Field(default=(), repr=False)
    """Literals, or env:NAME read at use; none for a server that asks for none."""
    models: Lines = ()
    disabled: bool = False
    requests_per_minute: Count | None = None
    """Of one API key; None for no limit."""
    concurrent_requests: Count | None = None
    """Of one API key at the same time; None for no limit."""
    connect_timeout: Seconds | None = None
    """This and the other time-outs: None takes the one of the settings."""
    first_byte_timeout: Seconds | None = None
    chunk_timeout: Seconds | None = None
    total_timeout: Seconds | None = None
    http_proxies: HttpProxies = Field(default=(), repr=False)
    """Outgoing HTTP proxies, or env:NAME: one for all API keys, or one for each in their order."""
    profiles: Annotated[tuple[ModelProfile, ...], BeforeValidator(_as_tuple)] = ()
    """Quirks of its models, where what is shipped does not do; the first that fits counts."""

    @property
    def profile_entries(self) -> tuple[dict[str, Any], ...]:
        """The quirks as plain data, just what is said."""
        return tuple(profile.entry for profile in self.profiles)


class Group(_Value):
    """Rules for the calls under /{name}/."""

    name: GroupName
    description: str = ""
    prompt_injection: PromptInjection = "off"
    prompt_text: str = ""
    prompt_scope: InjectionScope = "tools"
    """`tools`: only calls that carry tools are changed, so titles and summaries stay as they are."""
    tool_filter: Lines = ()
    """Tools to take away, by name or wildcard."""
    temperature_ratio: float = Field(default=1.0, ge=0, le=2)
    """What a temperature sent by the client is multiplied with."""
    disabled: bool = False


class Target(_Value):
    """A model of a provider; with nothing else to say, it is written `provider/model`."""

    provider: str = Field(min_length=1)
    model: str = Field(min_length=1)
    weight: int = Field(default=1, ge=1, le=1000)
    """Its share under the strategy `weighted`, whatever the number of its keys."""
    disabled: bool = False

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        provider, slash, model = value.strip().partition("/")
        if not (provider and slash and model):
            raise ValueError(f'a target is written provider/model, not "{value}"')
        return {"provider": provider, "model": model}

    @model_serializer(mode="wrap")
    def _short(self, handler: SerializerFunctionWrapHandler) -> str | dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        said = {
            name: value
            for name, value in fields.items()
            if value != Target.model_fields[name].default
        }
        return said if said.keys() - {"provider", "model"} else str(self)

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


class Proxy(_Value):
    """An alias in a group, and the targets that answer for it."""

    group: str = DEFAULT_GROUP
    alias: Annotated[str, AfterValidator(_alias)]
    """A model's name, or a pattern with * (any run) and ? (one character)."""
    targets: Annotated[tuple[Target, ...], BeforeValidator(_as_tuple)] = Field(min_length=1)
    """In their order, which counts under the strategy `priority`."""
    strategy: Strategy = "sticky"
    """How a call's candidate, one of the targets with one of its keys, is chosen.

    `sticky`: a session stays with its candidate, new ones are spread evenly. `round_robin`: each
    has its turn. `priority`: the first target that is available. `weighted`: by the targets'
    weights. `least_busy`: the one with the fewest calls under way.
    """
    disabled: bool = False


class AccessKey(_Value):
    """What a client must show to be let in."""

    name: Name
    token: Annotated[str, AfterValidator(_token)] = Field(repr=False)
    disabled: bool = False
    groups: Lines = ()
    """Groups that it opens; none named: all."""
    expires: Annotated[date | None, BeforeValidator(_day)] = None
    """The last day on which it is valid, by this machine's clock."""
    requests_per_minute: Count | None = None
    tokens_per_day: Count | None = None
    """Input and output, cached or not, of a calendar day of this machine."""
    money_per_day: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """US dollars of a calendar day, as far as prices are known."""


class Configuration(_Value):
    """All of it. Names are unique, and whatever is referred to exists."""

    settings: Settings = Settings()
    providers: tuple[Provider, ...] = ()
    groups: tuple[Group, ...] = (Group(name=DEFAULT_GROUP),)
    proxies: tuple[Proxy, ...] = ()
    keys: tuple[AccessKey, ...] = ()

    def provider(self, name: str) -> Provider | None:
        """Return the provider of that name, if there is one."""
        return next((provider for provider in self.providers if provider.name == name), None)

    def group(self, name: str) -> Group | None:
        """Return the group of that name, if there is one."""
        return next((group for group in self.groups if group.name == name), None)

    def key(self, name: str) -> AccessKey | None:
        """Return the access key of that name, if there is one."""
        return next((key for key in self.keys if key.name == name), None)

    def proxies_of(self, group: str) -> tuple[Proxy, ...]:
        """Return the proxies of a group, in their order."""
        return tuple(proxy for proxy in self.proxies if proxy.group == group)

    @model_validator(mode="after")
    def _consistent(self) -> "Configuration":
        problems = [
            *_doubles("provider", (provider.name for provider in self.providers)),
            *_doubles("group", (group.name for group in self.groups)),
            *_doubles("access key", (key.name for key in self.keys)),
            *_doubles("token of access key", (key.token for key in self.keys), secret=True),
            *_doubles("proxy", (f"{proxy.group}: {proxy.alias}" for proxy in self.proxies)),
        ]
        groups = {group.name for group in self.groups}
        providers = {provider.name for provider in self.providers}
        if DEFAULT_GROUP not in groups:
            problems.append(
                f'the group "{DEFAULT_GROUP}" takes calls without a group and must stay'
            )
        if self.settings.active_group not in groups:
            problems.append(_missing("settings.active_group", self.settings.active_group, groups))
        for proxy in self.proxies:
            where = f"proxy {proxy.group}: {proxy.alias}"
            if proxy.group not in groups:
                problems.append(_missing(f"{where}: group", proxy.group, groups))
            problems.extend(
                _missing(f"{where}: provider", target.provider, providers)
                for target in proxy.targets
                if target.provider not in providers
            )
        for key in self.keys:
            problems.extend(
                _missing(f"access key {key.name}: group", name, groups)
                for name in key.groups
                if name not in groups
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _doubles(kind: str, names: Iterable[str], *, secret: bool = False) -> list[str]:
    counted = Counter(names)
    return [
        f"two of the same {kind}" if secret else f'there are {count} of {kind} "{name}"'
        for name, count in counted.items()
        if count > 1
    ]


def _missing(where: str, name: str, known: set[str]) -> str:
    return f'{where} "{name}" does not exist (there are: {", ".join(sorted(known)) or "none"})'
