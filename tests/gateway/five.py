"""All five protocols behind one proxy: a group for each leads to an upstream that speaks it."""

from typing import Any, Final, get_args

from ccproxy_tui.config.models import Group, Protocol, Provider, Proxy, Target
from tests.gateway.proxy import Answer, Json, RunningProxy

PROTOCOLS: Final[tuple[Protocol, ...]] = get_args(Protocol)
KEY: Final = "sk-upstream/0123456789"

_TURN: Final = {"role": "user", "content": "hello"}
_PATHS: Final = {
    "claude": "/v1/messages",
    "openai": "/v1/chat/completions",
    "responses": "/v1/responses",
    "ollama": "/api/chat",
}


async def lead_to_all(proxy: RunningProxy, **changes: Any) -> None:
    """Make the groups; `changes` are those of the providers."""

    def provider(name: Protocol) -> Provider:
        return Provider(
            name=name,
            protocol=name,
            base_url=proxy.upstream.base_url_of(name),
            api_keys=(KEY,),
            models=("m",),
            **changes,
        )

    await proxy.configure(
        providers=tuple(provider(name) for name in PROTOCOLS),
        groups=(Group(name="default"), *(Group(name=name) for name in PROTOCOLS)),
        proxies=tuple(
            Proxy(group=name, alias="*", targets=(Target(provider=name, model="m"),))
            for name in PROTOCOLS
        ),
    )


async def ask(
    proxy: RunningProxy, client: str, lane: str, *, stream: bool, **fields: Any
) -> Answer:
    """Ask as a client of one protocol for an upstream of another; `fields` go into the body."""
    body: Json
    if client == "gemini":
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        body = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
        return await proxy.post(f"/{lane}/v1beta/models/asked:{method}", {**body, **fields})
    body = {"model": "asked", "stream": stream}
    if client == "responses":
        body["input"] = "hello"
    else:
        body["messages"] = [_TURN]
    if client == "claude":
        body["max_tokens"] = 100
    return await proxy.post(f"/{lane}{_PATHS[client]}", {**body, **fields})
