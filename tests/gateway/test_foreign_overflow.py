"""A prompt too long for a server that speaks a vendor's protocol but words its errors otherwise."""

import pytest

from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.traffic.call import Phase
from tests.gateway.proxy import RunningProxy

LLAMA = (
    b'{"error":{"code":400,"message":"request (2120 tokens) exceeds the available context size '
    b'(1024 tokens), try increasing it","type":"exceed_context_size_error",'
    b'"n_prompt_tokens":2120,"n_ctx":1024}}'
)
"""As llama.cpp says it on its `/v1/messages`."""
VENDORS = (
    b'{"type": "error", "error": {"type": "invalid_request_error", "message": '
    b'"prompt is too long: 2120 tokens > 1024 maximum"}, "request_id": "req_1", "odd": 1}'
)


@pytest.mark.parametrize("stream", [True, False])
async def test_it_is_said_as_the_vendor_does(proxy: RunningProxy, *, stream: bool) -> None:
    proxy.upstream.script = Reply(status=400, raw_body=LLAMA, headers={"request-id": "req_7"})
    answer = await proxy.ask("claude", stream=stream)
    assert answer.status == 400
    assert answer.json["type"] == "error"
    assert answer.json["error"] == {
        "type": "invalid_request_error",
        "message": "prompt is too long: 2120 tokens > 1024 maximum",
    }
    assert answer.headers["request-id"] == "req_7"
    call = proxy.last_call()
    assert call.phase is Phase.FAILED
    assert call.exchange is not None
    assert call.exchange.upstream_reply.body == LLAMA


async def test_the_vendors_own_words_pass_untouched(proxy: RunningProxy) -> None:
    proxy.upstream.script = Reply(status=400, raw_body=VENDORS)
    answer = await proxy.ask("claude")
    assert answer.body == VENDORS
