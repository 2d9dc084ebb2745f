from pathlib import Path

import orjson
import pytest

from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.traffic.call import Phase
from tests.gateway.proxy import RunningProxy, request, running_proxy, tool

TWO_TOOLS = [
    ToolCall("Read", {"path": 'it\'s <a> & "b".txt'}),
    ToolCall("Bash", {"command": "grep -r '世界' ."}),
]


def tool_inputs(events: list[tuple[str, dict[str, object]]]) -> list[str]:
    inputs: dict[int, str] = {}
    for name, data in events:
        if name == "content_block_delta" and data["delta"]["type"] == "input_json_delta":  # type: ignore[index]
            index = int(str(data["index"]))
            inputs[index] = inputs.get(index, "") + str(data["delta"]["partial_json"])  # type: ignore[index]
    return list(inputs.values())


@pytest.mark.parametrize("byte_by_byte", [False, True])
@pytest.mark.parametrize("crlf", [False, True])
@pytest.mark.parametrize("interleave", [False, True])
async def test_a_stream_with_everything_becomes_a_valid_one(
    proxy: RunningProxy, byte_by_byte: bool, crlf: bool, interleave: bool
) -> None:
    """Failures 9, 12 and 14: parallel calls, the stop reason, characters cut in two."""
    proxy.upstream.script = Reply(
        thinking="hm, 世界",
        text="Grüße 🙂 to you",
        tools=TWO_TOOLS,
        usage=Usage(input=30, output=12, cached=70),
        byte_by_byte=byte_by_byte,
        crlf=crlf,
        interleave_tools=interleave,
    )
    answer = await proxy.ask("openai", tools=[tool("Read"), tool("Bash")])
    events = answer.events
    starts = [
        data["content_block"]["type"] for name, data in events if name == "content_block_start"
    ]
    assert starts == ["thinking", "text", "tool_use", "tool_use"]
    assert [data["index"] for name, data in events if name == "content_block_stop"] == [0, 1, 2, 3]
    assert answer.text == "Grüße 🙂 to you"
    assert [orjson.loads(text) for text in tool_inputs(events)] == [
        call.arguments for call in TWO_TOOLS
    ]
    name, delta = events[-2]
    assert name == "message_delta"
    assert delta["delta"]["stop_reason"] == "tool_use"
    assert delta["usage"]["input_tokens"] == 30
    assert delta["usage"]["cache_read_input_tokens"] == 70
    assert delta["usage"]["output_tokens"] == 12
    assert events[-1][0] == "message_stop"
    call = proxy.last_call()
    assert call.phase is Phase.DONE
    assert (call.tokens.input, call.tokens.cache_read, call.tokens.output) == (30, 70, 12)
    assert call.upstream_protocol == "openai"


async def test_a_whole_reply_is_converted(proxy: RunningProxy) -> None:
    proxy.upstream.script = Reply(thinking="hm", text="hi", tools=TWO_TOOLS, usage=Usage(3, 4))
    answer = await proxy.ask("openai", stream=False, tools=[tool("Read"), tool("Bash")])
    body = answer.json
    assert answer.headers["Content-Type"].startswith("application/json")
    assert [block["type"] for block in body["content"]] == [
        "thinking",
        "text",
        "tool_use",
        "tool_use",
    ]
    assert body["content"][2]["input"] == TWO_TOOLS[0].arguments
    assert body["stop_reason"] == "tool_use"
    assert body["model"] == "claude-sonnet-4-5"
    assert body["usage"]["output_tokens"] == 4


@pytest.mark.parametrize("lane", ["claude", "openai"])
async def test_an_estimate_counts_words_and_not_frames(proxy: RunningProxy, lane: str) -> None:
    proxy.upstream.script = Reply(text=["sixteen words "] * 16, cut_after=14)
    await proxy.ask(lane)
    assert 20 < proxy.last_call().tokens.output < 60


async def test_the_upstream_is_asked_for_usage_and_gets_no_beta_fields(proxy: RunningProxy) -> None:
    """Failures 5, 24, 25 and 26."""
    await proxy.post(
        "/openai/v1/messages?beta=true",
        request(
            system=[
                {"type": "text", "text": "x-anthropic-billing-header: cc_version=2;"},
                {"type": "text", "text": "You are helpful."},
            ],
            messages=[
                {"role": "user", "content": "one"},
                {"role": "system", "content": "be quick"},
                {"role": "assistant", "content": "ok"},
                {"role": "user", "content": "two"},
            ],
            context_management={"edits": []},
            output_config={"effort": "high"},
            thinking={"type": "adaptive"},
        ),
        anthropic_beta="context-management-2025-06-27",
    )
    received = proxy.upstream.calls[-1]
    body = received.json
    assert body["stream_options"] == {"include_usage": True}
    assert not {"context_management", "output_config", "thinking", "system"} & body.keys()
    assert "x-anthropic-billing-header" not in str(body)
    assert "be quick" in str(body["messages"])
    assert "anthropic-beta" not in received.headers
    assert body["model"] == "m"


@pytest.mark.parametrize(
    "fault",
    [
        Reply(text="a b c d e f g h i j k l m n o p", cut_after=3),
        Reply(text="a b c d e f g h i j k l m n o p", end_after=3),
        Reply(text="a b c d e f g h i j k l m n o p", error_after=3, error="worn out"),
    ],
)
async def test_a_stream_that_breaks_ends_with_an_error_event(
    proxy: RunningProxy, fault: Reply
) -> None:
    """Failure 13."""
    proxy.upstream.script = fault
    answer = await proxy.ask("openai")
    names = [name for name, _ in answer.events]
    assert names[-1] == "error"
    assert "message_stop" not in names
    assert proxy.last_call().phase is Phase.FAILED


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (Reply(close_before_headers=True), 500, "api_error"),
        (Reply(text="x", cut_after=0), 500, "api_error"),
        (
            Reply(status=429, error="slow down", headers={"retry-after": "7"}),
            429,
            "rate_limit_error",
        ),
        (Reply(status=529, error="busy"), 529, "overloaded_error"),
        (Reply(status=401, error="bad key"), 401, "authentication_error"),
        (
            Reply(status=400, error="does not support the effort parameter"),
            400,
            "invalid_request_error",
        ),
    ],
)
async def test_before_any_output_an_error_has_its_own_status(
    proxy: RunningProxy, fault: Reply, status: int, kind: str
) -> None:
    """Failure 16."""
    proxy.upstream.script = fault
    for stream in (True, False):
        answer = await proxy.ask("openai", stream=stream)
        assert answer.status == status
        assert answer.json["error"]["type"] == kind
        if fault.error and fault.status >= 400:
            assert fault.error in answer.json["error"]["message"]
        if "retry-after" in fault.headers:
            assert answer.headers["retry-after"] == "7"
        assert proxy.last_call().status == status


async def test_an_error_as_the_first_event_has_a_status(proxy: RunningProxy) -> None:
    """Failure 16: a 200 whose stream begins with an error."""
    proxy.upstream.script = Reply(text="x", error_after=0, error="no room left")
    answer = await proxy.ask("openai")
    assert answer.status == 500
    assert "no room left" in answer.json["error"]["message"]


async def test_a_context_overflow_reads_as_the_vendors_own(proxy: RunningProxy) -> None:
    """Failure 6."""
    text = (
        "This model's maximum context length is 8192 tokens. However, your messages resulted in "
        "9001 tokens. Please reduce the length of the messages."
    )
    proxy.upstream.script = Reply(status=400, error=text, error_kind="invalid_request_error")
    answer = await proxy.ask("openai")
    assert answer.status == 400
    assert answer.json["error"]["message"].startswith(
        "prompt is too long: 9001 tokens > 8192 maximum"
    )


async def test_a_silent_upstream_is_bridged_with_pings(tmp_path: Path) -> None:
    """Failure 15."""
    async with running_proxy(tmp_path, ping_after=0.05) as proxy:
        proxy.upstream.script = Reply(text="at last", hang_before_headers=True)
        async with proxy.session.post(
            proxy.url + "/openai/v1/messages",
            json=request(),
            headers={"x-api-key": proxy.live.value.keys[0].token},
        ) as response:
            seen = b""
            while seen.count(b"event: ping") < 2:
                seen += await response.content.readany()
            proxy.upstream.calls[-1].release.set()
            seen += await response.read()
        assert seen.startswith(b"event: message_start")
        assert seen.count(b"event: message_start") == 1
        assert (
            b"at last" in seen.replace(b'"}}\n\nevent: content_block_delta', b"") or b"last" in seen
        )
        assert seen.rstrip().endswith(b'data: {"type":"message_stop"}')


async def test_an_error_after_a_ping_is_an_event(tmp_path: Path) -> None:
    async with running_proxy(tmp_path, ping_after=0.05) as proxy:
        proxy.upstream.script = Reply(status=500, error="broke", delay=0.3)
        answer = await proxy.ask("openai")
        assert answer.status == 200
        names = [name for name, _ in answer.events]
        assert names[0] == "message_start"
        assert names[-1] == "error"
        assert set(names[1:-1]) == {"ping"}
        assert proxy.last_call().phase is Phase.FAILED


async def test_rules_hold_on_the_converted_lane_alike(proxy: RunningProxy) -> None:
    await proxy.set_group(
        "openai",
        prompt_injection="replace",
        prompt_text="Only this.",
        tool_filter=["WebFetch"],
        temperature_ratio=0.5,
    )
    await proxy.ask(
        "openai",
        system="Old words.",
        tools=[tool("Bash"), tool("WebFetch")],
        temperature=1.0,
    )
    body = proxy.upstream.calls[-1].json
    assert body["messages"][0] == {"role": "system", "content": "Only this."}
    assert [item["function"]["name"] for item in body["tools"]] == ["Bash"]
    assert body["temperature"] == pytest.approx(0.5)
    await proxy.ask("openai", system="A title, please.")
    assert "A title, please." in str(proxy.upstream.calls[-1].json["messages"])
