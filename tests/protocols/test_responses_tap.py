import orjson
import pytest
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from ccproxy_tui.protocols import failures, responses
from ccproxy_tui.protocols.base import Address, Asked, Failure, TapState
from ccproxy_tui.protocols.hub import JsonObject, Usage
from tests.protocols.chunks import every_cut, one_by_one
from tests.protocols.test_responses_decode import COMPLETED, PIECES, event, response
from tests.protocols.validity import read_sse

STREAM = b"".join(PIECES)
USAGE = Usage(20, 80, None, 20, 5)


def asked() -> Asked:
    body = responses.check_request({"model": "m", "input": "hi"})
    return responses.read_asked(body, Address(responses.routes[0]))


def test_a_whole_stream() -> None:
    for pieces in ([STREAM], list(one_by_one(STREAM)), PIECES):
        tap = responses.tap(asked())
        assert b"".join(tap.feed(piece) for piece in pieces) + tap.end() == STREAM
        assert tap.state == TapState(
            USAGE, "completed", started=True, finished=True, tools=["read"]
        )


def test_an_end_that_is_cut_off_is_none() -> None:
    for first, _ in list(every_cut(STREAM))[:-2:50]:
        tap = responses.tap(asked())
        tap.feed(first)
        assert not tap.state.finished


def test_words_about_events_are_none() -> None:
    tap = responses.tap(asked())
    for words in ('"type":"response.completed"', "event: response.failed", '{"error":{}}'):
        tap.feed(event("response.output_text.delta", sequence_number=4, delta=words))
    assert tap.state == TapState(started=True)


def test_few_frames_are_parsed() -> None:
    tap = responses.tap(asked())
    tap.feed(PIECES[0])
    told = [piece for piece in PIECES if tap.tells(piece[:-2])]
    items = [piece for piece in PIECES if b"output_item.added" in piece]
    assert told == [*PIECES[:2], *items, COMPLETED]


@pytest.mark.parametrize(
    ("piece", "state"),
    [
        (
            event("response.incomplete", response=response(
                "incomplete", incomplete_details={"reason": "max_output_tokens"})),
            TapState(USAGE, "max_output_tokens", started=True, finished=True),
        ),
        (
            event("response.failed", response=response("failed", error={"code": "x", "message": "no"})),
            TapState(started=True, error="no"),
        ),
        (event("error", code="x", message="no"), TapState(started=True, error="no")),
        (event("error", error={"message": "no"}), TapState(started=True, error="no")),
    ],
)  # fmt: skip
def test_other_ends(piece: bytes, state: TapState) -> None:
    tap = responses.tap(asked())
    tap.feed(PIECES[0])
    tap.feed(piece)
    assert tap.state == state


def test_an_error_alone_is_no_start() -> None:
    tap = responses.tap(asked())
    tap.feed(event("error", code="x", message="no"))
    assert tap.state == TapState(error="no")


@pytest.mark.parametrize(("passed", "number"), [(0, 0), (1, 8), (2, 9)])
def test_a_broken_stream_fails_with_the_next_number(passed: int, number: int) -> None:
    tap = responses.tap(asked())
    said = [
        event("response.created", sequence_number=7, response=response("in_progress")),
        event("response.output_text.delta", sequence_number=8, delta="a"),
    ]
    out = b"".join(tap.feed(piece) for piece in said[:passed])
    out += tap.broken(Failure(502, "the upstream is gone"))
    name, last = read_sse(out)[-1]
    assert name == last["type"] == "response.failed"
    assert last["sequence_number"] == number
    assert last["response"]["error"] == {"code": "server_error", "message": "the upstream is gone"}
    assert (last["response"]["id"] == "resp_1") == bool(passed)
    TypeAdapter(ResponseStreamEvent).validate_python(last)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (response(), TapState(USAGE, "completed", started=True, finished=True)),
        (
            response("failed", error={"code": "x", "message": "no"}),
            TapState(started=True, error="no"),
        ),
        ({}, TapState(stop_reason="completed", started=True, finished=True)),
    ],
)
def test_whole_replies(body: JsonObject, state: TapState) -> None:
    assert responses.tap_reply(body) == state


@pytest.mark.parametrize(
    ("failure", "status", "kind", "code", "words"),
    [
        (Failure(401, "x"), 401, "authentication_error", "401", "x"),
        (Failure(429, "x", "rate_limited"), 429, "rate_limit_error", "rate_limited", "x"),
        (Failure(529, "x"), 503, "server_error", "529", "x"),
        (Failure(422, "x"), 422, "invalid_request_error", "422", "x"),
        (
            Failure(400, "prompt is too long: 210 tokens > 200 maximum", failures.CONTEXT_OVERFLOW),
            400, "invalid_request_error", "context_length_exceeded",
            "Your input exceeds the context window of this model. Please adjust your input and try "
            "again. (210 tokens > 200 maximum)",
        ),
        (
            Failure(400, "max_tokens: 300 > 200, which is", failures.OUTPUT_LIMIT),
            400, "invalid_request_error", "integer_above_max_value",
            "Invalid 'max_output_tokens': integer above maximum value. "
            "Expected a value <= 200, but got 300 instead.",
        ),
    ],
)  # fmt: skip
def test_failures(failure: Failure, status: int, kind: str, code: str, words: str) -> None:
    given, body = responses.write_failure(failure)
    assert given == status
    error = body["error"]
    assert (error["type"], error["code"], error["message"]) == (kind, code, words)
    again = responses.read_failure(given, orjson.dumps(body), {})
    if failure.kind == failures.CONTEXT_OVERFLOW:
        assert again.kind == failure.kind
