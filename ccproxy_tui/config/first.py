"""What a first start finds: a key, the default group, and a demo provider that answers at once."""

from ccproxy_tui.config.edits import new_token
from ccproxy_tui.config.models import (
    DEFAULT_GROUP,
    AccessKey,
    Configuration,
    Group,
    Provider,
    Proxy,
    Settings,
    Target,
)
from ccproxy_tui.config.prices import ModelPrice
from ccproxy_tui.config.profiles import ModelProfile

DEMO_HOST = "demo.internal"
"""The host under which the scripted upstream inside this process is reached."""

DEMO_PROVIDER = Provider(
    name="demo",
    protocol="openai",
    base_url=f"http://{DEMO_HOST}/v1",
    models=("demo-model",),
)


def is_demo(provider: Provider) -> bool:
    """Tell whether a provider is the scripted one inside this process."""
    return provider.base_url.startswith(f"http://{DEMO_HOST}/")


def first_configuration(settings: Settings | None = None) -> Configuration:
    """Return a configuration with which Claude Code gets an answer, and no account is needed."""
    target = Target(provider=DEMO_PROVIDER.name, model=DEMO_PROVIDER.models[0])
    return Configuration(
        settings=settings or Settings(),
        providers=(DEMO_PROVIDER,),
        groups=(Group(name=DEFAULT_GROUP, description="Calls whose URL names no group"),),
        proxies=(Proxy(group=DEFAULT_GROUP, alias="claude-*", targets=(target,)),),
        keys=(AccessKey(name="ClaudeCode", token=new_token()),),
    )


def demo_configuration() -> Configuration:
    """Return the configuration that `--demo` shows: both lanes, rules, several targets and keys."""
    base_url = DEMO_PROVIDER.base_url

    def target(provider: str, model: str) -> Target:
        return Target(provider=provider, model=model)

    large, small = target("demo-openai", "demo-large"), target("demo-openai", "demo-small")
    claude = target("demo-claude", "demo-large")
    return Configuration(
        settings=Settings(active_group="qwen"),
        providers=(
            Provider(
                name="demo-openai",
                protocol="openai",
                base_url=base_url,
                api_keys=("demo-account-one-a41f", "demo-account-two-c93e"),
                models=("demo-large", "demo-small"),
                prices=(
                    ModelPrice(model="demo-large", input=0.6, output=2.4, cache_read=0.15),
                    ModelPrice(model="*", input=0.1, output=0.4, cache_read=0.025),
                ),
                profiles=(ModelProfile(context_window=131_072),),
            ),
            Provider(
                name="demo-claude",
                protocol="claude",
                base_url=base_url,
                api_keys=("demo-messages-key-77b2",),
                models=("demo-large",),
                prices=(
                    ModelPrice(model="*", input=3.0, output=15.0, cache_read=0.3, cache_write=3.75),
                ),
                profiles=(ModelProfile(context_window=200_000),),
            ),
        ),
        groups=(
            Group(name=DEFAULT_GROUP, description="Calls whose URL names no group"),
            Group(
                name="qwen",
                description="A coder model, a little cooler",
                prompt_injection="enhance",
                prompt_text="Use the tools. Read a file before you change it.",
                tool_filter=("WebFetch", "WebSearch"),
                temperature_ratio=0.7,
            ),
            Group(name="night", description="Both vendors in turn"),
        ),
        proxies=(
            Proxy(group=DEFAULT_GROUP, alias="claude-*", targets=(claude,)),
            Proxy(group="qwen", alias="claude-opus-*", targets=(large,)),
            Proxy(group="qwen", alias="claude-sonnet-*", targets=(large,)),
            Proxy(group="qwen", alias="claude-haiku-*", targets=(small,)),
            Proxy(group="qwen", alias="*", targets=(large, small)),
            Proxy(group="night", alias="*", targets=(claude, large)),
        ),
        keys=(
            AccessKey(name="ClaudeCode", token=new_token()),
            AccessKey(name="laptop", token=new_token(), disabled=True),
        ),
    )
