"""What a call costs where the user says what the model does."""

from ccproxy_tui.config.models import Provider
from ccproxy_tui.demo.reply import Reply, Usage
from tests.gateway.proxy import RunningProxy


async def price(proxy: RunningProxy, lane: str, prices: str) -> None:
    providers = tuple(
        Provider.model_validate({**one.model_dump(), "prices": prices}) if one.name == lane else one
        for one in proxy.live.value.providers
    )
    await proxy.configure(providers=providers)


async def test_the_users_own_price_counts_and_stays_with_the_call(proxy: RunningProxy) -> None:
    usage = Usage(input=1_000_000, output=500_000, cached=2_000_000)
    proxy.upstream.script = [Reply(text="hello", usage=usage) for _ in range(3)]
    for lane in ("claude", "openai"):
        await price(proxy, lane, "other 9 9\nm 3 15 0.3")
        await proxy.ask(lane)
        call = proxy.last_call()
        assert call.cost == 3 + 7.5 + 0.6
        await price(proxy, lane, "m 1 1")
        assert call.cost == 3 + 7.5 + 0.6


async def test_without_one_a_model_on_this_machine_has_none(proxy: RunningProxy) -> None:
    await price(proxy, "claude", "other 9 9")
    await proxy.ask("claude")
    assert proxy.last_call().cost is None
