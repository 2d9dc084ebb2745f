"""Ollama streams that pass by."""

from dataclasses import replace

import orjson
import pytest

from ccproxy_tui.protocols import ollama
from ccproxy_tui.protocols.base import Asked, Failure, TapState
from ccproxy_tui.protocols.hub import Usage
from tests.protocols.chunks import every_cut, one_by_one

CONTENT = (
    rb'{"model":"m","created_at":"t","message":{"role":"assistant",'
    b'"content":"say \\"done\\":true \\"error\\" \xc3\xbc"},"done":false}\n'
)
CALL = (
    b'{"model":"m","message":{"role":"assistant","content":"","tool_calls":'
    b'[{"function":{"name":"a","arguments":{"done":true,"error":"x"}}}]},"done":false}\n'
)
END = (
    b'{"model":"m","message":{"role":"assistant","content":""},"done":true,'
    b'"done_reason":"length","prompt_eval_count":11,"eval_count":7}\n'
)
STREAM = CONTENT * 3 + CALL + END
SEEN = TapState(Usage(11, output=7), "length", started=True, finished=True, tools=["a"])


def test_usage_and_the_end_are_seen_however_the_stream_is_cut() -> None:
    for stream in (STREAM, STREAM.replace(b'":', b'": ').replace(b"\n", b"\r\n")):
        for pieces in (*every_cut(stream), tuple(one_by_one(stream))):
            tap = ollama.tap(Asked())
            passed = b"".join(tap.feed(piece) for piece in pieces) + tap.end()
            assert passed == stream
            assert tap.state == SEEN


def test_only_whole_lines_pass() -> None:
    tap = ollama.tap(Asked())
    assert tap.content_type == "application/x-ndjson"
    assert tap.feed(CONTENT + END[:20]) == CONTENT
    assert tap.feed(END[20:-1]) == b""
    assert tap.end() == END
    assert tap.state.finished


def test_a_stream_that_breaks_off_is_not_finished_and_gets_an_error() -> None:
    tap = ollama.tap(Asked())
    tap.feed(CONTENT + CALL)
    assert tap.state == TapState(started=True, tools=["a"])
    assert orjson.loads(tap.broken(Failure(502, "it broke"))) == {"error": "it broke"}
    assert tap.broken(Failure(502, "it broke")).endswith(b"}\n")


def test_an_error_is_seen() -> None:
    tap = ollama.tap(Asked())
    tap.feed(CONTENT + b'{"error":"out of memory"}\n')
    assert tap.state.error == "out of memory"
    assert not tap.state.finished


def test_content_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    tap = ollama.tap(Asked())
    tap.feed(CONTENT)
    seen: list[bytes] = []
    monkeypatch.setattr(tap, "note", lambda event, data: seen.append(data))
    plain = CONTENT.replace(b"error", b"fault")
    tap.feed(plain * 5 + END)
    assert seen == [END.strip()]
    assert tap.characters > 0


def test_whole_replies() -> None:
    assert ollama.tap_reply(orjson.loads(END)) == replace(SEEN, tools=[])
    assert ollama.tap_reply(orjson.loads(CALL)).tools == ["a"]
    vectors = {"model": "m", "embeddings": [[0.5]], "prompt_eval_count": 3}
    assert ollama.tap_reply(vectors) == TapState(Usage(3), started=True, finished=True)
    assert ollama.tap_reply({"error": "no"}) == TapState(error="no")
    assert not ollama.tap_reply({"done": False}).finished
