import pytest

from ccproxy_tui.tui.screens.confirm import Confirm, ConfirmDelete
from ccproxy_tui.tui.screens.welcome import Welcome, export_lines
from tests.tui.forms.harness import LARGE, SMALL, TOKEN, play

BASE = "http://127.0.0.1:11435"


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
        assert "4 then a adds a real provider" in stage.text
        await stage.press("enter")
        assert stage.result is None


async def test_a_token_too_long_for_its_line_is_still_what_a_shell_takes() -> None:
    async with play(lambda: Welcome(BASE, TOKEN, full=True)) as stage:
        shown = [line.strip(" │▌") for line in stage.text.splitlines()]
    start = shown.index("export ANTHROPIC_AUTH_TOKEN=\\")
    assert shown[start + 1] == TOKEN


async def test_with_a_real_provider_there_is_no_talk_of_the_scripted_one() -> None:
    async with play(lambda: Welcome(BASE, TOKEN, full=False, scripted=False)) as stage:
        assert "watch the call appear" in stage.text
        assert "scripted" not in stage.text
