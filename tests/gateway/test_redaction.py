"""An upstream that quotes the API key in its error: neither the client nor a record gets it."""

from dataclasses import replace

import pytest

from ccproxy_tui.config.models import Provider
from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway.redaction import redact, redact_bytes
from ccproxy_tui.traffic.call import Exchange
from tests.gateway.five import KEY, PROTOCOLS, ask, lead_to_all
from tests.gateway.proxy import Answer, RunningProxy

SAID = f"Incorrect API key provided: {KEY}."
CLEAN = "Incorrect API key provided: •••."
INSIDE = Reply(text="a b c d e f g h i j k l m n o p q r s t", error_after=3, error=SAID)
FAULTS = {
    "before": Reply(status=401, error=SAID),
    "inside": INSIDE,
    "no protocol": Reply(raw_body=SAID.encode(), content_type="text/plain"),
}


def everything(exchange: Exchange) -> str:
    messages = (exchange.upstream_request, exchange.upstream_reply, exchange.client_reply)
    return str([(one.head, one.headers, one.body.decode()) for one in messages])


def check(proxy: RunningProxy, answer: Answer) -> None:
    call = proxy.last_call()
    assert call.exchange is not None
    for text in (answer.body.decode(), call.error, everything(call.exchange)):
        assert CLEAN in text
        assert KEY not in text


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("lane", PROTOCOLS)
async def test_it_is_taken_out_on_all_pairs(proxy: RunningProxy, lane: str, fault: str) -> None:
    await lead_to_all(proxy)
    for client in PROTOCOLS:
        for stream in [True] if fault == "inside" else [True, False]:
            proxy.upstream.script = FAULTS[fault]
            check(proxy, await ask(proxy, client, lane, stream=stream))


@pytest.mark.parametrize("lane", ["claude", "ollama"])
async def test_it_is_taken_out_wherever_the_network_cuts_it(proxy: RunningProxy, lane: str) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = replace(INSIDE, byte_by_byte=True)
    check(proxy, await ask(proxy, lane, lane, stream=True))
    proxy.upstream.script = replace(INSIDE, byte_by_byte=True)
    check(proxy, await ask(proxy, "openai", lane, stream=True))


async def test_a_count_that_the_upstream_refuses_leaves_no_key(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    proxy.upstream.token_count = Reply(status=401, error=SAID)
    body = {"model": "asked", "messages": [{"role": "user", "content": "hello"}]}
    answer = await proxy.post("/claude/v1/messages/count_tokens", body)
    assert answer.status == 200
    exchange = proxy.last_call().exchange
    assert exchange is not None
    assert CLEAN in exchange.upstream_reply.body.decode()
    assert KEY not in everything(exchange)


async def test_embeddings_leave_no_key(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    proxy.upstream.embeddings = Reply(status=401, error=SAID)
    check(proxy, await proxy.post("/openai/v1/embeddings", {"model": "asked", "input": "a"}))


def candidate(key: str) -> Candidate:
    provider = Provider(name="p", protocol="openai", base_url="http://localhost", api_keys=(key,))
    return Candidate(provider, "m", key)


def test_a_key_is_known_as_json_writers_escape_it() -> None:
    assert redact_bytes(rb'{"a":"sk-a\/b01234"}', candidate("sk-a/b01234")) == (
        '{"a":"•••"}'.encode()
    )


def test_a_word_that_stands_for_no_key_stays() -> None:
    said = "try ollama pull m, lm-studio"
    assert redact(said, candidate("ollama")) == said


async def test_a_key_in_a_header_of_the_upstreams_is_taken_out(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    key = proxy.live.value.providers[0].api_keys[0]
    proxy.upstream.script = Reply(text="fine", headers={"x-quoted": f"used {key}"})
    answer = await ask(proxy, "claude", "claude", stream=False)
    assert answer.headers["x-quoted"] == "used •••"
    assert key not in str(proxy.last_call().exchange)
