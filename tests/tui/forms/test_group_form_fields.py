"""The rest of a group's prompt in its form, and what is recommended for the temperature."""

from functools import partial

import pytest
from textual.app import App

from ccproxy_tui.config.models import Configuration, Group, Proxy, Replacement, Target
from ccproxy_tui.config.temperatures import Hint
from ccproxy_tui.tui.fields import temperature_note
from ccproxy_tui.tui.group_fields import FACETS
from ccproxy_tui.tui.screens import form as form_module
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.group_form import GroupForm
from tests.tui.forms.harness import SMALL, Play, configuration, play
from tests.tui.screen_text import wait_for

Stage = Play[Edit | None]

WHOLE = Group(
    name="whole",
    description="Nothing in it is as at first",
    prompt_injection="replace",
    prompt_text="One\r\ntwo\nthree\x0cfour",
    prompt_scope="every",
    prompt_position="user",
    prompt_models=("claude-*", "gpt-?"),
    replacements=(
        Replacement(find="a => b\r\n\"c\" -> 'd'\n  tail \n", replace="\tx\n\n"),
        Replacement(find=" ", replace=""),
    ),
    tool_filter=("WebSearch", "mcp__*"),
    temperature_ratio=0.123456789,
    tool_mode="native",
    capture="off",
    disabled=True,
)


def with_group(group: Group) -> Configuration:
    return configuration(groups=(Group(name="default"), group), proxies=())


def saved(stage: Stage, name: str = "whole") -> Group:
    edit = stage.result
    assert edit is not None
    group = edit.value.group(name)
    assert group is not None
    return group


async def to_replacements(stage: Stage) -> None:
    """Open the fold, and go to the list of replacements."""
    await step(stage, *["tab"] * 8, "space", *["tab"] * 3)
    await wait_for(stage.pilot, "▸ Replacements")


async def step(stage: Stage, *keys: str) -> None:
    """Press keys, each when all is quiet: one that a list acts on has a long way up from there."""
    for key in keys:
        await stage.press(key)


def rows_of(stage: Stage, sign: str) -> list[str]:
    return [line for line in stage.text.splitlines() if sign in line]


async def test_all_of_a_prompt_is_set_by_keys_alone() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        await step(stage, *["tab"] * 7, "c", "tab", "space", "tab", "right", "tab")
        await stage.type("claude-*")
        await step(stage, "enter")
        await stage.type("gpt-5")
        await step(stage, "tab", "a")
        await stage.type("You are => Claude,")
        await step(stage, "enter")
        await stage.type("a CLI.")
        await step(stage, "tab")
        await stage.type("You are.")
        await step(stage, "shift+tab", "shift+tab", "a")
        await stage.type("second")
        assert "last user message, 2 models, 2 replacements" in stage.words
        await step(stage, "ctrl+s")
        group = saved(stage, "qwen")
    assert group.tool_mode == "compat"
    assert group.prompt_position == "user"
    assert group.prompt_models == ("claude-*", "gpt-5")
    assert group.replacements == (
        Replacement(find="You are => Claude,\na CLI.", replace="You are."),
        Replacement(find="second", replace=""),
    )


def test_no_field_of_a_group_is_forgotten() -> None:
    assert {facet.field for facet in FACETS} | {"name", "description"} == set(Group.model_fields)
    at_first = Group(name="other")
    for field in Group.model_fields:
        assert getattr(WHOLE, field) != getattr(at_first, field), field


async def test_whose_messages_are_kept_is_chosen() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        await step(stage, *["tab"] * 9)
        assert "▸ Keep messages" in stage.text
        assert "[of all calls]" in stage.text
        assert "What a call was, took and cost is always kept." in stage.words
        await step(stage, "right", "ctrl+s")
        group = saved(stage, "qwen")
    assert group.capture == "errors"


async def test_what_is_not_touched_stays_to_the_byte() -> None:
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE)) as stage:
        await to_replacements(stage)
        await step(stage, "j", "k", *["shift+tab"] * 10)
        assert "▸ Description" in stage.text
        await step(stage, "end")
        await stage.type("!")
        await step(stage, "ctrl+s")
        group = saved(stage)
    assert group == WHOLE.model_copy(update={"description": WHOLE.description + "!"})


async def test_a_copy_has_all_of_it() -> None:
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE, duplicate=True)) as stage:
        await step(stage, "ctrl+s")
        group = saved(stage, "whole-2")
    assert group == WHOLE.model_copy(update={"name": "whole-2"})


async def test_the_form_fits_into_a_small_terminal_and_says_what_is_folded() -> None:
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE), SMALL) as stage:
        for label in ("Name", "System prompt", "Temp. ratio", "Tools", "State"):
            assert f" {label} " in stage.text
        assert "▸ More on the prompt: last user message, 2 models, 2 replacements" in stage.text
        assert "Find" not in stage.text


async def test_up_and_down_go_from_field_to_field_also_when_not_all_can_be_seen() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        await step(stage, *["tab"] * 8, "space", *["tab"] * 6)
        await wait_for(stage.pilot, "▸ Keep messages")
        await step(stage, "up")
        await wait_for(stage.pilot, "▸ Replace by")
        await step(stage, "up", "up", "up")
        await wait_for(stage.pilot, "▸ For models")
        await step(stage, "down", "down", "down", "down")
        await wait_for(stage.pilot, "▸ Keep messages")


async def test_a_replacement_that_finds_nothing_is_named_by_its_line() -> None:
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE)) as stage:
        await to_replacements(stage)
        await step(stage, "a", "tab")
        await stage.type("instead")
        await step(stage, "ctrl+s")
        assert stage.open
        assert "Replacements: line 3 needs a text to find" in stage.text
        assert "✗ line 3 needs a text to find" in stage.text
        assert "More on the prompt ✗" in stage.text
        await step(stage, "d", "ctrl+s")
        assert stage.result is None, "it is as it was"


async def test_the_fold_opens_where_something_is_wrong_in_it() -> None:
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE)) as stage:
        await to_replacements(stage)
        await step(stage, "j", "tab", "delete", "tab")
        await stage.type("x")
        await step(stage, *["shift+tab"] * 5, "space")
        assert "Find" not in stage.text
        await step(stage, "ctrl+s")
        await wait_for(stage.pilot, "▸ Replacements")
        await wait_for(stage.pilot, "✗ line 2 needs a text to find")


async def test_a_line_deleted_can_be_kept_until_it_is_saved() -> None:
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE)) as stage:
        await to_replacements(stage)
        await step(stage, "d")
        assert "goes when you save (d keeps it)" in stage.text
        assert "1 replacement" in stage.text
        await step(stage, "d")
        assert "goes when you save" not in stage.text
        assert "nothing changed yet" in stage.text
        await step(stage, "d", "ctrl+s")
        assert saved(stage).replacements == WHOLE.replacements[1:]


async def test_what_is_typed_for_a_line_that_goes_keeps_it() -> None:
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE)) as stage:
        await to_replacements(stage)
        await step(stage, "j", "d", "tab")
        await stage.type("x")
        assert "goes when you save" not in stage.text
        await step(stage, "ctrl+s")
        assert saved(stage).replacements[1] == Replacement(find="x ", replace="")


async def test_the_order_is_changed_and_each_keeps_its_texts() -> None:
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE)) as stage:
        await to_replacements(stage)
        await step(stage, "J", "J", "enter")
        assert "▸ Find" in stage.text
        await step(stage, "shift+tab", "k", "tab", "end")
        await stage.type("z")
        await step(stage, "ctrl+s")
        first, second = WHOLE.replacements
        assert saved(stage).replacements == (Replacement(find=" z"), first)
        assert second.find == " "


async def test_a_long_list_shows_the_lines_around_the_cursor() -> None:
    group = WHOLE.model_copy(
        update={"replacements": tuple(Replacement(find=f"text {n}") for n in range(1, 21))}
    )
    async with play(lambda: GroupForm(with_group(group), group)) as stage:
        await to_replacements(stage)
        assert len(rows_of(stage, "→ (nothing)")) == 6
        for number in range(2, 16):
            await step(stage, "j")
            assert f"▸ {number:>2} text {number} →" in stage.text
        assert "Find       ▌ text 15 " in stage.text
        assert "text 1 →" not in stage.text


async def test_the_texts_open_in_the_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    async def rewrite(_app: App[object], text: str, suffix: str = ".txt") -> str | None:
        return f"{text}\n=> [b]{suffix}"

    monkeypatch.setattr(form_module, "edit_text", rewrite)
    async with play(lambda: GroupForm(with_group(WHOLE), WHOLE)) as stage:
        await to_replacements(stage)
        await step(stage, "j", "tab")
        assert "^o $EDITOR" in stage.text
        await step(stage, "ctrl+o")
        await stage.settle()
        assert "2  \\n=> [b].txt → (nothing)" in stage.text
        await step(stage, "ctrl+s")
        assert saved(stage).replacements[1].find == " \n=> [b].txt"


async def test_a_group_without_replacements_says_how_to_begin() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        await to_replacements(stage)
        assert "none yet; type below what to find" in stage.text
        await step(stage, "tab")
        await stage.type("old")
        assert "1 old → (nothing)" in stage.text
        await step(stage, "backspace", "backspace", "backspace", "ctrl+s")
        assert stage.result is None, "what was typed and taken back is no change"


async def test_odd_texts_are_shown_safely() -> None:
    pairs = (Replacement(find="\x1b[2J[bold]漢字\n" * 30, replace="[@click=app.quit]x"),)
    group = Group(name="odd", replacements=pairs)
    async with play(lambda: GroupForm(with_group(group), group)) as stage:
        await to_replacements(stage)
        assert "\x1b" not in stage.text
        assert "[bold]" in stage.text
        assert "[@click" in stage.text
        strips = stage.app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {SMALL[0]}


async def test_replacements_are_drawn_in_plain_ascii_as_well() -> None:
    group = Group(name="g", replacements=(Replacement(find="long " * 30),))
    async with play(lambda: GroupForm(with_group(group), group), ascii_only=True) as stage:
        await step(stage, *["tab"] * 8, "space", *["tab"] * 3, "d")
        await wait_for(stage.pilot, "lo~  goes when you save (d keeps it)")
        assert stage.text.isascii(), [c for c in stage.text if not c.isascii()]


# Notes


async def test_it_says_when_the_text_or_the_choice_does_nothing() -> None:
    group = Group(name="g", prompt_text="Be brief.")
    async with play(lambda: GroupForm(with_group(group), group)) as stage:
        assert "the text is not used" in stage.text
        await step(stage, "tab", "tab", "r")
        assert "the text is not used" not in stage.text
        await step(stage, *["tab"] * 6, "space", "tab")
        assert "stays as well" not in stage.text
        await step(stage, "right")
        assert "here the client's system prompt stays as well" in stage.text


def _leading_to(*models: str, off: tuple[str, ...] = ()) -> Configuration:
    targets = tuple(
        Target(provider="local", model=model, disabled=model in off) for model in models
    )
    proxies = (Proxy(group="qwen", alias="*", targets=targets),) if targets else ()
    return configuration(proxies=proxies)


async def test_what_is_recommended_stands_beside_the_ratio(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hints = {
        "warm": Hint("1.0 recommended", "https://warm.example/models/warm"),
        "warm-2": Hint("1.0 recommended", "https://warm.example/models/warm"),
        "cool": Hint("0.6; 0 makes it loop", "https://cool.example/x"),
    }
    monkeypatch.setattr(temperature_note, "find_hint", hints.get)
    before = _leading_to("warm", "warm-2", "cool", "unknown")
    for duplicate in (False, True):
        form = partial(GroupForm, before, before.group("qwen"), duplicate=duplicate)
        async with play(form) as stage:
            assert "warm, warm-2: 1.0 recommended (warm.example)" in stage.text
            assert "cool: 0.6; 0 makes it loop (cool.example)" in stage.text
            assert "unknown" not in stage.text
            await step(stage, *["tab"] * 6)
            assert "https://warm.example/models/warm, https://cool.example/x" in stage.words
    before = _leading_to("warm", "cool", off=("cool",))
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        assert "warm: 1.0 recommended" in stage.text
        assert "cool" not in stage.text
    for group in (None, before.group("default")):
        async with play(partial(GroupForm, before, group)) as stage:
            assert "recommended" not in stage.text


async def test_many_recommendations_do_not_push_the_rest_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        temperature_note, "find_hint", lambda model: Hint(f"{model} says so", "https://a.example")
    )
    before = _leading_to(*(f"m{number}" for number in range(9)))
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        assert "m1: m1 says so (a.example)" in stage.text
        assert "m2" not in stage.text
        assert "and 7 more for other models" in stage.text


async def test_hints_that_are_shipped_are_found() -> None:
    before = configuration()
    async with play(lambda: GroupForm(before, before.group("qwen"))) as stage:
        assert "qwen3-coder: 0.7 recommended (huggingface.co)" in stage.text
