"""The main screen: what it shows at which size, and how one gets around."""

import time
from pathlib import Path
from typing import NoReturn

import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Configuration, Group
from ccproxy_tui.traffic.call import Phase
from ccproxy_tui.tui.app import CcproxyApp
from ccproxy_tui.tui.screens.help import Help
from tests.tui.fake import CONFIGURATION, TOKEN, Fake, fake, made_call
from tests.tui.screen_text import (
    region_text,
    screen_lines,
    screen_text,
    type_text,
    wait_for,
    wait_until_gone,
)

WIDE = (160, 50)
NARROW = (80, 24)


def focused_pane(app: CcproxyApp) -> str:
    assert app.main.focused is not None
    return next(str(node.id) for node in app.main.focused.ancestors if node in app.main.panes)


async def test_wide_all_panes_are_seen(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        shown = await wait_for(pilot, "No calls yet")
        for title in (
            "1 Groups",
            "2 Proxies · qwen",
            "3 Keys",
            "4 Providers",
            "5 Log",
            "6 Inspect",
        ):
            assert f"─ {title} ─" in shown
        assert "127.0.0.1:11435" in shown
        assert shown.splitlines()[0].endswith("out 0  today $0.00")
        assert "active: qwen" in shown
        assert TOKEN not in shown
        assert "cs-A1…z9Yx" in shown
        assert "2: local/qwen3-coder" in shown


async def test_narrow_one_pane_is_seen_and_numbers_switch(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await wait_for(pilot, "─ 5 Log ─")
        for key, title in (
            ("1", "1 Groups"), ("2", "2 Proxies · qwen"), ("3", "3 Keys"), ("4", "4 Providers"),
            ("6", "6 Inspect"), ("5", "5 Log"),
        ):  # fmt: skip
            await pilot.press(key)
            shown = await wait_for(pilot, f"─ {title} ─")
            assert shown.count("╭─") == 1
            assert "live" in screen_lines(pilot.app)[0]
            assert "err" in screen_lines(pilot.app)[0]


async def test_tab_goes_through_all_panes_and_back(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        for size in (NARROW, (100, 30)):
            await pilot.resize_terminal(*size)
            seen = []
            for _ in range(6):
                await pilot.press("tab")
                seen.append(focused_pane(parts.app))
            assert seen == ["inspect", "groups", "proxies", "keys", "providers", "log"]
            await pilot.press("shift+tab")
            assert focused_pane(parts.app) == "providers"
            await pilot.press("tab")


async def test_a_terminal_that_is_too_small_says_so_and_recovers(parts: Fake) -> None:
    async with parts.run((59, 24)) as pilot:
        await pilot.pause()
        assert [line.strip() for line in screen_lines(parts.app) if line.strip()] == [
            "ccproxy needs 60×15 cells"
        ]
        await pilot.resize_terminal(60, 15)
        assert "5 Log" in screen_text(parts.app)
        await pilot.resize_terminal(*WIDE)
        assert "1 Groups" in screen_text(parts.app)
        assert focused_pane(parts.app) == "log"
        await pilot.press("4")
        await pilot.resize_terminal(40, 10)
        await wait_for(pilot, "ccproxy needs")
        await pilot.resize_terminal(*NARROW)
        await wait_for(pilot, "4 Providers ─")
        assert focused_pane(parts.app) == "providers"


async def test_zoom_and_escape(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("4", "z")
        assert screen_text(parts.app).count("╭─") == 1
        await pilot.press("2")
        assert "2 Proxies" in screen_text(parts.app)
        await pilot.press("escape")
        assert screen_text(parts.app).count("╭─") == 6
        await pilot.press("escape", "escape")
        assert parts.app.is_running


async def test_selecting_a_group_shows_its_proxies(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        assert "claude-haiku-*" in screen_text(parts.app)
        await pilot.press("1", "k")
        assert "2 Proxies · default" in screen_text(parts.app)
        assert "claude-haiku-*" not in screen_text(parts.app)
        assert "vendor/sonnet" in screen_text(parts.app)
        await pilot.press("G")
        assert "this group" in screen_text(parts.app)


async def test_the_footer_shows_the_keys_of_the_focus_and_always_help(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await wait_for(pilot, "f Follow")
        assert "⏎ Inspect" not in screen_lines(parts.app)[-1]
        await pilot.press("6")
        await wait_for(pilot, "/ Find")
        assert "o Open" not in screen_lines(parts.app)[-1]
        await pilot.press("5")
        parts.tell(made_call(1))
        await wait_for(pilot, "⏎ Inspect")
        await pilot.press("enter")
        await wait_for(pilot, "o Open")
        await pilot.press("1")
        await pilot.pause()
        footer = screen_lines(parts.app)[-1]
        assert "a Add" in footer
        assert "A Activate" in footer
        assert "? Help" in footer
        await pilot.press("5", "slash")
        await pilot.pause()
        assert "esc Clear" in screen_lines(parts.app)[-1]
        assert "/ Filter" not in screen_lines(parts.app)[-1]


async def test_help_lists_everything_and_is_searched(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("question_mark")
        shown = await wait_for(pilot, "Here and now")
        assert "Follow the newest calls, or stay where you are." in shown
        help_screen = parts.app.screen
        assert isinstance(help_screen, Help)
        assert help_screen.rows.item is not None
        assert help_screen.rows.item.title == "Follow"
        await pilot.press("slash")
        await type_text(pilot, "undo")
        shown = await wait_until_gone(pilot, "Follow the newest")
        assert "Take back the last change of configuration." in shown
        await pilot.press("escape", "slash")
        await type_text(pilot, "whose last")
        shown = await wait_for(
            pilot, "◐                           a provider of whose last calls some failed"
        )
        assert "Signs of proxies, keys and providers" in shown
        await pilot.press("escape", "escape")
        await wait_until_gone(pilot, "whose last")
        assert parts.app.screen is parts.app.main


async def test_the_command_line_gives_commands_by_name_and_completes(parts: Fake) -> None:
    async with parts.run((100, 40)) as pilot:
        await pilot.press("4", "colon")
        await type_text(pilot, "tes")
        await wait_for(pilot, "Send a tiny real call")
        await pilot.press("enter")
        await wait_for(pilot, "qwen3-coder answered in 0.8 s")
        await pilot.press("colon")
        await type_text(pilot, "nonsense")
        await wait_for(pilot, "No such command here.")
        await pilot.press("enter", "escape")
        await wait_until_gone(pilot, "No such command")
        await pilot.press("1", "colon")
        await type_text(pilot, "act")
        await pilot.press("tab")
        await wait_for(pilot, " activate")
        await pilot.press("up", "down", "enter")
        await wait_for(pilot, "make qwen the active group")


async def test_the_palette_finds_commands(parts: Fake) -> None:
    async with parts.run((100, 40)) as pilot:
        await pilot.press("ctrl+p")
        await wait_for(pilot, "Follow  (f)")
        await type_text(pilot, "zoom")
        await wait_for(pilot, "Zoom  (z)")
        await pilot.press("enter")
        await wait_until_gone(pilot, "6 Inspect ─")
        assert "5 Log" in screen_text(parts.app)


async def test_header_counts_what_goes_on(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        parts.tell(
            made_call(1),
            made_call(2, phase=Phase.FAILED, status=500),
            made_call(3, phase=Phase.STREAMING, duration=None, started_at=time.time()),
        )
        await wait_for(pilot, "▲ 1 live")
        header = screen_lines(parts.app)[0]
        assert header.endswith("▁▇")
        assert "err 50.0%" in header
        assert "3 req/min" in header
        assert "in 4.0k" in header
        assert "cached 40%" in header


async def test_a_note_about_the_proxy_stays_in_sight(tmp_path: Path) -> None:
    async with fake(tmp_path, demo=True) as parts:
        parts.status = type(parts.status)(
            "127.0.0.1:1", "http://127.0.0.1:1", "demo, temporary data"
        )
        async with parts.run(NARROW) as pilot:
            await pilot.pause()
            assert "demo, temporary data" in screen_lines(parts.app)[0]
            assert "▲ 0 live" in screen_lines(parts.app)[0]


# --- leaving --------------------------------------------------------------------------------


async def test_q_quits_when_nothing_runs(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("q")
    assert parts.app.return_value == "quit"


async def test_q_asks_when_calls_run(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, phase=Phase.STREAMING, duration=None))
        await wait_for(pilot, "▲ 1 live")
        await pilot.press("q")
        await wait_for(pilot, "1 call is running")
        await pilot.press("enter")
        await wait_until_gone(pilot, "1 call is running")
        await pilot.press("q")
        await wait_for(pilot, "1 call is running")
        await pilot.press("y")
    assert parts.app.return_value == "quit"


@pytest.mark.parametrize("keys", [("question_mark",), ("comma",), ("slash",)])
async def test_ctrl_q_quits_from_anywhere(parts: Fake, keys: tuple[str, ...]) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1, phase=Phase.STREAMING, duration=None))
        await wait_for(pilot, "▲ 1 live")
        await pilot.press(*keys)
        await pilot.press("ctrl+q")
    assert parts.app.return_value == "quit"


async def test_q_goes_back_before_it_quits(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(1))
        await wait_for(pilot, "✓")
        await pilot.press("enter", "q")
        assert focused_pane(parts.app) == "log"
        assert parts.app.is_running


# --- settings, welcome, changes elsewhere ---------------------------------------------------


async def test_settings_are_saved(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("comma")
        await wait_for(pilot, "Listen on")
        await pilot.press("tab", "end")
        await type_text(pilot, "9")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "cannot be saved")
        await pilot.press("backspace", "backspace")
        await type_text(pilot, "6")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "change settings")
        assert parts.live.value.settings.port == 11436
        await pilot.press("u")
        await wait_for(pilot, "Undone: change settings")
        assert parts.live.value.settings.port == 11435


async def test_ascii_and_theme_hold_at_once(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        parts.tell(made_call(1))
        settings = CONFIGURATION.settings.model_copy(
            update={"ascii": True, "theme": "ccproxy-light"}
        )
        await parts.live.apply(edits.put_settings(CONFIGURATION, settings), "plain")
        await wait_for(pilot, "= done")
        await pilot.press("1")
        await pilot.pause()
        assert parts.app.theme == "ccproxy-light"
        assert [c for c in screen_text(parts.app) if not c.isascii()] == []


async def test_ascii_reaches_footers_scrollbars_and_toasts_at_once(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(*(made_call(number) for number in range(1, 100)))
        await wait_for(pilot, "99 calls")
        await pilot.press(*"kkkkkkkkkkkkkkkkkkkkkkkkk")
        await wait_for(pilot, "⏎ Inspect")
        settings = CONFIGURATION.settings.model_copy(update={"ascii": True})
        await parts.live.apply(edits.put_settings(CONFIGURATION, settings), "plain")
        await wait_for(pilot, "enter Inspect")
        for severity in ("information", "warning", "error"):
            parts.app.notify(f"{severity} · so it is…", severity=severity)
            shown = await wait_for(pilot, f"{severity} - so it is")
            assert [one for one in shown if not one.isascii()] == []
        await parts.live.apply(CONFIGURATION, "as it was")
        await wait_for(pilot, "⏎ Inspect")


async def test_the_welcome_opens_when_there_is_only_the_demo(tmp_path: Path) -> None:
    demo = CONFIGURATION.providers[0].model_copy(
        update={"name": "demo", "base_url": "http://demo.internal/v1"}
    )
    only = Configuration(providers=(demo,), keys=CONFIGURATION.keys)
    async with fake(tmp_path, only, first_run=True) as parts, parts.run(NARROW) as pilot:
        await wait_for(pilot, "export ANTHROPIC_BASE_URL=http://127.0.0.1:11435")
        assert TOKEN in screen_text(pilot.app).replace("\n", "")
        await pilot.press("enter")
        await wait_for(pilot, "No calls yet")


async def test_no_welcome_once_there_is_a_provider_but_by_key(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await wait_for(pilot, "No calls yet")
        assert parts.app.screen is parts.app.main
        await pilot.press("W")
        shown = await wait_for(pilot, "export ANTHROPIC_BASE_URL=http://127.0.0.1:11435/qwen")
        assert TOKEN not in shown


async def test_a_change_by_another_process_is_shown(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        changed = edits.put_group(CONFIGURATION, Group(name="elsewhere"))
        await parts.live._store.save(changed, parts.live.snapshot.revision)
        await wait_for(pilot, "The configuration was changed elsewhere")
        assert "elsewhere" in region_text(parts.app, "#groups")


async def test_hostile_names_break_nothing(tmp_path: Path) -> None:
    name = "[bold]ev\u202eil[/]日本語" + "x" * 300
    hostile = CONFIGURATION.model_copy(
        update={
            "providers": (CONFIGURATION.providers[0].model_copy(update={"name": name}),),
            "proxies": (),
        }
    )
    async with fake(tmp_path, hostile) as parts, parts.run(WIDE) as pilot:
        parts.tell(made_call(1, key=name, requested=name, provider=name, error=name, session=name))
        await wait_for(pilot, "✓")
        assert "[bold]ev" in region_text(parts.app, "#providers")
        await pilot.press("4", "t")
        await wait_for(pilot, "[bold]ev·il[/]日本語")
        await pilot.press("5", "enter")
        await wait_for(pilot, "asked for")
        for line in screen_lines(parts.app):
            assert "\u202e" not in line


async def test_what_fails_in_the_background_is_said_and_ends_nothing(
    parts: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> NoReturn:
        raise OSError("disk is full")

    monkeypatch.setattr(parts.records, "recent", fail)
    async with parts.run(NARROW) as pilot:
        await wait_for(pilot, "remember failed: disk is full")
        parts.tell(made_call(1))
        await wait_for(pilot, "1 call")
        monkeypatch.setattr(parts.records, "exchange", fail)
        await pilot.press("enter")
        await wait_for(pilot, "load failed: disk is full")
        monkeypatch.setattr(parts.live._store, "save", fail)
        await pilot.press("1", "space")
        await wait_for(pilot, "disable group qwen: disk is full")
        assert parts.app.is_running
