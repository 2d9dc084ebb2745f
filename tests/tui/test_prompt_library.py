"""The prompt library: reading, choosing, inserting, and keeping prompts of one's own."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import TextArea

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Configuration, Prompt
from ccproxy_tui.tui.commands import COMMANDS
from ccproxy_tui.tui.prompt_rows import size_of
from ccproxy_tui.tui.screens import form as form_module
from ccproxy_tui.tui.screens import prompt_library
from ccproxy_tui.tui.screens.group_form import GroupForm
from ccproxy_tui.tui.screens.prompt_form import PromptForm
from ccproxy_tui.tui.screens.prompt_library import PromptLibrary
from ccproxy_tui.tui.screens.takes_prompts import with_paragraph
from tests.tui.fake import CONFIGURATION, Fake, fake
from tests.tui.screen_text import (
    region_text,
    screen_lines,
    screen_text,
    type_text,
    wait_for,
    wait_until_gone,
)

NARROW, WIDE = (80, 24), (160, 48)
TERSE = Prompt(
    name="Terse",
    text="Answer in few words.\nNever explain what nobody asked.",
    description="Short answers",
)
LONG = Prompt(
    name="Careful agent",
    text="\n".join(f"Rule {number}: look before you leap." for number in range(1, 60)),
    description="Rules for small models that call tools",
)
OWN = Prompt(name="House style", text="Write like the house does.", description="For our repo")


@pytest.fixture(autouse=True)
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccproxy_tui.tui.overlays.shipped", lambda: (TERSE, LONG))


def with_own(configuration: Configuration = CONFIGURATION) -> Configuration:
    return edits.put_prompt(configuration, OWN)


def rows(app: App[Any]) -> list[str]:
    """The lines of the list, without its head, a space between cells."""
    lines = region_text(app, "PromptRows").splitlines()[1:]
    return [" ".join(line.split()) for line in lines if line.strip()]


async def wait_for_rows(pilot: Pilot[Any], *begin: str) -> None:
    """Wait until there are just these rows, told by how they begin."""
    for _ in range(200):
        await pilot.pause(0.01)
        shown = rows(pilot.app)
        if len(shown) == len(begin) and all(map(str.startswith, shown, begin)):
            return
    raise AssertionError(f"{begin} never were the rows of\n{screen_text(pilot.app)}")


def own(parts: Fake) -> list[Prompt]:
    """The user's own, as they are saved."""
    return list(parts.live.value.prompts)


def preview(app: App[Any]) -> str:
    return region_text(app, ".library--shown")


async def open_library(pilot: Pilot[Any]) -> None:
    await pilot.press("P")
    await wait_for(pilot, "Prompts ─")


async def open_group(pilot: Pilot[Any]) -> GroupForm:
    await pilot.press("1", "e")
    await wait_for(pilot, "Group qwen")
    form = pilot.app.screen
    assert isinstance(form, GroupForm)
    return form


async def choose(pilot: Pilot[Any], name: str) -> None:
    """Insert a prompt into the form that is open."""
    await pilot.press("ctrl+l")
    await wait_for(pilot, "which one to insert?")
    await pilot.press("slash")
    await type_text(pilot, name)
    await pilot.press("enter")
    await wait_for_rows(pilot, name)
    await pilot.press("enter")
    await wait_until_gone(pilot, "which one to insert?")


def area_of(form: GroupForm) -> TextArea:
    control = form.field("prompt_text").control
    assert isinstance(control, TextArea)
    return control


# --- list and preview ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_all_are_listed_and_marked_and_the_selected_one_is_shown(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with fake(tmp_path, with_own()) as parts, parts.run(size) as pilot:
        await open_library(pilot)
        assert rows(parts.app)[:2] == [
            "House style yours For our repo",
            "Terse shipped Short answers",
        ]
        assert rows(parts.app)[2].startswith("Careful agent shipped Rules for small models")
        assert "None of your own yet" not in screen_text(parts.app)
        assert "yours · 26 characters, about 7 tokens" in preview(parts.app)
        assert "For our repo" in preview(parts.app)
        assert "Write like the house does." in preview(parts.app)
        await pilot.press("j")
        await wait_for(pilot, "shipped · 53 characters, about 14 tokens")
        assert "Never explain what nobody asked." in preview(parts.app)
        assert "Write like the house does." not in preview(parts.app)


async def test_a_long_text_can_be_read_to_its_end(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("j")
        await wait_for(pilot, "Rule 7:")
        assert "Rule 59:" not in preview(parts.app)
        assert "1,819 characters, about 455 tokens" in preview(parts.app)
        await pilot.press("tab", "G")
        await wait_for(pilot, "Rule 59:")
        await pilot.press("tab", "k")
        await wait_for(pilot, "Answer in few words.")


async def test_narrow_the_list_is_above_the_text_and_wide_beside_it(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        lines = screen_lines(parts.app)
        (row,) = [number for number, line in enumerate(lines) if "Careful agent" in line]
        assert "Answer in few words." not in "\n".join(lines[: row + 1])
        assert sum("│" in line for line in region_text(parts.app, "TextView").splitlines()) == 0
        assert len(region_text(parts.app, "TextView").splitlines()) >= 10
        assert "/ Filter" in lines[-2]
        assert "⏎ Copy" in lines[-2]
        assert "esc Back" in lines[-2]
        assert "⏎ Insert" not in lines[-2]
        await pilot.resize_terminal(*WIDE)
        await pilot.pause()
        lines = screen_lines(parts.app)
        (side,) = [line for line in lines if "Terse " in line and "·" in line and "shipped" in line]
        assert side.index("shipped") < side.index("characters")


async def test_the_smallest_terminal_still_shows_some_of_the_text(
    parts: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = tuple(Prompt(name=f"More {number}", text="x") for number in range(3))
    monkeypatch.setattr("ccproxy_tui.tui.overlays.shipped", lambda: (TERSE, *more))
    async with parts.run((60, 15)) as pilot:
        await open_library(pilot)
        assert "None of your own yet: a adds one" in screen_text(parts.app)
        assert [line.split()[0] for line in rows(parts.app)] == ["Terse", "More", "More", "More"]
        assert "shipped · 53 characters" in preview(parts.app)
        assert "Never explain what nobody asked." in preview(parts.app)


async def test_many_prompts_leave_room_for_the_text(tmp_path: Path) -> None:
    many = CONFIGURATION
    for number in range(30):
        many = edits.put_prompt(many, Prompt(name=f"own {number:02}", text=f"text {number:02}"))
    async with fake(tmp_path, many) as parts, parts.run(NARROW) as pilot:
        await open_library(pilot)
        assert len(rows(parts.app)) == 7
        await pilot.press(*"jjjjjjjjj")
        await wait_for(pilot, "text 09")
        assert "own 09" in "".join(rows(parts.app))


async def test_without_any_of_ones_own_it_says_which_key_to_press(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        assert "None of your own yet: a adds one" in screen_text(parts.app)


async def test_without_any_it_says_so(parts: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccproxy_tui.tui.overlays.shipped", tuple)
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        assert "No prompts yet: a adds one." in screen_text(parts.app)
        assert "Copy" not in screen_lines(parts.app)[-2]
        await pilot.press("y", "e", "d", "enter", "ctrl+o")
        assert isinstance(parts.app.screen, PromptLibrary)


async def test_the_filter_looks_into_names_descriptions_and_texts(tmp_path: Path) -> None:
    async with fake(tmp_path, with_own()) as parts, parts.run(NARROW) as pilot:
        await open_library(pilot)
        for words, left in (
            ("terse", ["Terse"]),
            ("REPO", ["House"]),
            ("leap rule", ["Careful"]),
            ("shipped", ["Terse", "Careful"]),
            ("yours", ["House"]),
            ("xyzzy", []),
        ):
            await pilot.press("slash", "ctrl+u")
            await type_text(pilot, words)
            await pilot.press("enter")
            if left:
                await wait_for_rows(pilot, *left)
            else:
                await wait_for(pilot, "No prompt has these words; esc shows all.")
        await pilot.press("escape")
        await wait_for_rows(pilot, "House", "Terse", "Careful")
        assert isinstance(parts.app.screen, PromptLibrary), "esc took the filter back first"
        await pilot.press("escape")
        await wait_until_gone(pilot, "Prompts ─")


async def test_a_text_is_copied(parts: Fake, clipboard: list[str]) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("y")
        await wait_for(pilot, "Terse: copied through the terminal (OSC 52)")
        await pilot.press("j", "enter")
        await wait_for(pilot, "Careful agent: copied")
        assert clipboard == [TERSE.text, LONG.text]
        assert isinstance(parts.app.screen, PromptLibrary)


async def test_it_opens_from_the_palette(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("ctrl+p")
        await type_text(pilot, "prompts")
        await wait_for(pilot, "Prompts  (P)")
        await pilot.press("enter")
        await wait_for(pilot, "Answer in few words.")


async def test_what_is_in_a_prompt_is_no_markup(
    parts: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Prompt(name="[red]x", text="<a>[bold]\n\t漢字\x1b[2J " + "w" * 200, description="[/]")
    monkeypatch.setattr("ccproxy_tui.tui.overlays.shipped", lambda: (odd,))
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        assert "[red]x" in rows(parts.app)[0]
        shown = preview(parts.app)
        assert "<a>[bold]" in shown
        assert "    漢字·[2J" in shown
        assert shown.replace("\n", "").count("w") == 200
        strips = parts.app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {80}


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_no_word_of_a_long_line_is_lost(
    parts: Fake, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    words = [f"word{number:02}" for number in range(60)]
    long = Prompt(name="One line", text=" ".join(words), description="d" * 300)
    monkeypatch.setattr("ccproxy_tui.tui.overlays.shipped", lambda: (long,))
    async with parts.run(size) as pilot:
        await open_library(pilot)
        assert [word for word in words if word not in preview(parts.app)] == []
        assert "│" not in preview(parts.app)
        assert "shipped · 419 characters" in preview(parts.app)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_plain_ascii(tmp_path: Path, size: tuple[int, int]) -> None:
    settings = CONFIGURATION.settings.model_copy(update={"ascii": True})
    plain = with_own(edits.put_settings(CONFIGURATION, settings))
    plain = edits.put_prompt(plain, Prompt(name="n" * 70, text="t"))
    async with fake(tmp_path, plain) as parts, parts.run(size) as pilot:
        await pilot.press("P")
        await wait_for(pilot, "yours - 26 characters")
        assert_ascii(parts.app)
        await pilot.press("tab")
        assert_ascii(parts.app)
        await pilot.press("e")
        await wait_for(pilot, "Prompt House style")
        assert_ascii(parts.app)
        await pilot.press("escape", "escape")
        await pilot.press("1", "e")
        await wait_for(pilot, "Group qwen")
        await pilot.press("ctrl+l")
        await wait_for(pilot, "Prompts - which one to insert?")
        assert "enter Insert" in screen_text(parts.app)
        assert_ascii(parts.app)


def assert_ascii(app: App[Any]) -> None:
    """Scrollbars are drawn by Textual, here as in all lists."""
    text = screen_text(app)
    bars = {character for character in text if not character.isascii()}
    assert bars <= set("▁▂▃▄▅▆▇█▎▊▌"), bars


# --- inserting -------------------------------------------------------------------------------


async def test_into_an_empty_text_and_the_mode_is_switched_on(tmp_path: Path) -> None:
    group = CONFIGURATION.groups[1].model_copy(
        update={"prompt_injection": "off", "prompt_text": ""}
    )
    before = edits.put_group(CONFIGURATION, group, "qwen")
    async with fake(tmp_path, before) as parts, parts.run(NARROW) as pilot:
        form = await open_group(pilot)
        assert "^l Prompts" in screen_text(parts.app)
        await choose(pilot, "Terse")
        assert area_of(form).text == TERSE.text
        assert area_of(form).has_focus
        shown = screen_text(parts.app)
        assert "Never explain what nobody asked." in shown
        assert "inserted Terse; System prompt was off and is enhance now" in shown
        await type_text(pilot, " Ever.")
        assert area_of(form).text == f"{TERSE.text} Ever.", "the cursor is behind what came"
        await pilot.press("ctrl+s")
        await wait_for(pilot, "change group qwen")
        saved = parts.live.value.group("qwen")
        assert saved is not None
        assert (saved.prompt_injection, saved.prompt_text) == ("enhance", f"{TERSE.text} Ever.")


async def test_into_a_filled_text_from_elsewhere_it_is_appended(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        form = await open_group(pilot)
        await choose(pilot, "Terse")
        assert area_of(form).text == f"Be brief.\n\n{TERSE.text}"
        shown = screen_text(parts.app)
        assert "inserted Terse" in shown
        assert "was off" not in shown
        assert form.field("prompt_injection").value == "enhance"


async def test_into_a_filled_text_it_goes_to_the_cursor(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        form = await open_group(pilot)
        area_of(form).focus()
        await choose(pilot, "Terse")
        assert area_of(form).text == f"{TERSE.text}\n\nBe brief."
        await type_text(pilot, "!")
        assert area_of(form).text == f"{TERSE.text}!\n\nBe brief."
        area_of(form).move_cursor((3, 3))
        await choose(pilot, "Careful")
        assert area_of(form).text == f"{TERSE.text}!\n\nBe brief.\n\n{LONG.text}", "no line is cut"


async def test_replace_stays_replace(tmp_path: Path) -> None:
    group = CONFIGURATION.groups[1].model_copy(update={"prompt_injection": "replace"})
    before = edits.put_group(CONFIGURATION, group, "qwen")
    async with fake(tmp_path, before) as parts, parts.run(NARROW) as pilot:
        form = await open_group(pilot)
        await choose(pilot, "Terse")
        assert form.field("prompt_injection").value == "replace"


async def test_leaving_the_library_leaves_the_form_as_it_was(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        form = await open_group(pilot)
        await pilot.press("ctrl+l")
        await wait_for(pilot, "which one to insert?")
        assert "⏎ Insert" in screen_text(parts.app)
        assert "y Copy" in screen_text(parts.app)
        await pilot.press("escape")
        await wait_until_gone(pilot, "which one to insert?")
        assert area_of(form).text == "Be brief."
        assert not form.dirty


async def test_the_note_goes_when_the_user_goes_on(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await open_group(pilot)
        await choose(pilot, "Terse")
        assert "inserted Terse" in screen_text(parts.app)
        await pilot.press("tab")
        await wait_until_gone(pilot, "inserted Terse")


async def test_a_group_is_saved_although_a_prompt_was_added_meanwhile(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        form = await open_group(pilot)
        await pilot.press("ctrl+l")
        await wait_for(pilot, "which one to insert?")
        await pilot.press("a")
        await wait_for(pilot, "New prompt of your own")
        await type_text(pilot, "Mine")
        await pilot.press("tab", "tab")
        await type_text(pilot, "My words.")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "add prompt Mine · u undoes")
        await pilot.press("enter")
        await wait_until_gone(pilot, "which one to insert?")
        assert area_of(form).text == "Be brief.\n\nMy words."
        await pilot.press("ctrl+s")
        await wait_for(pilot, "change group qwen")
        saved = parts.live.value.group("qwen")
        assert saved is not None
        assert saved.prompt_text == "Be brief.\n\nMy words."
        assert [prompt.name for prompt in parts.live.value.prompts] == ["Mine"]


async def test_a_groups_text_is_kept_as_a_prompt(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        form = await open_group(pilot)
        assert "Keep text" not in screen_text(parts.app)
        area_of(form).focus()
        await wait_for(pilot, "^g Keep text")
        await pilot.press("ctrl+g")
        shown = await wait_for(pilot, "New prompt of your own")
        assert "Be brief." in shown
        await pilot.press("end")
        await type_text(pilot, " terse")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "qwen terse is one of your prompts now.")
        assert own(parts) == [Prompt(name="qwen terse", text="Be brief.")]
        assert parts.app.screen is form
        area_of(form).clear()
        await pilot.press("ctrl+g")
        await wait_for(pilot, "There is no text to keep yet.")


@pytest.mark.parametrize(
    ("text", "row", "expected"),
    [
        ("", 0, ("P\nQ", 1)),
        ("a\nb", 0, ("P\nQ\n\na\nb", 1)),
        ("a\nb", 1, ("a\n\nP\nQ\n\nb", 3)),
        ("a\n\nb", 2, ("a\n\nP\nQ\n\nb", 3)),
        ("a\n\n\n", 4, ("a\n\nP\nQ", 3)),
        ("a\n  b", 1, ("a\n\nP\nQ\n\n  b", 3)),
        (" \n", 1, ("P\nQ", 1)),
    ],
)
def test_a_prompt_is_a_paragraph_of_its_own(text: str, row: int, expected: tuple[str, int]) -> None:
    assert with_paragraph(text.split("\n"), row, "P\nQ\n") == expected


# --- prompts of one's own --------------------------------------------------------------------


async def test_one_is_added_edited_deleted_and_each_can_be_undone(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("a")
        await wait_for(pilot, "New prompt of your own")
        await type_text(pilot, "Mine")
        await pilot.press("tab")
        await type_text(pilot, "for me")
        await pilot.press("tab")
        await type_text(pilot, "My")
        await pilot.press("enter")
        await type_text(pilot, "words.")
        await wait_for(pilot, "9 characters, about 3 tokens")
        await pilot.press("ctrl+s")
        shown = await wait_for(pilot, "add prompt Mine · u undoes")
        mine = Prompt(name="Mine", description="for me", text="My\nwords.")
        assert own(parts) == [mine]
        assert "yours · 9 characters" in shown, "it is selected"
        assert "None of your own yet" not in shown

        await pilot.press("e")
        await wait_for(pilot, "Prompt Mine")
        await pilot.press("end")
        await type_text(pilot, " 2")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "change prompt Mine 2 · u undoes")
        assert own(parts) == [mine.model_copy(update={"name": "Mine 2"})]
        await pilot.press("u")
        await wait_for(pilot, "Undone: change prompt Mine 2")
        assert own(parts) == [mine]
        await wait_for_rows(pilot, "Mine yours", "Terse", "Careful")

        await pilot.press("g", "d")
        shown = await wait_for(pilot, "Delete prompt Mine?")
        assert "groups into which it was put keep their text" in shown
        assert "u takes the deletion back." in shown
        await pilot.press("enter")
        await wait_until_gone(pilot, "Delete prompt Mine?")
        assert own(parts) == [mine], "enter is the safe answer"
        await pilot.press("d")
        await wait_for(pilot, "Delete prompt Mine?")
        await pilot.press("y")
        await wait_for(pilot, "delete prompt Mine · u undoes")
        assert own(parts) == []
        assert "None of your own yet" in screen_text(parts.app)
        await pilot.press("u")
        await wait_for(pilot, "Undone: delete prompt Mine")
        assert own(parts) == [mine]
        await pilot.press("ctrl+r")
        await wait_for(pilot, "Done again: delete prompt Mine")
        assert own(parts) == []


async def test_a_shipped_one_is_copied_when_it_is_edited(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("e")
        shown = await wait_for(pilot, "Your own copy of Terse")
        assert "The shipped one stays as it is; this copy is yours." in shown
        assert "Terse-2" in shown
        assert "Never explain what nobody asked." in shown
        await pilot.press("ctrl+s")
        shown = await wait_for(pilot, "add prompt Terse-2 · u undoes")
        assert own(parts) == [TERSE.model_copy(update={"name": "Terse-2"})]
        await wait_for_rows(pilot, "Terse-2 yours", "Terse shipped", "Careful")
        assert "yours · 53 characters" in shown


async def test_a_shipped_one_cannot_be_deleted(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("d")
        await wait_for(pilot, "Terse is shipped and stays; e makes a copy of it.")
        assert isinstance(parts.app.screen, PromptLibrary)


async def test_names_and_texts_that_cannot_be_are_refused(tmp_path: Path) -> None:
    async with fake(tmp_path, with_own()) as parts, parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("a")
        await wait_for(pilot, "fill in: Name, Text")
        for name in ("House style", "Terse"):
            await pilot.press("ctrl+u")
            await type_text(pilot, name)
            await wait_for(pilot, "✗ another prompt has this name")
        await pilot.press("ctrl+u")
        await type_text(pilot, "Free")
        await wait_until_gone(pilot, "another prompt has this name")
        await pilot.press("tab", "tab", "enter", "ctrl+s")
        await wait_for(pilot, "✗ cannot be saved: Text: a text is needed")
        assert isinstance(parts.app.screen, PromptForm)
        await type_text(pilot, "x")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "add prompt Free")


async def test_an_edited_one_may_keep_its_name(tmp_path: Path) -> None:
    async with fake(tmp_path, with_own()) as parts, parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("e")
        await wait_for(pilot, "Prompt House style")
        await pilot.press("tab", "tab", "end")
        await type_text(pilot, " Always.")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "change prompt House style")
        assert own(parts)[0].text == "Write like the house does. Always."
        assert "Write like the house does. Always." in preview(parts.app)


async def test_what_was_added_is_seen_although_a_filter_would_hide_it(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("slash")
        await type_text(pilot, "careful")
        await pilot.press("enter", "a")
        await wait_for(pilot, "New prompt of your own")
        await type_text(pilot, "Mine")
        await pilot.press("tab", "tab")
        await type_text(pilot, "My words.")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "yours · 9 characters")
        await wait_for_rows(pilot, "Mine", "Terse", "Careful")


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """What the user makes of a text in $EDITOR; None leaves it as it was."""
    answers: list[str | None] = []

    async def edited(_app: App[Any], text: str, suffix: str = ".txt") -> str | None:
        del suffix
        answer = answers.pop(0)
        return None if answer is None else answer.replace("*", text)

    monkeypatch.setattr(prompt_library, "edit_text", edited)
    monkeypatch.setattr(form_module, "edit_text", edited)
    return answers


async def test_ones_own_is_changed_in_the_editor(tmp_path: Path, editor: list[str | None]) -> None:
    async with fake(tmp_path, with_own()) as parts, parts.run(NARROW) as pilot:
        await open_library(pilot)
        editor += [None, "* Indeed.", " \n"]
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert own(parts) == [OWN]
        await pilot.press("ctrl+o")
        await wait_for(pilot, "change prompt House style · u undoes")
        assert "Write like the house does. Indeed." in preview(parts.app)
        await pilot.press("ctrl+o")
        await wait_for(pilot, "A prompt without text is none; nothing was changed.")
        assert own(parts)[0].text == "Write like the house does. Indeed."


async def test_a_shipped_one_is_changed_in_a_copy(parts: Fake, editor: list[str | None]) -> None:
    async with parts.run(NARROW) as pilot:
        await open_library(pilot)
        editor.append("*\nPlease.")
        await pilot.press("ctrl+o")
        shown = await wait_for(pilot, "Your own copy of Terse")
        assert "Please." in shown
        await pilot.press("ctrl+s")
        await wait_for(pilot, "add prompt Terse-2")
        assert own(parts)[0].text == f"{TERSE.text}\nPlease."


async def test_the_form_opens_its_text_in_the_editor(
    tmp_path: Path, editor: list[str | None]
) -> None:
    async with fake(tmp_path, with_own()) as parts, parts.run(NARROW) as pilot:
        await open_library(pilot)
        await pilot.press("e")
        await wait_for(pilot, "Prompt House style")
        await pilot.press("tab", "tab")
        editor.append("* More.")
        await pilot.press("ctrl+o")
        await wait_for(pilot, "Write like the house does. More.")


# --- keys and figures ------------------------------------------------------------------------


@pytest.mark.parametrize("inner", ["list", "text"])
def test_no_key_means_two_things_at_once(inner: str) -> None:
    meant = {
        frozenset({"prompts.insert", "prompts.copy"}),  # to insert where that is possible
        frozenset({"text.find", "prompts.filter"}),  # the text has no search of its own here
    }
    there = [command for command in COMMANDS if command.context in {inner, "prompts", "app"}]
    for one, other in combinations(there, 2):
        if frozenset({one.id, other.id}) not in meant:
            assert not set(one.keys.split(",")) & set(other.keys.split(",")), (one.id, other.id)


def test_every_command_has_somebody_who_does_it() -> None:
    for command in COMMANDS:
        if command.context == "prompts":
            assert hasattr(PromptLibrary, f"action_{command.action}"), command.id
        if command.id in {"form.library", "form.keep"}:
            assert hasattr(GroupForm, f"action_{command.action}"), command.id


def test_sizes_are_said_in_words() -> None:
    assert size_of("x") == "1 character, about 1 token"
    assert size_of("word" * 5000) == "20,000 characters, about 5.0k tokens"
    assert size_of("漢字" * 100) == "200 characters, about 150 tokens"
