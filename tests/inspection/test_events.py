"""Streams cut into events, each with the time of the piece that completed it."""

from ccproxy_tui.inspection.events import EventReader, clean_body, is_stream
from ccproxy_tui.traffic.call import Message

SSE = (("Content-Type", "text/event-stream; charset=utf-8"),)
LINES = (("content-type", "application/x-ndjson"),)


def told(reader: EventReader, *, ended: bool) -> list[tuple[str, bytes, float | None]]:
    return [(event.name, event.data, event.time) for event in reader.read(ended=ended)]


def test_an_event_has_the_time_of_its_last_byte() -> None:
    chunks = [b"event: a\ndata: 1\n", b"\nevent: b\ndata: 2\n\ndata: ", b"3\n\n"]
    reader = EventReader(Message("200 OK", SSE, chunks, times=[0.1, 0.2, 0.3]))
    assert told(reader, ended=True) == [("a", b"1", 0.2), ("b", b"2", 0.2), ("", b"3", 0.3)]


def test_what_comes_later_is_added_and_what_is_cut_off_is_kept() -> None:
    message = Message("200 OK", SSE, [b"data: 1\n\n: ping\n\nda"])
    reader = EventReader(message)
    assert told(reader, ended=False) == [("", b"1", None), ("", b": ping", None)]
    message.chunks.append(b"ta: 2")
    assert len(told(reader, ended=False)) == 2
    assert told(reader, ended=True)[2:] == [("", b"2", None)]
    assert len(told(reader, ended=True)) == 3


def test_lines_of_json_are_events_too() -> None:
    reader = EventReader(Message("200 OK", LINES, [b'{"a":1}\n{"b"', b":2}\n"], times=[1.0, 2.0]))
    assert told(reader, ended=True) == [("", b'{"a":1}', 1.0), ("", b'{"b":2}', 2.0)]


def test_which_bodies_are_streams() -> None:
    assert is_stream(Message("200 OK", SSE))
    assert is_stream(Message("200 OK", LINES))
    assert is_stream(Message("200 OK", (), [b"data: 1\n\n"]))
    assert not is_stream(Message("200 OK", (("content-type", "application/json"),), [b"data: 1"]))
    assert not is_stream(Message("200 OK", (), []))


def test_a_credential_in_a_running_reply_is_not_shown() -> None:
    message = Message("200 OK", SSE, [b"data: sk-123\n\n"])
    message.clean = lambda data: data.replace(b"sk-123", b"***")
    assert told(EventReader(message), ended=False) == [("", b"***", None)]
    assert clean_body(message) == b"data: ***\n\n"
