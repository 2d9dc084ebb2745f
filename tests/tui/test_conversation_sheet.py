"""The tab of a call as a conversation: what is folded, what grows, and what it costs."""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.traffic.attempt import Attempt
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.sheets.conversation import ConversationSheet
from ccproxy_tui.tui.sheets.sheet import Subject
from tests.protocols.examples import EVENTS, REPLIES, REQUESTS
from tests.protocols.test_junk import spoiled
from tests.tui.fake import Fake, made_call
from tests.tui.screen_text import wait_for

READ = {"type": "tool_use", "id": "t1", "name": "Read", "input": {"file_path": "/a.py"}}
LINES = "\n".join(f"line {number}" for number in range(50))
HISTORY: list[dict[str, Any]] = [
    {"role": "user", "content": "<system-reminder>\nBe kind.\n</system-reminder>\nFix it."},
    {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, READ]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": LINES}]},
]


def asking(*messages: dict[str, Any], reply: Message | None = None) -> Exchange:
    body = {
        "model": "m",
        "max_tokens": 9,
        "system": "You are terse.",
        "tools": [{"name": "Read", "description": "Reads.", "input_schema": {"type": "object"}}],
        "messages": messages,
    }
    sent = Message("POST /v1/messages", (), [orjson.dumps(body)])
    return Exchange(sent, client_reply=reply or Message("200"))


def frames(*blocks: tuple[dict[str, Any], Sequence[dict[str, Any]]]) -> Iterator[bytes]:
    """Write a stream of Claude's, event by event."""
    start = {"id": "m", "type": "message", "role": "assistant", "content": [], "usage": {}}
    yield frame({"type": "message_start", "message": start})
    for index, (block, deltas) in enumerate(blocks):
        yield frame({"type": "content_block_start", "index": index, "content_block": block})
        for delta in deltas:
            yield frame({"type": "content_block_delta", "index": index, "delta": delta})
        yield frame({"type": "content_block_stop", "index": index})
    yield frame({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {}})
    yield frame({"type": "message_stop"})


def frame(event: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), orjson.dumps(event))


def thinking(*pieces: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces]
    return {"type": "thinking", "thinking": "", "signature": ""}, deltas


def text(*pieces: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return {"type": "text", "text": ""}, [{"type": "text_delta", "text": one} for one in pieces]


def writing(*pieces: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    block = {"type": "tool_use", "id": "t2", "name": "Write", "input": {}}
    return block, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


REPLY = list(
    frames(
        thinking("I ", "wonder."),
        text("Let me", " write."),
        writing('{"file_path": "/b.py", "con', 'tent": "x = 1\\ny', ' = 2"}'),
    )
)


def live_call(**facts: Any) -> Call:
    facts = {"phase": Phase.STREAMING, "duration": None, "operation": "generate"} | facts
    return made_call(7, **facts)


def ended_call(**facts: Any) -> Call:
    return made_call(7, **({"operation": "generate"} | facts))


def below(node: Node) -> Sequence[Node]:
    return node.children() if callable(node.children) else node.children


def seen(nodes: Iterable[Node], depth: int = 0) -> Iterator[str]:
    """Give the lines that are seen at first."""
    for node in nodes:
        yield "  " * depth + node.line.text
        if node.can_open and node.open:
            yield from seen(below(node), depth + 1)


def everything(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if node.can_open:
            yield from everything(below(node))


def full(node: Node) -> str:
    if node.text is None:
        return node.line.text
    return node.text() if callable(node.text) else node.text


def named(nodes: Iterable[Node], label: str) -> Node:
    return next(node for node in nodes if node.line.text.startswith(label))


def test_what_is_new_is_unfolded_and_what_is_old_is_folded() -> None:
    before = asking(*HISTORY[:1])
    after = asking(*HISTORY, reply=Message("200", (), REPLY))
    subject = Subject(ended_call(), after, made_call(6, operation="generate"), before)
    lines = list(seen(ConversationSheet().draw(subject)))
    assert lines == [
        "system  14 characters",
        "tools  1",
        "1 earlier message",
        "-- new in this call, since call #6 --",
        "thinking  Hm.",
        "Read  file_path: /a.py",
        "result of Read",
        *(f"  line {number}" for number in range(12)),
        "  … 38 more lines",
        "-- reply --",
        "thinking  I wonder.",
        "assistant  Let me write.",
        "Write  file_path: /b.py",
        "  content",
        "    x = 1",
        "    y = 2",
        "end  tool_use",
    ]


def test_nothing_is_lost_where_lines_are_folded() -> None:
    nodes = ConversationSheet().draw(Subject(ended_call(), asking(*HISTORY)))
    result = named(nodes, "result of Read")
    assert full(result) == LINES
    shown = [node.line.text for node in everything(below(result))]
    assert [line for line in shown if "more" not in line] == LINES.split("\n")
    assert "Reads." in full(named(nodes, "tools"))
    assert [node.line.text for node in below(named(nodes, "tools"))] == ["Read  Reads."]
    reminder = named(nodes, "system-reminder")
    assert not reminder.open
    assert (reminder.summary, full(reminder)) == ("", "Be kind.")


def test_a_call_grows_line_by_line_under_the_same_keys() -> None:
    sheet, call, reply = ConversationSheet(), live_call(phase=Phase.WAITING), Message("200")
    subject = Subject(call, asking(*HISTORY[:1], reply=reply))
    first = sheet.draw(subject)
    assert first[-1].line.text.startswith("waiting for the first byte…")
    call.phase = Phase.STREAMING
    ends, before = [], first
    for chunk in REPLY:
        reply.keep(chunk)
        nodes = sheet.draw(subject)
        assert all(one is other for one, other in zip(nodes, first[:-2], strict=False))
        assert [node.key for node in nodes[: len(before) - 1]] == [n.key for n in before[:-1]]
        ends.append(nodes[-1].line.text.partition("…")[0])
        before = nodes
    assert list(dict.fromkeys(ends)) == [
        "waiting for more",
        "thinking",
        "writing",
        "arguments of Write",
    ]
    call.phase = Phase.DONE
    assert sheet.draw(subject)[-1].line.text == "end  tool_use"


def test_arguments_appear_as_they_are_written() -> None:
    reply = Message("200", (), REPLY[:-4])
    nodes = ConversationSheet().draw(Subject(live_call(), asking(*HISTORY[:1], reply=reply)))
    lines = list(seen(nodes))
    assert lines[-5:-1] == ["Write …  file_path: /b.py", "  content …", "    x = 1", "    y"]
    assert lines[-1].startswith("arguments of Write…")


def test_the_end_of_what_is_long_is_seen_while_it_grows() -> None:
    said = "\n".join(f"step {number}" for number in range(300))
    reply = Message("200", (), list(frames(text(said)))[:3])
    subject = Subject(live_call(), asking(*HISTORY[:1], reply=reply))
    lines = list(seen(ConversationSheet().draw(subject)))
    assert lines[-2] == "  step 299"
    assert "  … 100 lines before" in lines


def test_another_attempt_begins_anew() -> None:
    sheet, call = ConversationSheet(), live_call(provider="p", upstream_protocol="claude")
    exchange = asking(*HISTORY[:1])
    exchange.upstream_reply = Message("200 OK", (), list(frames(text("First.")))[:3])
    assert "assistant …  First." in list(seen(sheet.draw(Subject(call, exchange))))
    exchange.upstream_reply = Message("200 OK", (), list(frames(text("Second.")))[:3])
    call.attempts = [Attempt("a", 0.0), Attempt("b", 1.0)]
    lines = list(seen(sheet.draw(Subject(call, exchange))))
    assert "assistant …  Second." in lines
    assert "assistant …  First." not in lines
    assert "-- reply, as the upstream sends it --" in lines
    assert "attempt 2" in lines[-1]


def test_what_the_client_sees_goes_before_what_the_upstream_says() -> None:
    exchange = asking(*HISTORY[:1], reply=Message("200", (), REPLY))
    exchange.upstream_reply = Message("200", (), list(frames(text("<tool>in words</tool>"))))
    lines = list(seen(ConversationSheet().draw(Subject(ended_call(), exchange))))
    assert "Write  file_path: /b.py" in lines
    assert not any("in words" in line for line in lines)


@pytest.mark.parametrize(
    ("reply", "facts", "end"),
    [
        (Message("529", (), [b'{"error": {"message": "Overloaded."}}']), {}, "error  Overloaded."),
        (Message(), {"error": "no candidate"}, "no reply  no candidate"),
        (
            Message("200", (), REPLY[:4]),
            {"error": "the client went away"},
            "broken off  the client",
        ),
        (Message("200", (), [b"a page"]), {}, "no reply  none was sent"),
    ],
)
def test_how_a_reply_ends(reply: Message, facts: dict[str, Any], end: str) -> None:
    subject = Subject(ended_call(**facts), asking(*HISTORY[:1], reply=reply))
    last = ConversationSheet().draw(subject)[-1]
    assert last.line.text.startswith(end)
    assert last.line.tone == "bad"


@pytest.mark.parametrize("phase", [Phase.CANCELLED, Phase.FAILED])
@pytest.mark.parametrize("until", [4, 8, -4])
def test_of_a_reply_that_was_broken_off_nothing_more_is_to_come(phase: Phase, until: int) -> None:
    sheet, call, reply = ConversationSheet(), live_call(), Message("200", (), REPLY[:until])
    subject = Subject(call, asking(*HISTORY[:1], reply=reply))
    assert any(" …" in line for line in seen(sheet.draw(subject)))
    call.phase, call.duration = phase, 1.0
    assert not any("…" in line for line in seen(sheet.draw(subject)))


def test_a_reply_that_is_none_is_shown_as_it_is() -> None:
    page = Message("200", (), [b"<html>\nBad gateway\n</html>"])
    nodes = ConversationSheet().draw(Subject(ended_call(), asking(*HISTORY[:1], reply=page)))
    assert nodes[-1].line.tone == "bad"
    assert full(named(nodes, "body of the reply")) == "<html>\nBad gateway\n</html>"


def test_a_count_and_an_embedding_are_shown_as_they_are() -> None:
    counted = Message("200", (), [b'{"input_tokens": 12}'])
    subject = Subject(made_call(7, operation="count tokens"), asking(*HISTORY[:1], reply=counted))
    assert any('"input_tokens": 12' in full(n) for n in ConversationSheet().draw(subject))
    embedded = Exchange(Message("POST", (), [b'{"input": "a text", "model": "m"}']))
    subject = Subject(made_call(7, operation="embed", protocol="openai"), embedded)
    lines = [full(node) for node in ConversationSheet().draw(subject)]
    assert '"input": "a text"' in lines[0] or "a text" in lines[0]


def test_keys_are_unique_among_siblings() -> None:
    odd = {"type": "tool_use", "id": "x", "name": "X", "input": {"more": "a\nb", "before": "c\nd"}}
    nodes = ConversationSheet().draw(
        Subject(ended_call(), asking({"role": "assistant", "content": [odd]}, *HISTORY))
    )
    levels = [nodes, *(below(node) for node in everything(nodes) if node.can_open)]
    for level in levels:
        assert len({node.key for node in level}) == len(level)


# --- whatever comes -----------------------------------------------------------------------------


def draw_all(protocol: str, exchange: Exchange) -> None:
    """Draw a call while it runs and after its end, with everything unfolded and written out."""
    call = live_call(protocol=protocol, upstream_protocol=protocol)
    sheet = ConversationSheet()
    for phase in (Phase.STREAMING, Phase.DONE):
        call.phase = phase
        nodes = sheet.draw(Subject(call, exchange, call, exchange))
        for node in islice(everything(nodes), 2_000):
            assert isinstance(full(node), str)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_spoiled_messages_are_drawn(protocol: str) -> None:
    form = b"data: %b\n\n" if PROTOCOLS[protocol].framing == "sse" else b"%b\n"
    for body in islice(spoiled(REQUESTS[protocol]), 0, None, 7):
        sent = orjson.dumps(body)
        draw_all(protocol, Exchange(Message("POST", (), [sent])))
    for body in islice(spoiled(REPLIES[protocol][0]), 0, None, 7):
        draw_all(protocol, Exchange(client_reply=Message("200", (), [orjson.dumps(body)])))
    for stream in islice(spoiled(EVENTS[protocol]), 0, None, 7):
        pieces = [form % orjson.dumps(event) for event in stream]
        draw_all(protocol, Exchange(client_reply=Message("200", (), pieces)))


HOSTILE = (
    b"",
    b"\xff\xfe\x00",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b'{"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "\\ud83d"}]}',
    b'data: {"type": "content_block_delta"',
    b"data: " + b'{"a":' * 5_000 + b"\n\n",
    b"<html><body>Bad gateway</body></html>",
    orjson.dumps({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "x" * 300_000}]}),
    orjson.dumps(
        {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "<a-b>" * 30_000}]}
    ),
    orjson.dumps(
        {"model": "m", "max_tokens": 1, "messages": [{"role": "\x1b[2J", "content": "\x1b]52;c;\x07"}]}
    ),
)  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_hostile_messages_are_drawn(protocol: str) -> None:
    for body in HOSTILE:
        cut = [body[at : at + 4096] for at in range(0, len(body), 4096)]
        draw_all(protocol, Exchange(Message("POST", (), cut), client_reply=Message("200", (), cut)))


@given(
    st.sampled_from(list(PROTOCOLS)),
    st.integers(0, 2_000),
    st.integers(1, 9),
    st.binary(max_size=9),
)
@settings(max_examples=60, deadline=None)
def test_torn_messages_are_drawn(protocol: str, at: int, size: int, junk: bytes) -> None:
    body = orjson.dumps(REQUESTS[protocol])
    torn = body[:at] + junk + body[at:] if at % 2 else body[:at]
    stream = b"".join(REPLY)
    stream = stream[:at] + junk + stream[at + 1 :]
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    draw_all(
        protocol, Exchange(Message("POST", (), [torn]), client_reply=Message("200", (), pieces))
    )


def test_a_long_session_is_ready_at_once_and_costs_nothing_to_draw_again() -> None:
    history = [
        {"role": "user" if at % 2 else "assistant", "content": f"{at}\n" + "some words\n" * 150}
        for at in range(120)
    ]
    before, after = asking(*history[:-2]), asking(*history, reply=Message("200", (), REPLY[:-4]))
    assert len(after.client_request.body) > 190_000
    sheet = ConversationSheet()
    subject = Subject(live_call(), after, made_call(6, operation="generate"), before)
    began = time.perf_counter()
    nodes = sheet.draw(subject)
    list(seen(nodes))
    assert time.perf_counter() - began < 0.15
    began = time.perf_counter()
    for _ in range(20):
        sheet.draw(subject)
    assert (time.perf_counter() - began) / 20 < 0.005


async def test_a_running_reply_is_followed_and_what_is_folded_stays_folded(parts: Fake) -> None:
    reply = Message("200", (), REPLY[:4])
    call = live_call(exchange=asking(*HISTORY, reply=reply))
    async with parts.run((80, 24)) as pilot:
        parts.tell(call)
        await wait_for(pilot, "1 call")
        await pilot.press("enter", "right_square_bracket")
        shown = await wait_for(pilot, "thinking…")
        assert "system" not in shown
        await pilot.press("g", *"jjjjjj", "h")
        reply.chunks += REPLY[4:-5]
        parts.tell(call)
        await wait_for(pilot, "assistant  Let me write.")
        await pilot.press("G")
        shown = await wait_for(pilot, "arguments of Write…")
        assert "▸ result of Read  line 0 line 1" in shown
        assert "    x = 1" not in shown
        reply.chunks += REPLY[-5:-3]
        parts.tell(call)
        await wait_for(pilot, "    x = 1")
