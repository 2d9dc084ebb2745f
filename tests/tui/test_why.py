"""Attempts, reasons and costs of a call: in the log, in the inspector, and in words."""

import time

from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.tui.attempts import why
from ccproxy_tui.tui.filters.call_filter import parse
from ccproxy_tui.tui.quantities import countdown, dollars
from tests.tui.fake import Fake, made_call
from tests.tui.screen_text import region_text, screen_text, wait_for, wait_until_gone

NARROW = (80, 24)
WIDE = (170, 40)
THROTTLED = Attempt("groq/llama key 2", 0.0, 0.3, 429, Outcome.THROTTLE, "rate limit reached")
ANSWERED = Attempt("local/qwen3-coder", 0.35, 2.85, 200, Outcome.SUCCESS)
REASONS = (
    "The session's own candidate, groq/llama key 2, is cooling for 42 s.",
    "local/qwen3-coder is the next one for this session.",
)


async def test_the_log_shows_how_many_attempts_where_that_is_not_one(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        parts.tell(made_call(1), made_call(2, attempts=[THROTTLED, ANSWERED]))
        await wait_for(pilot, "2 calls")
        head, once, twice = region_text(parts.app, "#log").splitlines()[1:4]
        end = head.index(" try ") + 4
        assert once[end - 3 : end] == "   "
        assert twice[end - 3 : end] == "  2"
        await pilot.resize_terminal(*NARROW)
        await wait_for(pilot, "1 Groups  2 Proxies")
        assert " try " not in screen_text(parts.app)


async def test_a_held_call_has_its_own_sign_and_word(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        parts.tell(made_call(1, phase=Phase.HELD, status=0, duration=None, attempts=[]))
        await wait_for(pilot, "‖ held")
        assert "●   ‖ held" in region_text(parts.app, "#log")
        await pilot.press("w")
        await wait_for(pilot, "No candidate is available; the call waits until one is back.")


async def test_the_overview_lists_each_attempt_and_the_cost(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        parts.tell(made_call(1, attempts=[THROTTLED, ANSWERED], cost=0.0123))
        await wait_for(pilot, "1 call")
        await pilot.press("enter", "z")
        await wait_for(pilot, "cost        $0.0123")
        shown = await wait_for(pilot, "2. local/qwen3-coder")
        assert "2 attempts" in shown
        assert (
            "attempts    1. groq/llama key 2 · 429 throttle · rate limit reached · "
            "began after 0.00s, took 0.30s" in shown
        )
        assert (
            "            2. local/qwen3-coder · 200 success · began after 0.35s, took 2.9s" in shown
        )


async def test_w_tells_why_in_words_and_again_while_the_call_runs(
    parts: Fake, clipboard: list[str]
) -> None:
    running = Attempt("local/qwen3-coder", 0.35)
    call = made_call(
        7, phase=Phase.WAITING, status=0, duration=None, started_at=time.time() - 9,
        attempts=[THROTTLED, running], why=REASONS,
    )  # fmt: skip
    async with parts.run(NARROW) as pilot:
        parts.tell(call)
        await wait_for(pilot, "1 call")
        await pilot.press("w")
        shown = await wait_for(pilot, "Why call #7 went there")
        assert "#7 asked for claude-sonnet-4-5; alias claude-sonnet-* of group qwen" in shown
        assert "is cooling for 42 s." in shown
        assert "1. groq/llama key 2: 429 throttle after 0.30s: rate limit reached" in shown
        line = next(line for line in shown.splitlines() if "qwen3-coder: running for" in line)
        await wait_until_gone(pilot, line)
        assert "2. local/qwen3-coder: running for" in screen_text(parts.app)
        running.status, running.outcome, running.seconds = 200, Outcome.SUCCESS, 2.85
        call.phase, call.duration = Phase.DONE, 3.2
        await wait_for(pilot, "2. local/qwen3-coder: 200 success after 2.9s")
        assert "local/qwen3-coder answered." in screen_text(parts.app)
        await pilot.press("y")
        await wait_for(pilot, "the text: copied")
        assert "\n".join(REASONS) in clipboard[0]
        await pilot.press("w")
        await wait_until_gone(pilot, "Why call #7")
        await pilot.press("enter", "w")
        await wait_for(pilot, "Why call #7 went there")
        await pilot.press("escape")
        await wait_for(pilot, "6 Inspect · #7")


def test_ends_are_said() -> None:
    def end(**facts: object) -> str:
        return why(made_call(1, **facts))[-1].text

    assert end(phase=Phase.FAILED, error="401: no such key") == "It failed: 401: no such key"
    assert end(phase=Phase.CANCELLED).startswith("The client went away")
    assert end(attempts=[]) == "Nothing was sent upstream for it."
    assert end(phase=Phase.WAITING, attempts=[THROTTLED], duration=None) == (
        "Another candidate is being chosen."
    )
    assert end(phase=Phase.STREAMING, attempts=[THROTTLED, ANSWERED], duration=None) == (
        "local/qwen3-coder answers."
    )


def test_a_reason_that_is_not_known_leaves_no_colon() -> None:
    cut = Attempt("a/m", 0.0, 1.0, 0, Outcome.TRANSPORT)
    assert "1. a/m: transport after 1.0s" in [
        line.text for line in why(made_call(1, attempts=[cut]))
    ]


def test_filters_by_attempts_cost_and_held() -> None:
    call = made_call(1, attempts=[THROTTLED, ANSWERED], cost=0.5, phase=Phase.HELD)
    for text, expected in (
        ("try:>1", True), ("try:>2", False), ("cost:>0.4", True), ("cost:>1", False),
        ("is:held", True),
    ):  # fmt: skip
        wanted = parse(text)
        assert wanted is not None
        assert wanted.matches(call) is expected, text


def test_money_and_countdowns() -> None:
    assert [dollars(value) for value in (0, 0.00001, 0.0123, 1234.5)] == [
        "$0.0000", "<$0.0001", "$0.0123", "$1,234.5000",
    ]  # fmt: skip
    assert [countdown(value) for value in (-3, 0.2, 41.6, 725, 7200)] == [
        "00:00", "00:01", "00:42", "12:05", "2:00:00",
    ]  # fmt: skip
