"""The inspector: a call's facts and its four messages."""

import time

import orjson
import pytest

from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.tui.bodies import SHOWN_BYTES, body_lines, message_text
from ccproxy_tui.tui.facts import overview
from ccproxy_tui.tui.widgets.cells import width_of
from ccproxy_tui.tui.widgets.lines import Line, wrap
from tests.tui.fake import Fake, made_call, made_exchange
from tests.tui.screen_text import region_text, screen_text, type_text, wait_for

NARROW = (80, 24)


async def test_enter_shows_a_call_and_tabs_show_its_messages(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(7, exchange=made_exchange()))
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        shown = await wait_for(pilot, "6 Inspect · #7")
        assert "group qwen → alias claude-sonnet-* → local/qwen3-coder (openai," in shown
        assert "in 2,000 (cached 800, 40%) · out 340" in shown
        assert "prompt added (9 characters)" in shown
        await pilot.press("right_square_bracket")
        shown = await wait_for(pilot, "POST /qwen/v1/messages")
        assert '"model": "claude-sonnet-4-5"' in shown
        await pilot.press("right_square_bracket")
        await wait_for(pilot, "POST http://127.0.0.1:8080/v1/chat/completions")
        await pilot.press("right_square_bracket")
        await wait_for(pilot, "data: [DONE]")
        await pilot.press("right_square_bracket")
        await wait_for(pilot, 'data: {"text":"Hello there."}')
        await pilot.press("right_square_bracket")
        await wait_for(pilot, "stopped by end_turn")
        await pilot.press("left_square_bracket")
        await wait_for(pilot, "event: message_stop")
        await pilot.press("escape")
        assert parts.app.main.focused is parts.app.main.log_pane.rows


async def test_pretty_shows_what_raw_hides_and_raw_what_was_sent_and_is_copied(
    parts: Fake, clipboard: list[str]
) -> None:
    exchange = made_exchange()
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, exchange=exchange))
        await wait_for(pilot, "1 call")
        await pilot.press("enter", "right_square_bracket")
        shown = await wait_for(pilot, "You are terse.")
        assert "Never explain." in shown
        assert "terse.\\nNever" not in shown
        await pilot.press("p")
        await wait_for(pilot, "terse.\\nNever")
        await pilot.press("y")
        await wait_for(pilot, "the text: copied")
        assert clipboard == [exchange.client_request.body.decode()]


async def test_messages_that_the_journal_has_are_asked_for(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.records.exchanges[3] = made_exchange("from the journal")
        parts.tell(made_call(3))
        await wait_for(pilot, "1 call")
        await pilot.press("enter", "left_square_bracket")
        await wait_for(pilot, "from the journal")
        assert parts.records.asked == [3]


async def test_of_messages_that_there_are_not_it_says_why(parts: Fake) -> None:
    refused = Exchange(client_request=Message("POST /v1/messages", (), [b"{}"]))
    call = made_call(5, exchange=refused, phase=Phase.WAITING, status=0, duration=None)
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(4))
        await wait_for(pilot, "1 call")
        await pilot.press("enter", "right_square_bracket")
        await wait_for(pilot, "were not kept")
        await pilot.press("escape")
        parts.tell(call)
        await wait_for(pilot, "2 calls")
        await pilot.press("enter", "right_square_bracket")
        await wait_for(pilot, "Nothing yet.")
        call.phase, call.status, call.duration = Phase.FAILED, 401, 0.1
        await wait_for(pilot, "No request went upstream.")
        await pilot.press("right_square_bracket")
        await wait_for(pilot, "No reply came.")


async def test_a_running_call_grows_while_it_is_looked_at(parts: Fake) -> None:
    exchange = made_exchange()
    call = made_call(
        1, phase=Phase.STREAMING, started_at=time.time(), duration=None, exchange=exchange, ttft=None,
        tokens=Tokens(),
    )  # fmt: skip
    async with parts.run(NARROW) as pilot:
        parts.tell(call)
        await wait_for(pilot, "1 call")
        await pilot.press("enter")
        await wait_for(pilot, "running for 1.")
        await pilot.press("left_square_bracket")
        await wait_for(pilot, "Hello there.")
        exchange.client_reply.chunks.append(b"event: late\n\n")
        await wait_for(pilot, "event: late")
        call.phase, call.duration, call.exchange = Phase.DONE, 2.5, None
        parts.tell(call)
        await pilot.press("right_square_bracket")
        await wait_for(pilot, "over after 2.5s")
        await pilot.press("left_square_bracket")
        await wait_for(pilot, "event: late")


async def test_wide_the_inspector_follows_the_cursor_once_it_is_open(parts: Fake) -> None:
    async with parts.run((100, 30)) as pilot:
        parts.tell(made_call(1), made_call(2), made_call(3))
        await wait_for(pilot, "3 calls")
        await pilot.press("k")
        assert "enter on a call" in region_text(parts.app, "#inspect")
        await pilot.press("enter")
        await wait_for(pilot, "6 Inspect · #2")
        await pilot.press("escape", "k")
        await wait_for(pilot, "6 Inspect · #1")
        parts.tell(made_call(4))
        await wait_for(pilot, "4 calls")
        assert "6 Inspect · #1" in screen_text(parts.app)


async def test_finding_in_a_text(parts: Fake) -> None:
    lines = "\n".join(
        f"line {number}" + (" needle" if number % 50 == 0 else "") for number in range(200)
    )
    exchange = Exchange(client_request=Message("POST /x", (), [lines.encode()]))
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, exchange=exchange))
        await wait_for(pilot, "1 call")
        await pilot.press("enter", "right_square_bracket")
        await wait_for(pilot, "POST /x")
        await pilot.press("slash")
        await type_text(pilot, "NEEDLE")
        await wait_for(pilot, "1 of 4 lines")
        await pilot.press("enter", "n")
        await wait_for(pilot, "2 of 4 lines")
        assert "line 50 needle" in screen_text(parts.app)
        await pilot.press("N", "N")
        await wait_for(pilot, "4 of 4 lines")
        assert "line 150 needle" in screen_text(parts.app)
        await pilot.press("g")
        await wait_for(pilot, "POST /x")
        await pilot.press("escape", "G")
        await wait_for(pilot, "line 199")


async def test_opening_in_the_users_pager(parts: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, str]] = []

    async def view(_app: object, text: str, suffix: str) -> None:
        opened.append((text, suffix))

    monkeypatch.setattr("ccproxy_tui.tui.screens.main.view_text", view)
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, exchange=made_exchange()))
        await wait_for(pilot, "1 call")
        await pilot.press("enter", "right_square_bracket", "o")
        await pilot.pause()
    assert opened[0][0].startswith("POST /qwen/v1/messages\ncontent-type: application/json\n")
    assert '"messages": [' in opened[0][0]


def test_json_is_laid_out_and_its_line_breaks_shown() -> None:
    body = orjson.dumps({"a": "one\ntwo \\n three", "b": ["x"]})
    assert [line.text for line in body_lines(body, pretty=True)] == [
        "{",
        '  "a": "one',
        '    two \\\\n three",',
        '  "b": [',
        '    "x"',
        "  ]",
        "}",
    ]
    assert [line.text for line in body_lines(body, pretty=False)] == [body.decode()]


@pytest.mark.parametrize(
    "body", [b"{broken", b"\xff\xfe\x00", b"[1,2", b"event: x\r\ndata: y\r\n\r\n"]
)
def test_what_is_no_json_is_shown_as_it_is(body: bytes) -> None:
    lines = body_lines(body, pretty=True)
    assert [line.text for line in lines] == body.decode("utf-8", "replace").splitlines()


def test_a_huge_body_is_cut_on_the_screen_only() -> None:
    body = b"x" * (SHOWN_BYTES + 2_000)
    lines = body_lines(body, pretty=True)
    assert "2.0kB more" in lines[-1].text
    assert len(message_text(Message("", (), [body]), pretty=True)) > SHOWN_BYTES + 1_999


def test_an_overview_leaves_out_what_is_not_known() -> None:
    call = made_call(
        1, group="", alias="", provider="", model="", session="", status=401, phase=Phase.FAILED,
        tokens=Tokens(), error="no such key", notes=[], ttft=None, key="", attempts=[],
    )  # fmt: skip
    labels = [line.text.split()[0] for line in overview(call, None)]
    assert labels == ["call", "state", "error", "client", "asked", "time"]


def test_tokens_are_said_when_they_are_known() -> None:
    def tokens_of(call: Call) -> list[str]:
        lines = [line.text for line in overview(call, None)]
        return [text[12:] for text in lines if text.startswith("tokens")]

    live = made_call(1, phase=Phase.STREAMING, duration=None, tokens=Tokens(), output_so_far=50)
    live.started_at, live.ttft = time.time() - 10, 0.0
    assert tokens_of(live) == ["out 50 · 5 tok/s"]
    live.phase, live.duration = Phase.CANCELLED, 10.0
    assert tokens_of(live) == []
    counted = made_call(2, operation="count tokens", tokens=Tokens(7000, output=3, estimated=True))
    assert tokens_of(counted) == ["7,000 counted · estimated"]


def test_lines_wrap_at_words_and_keep_their_indent() -> None:
    wrapped = wrap([Line("  one two three four", "muted")], 12)
    assert [line.text for line in wrapped] == ["  one two", "    three", "    four"]
    assert {line.tone for line in wrapped} == {"muted"}
    for line in wrap([Line("日本語" * 20), Line("x" * 100)], 11):
        assert width_of(line.text) <= 11
    joined = "".join(line.text.strip() for line in wrap([Line("日本語" * 20)], 11))
    assert joined == "日本語" * 20
