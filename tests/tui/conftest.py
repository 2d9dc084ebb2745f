"""Fixtures of the TUI's tests."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from tests.tui.fake import Fake, fake


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "NO_COLOR", "EDITOR", "VISUAL", "PAGER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Fake]:
    async with fake(tmp_path) as made:
        yield made


@pytest.fixture
def clipboard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    copied: list[str] = []

    def keep(_app: App[Any], text: str) -> None:
        copied.append(text)

    monkeypatch.setattr(App, "copy_to_clipboard", keep)
    return copied
