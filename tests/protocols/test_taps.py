from collections.abc import Callable

import orjson
import pytest

from ccproxy_tui.protocols import claude, openai
from ccproxy_tui.protocols.base import Asked, Failure, Tap, TapState
from ccproxy_tui.protocols.hub import Usage
from ccproxy_tui.protocols.sse import FrameTooLongError
from tests.protocols.chunks import DONE, chunk, every_cut, one_by_one, usage_chunk
from tests.protocols.validity import read_sse

CLAUDE = (
    b'event: message_start\ndata: {"type":"message_start","message":{"usage":'
    b'{"input_tokens":9,"cache_read_input_tokens":5,"output_tokens":1}}}\n\n'
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":'
    b'{"type":"text_delta","text":"event: message_stop \\"type\\":\\"message_stop\\" \xc3\xbc"}}\n\n'
    b": comment\n\n"
    b'data: {"type":"content_block_stop","index":0}\n\n'
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use"},'
    b'"usage":{"output_tokens":30}}\n\n'
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
)
OPENAI = b"".join(
    [
        chunk(role="assistant"),
        chunk(content='say "usage": {"prompt_tokens":1} [DONE] "error"'),
        chunk(content="ü", usage=None),
        chunk(finish="stop"),
        usage_chunk(100, 20, 80),
        DONE,
    ]
)


@pytest.mark.parametrize(
    ("stream", "tap", "state"),
    [
        (
            CLAUDE,
            claude.tap,
            TapState(Usage(9, 5, None, 30), "tool_use", started=True, finished=True),
        ),
        (
            OPENAI,
            openai.tap,
            TapState(Usage(20, 80, None, 20), "stop", started=True, finished=True),
        ),
        (
            OPENAI.replace(b'":', b'": '),
            openai.tap,
            TapState(Usage(20, 80, None, 20), "stop", started=True, finished=True),
        ),
    ],
)
def test_a_tap_sees_usage_and_the_end_however_the_stream_is_cut(
    stream: bytes, tap: Callable[[Asked], Tap], state: TapState
) -> None:
    for data in (stream, stream.replace(b"\n", b"\r\n")):
        for first, second in every_cut(data):
            one = tap(Asked())
            passed = [one.feed(first), one.feed(second), one.end()]
            assert one.state == state
            assert b"".join(passed) == data
        one = tap(Asked())
        passed = [one.feed(byte) for byte in one_by_one(data)]
        assert one.state == state
        assert b"".join(passed) + one.end() == data


@pytest.mark.parametrize(("stream", "tap"), [(CLAUDE, claude.tap), (OPENAI, openai.tap)])
def test_what_goes_on_to_the_client_ends_with_a_whole_frame(
    stream: bytes, tap: Callable[[Asked], Tap]
) -> None:
    """So that an error can still be said, wherever the upstream breaks off."""
    for end in (b"\n", b"\r\n"):
        data = stream.replace(b"\n", end)
        for first, second in every_cut(data):
            one = tap(Asked())
            passed = one.feed(first)
            assert first.startswith(passed)
            assert passed == b"" or passed.endswith(2 * end)
            assert 2 * end not in first[len(passed) :]
            passed += one.feed(second)
            assert passed == data


@pytest.mark.parametrize(("stream", "tap"), [(CLAUDE, claude.tap), (OPENAI, openai.tap)])
def test_a_last_frame_without_its_blank_line_is_completed(
    stream: bytes, tap: Callable[[Asked], Tap]
) -> None:
    one = tap(Asked())
    passed = one.feed(stream.rstrip(b"\n"))
    before = one.state.finished
    assert passed + one.end() == stream
    assert (before, one.state.finished) == (False, True)
    assert one.end() == b""


@pytest.mark.parametrize(("stream", "tap"), [(CLAUDE, claude.tap), (OPENAI, openai.tap)])
def test_half_a_frame_never_reaches_the_client(stream: bytes, tap: Callable[[Asked], Tap]) -> None:
    """As the contract has it: at the end, what was held back goes out if it is a whole frame."""
    last = stream.rstrip(b"\n").rindex(b"\n\n") + 2
    before = stream[:last].rstrip(b"\n").rindex(b"\n\n") + 2
    one = tap(Asked())
    assert one.feed(stream[: before + 40]) == stream[:before]
    assert one.end() == b""


def test_a_huge_frame_is_let_through_before_it_is_whole() -> None:
    tap = openai.tap(Asked())
    piece = b"x" * 300_000
    sent = [b'data: {"choices":[{"delta":{"content":"', *[piece] * 5, b'"}}]}\n\n', DONE]
    passed = [tap.feed(data) for data in sent]
    assert b"".join(passed) == b"".join(sent)
    assert passed[0] == b""
    assert any(passed[1:6])
    assert tap.state.finished


def test_a_broken_stream_ends_with_an_error_in_the_clients_protocol() -> None:
    """Failure 13: what is cut off must not be taken for complete."""
    failure = Failure(502, "the upstream hung up")
    tap = claude.tap(Asked())
    passed = tap.feed(CLAUDE[: CLAUDE.index(b"event: message_delta") + 30]) + tap.broken(failure)
    name, error = read_sse(passed[passed.rindex(b"event: ") :])[0]
    assert (name, error["error"]["message"]) == ("error", "the upstream hung up")
    other = openai.tap(Asked())
    passed = other.feed(OPENAI[: OPENAI.index(DONE) - 30]) + other.broken(failure)
    last = passed.split(b"\n\n")[-2]
    assert orjson.loads(last[6:])["error"]["message"] == "the upstream hung up"
    assert DONE not in passed


@pytest.mark.parametrize(("stream", "tap"), [(CLAUDE, claude.tap), (OPENAI, openai.tap)])
def test_about_how_much_was_written_is_known_while_it_passes(
    stream: bytes, tap: Callable[[Asked], Tap]
) -> None:
    one = tap(Asked())
    assert one.characters == 0
    one.feed(stream)
    assert one.characters > 0


def test_a_stream_without_an_end_is_not_finished() -> None:
    """Failure 13, on the faithful lane."""
    tap = claude.tap(Asked())
    tap.feed(CLAUDE[: CLAUDE.index(b"event: message_delta")])
    assert (tap.state.started, tap.state.finished) == (True, False)
    other = openai.tap(Asked())
    other.feed(OPENAI[:-20])
    assert (other.state.started, other.state.finished) == (True, False)


def test_an_error_is_seen() -> None:
    tap = claude.tap(Asked())
    tap.feed(b'event: error\ndata: {"type":"error","error":{"type":"x","message":"boom"}}\n\n')
    assert tap.state.error == "boom"
    other = openai.tap(Asked())
    other.feed(chunk(content="x") + b'data: {"error":{"message":"boom"}}\n\n')
    assert other.state.error == "boom"


def test_no_data_whatever_breaks_a_tap() -> None:
    for tap in (claude.tap(Asked()), openai.tap(Asked())):
        for data in (
            b"\xff\xfe",
            b"<html>\n\n",
            b"data: [1]\n\n",
            b"data: {bad\n\n",
            b"data: {}\n\n",
        ):
            tap.feed(data)
        assert not tap.state.finished


def test_a_frame_that_does_not_end_is_an_error_that_can_follow_it() -> None:
    tap = claude.tap(Asked())
    passed = b"".join(tap.feed(b"x" * 1024 * 1024) for _ in range(16))
    with pytest.raises(FrameTooLongError):
        tap.feed(b"x")
    assert passed
    assert not tap.begun
    assert tap.frame_end() == b"\n\n"


def test_whole_replies() -> None:
    reply = {"stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 2}}
    state = TapState(Usage(1, None, None, 2), "end_turn", started=True, finished=True)
    assert claude.tap_reply(reply) == state
    error = {"type": "error", "error": {"message": "boom"}}
    assert claude.tap_reply(error).error == "boom"
    chat = {"choices": [{"finish_reason": "length"}], "usage": {"prompt_tokens": 3}}
    assert openai.tap_reply(chat) == TapState(Usage(3), "length", started=True, finished=True)
    assert openai.tap_reply({"error": {"message": "boom"}}).error == "boom"
    assert "no choices" in openai.tap_reply(orjson.loads(b'{"choices":[]}')).error
