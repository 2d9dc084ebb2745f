import re

import orjson
import pytest

from ccproxy_tui.protocols import claude, openai
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.claude.errors import write_failure_event as claude_event
from ccproxy_tui.protocols.failures import (
    CONTEXT_OVERFLOW,
    OUTPUT_LIMIT,
    Excess,
    parse_overflow,
    read_failure,
)
from ccproxy_tui.protocols.openai.errors import write_failure_event as openai_event

REPAIRED = [
    r"^max_tokens: \d+ > \d+, which is the maximum allowed number of output tokens for .+$",
    r"^input length and `max_tokens` exceed context limit: \d+ \+ \d+ > \d+",
]
"""What the newest and an older Claude Code look for before they ask for less."""

OVERFLOWS = [
    ("prompt is too long: 210000 tokens > 200000 maximum", 210000, 200000),
    (
        "This model's maximum context length is 128000 tokens. However, your messages resulted in"
        " 130250 tokens. Please reduce the length of the messages.",
        130250,
        128000,
    ),
    (
        "This model's maximum context length is 8192 tokens. However, you requested 10000 tokens"
        " (9000 in the messages, 1000 in the completion).",
        9000,
        8192,
    ),
    (
        "This endpoint's maximum context length is 32768 tokens. However, you requested about"
        " 45010 tokens (40010 of text input, 5000 in the output).",
        40010,
        32768,
    ),
    (
        "the request exceeds the available context size. try increasing the context size or enable"
        " context shift",
        0,
        0,
    ),
    (
        "request (41233 tokens) exceeds the available context size (32768 tokens), try increasing it",
        41233,
        32768,
    ),
    (
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        1200000,
        1048576,
    ),
    (
        "This model's maximum prompt length is 131,072 but the request contains 150,001 tokens.",
        150001,
        131072,
    ),
    ("<400> InternalError.Algo: Range of input length should be [1, 30720]", 0, 30720),
    ("Input is too long for requested model.", 0, 0),
    ("input length and `max_tokens` exceed context limit: 201000 + 32000 > 200000", 201000, 200000),
    ("Prompt exceeds max length", 0, 0),
    ("Your input exceeds the context window of this model. Please adjust your input", 0, 0),
    ("输入超过模型上下文长度", 0, 0),
]


@pytest.mark.parametrize(("text", "used", "limit"), OVERFLOWS)
def test_overflows_of_many_vendors_reach_the_agent_as_it_knows_them(
    text: str, used: int, limit: int
) -> None:
    """Failure 6: an overflow that is not recognised never compacts."""
    assert parse_overflow(text) == Excess(used, limit)
    body = orjson.dumps({"error": {"message": text, "type": "invalid_request_error"}})
    failure = read_failure(400, body, {})
    assert failure.kind == CONTEXT_OVERFLOW
    status, written = claude.write_failure(failure)
    assert status == 400
    assert written["error"]["type"] == "invalid_request_error"
    assert written["error"]["message"].startswith("prompt is too long")
    if used and limit:
        words = f"prompt is too long: {used} tokens > {limit} maximum"
        assert written["error"]["message"] == words
    else:
        assert text in written["error"]["message"]


def test_an_overflow_told_by_numbers_of_its_own() -> None:
    error = {
        "code": 400,
        "message": "the request exceeds the available context size",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 5000,
        "n_ctx": 4096,
    }
    failure = read_failure(400, orjson.dumps({"error": error}), {})
    assert failure.message == "prompt is too long: 5000 tokens > 4096 maximum"
    assert failure.kind == CONTEXT_OVERFLOW
    assert openai.write_failure(failure)[1]["error"]["code"] == "context_length_exceeded"


def test_what_a_gateway_before_this_one_has_added_is_taken_off() -> None:
    text = "Upstream said: prompt is too long: 5 tokens > 4 maximum (request 7)"
    failure = read_failure(400, orjson.dumps({"error": {"message": text}}), {})
    assert failure.message == "prompt is too long: 5 tokens > 4 maximum"


def test_an_overflow_told_by_its_code_alone() -> None:
    error = {"message": "no", "type": "error", "code": "context_length_exceeded"}
    failure = read_failure(400, orjson.dumps({"error": error}), {})
    assert failure.kind == CONTEXT_OVERFLOW


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "max_tokens is too large: 128000. This model supports at most 16384 completion tokens,"
            " whereas you provided 128000.",
            "max_tokens: 128000 > 16384",
        ),
        ("max_tokens: 128000 > 8192, which is the maximum allowed", "max_tokens: 128000 > 8192"),
        (
            "This model's maximum context length is 32768 tokens. However, you requested 46000"
            " tokens (14000 in the messages, 32000 in the completion).",
            "exceed context limit: 14000 + 32000 > 32768",
        ),
        (
            "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum"
            " context length is 32768 tokens and your request has 14000 input tokens"
            " (32000 > 32768 - 14000).",
            "exceed context limit: 14000 + 32000 > 32768",
        ),
        (
            "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000",
            "exceed context limit: 190000 + 32000 > 200000",
        ),
        ("Range of max_tokens should be [1, 8192]", "max_tokens: 8193 > 8192"),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", "> 8192"),
        (
            "`max_tokens` must be less than or equal to `32768`, the maximum value for `max_tokens`",
            "> 32768",
        ),
    ],
)
def test_a_too_large_answer_is_said_so_that_the_agent_asks_for_less(text: str, words: str) -> None:
    """Failure 7: the limit of the answer is not taken for one of the prompt."""
    failure = read_failure(400, orjson.dumps({"error": {"message": text}}), {})
    assert failure.kind == OUTPUT_LIMIT
    message = claude.write_failure(failure)[1]["error"]["message"]
    assert words in message
    assert any(re.search(known, message) for known in REPAIRED)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "messages.1.content.0: thinking blocks cannot be modified"),
        (400, "context_management: Extra inputs are not permitted"),
        (400, 'Unexpected role "system"'),
        (400, "The model does not support image input"),
        (429, "Request too large for m: Limit 30000, Requested 45000 tokens. input is too long"),
        (400, "max_tokens must be greater than 0"),
    ],
)
def test_other_errors_keep_their_words(status: int, text: str) -> None:
    body = orjson.dumps({"error": {"message": text, "type": "some_error"}})
    failure = read_failure(status, body, {})
    assert failure == Failure(status, text, "some_error")
    assert claude.write_failure(failure)[1]["error"]["message"] == text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"error":{"message":"m","type":"t"}}', "m"),
        ('{"error":"text"}', "text"),
        ('{"message":"m"}', "m"),
        ('{"detail":"d"}', "d"),
        ('{"detail":[{"loc":["body"],"msg":"bad"}]}', '[{"loc":["body"],"msg":"bad"}]'),
        ('[{"error":{"code":404,"message":"m","status":"NOT_FOUND"}}]', "m"),
        ('{"error":{"message":"outer","code":502,"metadata":{"raw":"inner"}}}', "outer: inner"),
        ("plain text", "plain text"),
        ("", "the upstream answered with status 404 and no text"),
        (
            "<!DOCTYPE html><html><title>Not here</title>",
            "the upstream answered with a web page and status 404: Not here",
        ),
        ('{"error":{}}', "the upstream answered with status 404 and no text"),
        ("7", "7"),
    ],
)
def test_the_many_shapes_of_errors(body: str, message: str) -> None:
    assert read_failure(404, body.encode(), {}).message == message


def test_the_request_id_is_kept() -> None:
    assert read_failure(500, b"{}", {"x-request-id": "r1"}).request_id == "r1"
    own = read_failure(500, b'{"request_id":"r2","error":{"message":"m"}}', {"x-request-id": "r1"})
    assert claude.write_failure(own)[1]["request_id"] == "r2"
    assert "request_id" not in claude.write_failure(Failure(500, "m"))[1]


@pytest.mark.parametrize(
    ("status", "written", "kind"),
    [
        (400, 400, "invalid_request_error"),
        (401, 401, "authentication_error"),
        (402, 402, "billing_error"),
        (403, 403, "permission_error"),
        (404, 404, "not_found_error"),
        (408, 504, "timeout_error"),
        (409, 409, "conflict_error"),
        (413, 413, "request_too_large"),
        (418, 400, "invalid_request_error"),
        (422, 400, "invalid_request_error"),
        (429, 429, "rate_limit_error"),
        (500, 500, "api_error"),
        (502, 500, "api_error"),
        (503, 529, "overloaded_error"),
        (504, 504, "timeout_error"),
        (529, 529, "overloaded_error"),
    ],
)
def test_statuses_as_the_messages_api_has_them(status: int, written: int, kind: str) -> None:
    """Failure 17: an overload is an overload for the client, too."""
    assert claude.write_failure(Failure(status, "m")) == (
        written,
        {"type": "error", "error": {"type": kind, "message": "m"}},
    )
    event = claude_event(Failure(status, "m"))
    assert event.startswith(b"event: error\ndata: ")
    assert orjson.loads(event.splitlines()[1][6:])["error"]["type"] == kind


@pytest.mark.parametrize(
    ("status", "written", "kind"),
    [
        (400, 400, "invalid_request_error"),
        (401, 401, "authentication_error"),
        (402, 402, "invalid_request_error"),
        (403, 403, "permission_error"),
        (404, 404, "not_found_error"),
        (422, 422, "invalid_request_error"),
        (429, 429, "rate_limit_error"),
        (500, 500, "server_error"),
        (502, 502, "server_error"),
        (503, 503, "server_error"),
        (529, 503, "server_error"),
    ],
)
def test_statuses_as_chat_completions_have_them(status: int, written: int, kind: str) -> None:
    error = {"message": "m", "type": kind, "param": None, "code": str(status)}
    assert openai.write_failure(Failure(status, "m")) == (written, {"error": error})
    named = openai.write_failure(Failure(status, "m", "their_word"))[1]["error"]
    assert (named["type"], named["code"]) == (kind, "their_word")
    event = openai_event(Failure(status, "m"))
    assert event.startswith(b"data: {")
    assert event.endswith(b"\n\n")
    assert orjson.loads(event[6:]) == {"error": error}


@pytest.mark.parametrize(("text", "used", "limit"), OVERFLOWS)
def test_overflows_reach_a_chat_client_in_its_own_vendors_words(
    text: str, used: int, limit: int
) -> None:
    body = orjson.dumps({"error": {"message": text, "type": "invalid_request_error"}})
    status, written = openai.write_failure(read_failure(400, body, {}))
    error = written["error"]
    assert (status, error["code"]) == (400, "context_length_exceeded")
    assert error["type"] == "invalid_request_error"
    if used and limit:
        assert f"maximum context length is {limit} tokens" in error["message"]
        assert f"resulted in {used} tokens" in error["message"]
    else:
        assert "exceeds the context window" in error["message"]
    again = read_failure(400, orjson.dumps(written), {})
    assert again.kind == CONTEXT_OVERFLOW, "the next proxy must know it again"


def test_a_too_large_answer_reaches_a_chat_client_in_its_own_vendors_words() -> None:
    text = "max_tokens: 128000 > 8192, which is the maximum allowed number of output tokens for m"
    failure = read_failure(400, orjson.dumps({"error": {"message": text}}), {})
    status, written = openai.write_failure(failure)
    assert (status, written["error"]["code"]) == (400, "invalid_value")
    assert written["error"]["message"] == (
        "max_tokens is too large: 128000. This model supports at most 8192 completion tokens."
    )
    assert read_failure(400, orjson.dumps(written), {}).kind == OUTPUT_LIMIT


@pytest.mark.parametrize(
    "said",
    [
        "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum "
        "length 40, but got a string with length 45 instead.",
        "Invalid 'input[5].call_id': string too long. Expected maximum length 64, but got 70",
        "Input image is too long on one side: maximum 8000 pixels",
        "messages[0].name: too long, at most 64 characters",
    ],
)
def test_other_things_that_are_too_long_are_no_overflow(said: str) -> None:
    """An agent would compact, which helps nothing, and nobody would see what is wrong."""
    failure = read_failure(400, orjson.dumps({"error": {"message": said}}), {})
    assert failure.kind != CONTEXT_OVERFLOW
    assert failure.message == said


def test_what_a_vendor_leaves_out_of_its_message_is_added() -> None:
    """Which field is wrong, and which quota is spent, is told to people and to the pool by text."""
    codex = "Unsupported value: 'low' is not supported with the 'gpt-5-codex' model."
    error = {"message": codex, "param": "text.verbosity", "code": "unsupported_value"}
    assert read(400, {"error": error}).message == f"{codex} (text.verbosity)"
    named = {"message": "no user", "param": "user", "code": "unknown_parameter"}
    assert read(400, {"error": named}).message == "no user"
    other = {"message": "no", "param": "messages", "code": "invalid_value"}
    assert read(400, {"error": other}).message == "no"
    violations = [{"quotaId": "A"}, {"quotaId": "B-Free"}, {"quotaId": "B-Free"}, 1, {"quotaId": 2}]
    spent = {"message": "spent", "details": [{"violations": violations}, {"violations": 1}, 2]}
    assert read(429, {"error": spent}).message == "spent (A, B-Free)"


def test_the_word_for_an_error_is_a_word() -> None:
    assert read(429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}).kind == (
        "RESOURCE_EXHAUSTED"
    )
    assert read(400, {"error": {"code": "404", "message": "x", "type": ""}}).kind == ""
    assert read(400, {"error": {"code": ["x"], "message": "x", "type": 5}}).kind == ""


def test_the_errors_own_status_counts_where_another_tells_nothing() -> None:
    said = {"error": {"code": "429", "message": "x"}}
    assert [read(status, said).status for status in (200, 500, 502)] == [429, 429, 429]
    assert [read(status, said).status for status in (400, 401, 503)] == [400, 401, 503]


def read(status: int, content: object) -> Failure:
    return read_failure(status, orjson.dumps(content), {})
