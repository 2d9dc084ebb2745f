"""Keys that come in one go, as over a slow line."""

import asyncio

import pytest
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from ccproxy_tui.tui.overlays import ExitReason
from tests.tui.fake import Fake, made_call
from tests.tui.screen_text import screen_text, wait_for


def burst(pilot: Pilot[ExitReason], *keys: str) -> None:
    """Let keys come at once; a text of several characters is typed unless it names a key."""
    named = {"ctrl+u", "tab", "enter", "escape", "slash", "colon", "down"}
    for key in keys:
        if key in named:
            pilot.app.post_message(Key(key, None))
            continue
        for character in key:
            pilot.app.post_message(Key(_character_to_key(character), character))


async def test_a_filter_is_typed_in_one_go(parts: Fake) -> None:
    async with parts.run((120, 40)) as pilot:
        parts.tell(made_call(1), made_call(2, group="other"))
        await wait_for(pilot, "2 calls")
        burst(pilot, "/", "group:other", "enter", "k")
        await wait_for(pilot, "1 of 2")
        burst(pilot, "/", "ctrl+u", "group:qwen", "enter")
        await wait_for(pilot, "/group:qwen")


async def test_a_command_and_what_it_opens_are_typed_in_one_go(parts: Fake) -> None:
    async with parts.run((120, 40)) as pilot:
        await pilot.press("5")
        burst(pilot, ":", "dashboard", "enter", "]")
        await wait_for(pilot, "No call in this time")
        burst(pilot, "escape", "1", "2", "a")
        await wait_for(pilot, "New proxy")


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_no_key_is_lost_or_done_twice(parts: Fake, size: tuple[int, int]) -> None:
    async with parts.run(size) as pilot:
        await pilot.press("5", "slash")
        burst(pilot, *"abcdefghijklmnopqrstuvwxyz" * 4)
        for _ in range(200):
            await pilot.pause(0)
            if len(parts.app.main.log_pane.filter.value) >= 26 * 4:
                break
            await asyncio.sleep(0.02)
        await pilot.pause()
        assert parts.app.main.log_pane.filter.value == "abcdefghijklmnopqrstuvwxyz" * 4


async def test_keys_go_on_when_what_had_one_is_gone(parts: Fake) -> None:
    async with parts.run((120, 40)) as pilot:
        burst(pilot, "7", "escape", "7", "escape", "?", "escape", "5", "/", "qwen")
        await wait_for(pilot, "/qwen")
        assert "Dashboard" not in screen_text(parts.app)
