import orjson
import pytest

from ccproxy_tui.protocols.collect import collect
from ccproxy_tui.protocols.hub import (
    BlockStart,
    ReplyError,
    ReplyStart,
    Text,
    Thinking,
    ToolUse,
    Usage,
)
from ccproxy_tui.protocols.openai.decode import decoder, read_reply
from ccproxy_tui.protocols.tool_names import ToolNames
from tests.protocols.chunks import (
    DONE,
    as_claude,
    chunk,
    decoded,
    every_cut,
    one_by_one,
    tool,
    usage_chunk,
)
from tests.protocols.validity import assert_valid_events

STREAM = b"".join(
    [
        chunk(role="assistant", content=None),
        chunk(reasoning_content="häh? "),
        chunk(reasoning_content="it's 🙂"),
        chunk(content="Grüße, "),
        chunk(content="it's done"),
        tool(0, "", "call_0001", "Write"),
        tool(1, "", "call_0002", "Read"),
        tool(1, '{"path":"it\'s'),
        tool(0, '{"text":"\\"ü'),
        tool(0, '"}', "", ""),
        tool(1, '"}'),
        chunk(finish="tool_calls"),
        usage_chunk(100, 20, cached=80),
        DONE,
    ]
)


def test_a_whole_stream_reaches_a_claude_client() -> None:
    seen = as_claude([STREAM])
    assert [block["type"] for block in seen.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert seen.thinking == "häh? it's 🙂"
    assert seen.text == "Grüße, it's done"
    assert seen.tools == [("Write", {"text": '"ü'}), ("Read", {"path": "it's"})]
    assert [block["id"] for block in seen.content[2:]] == ["call_0001", "call_0002"]
    assert seen.stop_reason == "tool_use"
    assert seen.message["model"] == "claude-x"


def test_every_cut_gives_the_same_events() -> None:
    """Failure 14: UTF-8 and frames may be cut anywhere."""
    whole = decoded(decoder(), [STREAM])
    crlf = STREAM.replace(b"\n", b"\r\n")
    for first, second in every_cut(STREAM):
        assert decoded(decoder(), [first, second]) == whole
    assert decoded(decoder(), one_by_one(STREAM)) == whole
    assert decoded(decoder(), one_by_one(crlf)) == whole
    assert decoded(decoder(), [crlf]) == whole


def test_usage_leaves_out_what_was_cached() -> None:
    """Failures 4 and 5: an estimate at the start, the exact figures at the end, nothing twice."""
    seen = as_claude([STREAM])
    assert seen.message["usage"]["input_tokens"] == 100
    assert seen.usage == {
        "input_tokens": 20,
        "cache_read_input_tokens": 80,
        "cache_creation_input_tokens": 0,
        "output_tokens": 20,
    }


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2}, Usage(9, None, None, 2)),
        (
            {"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 4},
            Usage(5, 4, None, 2),
        ),
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 4},
            },
            Usage(2, 3, 4, 2),
        ),
        ({"prompt_tokens": 9, "prompt_tokens_details": None}, Usage(9)),
        ({"prompt_tokens": None, "completion_tokens": None}, Usage()),
        (None, Usage()),
    ],
)
def test_usage_in_its_many_forms(usage: object, read: Usage) -> None:
    stream = [chunk(content="x"), chunk(finish="stop", usage=usage), DONE]
    assert collect(decoded(decoder(), stream)).usage == read


def test_usage_is_there_even_when_the_upstream_never_counts() -> None:
    """Failure 4: a client that reads `usage.input_tokens` may not crash."""
    seen = as_claude([chunk(content="12345678"), chunk(finish="stop"), DONE])
    assert seen.usage["input_tokens"] == 100
    assert seen.usage["output_tokens"] == 2


def test_usage_may_come_with_the_choice_or_twice() -> None:
    first, last = {"prompt_tokens": 5, "completion_tokens": 1}, {"completion_tokens": 7}
    stream = [chunk(content="x", usage=first), chunk(finish="stop", usage=last), DONE]
    assert collect(decoded(decoder(), stream)).usage == Usage(5, output=7)


def test_the_stop_waits_for_usage() -> None:
    reader = decoder()
    events = reader.feed(chunk(content="x")) + reader.feed(chunk(finish="stop"))
    assert "ReplyStop" not in [type(event).__name__ for event in events]
    assert [type(e).__name__ for e in reader.feed(usage_chunk(1, 1))] == ["BlockStop", "ReplyStop"]
    assert reader.feed(DONE) == []
    assert reader.end() == []


def test_a_second_finish_reason_changes_nothing() -> None:
    stream = [chunk(content="x"), chunk(finish="length"), chunk(finish="stop"), DONE]
    assert as_claude(stream).stop_reason == "max_tokens"


def test_an_end_without_finish_is_an_error_for_the_client() -> None:
    """Failure 13: a truncated reply is never reported as success."""
    seen = as_claude([chunk(content="half a sen")])
    assert seen.text == "half a sen"
    assert seen.error is not None
    assert seen.error["type"] == "api_error"
    assert "middle of its reply" in seen.error["message"]


@pytest.mark.parametrize("end", [[chunk(finish="stop")], [DONE], [b"data: [DONE]"]])
def test_either_finish_or_done_is_enough(end: list[bytes]) -> None:
    assert as_claude([chunk(content="x"), *end]).stop_reason == "end_turn"


def test_empty_tool_calls_change_nothing() -> None:
    """Failure 11: `tool_calls: []` in every chunk."""
    stream = [
        chunk(content="a", tool_calls=[]),
        chunk(content="b", tool_calls=None),
        chunk(finish="tool_calls", tool_calls=[]),
        DONE,
    ]
    seen = as_claude(stream)
    assert seen.text == "ab"
    assert len(seen.content) == 1
    assert seen.stop_reason == "end_turn"


def test_stop_with_a_tool_call_is_tool_use() -> None:
    """Failure 12: some servers say `stop` after a call."""
    seen = as_claude([tool(0, "{}", "c", "A"), chunk(finish="stop"), DONE])
    assert seen.stop_reason == "tool_use"
    assert seen.tools == [("A", {})]


def test_continuations_do_not_rename_the_call() -> None:
    """Failure 10: empty, missing, repeated or made-up ids and names in later chunks."""
    stream = [
        tool(0, "", "real_call_1", "Write"),
        tool(0, '{"a":', "", ""),
        tool(0, "1,", "random1", "Write"),
        tool(0, '"b":2', "random2", "Write"),
        tool(0, "}", None, None),
        chunk(finish="tool_calls"),
        DONE,
    ]
    seen = as_claude(stream)
    assert seen.content[0]["id"] == "real_call_1"
    assert seen.tools == [("Write", {"a": 1, "b": 2})]


def test_whole_calls_that_all_have_index_0() -> None:
    stream = [
        tool(0, '{"a":1}', "c1_of_this", "A"),
        tool(0, '{"a":2}', "c2_of_this", "A"),
        tool(0, '{"b":3}', "c3", "B"),
        chunk(finish="stop"),
        DONE,
    ]
    assert as_claude(stream).tools == [("A", {"a": 1}), ("A", {"a": 2}), ("B", {"b": 3})]


def test_calls_without_an_index() -> None:
    stream = [
        tool(None, '{"a":', "c1_of_this", "A"),
        tool(None, "1}"),
        tool(None, {"b": 2}, None, "B"),
        tool(None, '{"b":3}', None, "B"),
        chunk(finish="tool_calls"),
        DONE,
    ]
    assert as_claude(stream).tools == [("A", {"a": 1}), ("B", {"b": 2}), ("B", {"b": 3})]


def test_an_apostrophe_stays_an_apostrophe() -> None:
    command = "echo 'it''s' \"x\" \\"
    text = orjson.dumps({"command": command}).decode()
    pieces = [
        tool(0, text[at : at + 3], "c" if not at else None, "Bash") for at in range(0, len(text), 3)
    ]
    assert as_claude([*pieces, chunk(finish="tool_calls"), DONE]).tools == [
        ("Bash", {"command": command})
    ]


def test_reasoning_by_its_other_name_and_in_parts() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "two"}]},
        {"type": "text", "text": "said"},
    ]
    stream = [chunk(reasoning="one "), chunk(content=parts), chunk(finish="stop"), DONE]
    seen = as_claude(stream)
    assert (seen.thinking, seen.text) == ("one two", "said")


def test_text_after_a_tool_and_reasoning_after_text_open_blocks_of_their_own() -> None:
    stream = [
        chunk(content="a"),
        chunk(reasoning_content="b"),
        tool(0, "{}", "c", "A"),
        chunk(content="d"),
        chunk(finish="tool_calls"),
        DONE,
    ]
    kinds = [block["type"] for block in as_claude(stream).content]
    assert kinds == ["text", "thinking", "tool_use", "text"]


@pytest.mark.parametrize(
    ("frame", "status", "words"),
    [
        (b'data: {"error":{"message":"boom","type":"server_error","code":500}}\n\n', 500, "boom"),
        (b'data: {"error":{"message":"slow","code":429}}\n\n', 429, "slow"),
        (b'data: {"error":"plain words"}\n\n', 502, "plain words"),
        (b'event: error\ndata: {"code":503,"message":"full"}\n\n', 503, "full"),
        (b'data: {"object":"error","message":"old vLLM","code":400}\n\n', 400, "old vLLM"),
        (b"data: this is no JSON\n\n", 502, "this is no JSON"),
        (b"data: 7\n\n", 502, "no JSON object"),
    ],
)
def test_errors_inside_a_stream(frame: bytes, status: int, words: str) -> None:
    """Failure 16: an error in a stream with status 200 stays an error."""
    (error,) = decoded(decoder(), [frame])
    assert isinstance(error, ReplyError)
    assert error.status == status
    assert words in error.message
    seen = as_claude([chunk(content="x"), frame, DONE])
    assert seen.error is not None
    assert words in seen.error["message"]


def test_a_failed_finish_reason_is_an_error() -> None:
    seen = as_claude([chunk(content="x"), chunk(finish="error"), DONE])
    assert seen.error is not None


def test_a_stop_sequence_is_named() -> None:
    body = b'data: {"choices":[{"delta":{},"finish_reason":"stop","stop_reason":"END"}]}\n\n'
    seen = as_claude([chunk(content="x"), body, DONE])
    assert (seen.stop_reason, seen.stop_sequence) == ("stop_sequence", "END")


def test_an_emoji_cut_into_escaped_halves_becomes_whole() -> None:
    first = b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n'
    second = b'data: {"choices":[{"delta":{"content":"\\ude42b"}}]}\n\n'
    assert as_claude([first, second, chunk(finish="stop"), DONE]).text == "a🙂b"


def test_a_half_that_stays_alone_does_no_harm() -> None:
    second = b'data: {"choices":[{"delta":{"content":"\\ude42b"}}]}\n\n'
    assert as_claude([second, chunk(finish="stop"), DONE]).text == "\ufffdb"


REPLY = {
    "id": "chatcmpl-9",
    "model": "qwen3",
    "choices": [
        {
            "message": {
                "role": "assistant",
                "content": "text",
                "reasoning_content": "thought",
                "tool_calls": [
                    {
                        "id": "c1_of_this",
                        "type": "function",
                        "function": {"name": "A", "arguments": "{}"},
                    },
                    {
                        "id": "c2_of_this",
                        "type": "function",
                        "function": {"name": "B", "arguments": "{bad"},
                    },
                ],
            },
            "finish_reason": "tool_calls",
        }
    ],
    "usage": {"prompt_tokens": 10, "completion_tokens": 3},
}


def test_a_whole_reply() -> None:
    events = assert_valid_events(read_reply(REPLY))
    assert events[0] == ReplyStart("chatcmpl-9", "qwen3")
    reply = collect(events)
    assert reply.content == [
        Thinking("thought"),
        Text("text"),
        ToolUse("c1_of_this", "A", {}),
        ToolUse("c2_of_this", "B", "{bad"),
    ]
    assert reply.usage == Usage(10, output=3)


def test_a_json_body_where_a_stream_was_asked_for() -> None:
    """Failure 19: upstreams that ignore the stream flag."""
    body = orjson.dumps(REPLY)
    reader = decoder()
    assert reader.feed(body[:50]) == []
    events = reader.feed(body[50:]) + reader.end()
    assert collect(assert_valid_events(events)).stop_reason == "tool_use"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error":{"message":"no such model","code":404}}', "no such model"),
        (b"<html><title>502 Bad Gateway</title></html>", "502 Bad Gateway"),
        (b'{"unfinished": ', "unfinished"),
        (b"{}", "no choices"),
    ],
)
def test_what_is_neither_stream_nor_reply_is_an_error(body: bytes, words: str) -> None:
    (error,) = decoded(decoder(), [body])
    assert isinstance(error, ReplyError)
    assert words in error.message


@pytest.mark.parametrize(
    "body", [{}, {"choices": []}, {"error": {"message": "x"}}, {"detail": "x"}]
)
def test_a_whole_reply_that_is_none(body: dict[str, object]) -> None:
    (error,) = read_reply(body)
    assert isinstance(error, ReplyError)


def test_shortened_tool_names_are_restored() -> None:
    long = "mcp__server__" + "x" * 80
    names = ToolNames()
    wire = names.wire(long)
    stream = [tool(0, "{}", "c_of_this", wire), chunk(finish="tool_calls"), DONE]
    (block,) = collect(decoded(decoder(names), stream)).content
    assert block == ToolUse("c_of_this", long, {})


def test_ids_that_recur_in_each_reply_are_made_anew() -> None:
    """A server that counts from `call_0` would give one session the same id twice."""
    stream = [tool(0, "{}", "call_0", "A"), chunk(finish="tool_calls"), DONE]
    first, second = (
        next(event.id for event in decoded(decoder(), stream) if isinstance(event, BlockStart))
        for _ in range(2)
    )
    assert first != second
    assert "call_0" not in (first, second)
