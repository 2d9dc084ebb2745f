from textual.events import Key
from textual.keys import _character_to_key

from ccproxy_tui.tui.screens.key_form import KeyForm
from ccproxy_tui.tui.screens.provider_form import ProviderForm
from tests.tui.forms.harness import FakeUpstreams, configuration, play

PROVIDER = configuration().providers[0]


async def test_what_is_typed_ahead_goes_where_it_is_meant_for() -> None:
    """Over a slow line keys come in bunches; an API key must not end up in the name."""
    async with play(
        lambda: ProviderForm(configuration(), FakeUpstreams(), PROVIDER, duplicate=True)
    ) as stage:
        for typed in ("xy", "tab", "tab", "http://h/v1"):
            for key in [typed] if typed == "tab" else typed:
                name = key if key == "tab" else _character_to_key(key)
                stage.app.post_message(Key(name, key if len(key) == 1 else None))
        await stage.pilot.pause()
        await stage.press("ctrl+s")
        edit = stage.result
        assert edit is not None
        added = edit.value.providers[-1]
        assert (added.name, added.base_url) == ("xy", "http://h/v1")


async def test_tab_still_goes_round() -> None:
    async with play(lambda: KeyForm(configuration(), None)) as stage:
        first = stage.app.focused
        await stage.press("tab", "shift+tab")
        assert stage.app.focused is first
