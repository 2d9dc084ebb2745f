"""How models use tools: a group's mode, and what the settings say about calls that cannot be read."""

from ccproxy_tui.config.models import Group, Settings
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.group_form import GroupForm
from ccproxy_tui.tui.screens.settings import SettingsForm
from tests.tui.forms.harness import configuration, play


async def test_each_mode_says_what_it_means() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        await stage.press(*["tab"] * 7)
        assert "▸ Tools " in stage.text
        assert "by the URL; compat for models that call no functions" in stage.text
        await stage.press("right")
        assert "described in the prompt, calls are read from the text" in stage.text
        await stage.press("right")
        assert "the model's own function calls, whatever the URL says" in stage.text
        await stage.press("ctrl+s")
        edit = stage.result
    assert isinstance(edit, Edit)
    assert edit.value.group("qwen") == Group(
        name="qwen", prompt_injection="enhance", tool_mode="native"
    )


async def test_whether_a_model_is_asked_again_is_a_setting() -> None:
    async with play(lambda: SettingsForm(configuration())) as stage:
        await stage.press(*["tab"] * 10)
        assert "▸ Ask again" in stage.text
        assert "[once]" in stage.text
        assert "cannot be read is asked again" in stage.words
        await stage.press("right", "ctrl+s")
        edit = stage.result
    assert isinstance(edit, Edit)
    assert edit.value.settings == Settings(ask_again=False)
    assert edit.change(configuration()).settings == Settings(ask_again=False)
