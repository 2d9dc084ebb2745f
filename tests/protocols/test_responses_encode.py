from collections.abc import Iterable, Iterator
from typing import Any

import httpx2
import openai
import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from ccproxy_tui.protocols import failures, responses
from ccproxy_tui.protocols.base import Address, Asked
from ccproxy_tui.protocols.collect import ReplyBrokeError
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Event,
    JsonObject,
    ReplyError,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    StopReason,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from tests.protocols.validity import read_sse

STRICT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
REQUEST: JsonObject = {
    "model": "gpt-5",
    "input": "hi",
    "stream": True,
    "instructions": "Be brief.",
    "temperature": None,
    "reasoning": {"summary": "auto"},
    "tools": [
        {"type": "function", "name": "read", "parameters": {"type": "object"}, "strict": False},
        {"type": "custom", "name": "patch"},
        {"type": "namespace", "name": "agents", "description": "d", "tools": [
            {"type": "function", "name": "spawn", "parameters": {}, "strict": False}
        ]},
    ],
}  # fmt: skip
USAGE = Usage(10, 90, 5, 40, 7)


def asked(**fields: Any) -> Asked:
    body = responses.check_request({**REQUEST, **fields})
    return responses.read_asked(body, Address(responses.routes[0]))


def block(index: int, kind: Any, *deltas: Event, **start: Any) -> Iterator[Event]:
    yield BlockStart(index, kind, **start)
    yield from deltas
    yield BlockStop(index)


def reply(*blocks: Iterable[Event], reason: StopReason = "end_turn") -> list[Event]:
    inner = [event for one in blocks for event in one]
    return [ReplyStart("x", "m"), *inner, ReplyStop(reason, USAGE)]


EVERYTHING = reply(
    block(0, "thinking", ThinkingDelta(0, "let "), ThinkingDelta(0, "me"),
          SignatureDelta(0, "sig", "claude")),
    block(1, "redacted_thinking", raw={"type": "redacted_thinking", "data": "xyz"}, maker="claude"),
    block(2, "text", TextDelta(2, "Hello “"), TextDelta(2, "you” 100 %d\n")),
    block(3, "opaque", ArgumentsDelta(3, "{}"), raw={"type": "server_tool_use"}, maker="claude"),
    block(4, "tool_use", ArgumentsDelta(4, '{"a"'), ArgumentsDelta(4, ":1}"), id="c1", name="read"),
    block(5, "tool_use", ArgumentsDelta(5, '{"input":"*** Be'), ArgumentsDelta(5, 'gin\\n"}'),
          id="c2", name="patch"),
    block(6, "tool_use", ArgumentsDelta(6, "{}"), id="c3", name="agents__spawn"),
    block(7, "opaque", raw={"type": "web_search_call", "id": "ws_1", "status": "completed",
                            "action": {"type": "search", "query": "q"}}, maker="responses"),
    reason="tool_use",
)  # fmt: skip


def stream(events: Iterable[Event], who: Asked | None = None) -> bytes:
    encoder = responses.encoder(who or asked(), 100)
    return b"".join(encoder.encode([event]) for event in events)


def checked(data: bytes) -> list[JsonObject]:
    """Check a stream as strictly as the vendor's own types do, and its numbers and places."""
    events = [event for name, event in read_sse(data) if name == event["type"]]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    opened: list[str] = []
    open_id = ""
    for event in events:
        codes = (event.get("response") or {}).get("error") or {}
        if codes.get("code") != "context_length_exceeded":
            STRICT.validate_python(event)
        if event["type"] == "response.output_item.added":
            assert not open_id
            open_id = event["item"]["id"]
            assert event["output_index"] == len(opened)
            opened.append(open_id)
        elif "output_index" in event:
            assert event["output_index"] == len(opened) - 1
            assert (event.get("item_id") or event["item"]["id"]) == open_id
        if event["type"] == "response.output_item.done":
            open_id = ""
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    last = events[-1]["response"]
    assert [item["id"] for item in last["output"]] == opened[: len(last["output"])]
    assert not any(kind in kinds[:-1] for kind in ("response.completed", "response.failed"))
    return events


def sdk(data: bytes) -> openai.OpenAI:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=data, headers={"content-type": "text/event-stream"})

    client = httpx2.Client(transport=httpx2.MockTransport(answer))
    return openai.OpenAI(api_key="k", base_url="http://x/v1", http_client=client, max_retries=0)


def test_all_events_are_the_vendors() -> None:
    events = checked(stream(EVERYTHING))
    kinds = [event["type"].removeprefix("response.") for event in events]
    assert kinds[2:9] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]
    assert kinds[11:18] == [
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
    ]
    response = events[-1]["response"]
    thought, hidden, said, read, patch, spawn, search = response["output"]
    assert thought["summary"] == [{"type": "summary_text", "text": "let me"}]
    assert thought["encrypted_content"] == "ccproxy:claude:sig"
    assert (hidden["summary"], hidden["encrypted_content"]) == ([], "ccproxy:claude:redacted:xyz")
    assert said["content"][0]["text"] == "Hello “you” 100 %d\n"
    assert (read["call_id"], read["name"], read["arguments"]) == ("c1", "read", '{"a":1}')
    assert (patch["type"], patch["input"]) == ("custom_tool_call", "*** Begin\n")
    assert (spawn["name"], spawn["namespace"]) == ("spawn", "agents")
    assert search["id"] == "ws_1"
    assert response["status"] == "completed"
    assert response["usage"] == {
        "input_tokens": 105,
        "input_tokens_details": {"cached_tokens": 90, "cache_write_tokens": 5},
        "output_tokens": 40,
        "output_tokens_details": {"reasoning_tokens": 7},
        "total_tokens": 145,
    }
    assert response["instructions"] == "Be brief."
    assert response["temperature"] == 1.0
    assert response["tools"] == REQUEST["tools"]


def test_free_text_is_unpacked_in_the_stream() -> None:
    events = checked(stream(EVERYTHING))
    custom = [event for event in events if "custom_tool_call_input" in event["type"]]
    assert [(e["type"].rsplit(".", 1)[1], e.get("delta") or e.get("input")) for e in custom] == [
        ("delta", "*** Begin\n"),
        ("done", "*** Begin\n"),
    ]


@pytest.mark.parametrize(
    ("said", "text"),
    [('{"input":"a"}', "a"), ('"a"', "a"), ("a {", "a {"), ("{}", ""), ('{"x":1}', '{"x":1}')],
)
def test_free_text_that_a_model_said_in_another_way(said: str, text: str) -> None:
    call = block(0, "tool_use", ArgumentsDelta(0, said), id="c", name="patch")
    item = checked(stream(reply(call, reason="tool_use")))[-1]["response"]["output"][0]
    assert item["input"] == text


def test_the_sdk_reads_a_stream() -> None:
    with sdk(stream(EVERYTHING)).responses.stream(model="gpt-5", input="hi") as events:
        kinds = [event.type for event in events]
        response = events.get_final_response()
    assert kinds[-1] == "response.completed"
    assert response.output_text == "Hello “you” 100 %d\n"
    assert [item.type for item in response.output] == [
        "reasoning", "reasoning", "message", "function_call", "custom_tool_call", "function_call",
        "web_search_call",
    ]  # fmt: skip


def test_the_sdk_iterates_over_a_stream() -> None:
    events = list(sdk(stream(EVERYTHING)).responses.create(model="m", input="hi", stream=True))
    texts = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert texts == ["Hello “", "you” 100 %d\n"]


@pytest.mark.parametrize(
    ("reason", "status", "details"),
    [
        ("end_turn", "completed", None),
        ("stop_sequence", "completed", None),
        ("max_tokens", "incomplete", {"reason": "max_output_tokens"}),
        ("overflow", "incomplete", {"reason": "max_output_tokens"}),
        ("refusal", "incomplete", {"reason": "content_filter"}),
    ],
)
def test_why_it_stops(reason: StopReason, status: str, details: Any) -> None:
    said = list(block(0, "text", TextDelta(0, "a")))
    last = checked(stream(reply(said, reason=reason)))[-1]
    assert last["type"] == f"response.{status}"
    assert last["response"]["status"] == status
    assert last["response"]["incomplete_details"] == details
    whole = responses.write_reply(reply(said, reason=reason), asked())
    assert (whole["status"], whole["incomplete_details"]) == (status, details)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, failures.CONTEXT_OVERFLOW, "context_length_exceeded"),
        (429, "rate_limit_error", "rate_limit_exceeded"),
        (429, "insufficient_quota", "insufficient_quota"),
        (400, "invalid_request_error", "invalid_prompt"),
        (502, "", "server_error"),
    ],
)
def test_errors(status: int, kind: str, code: str) -> None:
    text = block(0, "text", TextDelta(0, "a"))
    error = ReplyError(status, "prompt is too long: 9 tokens > 8 maximum", kind)
    if code == "insufficient_quota":
        events = [event for _, event in read_sse(stream([*text, error]))]
    else:
        events = checked(stream([ReplyStart(), *text, error]))
    last = events[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["status"] == "failed"
    assert last["response"]["error"]["code"] == code
    if kind == failures.CONTEXT_OVERFLOW:
        assert last["response"]["error"]["message"].startswith(
            "Your input exceeds the context window of this model. "
            "Please adjust your input and try again."
        )


@pytest.mark.parametrize("begun", [True, False])
def test_the_sdk_never_takes_a_broken_stream_for_complete(begun: bool) -> None:
    start: list[Event] = [ReplyStart(), BlockStart(0, "text"), TextDelta(0, "a")]
    start = start if begun else []
    data = stream([*start, ReplyError(502, "gone")])
    with sdk(data).responses.stream(model="gpt-5", input="hi") as events:
        seen = list(events)
        assert seen[-1].type == "response.failed"
        with pytest.raises(RuntimeError, match="completed"):
            events.get_final_response()


def test_a_whole_reply_has_the_same_items_as_a_stream() -> None:
    whole = responses.write_reply(EVERYTHING, asked())
    TypeAdapter(Response).validate_python(whole, strict=False)
    streamed = checked(stream(EVERYTHING))[-1]["response"]
    for response in (whole, streamed):
        for name in ("id", "created_at", "completed_at"):
            del response[name]
        for item in response["output"]:
            del item["id"]
    assert whole == streamed


def test_a_broken_reply_is_none() -> None:
    with pytest.raises(ReplyBrokeError):
        responses.write_reply([ReplyStart(), ReplyError(500, "x")], asked())


def test_estimates_stand_for_what_the_upstream_did_not_say() -> None:
    said = block(0, "text", TextDelta(0, "12345678"))
    events = [ReplyStart(), *said, ReplyStop("end_turn", Usage())]
    usage = checked(stream(events))[-1]["response"]["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (100, 2)
    assert responses.write_reply(events, asked(), 100)["usage"] == usage


def test_a_ping_is_a_comment() -> None:
    data = responses.encoder(asked()).ping()
    assert data.startswith(b":")
    assert data.endswith(b"\n\n")


def test_lone_surrogates_in_the_request_are_echoed() -> None:
    half = {"type": "function", "name": "f", "description": "\ud83d", "parameters": {}}
    data = stream(reply(block(0, "text", TextDelta(0, "a"))), asked(tools=[half]))
    assert b"response.completed" in data


def test_signatures_of_ones_own_vendor_travel_with_the_id_of_their_item() -> None:
    thought = block(0, "thinking", SignatureDelta(0, "rs_1:enc", "responses"))
    item = checked(stream(reply(thought)))[-1]["response"]["output"][0]
    assert item["encrypted_content"] == "ccproxy:responses:rs_1:enc"
    body = {"model": "m", "input": [item, {"role": "user", "content": "a"}]}
    responses.retarget(body, "target")
    assert body["model"] == "target"
    first = body["input"][0]
    assert isinstance(first, dict)
    assert (first["id"], first["encrypted_content"]) == ("rs_1", "enc")


def test_reasoning_that_nobody_signed_never_goes_to_the_vendor() -> None:
    thought = block(0, "thinking", ThinkingDelta(0, "hm"))
    item = checked(stream(reply(thought)))[-1]["response"]["output"][0]
    whole = responses.write_reply(reply(block(0, "thinking", ThinkingDelta(0, "hm"))), asked())
    body = {"model": "m", "input": [item, whole["output"][0], {"role": "user", "content": "a"}]}
    responses.retarget(body, "target")
    assert body["input"] == [{"role": "user", "content": "a"}]
