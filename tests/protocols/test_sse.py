import pytest

from ccproxy_tui.protocols.sse import FrameTooLongError, SseParser, frame, read_frame
from tests.protocols.chunks import every_cut, one_by_one

STREAM = (
    '\ufeffevent: a\ndata: {"t":"häß 🙂"}\n\n'
    ": a comment\n\n"
    "data:tight\r\n\r\n"
    "event: two\rdata: one\rdata: two\rid: 4\r\r"
    "\n\ndata: x\r\ndata:\r\n\r\n"
    "retry: 5\n\n"
    "event: b\r\ndata: last\n\n"
).encode()
EVENTS = [
    ("a", '{"t":"häß 🙂"}'.encode()),
    ("", b"tight"),
    ("two", b"one\ntwo"),
    ("", b"x\n"),
    ("b", b"last"),
]


def test_a_stream_in_one_piece() -> None:
    assert SseParser().feed(STREAM) == EVENTS


def test_every_cut_gives_the_same_events() -> None:
    """Failure 14: nothing is corrupted where the network cuts, inside UTF-8 and CRLF included."""
    for first, second in every_cut(STREAM):
        parser = SseParser()
        assert parser.feed(first) + parser.feed(second) == EVENTS


def test_single_bytes_give_the_same_events() -> None:
    parser = SseParser()
    assert [event for byte in one_by_one(STREAM) for event in parser.feed(byte)] == EVENTS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_event_comes_out_as_soon_as_its_blank_line_is_there(end: str) -> None:
    assert SseParser().feed(f"data: now{end}{end}".encode()) == [("", b"now")]


def test_the_last_event_may_lack_its_blank_line() -> None:
    parser = SseParser()
    assert parser.feed(b"data: [DONE]\n") == []
    assert parser.end() == [("", b"[DONE]")]
    assert parser.end() == []


def test_a_frame_without_end_is_refused() -> None:
    parser = SseParser(limit=1000)
    for _ in range(10):
        assert parser.feed(b"x" * 100) == []
    with pytest.raises(FrameTooLongError, match="more than 1000 bytes"):
        parser.feed(b"x")


def test_a_long_stream_of_short_frames_is_no_problem() -> None:
    parser = SseParser(limit=100)
    assert len(parser.feed(b"data: 1\n\n" * 1000)) == 1000


def test_writing_and_reading_agree() -> None:
    written = frame("ping", b"{}")
    assert written == b"event: ping\ndata: {}\n\n"
    assert read_frame(written[:-2]) == ("ping", b"{}")
    assert frame("", b"[DONE]") == b"data: [DONE]\n\n"
