from typing import Any

import orjson
import pytest

from ccproxy_tui.protocols import claude
from ccproxy_tui.protocols.base import Asked
from ccproxy_tui.protocols.collect import ReplyBrokeError, collect
from ccproxy_tui.protocols.hub import (
    BlockStart,
    BlockStop,
    Event,
    Opaque,
    RedactedThinking,
    ReplyError,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolUse,
    Usage,
)
from ccproxy_tui.protocols.stream import ReplyMachine
from ccproxy_tui.protocols.tool_names import ToolNames
from tests.protocols.chunks import as_claude, decoded, every_cut, one_by_one
from tests.protocols.validity import assert_valid_claude_stream, assert_valid_events, read_sse


def event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\n".encode() + b"data: %b\n\n" % orjson.dumps({"type": kind, **fields})


def start(index: int, block: dict[str, Any]) -> bytes:
    return event("content_block_start", index=index, content_block=block)


def delta(index: int, kind: str, **fields: Any) -> bytes:
    return event("content_block_delta", index=index, delta={"type": kind, **fields})


def stop(index: int) -> bytes:
    return event("content_block_stop", index=index)


USAGE = {"input_tokens": 9, "cache_read_input_tokens": 5, "output_tokens": 1}
BEGIN = event(
    "message_start",
    message={"id": "msg_up", "type": "message", "role": "assistant", "model": "m", "usage": USAGE},
)
PING = event("ping")


def end(reason: str = "end_turn", **usage: int) -> bytes:
    last = {"stop_reason": reason, "stop_sequence": None}
    return event("message_delta", delta=last, usage=usage) + event("message_stop")


STREAM = b"".join(
    [
        BEGIN,
        PING,
        start(0, {"type": "thinking", "thinking": "", "signature": ""}),
        delta(0, "thinking_delta", thinking="häh "),
        delta(0, "thinking_delta", thinking="🙂"),
        delta(0, "signature_delta", signature="sig"),
        stop(0),
        start(1, {"type": "redacted_thinking", "data": "zzz"}),
        stop(1),
        start(2, {"type": "text", "text": ""}),
        delta(2, "text_delta", text="it's"),
        stop(2),
        start(3, {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {}}),
        delta(3, "input_json_delta", partial_json='{"query":"x"}'),
        stop(3),
        start(4, {"type": "web_search_tool_result", "tool_use_id": "srv", "content": []}),
        stop(4),
        start(5, {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}),
        delta(5, "input_json_delta", partial_json='{"command":'),
        delta(5, "input_json_delta", partial_json="\"echo 'ü'\"}"),
        stop(5),
        start(6, {"type": "tool_use", "id": "toolu_2", "name": "Now", "input": {}}),
        stop(6),
        end("tool_use", output_tokens=30),
    ]
)
CONTENT = [
    Thinking("häh 🙂", "sig", "claude"),
    RedactedThinking("zzz"),
    Text("it's"),
    Opaque(
        {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {"query": "x"}},
        "claude",
    ),
    Opaque({"type": "web_search_tool_result", "tool_use_id": "srv", "content": []}, "claude"),
    ToolUse("toolu_1", "Bash", {"command": "echo 'ü'"}),
    ToolUse("toolu_2", "Now", {}),
]


def test_a_stream_is_read_and_written_again() -> None:
    events = assert_valid_events(decoded(claude.decoder(), [STREAM]))
    assert events[0] == ReplyStart("msg_up", "m", Usage(9, 5, None, 1))
    assert events[-1] == ReplyStop("tool_use", Usage(9, 5, None, 30))
    assert collect(events).content == CONTENT
    seen = as_claude([STREAM], "claude")
    assert seen.message["id"] == "msg_up"
    assert seen.message["usage"]["input_tokens"] == 9
    assert [block["type"] for block in seen.content] == [
        "thinking",
        "redacted_thinking",
        "text",
        "server_tool_use",
        "web_search_tool_result",
        "tool_use",
        "tool_use",
    ]
    assert seen.content[0]["signature"] == "sig"
    assert seen.usage["output_tokens"] == 30
    assert seen.tools == [("Bash", {"command": "echo 'ü'"}), ("Now", {})]


def test_a_call_without_arguments_does_not_hold_up_the_next() -> None:
    reader = claude.decoder()
    reader.feed(BEGIN + start(0, {"type": "tool_use", "id": "a", "name": "A"}) + stop(0))
    events = reader.feed(start(1, {"type": "tool_use", "id": "b", "name": "B"}))
    assert events == [BlockStart(1, "tool_use", "b", "B")]


def test_every_cut_gives_the_same_events() -> None:
    """Failure 14."""
    whole = decoded(claude.decoder(), [STREAM])
    for first, second in every_cut(STREAM):
        assert decoded(claude.decoder(), [first, second]) == whole
    crlf = STREAM.replace(b"\n", b"\r\n")
    assert decoded(claude.decoder(), one_by_one(crlf)) == whole


def test_overlapping_blocks_are_set_in_a_row() -> None:
    """Failure 9: a local server starts all calls first and stops them at the end."""
    stream = [
        BEGIN,
        *[start(i, {"type": "tool_use", "id": f"t{i}", "name": f"N{i}"}) for i in range(3)],
        *[delta(i, "input_json_delta", partial_json='{"i":') for i in (2, 1, 0)],
        *[delta(i, "input_json_delta", partial_json=f"{i}}}") for i in range(3)],
        *[stop(i) for i in range(3)],
        end("end_turn"),
    ]
    seen = as_claude(stream, "claude")
    assert seen.tools == [(f"N{i}", {"i": i}) for i in range(3)]
    assert seen.stop_reason == "tool_use"


def test_two_texts_stay_two() -> None:
    stream = [BEGIN]
    for index in range(2):
        stream += [start(index, {"type": "text", "text": "a"}), stop(index)]
    assert len(as_claude([*stream, end()], "claude").content) == 2


@pytest.mark.parametrize(
    ("frame", "kind", "words"),
    [
        (
            event("error", error={"type": "overloaded_error", "message": "Overloaded"}),
            "overloaded_error",
            "Overloaded",
        ),
        (b'event: error\ndata: {"code":500,"message":"flat"}\n\n', "api_error", "flat"),
        (
            b'event: error\ndata: {"error":{"code":400,"message":"local"}}\n\n',
            "invalid_request_error",
            "local",
        ),
        (b"data: nothing\n\n", "api_error", "nothing"),
    ],
)
def test_errors_inside_a_stream(frame: bytes, kind: str, words: str) -> None:
    seen = as_claude([BEGIN, frame, end()], "claude")
    assert seen.error is not None
    assert seen.error["type"] == kind
    assert words in seen.error["message"]


def test_a_stream_without_an_end_is_an_error() -> None:
    """Failure 13."""
    cut = STREAM[: STREAM.index(b"event: message_delta")]
    assert as_claude([cut], "claude").error is not None
    no_stop = STREAM[: STREAM.index(b"event: message_stop")]
    assert as_claude([no_stop], "claude").stop_reason == "tool_use"


def test_a_late_input_count_of_zero_does_not_hide_the_first() -> None:
    seen = as_claude([BEGIN, end(input_tokens=0, output_tokens=3)], "claude")
    assert (seen.usage["input_tokens"], seen.usage["output_tokens"]) == (9, 3)


REPLY: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "model": "m",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "t"},
        {"type": "tool_use", "id": "x", "name": "wire", "input": {"a": "it's"}},
    ],
    "stop_reason": "tool_use",
    "usage": USAGE,
}


def test_a_whole_reply_is_read_and_written_again() -> None:
    events = assert_valid_events(claude.read_reply(REPLY))
    assert collect(events).content == [
        Thinking("hm", "s", "claude"),
        Text("t"),
        ToolUse("x", "wire", {"a": "it's"}),
    ]
    assert claude.write_reply(events, Asked(model="asked-for")) == {
        **REPLY,
        "model": "asked-for",
        "role": "assistant",
        "stop_sequence": None,
        "usage": {**USAGE, "cache_creation_input_tokens": 0},
    }


def test_a_reply_that_is_an_error() -> None:
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}
    assert claude.read_reply(body) == [ReplyError(429, "slow", "rate_limit_error")]
    (error,) = claude.read_reply({"completion": "?"})
    assert isinstance(error, ReplyError)
    with pytest.raises(ReplyBrokeError, match="slow"):
        claude.write_reply(claude.read_reply(body), Asked(model="m"))


def test_usage_of_a_reply_that_has_none_is_guessed() -> None:
    """Failure 4."""
    events: list[Event] = [
        ReplyStart(),
        BlockStart(0, "text"),
        TextDelta(0, "some text"),
        BlockStop(0),
        ReplyStop("end_turn", Usage()),
    ]
    reply = claude.write_reply(events, Asked(model="m"), 123)
    assert reply["id"].startswith("msg_")
    assert reply["usage"]["input_tokens"] == 123
    assert reply["usage"]["output_tokens"] > 0


FOREIGN_BLOCKS = [
    ("gemini", {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}),
    ("gemini", {"executableCode": {"language": "PYTHON", "code": "1"}}),
    ("responses", {"type": "web_search_call", "id": "ws", "status": "completed"}),
]


@pytest.mark.parametrize(("maker", "raw"), FOREIGN_BLOCKS)
def test_blocks_of_other_vendors_do_not_reach_a_client_as_they_are(
    maker: str, raw: dict[str, Any]
) -> None:
    """It could not read them, and would send them back to be refused."""
    machine = ReplyMachine(maker)
    machine.start()
    machine.text("before")
    machine.whole("opaque", raw)
    machine.text("after")
    machine.finish("end_turn")
    machine.done()
    events = machine.take()
    seen = assert_valid_claude_stream(claude.encoder(Asked(model="m")).encode(events))
    whole = claude.write_reply(events, Asked(model="m"))["content"]
    for content in (seen.content, whole):
        assert {block["type"] for block in content} == {"text"}
        text = "".join(block["text"] for block in content)
        assert text.startswith("before")
        assert text.endswith("after")
        assert "AAAA" not in text
    claude.check_request(
        {"model": "m", "max_tokens": 9, "messages": [{"role": "assistant", "content": whole}]}
    )


def test_restored_tool_names() -> None:
    names = ToolNames()
    wire = names.wire("a.b")
    body = {**REPLY, "content": [{"type": "tool_use", "id": "x", "name": wire, "input": {}}]}
    assert collect(claude.read_reply(body, names)).content == [ToolUse("x", "a.b", {})]


def test_the_order_of_the_vendor() -> None:
    writer = claude.encoder(Asked(model="claude-x"), 7)
    assert writer.content_type.startswith("text/event-stream")
    data = writer.encode(
        [
            ReplyStart("chatcmpl-1", "other"),
            BlockStart(0, "thinking"),
            ThinkingDelta(0, 'a "quoted" \n\u2028 line'),
            SignatureDelta(0, "s"),
            BlockStop(0),
            BlockStart(1, "text"),
            TextDelta(1, "b"),
        ]
    )
    data += writer.ping()
    data += writer.encode([BlockStop(1), ReplyStop("stop_sequence", Usage(3, 1, 2, 4), "END")])
    seen = assert_valid_claude_stream(data)
    assert [name for name, _ in read_sse(data)] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "ping",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert seen.thinking == 'a "quoted" \n\u2028 line'
    assert (seen.stop_reason, seen.stop_sequence) == ("stop_sequence", "END")
    assert seen.message["usage"]["input_tokens"] == 7
    assert seen.message["model"] == "claude-x"
    assert seen.usage == {
        "input_tokens": 3,
        "cache_read_input_tokens": 1,
        "cache_creation_input_tokens": 2,
        "output_tokens": 4,
    }


def test_an_overflowed_window_has_the_vendors_name() -> None:
    data = claude.encoder(Asked(model="m"), 1).encode(
        [ReplyStart(), ReplyStop("overflow", Usage())]
    )
    assert assert_valid_claude_stream(data).stop_reason == "model_context_window_exceeded"
