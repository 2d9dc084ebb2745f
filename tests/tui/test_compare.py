"""Two calls side by side: what is better, what they said, what is different."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from ccproxy_tui.traffic.call import Exchange, Message, Phase, Tokens
from tests.inspection.recorded import claude_stream, recorded_exchange
from tests.tui.fake import CONFIGURATION, Fake, fake, made_call
from tests.tui.screen_text import screen_lines, wait_for, wait_until_gone

NARROW = (80, 24)
WIDE = (120, 40)


def two(parts: Fake, *, kept: bool = True) -> None:
    """Tell of a marked call and a quicker, dearer one."""
    if kept:
        parts.records.exchanges[1] = recorded_exchange("First line\nred\nlast line")
        parts.records.exchanges[2] = recorded_exchange(
            "First line\nblue\nlast line", asked="Say hello, please."
        )
    parts.tell(
        made_call(1, marked=True, cost=0.01, tools=("Bash", "Read")),
        made_call(2, cost=0.05, ttft=0.1, duration=1.0, provider="vendor", model="sonnet"),
    )


async def compare(pilot: Pilot[Any]) -> str:
    await wait_for(pilot, "2 calls")
    await pilot.press("G", "=")
    return await wait_for(pilot, "Compare #1 and #2")


async def test_without_a_mark_it_says_what_to_do(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1), made_call(2))
        await wait_for(pilot, "2 calls")
        await pilot.press("=")
        await wait_for(pilot, "Mark another call first: m")
        await pilot.press("m", "=")
        await wait_for(pilot, "Mark another call first: m")
        await pilot.press("k", "=")
        await wait_for(pilot, "Compare #2 and #1")


async def test_of_several_marked_calls_the_newest_other_one_counts(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(*(made_call(number, marked=number < 4) for number in range(1, 5)))
        await wait_for(pilot, "4 calls")
        await pilot.press("G", "=")
        await wait_for(pilot, "Compare #3 and #4")
        await pilot.press("=")
        await wait_until_gone(pilot, "Compare #3")
        await pilot.press("k", "=")
        await wait_for(pilot, "Compare #2 and #3")


async def test_wide_facts_and_replies_stand_side_by_side(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        two(parts)
        await compare(pilot)
        await wait_for(pilot, "blue")
        lines = [line.strip("│ ") for line in screen_lines(parts.app)]
    facts = {line.split("  ")[0]: line for line in lines}
    assert facts["duration"].split() == ["duration", "3.2s", "✓", "1.0s"]
    assert facts["cost"].split() == ["cost", "✓", "$0.0100", "$0.0500"]
    assert facts["in"].split() == ["in", "2,000", "2,000"]
    assert facts["tools called"].split() == ["tools", "called", "Bash,", "Read", "–"]
    assert any(line.split() == ["red", "│", "blue"] for line in lines)
    heads = next(line for line in lines if line.startswith("#1 local/qwen3-coder"))
    assert "│ #2 vendor/sonnet" in heads


async def test_narrow_they_stand_one_below_the_other(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        two(parts)
        await compare(pilot)
        shown = await wait_for(pilot, "local/qwen3-coder")
        assert "duration" in shown
        await pilot.press("G")
        await wait_for(pilot, "blue")
        lines = [line.strip("│ ") for line in screen_lines(parts.app)]
        assert lines.index("red") < lines.index("#2 vendor/sonnet") < lines.index("blue")


async def test_differences_of_requests_and_replies(parts: Fake, clipboard: list[str]) -> None:
    async with parts.run(NARROW) as pilot:
        two(parts)
        await compare(pilot)
        await pilot.press("l")
        shown = await wait_for(pilot, "What the clients sent")
        assert "--- #1 local/qwen3-coder" in shown
        assert "Say hello." in shown
        assert "Say hello, please." in shown
        await pilot.press("right_square_bracket")
        await wait_for(pilot, "+ blue")
        await pilot.press("y")
        await wait_for(pilot, "the comparison: copied")
        assert clipboard[0].splitlines()[:2] == ["--- #1 local/qwen3-coder", "+++ #2 vendor/sonnet"]
        assert "- red" in clipboard[0]
        await pilot.press("left_square_bracket", "left_square_bracket")
        await wait_for(pilot, "duration")


async def test_calls_without_messages_are_compared_by_their_facts(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        two(parts, kept=False)
        shown = await compare(pilot)
        shown = await wait_for(pilot, "Its messages were not kept.")
        assert "✓ 1.0s" in shown
        await pilot.press("l")
        await wait_for(pilot, "its messages were not kept.")


async def test_a_running_call_fills_its_side(parts: Fake) -> None:
    exchange = Exchange(Message("POST /v1/messages", (), [b'{"messages": []}']))
    call = made_call(2, phase=Phase.WAITING, status=0, duration=None, ttft=None, exchange=exchange,
                     tokens=Tokens(), stop_reason="")  # fmt: skip
    async with parts.run(WIDE) as pilot:
        parts.records.exchanges[1] = recorded_exchange()
        parts.tell(made_call(1, marked=True), call)
        await compare(pilot)
        await wait_for(pilot, "Nothing yet.")
        whole = Message(chunks=[claude_stream("It streams", " along.")])
        half = whole.body.index(b"event: content_block_delta", whole.body.index(b"streams"))
        exchange.client_reply.head = "200 OK"
        exchange.client_reply.chunks.append(whole.body[:half])
        call.phase = Phase.STREAMING
        await wait_for(pilot, "It streams")
        exchange.client_reply.chunks.append(whole.body[half:])
        call.phase, call.exchange, call.duration = Phase.DONE, None, 2.0
        await wait_for(pilot, "It streams along.")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_in_ascii_there_is_nothing_else(tmp_path: Path, size: tuple[int, int]) -> None:
    settings = CONFIGURATION.settings.model_copy(update={"ascii": True})
    plain = CONFIGURATION.model_copy(update={"settings": settings})
    async with fake(tmp_path, plain) as parts, parts.run(size) as pilot:
        two(parts)
        await compare(pilot)
        shown = await wait_for(pilot, "the better one")
        assert shown.isascii(), [character for character in shown if not character.isascii()]
