"""What a tap sees of a Gemini stream that passes by, and what it passes on."""

import orjson
import pytest

from ccproxy_tui.protocols import gemini
from ccproxy_tui.protocols.base import Asked, Failure, Tap
from ccproxy_tui.protocols.gemini.client import Form
from ccproxy_tui.protocols.gemini.tap import GeminiTap
from ccproxy_tui.protocols.hub import JsonObject, Usage
from ccproxy_tui.protocols.sse import FrameTooLongError
from tests.protocols.test_gemini_replies import TURN, USAGE, response, sse

EVENTS = Asked(form=Form())
ARRAY = Asked(form=Form(json_array=True))
STREAM = sse(response({"text": 'say "finishReason":"STOP" "error"'}), *TURN)
SEEN = Usage(40, 60, None, 25, 5)


def through(tap: Tap, *pieces: bytes) -> bytes:
    return b"".join([*(tap.feed(piece) for piece in pieces), tap.end()])


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n"])
def test_events_pass_untouched_however_they_are_cut(end: bytes) -> None:
    stream = STREAM.replace(b"\r\n\r\n", end)
    for at in range(len(stream) + 1):
        tap = gemini.tap(EVENTS)
        assert through(tap, stream[:at], stream[at:]) == stream
        assert (tap.state.usage, tap.state.stop_reason) == (SEEN, "STOP")
        assert (tap.state.started, tap.state.finished) == (True, True)


def test_an_array_is_made_of_events_however_they_are_cut() -> None:
    wanted = [orjson.loads(one[6:]) for one in STREAM.split(b"\r\n\r\n") if one]
    for at in range(len(STREAM) + 1):
        tap = gemini.tap(ARRAY)
        assert tap.content_type == "application/json"
        assert orjson.loads(through(tap, STREAM[:at], STREAM[at:])) == wanted
        assert (tap.state.usage, tap.state.stop_reason) == (SEEN, "STOP")
        assert tap.state.finished


def test_elements_go_out_at_once() -> None:
    tap = gemini.tap(ARRAY)
    assert tap.feed(sse({"a": 1})) == b'[{"a":1}'
    assert tap.feed(sse({"b": 1})) == b',\r\n{"b":1}'


def test_marks_and_comments_are_no_elements() -> None:
    tap = gemini.tap(ARRAY)
    data = through(tap, b": hello\n\n" + STREAM + b"data: [DO", b"NE]\n\n")
    assert len(orjson.loads(data)) == 5
    tap = gemini.tap(ARRAY)
    assert orjson.loads(through(tap, STREAM.rstrip()))


def test_finished_is_a_finish_reason_and_then_the_end() -> None:
    """Usage may come in a chunk of its own, after the finish."""
    tap = gemini.tap(EVENTS)
    tap.feed(sse(response({"text": "a"}, finish="STOP")))
    finished = [tap.state.finished]
    tap.feed(sse({"usageMetadata": USAGE}))
    tap.end()
    assert [*finished, tap.state.finished] == [False, True]
    assert tap.state.usage == SEEN


@pytest.mark.parametrize("asked", [EVENTS, ARRAY])
def test_a_stream_that_breaks_off(asked: Asked) -> None:
    tap = gemini.tap(asked)
    cut = sse(*TURN[:3]) + b'data: {"candidates":[{"finish'
    tap.feed(cut)
    before = tap.end()
    assert not tap.state.finished
    assert tap.state.usage == SEEN  # of the last chunk that came
    broken = tap.broken(Failure(502, "gone"))
    if asked is EVENTS:
        assert b'data: {"error":{"code":503,"message":"gone","status":"UNAVAILABLE"}}' in broken
    else:
        assert before == b""
        whole = through(gemini.tap(ARRAY), sse(*TURN[:3])) + broken
        assert orjson.loads(whole)[-1]["error"]["message"] == "gone"


def test_usage_of_a_stream_that_is_given_up() -> None:
    tap = gemini.tap(EVENTS)
    tap.feed(sse(response({"text": "a"}), response({"text": "b"}, usageMetadata=USAGE)))
    assert tap.state.usage == Usage()
    tap.broken(Failure(502, "gone"))
    assert tap.state.usage == SEEN


@pytest.mark.parametrize("asked", [EVENTS, ARRAY])
def test_an_error_is_seen(asked: Asked) -> None:
    tap = gemini.tap(asked)
    data = through(tap, sse(TURN[0], {"error": {"code": 503, "message": "busy"}}))
    assert (tap.state.error, tap.state.finished) == ("busy", False)
    if asked is ARRAY:
        assert orjson.loads(data)[-1]["error"]["message"] == "busy"


def test_an_error_is_said_once_more_in_an_unfinished_event() -> None:
    """SDKs for JS before 2.0 pass over the event, but raise where a stream ends inside of one."""
    tap = gemini.tap(EVENTS)
    event = b'data: {"error": {\ndata: "code": 503, "message": "busy"}}\n\n'
    data = through(tap, sse(TURN[0]), event)
    passed, unfinished = data.removeprefix(sse(TURN[0])).split(b"\n\n")
    assert passed + b"\n\n" == event
    assert orjson.loads(unfinished) == {"error": {"code": 503, "message": "busy"}}
    assert tap.end().endswith(b"}")
    tap = gemini.tap(EVENTS)
    assert through(tap, STREAM) == STREAM


@pytest.mark.parametrize("asked", [EVENTS, ARRAY])
@pytest.mark.parametrize("end", [b"\r\n\r\n", b""])
def test_half_an_emoji_in_the_last_chunk(asked: Asked, end: bytes) -> None:
    last = sse(response({"text": "half"}, finish="STOP")).replace(b"half", rb"\ud83d")
    tap = gemini.tap(asked)
    data = through(tap, sse(TURN[0]), last.removesuffix(b"\r\n\r\n") + end)
    assert (tap.state.finished, tap.state.stop_reason) == (True, "STOP")
    assert rb"\ud83d" in data


def test_a_reply_that_says_nothing_is_an_error() -> None:
    nothings: list[JsonObject] = [{}, {"candidates": []}, {"usageMetadata": USAGE}]
    for nothing in nothings:
        state = gemini.tap_reply(nothing)
        assert (state.error, state.finished) == ("the upstream's reply has no candidates", False)


def test_a_blocked_prompt_is_the_whole_reply() -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}}
    tap = gemini.tap(EVENTS)
    through(tap, sse(blocked))
    assert (tap.state.finished, tap.state.stop_reason) == (True, "SAFETY")
    assert gemini.tap_reply(blocked).stop_reason == "SAFETY"


def test_a_whole_reply() -> None:
    state = gemini.tap_reply(response({"text": "a"}, finish="STOP", usageMetadata=USAGE))
    assert (state.usage, state.stop_reason, state.finished) == (SEEN, "STOP", True)
    error = gemini.tap_reply({"error": {"code": 500, "message": "no"}})
    assert (error.error, error.finished) == ("no", False)


class Counting(GeminiTap):
    def __init__(self) -> None:
        super().__init__()
        self.parsed = 0

    def note(self, event: str, data: bytes) -> None:
        self.parsed += 1
        super().note(event, data)


def test_few_frames_are_parsed() -> None:
    tap = Counting()
    chunks = [response({"text": "a"}, usageMetadata=USAGE) for _ in range(50)]
    through(tap, sse(*chunks, TURN[-1]))
    assert tap.parsed == 2
    assert tap.state.usage == SEEN


@pytest.mark.parametrize("asked", [EVENTS, ARRAY])
def test_characters_are_counted_about(asked: Asked) -> None:
    tap = gemini.tap(asked)
    tap.feed(sse(*(response({"text": "x" * 2000}, usageMetadata=USAGE) for _ in range(5))))
    assert 9_000 < tap.characters < 11_000


def test_a_frame_without_end_breaks_an_array() -> None:
    tap = gemini.tap(ARRAY)
    tap.feed(b"data: {")
    piece = b"x" * (1024 * 1024)
    with pytest.raises(FrameTooLongError):
        assert b"".join(tap.feed(piece) for _ in range(17)) == b""
