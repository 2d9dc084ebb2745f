"""Replies that are not quite what their protocol says, or not in the form that was asked for."""

import orjson
import pytest

from ccproxy_tui.config.profiles import ModelProfile
from ccproxy_tui.demo.reply import Reply, ToolCall
from ccproxy_tui.traffic.call import Phase
from tests.gateway.five import PROTOCOLS, ask, lead_to_all
from tests.gateway.proxy import RunningProxy

WHOLE = {
    "claude": rb'{"id":"msg_1","type":"message","role":"assistant","model":"m","content":'
    rb'[{"type":"text","text":"said \ud83d"}],"stop_reason":"end_turn","usage":'
    rb'{"input_tokens":1,"output_tokens":1}}',
    "openai": rb'{"choices":[{"index":0,"finish_reason":"stop","message":'
    rb'{"role":"assistant","content":"said \ud83d"}}]}',
    "responses": rb'{"id":"resp_1","object":"response","status":"completed","output":[{"type":'
    rb'"message","role":"assistant","content":[{"type":"output_text","text":"said \ud83d"}]}]}',
    "gemini": rb'{"candidates":[{"content":{"role":"model","parts":[{"text":"said \ud83d"}]},'
    rb'"finishReason":"STOP"}]}',
    "ollama": rb'{"model":"m","message":{"role":"assistant","content":"said \ud83d"},'
    rb'"done":true,"done_reason":"stop"}',
}
"""Whole replies with half of an emoji."""


@pytest.mark.parametrize("lane", PROTOCOLS)
async def test_half_an_emoji_is_mended_on_all_pairs(proxy: RunningProxy, lane: str) -> None:
    await lead_to_all(proxy)
    for client in PROTOCOLS:
        for stream in (True, False):
            if (client, lane, stream) == ("ollama", "ollama", True):
                continue  # it is relayed: one line is a stream as well
            proxy.upstream.script = Reply(raw_body=WHOLE[lane])
            answer = await ask(proxy, client, lane, stream=stream)
            assert answer.status == 200
            assert b'"said ' in answer.body
            assert proxy.last_call().phase is Phase.DONE


async def test_ollama_streams_though_it_should_not(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = Reply(
        text="hello my dear friend", tools=[ToolCall("f", {"a": 1})], streamed=True
    )
    answer = await ask(proxy, "ollama", "ollama", stream=False)
    assert answer.status == 200
    assert answer.json["message"]["content"] == "hello my dear friend"
    assert answer.json["message"]["tool_calls"][0]["function"]["arguments"] == {"a": 1}
    call = proxy.last_call()
    assert call.notes == ["the reply did not come in the form that was asked for"]
    assert call.exchange is not None
    assert call.exchange.upstream_reply.body.count(b"hello") == 1


async def test_what_is_no_json_is_on_record(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    for lane in PROTOCOLS:
        proxy.upstream.script = Reply(raw_body=b'{"broken')
        answer = await ask(proxy, lane, lane, stream=False)
        assert answer.status >= 500
        exchange = proxy.last_call().exchange
        assert exchange is not None
        assert exchange.upstream_reply.body == b'{"broken'


async def test_a_bare_prompts_stream_is_no_empty_reply(proxy: RunningProxy) -> None:
    """It has words of its own, which only a relay passes on."""
    await lead_to_all(proxy)
    lines = (b'{"response":"hello","done":false}\n', b'{"response":"","done":true}\n')
    proxy.upstream.script = Reply(raw_body=b"".join(lines))
    body = {"model": "m", "prompt": "x", "stream": False}
    answer = await proxy.post("/ollama/api/generate", body)
    assert answer.status == 502
    assert "form" in answer.json["error"]


async def test_gemini_says_nothing_at_all(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = Reply(raw_body=b"{}")
    answer = await ask(proxy, "gemini", "gemini", stream=False)
    assert answer.status == 503
    assert answer.json["error"] == {
        "code": 503,
        "message": "the upstream's reply has no candidates",
        "status": "UNAVAILABLE",
    }
    assert proxy.last_call().phase is Phase.FAILED


async def test_gemini_s_refused_prompt_passes(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    blocked = b'{"promptFeedback": {"blockReason": "SAFETY"}}'
    proxy.upstream.script = Reply(raw_body=blocked)
    answer = await ask(proxy, "gemini", "gemini", stream=False)
    assert (answer.status, answer.body) == (200, blocked)


async def test_an_error_event_of_gemini_is_seen_by_older_sdks(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = Reply(text="a b c d e f g h i j k", error_after=2, error="worn out")
    answer = await ask(proxy, "gemini", "gemini", stream=True)
    event, unfinished = answer.body.split(b"\r\n\r\n")[-2:]
    assert b"\n" not in unfinished
    assert orjson.loads(event.removeprefix(b"data: ")) == orjson.loads(unfinished)
    call = proxy.last_call()
    assert call.error == "worn out"
    assert call.exchange is not None
    assert call.exchange.client_reply.body == answer.body


REWRITTEN = (ModelProfile(model="*", rewrite=True),)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("client", PROTOCOLS)
async def test_a_profile_can_have_replies_written_anew(
    proxy: RunningProxy, client: str, stream: bool
) -> None:
    """The model is the one that was asked for, and usage is there, which SDKs insist on."""
    proxy.upstream.script = Reply(text="hello", no_usage=True)
    await lead_to_all(proxy, profiles=REWRITTEN)
    fields = {"stream_options": {"include_usage": True}} if client == "openai" and stream else {}
    answer = await ask(proxy, client, client, stream=stream, **fields)
    assert answer.status == 200
    assert b"hello" in answer.body
    assert b'"asked"' in answer.body
    assert any(
        word in answer.body for word in (b'"usage":{', b'"usageMetadata":{', b'"eval_count":')
    )
    call = proxy.last_call()
    assert (call.phase, call.notes) == (Phase.DONE, [])


async def test_errors_and_bare_prompts_are_relayed_all_the_same(proxy: RunningProxy) -> None:
    await lead_to_all(proxy, profiles=REWRITTEN)
    error = b'{"error": {"message": "no",  "odd": 1}}'
    proxy.upstream.script = Reply(status=400, raw_body=error)
    assert (await ask(proxy, "openai", "openai", stream=False)).body == error
    body = b'{"response": "hello",  "done": true}'
    proxy.upstream.script = Reply(raw_body=body)
    asked = {"model": "m", "prompt": "x", "stream": False}
    assert (await proxy.post("/ollama/api/generate", asked)).body == body


async def test_bare_events_of_responses_are_written_anew(proxy: RunningProxy) -> None:
    await lead_to_all(proxy, profiles=REWRITTEN)
    proxy.upstream.script = Reply(thinking="hm", text="hello", bare_events=True)
    answer = await ask(proxy, "responses", "responses", stream=True)
    numbers = [data["sequence_number"] for _, data in answer.events]
    assert numbers == list(range(len(numbers)))
    assert answer.events[0][1]["response"]["model"] == "asked"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("stream", [True, False])
async def test_what_an_upstream_does_not_count_is_estimated_by_its_words(
    proxy: RunningProxy, protocol: str, stream: bool
) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = Reply(text="sixteen letters " * 8, no_usage=True)
    await ask(proxy, protocol, protocol, stream=stream)
    tokens = proxy.last_call().tokens
    assert tokens.output == 32
    assert tokens.estimated
