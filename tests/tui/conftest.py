"""Fixtures of the TUI's tests."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.app import App

from tests.tui.fake import Fake, fake


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "NO_COLOR", "EDITOR", "VISUAL", "PAGER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def unseen_frames_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A headless app draws frames for nobody, which is a third of its time; tests draw their own."""

    def draw_nothing(compositor: Compositor, **_: object) -> None:
        compositor._dirty_regions.clear()

    monkeypatch.setattr(Compositor, "render_update", draw_nothing)


@pytest.fixture(autouse=True)
def time_flies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the app looks at now and then, it looks at more often; a pause after a key is shorter."""
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.01)
    monkeypatch.setattr("ccproxy_tui.tui.app.INTERVAL", 0.03)
    monkeypatch.setattr("ccproxy_tui.tui.app._TICK", 0.2)
    monkeypatch.setattr("ccproxy_tui.tui.app._RELOAD", 0.3)


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
