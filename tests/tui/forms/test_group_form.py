import pytest
from textual.app import App

from ccproxy_tui.config.models import Group
from ccproxy_tui.tui.screens import form as form_module
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.group_form import GroupForm
from tests.tui.forms.harness import LARGE, configuration, play


async def test_a_group_is_added_by_keys_alone() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, None)) as stage:
        await stage.type("fast")
        await stage.press("tab")
        await stage.type("For quick work")
        await stage.press("tab", "right", "tab")
        await stage.type("Answer")
        await stage.press("enter")
        await stage.type("briefly.")
        await stage.press("tab", "space", "tab")
        await stage.type("WebFetch")
        await stage.press("enter")
        await stage.type("mcp__*")
        await stage.press("tab", "ctrl+u")
        await stage.type("0.5")
        assert "New group ●" in stage.text
        assert "ctrl+s saves" in stage.text
        await stage.press("ctrl+s")
        edit = stage.result
    assert isinstance(edit, Edit)
    assert edit.value.group("fast") == Group(
        name="fast",
        description="For quick work",
        prompt_injection="enhance",
        prompt_text="Answer\nbriefly.",
        prompt_scope="every",
        tool_filter=("WebFetch", "mcp__*"),
        temperature_ratio=0.5,
    )
    assert (edit.what, edit.focus) == ("add group fast", "fast")
    assert edit.change(before) == edit.value


async def test_a_large_terminal_does_not_stretch_it() -> None:
    async with play(lambda: GroupForm(configuration(), None), LARGE) as stage:
        top = next(line for line in stage.text.splitlines() if "New group" in line)
        left = len(top) - len(top.lstrip())
        assert len(top) - left == 92
        assert left == (160 - 92) // 2


async def test_a_bad_name_is_refused_as_it_is_typed() -> None:
    refused = {
        "switch": "part of the proxy's own URLs",
        "a b": "cannot hold a space",
        "qwen": "another group has this name",
    }
    async with play(lambda: GroupForm(configuration(), None)) as stage:
        assert "fill in: Name" in stage.text
        assert "✗" not in stage.text, "nothing is wrong before anything was typed"
        for name, words in refused.items():
            await stage.press("ctrl+u")
            await stage.type(name)
            assert words in stage.words
            assert "✗ cannot be saved: Name" in stage.text
        await stage.press("tab", "ctrl+s")
        assert stage.open
        assert "▸ Name" in stage.text
        await stage.press("ctrl+u")
        await stage.type("good")
        assert "✗" not in stage.text


async def test_a_bad_temperature_says_what_is_needed() -> None:
    group = configuration().group("qwen")
    async with play(lambda: GroupForm(configuration(), group)) as stage:
        await stage.press(*["tab"] * 6)
        for ratio in ("2.1", "-1", "warm", "nan", ""):
            await stage.press("ctrl+u")
            await stage.type(ratio)
            assert "✗ a number from 0 to 2 is needed, such as 0.7" in stage.text
        await stage.press("ctrl+s")
        assert stage.open


async def test_saving_nothing_says_what_is_needed() -> None:
    async with play(lambda: GroupForm(configuration(), None)) as stage:
        await stage.press("ctrl+s")
        assert stage.open
        assert "✗ cannot be saved: Name: a name is needed" in stage.text


async def test_the_address_is_the_one_that_the_proxy_listens_on() -> None:
    base_url = "http://127.0.0.1:18435"
    async with play(lambda: GroupForm(configuration(), None, base_url=base_url)) as stage:
        assert f"{base_url}/name" in stage.words
        assert ":11435" not in stage.text


async def test_examples_do_not_look_like_content() -> None:
    async with play(lambda: GroupForm(configuration(), None)) as stage:
        assert "e.g. WebSearch" in stage.text
        await stage.press(*["tab"] * 6)
        assert "▸ Temp. ratio" in stage.text
        assert "temperature is multiplied by this, from 0 to 2" in stage.words


async def test_renaming_takes_the_proxies_along() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        await stage.press("end")
        await stage.type("3")
        await stage.press("ctrl+s")
        edit = stage.result
    assert edit is not None
    assert len(edit.value.proxies_of("qwen3")) == 2
    assert edit.what == "change group qwen3"


async def test_the_default_group_keeps_its_name() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("default"))) as stage:
        await stage.type("other")
        await stage.press("ctrl+s")
        assert "its name stays" in stage.words
        assert stage.open


async def test_nothing_changed_is_nothing_to_save_or_ask() -> None:
    before = configuration()
    for key in ("ctrl+s", "escape"):
        async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
            assert "nothing changed yet" in stage.text
            await stage.press(key)
            assert stage.result is None


async def test_escape_asks_before_it_discards() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        await stage.type("x")
        await stage.press("escape")
        assert "Discard what you changed?" in stage.text
        await stage.press("enter")
        assert stage.open
        assert "Group qwen ●" in stage.text
        await stage.press("escape", "y")
        assert stage.result is None


async def test_a_copy_has_a_free_name_and_its_own_proxies() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"), duplicate=True)) as stage:
        await stage.press("shift+tab")
        assert "copy all 2" in stage.text
        await stage.press("ctrl+s")
        edit = stage.result
    assert edit is not None
    assert [proxy.alias for proxy in edit.value.proxies_of("qwen-2")] == [
        proxy.alias for proxy in before.proxies_of("qwen")
    ]
    assert len(edit.value.proxies_of("qwen")) == 2


async def test_up_and_down_leave_a_text_at_its_ends() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, None)) as stage:
        await stage.press("down", "down", "down")
        assert "▸ Text" in stage.text
        await stage.type("one")
        await stage.press("enter")
        await stage.type("two")
        await stage.press("up")
        assert "▸ Text" in stage.text
        await stage.press("up")
        assert "▸ System prompt" in stage.text
        await stage.press("down", "down", "down")
        assert "▸ Applies to" in stage.text


async def test_the_prompt_opens_in_the_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    async def shout(_app: App[object], text: str, suffix: str = ".txt") -> str | None:
        return text.upper()

    monkeypatch.setattr(form_module, "edit_text", shout)
    async with play(lambda: GroupForm(configuration(), None)) as stage:
        assert "$EDITOR" not in stage.text
        await stage.type("loud")
        await stage.press("tab", "tab", "tab")
        assert "^o $EDITOR" in stage.text
        await stage.type("hello")
        await stage.press("ctrl+o")
        await stage.settle()
        await stage.press("ctrl+s")
        edit = stage.result
    assert edit is not None
    group = edit.value.group("loud")
    assert group is not None
    assert group.prompt_text == "HELLO"
