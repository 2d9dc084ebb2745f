"""The configuration as one frozen value: an edit makes a new one, and undo is the old one.

Everything is validated here, at the edge, so that the gateway can trust what it is given.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from ccproxy_tui.config.fields import (
    Alias,
    ApiKeys,
    AsTuple,
    BaseUrl,
    Count,
    GroupName,
    Host,
    HttpProxies,
    LastDay,
    Lines,
    Name,
    ProviderName,
    Seconds,
    Token,
)
from ccproxy_tui.config.prices import Prices
from ccproxy_tui.config.profiles import ModelProfile

Protocol = Literal["claude", "openai", "responses", "gemini", "ollama"]
PromptInjection = Literal["off", "enhance", "replace"]
InjectionScope = Literal["tools", "every"]
PromptPosition = Literal["system", "user"]
ToolMode = Literal["auto", "compat", "native"]
Capture = Literal["full", "errors", "off"]
Strategy = Literal["sticky", "round_robin", "priority", "weighted", "least_busy"]

DEFAULT_GROUP = "default"
"""The group of calls whose URL names none; it always exists."""


class _Value(BaseModel):
    """Frozen and strict about field names, so that a typo in a file is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Settings(_Value):
    """What holds for the whole proxy."""

    host: Host = "127.0.0.1"
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
    ask_again: bool = True
    """Whether a model whose tool call cannot be read is asked once more, in compatibility mode."""
    journal_days: float = Field(default=7, gt=0, le=3650)
    """Days for which calls are kept on disk."""
    journal_megabytes: int = Field(default=1024, ge=1, le=10_000_000)
    """Megabytes of disk that calls may fill; the oldest make room for new ones."""
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
    base_url: BaseUrl
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
    profiles: Annotated[tuple[ModelProfile, ...], AsTuple] = ()
    """Quirks of its models, where what is shipped does not do; the first that fits counts."""
    prices: Prices = ()
    """What its models cost, where the list prices are not right or have them not."""

    @property
    def profile_entries(self) -> tuple[dict[str, Any], ...]:
        """The quirks as plain data, just what is said."""
        return tuple(profile.entry for profile in self.profiles)


class Replacement(_Value):
    """A piece of the client's system prompt, and what takes its place."""

    find: Annotated[str, Field(min_length=1)]
    """Literal text; case counts, and every occurrence is replaced."""
    replace: str = ""


class Group(_Value):
    """Rules for the calls under /{name}/."""

    name: GroupName
    description: str = ""
    prompt_injection: PromptInjection = "off"
    prompt_text: str = ""
    prompt_scope: InjectionScope = "tools"
    """`tools`: only calls that carry tools are changed, so titles and summaries stay as they are."""
    prompt_position: PromptPosition = "system"
    """`user`: the text goes to the front of the last user message, behind any tool results."""
    prompt_models: Lines = ()
    """The text is only for calls whose requested model fits one of these patterns; none: for all."""
    replacements: Annotated[tuple[Replacement, ...], AsTuple] = ()
    """Applied to the client's system prompt in their order, before any text is added."""
    tool_filter: Lines = ()
    """Tools to take away, by name or wildcard."""
    temperature_ratio: float = Field(default=1.0, ge=0, le=2)
    """What a temperature sent by the client is multiplied with."""
    tool_mode: ToolMode = "auto"
    """`compat`: tools are described in the prompt, and calls are read from the model's text.
    `native`: never. `auto`: where the URL says so, or the model is known to call no functions."""
    capture: Capture = "full"
    """Of which calls the journal keeps the messages, and not just the facts.

    `full`: of all. `errors`: of those that failed. `off`: of none.
    """
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
    alias: Alias
    """A model's name, or a pattern with * (any run) and ? (one character)."""
    targets: Annotated[tuple[Target, ...], AsTuple] = Field(min_length=1)
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
    token: Token = Field(repr=False)
    disabled: bool = False
    groups: Lines = ()
    """Groups that it opens; none named: all."""
    expires: LastDay = None
    """The last day on which it is valid, by this machine's clock."""
    requests_per_minute: Count | None = None
    tokens_per_day: Count | None = None
    """Input and output, cached or not, of a calendar day of this machine."""
    money_per_day: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """US dollars of a calendar day, as far as prices are known."""


class Prompt(_Value):
    """A text of the user's own, to be inserted into groups."""

    name: Name
    text: Annotated[str, Field(min_length=1)]
    description: str = ""


class Configuration(_Value):
    """All of it. Names are unique, and whatever is referred to exists."""

    settings: Settings = Settings()
    providers: tuple[Provider, ...] = ()
    groups: tuple[Group, ...] = (Group(name=DEFAULT_GROUP),)
    proxies: tuple[Proxy, ...] = ()
    keys: tuple[AccessKey, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    """The user's own, beside those that are shipped."""

    def provider(self, name: str) -> Provider | None:
        """Return the provider of that name, if there is one."""
        return next((provider for provider in self.providers if provider.name == name), None)

    def group(self, name: str) -> Group | None:
        """Return the group of that name, if there is one."""
        return next((group for group in self.groups if group.name == name), None)

    def key(self, name: str) -> AccessKey | None:
        """Return the access key of that name, if there is one."""
        return next((key for key in self.keys if key.name == name), None)

    def prompt(self, name: str) -> Prompt | None:
        """Return the user's prompt of that name, if there is one."""
        return next((prompt for prompt in self.prompts if prompt.name == name), None)

    def proxies_of(self, group: str) -> tuple[Proxy, ...]:
        """Return the proxies of a group, in their order."""
        return tuple(proxy for proxy in self.proxies if proxy.group == group)

    @model_validator(mode="after")
    def _consistent(self) -> "Configuration":
        problems = [
            *_doubles("provider", (provider.name for provider in self.providers)),
            *_doubles("group", (group.name for group in self.groups)),
            *_doubles("access key", (key.name for key in self.keys)),
            *_doubles("prompt", (prompt.name for prompt in self.prompts)),
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
