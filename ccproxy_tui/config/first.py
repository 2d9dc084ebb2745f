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
