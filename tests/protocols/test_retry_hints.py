"""When to come back, as vendors say it."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from ccproxy_tui.protocols import claude, failures, gemini, ollama, openai, responses
from ccproxy_tui.protocols.retry_hints import read_hint

NOW = 1_711_483_140.0
"""2024-03-26 19:59:00 UTC."""


def hint(headers: Mapping[str, str] | None = None, body: Any = None) -> float | None:
    return read_hint(CIMultiDict(headers or {}), body, NOW)


HEADERS = [
    ({"Retry-After": "7"}, 7),
    ({"Retry-After": "0"}, 0),
    ({"Retry-After": "1.5"}, 1.5),
    ({"Retry-After": " 3 "}, 3),
    ({"Retry-After-MS": "250", "retry-after": "1"}, 0.25),
    ({"Retry-After": "Tue, 26 Mar 2024 20:00:00 GMT"}, 60),
    ({"Retry-After": "Tue, 26 Mar 2024 21:00:00 +0100"}, 60),
    ({"retry-after-ms": "soon", "retry-after": "2"}, 2),
    ({"anthropic-ratelimit-requests-reset": "2024-03-26T20:00:00Z"}, 60),
    (
        {
            "anthropic-ratelimit-requests-remaining": "0",
            "anthropic-ratelimit-requests-reset": "2024-03-26T19:59:10Z",
            "anthropic-ratelimit-tokens-remaining": "16000",
            "anthropic-ratelimit-tokens-reset": "2024-03-26T20:00:00Z",
        },
        10,
    ),
    (
        {
            "anthropic-ratelimit-input-tokens-remaining": "0",
            "anthropic-ratelimit-input-tokens-reset": "2024-03-26T19:59:20Z",
            "anthropic-ratelimit-output-tokens-remaining": "0",
            "anthropic-ratelimit-output-tokens-reset": "2024-03-26T19:59:30+00:00",
        },
        30,
    ),
    (
        {
            "anthropic-ratelimit-unified-status": "rejected",
            "anthropic-ratelimit-unified-reset": "1711483200",
        },
        60,
    ),
    (
        {
            "anthropic-ratelimit-unified-5h-status": "rejected",
            "anthropic-ratelimit-unified-5h-reset": "1711484140",
            "anthropic-ratelimit-unified-7d-status": "allowed",
            "anthropic-ratelimit-unified-7d-reset": "1711583140",
        },
        1000,
    ),
    (
        {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s"},
        1,
    ),
    ({"x-ratelimit-reset-tokens": "6m0s"}, 360),
    ({"x-ratelimit-reset-requests": "20ms"}, 0.02),
    ({"x-ratelimit-reset-requests": "1h2m3.5s"}, 3723.5),
    (
        {
            "x-ratelimit-remaining-requests": "14370",
            "x-ratelimit-reset-requests": "2m59.56s",
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-tokens": "7.66s",
        },
        7.66,
    ),
    (
        {
            "x-ratelimit-remaining-requests": "14370",
            "x-ratelimit-reset-requests": "2m59.56s",
            "x-ratelimit-remaining-tokens": "120",
            "x-ratelimit-reset-tokens": "7.66s",
        },
        7.66,
    ),
    ({"x-ratelimit-reset": "1711483200"}, 60),
    ({"x-ratelimit-reset": "1711483200000"}, 60),
    ({"x-ratelimit-reset": "45"}, 45),
    ({"x-ratelimit-reset-requests-day": "33011.38"}, 33011.38),
]


@pytest.mark.parametrize(("headers", "seconds"), HEADERS)
def test_headers_say_when(headers: dict[str, str], seconds: float) -> None:
    assert hint(headers) == pytest.approx(seconds)


BODIES = [
    (
        {
            "error": {
                "code": 429,
                "details": [
                    {"@type": "type.googleapis.com/google.rpc.Help", "links": []},
                    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"},
                ],
            }
        },
        34.07,
    ),
    ([{"error": {"details": [{"retryDelay": "34s"}]}}], 34),
    (
        {
            "error": {
                "code": 429,
                "metadata": {
                    "headers": {
                        "X-RateLimit-Limit": "50",
                        "X-RateLimit-Remaining": "0",
                        "X-RateLimit-Reset": "1711483200000",
                    }
                },
            }
        },
        60,
    ),
    ({"error": {"metadata": {"headers": {"Retry-After": 12}}}}, 12),
    ({"error": {"type": "usage_limit_reached", "resets_in_seconds": 8154}}, 8154),
    (
        {
            "error": {
                "message": "Rate limit reached for model `llama-3.3-70b` on tokens per day (TPD): Limit"
                " 100000, Used 99983, Requested 1234. Please try again in 7m12.5s. Need more tokens?"
            }
        },
        432.5,
    ),
    ({"error": {"message": "Limit 3, Used 3. Please try again in 20s. Visit https://x"}}, 20),
    ({"error": {"message": "Please try again in 6ms."}}, 0.006),
    ({"error": {"message": "Please retry after 27 seconds. To increase your limit"}}, 27),
    ({"error": "Please retry in 34.074824224s."}, 34.074824224),
    ({"message": "Try again in 1 hour and 5 minutes"}, 3900),
    ({"error": {"metadata": {"raw": "Please try again in 3s"}, "message": "Provider error"}}, 3),
    ("try again in 2 minutes", 120),
]


@pytest.mark.parametrize(("body", "seconds"), BODIES)
def test_bodies_say_when(body: Any, seconds: float) -> None:
    assert hint(body=body) == pytest.approx(seconds)


NONSENSE: list[tuple[dict[str, str], Any]] = [
    ({}, None),
    ({"retry-after": "-5"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "inf"}, None),
    ({"retry-after": "1e3"}, None),
    ({"retry-after": "٣"}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "9" * 30}, None),
    ({"retry-after": "99999999"}, None),
    ({"retry-after": "Tue, 26 Mar 2024 19:00:00 GMT"}, None),
    ({"retry-after": "Tue, 99 Mar 99999 19:00:00 GMT"}, None),
    ({"anthropic-ratelimit-requests-reset": "2024-03-26T19:00:00Z"}, None),
    (
        {
            "anthropic-ratelimit-requests-remaining": "5",
            "anthropic-ratelimit-requests-reset": "2024-03-26T20:00:00Z",
        },
        None,
    ),
    (
        {
            "anthropic-ratelimit-unified-status": "allowed",
            "anthropic-ratelimit-unified-reset": "1711483200",
        },
        None,
    ),
    ({"anthropic-ratelimit-unified-reset": "1711483200"}, None),
    ({"x-ratelimit-reset-requests": "1x"}, None),
    ({"x-ratelimit-reset": "1711400000"}, None),
    ({"x-ratelimit-limit-requests": "5"}, None),
    ({}, {"error": {"details": [{"retryDelay": 34}, "x", {"retryDelay": "-3s"}]}}),
    ({}, {"error": {"message": "Please try again later."}}),
    ({}, {"error": {"message": "Please try again in a 20s video"}}),
    ({}, {"error": {"message": "try again in 5 sheep"}}),
    ({}, {"error": {"resets_in_seconds": float("nan"), "metadata": {"headers": []}}}),
    ({}, [[]]),
]


@pytest.mark.parametrize(("headers", "body"), NONSENSE)
def test_what_makes_no_sense_is_no_hint(headers: dict[str, str], body: Any) -> None:
    assert hint(headers, body) is None


def test_what_makes_no_sense_does_not_hide_what_does() -> None:
    headers = {"retry-after": "99999999999", "x-ratelimit-reset": "45"}
    assert hint(headers) == 45
    assert hint({"retry-after": "x"}, {"error": "try again in 4s"}) == 4
    assert hint({"retry-after": "3"}, {"error": "try again in 4s"}) == 3, "the header is plainer"


NAMES = st.sampled_from(
    [
        "retry-after",
        "retry-after-ms",
        "anthropic-ratelimit-tokens-reset",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-unified-reset",
        "anthropic-ratelimit-unified-status",
        "x-ratelimit-reset",
        "x-ratelimit-reset-tokens",
        "x-ratelimit-remaining-tokens",
    ]
)
VALUES = st.text() | st.sampled_from(["0", "rejected", "5m3s", "2024-03-26T20:00:00Z", "1e309"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "details", "retryDelay", "metadata", "headers", "message", "raw"]
            )
            | st.just("resets_in_seconds")
            | NAMES,
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, VALUES), JSON, st.floats(0, 4e9))
def test_nothing_raises(headers: dict[str, str], body: Any, now: float) -> None:
    found = read_hint(headers, body, now)
    assert found is None or 0 <= found <= 32 * 86_400


# --- errors carry it

MODULES = [claude, openai, responses, gemini, ollama]


@pytest.mark.parametrize("protocol", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
@pytest.mark.parametrize("status", [402, 403, 429, 500, 503, 529])
def test_an_error_carries_the_hint(protocol: ModuleType, status: int) -> None:
    headers = CIMultiDict({"Retry-After": "7"})
    for body in (b'{"error": {"message": "x"}}', b'{"error": "x"}', b"<html>", b""):
        assert protocol.read_failure(status, body, headers).retry_after == 7


@pytest.mark.parametrize("status", [400, 401, 404, 413, 422])
def test_no_waiting_helps_where_the_request_is_wrong(status: int) -> None:
    assert failures.read_failure(status, b"{}", {"retry-after": "7"}).retry_after is None


def test_an_overflow_is_nothing_to_wait_for() -> None:
    body = orjson.dumps(
        {"error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}}
    )
    failure = failures.read_failure(500, body, {"retry-after": "7"})
    assert (failure.status, failure.retry_after) == (400, None)


def test_the_accounts_limits_do_not_explain_a_servers_failure() -> None:
    headers = {"x-ratelimit-remaining-requests": "0", "X-RateLimit-Reset-Requests": "5m0s"}
    assert failures.read_failure(429, b"{}", headers).retry_after == 300
    assert failures.read_failure(503, b"{}", headers).retry_after is None


def test_a_status_of_its_own_and_plain_text_count() -> None:
    body = b'{"error": {"code": 429, "message": "try again in 3s"}}'
    assert failures.read_failure(200, body, {}).retry_after == 3
    assert failures.read_failure(429, b"slow down: retry after 9 seconds", {}).retry_after == 9


def test_dates_are_seen_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "time", lambda: NOW)
    headers = {"retry-after": "Tue, 26 Mar 2024 20:00:00 GMT"}
    assert failures.read_failure(429, b"{}", headers).retry_after == 60
