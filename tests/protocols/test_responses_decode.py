from collections.abc import Iterable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy_tui.protocols import failures, responses
from ccproxy_tui.protocols.base import Address
from ccproxy_tui.protocols.collect import collect
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    Event,
    JsonObject,
    Opaque,
    Reply,
    ReplyError,
    ReplyStart,
    ReplyStop,
    Text,
    Thinking,
    ToolUse,
    Usage,
)
from ccproxy_tui.protocols.tool_names import ToolNames
from tests.protocols.chunks import decoded, every_cut, one_by_one
from tests.protocols.validity import assert_valid_events

USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 80},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 120,
}
HUB_USAGE = Usage(20, 80, None, 20, 5)
REASONING = {
    "id": "rs_1", "type": "reasoning", "encrypted_content": "enc",
    "summary": [{"type": "summary_text", "text": "one"}, {"type": "summary_text", "text": "two"}],
}  # fmt: skip
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
    "content": [{"type": "output_text", "text": "Grüße 😀", "annotations": []}],
}  # fmt: skip
CALL = {"id": "fc_1", "type": "function_call", "call_id": "c1", "name": "read",
        "arguments": '{"a":1}', "status": "completed"}  # fmt: skip
SEARCH = {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {}}
OUTPUT: list[JsonObject] = [REASONING, SEARCH, MESSAGE, CALL]


def event(kind: str, named: bool = True, **fields: Any) -> bytes:
    head = b"event: %b\n" % kind.encode() if named else b""
    return head + b"data: %b\n\n" % orjson.dumps({"type": kind, **fields})


def response(status: str = "completed", **fields: Any) -> JsonObject:
    return {"id": "resp_1", "object": "response", "model": "gpt-5", "status": status,
            "error": None, "output": [], "usage": USAGE, **fields}  # fmt: skip


def added(place: int, item: JsonObject) -> bytes:
    return event("response.output_item.added", output_index=place, item=item)


def done(place: int, item: JsonObject) -> bytes:
    return event("response.output_item.done", output_index=place, item=item)


CREATED = event("response.created", response=response("in_progress", usage=None))
COMPLETED = event("response.completed", response=response(output=OUTPUT))
PIECES = [
    CREATED,
    event("response.in_progress", response=response("in_progress", usage=None)),
    added(0, {**REASONING, "summary": [], "encrypted_content": "early"}),
    event("response.reasoning_summary_part.added", item_id="rs_1", output_index=0, summary_index=0),
    event("response.reasoning_summary_text.delta", output_index=0, summary_index=0, delta="o"),
    event("response.reasoning_summary_text.delta", output_index=0, summary_index=0, delta="ne"),
    event("response.reasoning_summary_text.done", output_index=0, summary_index=0, text="one"),
    event("response.reasoning_summary_text.delta", output_index=0, summary_index=1, delta="two"),
    done(0, REASONING),
    added(1, {**SEARCH, "status": "in_progress"}),
    event("response.web_search_call.searching", output_index=1, item_id="ws_1"),
    done(1, SEARCH),
    added(2, {**MESSAGE, "content": []}),
    event("response.content_part.added", output_index=2, item_id="msg_1", content_index=0),
    event("response.output_text.delta", output_index=2, content_index=0, delta="Grü"),
    event("response.output_text.delta", output_index=2, content_index=0, delta="ße 😀"),
    event("response.output_text.done", output_index=2, content_index=0, text="Grüße 😀"),
    done(2, MESSAGE),
    added(3, {**CALL, "arguments": ""}),
    event("response.function_call_arguments.delta", output_index=3, item_id="fc_1", delta='{"a"'),
    event("response.function_call_arguments.delta", output_index=3, item_id="fc_1", delta=":1}"),
    event("response.function_call_arguments.done", output_index=3, arguments='{"a":1}'),
    done(3, CALL),
    COMPLETED,
]
CONTENT = [
    Thinking("one\n\ntwo", "rs_1:enc", "responses"),
    Opaque(SEARCH, "responses"),
    Text("Grüße 😀"),
    ToolUse("c1", "read", {"a": 1}),
]


def events(pieces: Iterable[bytes], names: ToolNames | None = None) -> list[Event]:
    return assert_valid_events(decoded(responses.decoder(names), pieces))


def read(pieces: Iterable[bytes]) -> Reply:
    return collect(events(pieces))


def error(pieces: Iterable[bytes]) -> ReplyError:
    last = events(pieces)[-1]
    assert isinstance(last, ReplyError)
    return last


def test_a_stream() -> None:
    reply = read(PIECES)
    assert (reply.id, reply.model) == ("resp_1", "gpt-5")
    assert reply.content == CONTENT
    assert reply.stop_reason == "tool_use"
    assert reply.usage == HUB_USAGE


def test_a_whole_reply() -> None:
    reply = collect(assert_valid_events(responses.read_reply(response(output=OUTPUT))))
    assert reply.content == CONTENT
    assert (reply.stop_reason, reply.usage) == ("tool_use", HUB_USAGE)


def test_text_goes_out_at_once() -> None:
    decoder = responses.decoder()
    seen = [decoder.feed(piece) for piece in PIECES]
    assert [type(one).__name__ for one in seen[4]] == ["BlockStart", "ThinkingDelta"]
    assert [type(one).__name__ for one in seen[15]] == ["TextDelta"]


def test_any_cut_gives_the_same() -> None:
    data = b"".join(PIECES)
    whole = collect(events([data]))
    assert read(one_by_one(data)) == whole
    for cut in list(every_cut(data))[:: len(data) // 150]:
        assert read(cut) == whole


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_stream_that_ends_too_early_is_an_error(data: st.DataObject) -> None:
    stream = b"".join(PIECES)
    at = data.draw(st.integers(0, len(stream) - len(COMPLETED)))
    assert isinstance(events([stream[:at]])[-1], ReplyError)


def without(name: str, piece: bytes) -> bytes:
    kind, _, payload = piece.partition(b"\ndata: ")
    content = orjson.loads(payload)
    content.pop(name, None)
    if name == "output" and "response" in content:
        content["response"].pop("output")
    return kind + b"\ndata: " + orjson.dumps(content) + b"\n\n"


@pytest.mark.parametrize("name", ["output_index", "output", "content_index", "summary_index"])
def test_servers_that_leave_something_out(name: str) -> None:
    reply = read([without(name, piece) for piece in PIECES])
    thought = "onetwo" if name == "summary_index" else "one\n\ntwo"
    assert reply.content == [Thinking(thought, "rs_1:enc", "responses"), *CONTENT[1:]]


def test_events_without_names() -> None:
    assert read([piece.partition(b"\n")[2] for piece in PIECES]).content == CONTENT


def test_items_whose_ids_change_on_the_way() -> None:
    pieces = [
        CREATED,
        added(
            0, {"type": "function_call", "id": "a", "call_id": "c1", "name": "f", "arguments": ""}
        ),
        event("response.function_call_arguments.delta", output_index=0, item_id="b", delta="{}"),
        done(
            0, {"type": "function_call", "id": "z", "call_id": "c1", "name": "f", "arguments": "{}"}
        ),
        COMPLETED,
    ]
    assert read(pieces).content == [ToolUse("c1", "f", {})]


def test_llama_cpp_knows_a_call_by_its_call_id_only() -> None:
    def call(id_: str, **fields: Any) -> JsonObject:
        return {"type": "function_call", "call_id": id_, "name": f"name_{id_}", **fields}

    pieces = [
        event("response.created", response={"id": "r", "object": "response", "status": "x"}),
        event("response.output_item.added", item=call("fc_1", arguments="")),
        event("response.function_call_arguments.delta", item_id="fc_1", delta="{"),
        event("response.output_item.added", item=call("fc_2", arguments="")),
        event("response.function_call_arguments.delta", item_id="fc_2", delta='{"b":2}'),
        event("response.function_call_arguments.delta", item_id="fc_1", delta="}"),
        event("response.output_item.done", item=call("fc_1", arguments="{}")),
        event("response.output_item.done", item=call("fc_2", arguments='{"b":2}')),
        event("response.completed", response={"id": "r", "status": "completed"}),
    ]
    calls = [ToolUse("fc_1", "name_fc_1", {}), ToolUse("fc_2", "name_fc_2", {"b": 2})]
    assert read(pieces).content == calls


@pytest.mark.parametrize(
    "pieces",
    [
        [done(0, REASONING), done(1, SEARCH), done(2, MESSAGE), done(3, CALL)],
        [],
        [
            done(0, REASONING),
            done(1, SEARCH),
            event("response.output_text.done", output_index=2, content_index=0, text="Grüße 😀"),
            done(2, MESSAGE),
            added(3, {**CALL, "arguments": ""}),
            event("response.function_call_arguments.done", output_index=3, arguments='{"a":1}'),
            done(3, CALL),
        ],
    ],
)
def test_servers_that_say_it_in_one_piece(pieces: list[bytes]) -> None:
    assert read([CREATED, *pieces, COMPLETED]).content == CONTENT


def test_arguments_as_an_object() -> None:
    call = {**CALL, "arguments": {"a": 1}}
    assert read([CREATED, done(0, call), COMPLETED]).content == [CONTENT[3]]


def test_reasoning_of_open_models() -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [],
            "content": [{"type": "reasoning_text", "text": "hm"}]}  # fmt: skip
    delta = event("response.reasoning_text.delta", output_index=0, content_index=0, delta="hm")
    other = event(
        "response.reasoning_summary_text.delta", output_index=0, summary_index=0, delta="x"
    )
    assert read([CREATED, delta, other, done(0, item), COMPLETED]).content == [Thinking("hm")]
    assert read([CREATED, done(0, item), COMPLETED]).content == [Thinking("hm")]


def test_custom_calls() -> None:
    call = {
        "type": "custom_tool_call",
        "id": "ctc",
        "call_id": "c",
        "name": "patch",
        "input": "a\n",
    }
    said = event("response.custom_tool_call_input.delta", output_index=0, delta="a\n")
    pieces = [CREATED, added(0, {**call, "input": ""}), said, done(0, call), COMPLETED]
    assert read(pieces).content == [ToolUse("c", "patch", {"input": "a\n"})]


def test_names_come_back() -> None:
    names = ToolNames()
    wire = names.wire("a" * 80)
    call = {**CALL, "name": wire}
    starts = [one for one in events([CREATED, done(0, call), COMPLETED], names)
              if isinstance(one, BlockStart)]  # fmt: skip
    assert starts[0].name == "a" * 80


@pytest.mark.parametrize(
    ("reason", "stop"),
    [("max_output_tokens", "max_tokens"), ("content_filter", "refusal"), (None, "max_tokens")],
)
def test_incomplete(reason: str | None, stop: str) -> None:
    details = {"reason": reason} if reason else None
    last = response("incomplete", output=[MESSAGE], incomplete_details=details)
    assert read([CREATED, event("response.incomplete", response=last)]).stop_reason == stop
    assert collect(responses.read_reply(last)).stop_reason == stop


def test_a_refusal() -> None:
    item = {"type": "message", "id": "m", "content": [{"type": "refusal", "refusal": "No."}]}
    delta = event("response.refusal.delta", output_index=0, content_index=0, delta="No.")
    for pieces in ([delta, done(0, item)], [done(0, item)]):
        reply = read([CREATED, *pieces, COMPLETED])
        assert (reply.content, reply.stop_reason) == ([Text("No.")], "refusal")


TOO_LONG = "Your input exceeds the context window of this model. Please adjust your input."


@pytest.mark.parametrize(
    ("piece", "status", "kind"),
    [
        (event("error", code="server_error", message="x"), 502, "server_error"),
        (event("error", error={"type": "server_error", "message": "x"}), 502, "server_error"),
        (b'data: {"error":{"message":"x"}}\n\n', 502, ""),
        (
            event("response.failed", response=response("failed", error={
                "code": "rate_limit_exceeded", "message": "x"})),
            429,
            "rate_limit_exceeded",
        ),
        (
            event("response.failed", response=response("failed", error={
                "code": "context_length_exceeded", "message": TOO_LONG})),
            400,
            failures.CONTEXT_OVERFLOW,
        ),
        (event("error", code="context_length_exceeded", message="x"), 400, failures.CONTEXT_OVERFLOW),
        (event("response.failed", response=response("failed")), 502, ""),
        (event("response.failed"), 502, ""),
    ],
)  # fmt: skip
def test_errors_in_a_stream(piece: bytes, status: int, kind: str) -> None:
    broke = error([CREATED, piece, COMPLETED])
    assert (broke.status, broke.kind) == (status, kind)
    assert broke.message


@pytest.mark.parametrize(
    "body",
    [
        response("failed", error={"code": "server_error", "message": "x"}),
        response("failed"),
        response("in_progress"),
        response("cancelled"),
        response(error={"message": "x"}),
        {"detail": "not found"},
        {},
    ],
)
def test_whole_replies_that_are_none(body: JsonObject) -> None:
    (only,) = responses.read_reply(body)
    assert isinstance(only, ReplyError)


def test_servers_that_give_every_item_the_same_place() -> None:
    pieces = [done(0, item) for item in OUTPUT]
    assert read([CREATED, *pieces, COMPLETED]).content == CONTENT
    assert read([CREATED, *pieces, *pieces[-1:], COMPLETED]).content == CONTENT
    pieces = [
        added(0, {**CALL, "arguments": ""}),
        event("response.function_call_arguments.delta", output_index=0, delta='{"a":1}'),
        done(0, CALL),
        added(0, {**CALL, "id": "fc_2", "call_id": "c2", "arguments": ""}),
        event("response.function_call_arguments.delta", output_index=0, delta='{"a":2}'),
        done(0, {**CALL, "id": "fc_2", "call_id": "c2", "arguments": '{"a":2}'}),
    ]
    calls = [ToolUse("c1", "read", {"a": 1}), ToolUse("c2", "read", {"a": 2})]
    assert read([CREATED, *pieces, COMPLETED]).content == calls
    assert read([CREATED, pieces[2], pieces[5], COMPLETED]).content == calls
    decoder = responses.decoder()
    seen = [decoder.feed(piece) for piece in (CREATED, *pieces)]
    assert isinstance(seen[5][-1], ArgumentsDelta)


def test_broken_arguments_do_not_hold_up_what_follows() -> None:
    decoder = responses.decoder()
    broken = {**CALL, "arguments": '{"a":'}
    text = event("response.output_text.delta", output_index=1, item_id="m", delta="b")
    for piece in (CREATED, done(0, broken)):
        decoder.feed(piece)
    assert [type(one).__name__ for one in decoder.feed(text)] == ["BlockStart", "TextDelta"]


def test_done_alone_ends_nothing() -> None:
    assert isinstance(events([*PIECES[:-1], b"data: [DONE]\n\n"])[-1], ReplyError)
    assert isinstance(events([*PIECES, b"data: [DONE]\n\n"])[-1], ReplyStop)


def test_an_upstream_that_does_not_stream() -> None:
    body = orjson.dumps(response(output=OUTPUT))
    assert read(one_by_one(body)).content == CONTENT
    assert error([orjson.dumps({"error": {"message": "x"}})]).message == "x"
    assert error([orjson.dumps(response("failed", error={"message": "y"}))]).message == "y"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["type", "id", "item", "delta", "output", "content", "summary", "error", "name",
         "arguments", "call_id", "text", "usage", "status", "response"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
KINDS = st.sampled_from(sorted({p.partition(b"\n")[0][7:].decode() for p in PIECES}))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(KINDS, st.dictionaries(st.sampled_from(
    ["item", "delta", "response", "output_index", "item_id", "content_index", "summary_index",
     "text", "arguments"]), JSON, max_size=4)), max_size=6))  # fmt: skip
def test_junk_is_an_error_at_most(junk: list[tuple[str, JsonObject]]) -> None:
    events([CREATED, *(event(kind, **fields) for kind, fields in junk)])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["output", "status", "error", "usage", "id"]), JSON))
def test_junk_bodies(body: JsonObject) -> None:
    assert_valid_events(responses.read_reply(body))


def test_what_this_client_gets_this_upstream_reads() -> None:
    body = {"model": "m", "input": "a", "tools": [{"type": "custom", "name": "patch"}]}
    asked = responses.read_asked(responses.check_request(body), Address(responses.routes[0]))
    encoder = responses.encoder(asked)
    again = read([encoder.encode(events(PIECES))])
    first = CONTENT[0]
    assert isinstance(first, Thinking)
    assert again.content[1:] == CONTENT[1:]
    assert again.usage == Usage(20, 80, 0, 20, 5)
    assert isinstance(events(PIECES)[0], ReplyStart)
