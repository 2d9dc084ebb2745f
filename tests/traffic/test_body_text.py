"""Texts in bodies, however they are written there."""

import json
from time import thread_time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.traffic.body_text import BodyText
from ccproxy_tui.traffic.call import Exchange, Message

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("hello", b'{"a": "Say HELLO"}'),
        ('say "hi"', rb'{"a": "say \"hi\""}'),
        ('{"path": "a"}', rb'{"arguments": "{\"path\": \"a\"}"}'),
        ('{"path": "a"}', rb'{"inner": "{\"arguments\": \"{\\\"path\\\": \\\"a\\\"}\"}"}'),
        ("src/main.py", rb'{"a": "SRC\/main.py"}'),
        ("C:\\temp", rb'{"a": "c:\\temp"}'),
        ("one\ntwo", rb'{"a": "one\ntwo"}'),
        ("one\\ntwo", rb'{"a": "one\ntwo"}'),
        ("größe", "GRÖẞE Größe".encode()),
        ("\\\\server\\x", rb'{"a": "\\\\server\\x"}'),
        ("\\größe", rb'{"a": "\\gr\u00f6\u00dfe"}'),
        ("\\öl", rb'{"a": "\\\u00f6l"}'),
        ('\\"/\n', rb'{"inner": "{\"a\": \"\\\\\\\"\/\\n\"}"}'),
        ("GRÖSSE", rb'{"a": "gr\u00f6sse"}'),
        ("<b> & 'c'", rb'{"a": "\u003cb\u003E \u0026 \u0027c\u0027"}'),
        ("ok 😀", rb'{"a": "ok \uD83D\ude00"}'),
        ("Привет", json.dumps({"a": "привет"}).encode()),
    ],
)
def test_a_text_is_found_as_it_is_written(text: str, body: bytes) -> None:
    assert BodyText(text).within_body(body)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("hello", b'{"a": "hell o"}'),
        ('say "hi"', b"say hi"),
        ("a*c", b"abc"),
        ("a.c", b"abc"),
        ("größe", b"grosse"),
    ],
)
def test_another_text_is_not_found(text: str, body: bytes) -> None:
    assert not BodyText(text).within_body(body)


@pytest.mark.parametrize(
    "body",
    [
        b'data: {"delta": {"text": "hello w"}}\n\ndata: {"delta": {"text": "orld \\"a"}}\n\n'
        b'data: {"delta": {"text": "\\""}}\n\n',
        b'event: x\ndata: {"choices":[{"delta":{"content":"hello "}}]}\n\n'
        b'data: {"choices":[{"delta":{"content":"world \\"a\\""}}]}\n\n',
        b'{"message":{"content":"hello wor"}}\n{"message":{"content":"ld \\"a\\""}}\n',
        b'[{"parts":[{"text":"hello"}]},\n{"parts":[{"text":" world \\"a\\""}]}]',
    ],
    ids=["claude", "openai", "ollama", "gemini"],
)
def test_a_streamed_text_is_found_over_its_pieces(body: bytes) -> None:
    assert BodyText('Hello world "a"').within_body(body)
    assert not BodyText("hello there").within_body(body)


def test_texts_of_a_request_are_not_joined() -> None:
    request = orjson.dumps({"messages": [{"content": "one"}, {"content": "two"}]})
    assert not BodyText("onetwo").within_body(request)


def test_each_of_the_four_messages_counts() -> None:
    exchange = Exchange(upstream_reply=Message("200", (), [b'{"a": "wom', b'bat"}']))
    assert BodyText("wombat").within(exchange)
    assert not BodyText("wombats").within(exchange)
    assert not BodyText("x").within(Exchange())


@given(TEXT, st.booleans(), st.booleans())
def test_what_json_holds_is_found(text: str, nested: bool, ascii_only: bool) -> None:
    body = json.dumps({"a": f"before {text} after"}, ensure_ascii=ascii_only)
    if nested:
        body = json.dumps({"arguments": body}, ensure_ascii=ascii_only)
    assert BodyText(text).within_body(body.encode())


@given(st.text(max_size=10), st.binary(max_size=40))
def test_nothing_upsets_it(text: str, body: bytes) -> None:
    assert BodyText(text).within_body(body) in (True, False)


def test_a_large_body_is_looked_through_in_no_time() -> None:
    body = orjson.dumps({"a": 'lorem ipsum "dolor" sit amet ' * 7_000})
    for text in ("nothing", 'a "quoted" text', "größe", '"'):
        began = thread_time()
        BodyText(text).within_body(body)
        assert thread_time() - began < 0.05, text


@pytest.mark.parametrize(
    "text", ["/main", '"path"', "\nmain", "ä main", "\\\\\\/", '\\"\\"\\"', "\\ä", "main \\y"]
)
def test_a_long_run_of_backslashes_holds_nobody_up(text: str) -> None:
    body = b'{"x":"main path ' + b"\\" * 60_000 + b'x"}'
    began = thread_time()
    assert not BodyText(text).within_body(body)
    assert thread_time() - began < 0.05
