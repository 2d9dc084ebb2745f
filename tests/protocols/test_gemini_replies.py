"""Replies: what is read from an upstream, and what official clients read of ours."""

from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import httpx
import orjson
import pytest
from google import genai
from google.genai import errors, types
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.protocols import gemini
from ccproxy_tui.protocols.base import Asked, Failure
from ccproxy_tui.protocols.collect import ReplyBrokeError, collect
from ccproxy_tui.protocols.gemini.client import Form
from ccproxy_tui.protocols.gemini.signed import unseal
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Event,
    Opaque,
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
from ccproxy_tui.protocols.tool_names import ToolNames
from tests.protocols.validity import assert_valid_events

USAGE = {
    "promptTokenCount": 100,
    "cachedContentTokenCount": 60,
    "candidatesTokenCount": 20,
    "thoughtsTokenCount": 5,
    "totalTokenCount": 125,
}


def response(*parts: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "m", "responseId": "r", **more}


def sse(*responses: Any, end: bytes = b"\r\n\r\n") -> bytes:
    return b"".join(b"data: " + orjson.dumps(one) + end for one in responses)


def decoded(*pieces: bytes, names: ToolNames | None = None) -> list[Event]:
    decoder = gemini.decoder(names)
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return assert_valid_events([*events, *decoder.end()])


TURN = [
    response({"text": "hm", "thought": True}, usageMetadata={"promptTokenCount": 100}),
    response({"text": "Grüße 😀"}),
    response(
        {"functionCall": {"name": "f", "args": {"x": "ü"}}, "thoughtSignature": "U0lH"},
        {"functionCall": {"name": "f"}},
        usageMetadata=USAGE,
    ),
    response({"text": ""}, finish="STOP", usageMetadata=USAGE),
]

# --- an upstream's replies


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n"])
def test_a_stream_is_read(end: bytes) -> None:
    events = decoded(sse(*TURN, end=end))
    reply = collect(events)
    first, second = (block for block in reply.content if isinstance(block, ToolUse))
    assert reply.content == [
        Thinking("hm"),
        Text("Grüße 😀"),
        Thinking("", "U0lH", "gemini"),
        ToolUse(first.id, "f", {"x": "ü"}),
        ToolUse(second.id, "f", {}),
    ]
    assert first.id != second.id
    assert reply.stop_reason == "tool_use"
    assert (reply.id, reply.model) == ("r", "m")
    assert reply.usage == Usage(40, 60, None, 25, 5)
    start = events[0]
    assert isinstance(start, ReplyStart)
    assert start.usage.input == 100


def test_a_stream_cut_anywhere_says_the_same() -> None:
    data = sse(*TURN)

    def plain(events: list[Event]) -> list[Any]:
        calls = {"id": ""}
        return [
            (type(e).__name__, e.kind, e.name) if isinstance(e, BlockStart) else e for e in events
        ] + [calls]

    whole = plain(decoded(data))
    for at in range(len(data)):
        assert plain(decoded(data[:at], data[at:])) == whole


@pytest.mark.parametrize("indent", [None, orjson.OPT_INDENT_2])
def test_a_json_array_in_place_of_events_is_read(indent: int | None) -> None:
    data = orjson.dumps(TURN, option=indent)
    assert collect(decoded(data)).stop_reason == "tool_use"
    assert isinstance(decoded(data[: len(data) // 2])[-1], ReplyError)
    broken = orjson.dumps([TURN[0], {"error": {"code": 503, "message": "busy"}}])
    assert decoded(broken)[-1] == ReplyError(503, "busy")


def test_a_whole_reply_in_place_of_events_is_read() -> None:
    assert collect(decoded(orjson.dumps(response({"text": "a"}, finish="STOP")))).content == [
        Text("a")
    ]


def test_a_signature_of_a_thought_before_a_call_is_of_that_thought() -> None:
    body = response(
        {"text": "hm", "thought": True},
        {"functionCall": {"id": "own", "name": "f"}, "thoughtSignature": "U0lH"},
        finish="STOP",
    )
    assert collect(gemini.read_reply(body)).content == [
        Thinking("hm", "U0lH", "gemini"),
        ToolUse("own", "f", {}),
    ]


def test_a_signature_of_text_is_left_out() -> None:
    events = decoded(
        sse(
            response({"text": "a"}),
            response({"text": "b", "thoughtSignature": "U0lH"}),
            response({"text": "", "thoughtSignature": "U0lH"}, finish="STOP"),
        )
    )
    assert collect(events).content == [Text("ab")]
    body = response({"text": "a", "thoughtSignature": "U0lH"}, finish="STOP")
    assert collect(gemini.read_reply(body)).content == [Text("a")]


def test_the_vendors_own_parts_are_kept_whole() -> None:
    part = {"executableCode": {"language": "PYTHON", "code": "1"}}
    assert collect(gemini.read_reply(response(part, finish="STOP"))).content == [
        Opaque(part, "gemini")
    ]


def test_names_come_back() -> None:
    names = ToolNames()
    long = "mcp__" + "x" * 90
    call = {"functionCall": {"name": names.wire(long)}}
    (block,) = collect(gemini.read_reply(response(call, finish="STOP"), names)).content
    assert isinstance(block, ToolUse)
    assert block.name == long


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("STOP", "end_turn"),
        ("MAX_TOKENS", "max_tokens"),
        ("SAFETY", "refusal"),
        ("PROHIBITED_CONTENT", "refusal"),
        ("SOMETHING_NEW", "end_turn"),
    ],
)
def test_finish_reasons(finish: str, reason: str) -> None:
    assert collect(decoded(sse(response({"text": "a"}, finish=finish)))).stop_reason == reason


@pytest.mark.parametrize("finish", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER"])
def test_failed_replies_are_errors(finish: str) -> None:
    body = response({"text": "a"}, finish=finish)
    body["candidates"][0]["finishMessage"] = "because"
    for events in (decoded(sse(body)), gemini.read_reply(body)):
        error = events[-1]
        assert isinstance(error, ReplyError)
        assert (error.status, error.kind) == (502, finish)
        assert "because" in error.message
    assert gemini.read_reply(body) == [error]


def test_every_finish_reason_of_the_sdk_is_known() -> None:
    from ccproxy_tui.protocols.gemini import decode

    known = decode._REASONS.keys() | decode._FAILED | {"FINISH_REASON_UNSPECIFIED"}
    assert {reason.value for reason in types.FinishReason} - known == set()


def test_a_blocked_prompt_is_a_refusal() -> None:
    body = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}
    wanted = [ReplyError(400, "the prompt was blocked: SAFETY", "SAFETY")]
    assert decoded(sse(body)) == wanted
    assert gemini.read_reply(body) == wanted


@pytest.mark.parametrize(
    "data",
    [
        b"",
        sse(response({"text": "a"})),
        sse(response({"text": "a"}, finish="FINISH_REASON_UNSPECIFIED")),
        sse(response({"text": "a"})) + b'data: {"candidates":[{"finishReason":"ST',
        sse(response({"text": "a"}), {"error": {"code": 500, "message": "x"}}),
        sse({"usageMetadata": USAGE}),
        b"data: nonsense\n\n",
        b"data: [1]\n\n",
        b"<html></html>",
        b"[]",
        b"{}",
    ],
)
def test_a_reply_that_is_not_finished_is_an_error(data: bytes) -> None:
    assert isinstance(decoded(data)[-1], ReplyError)


def test_a_whole_reply_without_candidates_is_an_error() -> None:
    assert gemini.read_reply({"usageMetadata": USAGE}) == [
        ReplyError(502, "the upstream's reply has no candidates")
    ]


def test_usage_after_the_finish_counts_and_zeros_do_not() -> None:
    events = decoded(
        sse(response({"text": "a"}, finish="STOP"), {"usageMetadata": USAGE}) + b"data: [DONE]\n\n"
    )
    assert collect(events).usage == Usage(40, 60, None, 25, 5)
    zeros = {"promptTokenCount": 0, "candidatesTokenCount": 0}
    events = decoded(sse(response({"text": "a"}, finish="STOP", usageMetadata=zeros)))
    assert collect(events).usage == Usage()


def test_junk_replies_are_errors_or_replies() -> None:
    from tests.protocols.test_gemini_client import spoiled

    for good in TURN:
        for body in spoiled(good):
            assert_valid_events(gemini.read_reply(body))
            data = b"data: %b\n\n" % orjson.dumps(body)
            decoded(data)
            tap = gemini.tap(Asked())
            tap.feed(data)
            tap.end()
            gemini.tap_reply(body)


# --- what our clients see

SIGNED: list[Event] = [
    ReplyStart("r", "up"),
    BlockStart(0, "thinking"),
    ThinkingDelta(0, "hm"),
    SignatureDelta(0, "U0lH", "gemini"),
    BlockStop(0),
    BlockStart(1, "text"),
    TextDelta(1, "Grüße "),
    TextDelta(1, '"😀"\n'),
    BlockStop(1),
    BlockStart(2, "thinking"),
    SignatureDelta(2, "T1RI", "gemini"),
    BlockStop(2),
    BlockStart(3, "tool_use", "id1", "f"),
    ArgumentsDelta(3, '{"x":'),
    ArgumentsDelta(3, "1}"),
    BlockStop(3),
    BlockStart(4, "tool_use", "id2", "g"),
    ArgumentsDelta(4, "{broken"),
    BlockStop(4),
    ReplyStop("tool_use", Usage(40, 60, None, 25, 5)),
]


def asked(**form: Any) -> Asked:
    return Asked(model="alias", stream=True, form=Form(**form))


def stream(events: Iterable[Event], **form: Any) -> bytes:
    encoder = gemini.encoder(asked(**form), 7)
    return b"".join(encoder.encode([event]) for event in events)


class Answer:
    """What the server of the one client says next; making a client takes long."""

    data = b""
    status = 200


def _answer(request: httpx.Request) -> httpx.Response:
    kind = "text/event-stream" if "stream" in request.url.path else "application/json"
    return httpx.Response(Answer.status, content=Answer.data, headers={"content-type": kind})


@cache
def _client() -> genai.Client:
    options = types.HttpOptions(
        base_url="http://proxy", client_args={"transport": httpx.MockTransport(_answer)}
    )
    return genai.Client(api_key="k", http_options=options)


def client_of(data: bytes, status: int = 200) -> genai.Client:
    """Give a client that gets this answer, whatever it asks."""
    Answer.data, Answer.status = data, status
    return _client()


def chunks_of(data: bytes) -> Iterator[types.GenerateContentResponse]:
    client = client_of(data)
    yield from client.models.generate_content_stream(model="alias", contents="hi")


def parts_of(chunks: Iterable[types.GenerateContentResponse]) -> list[types.Part]:
    parts: list[types.Part] = []
    for chunk in chunks:
        assert chunk.candidates
        assert chunk.candidates[0].content
        assert chunk.candidates[0].content.role == "model"
        parts += chunk.candidates[0].content.parts or []
    return parts


def test_the_sdk_reads_a_stream() -> None:
    chunks = list(chunks_of(stream(SIGNED, thoughts=True)))
    parts = parts_of(chunks)
    assert [(part.text, part.thought) for part in parts[:3]] == [
        ("hm", True),
        ("Grüße ", None),
        ('"😀"\n', None),
    ]
    first, second = parts[3].function_call, parts[4].function_call
    assert first is not None
    assert second is not None
    assert (first.id, first.name, first.args) == ("id1", "f", {"x": 1})
    assert parts[3].thought_signature == b"OTH"
    assert second.args == {"malformed_arguments": "{broken"}
    last = chunks[-1]
    assert last.candidates
    assert last.candidates[0].finish_reason is types.FinishReason.STOP
    usage = last.usage_metadata
    assert usage is not None
    assert (usage.prompt_token_count, usage.cached_content_token_count) == (100, 60)
    assert (usage.candidates_token_count, usage.thoughts_token_count) == (20, 5)
    assert usage.total_token_count == 125
    assert {chunk.model_version for chunk in chunks} == {"alias"}
    assert len({chunk.response_id for chunk in chunks}) == 1
    assert not any(chunk.candidates[0].finish_reason for chunk in chunks[:-1] if chunk.candidates)


def test_the_sdks_chat_remembers_a_streamed_turn() -> None:
    """It forgets turns that have a content without parts, or no finish reason."""
    chat = client_of(stream(SIGNED, thoughts=True)).chats.create(model="alias")
    list(chat.send_message_stream("hi"))
    history = [content.model_dump(mode="json", exclude_none=True, by_alias=True) for content in
               chat.get_history(curated=True)]  # fmt: skip
    read = gemini.read_request(gemini.check_request({"contents": history})).turns
    assert read[1].content == [
        Thinking("hm"),
        Text('Grüße "😀"\n'),
        Thinking("", "T1RI", "gemini"),
        ToolUse("id1", "f", {"x": 1}),
        ToolUse("id2", "g", {"malformed_arguments": "{broken"}),
    ]


def test_thoughts_are_for_clients_that_ask_for_them() -> None:
    parts = parts_of(chunks_of(stream(SIGNED)))
    assert not any(part.thought for part in parts)
    assert [part.thought_signature for part in parts if part.thought_signature] == [b"OTH"]


def foreign(thought: str) -> list[Event]:
    said: list[Event] = [ThinkingDelta(0, thought)] if thought else []
    return [
        ReplyStart(),
        BlockStart(0, "thinking"),
        *said,
        SignatureDelta(0, "a?+/b", "claude"),
        BlockStop(0),
        BlockStart(1, "tool_use", "id1", "f"),
        BlockStop(1),
        ReplyStop("tool_use", Usage()),
    ]


@pytest.mark.parametrize("thought", ["hm", ""])
def test_a_foreign_signature_travels_through_the_sdk(thought: str) -> None:
    events = foreign(thought)
    whole = gemini.write_reply(events, asked(thoughts=True))
    for chunks in (
        list(chunks_of(stream(events, thoughts=True))),
        [types.GenerateContentResponse.model_validate(whole)],
    ):
        contents = [c.candidates[0].content for c in chunks if c.candidates]
        history = [
            content.model_dump(mode="json", exclude_none=True, by_alias=True)
            for content in contents
            if content
        ]
        read = gemini.read_request(gemini.check_request({"contents": history})).turns
        assert read[0].content == [Thinking(thought, "a?+/b", "claude"), ToolUse("id1", "f", {})]


def test_a_foreign_signature_goes_with_its_thought() -> None:
    """Without the words that it signs it would be refused."""
    for data in (stream(foreign("hm")), orjson.dumps(gemini.write_reply(foreign("hm"), asked()))):
        assert data.count(b"thoughtSignature") == 1
        assert b"skip_thought_signature_validator" in data, "what Google documents for such calls"
        assert b"hm" not in data


@pytest.mark.parametrize("then", [[], [BlockStart(1, "text"), TextDelta(1, "a"), BlockStop(1)]])
@pytest.mark.parametrize("maker", ["gemini", "responses"])
def test_a_signature_that_no_call_follows(maker: str, then: list[Event]) -> None:
    """A foreign one is a thought of its own; Gemini's own would be taken for one of the text."""
    events: list[Event] = [
        ReplyStart(),
        BlockStart(0, "thinking"),
        SignatureDelta(0, "U0lH", maker),
        BlockStop(0),
        *then,
        ReplyStop("end_turn", Usage()),
    ]
    whole = types.GenerateContentResponse.model_validate(gemini.write_reply(events, asked()))
    for parts in (parts_of(chunks_of(stream(events))), parts_of([whole])):
        signed = [
            (part.thought, part.thought_signature) for part in parts if part.thought_signature
        ]
        assert signed == ([(True, b"ccproxy:responses:U0lH")] if maker != "gemini" else [])
        assert "".join(part.text or "" for part in parts) == ("a" if then else "")


def test_a_signature_never_goes_past_a_text() -> None:
    text: list[Event] = [BlockStart(1, "text"), TextDelta(1, "a"), BlockStop(1)]
    for maker, wanted in (("responses", b"ccproxy:responses:U0lH"), ("gemini", None)):
        signed: list[Event] = [BlockStart(0, "thinking"), SignatureDelta(0, "U0lH", maker)]
        call: list[Event] = [BlockStart(2, "tool_use", "i", "f"), BlockStop(2)]
        end = ReplyStop("tool_use", Usage())
        events = [ReplyStart(), *signed, BlockStop(0), *text, *call, end]
        whole = types.GenerateContentResponse.model_validate(gemini.write_reply(events, asked()))
        for parts in (parts_of(chunks_of(stream(events))), parts_of([whole])):
            (proof,) = (part.thought_signature for part in parts if part.function_call)
            assert proof == urlsafe_b64decode("skip_thought_signature_validator")
            assert parts[0].thought_signature == wanted


def test_a_whole_reply_says_the_same_as_a_stream() -> None:
    for thoughts in (True, False):
        form = {"thoughts": thoughts}
        streamed = parts_of(chunks_of(stream(SIGNED, **form)))
        whole = types.GenerateContentResponse.model_validate(
            gemini.write_reply(SIGNED, asked(**form), 7)
        )
        (candidate,) = whole.candidates or []
        assert candidate.content
        parts = candidate.content.parts or []
        text = "".join(p.text or "" for p in streamed if not p.thought)
        assert "".join(p.text or "" for p in parts if not p.thought) == text
        assert [p.thought_signature for p in parts if p.thought_signature] == [b"OTH"]
        assert [p.function_call for p in parts if p.function_call] == [
            p.function_call for p in streamed if p.function_call
        ]
        assert [p.text for p in parts if p.thought] == (["hm"] if thoughts else [])
        assert candidate.finish_reason is types.FinishReason.STOP
        assert whole.usage_metadata
        assert whole.usage_metadata.total_token_count == 125


def test_estimates_stand_for_what_was_not_said() -> None:
    events: list[Event] = [
        ReplyStart(),
        BlockStart(0, "text"),
        TextDelta(0, "12345678"),
        BlockStop(0),
        ReplyStop("end_turn", Usage()),
    ]
    written = gemini.write_reply(events, asked(), 7)["usageMetadata"]
    assert (written["promptTokenCount"], written["candidatesTokenCount"]) == (7, 2)
    last = list(chunks_of(stream(events)))[-1].usage_metadata
    assert last is not None
    assert (last.prompt_token_count, last.candidates_token_count) == (7, 2)


def test_an_empty_reply_is_a_valid_one() -> None:
    events: list[Event] = [ReplyStart(), ReplyStop("refusal", Usage())]
    (chunk,) = chunks_of(stream(events))
    assert chunk.candidates
    assert chunk.candidates[0].finish_reason is types.FinishReason.SAFETY
    assert gemini.write_reply(events, asked())["candidates"][0]["content"]["parts"] == [
        {"text": ""}
    ]


BROKEN: list[Event] = [*SIGNED[:7], ReplyError(429, "slow down")]


def test_the_sdk_raises_where_a_stream_breaks() -> None:
    with pytest.raises(errors.ClientError, match="slow down") as raised:
        list(chunks_of(stream(BROKEN)))
    assert (raised.value.code, raised.value.status) == (429, "RESOURCE_EXHAUSTED")
    tap = gemini.tap(asked())
    data = tap.feed(sse(TURN[0])) + tap.end() + tap.broken(Failure(502, "gone"))
    with pytest.raises(errors.ServerError, match="gone"):
        list(chunks_of(data))
    with pytest.raises(ReplyBrokeError):
        gemini.write_reply(BROKEN, asked())


def test_a_broken_stream_ends_inside_an_event() -> None:
    """Older SDKs for JS pass over the error, but raise when anything follows the last event."""
    rest = stream(BROKEN).rpartition(b"\r\n\r\n")[2]
    assert orjson.loads(rest)["error"]["message"] == "slow down"


def test_an_array_in_place_of_events() -> None:
    encoder = gemini.encoder(asked(json_array=True, thoughts=True))
    assert encoder.content_type == "application/json"
    data = b"".join(encoder.encode([event]) for event in SIGNED)
    chunks = [types.GenerateContentResponse.model_validate(one) for one in orjson.loads(data)]
    assert [part.text for part in parts_of(chunks)[:2]] == ["hm", "Grüße "]
    broken = orjson.loads(stream(BROKEN, json_array=True))
    assert broken[-1]["error"]["code"] == 429
    assert orjson.loads(stream([ReplyError(500, "x")], json_array=True))[0]["error"]
    assert orjson.loads(stream(SIGNED[-1:], json_array=True))


def test_a_ping_says_nothing() -> None:
    """The SDK for Python takes any line that is no `data` for JSON."""
    assert gemini.encoder(asked()).ping() == b""
    assert list(chunks_of(b"\r\n" + stream(SIGNED)))


@given(st.lists(st.text(min_size=1), max_size=4))
def test_what_an_encoder_writes_a_decoder_reads(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts if text.strip()]
    events: list[Event] = [ReplyStart(), BlockStart(0, "text")]
    events += [TextDelta(0, text) for text in texts]
    events += [BlockStop(0), ReplyStop("end_turn", Usage(1, None, None, 2, None))]
    reply = collect(decoded(stream(events)))
    assert reply.content == ([Text("".join(texts))] if texts else [])
    assert reply.usage == Usage(1, None, None, 2, None)
    assert collect(decoded(stream(events, json_array=True))).content == reply.content


def test_sealed_signatures_are_base64() -> None:
    parts = parts_of(chunks_of(stream(foreign(""))))
    (kept,) = [part.thought_signature for part in parts if part.thought_signature]
    assert kept == b"ccproxy:claude:a?+/b"
    assert unseal("U0lH") == (b64decode("U0lH").decode() and "U0lH", "gemini")


# --- errors


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (400, 400, "INVALID_ARGUMENT"),
        (401, 401, "UNAUTHENTICATED"),
        (402, 400, "INVALID_ARGUMENT"),
        (403, 403, "PERMISSION_DENIED"),
        (404, 404, "NOT_FOUND"),
        (408, 504, "DEADLINE_EXCEEDED"),
        (409, 409, "ABORTED"),
        (413, 400, "INVALID_ARGUMENT"),
        (429, 429, "RESOURCE_EXHAUSTED"),
        (500, 500, "INTERNAL"),
        (501, 501, "UNIMPLEMENTED"),
        (502, 503, "UNAVAILABLE"),
        (504, 504, "DEADLINE_EXCEEDED"),
        (507, 500, "INTERNAL"),
        (529, 503, "UNAVAILABLE"),
    ],
)
def test_failures(status: int, code: int, word: str) -> None:
    body = {"error": {"code": code, "message": "m", "status": word}}
    assert gemini.write_failure(Failure(status, "m")) == (code, body)
    with pytest.raises(errors.APIError) as raised:
        client_of(orjson.dumps(body), code).models.generate_content(model="m", contents="x")
    assert (raised.value.code, raised.value.status, raised.value.message) == (code, word, "m")


def test_failures_that_a_client_can_repair_are_in_the_vendors_words() -> None:
    said = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
    body = orjson.dumps({"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}})
    failure = gemini.read_failure(400, body, {})
    assert failure.kind == "context_overflow"
    status, written = gemini.write_failure(failure)
    assert (status, written["error"]["message"]) == (400, said)
    vague = Failure(413, "prompt is too long", "context_overflow")
    assert (
        "exceeds the maximum number of tokens" in gemini.write_failure(vague)[1]["error"]["message"]
    )
    limit = Failure(400, "max_tokens: 99 > 64, which is too much", "output_limit")
    assert (
        "from 1 (inclusive) to 65 (exclusive)" in gemini.write_failure(limit)[1]["error"]["message"]
    )
