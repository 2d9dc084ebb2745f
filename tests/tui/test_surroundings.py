"""Clipboard, editor and pager: what is outside the screen."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from ccproxy_tui.tui.clipboard import copy
from ccproxy_tui.tui.editor import edit_text, view_text


class Nothing(App[None]):
    pass


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


async def test_without_tmux_the_terminal_is_asked(clipboard: list[str]) -> None:
    async with Nothing().run_test() as pilot:
        assert "OSC 52" in await copy(pilot.app, "ünï")
    assert clipboard == ["ünï"]


async def test_inside_tmux_tmux_is_asked(
    tmp_path: Path, clipboard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "tmux", f'echo "$@" > {tmp_path}/how; cat > {tmp_path}/what')
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    async with Nothing().run_test() as pilot:
        assert "tmux" in await copy(pilot.app, "ünï")
    assert (tmp_path / "how").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "what").read_text() == "ünï"
    assert clipboard == []


@pytest.mark.parametrize("script", ["exit 1", None])
async def test_when_tmux_cannot_the_terminal_is_asked(
    tmp_path: Path, clipboard: list[str], monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    if script is not None:
        program(tmp_path, "tmux", script)
    monkeypatch.setenv("TMUX", "/tmp/gone,1,0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if script else str(tmp_path))
    async with Nothing().run_test() as pilot:
        assert "OSC 52" in await copy(pilot.app, "text")
    assert clipboard == ["text"]


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A headless app cannot be suspended; note that it was asked to."""
    asked: list[bool] = []

    class Suspended:
        def __enter__(self) -> None:
            asked.append(True)

        def __exit__(self, *_: object) -> None:
            return None

    def suspend(_app: App[Any]) -> Suspended:
        return Suspended()

    monkeypatch.setattr(App, "suspend", suspend)
    return asked


async def test_the_editor_gets_the_text_and_gives_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lent: list[bool]
) -> None:
    script = f'stat -c %a "$2" > {tmp_path}/mode; echo "$1" > {tmp_path}/flag; echo more >> "$2"'
    path = program(tmp_path, "my-editor", script)
    monkeypatch.setenv("EDITOR", f"{path} --wait")
    async with Nothing().run_test() as pilot:
        assert await edit_text(pilot.app, "first\n", ".md") == "first\nmore\n"
    assert lent == [True]
    assert (tmp_path / "flag").read_text() == "--wait\n"


@pytest.mark.parametrize("script", ["true", "echo more >> $1; exit 3"])
async def test_no_change_or_a_failed_editor_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lent: list[bool], script: str
) -> None:
    monkeypatch.setenv("VISUAL", str(program(tmp_path, "my-editor", script)))
    async with Nothing().run_test() as pilot:
        assert await edit_text(pilot.app, "text") is None
    assert lent == [True]


async def test_an_editor_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, lent: list[bool]
) -> None:
    monkeypatch.setenv("EDITOR", "/no/such/editor")
    async with Nothing().run_test() as pilot:
        assert await edit_text(pilot.app, "text") is None
        await pilot.pause()
        assert [notice.message for notice in pilot.app._notifications] == [
            "/no/such/editor: No such file or directory"
        ]
    assert lent == [True]


async def test_a_terminal_that_cannot_be_lent_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    async with Nothing().run_test() as pilot:
        assert await edit_text(pilot.app, "text") is None
        await pilot.pause()
        assert len(pilot.app._notifications) == 1


async def test_the_pager_sees_the_text_in_a_file_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lent: list[bool]
) -> None:
    seen = tmp_path / "seen"
    monkeypatch.setenv("PAGER", str(program(tmp_path, "my-pager", f'cp -r "$(dirname $1)" {seen}')))
    async with Nothing().run_test() as pilot:
        await view_text(pilot.app, "secret body", ".json")
    assert (seen / "text.json").read_text() == "secret body"
    assert stat.S_IMODE(seen.stat().st_mode) == 0o700
    assert lent == [True]


async def test_without_any_editor_one_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    async with Nothing().run_test() as pilot:
        assert await edit_text(pilot.app, "text") is None
        await view_text(pilot.app, "text")
        await pilot.pause()
        assert [
            "$EDITOR" in n.message or "$PAGER" in n.message for n in pilot.app._notifications
        ] == [
            True,
            True,
        ]
