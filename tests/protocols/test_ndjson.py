"""Streams of JSON lines, cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.protocols.ndjson import LineParser, LineSplitter, split_whole
from ccproxy_tui.protocols.sse import FrameTooLongError
from tests.protocols.chunks import every_cut, one_by_one

STREAM = '{"t":"häß 🙂"}\n\n{"a":1}\r\n  \n{"b":"\\n"}\n{"last":1}\n'.encode()
LINES = ['{"t":"häß 🙂"}'.encode(), b'{"a":1}\r', b'{"b":"\\n"}', b'{"last":1}']


def test_every_cut_gives_the_same_lines() -> None:
    """Failure 14: nothing is corrupted where the network cuts."""
    for first, second in every_cut(STREAM):
        lines = LineSplitter()
        assert lines.feed(first) + lines.feed(second) == LINES
        assert lines.end() == b""
    lines = LineSplitter()
    assert [line for byte in one_by_one(STREAM) for line in lines.feed(byte)] == LINES


def test_a_line_comes_out_as_soon_as_its_end_is_there() -> None:
    lines = LineSplitter()
    assert lines.feed(b'{"a"') == []
    assert lines.feed(b":1}\n{") == [b'{"a":1}']


def test_the_last_line_may_lack_its_end() -> None:
    lines = LineSplitter()
    assert lines.feed(b'{"a":1}\n{"b"') == [b'{"a":1}']
    assert lines.feed(b":2}") == []
    assert lines.end() == b'{"b":2}'
    assert lines.end() == b""
    lines.feed(b"  ")
    assert lines.end() == b""


def test_a_line_without_end_is_refused() -> None:
    lines = LineSplitter(limit=1000)
    for _ in range(10):
        assert lines.feed(b"x" * 100) == []
    with pytest.raises(FrameTooLongError, match="more than 1000 bytes"):
        lines.feed(b"x")


def test_a_long_stream_of_short_lines_is_no_problem() -> None:
    lines = LineSplitter(limit=100)
    assert len(lines.feed(b'{"a":1}\n' * 1000)) == 1000
    for _ in range(1000):
        assert lines.feed(b'{"a"') == []
        assert lines.feed(b":1}\n") == [b'{"a":1}']


def test_lines_are_events_without_a_name() -> None:
    parser = LineParser()
    assert parser.feed(b'{"a":1}\n{"b":2}\n{"c"') == [("", b'{"a":1}'), ("", b'{"b":2}')]
    parser.feed(b":3}")
    assert parser.end() == [("", b'{"c":3}')]
    assert parser.end() == []


@pytest.mark.parametrize(
    ("data", "whole", "rest"),
    [
        (b"", b"", b""),
        (b"a", b"", b"a"),
        (b"a\n", b"a\n", b""),
        (b"a\nb", b"a\n", b"b"),
        (b"a\n\nb\nc", b"a\n\nb\n", b"c"),
    ],
)
def test_what_may_go_on_ends_with_a_line(data: bytes, whole: bytes, rest: bytes) -> None:
    assert split_whole(data) == (whole, rest)


@given(st.lists(st.binary(max_size=6)))
def test_no_byte_is_lost_or_moved(pieces: list[bytes]) -> None:
    lines = LineSplitter()
    found = [line for piece in pieces for line in lines.feed(piece)]
    if rest := lines.end():
        found.append(rest)
    assert found == [line for line in b"".join(pieces).split(b"\n") if line.strip()]
