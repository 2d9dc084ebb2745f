"""What the screen shows, as plain lines."""

import asyncio
from typing import Any

from rich.segment import Segment
from textual.app import App
from textual.events import Key
from textual.geometry import Region
from textual.keys import _character_to_key
from textual.pilot import Pilot


def screen_lines(app: App[Any]) -> list[str]:
    """Render the screen on top (and what shines through) to lines of text."""
    width, height = app.size
    compositor = app.screen._compositor
    strips = compositor.render_strips()
    lines = []
    for strip in strips[:height]:
        text = "".join(segment.text for segment in strip if not _is_control(segment))
        lines.append(text[:width].rstrip())
    return lines


def screen_text(app: App[Any]) -> str:
    return "\n".join(screen_lines(app))


def region_text(app: App[Any], selector: str) -> str:
    """Render the part of the screen that a widget takes."""
    region: Region = app.screen.query_one(selector).region
    lines = screen_lines(app)[region.y : region.bottom]
    return "\n".join(line[region.x : region.right] for line in lines)


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Type fast, as from a paste without brackets: the keys come in one after the other."""
    for character in text:
        key = _character_to_key(character)
        pilot.app.post_message(Key(key, character))
    await pilot.pause()


async def wait_for(pilot: Pilot[Any], text: str, tries: int = 200) -> str:
    """Return the screen once a text is on it and all is quiet; fails with what is there instead."""
    for _ in range(tries):
        await pilot.pause(0)
        shown = screen_text(pilot.app)
        if text in shown:
            await pilot.pause()
            return screen_text(pilot.app)
        await asyncio.sleep(0.02)
    raise AssertionError(f"{text!r} never appeared on\n{shown}")


async def wait_until_gone(pilot: Pilot[Any], text: str, tries: int = 200) -> str:
    for _ in range(tries):
        await pilot.pause(0)
        shown = screen_text(pilot.app)
        if text not in shown:
            await pilot.pause()
            return screen_text(pilot.app)
        await asyncio.sleep(0.02)
    raise AssertionError(f"{text!r} stayed on\n{shown}")


def _is_control(segment: Segment) -> bool:
    return segment.control is not None
