import asyncio
import gzip

import orjson
import pytest
import zstandard

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Proxy, Target
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.gateway.server import LARGEST_REQUEST
from tests.gateway.proxy import TOKEN, RunningProxy, request, tool


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "body"),
        (b"", "body"),
        (b"[]", "body"),
        ({}, "model"),
        ({"model": 3, "messages": []}, "model"),
        ({"model": "claude-x", "max_tokens": 1}, "messages"),
        ({"model": "claude-x", "max_tokens": 1, "messages": "hi"}, "messages"),
        (
            {"model": "claude-x", "max_tokens": 1, "messages": [{"content": "x"}]},
            "messages[0].role",
        ),
        (
            {"model": "claude-x", "max_tokens": 1, "messages": [{"role": "user", "content": [{}]}]},
            "messages[0].content[0].type",
        ),
        ({**request(), "stream": "yes"}, "stream"),
        ({**request(), "tools": {}}, "tools"),
        ({**request(), "max_tokens": "many"}, "max_tokens"),
        ({**request(), "max_tokens": None}, "max_tokens"),
    ],
)
@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_a_bad_request_is_a_400_that_names_the_field(
    proxy: RunningProxy, lane: str, body: object, named: str
) -> None:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    answer = await proxy.post(f"/{lane}/v1/messages", data)
    assert answer.status == 400
    assert answer.json["type"] == "error"
    assert answer.json["error"]["type"] == "invalid_request_error"
    assert answer.json["error"]["message"].startswith(named)
    assert proxy.upstream.requests == []


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_half_a_surrogate_pair_in_a_tools_input_is_carried_too(
    proxy: RunningProxy, lane: str
) -> None:
    use = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"a": "HALF"}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "ok"}
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [result]},
    ]
    body = orjson.dumps(request(messages=messages)).replace(b"HALF", b"\\ud83d")
    await proxy.post(f"/{lane}/v1/messages", body)
    assert b"ud83d" in proxy.upstream.requests[-1].body


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_headers_and_names_that_are_no_text_harm_nobody(
    proxy: RunningProxy, lane: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    body = orjson.dumps(request())
    head = (
        f"POST /{lane}/v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: {TOKEN}\r\n"
        f"Connection: close\r\nContent-Length: {len(body)}\r\n"
    ).encode()
    writer.write(head + b"X-Foo: caf\xe9\r\nx-claude-code-session-id: \xe9\r\n\r\n" + body)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await reader.read()
    writer.close()
    call = proxy.last_call()
    assert call.exchange is not None
    orjson.dumps([call.session, call.exchange.client_request.headers])
    denied = await proxy.post(f"/{lane}/v1/messages", request(), token="schlüssel")
    assert denied.status == 401


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_half_a_surrogate_pair_is_carried_through(proxy: RunningProxy, lane: str) -> None:
    body = orjson.dumps(request()).replace(b'"hello"', b'"cut \\ud83d here"')
    await proxy.post(f"/{lane}/v1/messages", body)
    assert b"\\ud83d here" in proxy.upstream.requests[-1].body


async def test_large_sessions_pass_and_larger_ones_are_refused_in_json(proxy: RunningProxy) -> None:
    """Failure 30."""
    big = request(messages=[{"role": "user", "content": "x" * 20_000_000}])
    assert (await proxy.post("/claude/v1/messages", big)).status == 200
    assert len(proxy.upstream.calls[-1].body) > 20_000_000
    answer = await proxy.post("/claude/v1/messages", b"x" * (LARGEST_REQUEST + 1))
    assert answer.status == 413
    assert answer.json["error"]["type"] == "request_too_large"


async def test_a_compressed_request_is_read(proxy: RunningProxy) -> None:
    packed = gzip.compress(orjson.dumps(request()))
    answer = await proxy.post("/openai/v1/messages", packed, Content_Encoding="gzip")
    assert answer.status == 200


async def test_count_tokens_asks_an_upstream_that_can_tell(proxy: RunningProxy) -> None:
    await proxy.set_group(
        "claude", prompt_injection="enhance", prompt_text="long " * 100, prompt_scope="every"
    )
    proxy.upstream.token_count = 4242
    answer = await proxy.post("/claude/v1/messages/count_tokens", request())
    assert answer.json == {"input_tokens": 4242}
    assert "long" not in str(proxy.upstream.requests[-1].json)


@pytest.mark.parametrize("answer", [Reply(status=404, error="no"), Reply(raw_body=b"<html>")])
async def test_count_tokens_is_never_an_error(proxy: RunningProxy, answer: Reply) -> None:
    """Failures 1, 2 and 3."""
    proxy.upstream.token_count = answer
    counted = await proxy.post("/claude/v1/messages/count_tokens", request())
    assert counted.status == 200
    assert 1 <= counted.json["input_tokens"] <= 20


async def test_counting_takes_nobodys_turn(proxy: RunningProxy) -> None:
    targets = tuple(Target(provider="claude", model=model) for model in ("one", "two"))
    in_turn = Proxy(group="default", alias="claude-*", targets=targets, strategy="round_robin")
    value = edits.put_proxy(proxy.live.value, in_turn)
    await proxy.live.apply(value, "add")
    for _ in range(4):
        await proxy.post("/v1/messages/count_tokens", request())
        await proxy.post("/v1/messages", request())
    assert [call.model for call in proxy.upstream.calls] == ["one", "two"] * 2


@pytest.mark.parametrize("body", [b"[]", b"[[[[", b"3", b'{"input_tokens": "x"}'])
async def test_a_strange_answer_to_count_tokens_is_no_error(
    proxy: RunningProxy, body: bytes
) -> None:
    proxy.upstream.token_count = Reply(raw_body=body)
    block = {"type": "text", "text": "hello"}
    system = [block, {**block, "cache_control": {"type": ["odd"]}}]
    counted = await proxy.post("/claude/v1/messages/count_tokens", request(system=system))
    assert 1 <= counted.json["input_tokens"] <= 30


async def test_count_tokens_counts_what_an_openai_upstream_would_read(proxy: RunningProxy) -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 200
    image = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": "A" * 100_000},
    }
    counted = await proxy.post(
        "/openai/v1/messages/count_tokens",
        request(messages=[{"role": "user", "content": [{"type": "text", "text": text}, image]}]),
    )
    assert 3000 < counted.json["input_tokens"] < 4500
    assert proxy.upstream.calls == []


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_cache_marks_stay_for_their_vendor_and_go_for_others(
    proxy: RunningProxy, lane: str
) -> None:
    """Failure 23."""
    hour = {"type": "ephemeral", "ttl": "1h"}
    thinking = {"type": "thinking", "thinking": "hm", "signature": "s", "cache_control": hour}
    body = request(
        system=[{"type": "text", "text": "be nice", "cache_control": hour}],
        tools=[{**tool("Bash"), "cache_control": hour}],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "a", "cache_control": hour}]},
            {"role": "assistant", "content": [thinking, {"type": "text", "text": "b"}]},
            {"role": "user", "content": "c"},
        ],
    )
    answer = await proxy.post(f"/{lane}/v1/messages", body)
    assert answer.status == 200
    sent = proxy.upstream.calls[-1].json
    if lane == "claude":
        assert {**sent, "model": ""} == {**body, "model": ""}
    else:
        assert "cache_control" not in str(sent)


async def test_a_large_window_is_a_wish_and_no_part_of_the_name(proxy: RunningProxy) -> None:
    """Failure 8: the mark is cut for matching, and the beta goes on to its own vendor only."""
    beta = "context-1m-2025-08-07"
    for lane in ("claude", "openai"):
        body = request(model="claude-sonnet-4-5[1m]")
        answer = await proxy.post(f"/{lane}/v1/messages", body, anthropic_beta=beta)
        assert answer.status == 200
        received = proxy.upstream.calls[-1]
        assert received.model == "m"
        assert (received.headers.get("anthropic-beta") == beta) == (lane == "claude")


async def test_a_body_in_zstd_is_taken(proxy: RunningProxy) -> None:
    data = zstandard.compress(orjson.dumps(request(stream=False)))
    answer = await proxy.post("/claude/v1/messages", data, content_encoding="zstd")
    assert answer.status == 200


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_a_body_that_cannot_be_unpacked_is_a_400_and_no_fault_of_ours(
    proxy: RunningProxy, coding: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await proxy.post("/claude/v1/messages", b"nonsense", content_encoding=coding)
    assert answer.status == 400
    assert "\n" not in answer.json["error"]["message"]
    assert caplog.text == ""


async def test_hello_is_said_by_groups_that_there_are(proxy: RunningProxy) -> None:
    for path, status in (("/", 200), ("/claude", 200), ("/switch", 200), ("/nope", 404)):
        for method in ("GET", "HEAD"):
            async with proxy.session.request(method, proxy.url + path) as reply:
                assert reply.status == status, (method, path)
