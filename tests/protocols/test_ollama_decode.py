"""Replies of Ollama servers, read into hub events."""

from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.protocols import ollama
from ccproxy_tui.protocols.collect import collect
from ccproxy_tui.protocols.hub import (
    Event,
    Reply,
    ReplyError,
    Text,
    Thinking,
    ToolUse,
    Usage,
)
from ccproxy_tui.protocols.tool_names import ToolNames
from tests.protocols.chunks import decoded, every_cut, one_by_one
from tests.protocols.validity import assert_valid_events

HEAD = {"model": "qwen3", "created_at": "2025-05-27T22:54:57.641643Z"}


def line(done: bool = False, **message: Any) -> bytes:
    said = {"role": "assistant", "content": "", **message}
    return orjson.dumps({**HEAD, "message": said, "done": done}) + b"\n"


def last(reason: str = "stop", **fields: Any) -> bytes:
    said = {"role": "assistant", "content": ""}
    body = {**HEAD, "message": said, "done": True, "done_reason": reason, "total_duration": 5}
    return orjson.dumps({**body, **fields}) + b"\n"


def tool(name: str, id_: str | None = None, **arguments: Any) -> dict[str, Any]:
    call: dict[str, Any] = {"function": {"name": name, "arguments": arguments}}
    return call if id_ is None else {**call, "id": id_}


STREAM = b"".join(
    [
        line(thinking="hm "),
        line(thinking="ü"),
        line(content="so 🎈"),
        line(content="!"),
        line(tool_calls=[tool("a", "123", x={"y": [1]}), tool("a", "123", x=2)]),
        line(tool_calls=[tool("b")]),
        last(prompt_eval_count=11, eval_count=7),
    ]
)


def events_of(*pieces: bytes, names: ToolNames | None = None) -> list[Event]:
    return assert_valid_events(decoded(ollama.decoder(names), pieces))


def reply_of(*pieces: bytes) -> Reply:
    return collect(events_of(*pieces))


def error_of(*pieces: bytes) -> ReplyError:
    end = events_of(*pieces)[-1]
    assert isinstance(end, ReplyError)
    return end


def plain(reply: Reply) -> tuple[Any, ...]:
    """Give a reply without the ids, which are made up."""
    calls = [(b.name, b.input) for b in reply.content if isinstance(b, ToolUse)]
    others = [b for b in reply.content if not isinstance(b, ToolUse)]
    return others, calls, reply.stop_reason, reply.usage


def test_a_stream_is_read() -> None:
    reply = reply_of(STREAM)
    assert reply.model == "qwen3"
    assert plain(reply) == (
        [Thinking("hm ü"), Text("so 🎈!")],
        [("a", {"x": {"y": [1]}}), ("a", {"x": 2}), ("b", {})],
        "tool_use",
        Usage(input=11, output=7),
    )
    ids = [block.id for block in reply.content if isinstance(block, ToolUse)]
    assert len(set(ids)) == 3
    assert all(len(id_) > 8 for id_ in ids), "numbers of three digits come again in the next reply"


def test_it_is_the_same_however_it_is_cut() -> None:
    whole = plain(reply_of(STREAM))
    for pieces in every_cut(STREAM):
        assert plain(reply_of(*pieces)) == whole
    assert plain(reply_of(*one_by_one(STREAM))) == whole
    assert plain(reply_of(STREAM.replace(b"\n", b"\r\n\r\n"))) == whole
    assert plain(reply_of(STREAM.rstrip(b"\n"))) == whole


def test_ids_that_tell_calls_apart_are_kept() -> None:
    reply = reply_of(line(tool_calls=[tool("a", "call_abcdefgh")]), last())
    assert reply.content == [ToolUse("call_abcdefgh", "a", {})]


def test_arguments_as_text_are_taken_as_well() -> None:
    call = {"function": {"name": "a", "arguments": '{"x":1}'}}
    [block] = reply_of(line(tool_calls=[call]), last()).content
    assert isinstance(block, ToolUse)
    assert block.input == {"x": 1}


def test_names_are_the_clients_again() -> None:
    names = ToolNames()
    name = "mcp__" + "x" * 80
    short = names.wire(name)
    [block] = collect(events_of(line(tool_calls=[tool(short)]), last(), names=names)).content
    assert isinstance(block, ToolUse)
    assert block.name == name


@pytest.mark.parametrize(
    ("reason", "stop"),
    [("stop", "end_turn"), ("length", "max_tokens"), ("load", "end_turn"), ("", "end_turn")],
)
def test_reasons(reason: str, stop: str) -> None:
    assert reply_of(line(content="a"), last(reason)).stop_reason == stop


def test_counts_that_are_not_said_stay_open() -> None:
    assert reply_of(line(content="a"), last()).usage == Usage()


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (line(content="a"),),
        (line(content="a"), last()[:-9]),
        (line(content="a"), b'{"error":"out of memory"}\n'),
        (b'{"error":"model \\"x\\" not found"}\n', last()),
        (b"<html><title>no</title></html>",),
        (b"hello\n",),
        (b"[1]\n",),
        (b"data: {}\n\n",),
        (line(content={"a": 1}), last()),
        (line(tool_calls=[{"x": 1}]), last()),
        (line(tool_calls=3), last()),
        (b'{"message":"a","done":true}\n',),
        (b'{\n "error": "no"\n}\n',),
    ],
)
def test_what_is_no_whole_reply_ends_with_an_error(pieces: tuple[bytes, ...]) -> None:
    assert error_of(*pieces).status >= 400


def test_errors_keep_their_words() -> None:
    error = error_of(line(content="a"), b'{"error":"out of memory"}\n', line(content="b"))
    assert error.message == "out of memory"
    assert error_of(b'{\n "error": "no"\n}\n').message == "no"


WHOLE = {
    **HEAD,
    "message": {
        "role": "assistant",
        "content": "so",
        "thinking": "hm",
        "tool_calls": [tool("a", x=["y"])],
    },
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 3,
    "eval_count": 4,
}
AS_READ = ([Thinking("hm"), Text("so")], [("a", {"x": ["y"]})], "tool_use", Usage(3, output=4))


def test_a_whole_reply_is_read() -> None:
    assert plain(collect(ollama.read_reply(WHOLE))) == AS_READ
    assert isinstance(ollama.read_reply({"error": "no"})[0], ReplyError)
    broken: dict[str, Any]
    for broken in ({}, {"message": 3}, {"models": []}, {**WHOLE, "done": False}):
        [event] = ollama.read_reply(broken)
        assert isinstance(event, ReplyError)


def test_a_whole_reply_instead_of_a_stream_is_read_in_any_layout() -> None:
    for data in (
        orjson.dumps(WHOLE),
        orjson.dumps(WHOLE, option=orjson.OPT_INDENT_2),
        b" \r\n" + orjson.dumps(WHOLE, option=orjson.OPT_INDENT_2).replace(b"\n", b"\r\n"),
    ):
        for pieces in every_cut(data):
            assert plain(reply_of(*pieces)) == AS_READ
        assert plain(reply_of(*one_by_one(data))) == AS_READ


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_cuts(at: list[int]) -> None:
    places = [0, *sorted(at), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in pairwise(places)]
    assert plain(reply_of(*pieces)) == plain(reply_of(STREAM))


@given(st.integers(0, len(STREAM) - 3))
def test_a_stream_that_breaks_off_is_never_complete(at: int) -> None:
    assert isinstance(events_of(STREAM[:at])[-1], ReplyError)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "message",
                    "content",
                    "thinking",
                    "tool_calls",
                    "function",
                    "name",
                    "arguments",
                    "done",
                    "done_reason",
                    "error",
                    "eval_count",
                    "model",
                    "id",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


LINE = JUNK | st.fixed_dictionaries(
    {"message": JUNK | st.dictionaries(st.sampled_from(["content", "tool_calls"]), JUNK)},
    optional={"done": JUNK, "error": JUNK, "eval_count": JUNK, "model": JUNK},
)


@given(st.lists(LINE, max_size=4))
def test_junk_gives_valid_events(lines: list[Any]) -> None:
    events_of(b"".join(orjson.dumps(one) + b"\n" for one in lines))
    for one in lines:
        if isinstance(one, dict):
            assert_valid_events(ollama.read_reply(one))
