"""A provider's own quirks come before those that are shipped."""

from ccproxy_tui.config.profiles import ModelProfile
from tests.gateway.proxy import RunningProxy

PICTURE = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
}


async def test_a_providers_own_quirks_hold(proxy: RunningProxy) -> None:
    messages = [{"role": "user", "content": [PICTURE, {"type": "text", "text": "what is it?"}]}]
    await proxy.ask("openai", messages=messages, stream=False)
    assert proxy.upstream.calls[-1].images
    blind = ModelProfile.model_validate(
        {"model": "m*", "images": False, "max_output_tokens": 100, "fields": {"seed": 7}}
    )
    other = ModelProfile.model_validate({"model": "x", "max_output_tokens": 5})
    providers = tuple(
        provider.model_copy(update={"profiles": (other, blind)})
        for provider in proxy.live.value.providers
    )
    await proxy.configure(providers=providers)
    answer = await proxy.ask("openai", messages=messages, stream=False)
    assert answer.status == 200
    received = proxy.upstream.calls[-1]
    assert not received.images
    assert "an image was here" in received.last_user_text
    assert (received.json["max_tokens"], received.json["seed"]) == (100, 7)
    assert proxy.last_call().notes == [
        "1 images replaced by a note: the target takes none",
        "max_tokens 1000 → 100",
    ]
