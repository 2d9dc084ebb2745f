import orjson
import pytest

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.traffic.call import Phase
from tests.gateway.proxy import RunningProxy, request, tool

STREAM = Reply(
    thinking="let me see",
    text="Grüße, 世界 🙂",
    tools=[ToolCall("Bash", {"command": "ls"})],
    usage=Usage(input=30, output=12, cached=70),
)


async def test_only_the_model_is_changed_and_unknown_things_pass(proxy: RunningProxy) -> None:
    sent = request(
        context_management={"edits": [{"type": "clear_thinking_20251015"}]},
        thinking={"type": "adaptive", "display": "omitted"},
        some_new_field={"deep": [1, None, "é"]},
        system=[
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2;"},
            {"type": "text", "text": "you are", "cache_control": {"type": "ephemeral"}},
        ],
    )
    beta = "claude-code-20250219,context-management-2025-06-27,brand-new-2026-12-01"
    await proxy.post(
        "/claude/v1/messages?beta=true",
        sent,
        anthropic_version="2023-06-01",
        anthropic_beta=beta,
        x_claude_code_session_id="s-1",
        anthropic_something_new="1",
    )
    received = proxy.upstream.calls[-1]
    assert received.json == {**sent, "model": "m"}
    assert received.headers["anthropic-beta"] == beta
    assert received.headers["anthropic-something-new"] == "1"
    assert received.headers["x-claude-code-session-id"] == "s-1"
    assert proxy.last_call().session == "s-1"


@pytest.mark.parametrize("byte_by_byte", [False, True])
@pytest.mark.parametrize("crlf", [False, True])
async def test_a_stream_passes_byte_for_byte_while_usage_is_read(
    proxy: RunningProxy, byte_by_byte: bool, crlf: bool
) -> None:
    proxy.upstream.script = Reply(
        text=STREAM.text,
        tools=STREAM.tools,
        usage=STREAM.usage,
        byte_by_byte=byte_by_byte,
        crlf=crlf,
    )
    answer = await proxy.ask("claude")
    call = proxy.last_call()
    assert call.exchange is not None
    assert answer.status == 200
    assert answer.body == call.exchange.upstream_reply.body
    assert answer.body.count(b"message_stop") == 2
    assert call.phase is Phase.DONE
    assert (call.tokens.input, call.tokens.cache_read, call.tokens.output) == (30, 70, 12)
    assert not call.tokens.estimated
    assert call.stop_reason == "tool_use"
    assert call.ttft is not None
    assert call.duration is not None
    assert call.duration >= call.ttft


async def test_a_whole_reply_passes_byte_for_byte(proxy: RunningProxy) -> None:
    proxy.upstream.script = STREAM
    answer = await proxy.ask("claude", stream=False)
    call = proxy.last_call()
    assert call.exchange is not None
    assert answer.body == call.exchange.upstream_reply.body
    assert answer.json["model"] == "m"
    assert (call.tokens.input, call.tokens.cache_read, call.tokens.output) == (30, 70, 12)


async def test_an_upstream_error_goes_back_untouched(proxy: RunningProxy) -> None:
    body = b'{"type":"error","error":{"type":"invalid_request_error","message":"adaptive thinking is not supported"},"odd": 1}'
    proxy.upstream.script = Reply(
        status=400, raw_body=body, headers={"request-id": "req_7", "retry-after": "9"}
    )
    answer = await proxy.ask("claude")
    assert answer.status == 400
    assert answer.body == body
    assert answer.headers["request-id"] == "req_7"
    assert answer.headers["retry-after"] == "9"
    call = proxy.last_call()
    assert call.phase is Phase.FAILED
    assert call.error == "adaptive thinking is not supported"


@pytest.mark.parametrize(
    "fault",
    [
        Reply(text="a b c d e f g", cut_after=4),
        Reply(text="a b c d e f g", end_after=4),
        Reply(text="a b c d e f g", no_finish=True),
    ],
)
async def test_a_stream_that_was_not_finished_ends_with_an_error_event(
    proxy: RunningProxy, fault: Reply
) -> None:
    """Failure 13: a truncated upstream must not look like success."""
    proxy.upstream.script = fault
    answer = await proxy.ask("claude")
    name, data = answer.events[-1]
    assert name == "error"
    assert data["error"]["type"] == "api_error"
    assert "claude" in data["error"]["message"]
    call = proxy.last_call()
    assert call.phase is Phase.FAILED
    assert call.error


async def test_half_a_frame_never_reaches_the_client(proxy: RunningProxy) -> None:
    start = b'event: message_start\ndata: {"type":"message_start","message":{"usage":{}}}\n\n'
    whole = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0}\n\n'
    half = b'event: content_block_delta\ndata: {"type":"content_bl'
    proxy.upstream.script = Reply(raw_chunks=[start, whole, half])
    answer = await proxy.ask("claude")
    names = [name for name, _ in answer.events]
    assert names == ["message_start", "content_block_delta", "error"]


START = b'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":9}}}\n\n'
DELTA = (
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},'
    b'"usage":{"output_tokens":5}}\n\n'
)
STOP = b'event: message_stop\ndata: {"type":"message_stop"}'


@pytest.mark.parametrize(
    "chunks",
    [
        [START, DELTA, STOP + b"\n\n"],
        [START, DELTA, STOP],
        [START, DELTA, b": keep-alive\n" + STOP + b"\n\n"],
        [START, DELTA],
    ],
    ids=["proper", "no last blank line", "comment in the frame", "no message_stop"],
)
async def test_a_finished_stream_is_never_called_broken(
    proxy: RunningProxy, chunks: list[bytes]
) -> None:
    proxy.upstream.script = Reply(raw_chunks=chunks)
    answer = await proxy.ask("claude")
    assert b"error" not in answer.body
    assert answer.body.strip() == b"".join(chunks).strip()
    call = proxy.last_call()
    assert call.phase is Phase.DONE
    assert (call.tokens.input, call.tokens.output) == (9, 5)


async def test_a_stream_under_a_wrong_content_type_gets_the_right_one(proxy: RunningProxy) -> None:
    proxy.upstream.script = Reply(text="hello", content_type="application/json")
    answer = await proxy.ask("claude")
    assert answer.headers["Content-Type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    "body", [b'{"type":"error","error":{"type":"api_error","message":"no"}}', b"[1]", b'{"a":']
)
async def test_a_200_that_is_no_reply_is_an_error(proxy: RunningProxy, body: bytes) -> None:
    proxy.upstream.script = Reply(raw_body=body)
    answer = await proxy.ask("claude", stream=False)
    assert answer.status == 500
    assert answer.json["error"]["type"] == "api_error"
    assert proxy.last_call().phase is Phase.FAILED


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_a_redirect_is_the_upstreams_fault(proxy: RunningProxy, lane: str) -> None:
    proxy.upstream.script = Reply(status=307, raw_body=b"", headers={"Location": "http://x/"})
    answer = await proxy.ask(lane)
    assert answer.status == 500
    assert "check its base URL" in answer.json["error"]["message"]


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_a_wrong_api_key_upstream_is_not_worth_a_retry(
    proxy: RunningProxy, lane: str
) -> None:
    proxy.upstream.script = Reply(status=401, error="bad key")
    answer = await proxy.ask(lane)
    assert answer.status == 401
    assert answer.headers["x-should-retry"] == "false"


async def test_an_error_event_of_the_upstream_is_passed_on_as_the_last_word(
    proxy: RunningProxy,
) -> None:
    proxy.upstream.script = Reply(
        text="a b c d", error_after=4, error="Overloaded", error_kind="overloaded_error"
    )
    answer = await proxy.ask("claude")
    assert answer.status == 200
    errors = [data for name, data in answer.events if name == "error"]
    assert [error["error"]["type"] for error in errors] == ["overloaded_error"]
    assert proxy.last_call().error == "Overloaded"


async def test_a_reply_in_the_other_form_is_adapted(proxy: RunningProxy) -> None:
    """Failure 19: an upstream that ignores the stream flag."""
    proxy.upstream.script = Reply(text="hello there", streamed=False)
    answer = await proxy.ask("claude", stream=True)
    assert answer.text == "hello there"
    assert answer.events[-1][0] == "message_stop"
    proxy.upstream.script = Reply(text="hello there", streamed=True)
    whole = await proxy.ask("claude", stream=False)
    assert whole.json["content"] == [{"type": "text", "text": "hello there"}]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_a_web_page_with_200_is_an_error_in_json(
    proxy: RunningProxy, lane: str, stream: bool
) -> None:
    proxy.upstream.script = Reply(
        raw_body=b"<html><body>Sign in</body></html>", content_type="text/html"
    )
    answer = await proxy.ask(lane, stream=stream)
    assert answer.status == 500
    assert answer.json["error"]["type"] == "api_error"
    assert "web page" in answer.json["error"]["message"]


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_an_empty_reply_is_an_error(proxy: RunningProxy, lane: str) -> None:
    proxy.upstream.script = Reply(raw_body=b"")
    answer = await proxy.ask(lane)
    assert answer.status == 500
    assert "empty" in answer.json["error"]["message"]


async def test_rules_change_only_what_the_group_asks_for(proxy: RunningProxy) -> None:
    await proxy.set_group(
        "claude",
        prompt_injection="enhance",
        prompt_text="Be brief.",
        tool_filter=["Web*"],
        temperature_ratio=0.5,
    )
    system = [
        {"type": "text", "text": "x-anthropic-billing-header: a;"},
        {"type": "text", "text": "you are", "cache_control": {"type": "ephemeral"}},
    ]
    sent = request(
        system=system,
        tools=[tool("Bash"), tool("WebFetch"), tool("WebSearch")],
        tool_choice={"type": "tool", "name": "WebFetch"},
        temperature=0.8,
    )
    await proxy.post("/claude/v1/messages", sent)
    received = proxy.upstream.calls[-1].json
    assert received["system"] == [*system, {"type": "text", "text": "Be brief."}]
    assert [item["name"] for item in received["tools"]] == ["Bash"]
    assert received["tool_choice"] == {"type": "auto"}
    assert received["temperature"] == pytest.approx(0.4)
    call = proxy.last_call()
    assert len(call.notes) >= 3
    assert call.exchange is not None
    assert orjson.loads(call.exchange.client_request.body) == sent
