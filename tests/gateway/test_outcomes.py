"""What an upstream's error says about the candidate that gave it."""

from types import ModuleType
from typing import Any

import orjson
import pytest

from ccproxy_tui.gateway.outcomes import classify
from ccproxy_tui.protocols import claude, gemini, ollama, openai, responses
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW, OUTPUT_LIMIT, read_failure
from ccproxy_tui.protocols.hub import ReplyError
from ccproxy_tui.traffic.attempt import Outcome

PLAIN = {
    400: Outcome.CLIENT_ERROR,
    401: Outcome.AUTH,
    402: Outcome.QUOTA,
    403: Outcome.AUTH,
    404: Outcome.OVERLOAD,
    405: Outcome.OVERLOAD,
    408: Outcome.TIMEOUT,
    409: Outcome.CLIENT_ERROR,
    410: Outcome.OVERLOAD,
    413: Outcome.CLIENT_ERROR,
    415: Outcome.CLIENT_ERROR,
    422: Outcome.CLIENT_ERROR,
    429: Outcome.THROTTLE,
    500: Outcome.OVERLOAD,
    501: Outcome.OVERLOAD,
    502: Outcome.OVERLOAD,
    503: Outcome.OVERLOAD,
    504: Outcome.TIMEOUT,
    520: Outcome.OVERLOAD,
    524: Outcome.OVERLOAD,
    529: Outcome.OVERLOAD,
}


@pytest.mark.parametrize("status", PLAIN)
def test_a_status_alone_tells(status: int) -> None:
    assert classify(Failure(status, "no text")) is PLAIN[status]


GEMINI_SPENT = (
    "You exceeded your current quota, please check your plan and billing details. For more "
    "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)


def gemini_quota(*quotas: str) -> dict[str, Any]:
    violations = [
        {"quotaMetric": "generativelanguage.googleapis.com/x", "quotaId": quota} for quota in quotas
    ]
    details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations}]
    return {
        "code": 429,
        "message": GEMINI_SPENT,
        "status": "RESOURCE_EXHAUSTED",
        "details": details,
    }


ERRORS: list[tuple[str, int, Any, Outcome]] = [
    (
        "OpenAI: credit used up",
        429,
        {
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "type": "insufficient_quota",
            "code": "insufficient_quota",
        },
        Outcome.QUOTA,
    ),
    (
        "OpenAI: requests a minute, with a link to billing",
        429,
        {
            "message": "Rate limit reached for gpt-4o in organization org-x on requests per min (RPM): Limit 3,"
            " Used 3, Requested 1. Please try again in 20s. You can increase your rate limit by adding a"
            " payment method at https://platform.openai.com/account/billing.",
            "type": "requests",
            "code": "rate_limit_exceeded",
        },
        Outcome.THROTTLE,
    ),
    (
        "Groq: tokens a day",
        429,
        {
            "message": "Rate limit reached for model `x` on tokens per day (TPD): Limit 100000, Used 99983."
            " Please try again in 17m31.2s. Upgrade at https://console.groq.com/settings/billing",
            "type": "tokens",
            "code": "rate_limit_exceeded",
        },
        Outcome.QUOTA,
    ),
    (
        "Groq: tokens a minute, which its page about billing does not change",
        429,
        {
            "message": "Rate limit reached for model `x` on tokens per minute (TPM): Limit 6000."
            " Please try again in 12s. Upgrade at https://console.groq.com/settings/billing",
            "type": "tokens",
        },
        Outcome.THROTTLE,
    ),
    (
        "Groq: larger than a minute allows",
        413,
        {
            "message": "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000",
            "type": "tokens",
            "code": "rate_limit_exceeded",
        },
        Outcome.CAPABILITY,
    ),
    (
        "OpenRouter: free models, a minute",
        429,
        {"message": "Rate limit exceeded: free-models-per-min. ", "code": 429},
        Outcome.THROTTLE,
    ),
    (
        "OpenRouter: free models, a day",
        429,
        {
            "message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model"
            " requests per day",
            "code": 429,
        },
        Outcome.QUOTA,
    ),
    (
        "OpenRouter: no credit",
        402,
        {"message": "This request requires more credits, or fewer max_tokens.", "code": 402},
        Outcome.QUOTA,
    ),
    (
        "Gemini: a day",
        429,
        gemini_quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
        Outcome.QUOTA,
    ),
    (
        "Gemini: a minute, in the same words",
        429,
        gemini_quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
        Outcome.THROTTLE,
    ),
    (
        "Gemini: no quota named",
        429,
        {"code": 429, "message": GEMINI_SPENT, "status": "RESOURCE_EXHAUSTED"},
        Outcome.THROTTLE,
    ),
    (
        "Gemini: wrong key",
        400,
        {
            "code": 400,
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
        },
        Outcome.AUTH,
    ),
    (
        "Gemini: not from here",
        400,
        {
            "code": 400,
            "message": "User location is not supported for the API use.",
            "status": "FAILED_PRECONDITION",
        },
        Outcome.AUTH,
    ),
    (
        "Gemini: the project pays for nothing",
        403,
        {
            "code": 403,
            "message": "This API method requires billing to be enabled.",
            "status": "PERMISSION_DENIED",
        },
        Outcome.QUOTA,
    ),
    (
        "Gemini: leaked key",
        403,
        {
            "code": 403,
            "message": "Your API key was reported as leaked.",
            "status": "PERMISSION_DENIED",
        },
        Outcome.AUTH,
    ),
    (
        "Anthropic: no credit",
        400,
        {
            "type": "invalid_request_error",
            "message": "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing",
        },
        Outcome.QUOTA,
    ),
    (
        "Anthropic: the limit that the user set",
        400,
        {
            "type": "invalid_request_error",
            "message": "You have reached your specified API usage limits. You will regain access on 2025-11-01",
        },
        Outcome.QUOTA,
    ),
    (
        "Moonshot: no credit",
        429,
        {"type": "exceeded_current_quota_error", "message": "Your account is suspended"},
        Outcome.QUOTA,
    ),
    ("DeepSeek: no credit", 402, {"message": "Insufficient Balance"}, Outcome.QUOTA),
    (
        "Zhipu: no credit",
        429,
        {"code": "1113", "message": "余额不足或无可用资源包,请充值。"},
        Outcome.QUOTA,
    ),
    (
        "OpenCode: no credit",
        401,
        {"type": "CreditsError", "message": "Insufficient balance."},
        Outcome.QUOTA,
    ),
    (
        "OpenAI: wrong key, with a link",
        401,
        {
            "message": "Incorrect API key provided: sk-x. You can find your API key at https://x/billing."
        },
        Outcome.AUTH,
    ),
    (
        "OpenAI: a model that the project may not use",
        403,
        {"message": "Project `p` does not have access to model `gpt-5`", "code": "model_not_found"},
        Outcome.OVERLOAD,
    ),
    (
        "OpenRouter: a prompt that is not allowed",
        403,
        {
            "message": "Your chosen model requires moderation and your input was flagged",
            "code": 403,
        },
        Outcome.CLIENT_ERROR,
    ),
    (
        "OpenRouter: no tools",
        404,
        {"message": "No endpoints found that support tool use.", "code": 404},
        Outcome.CAPABILITY,
    ),
    (
        "OpenRouter: no model",
        404,
        {"message": "No endpoints found for x/y.", "code": 404},
        Outcome.OVERLOAD,
    ),
    (
        "Ollama: no tools",
        400,
        "registry.ollama.ai/library/gemma3:4b does not support tools",
        Outcome.CAPABILITY,
    ),
    (
        "llama.cpp: no images",
        500,
        {"code": 500, "message": "image input is not supported by this server"},
        Outcome.CAPABILITY,
    ),
    (
        "OpenAI: a parameter",
        400,
        {
            "message": "Unsupported value: 'temperature' does not support 0.7 with this model.",
            "type": "invalid_request_error",
        },
        Outcome.CAPABILITY,
    ),
    (
        "a function's name is no limit",
        400,
        {
            "message": "Invalid schema for function 'set_daily_limit': usage_limit is not of type 'object'"
        },
        Outcome.CLIENT_ERROR,
    ),
    (
        "an overflow",
        400,
        {"message": "prompt is too long: 210000 tokens > 200000 maximum"},
        Outcome.CLIENT_ERROR,
    ),
]


@pytest.mark.parametrize(
    ("status", "error", "outcome"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS]
)
def test_vendors_errors_are_told_apart(status: int, error: Any, outcome: Outcome) -> None:
    failure = read_failure(status, orjson.dumps({"error": error}), {})
    assert classify(failure) is outcome


@pytest.mark.parametrize("kind", [CONTEXT_OVERFLOW, OUTPUT_LIMIT])
def test_what_is_too_long_is_too_long_everywhere(kind: str) -> None:
    assert classify(Failure(500, "rate limit", kind)) is Outcome.CLIENT_ERROR


def test_where_a_link_leads_says_nothing() -> None:
    link = "See https://x/settings/monthly_limits?per_day=insufficient_quota"
    assert classify(Failure(429, link)) is Outcome.THROTTLE
    assert classify(Failure(403, f"Forbidden. {link}")) is Outcome.AUTH


def test_a_limit_of_a_minute_is_no_spent_account() -> None:
    text = "You exceeded your current quota of 5 requests per minute"
    assert classify(Failure(429, text)) is Outcome.THROTTLE
    assert classify(Failure(429, text.replace(" of 5 requests per minute", ""))) is Outcome.QUOTA


def test_a_status_that_came_counts_more_than_a_word() -> None:
    assert classify(Failure(429, "x", "overloaded_error")) is Outcome.THROTTLE
    assert classify(Failure(401, "x", "invalid_request_error")) is Outcome.AUTH


# --- errors that come as the first event of a stream


def event(name: str, content: Any) -> bytes:
    return f"event: {name}\ndata: {orjson.dumps(content).decode()}\n\n".encode()


def data(content: Any) -> bytes:
    return f"data: {orjson.dumps(content).decode()}\n\n".encode()


def of_claude(kind: str) -> bytes:
    return event("error", {"type": "error", "error": {"type": kind, "message": "x"}})


def of_openai(**error: Any) -> bytes:
    return data({"error": {"message": "x", **error}})


def of_responses(code: str) -> bytes:
    response = {"id": "r", "status": "failed", "error": {"code": code, "message": "x"}}
    return event("response.failed", {"type": "response.failed", "response": response})


def of_gemini(code: int, word: str) -> bytes:
    return data({"error": {"code": code, "message": "x", "status": word}})


def of_ollama(text: str) -> bytes:
    return orjson.dumps({"error": text}) + b"\n"


STREAMS: list[tuple[ModuleType, bytes, Outcome]] = [
    (claude, of_claude("overloaded_error"), Outcome.OVERLOAD),
    (claude, of_claude("api_error"), Outcome.OVERLOAD),
    (claude, of_claude("rate_limit_error"), Outcome.THROTTLE),
    (claude, of_claude("authentication_error"), Outcome.AUTH),
    (claude, of_claude("permission_error"), Outcome.AUTH),
    (claude, of_claude("billing_error"), Outcome.QUOTA),
    (claude, of_claude("timeout_error"), Outcome.TIMEOUT),
    (claude, of_claude("not_found_error"), Outcome.OVERLOAD),
    (claude, of_claude("invalid_request_error"), Outcome.CLIENT_ERROR),
    (
        claude,
        event("error", {"error": {"code": 500, "message": "x", "type": "server_error"}}),
        Outcome.OVERLOAD,
    ),
    (openai, of_openai(code=429), Outcome.THROTTLE),
    (openai, of_openai(code="429", type=""), Outcome.THROTTLE),
    (openai, of_openai(type="insufficient_quota", code="insufficient_quota"), Outcome.QUOTA),
    (openai, of_openai(type="tokens", code="rate_limit_exceeded"), Outcome.THROTTLE),
    (openai, of_openai(type="server_error"), Outcome.OVERLOAD),
    (openai, of_openai(type="invalid_request_error"), Outcome.CLIENT_ERROR),
    (openai, of_openai(code=502, metadata={"raw": "upstream error"}), Outcome.OVERLOAD),
    (openai, data({"error": {"message": "Rate limit exceeded"}}), Outcome.THROTTLE),
    (
        openai,
        data({"error": {"message": "this model does not support image input"}}),
        Outcome.CAPABILITY,
    ),
    (openai, event("error", {"message": "no such luck"}), Outcome.OVERLOAD),
    (responses, of_responses("rate_limit_exceeded"), Outcome.THROTTLE),
    (responses, of_responses("insufficient_quota"), Outcome.QUOTA),
    (responses, of_responses("server_error"), Outcome.OVERLOAD),
    (responses, of_responses("server_is_overloaded"), Outcome.OVERLOAD),
    (responses, of_responses("invalid_prompt"), Outcome.CLIENT_ERROR),
    (
        responses,
        event("error", {"type": "error", "code": "rate_limit_exceeded", "message": "x"}),
        Outcome.THROTTLE,
    ),
    (gemini, of_gemini(429, "RESOURCE_EXHAUSTED"), Outcome.THROTTLE),
    (gemini, of_gemini(503, "UNAVAILABLE"), Outcome.OVERLOAD),
    (gemini, of_gemini(504, "DEADLINE_EXCEEDED"), Outcome.TIMEOUT),
    (gemini, of_gemini(401, "UNAUTHENTICATED"), Outcome.AUTH),
    (gemini, of_gemini(403, "PERMISSION_DENIED"), Outcome.AUTH),
    (gemini, data({"error": {"message": "x", "status": "RESOURCE_EXHAUSTED"}}), Outcome.THROTTLE),
    (gemini, data({"error": {"message": "x", "status": "DEADLINE_EXCEEDED"}}), Outcome.TIMEOUT),
    (gemini, data({"error": {"message": "x", "status": "UNAUTHENTICATED"}}), Outcome.AUTH),
    (ollama, of_ollama("model runner has unexpectedly stopped"), Outcome.OVERLOAD),
    (ollama, of_ollama('"gemma3:4b" does not support thinking'), Outcome.CAPABILITY),
]


@pytest.mark.parametrize(("protocol", "stream", "outcome"), STREAMS)
def test_an_error_as_the_first_event_is_told_apart(
    protocol: ModuleType, stream: bytes, outcome: Outcome
) -> None:
    decoder = protocol.decoder()
    events = [*decoder.feed(stream), *decoder.end()]
    assert len(events) == 1
    error = events[0]
    assert isinstance(error, ReplyError)
    assert classify(Failure(error.status, error.message, error.kind)) is outcome


@pytest.mark.parametrize("protocol", [claude, openai, responses, gemini])
def test_a_body_in_place_of_a_stream_is_told_apart(protocol: ModuleType) -> None:
    decoder = protocol.decoder()
    body = {"error": {"code": 429, "message": "x"}}
    events = [*decoder.feed(orjson.dumps(body)), *decoder.end()]
    assert len(events) == 1
    error = events[0]
    assert isinstance(error, ReplyError)
    assert classify(Failure(error.status, error.message, error.kind)) is Outcome.THROTTLE


@pytest.mark.parametrize("protocol", [claude, openai, responses, gemini, ollama])
def test_a_body_with_an_error_in_place_of_a_reply(protocol: ModuleType) -> None:
    body = {"error": {"type": "rate_limit_error", "message": "x"}, "type": "error"}
    (error,) = protocol.read_reply(body)
    assert isinstance(error, ReplyError)
    assert classify(Failure(error.status, error.message, error.kind)) is Outcome.THROTTLE
