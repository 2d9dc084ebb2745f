"""Pictures hold together on any machine, and show no secret."""

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from ccproxy_tui.config.first import first_configuration
from tests.screenshots import picture, scenes
from tests.screenshots.picture import Picture, write


class _Shows(App[None]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield Static(self._text, markup=False)


async def _picture_of(text: str) -> Picture:
    app = _Shows(text)
    async with app.run_test(size=(40, 6)):
        return Picture("some", app.export_screenshot(title="ccproxy"))


async def test_svg_asks_no_server_for_fonts_and_keeps_operators_apart() -> None:
    made = await _picture_of("status>=400")
    assert "url(" in made.exported.replace("url(#", "")
    assert "url(" not in made.svg.replace("url(#", "")
    assert "font-variant-ligatures: none" in made.svg
    assert "status&gt;=400" in made.words()


async def test_ids_in_a_picture_do_not_change_from_one_run_to_the_next() -> None:
    assert (await _picture_of("same")).svg == (await _picture_of("same")).svg


async def test_without_a_browser_svg_is_written_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "_BROWSERS", ("no-such-browser",))
    assert write([await _picture_of("hello")], tmp_path) is False
    assert [file.name for file in tmp_path.iterdir()] == ["some.svg"]


async def test_a_token_in_full_is_found_even_across_lines() -> None:
    configuration = first_configuration()
    token = configuration.keys[0].token
    secrets = scenes.secrets_of(configuration)
    full = await _picture_of(f"TOKEN={token}")
    assert any(secret in full.words() for secret in secrets)
    masked = await _picture_of(f"TOKEN={token[:5]}…{token[-4:]}")
    assert not any(secret in masked.words() for secret in secrets)
