"""Calls as JSON lines and as HAR: complete, valid, and without a secret."""

import base64
from datetime import datetime
from typing import Any

import orjson
import pytest

from ccproxy_tui.inspection.export import Bodies, Format, Writer, facts_json, whole
from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase
from tests.inspection.recorded import SECRET, recorded_call, recorded_exchange

Text = str
Number = (int, float)
HEADER = {"name": Text, "value": Text}
SCHEMA: dict[str, Any] = {
    "log": {
        "version": Text,
        "creator": {"name": Text, "version": Text},
        "pages": [
            {
                "startedDateTime": datetime,
                "id": Text,
                "title": Text,
                "pageTimings": {"onContentLoad": Number, "onLoad": Number},
            }
        ],
        "entries": [
            {
                "pageref": Text,
                "startedDateTime": datetime,
                "time": Number,
                "request": {
                    "method": Text,
                    "url": Text,
                    "httpVersion": Text,
                    "cookies": [],
                    "headers": [HEADER],
                    "queryString": [HEADER],
                    "postData?": {"mimeType": Text, "text": Text},
                    "headersSize": int,
                    "bodySize": int,
                },
                "response": {
                    "status": int,
                    "statusText": Text,
                    "httpVersion": Text,
                    "cookies": [],
                    "headers": [HEADER],
                    "content": {"size": int, "mimeType": Text, "text": Text, "encoding?": Text},
                    "redirectURL": Text,
                    "headersSize": int,
                    "bodySize": int,
                },
                "cache": {},
                "timings": {
                    "blocked": Number,
                    "dns": Number,
                    "connect": Number,
                    "send": Number,
                    "wait": Number,
                    "receive": Number,
                    "ssl": Number,
                },
            }
        ],
    }
}
"""HAR 1.2, as far as these archives go: a name with a question mark may be missing."""


def check(value: Any, schema: Any, where: str = "") -> None:
    """Hold a value against a schema; fields that begin with an underscore are anybody's."""
    if isinstance(schema, dict):
        assert isinstance(value, dict), where
        names = {name.rstrip("?") for name in schema}
        assert {name for name in value if not name.startswith("_")} <= names, where
        for name, inner in schema.items():
            if name.rstrip("?") in value or not name.endswith("?"):
                assert name.rstrip("?") in value, f"{where}.{name}"
                check(value[name.rstrip("?")], inner, f"{where}.{name}")
    elif isinstance(schema, list):
        assert isinstance(value, list), where
        for number, item in enumerate(value):
            check(item, schema[0], f"{where}[{number}]")
    elif schema is datetime:
        assert datetime.fromisoformat(value).tzinfo is not None, where
    else:
        assert isinstance(value, schema), f"{where}: {value!r}"
        assert not isinstance(value, bool), where


def export(
    form: Format, bodies: Bodies, *calls: tuple[Call, Exchange | None]
) -> tuple[bytes, Writer]:
    writer = Writer(form, bodies)
    written = writer.begin() + b"".join(writer.call(*one) for one in calls) + writer.end()
    return written, writer


def test_a_har_is_valid_and_has_both_sides_of_a_call() -> None:
    exchange = recorded_exchange()
    written, _ = export("har", "whole", (recorded_call(), exchange), (recorded_call(8), exchange))
    har = orjson.loads(written)
    check(har, SCHEMA)
    assert har["log"]["version"] == "1.2"
    assert [page["id"] for page in har["log"]["pages"]] == ["call_7", "call_8"]
    assert har["log"]["pages"][0]["title"] == "#7 claude-sonnet-4-5 → vendor/sonnet"
    client, provider, *_ = har["log"]["entries"]
    assert [entry["pageref"] for entry in har["log"]["entries"]] == ["call_7"] * 2 + ["call_8"] * 2
    assert client["request"]["url"] == "http://127.0.0.1:11435/qwen/v1/messages?beta=true"
    assert client["request"]["queryString"] == [{"name": "beta", "value": "true"}]
    assert client["request"]["postData"]["text"] == exchange.client_request.body.decode()
    assert client["response"]["content"]["text"] == exchange.client_reply.body.decode()
    assert client["response"]["statusText"] == "OK"
    assert client["_ccproxy"]["side"] == "client"
    assert client["_ccproxy"]["cost"] == 0.0123
    assert client["_ccproxy"]["attempts"][0]["outcome"] == "throttle"
    assert provider["request"]["url"] == "https://api.example.com/v1/messages?n=1"
    assert provider["_ccproxy"] == {"side": "provider", "id": 7}


def test_times_of_a_har_come_from_the_attempts() -> None:
    written, _ = export("har", "none", (recorded_call(), recorded_exchange()))
    client, provider = orjson.loads(written)["log"]["entries"]
    assert client["startedDateTime"] == "2023-11-14T22:13:20.250+00:00"
    assert client["timings"] == {
        "blocked": 100, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 400, "receive": 1500,
    }  # fmt: skip
    assert client["time"] == 2000
    assert provider["startedDateTime"] == "2023-11-14T22:13:20.350+00:00"
    assert provider["timings"] == {
        "blocked": -1, "dns": -1, "connect": 50, "ssl": -1, "send": 0, "wait": 250, "receive": 1600,
    }  # fmt: skip
    assert provider["time"] == 1900


@pytest.mark.parametrize(
    "call",
    [
        recorded_call(attempts=[], ttft=None, phase=Phase.FAILED, status=401, provider=""),
        recorded_call(duration=None, phase=Phase.STREAMING, status=0),
        recorded_call(ttft=9.0),
    ],
)
def test_a_har_of_unusual_calls_is_valid(call: Call) -> None:
    binary = Exchange(
        Message("POST /v1/messages", (), [b"\xff\x00"]), client_reply=Message("", (), [b"\xff"])
    )
    written, _ = export("har", "whole", (call, binary), (call, None), (call, recorded_exchange()))
    har = orjson.loads(written)
    check(har, SCHEMA)
    content = har["log"]["entries"][0]["response"]["content"]
    assert base64.b64decode(content["text"]) == b"\xff"
    assert content["encoding"] == "base64"
    assert all(
        entry["time"] == pytest.approx(sum(one for one in entry["timings"].values() if one > 0))
        for entry in har["log"]["entries"]
    )


def test_an_empty_har_is_valid() -> None:
    written, _ = export("har", "whole")
    check(orjson.loads(written), SCHEMA)


def test_json_lines_have_a_call_each_with_its_messages() -> None:
    exchange = recorded_exchange()
    written, writer = export(
        "jsonl", "whole", (recorded_call(), exchange), (recorded_call(8), None)
    )
    one, other = map(orjson.loads, written.splitlines())
    assert one["id"] == 7
    assert one["tokens"] == {
        "input": 10, "cache_read": 80, "cache_write": 10, "output": 40, "estimated": False,
    }  # fmt: skip
    assert one["messages"]["client_request"] == {
        "head": "POST /qwen/v1/messages?beta=true",
        "headers": [list(header) for header in exchange.client_request.headers],
        "size": len(exchange.client_request.body),
        "body": exchange.client_request.body.decode(),
    }
    assert list(one["messages"]) == [
        "client_request", "upstream_request", "upstream_reply", "client_reply",
    ]  # fmt: skip
    assert (other["id"], other["messages"]) == (8, {})
    assert writer.without_messages == 1


@pytest.mark.parametrize("form", ["jsonl", "har"])
@pytest.mark.parametrize("bodies", ["whole", "shape", "none"])
def test_no_secret_is_in_it_wherever_it_was(form: Format, bodies: Bodies) -> None:
    call = recorded_call(error=f"bad key {SECRET}", remark=SECRET, notes=[f"was {SECRET}"])
    exchange = recorded_exchange(f"It is {SECRET}", asked=f"Is it {SECRET}?")
    exchange.upstream_request.head += f"&key={SECRET}"
    exchange.upstream_reply.headers = (("x-debug", SECRET),)
    before = exchange.client_request.body
    written, writer = export(form, bodies, (call, exchange))
    assert SECRET.encode() not in written
    assert b"[Anthropic key redacted]" in written
    assert writer.kinds["Anthropic key"] == {"whole": 9, "shape": 3, "none": 3}[bodies]
    assert exchange.client_request.body == before, "the record itself is as it was"


def test_bodies_are_left_out_or_reduced_to_their_shape() -> None:
    call, exchange = recorded_call(), recorded_exchange()
    none, _ = export("jsonl", "none", (call, exchange))
    assert "body" not in orjson.loads(none)["messages"]["client_request"]
    assert b"Say hello" not in none
    shape, _ = export("jsonl", "shape", (call, exchange))
    messages = orjson.loads(shape)["messages"]
    assert orjson.loads(messages["client_request"]["body"]) == {
        "model": "claude-sonnet-4-5",
        "messages": [{"role": "user", "content": "[10 characters]"}],
    }
    assert '"text":"[6 characters]"' in messages["client_reply"]["body"]
    assert messages["client_request"]["size"] == len(exchange.client_request.body)


@pytest.mark.parametrize("form", ["jsonl", "har"])
@pytest.mark.parametrize("bodies", ["shape", "none"])
def test_without_bodies_nothing_quotes_them(form: Format, bodies: Bodies) -> None:
    failed = Attempt("local/m", 0.0, 1.0, 400, Outcome.CLIENT_ERROR, "bad prompt: Say hello")
    call = recorded_call(
        error="400: bad prompt: Say hello", attempts=[failed], status=400, remark="my Say hello"
    )
    written, _ = export(form, bodies, (call, recorded_exchange()))
    assert b"Say hello" not in written
    assert b"remark" not in written
    told = orjson.loads(written)
    facts = told if form == "jsonl" else told["log"]["entries"][0]["_ccproxy"]
    assert (facts["error"], facts["status"]) == ("[26 characters]", 400)
    [attempt] = facts["attempts"]
    assert attempt["reason"] == "[21 characters]"
    assert (attempt["status"], attempt["outcome"]) == (400, str(Outcome.CLIENT_ERROR))


def test_a_saved_call_is_as_it_was_recorded() -> None:
    saved = orjson.loads(whole(recorded_call(), recorded_exchange("é")))
    assert (
        saved["messages"]["client_reply"]["body"]
        == recorded_exchange("é").client_reply.body.decode()
    )
    assert saved["model"] == "sonnet"
    assert orjson.loads(facts_json(recorded_call())) == {
        name: value for name, value in saved.items() if name != "messages"
    }
    assert b"?" in whole(recorded_call(remark="half \ud83d"), Exchange())


@pytest.mark.parametrize("host", ["[evil", "[::1", "a b", "x/../y?z", "é•", "[v1.x]:99999999"])
def test_a_host_that_is_none_does_not_end_the_export(host: str) -> None:
    exchange = recorded_exchange()
    exchange.client_request.headers = (("host", host),)
    written, _ = export("har", "whole", (recorded_call(), exchange))
    request = orjson.loads(written)["log"]["entries"][0]["request"]
    assert request["url"] == "http://ccproxy/qwen/v1/messages?beta=true"
    assert request["queryString"] == [{"name": "beta", "value": "true"}]
    assert request["headers"] == [{"name": "host", "value": host}]


@pytest.mark.parametrize("url", ["https://[evil/v1?n=1", "//[::1?n=1"])
def test_an_address_that_is_none_is_written_as_it_is(url: str) -> None:
    exchange = recorded_exchange()
    exchange.upstream_request.head = f"POST {url}"
    written, _ = export("har", "whole", (recorded_call(), exchange))
    check(har := orjson.loads(written), SCHEMA)
    assert har["log"]["entries"][1]["request"]["queryString"] == [{"name": "n", "value": "1"}]
