"""The inspector's tabs Overview, Raw and Context, as outlines."""

import time
from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest

from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.tui.bars import cells, share_bar
from ccproxy_tui.tui.facts import facts, facts_text
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.sheets.cache import CacheSheet
from ccproxy_tui.tui.sheets.changes import ChangesSheet
from ccproxy_tui.tui.sheets.context import ContextSheet
from ccproxy_tui.tui.sheets.conversation import ConversationSheet
from ccproxy_tui.tui.sheets.overview import OverviewSheet
from ccproxy_tui.tui.sheets.raw import RawSheet
from ccproxy_tui.tui.sheets.sheet import Sheet, Subject
from ccproxy_tui.tui.widgets.cells import width_of
from ccproxy_tui.tui.widgets.lines import Line, wrap
from tests.tui.fake import made_call, made_exchange

STREAM = (("content-type", "text/event-stream"),)


def below(node: Node) -> Sequence[Node]:
    return node.children() if callable(node.children) else node.children


def find(nodes: Sequence[Node], *starts: str) -> Node:
    """Return the node that one comes to by the starts of lines."""
    first, *rest = starts
    node = next(node for node in nodes if node.line.text.lstrip().startswith(first))
    return find(below(node), *rest) if rest else node


def lines(nodes: Sequence[Node]) -> list[str]:
    return [node.line.text for node in nodes]


def full(node: Node) -> str:
    return node.text() if callable(node.text) else node.text or node.line.text


# --- Overview -----------------------------------------------------------------------------------


def time_lines(call: Call, width: int = 52) -> list[str]:
    nodes = OverviewSheet().draw(Subject(call, None, width=width))
    return find(nodes, "time").line.text[12:].split("\n")


def test_the_time_of_a_call_is_a_bar_of_its_parts() -> None:
    attempt = Attempt("a/b", 1.0, 9.0, 200, Outcome.SUCCESS, connected=1.0, first_byte=4.0)
    bar, legend, _ = time_lines(made_call(1, attempts=[attempt], duration=10.0))
    assert bar == "░" * 4 + "▒" * 4 + "▓" * 12 + "█" * 20
    assert legend == "░ queue 1.0s  ▒ connect 1.0s  ▓ first byte 3.0s  █ stream 5.0s"


def test_the_bar_of_a_running_call_grows() -> None:
    attempt = Attempt("a/b", 0.0, connected=0.5)
    call = made_call(1, attempts=[attempt], duration=None, phase=Phase.WAITING, ttft=None)
    call.started_at = time.time() - 2.5
    bar, legend, _ = time_lines(call)
    assert bar.rstrip() == "▒" * 4 + "▓" * 16
    assert legend == "▒ connect 0.50s  ▓ first byte 2.0s"
    held = made_call(2, attempts=[], duration=None, phase=Phase.HELD)
    held.started_at = time.time() - 9.9
    assert time_lines(held)[0].rstrip() in ("░" * 39, "░" * 40)


def test_several_attempts_have_a_bar_each_at_its_own_time() -> None:
    call = made_call(
        1,
        duration=10.0,
        attempts=[
            Attempt("a/b", 0.0, 2.5, 429, Outcome.THROTTLE, "slow down", 0.0, 2.5),
            Attempt("c/d", 5.0, 5.0, 200, Outcome.SUCCESS, "", 0.0, 2.5),
        ],
    )
    nodes = OverviewSheet().draw(Subject(call, None, width=52))
    first = find(nodes, "attempts")
    second = nodes[nodes.index(first) + 1]
    assert first.line.tone == "bad"
    text, bar, _ = first.line.text[12:].split("\n")
    assert text.startswith("1. a/b · 429 throttle · slow down")
    assert bar == "▓" * 10
    text, bar, legend = second.line.text[12:].split("\n")
    assert text.startswith("2. c/d · 200 success")
    assert bar == " " * 20 + "▓" * 10 + "█" * 10
    assert legend == "▓ first byte 2.5s  █ stream 2.5s"


def test_an_overview_leaves_out_what_is_not_known() -> None:
    call = made_call(
        1, group="", alias="", provider="", model="", session="", status=401, phase=Phase.FAILED,
        tokens=Tokens(), error="no such key", notes=[], ttft=None, key="", attempts=[],
    )  # fmt: skip
    labels = [fact.label for fact in facts(call, None)]
    assert labels == ["call", "state", "error", "client", "asked for", "time"]


def test_an_overview_tells_what_is_known() -> None:
    call = made_call(
        2, window=200_000, tokens=Tokens(81_000, output=10), tools=("Bash", "Read"), replay_of=1,
        agent="a7", parent_agent="main", marked=True, remark="odd", why=("It is the only one.",),
        notes=["prompt added", "temperature left out"],
    )  # fmt: skip
    nodes = OverviewSheet().draw(Subject(call, None))
    said = lines(nodes)
    assert "context     ████████░░░░░░░░░░░░ in 81k of 200k, 40%" in said
    assert "called      Bash, Read" in said
    assert "agent       sub-agent a7, started by main" in said
    assert "replay of   #1" in said
    assert "marked      odd" in said
    assert said[-2:] == ["changed     prompt added", "            temperature left out"]
    assert lines(below(find(nodes, "routed"))) == ["It is the only one."]
    assert full(nodes[0]) == facts_text(call)


def test_tokens_are_said_when_they_are_known() -> None:
    def tokens_of(call: Call) -> list[str]:
        return [fact.text for fact in facts(call, None) if fact.label == "tokens"]

    live = made_call(1, phase=Phase.STREAMING, duration=None, tokens=Tokens(), output_so_far=50)
    live.started_at, live.ttft = time.time() - 10, 0.0
    assert tokens_of(live) == ["out 50 · 5 tok/s"]
    live.phase, live.duration = Phase.CANCELLED, 10.0
    assert tokens_of(live) == []
    counted = made_call(2, operation="count tokens", tokens=Tokens(7000, output=3, estimated=True))
    assert tokens_of(counted) == ["7,000 counted · estimated"]


@pytest.mark.parametrize("parts", [[1, 1, 1], [0.001, 5, 0], [3, 0.0001, 0.0001, 900], [0, 0]])
def test_cells_are_shared_out_completely(parts: list[float]) -> None:
    given = cells(parts, 10)
    assert sum(given) == (10 if sum(parts) else 0)
    for part, count in zip(parts, given, strict=True):
        assert (count > 0) == (part > 0)


def test_a_share_is_never_drawn_as_nothing_nor_beyond_the_whole() -> None:
    assert share_bar(1, 1000, 4) == "█░░░"
    assert share_bar(0, 1000, 4) == "░░░░"
    assert share_bar(3000, 1000, 4) == "████"


# --- Raw ----------------------------------------------------------------------------------------


def raw(exchange: Exchange, *, as_text: bool = False, **call: object) -> Sequence[Node]:
    sheet = RawSheet()
    sheet.as_text = as_text
    return sheet.draw(Subject(made_call(1, **call), exchange))


def test_json_is_a_tree_with_counts() -> None:
    body = {
        "model": "m",
        "none": None,
        "empty": [],
        "messages": [{"role": "user", "content": [1, 2]}] * 3,
        "text": "one\ntwo \\n three",
    }
    request = find(raw(Exchange(Message("POST /x", (), [orjson.dumps(body)]))), "Client's request")
    assert lines(below(request)) == [
        'model: "m"',
        "none: null",
        "empty: []",
        "messages: [3]",
        'text: "one…',
    ]
    messages = find(below(request), "messages")
    assert messages.summary == "user  user  user"
    assert lines(below(messages))[0] == "[0] user: {2}"
    assert lines(below(find(below(messages), "[0]"))) == ['role: "user"', "content: [2]"]
    text = find(below(request), "text")
    assert lines(below(text)) == ["one", "two \\n three"]
    assert full(text) == "one\ntwo \\n three"
    assert orjson.loads(full(messages)) == body["messages"]


def test_headers_are_below_their_head() -> None:
    request = find(raw(made_exchange()), "Client's request")
    headers = find(below(request), "headers: 2")
    assert lines(below(headers)) == [
        "content-type: application/json",
        "authorization: Bearer cs-A1…x9Yx",
    ]
    assert full(request).startswith("POST /qwen/v1/messages\ncontent-type: application/json\n")


def test_events_have_their_times_and_pauses() -> None:
    frames = [
        b'event: message_start\ndata: {"type":"message_start","message":{"model":"m"}}\n\n',
        b'event: delta\ndata: {"type":"delta","delta":{"type":"text_delta","text":"Hi"}}\n\n',
        b'data: {"choices":[{"index":0,"delta":{"content":"there"}}]}\n\ndata: [DONE]\n\n',
    ]
    reply = Message("200 OK", STREAM, frames, times=[0.414, 0.5, 1.75])
    nodes = raw(Exchange(client_reply=reply))
    events = find(nodes, "Reply to the client", "events: 4")
    assert [(node.line.text, node.summary) for node in below(events)] == [
        ("+0.41s   message_start", ""),
        ("+0.50s   delta", 'text: "Hi"'),
        ("+1.75s     (1.2s after the one before)", 'content: "there"'),
        ("+1.75s   ", "[DONE]"),
    ]
    second = below(events)[1]
    assert lines(below(second)) == ['type: "delta"', "delta: {2}"]
    assert not below(events)[3].can_open
    assert full(events) == b"".join(frames).decode()


def test_events_that_come_are_added_to_those_that_are_there() -> None:
    sheet = RawSheet()
    reply = Message("200 OK", STREAM, [b"data: 1\n\n"])
    subject = Subject(made_call(1, phase=Phase.STREAMING), Exchange(client_reply=reply))
    first = find(sheet.draw(subject), "Reply to the client", "events: 1")
    reply.chunks.append(b"data: 2\n\n")
    second = find(sheet.draw(subject), "Reply to the client", "events: 2")
    assert (len(below(first)), len(below(second))) == (1, 2)
    assert below(second)[0] is below(first)[0]


@pytest.mark.parametrize("body", [b"{broken", b"\xff\xfe\x00", b"[1,2", b"one\r\ntwo"])
@pytest.mark.parametrize("as_text", [True, False])
def test_what_is_no_json_is_shown_as_it_is(body: bytes, as_text: bool) -> None:
    nodes = raw(Exchange(Message("POST /x", (), [body])), as_text=as_text)
    shown = lines(below(find(nodes, "Client's request")))
    assert shown == body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")


def test_as_text_a_stream_is_what_was_sent() -> None:
    nodes = raw(made_exchange(), as_text=True)
    shown = lines(below(find(nodes, "Reply to the client")))
    assert shown[1:3] == ["event: message_start", 'data: {"type":"message_start"}']


def test_a_huge_body_is_cut_on_the_screen_only() -> None:
    for body in (b"x" * 102_000, orjson.dumps(list(range(3_000)))):
        more = below(find(raw(Exchange(Message("", STREAM[:0], [body]))), "Client's request"))[-1]
        assert "2,000" in more.line.text
        assert "more: o opens all of it, y copies it" in more.line.text
        assert len(full(more)) >= len(body)


def test_what_nests_deeply_is_no_harm() -> None:
    body = b'{"a":' * 900 + b"1" + b"}" * 900
    node = find(raw(Exchange(Message("POST /x", (), [body]))), "Client's request")
    for _ in range(900):
        node = below(node)[-1]
    assert node.line.text == "a: 1"
    assert find(
        raw(Exchange(Message("POST /x", (), [b"[" * 100_000]))), "Client's request"
    ).can_open


# --- Context ------------------------------------------------------------------------------------

REQUEST = {
    "model": "m",
    "max_tokens": 10,
    "system": "word " * 900,
    "tools": [{"name": "Bash", "description": "runs", "input_schema": {"type": "object"}}],
    "messages": [{"role": "user", "content": "hello"}],
}
CONTEXT_CALL = made_call(
    1, operation="generate", upstream_protocol="claude", window=10_000, tokens=Tokens(1800)
)


def context(call: Call) -> Sequence[Node]:
    message = Message("POST /v1/messages", (), [orjson.dumps(REQUEST)])
    return ContextSheet().draw(Subject(call, Exchange(message, message)))


def test_context_says_what_fills_the_window_and_what_is_left() -> None:
    nodes = context(CONTEXT_CALL)
    said = lines(nodes)
    assert said[0].startswith("1,800 tokens in ")
    assert said[0].endswith("18% of a window of 10,000 · 8,200 left")
    assert "scaled to what the upstream counted" in said[2]
    system = nodes[5]
    assert system.line.text.startswith("████████████ ")
    assert system.line.text.split()[1:3] == ["99%", "1.8k"]
    assert system.line.text.endswith("system prompt")
    assert [node.line.text.split("B  ")[1] for node in nodes[5:]] == [
        "system prompt",
        "tools (1)",
        "history (1 message)",
    ]
    block = below(system)[0]
    assert full(block) == "word " * 900
    assert lines(below(block)) == ["word " * 900]


def test_context_says_when_nobody_has_counted() -> None:
    for tokens in (Tokens(), Tokens(1800, estimated=True)):
        said = lines(context(replace(CONTEXT_CALL, tokens=tokens, window=None)))
        assert said[0].startswith("9")
        assert "common tokenizer" in said[1]


def test_context_of_nothing_that_can_be_read_says_so() -> None:
    def said(exchange: Exchange | None) -> str:
        return lines(ContextSheet().draw(Subject(CONTEXT_CALL, exchange)))[0]

    assert "not kept" in said(None)
    assert "cannot be read" in said(Exchange())


@pytest.mark.parametrize(
    "sheet", [RawSheet(), ContextSheet(), ConversationSheet(), ChangesSheet(), CacheSheet()]
)
def test_of_messages_that_were_not_kept_it_says_why(sheet: Sheet) -> None:
    for capture, why in (("full", "limits"), ("errors", "failed calls only"), ("off", "none")):
        *_, first, second = lines(sheet.draw(Subject(made_call(1, capture=capture), None)))
        assert first == "The messages of this call were not kept."
        assert why in second
    *_, last = lines(sheet.draw(Subject(made_call(1, phase=Phase.WAITING), None)))
    assert last == "Nothing yet."


# --- lines --------------------------------------------------------------------------------------


def test_lines_wrap_at_words_and_keep_their_indent() -> None:
    wrapped = wrap([Line("  one two three four", "muted")], 12)
    assert [line.text for line in wrapped] == ["  one two", "    three", "    four"]
    assert {line.tone for line in wrapped} == {"muted"}
    for line in wrap([Line("日本語" * 20), Line("x" * 100)], 11):
        assert width_of(line.text) <= 11
    joined = "".join(line.text.strip() for line in wrap([Line("日本語" * 20)], 11))
    assert joined == "日本語" * 20
