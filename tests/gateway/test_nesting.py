"""JSON that is nested more deeply than it can be worked on."""

import logging

import orjson
import pytest

from ccproxy_tui.demo.reply import Reply
from tests.gateway.five import PROTOCOLS, ask, lead_to_all
from tests.gateway.proxy import RunningProxy


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


REQUEST = (
    '{"model":"m","max_tokens":10,"messages":[{"role":"user","content":"x"},'
    '{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":%s}]},'
    '{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}]}'
)


@pytest.mark.parametrize("lane", PROTOCOLS)
@pytest.mark.parametrize(
    "body",
    [REQUEST % nested(1000), nested(200_000)],
    ids=["as much as can be read", "more than can be read"],
)
async def test_a_request_is_refused(
    proxy: RunningProxy, caplog: pytest.LogCaptureFixture, lane: str, body: str
) -> None:
    await lead_to_all(proxy)
    answer = await proxy.post(f"/{lane}/v1/messages", body.encode())
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []
    if answer.status == 200 and len(body) < 10_000:
        return  # newer Pythons can write what older ones cannot
    assert answer.status == 400
    assert answer.json["type"] == "error"
    assert answer.json["error"] == {
        "type": "invalid_request_error",
        "message": "the request is nested too deeply",
    }


async def test_a_question_about_a_model_is_refused(proxy: RunningProxy) -> None:
    answer = await proxy.post("/api/show", nested(200_000).encode())
    assert answer.status == 400
    assert answer.json == {"error": "the request is nested too deeply"}


async def test_a_reply_is_the_upstreams_fault(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    call = {"name": "f", "arguments": nested(300)}
    message = {
        "role": "assistant",
        "tool_calls": [{"id": "1", "type": "function", "function": call}],
    }
    reply = {"choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}]}
    proxy.upstream.script = Reply(raw_body=orjson.dumps(reply))
    answer = await ask(proxy, "responses", "openai", stream=False)
    assert answer.status == 502
    assert answer.json["error"]["message"] == "openai sent a reply that is nested too deeply"
