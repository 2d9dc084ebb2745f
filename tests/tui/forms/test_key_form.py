import re

from ccproxy_tui.tui.screens.key_form import KeyForm
from ccproxy_tui.tui.screens.welcome import KeyShown
from tests.tui.forms.harness import TOKEN, configuration, play
from tests.tui.screen_text import screen_text


async def test_a_new_key_has_a_token_that_is_shown_after_saving() -> None:
    before = configuration()
    async with play(lambda: KeyForm(before, None, base_url="http://127.0.0.1:9")) as stage:
        assert "shown once" in stage.text
        await stage.type("ClaudeCode")
        await stage.press("ctrl+s")
        edit = stage.result
        assert edit is not None
        key = edit.value.key("ClaudeCode")
        assert key is not None
        assert re.fullmatch(r"cs-[A-Za-z0-9]{61}", key.token)
        assert key.token not in repr(edit)
        assert isinstance(edit.then, KeyShown)
        stage.app.push_screen(edit.then)
        await stage.pilot.pause()
        assert key.token in screen_text(stage.app)
        await stage.press("y")
        assert stage.app.clipboard == (
            f"export ANTHROPIC_BASE_URL=http://127.0.0.1:9\nexport ANTHROPIC_AUTH_TOKEN={key.token}"
        )
        await stage.press("v")
        assert key.token not in screen_text(stage.app)


async def test_a_name_is_given_once() -> None:
    async with play(lambda: KeyForm(configuration(), None)) as stage:
        await stage.type("laptop")
        await stage.press("ctrl+s")
        assert stage.open
        assert "another access key has this name" in stage.text


async def test_an_edit_keeps_the_token_and_shows_it_masked() -> None:
    before = configuration()
    async with play(lambda: KeyForm(before, before.keys[0])) as stage:
        assert TOKEN not in stage.text
        assert "cs-a1…B2a1"[:6] in stage.text
        await stage.press("shift+tab", "space", "ctrl+s")
        edit = stage.result
    assert edit is not None
    key = edit.value.key("laptop")
    assert key is not None
    assert (key.token, key.disabled, edit.then) == (TOKEN, True, None)


async def test_a_token_is_replaced_after_asking() -> None:
    before = configuration()
    async with play(lambda: KeyForm(before, before.keys[0])) as stage:
        await stage.press("ctrl+n")
        assert "refused as soon as you save" in stage.text
        await stage.press("enter")
        assert "nothing changed yet" in stage.text
        await stage.press("ctrl+n", "y", "ctrl+s")
        edit = stage.result
    assert edit is not None
    key = edit.value.key("laptop")
    assert key is not None
    assert key.token != TOKEN
    assert isinstance(edit.then, KeyShown)


async def test_a_copy_has_its_own_name_and_token() -> None:
    before = configuration()
    async with play(lambda: KeyForm(before, before.keys[0], duplicate=True)) as stage:
        await stage.press("ctrl+s")
        edit = stage.result
    assert edit is not None
    copy = edit.value.key("laptop-2")
    assert copy is not None
    assert copy.token != TOKEN
