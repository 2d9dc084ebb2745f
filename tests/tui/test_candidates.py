"""The candidates of an alias: how they stand, live, and whom a call would go to."""

import asyncio
import time
from dataclasses import replace

import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.traffic.standing import Outlook, Standing, State
from ccproxy_tui.tui.standings import as_text, verdict
from tests.tui.fake import CONFIGURATION, Fake, made_standing, put_candidates
from tests.tui.screen_text import (
    region_text,
    screen_text,
    type_text,
    wait_for,
    wait_until_gone,
)

NARROW = (80, 24)
WIDE = (170, 40)
SONNET = "claude-sonnet-*"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccproxy_tui.tui.screens.candidates._LOOK_AGAIN", 0.05)
    monkeypatch.setattr("ccproxy_tui.tui.screens.main._LOOK_AGAIN", 0.05)


async def test_every_state_is_told_by_sign_and_word(parts: Fake) -> None:
    put_candidates(parts.candidates)
    async with parts.run(WIDE) as pilot:
        await pilot.press("2", "c")
        shown = await wait_for(pilot, "Candidates · qwen: claude-sonnet-* · weighted")
        for words in (
            "→  ● groq/llama-4-maverick key 1",
            "‖ groq/llama-4-maverick key 2         cooling 00:4",
            "✗ openrouter/qwen3-coder:free         out: 401: user not found",
            "○ local/qwen3-coder                   breaker open 00:",
            "◐ local/glm                           half-open",
            "▲ vendor/sonnet                       busy 01:1",
            "– vendor/haiku                        disabled",
            "50%   2 1.2k    3      3",
            "no images gsk_b…22Ff",
            "A call now goes to groq/llama-4-maverick key 1",
            "The strategy is weighted: it has had 50% of the calls",
        ):
            assert words in shown, words
        await pilot.press("j")
        await wait_for(pilot, "429: rate limit reached for requests per minute")
        assert "learnt of its model: no images" in screen_text(parts.app)
        await pilot.press("escape")
        await wait_until_gone(pilot, "A call now goes to")


async def test_narrow_the_number_of_the_key_is_never_cut(parts: Fake) -> None:
    put_candidates(parts.candidates)
    async with parts.run(NARROW) as pilot:
        await pilot.press("2", "c")
        shown = await wait_for(pilot, "A call now goes to")
        assert "… key 1 ready" in shown
        assert "… key 2 cooling 00:" in shown
        assert "esc Back" in shown


async def test_a_cooling_time_counts_down_and_what_changes_is_seen(parts: Fake) -> None:
    standing = made_standing("a/m", State.COOLING, until=time.time() + 90, reason="429: slow down")
    parts.candidates.put("qwen", SONNET, standing)
    async with parts.run(NARROW) as pilot:
        await pilot.press("2", "c")
        shown = await wait_for(pilot, "cooling 01:")
        assert "No candidate is available now; the first one is back in 01:" in shown
        clock = next(line for line in shown.splitlines() if "cooling 01:" in line)
        await wait_until_gone(pilot, clock)
        parts.candidates.put("qwen", SONNET, made_standing("a/m", in_flight=7), chosen="a/m")
        shown = await wait_for(pilot, "A call now goes to a/m")
        assert "→  ● a/m" in shown
        assert "cooling" not in shown


async def test_questions_do_not_pile_up(parts: Fake) -> None:
    parts.candidates.put("qwen", SONNET, made_standing("a/m"), chosen="a/m")
    async with parts.run(NARROW) as pilot:
        await pilot.press("2", "c")
        await wait_for(pilot, "A call now goes to a/m")
        parts.candidates.held = asyncio.Event()
        while parts.candidates.waiting == 0:
            await pilot.pause(0.01)
        for _ in range(10):
            await pilot.pause(0.05)
            assert parts.candidates.waiting == 1
        parts.candidates.put("qwen", SONNET, made_standing("b/m"), chosen="b/m")
        parts.candidates.held.set()
        parts.candidates.held = None
        await wait_for(pilot, "A call now goes to b/m")


async def test_reset_switch_and_probe_are_for_the_selected_one(parts: Fake) -> None:
    first = made_standing("a/m")
    out = made_standing("b/m key 2", State.OUT, reason="401: no such key")
    parts.candidates.put("qwen", SONNET, first, out, chosen="a/m")
    async with parts.run(NARROW) as pilot:
        await pilot.press("2", "c")
        await wait_for(pilot, "out: 401")
        await pilot.press("j", "t")
        await wait_for(pilot, 'b/m key 2: answered in 0.8 s: "Hello"')
        await wait_until_gone(pilot, "out: 401")
        await pilot.press("space")
        await wait_for(pilot, "b/m key 2: disabled until you enable it")
        await wait_for(pilot, "space enables it.")
        await pilot.press("space")
        await wait_for(pilot, "b/m key 2: enabled")
        await pilot.press("r")
        await wait_for(pilot, "b/m key 2: ready; the past is forgotten")
        assert parts.candidates.done == [
            ("probe", out.id), ("off", out.id), ("on", out.id), ("reset", out.id),
        ]  # fmt: skip
        parts.candidates.failure = "the proxy is stopping"
        for key in ("r", "t", "space"):
            await pilot.press(key)
            await wait_for(pilot, "b/m key 2: the proxy is stopping")
            parts.app.clear_notifications()
            await wait_until_gone(pilot, "the proxy is stopping")


async def test_a_dry_run_says_who_catches_a_model_and_whom_it_would_go_to(parts: Fake) -> None:
    parts.candidates.put("qwen", SONNET, made_standing("a/m"), chosen="a/m")
    parts.candidates.put(
        "qwen", "claude-haiku-*", made_standing("h/m"), chosen="h/m", why=("Session abc is new.",)
    )
    async with parts.run(NARROW) as pilot:
        await pilot.press("2", "c")
        await wait_for(pilot, "A call now goes to a/m")
        await pilot.press("w")
        await type_text(pilot, "claude-haiku-4-5  abc ")
        await pilot.press("enter")
        shown = await wait_for(pilot, "A call now goes to h/m")
        assert "Dry run · qwen: claude-haiku-4-5 · session abc · sticky" in shown
        assert "Session abc is new." in shown
        assert "Alias claude-haiku-* catches claude-haiku-4-5; nothing is sent." in shown
        assert ("qwen", "claude-haiku-4-5", "abc") in parts.candidates.asked
        assert not parts.candidates.done
        await pilot.press("slash")
        await pilot.press("ctrl+u")
        await type_text(pilot, "gpt-5")
        await pilot.press("enter")
        shown = await wait_for(pilot, "group qwen has no alias for gpt-5")
        assert "w asks for another model." in shown
        assert "Reset" not in shown
        await pilot.press("escape")
        await wait_for(pilot, "A call now goes to a/m")
        await pilot.press("w", "escape")
        assert "A call now goes to a/m" in screen_text(parts.app)
        await pilot.press("q")
        await wait_until_gone(pilot, "A call now goes to")


async def test_the_command_line_begins_a_dry_run_from_anywhere(parts: Fake) -> None:
    parts.candidates.put("qwen", SONNET, made_standing("a/m"), chosen="a/m")
    async with parts.run(NARROW) as pilot:
        await pilot.press("5", "colon")
        await type_text(pilot, "route")
        await wait_for(pilot, "Dry run: whom a call for a model")
        await pilot.press("enter")
        await wait_for(pilot, "a model's name, then a session's id")
        await type_text(pilot, "claude-sonnet-4-5")
        await pilot.press("enter")
        await wait_for(pilot, "Alias claude-sonnet-* catches claude-sonnet-4-5")
        await pilot.press("escape", "escape")
        await wait_until_gone(pilot, "Candidates")


async def test_a_group_without_proxies_says_what_to_do(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("1", "G")
        await wait_for(pilot, "– spare")
        await pilot.press("2")
        await wait_for(pilot, "No proxies")
        assert "Candidates" not in screen_text(parts.app)
        await pilot.press("R", "escape")
        await wait_for(pilot, "This group has no proxy yet.")
        assert not parts.candidates.asked


@pytest.mark.parametrize(
    ("standings", "words"),
    [
        ((), "Nobody answers for it: its targets, or their providers, are off"),
        ((made_standing("a/m", State.OUT),), "none comes back by itself: t probes"),
        (
            (
                made_standing("a/m", State.OUT),
                made_standing("b/m", State.COOLING, until=1042.0),
                made_standing("c/m", State.OPEN, until=1100.0),
            ),
            "the first one is back in 00:42.",
        ),
    ],
)
def test_when_nobody_is_left_it_says_what_to_do(
    standings: tuple[Standing, ...], words: str
) -> None:
    outlook = Outlook("qwen", "x", "sticky", standings)
    assert words in verdict(outlook, 1000.0)


async def test_copying_the_candidates(parts: Fake, clipboard: list[str]) -> None:
    parts.candidates.put(
        "qwen", SONNET, made_standing("a/m", share=0.25, failed=2, key="sk-a…b"), chosen="a/m",
        why=("It has its turn.",),
    )  # fmt: skip
    async with parts.run(NARROW) as pilot:
        await pilot.press("2", "c")
        await wait_for(pilot, "A call now goes to a/m")
        await pilot.press("y")
        await wait_for(pilot, "the candidates: copied")
    assert clipboard == [
        "qwen: claude-sonnet-* (sticky)\n"
        "- a/m: ready, share 25%, 0 in flight, 0 succeeded, 2 failed\n"
        "A call now goes to a/m\n"
        "  It has its turn."
    ]
    assert as_text(parts.candidates.outlooks["qwen", SONNET], 0) == clipboard[0]


async def test_plain_ascii_and_hostile_names(parts: Fake) -> None:
    settings = parts.live.value.settings.model_copy(update={"ascii": True})
    await parts.live.apply(parts.live.value.model_copy(update={"settings": settings}), "ascii")
    put_candidates(parts.candidates)
    hostile = made_standing(
        "[b]x\x1b[2J/" + "m" * 90 + " key 3", State.OUT, reason="401: [red]\n" * 9
    )
    outlook = parts.candidates.outlooks["qwen", SONNET]
    parts.candidates.outlooks["qwen", SONNET] = replace(
        outlook, standings=(*outlook.standings, hostile)
    )
    async with parts.run(NARROW) as pilot:
        await pilot.press("2", "c")
        await wait_for(pilot, "A call now goes to")
        await pilot.press("G")
        shown = await wait_for(pilot, "401: [red] 401: [red]")
        assert "key 3 out: 401" in shown
        assert "\x1b" not in shown
        dots = shown.replace("·", "")
        assert dots.isascii(), [character for character in dots if not character.isascii()]


# The pane of proxies


async def test_a_proxy_that_lacks_candidates_says_so(parts: Fake) -> None:
    parts.candidates.put("qwen", SONNET, made_standing("a/m"), made_standing("b/m"))
    parts.candidates.put("qwen", "claude-haiku-*", made_standing("a/m", State.BUSY))
    async with parts.run(WIDE) as pilot:
        await wait_for(pilot, "0 of 1 ready: local/glm")
        shown = region_text(parts.app, "#proxies")
        assert "○ claude-haiku-*" in shown
        assert "  claude-sonnet-*" in shown
        parts.candidates.put(
            "qwen", SONNET, made_standing("a/m"), made_standing("b/m", State.OPEN),
            made_standing("c/m", State.DISABLED),
        )  # fmt: skip
        await wait_for(pilot, "1 of 2 ready: ")
        assert "◐ claude-sonnet-*" in region_text(parts.app, "#proxies")
        parts.candidates.put("qwen", SONNET, made_standing("a/m"))
        await wait_until_gone(pilot, "1 of 2 ready")
        await pilot.press("1", "g")
        await wait_until_gone(pilot, "ready:")


async def test_nobody_asks_for_what_is_not_in_sight(parts: Fake) -> None:
    parts.candidates.put("qwen", SONNET, made_standing("a/m"))
    async with parts.run(NARROW) as pilot:
        await wait_for(pilot, "No calls yet.")
        await pilot.pause(0.3)
        assert not parts.candidates.asked
        await pilot.press("2")
        while not parts.candidates.asked:
            await pilot.pause(0.01)
        for key, there in (("question_mark", "Here and now"), ("5", "No calls yet.")):
            await pilot.press(key)
            await wait_for(pilot, there)
            parts.candidates.asked.clear()
            await pilot.pause(0.3)
            assert not parts.candidates.asked, key
            await pilot.press("escape")
            await wait_until_gone(pilot, "Here and now")


async def test_a_group_does_not_show_what_is_known_of_another_one(parts: Fake) -> None:
    same = CONFIGURATION.proxies[1].model_copy(update={"group": "default"})
    await parts.live.apply(edits.put_proxy(parts.live.value, same), "same alias")
    parts.candidates.put("qwen", SONNET, made_standing("a/m", State.OUT))
    async with parts.run(WIDE) as pilot:
        await wait_for(pilot, "0 of 1 ready")
        parts.candidates.held = asyncio.Event()
        await pilot.press("1", "g")
        shown = await wait_for(pilot, "2 Proxies · default")
        assert SONNET in shown
        assert "ready" not in region_text(parts.app, "#proxies")
        parts.candidates.held.set()
