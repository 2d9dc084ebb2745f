"""Giving fields of one group to many others at once, and what the groups' pane shows of them."""

from pathlib import Path

import pytest

from ccproxy_tui.config.models import Configuration, Group, Replacement
from ccproxy_tui.tui.screens.edit import Edit
from ccproxy_tui.tui.screens.template_form import TemplateForm
from tests.tui.fake import CONFIGURATION, Fake, fake
from tests.tui.forms.harness import SMALL, Play, play
from tests.tui.screen_text import region_text, wait_for, wait_until_gone

WIDE = (160, 48)

TEMPLATE = Group(
    name="qwen",
    prompt_injection="enhance",
    prompt_text="Be brief.\nAlways.",
    replacements=(Replacement(find="old"), Replacement(find="older")),
    tool_mode="compat",
    temperature_ratio=0.7,
)
ALIKE = Group(name="alike", temperature_ratio=0.7)
VALUE = Configuration(
    groups=(Group(name="default"), TEMPLATE, ALIKE, Group(name="other", tool_mode="native"))
)


async def step(stage: Play[Edit | None], *keys: str) -> None:
    """Press keys, each when all is quiet: one that a list acts on has a long way up from there."""
    for key in keys:
        await stage.press(key)


def dialog(value: Configuration = VALUE) -> TemplateForm:
    template = value.group("qwen")
    assert template is not None
    return TemplateForm(value, template)


def row(stage: Play[Edit | None], name: str) -> str:
    return next(line for line in stage.text.splitlines() if f"] {name} " in line)


def pane_rows(parts: Fake) -> list[str]:
    """Return the rows of the groups' pane without the sign at their start."""
    rows = region_text(parts.app, "#groups").splitlines()[2:-1]
    return [row.replace("●", " ") for row in rows if row.strip("│ ")]


# In the app


async def test_a_field_of_many_groups_is_changed_and_undone_in_one_step(tmp_path: Path) -> None:
    async with fake(tmp_path, VALUE) as parts, parts.run(SMALL) as pilot:
        await pilot.press("1", "j")
        await pilot.press("T")
        shown = await wait_for(pilot, "Group qwen as a template")
        assert "Be brief.\\nAlways." in shown
        await pilot.press("G", "k", "k", "space")
        await wait_for(pilot, "temperature ratio: choose with space which groups should get it")
        await pilot.press("tab")
        await pilot.press("a")
        shown = await wait_for(pilot, "temperature ratio of 2 groups: default, other")
        assert "has it already" in next(line for line in shown.splitlines() if "alike" in line)
        await pilot.press("enter")
        await wait_for(pilot, "change temperature ratio of 2 groups as in qwen")
        groups = parts.live.value.groups
        assert [group.temperature_ratio for group in groups] == [0.7] * 4
        assert [group.tool_mode for group in groups] == ["auto", "compat", "auto", "native"]
        await pilot.press("u")
        await wait_for(pilot, "Undone: change temperature ratio of 2 groups")
        assert parts.live.value.groups == VALUE.groups


async def test_a_group_that_is_alone_says_so(tmp_path: Path) -> None:
    async with fake(tmp_path, Configuration()) as parts, parts.run(WIDE) as pilot:
        await pilot.press("1", "T")
        await wait_for(pilot, "There is no other group to change; a adds one.")
        assert parts.app.screen is parts.app.main


async def test_a_change_from_elsewhere_meanwhile_is_kept(tmp_path: Path) -> None:
    async with fake(tmp_path, VALUE) as parts, parts.run(WIDE) as pilot:
        await pilot.press("1", "j", "T")
        await wait_for(pilot, "Group qwen as a template")
        await pilot.press("G", "k", "k", "space")
        await wait_for(pilot, "choose with space which groups")
        await pilot.press("tab")
        await pilot.press("a")
        await wait_for(pilot, "2 groups: default, other")
        kept = tuple(group.model_copy(update={"description": "new"}) for group in VALUE.groups)[:-1]
        await parts.live.apply(VALUE.model_copy(update={"groups": kept}), "elsewhere")
        await pilot.press("enter")
        await wait_until_gone(pilot, "as a template")
        groups = parts.live.value.groups
        assert [group.name for group in groups] == ["default", "qwen", "alike"]
        assert {group.description for group in groups} == {"new"}
        assert {group.temperature_ratio for group in groups} == {0.7}


async def test_the_pane_tells_tool_mode_and_replacements_where_there_is_room(
    tmp_path: Path,
) -> None:
    only = Group(name="only", replacements=(Replacement(find="x"),))
    value = VALUE.model_copy(update={"groups": (*VALUE.groups, only)})
    async with fake(tmp_path, value) as parts, parts.run(SMALL) as pilot:
        await pilot.press("1")
        await wait_for(pilot, "swaps tools")
        rows = {row.split()[1]: " ".join(row.split()[2:-1]) for row in pane_rows(parts)}
        assert rows["qwen"] == "0 ▲ adds 2 compat 0.7"
        assert rows["only"] == "0 ▲ swaps 1"
        assert rows["other"] == "0 native"
        await pilot.resize_terminal(*WIDE)
        await wait_for(pilot, "▲ adds  compat  0.7")
        assert "swaps tools" not in region_text(parts.app, "#groups")
        assert "▲ swaps" in region_text(parts.app, "#groups")


async def test_duplicating_offers_to_copy_the_proxies(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("1", "D")
        await wait_for(pilot, "qwen-2")
        await wait_for(pilot, "copy all 2")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "add group qwen-2")
        aliases = [proxy.alias for proxy in parts.live.value.proxies_of("qwen-2")]
        assert aliases == [proxy.alias for proxy in CONFIGURATION.proxies_of("qwen")]


# The dialog


async def test_nothing_chosen_says_what_to_do() -> None:
    async with play(dialog) as stage:
        assert "choose with space what the other groups should get" in stage.text
        assert "✗" not in stage.text
        await step(stage, "enter")
        assert stage.open
        await wait_for(stage.pilot, "✗ choose with space what the other groups should get")
        await step(stage, "space", "enter")
        assert stage.open
        await wait_for(stage.pilot, "✗ choose with space which groups should get it")
        await wait_for(stage.pilot, "▸ Other groups")
        await step(stage, "space", "enter")
        edit = stage.result
    assert edit is not None
    assert edit.what == "change system prompt of 1 group as in qwen"


async def test_the_values_of_the_template_are_shown() -> None:
    async with play(dialog) as stage:
        for name, words in (
            ("system prompt", "enhance"),
            ("prompt text", "Be brief.\\nAlways."),
            ("prompt applies to", "calls with tools"),
            ("prompt position", "system prompt"),
            ("prompt for models", "all"),
            ("replacements", "2: old, older"),
            ("tool mode", "compat"),
            ("tools to hide", "none"),
            ("temperature ratio", "0.7"),
            ("state", "in use"),
        ):
            assert f" {words} " in row(stage, name), name
        assert "] qwen" not in stage.text, "the template is not among those to be changed"


async def test_groups_say_how_far_they_differ() -> None:
    async with play(dialog) as stage:
        await step(stage, "G", "k", "k", "space")
        assert "now 1" in row(stage, "other")
        assert "has it already" in row(stage, "alike")
        await step(stage, *["k"] * 2, "space")
        assert "2 of 2 differ" in row(stage, "other")
        assert "1 of 2 differ" in row(stage, "alike")
        await step(stage, "space", "k", "k", "k", "space")
        assert "prompt position" in row(stage, "prompt position")
        assert "1 of 2 differ" in row(stage, "other")
        assert "have" not in row(stage, "alike")
        assert "has them already" in row(stage, "alike")


async def test_groups_that_have_it_already_are_no_change() -> None:
    async with play(dialog) as stage:
        await step(stage, "G", "k", "k", "space", "tab", "j", "space", "enter")
        assert stage.open
        await wait_for(stage.pilot, "✗ all that are chosen have it already")
        await step(stage, "j", "space")
        await wait_for(stage.pilot, "temperature ratio of 1 group: other")


async def test_many_fields_are_counted() -> None:
    async with play(dialog) as stage:
        await step(stage, "space", "j", "space", "tab", "a")
        await wait_for(stage.pilot, "system prompt and prompt text of 3 groups")
        await step(stage, "shift+tab", "a")
        await wait_for(stage.pilot, "11 fields of 3 groups: default, alike, other")
        await step(stage, "ctrl+s")
        edit = stage.result
    assert edit is not None
    assert edit.what == "change 11 fields of 3 groups as in qwen"
    for group in edit.value.groups:
        assert group == TEMPLATE.model_copy(update={"name": group.name})


async def test_up_and_down_lead_from_one_list_to_the_other() -> None:
    async with play(dialog) as stage:
        await step(stage, "G", "j")
        assert "▸ Other groups" in stage.text
        await step(stage, "k")
        assert "▸ Fields" in stage.text


async def test_leaving_changes_nothing_and_does_not_ask() -> None:
    async with play(dialog) as stage:
        await step(stage, "space", "escape")
        assert stage.result is None


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_many_groups_and_odd_names_fit(ascii_only: bool) -> None:
    odd = "[bold]漢字[red]" * 6
    groups = tuple(Group(name=f"g{number:02}") for number in range(40))
    value = VALUE.model_copy(update={"groups": (*VALUE.groups, Group(name=odd), *groups)})
    async with play(lambda: dialog(value), ascii_only=ascii_only) as stage:
        await step(stage, "space", "tab", "space", "G", "space")
        assert "] g39 " in stage.text
        assert "esc Close" in stage.text
        assert "system prompt of 2 groups: default, g39" in stage.text
        strips = stage.app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {SMALL[0]}
        await step(stage, "g", "j", "j", "j")
        shown = await wait_for(stage.pilot, "] [bold]漢字[red]")
        odd_row = next(line for line in shown.splitlines() if "[bold]" in line)
        assert "now off" in odd_row, "a long name leaves room for what is said of the group"
