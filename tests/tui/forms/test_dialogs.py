from collections.abc import Callable
from typing import Any

import pytest
from textual.screen import ModalScreen

from ccproxy_tui.tui.screens.confirm import Confirm, ConfirmDelete
from ccproxy_tui.tui.screens.welcome import KeyShown, Welcome, export_lines
from tests.tui.forms.harness import LARGE, SMALL, TOKEN, Play, play

BASE = "http://127.0.0.1:11435"


def rows(stage: Play[Any]) -> list[str]:
    return [row.strip(" │▌") for row in stage.text.splitlines()]


async def test_the_safe_answer_has_the_focus() -> None:
    answers = {
        ("enter",): False,
        ("escape",): False,
        ("n",): False,
        ("y",): True,
        ("tab", "enter"): True,
        ("right", "left", "enter"): False,
    }
    async with play(lambda: Confirm("Quit?", "2 calls are running.", "Quit")) as stage:
        assert "2 calls are running." in stage.text
        for keys in answers:
            await stage.press(*keys)
            stage.app.push_screen(Confirm("Quit?", "?", "Quit"), stage.app.results.append)
            await stage.pilot.pause()
        assert stage.app.results == list(answers.values())


async def test_deleting_says_what_depends_on_it() -> None:
    many = [f"proxy number {number} goes too" for number in range(40)]
    async with play(lambda: ConfirmDelete("Delete provider [red]x?", many)) as stage:
        assert "Delete provider [red]x?" in stage.text
        assert "proxy number 0 goes too" in stage.text
        assert "Cancel" in stage.text, "the answers stay in sight"
    async with play(lambda: ConfirmDelete("Delete key x?", [])) as stage:
        assert "Nothing else depends on it." in stage.text


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_lines_are_copied_exactly_however_they_are_shown(size: tuple[int, int]) -> None:
    async with play(lambda: Welcome(BASE, TOKEN, full=False, group="qwen"), size) as stage:
        assert f"export ANTHROPIC_BASE_URL={BASE}/qwen" in stage.text
        assert "export ANTHROPIC_AUTH_TOKEN=cs-a1…" in stage.text
        assert TOKEN not in stage.text
        await stage.press("y")
        assert stage.app.clipboard == export_lines(BASE, TOKEN, "qwen")
        assert "copied" in stage.text
        await stage.press("v")
        assert f"{TOKEN} " in f"{stage.text} "
        assert "4 a  adds a provider with its models" in stage.text
        assert "2 e  on claude-* chooses which of them answers" in stage.text
        await stage.press("enter")
        assert stage.result is None


async def test_a_token_too_long_for_its_line_is_still_what_a_shell_takes() -> None:
    async with play(lambda: Welcome(BASE, TOKEN, full=True)) as stage:
        shown = [line.strip(" │▌") for line in stage.text.splitlines()]
    start = shown.index("export ANTHROPIC_AUTH_TOKEN=\\")
    assert shown[start + 1] == TOKEN


@pytest.mark.parametrize("make", [lambda: Welcome(BASE, TOKEN, full=True),
                                  lambda: KeyShown(BASE, "laptop", TOKEN)])  # fmt: skip
async def test_one_row_is_kept_below_the_lines_for_what_copying_did(
    make: Callable[[], ModalScreen[None]],
) -> None:
    async with play(make) as stage:
        before = rows(stage)
        end = next(index for index, row in enumerate(before) if TOKEN in row) + 1
        assert before[end] == ""
        assert before[end + 1].startswith(("claude", "For the rules"))
        await stage.press("y")
        assert rows(stage)[end].startswith("Both lines copied")
        assert rows(stage)[end + 1 :] == before[end + 1 :]


async def test_the_focused_answer_is_painted_from_edge_to_edge() -> None:
    for theme in ("ccproxy-dark", "ccproxy-light", "ccproxy-ansi"):
        async with play(lambda: ConfirmDelete("Delete key x?", []), theme=theme) as stage:
            strips = stage.app.screen._compositor.render_strips()
            for name, focused in (("Cancel", True), ("Delete", False)):
                button = stage.app.screen.query_one("#no" if focused else "#yes")
                assert button.has_focus is focused
                region = button.region
                strip = strips[region.y].crop(region.x, region.right)
                assert strip.text.strip() == name
                styles = {segment.style.bgcolor for segment in strip if segment.style}
                assert len(styles) == 1, f"{name} in {theme}"
                beside = strips[region.y].crop(region.x - 1, region.x)
                around = {segment.style.bgcolor for segment in beside if segment.style}
                assert (styles != around) or not focused


async def test_with_a_real_provider_there_is_no_talk_of_the_scripted_one() -> None:
    async with play(lambda: Welcome(BASE, TOKEN, full=False, scripted=False)) as stage:
        assert "watch the call appear" in stage.text
        assert "scripted" not in stage.text
