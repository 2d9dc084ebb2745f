"""Secrets are known by their looks, wherever they stand; what only looks a little like one stays."""

import time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy_tui.inspection.redaction import Redaction

SECRETS = {
    "sk-ant-api03-" + "aB3-_x" * 10: "Anthropic key",
    "sk-proj-" + "aB3x" * 8: "API key",
    "cs-" + "A1b2C3d4" * 7 + "Zz9Yx": "ccproxy key",
    "AIza" + "SyD9x_" * 6: "Google key",
    "ghp_" + "aB3x" * 9: "GitHub token",
    "github_pat_" + "aB3x" * 9: "GitHub token",
    "glpat-" + "aB3x" * 5: "GitLab token",
    "xoxb-123456789-abcdefghij": "Slack token",
    "AKIA" + "IOSFODNN7EXAMPLE": "AWS key",
    "gsk_" + "aB3x" * 9: "Groq key",
    "hf_" + "aB3x" * 9: "Hugging Face token",
    "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF": "JSON web token",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----": "private key",
}


@pytest.mark.parametrize(("secret", "kind"), SECRETS.items(), ids=SECRETS.values())
def test_a_secret_becomes_a_mark_with_its_kind(secret: str, kind: str) -> None:
    redaction = Redaction()
    assert redaction.text(f"It is '{secret}', keep it.") == f"It is '[{kind} redacted]', keep it."
    assert redaction.found == {kind: 1}


@pytest.mark.parametrize("secret", SECRETS, ids=SECRETS.values())
def test_a_body_stays_json(secret: str) -> None:
    redaction = Redaction()
    body = orjson.dumps({"messages": [{"role": "user", "content": f'"{secret}"\n\\'}], "n": 1})
    cleaned = orjson.loads(redaction.body(body))
    assert secret not in cleaned["messages"][0]["content"]
    assert cleaned["messages"][0]["content"].endswith('redacted]"\n\\')
    assert cleaned["n"] == 1


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("Bearer abcdef123456", "bearer token"),
        ("Bearer abc/def=123456", "bearer token"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\nabc=", "private key"),
    ],
)
def test_what_is_in_quotes_within_a_body_stays_in_them(secret: str, kind: str) -> None:
    redaction = Redaction()
    body = orjson.dumps({"content": f'Say "{secret}" twice'}).replace(b"/", b"\\/")
    before = "Bearer " if kind == "bearer token" else ""
    assert orjson.loads(redaction.body(body)) == {
        "content": f'Say "{before}[{kind} redacted]" twice'
    }


def test_around_a_secret_in_an_address_or_header_all_stays() -> None:
    redaction = Redaction()
    assert (
        redaction.text("https://x.dev/v1?alt=sse&key=abc123&n=1#a")
        == "https://x.dev/v1?alt=sse&key=[key in an address redacted]&n=1#a"
    )
    assert redaction.text("Authorization: Bearer abc.DEF-123456_x/") == (
        "Authorization: Bearer [bearer token redacted]"
    )
    assert (
        redaction.text("postgres://me:s3cr3t@db:5432/x")
        == "postgres://me:[password in an address redacted]@db:5432/x"
    )


@pytest.mark.parametrize(
    "text",
    [
        "task-management-of-the-whole-thing, risk-averse-investments-only",
        "a bearer of good news; Bearer authentication",
        "http://localhost:8080/v1 or me@example.com",
        "git show AKIAshort, sk-short, https://x.dev/?keyboard=qwerty",
        "authorization: Bearer •••",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
    ],
)
def test_what_is_no_secret_stays_byte_by_byte(text: str) -> None:
    redaction = Redaction()
    assert redaction.body(text.encode()) == text.encode()
    assert not redaction.found


def test_what_was_redacted_is_not_redacted_again() -> None:
    redaction = Redaction()
    once = redaction.text(" ".join(SECRETS) + " ?key=abc Bearer abcdef123456 x://a:b1@c")
    count = redaction.found.total()
    assert redaction.text(once) == once
    assert redaction.found.total() == count == len(SECRETS) + 3


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_secret_spelt_over_events_of_a_stream_is_found(end: str) -> None:
    secret = "sk-ant-api03-abcdefghij"
    pieces = ["The key is ", secret[:3], secret[3:9], secret[9:] + " and", " that is all."]
    deltas = [{"delta": {"type": "text_delta", "text": piece}} for piece in pieces]
    frames = [f"event: delta{end}data: {orjson.dumps(one).decode()}{end}{end}" for one in deltas]
    redaction = Redaction()
    cleaned = redaction.body("".join(frames).encode()).decode()
    events = [orjson.loads(line[6:]) for line in cleaned.splitlines() if line.startswith("data: ")]
    said = [event["delta"]["text"] for event in events]
    assert "".join(said) == "The key is [Anthropic key redacted] and that is all."
    assert cleaned.startswith(frames[0])
    assert cleaned.endswith(frames[-1])
    assert cleaned.count(end + end) == 5
    assert redaction.found == {"Anthropic key": 1}


def test_two_secrets_in_one_event_and_one_over_two() -> None:
    one, other, third = ("gsk_" + letter * 24 for letter in "abc")
    lines = [
        {"message": {"content": f"{one} {other} {third[:10]}"}},
        {"message": {"content": f"{third[10:]}."}},
    ]
    redaction = Redaction()
    cleaned = redaction.body(b"\n".join(map(orjson.dumps, lines)) + b"\n")
    said = [orjson.loads(line)["message"]["content"] for line in cleaned.splitlines()]
    mark = "[Groq key redacted]"
    assert said == [f"{mark} {mark} {mark}", "."]
    assert redaction.found == {"Groq key": 3}


def test_bytes_that_are_no_text_come_through() -> None:
    redaction = Redaction()
    body = b"\xff\xfe\x00 sk-ant-api03-abcdefghij \x80"
    assert redaction.body(body) == b"\xff\xfe\x00 [Anthropic key redacted] \x80"
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n{}"
    assert redaction.body(deep) == deep


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----," * 4_000,
        "-----BEGIN PRIVATE KEY-----" + "-" * 100_000,
        "-----BEGIN " + "PRIVATE KEY " * 10_000,
        "eyJ" + "aB3_eyJ-" * 10_000 + "." + "x" * 9 + ".",
        "Bearer" + " " * 100_000 + '"',
        "Bearer " * 15_000,
        ("://" + "a" * 90 + ":" + "b" * 190) * 400,
        "".join(
            f'data: {{"delta":{{"text":"{piece}"}}}}\n\n'
            for _ in range(1_500)
            for piece in (" sk-ant-a", "aaaaaaaaaaaa")
        ),
    ],
    ids=[
        "begun keys",
        "dashes",
        "key words",
        "web token",
        "spaces",
        "bearers",
        "addresses",
        "split",
    ],
)
def test_text_that_is_made_to_be_slow_is_not(text: str) -> None:
    start = time.process_time()
    Redaction().body(text.encode())
    assert time.process_time() - start < 0.7


def test_a_key_that_was_cut_off_goes_and_what_follows_it_stays() -> None:
    redaction = Redaction()
    text = (
        "-----BEGIN EC PRIVATE KEY-----\nMIIEabc+/=\n, then "
        "-----BEGIN PRIVATE KEY-----\nMI\n-----END PRIVATE KEY-----."
    )
    assert redaction.text(text) == "[private key redacted], then [private key redacted]."


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
@settings(deadline=None)
def test_wherever_a_stream_is_cut_its_secrets_go_and_the_rest_stays(cuts: list[int]) -> None:
    text = "a sk-ant-api03-abcdefghij, ghp_" + "aB3x" * 9 + " b " + "gsk_" + "c" * 24
    pieces, at = [], 0
    for cut in [*cuts, len(text)]:
        pieces += [text[at : at + cut], ""]
        at += cut
    lines = b"".join(orjson.dumps({"text": piece, "n": 1}) + b"\n" for piece in pieces)
    redaction = Redaction()
    events = [orjson.loads(line) for line in redaction.body(lines).splitlines()]
    assert "".join(event["text"] for event in events) == (
        "a [Anthropic key redacted], [GitHub token redacted] b [Groq key redacted]"
    )
    assert len(events) == len(pieces)
    assert redaction.found.total() == 3
