"""Names and texts from outside that are wide, long, or try to be markup or control sequences."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.screen import ModalScreen

from ccproxy_tui.config.models import AccessKey, Configuration, Group, Provider, Proxy
from ccproxy_tui.tui.fields.text import TextLines
from ccproxy_tui.tui.screens.group_form import GroupForm
from ccproxy_tui.tui.screens.key_form import KeyForm
from ccproxy_tui.tui.screens.provider_form import ProviderForm
from ccproxy_tui.tui.screens.proxy_form import ProxyForm
from ccproxy_tui.tui.upstreams import Probe
from tests.tui.forms.harness import SMALL, TOKEN, FakeUpstreams, configuration, play
from tests.tui.screen_text import wait_for

WIDE = "漢字" * 60
MARKUP = "[bold red]x[@click=app.quit]y"


def hostile() -> Configuration:
    return Configuration.model_validate(
        {
            "providers": (
                Provider(
                    name=MARKUP, base_url="http://a/v1", models=(WIDE, "\x1b[31mred\x07", "a")
                ),
                Provider(name=WIDE, base_url="http://b/v1", models=(MARKUP,)),
            ),
            "groups": (
                Group(name="default", description=WIDE, prompt_text="\x1b[2J\t漢字\n" * 3),
                Group(name="[b]x", tool_filter=(MARKUP,)),
            ),
            "proxies": (
                Proxy.model_validate(
                    {"alias": "[red]*", "targets": [f"{MARKUP}/{WIDE}", f"{WIDE}/{MARKUP}"]}
                ),
            ),
            "keys": (AccessKey(name=MARKUP, token=TOKEN),),
        }
    )


FORMS: dict[str, Callable[[Configuration], ModalScreen[Any]]] = {
    "provider": lambda now: ProviderForm(now, FakeUpstreams(), now.providers[0]),
    "group": lambda now: GroupForm(now, now.groups[0]),
    "proxy": lambda now: ProxyForm(now, "default", now.proxies[0]),
    "key": lambda now: KeyForm(now, now.keys[0]),
}


@pytest.mark.parametrize("name", FORMS)
async def test_every_row_fits_and_nothing_is_taken_for_markup(name: str) -> None:
    before = hostile()
    async with play(lambda: FORMS[name](before)) as stage:
        for _ in range(8):
            await stage.press("tab")
        screen = stage.app.screen
        strips = screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {SMALL[0]}
        text = stage.text
        assert "\x1b" not in text
        assert "\x07" not in text
        if name in {"provider", "key"}:
            assert MARKUP in text
        if name == "group":
            assert "Group default" in text


async def test_what_a_provider_answers_is_shown_plainly() -> None:
    upstreams = FakeUpstreams()
    upstreams.answer = Probe(ok=False, text=f"\x1b[31m{MARKUP}\nsecond line {WIDE}")
    upstreams.models = [MARKUP, WIDE, "\x1b]0;title\x07"]
    before = configuration()
    provider = before.providers[0].model_copy(update={"models": (MARKUP,)})
    async with play(lambda: ProviderForm(before, upstreams, provider)) as stage:
        await stage.press("ctrl+t")
        await stage.settle()
        assert MARKUP in stage.words
        assert "\x1b" not in stage.text
        assert "esc Close" in stage.text, "a long answer does not push the keys out"
        await stage.press("ctrl+f")
        await stage.settle()
        assert f"[x] {MARKUP}" in stage.text
        assert "\x1b" not in stage.text


@pytest.mark.parametrize("name", FORMS)
async def test_plain_ascii_is_enough(name: str) -> None:
    before = configuration()
    async with play(lambda: FORMS[name](before), theme="ccproxy-ansi", ascii_only=True) as stage:
        await stage.press("tab", "tab", "x", "ctrl+s")
        assert stage.text.isascii(), [c for c in stage.text if not c.isascii()]
        await stage.press("escape")
        if stage.open:
            assert stage.text.isascii(), [c for c in stage.text if not c.isascii()]


async def test_a_long_paste_can_be_taken_back() -> None:
    """Textual looks for the cursor while the text is already shorter."""
    async with play(lambda: GroupForm(configuration(), None)) as stage:
        area = stage.app.screen.query(TextLines).first()
        area.focus()
        await stage.pilot.pause()
        area.insert("line\n" * 50)
        await wait_for(stage.pilot, "line")
        await stage.press("ctrl+z")
        assert area.text == ""
        await stage.press("ctrl+y", "ctrl+z", "ctrl+z")
        assert area.text == ""
