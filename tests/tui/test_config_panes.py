"""The panes of configuration: each command, by keyboard alone, and what is said of it."""

from datetime import datetime, timedelta
from pathlib import Path

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import DEFAULT_GROUP, Group
from ccproxy_tui.traffic.call import Phase
from tests.tui.fake import CONFIGURATION, TOKEN, Fake, fake, made_call
from tests.tui.screen_text import region_text, screen_text, type_text, wait_for, wait_until_gone

WIDE = (160, 50)
NARROW = (80, 24)


async def test_add_a_group_then_undo_and_redo_and_leaving_a_form_changes_nothing(
    parts: Fake,
) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("1", "a")
        await wait_for(pilot, "New group")
        await type_text(pilot, "coder")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "u undoes")
        assert [group.name for group in parts.live.value.groups][-1] == "coder"
        item = parts.app.main.groups.item
        assert item is not None
        assert item.name == "coder"
        await pilot.press("u")
        await wait_for(pilot, "Undone: add group coder")
        assert parts.live.value == CONFIGURATION
        await pilot.press("ctrl+r")
        await wait_for(pilot, "Done again: add group coder")
        assert parts.live.value.group("coder") is not None
        await pilot.press("u", "u")
        await wait_for(pilot, "Nothing to undo.")
        await pilot.press("1", "a")
        await wait_for(pilot, "New group")
        await pilot.press("escape")
        await wait_until_gone(pilot, "New group")
        assert parts.live.value == CONFIGURATION


async def test_keys_that_come_in_a_bunch_go_where_they_are_meant_for(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await type_text(pilot, "4 ")
        await wait_for(pilot, "disable provider local")
        await type_text(pilot, "3D")
        await wait_for(pilot, "ClaudeCode-2")


async def test_renaming_carries_along_and_the_cursor_stays(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("1", "e")
        await wait_for(pilot, "Group qwen")
        await pilot.press("end")
        await type_text(pilot, "3")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "2 Proxies · qwen3")
        assert [proxy.group for proxy in parts.live.value.proxies] == ["default", "qwen3", "qwen3"]
        assert parts.live.value.settings.active_group == "qwen3"
        assert "active: qwen3" in screen_text(parts.app)


async def test_disable_and_enable(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("4", "space")
        await wait_for(pilot, "disable provider local · u undoes")
        assert "– local" in region_text(parts.app, "#providers")
        assert "– claude-haiku-*" in region_text(parts.app, "#proxies")
        await pilot.press("space")
        await wait_for(pilot, "enable provider local · u undoes")
        assert parts.live.value == CONFIGURATION


async def test_delete_says_what_depends_on_it_or_why_it_cannot_be(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("4", "d")
        shown = await wait_for(pilot, "Delete provider local?")
        assert "claude-sonnet-*" in shown
        await pilot.press("enter")
        await wait_until_gone(pilot, "Delete provider local?")
        assert parts.live.value == CONFIGURATION
        await pilot.press("d")
        await wait_for(pilot, "Delete provider local?")
        await pilot.press("y")
        await wait_for(pilot, "delete provider local · u undoes")
        assert [provider.name for provider in parts.live.value.providers] == ["vendor"]
        await pilot.press("u")
        await wait_for(pilot, "Undone")
        assert parts.live.value == CONFIGURATION
        await pilot.press("1", "g", "d")
        await wait_for(pilot, "must stay")
        assert parts.live.value.group(DEFAULT_GROUP) is not None


async def test_duplicates_have_names_and_tokens_of_their_own(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("3", "D")
        await wait_for(pilot, "ClaudeCode-2")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "export ANTHROPIC_AUTH_TOKEN")
        selected = parts.app.main.keys.item
        assert selected is not None
        assert selected.name == "ClaudeCode-2"
        await pilot.press("enter")
        await wait_for(pilot, "ClaudeCode-2")
        keys = parts.live.value.keys
        assert [key.name for key in keys] == ["ClaudeCode", "ci", "ClaudeCode-2"]
        assert len({key.token for key in keys}) == 3


async def test_a_proxy_is_duplicated_within_its_group(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("2", "D")
        await wait_for(pilot, "claude-sonnet-*-2")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "u undoes")
        aliases = [proxy.alias for proxy in parts.live.value.proxies_of("qwen")]
        assert aliases == ["claude-sonnet-*", "claude-haiku-*", "claude-sonnet-*-2"]
        selected = parts.app.main.proxies.item
        assert selected is not None
        assert selected.alias == "claude-sonnet-*-2"


async def test_moving_keeps_the_cursor_and_other_groups(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("2", "J")
        await wait_for(pilot, "move proxy claude-sonnet-* · u undoes")
        aliases = [(proxy.group, proxy.alias) for proxy in parts.live.value.proxies]
        assert aliases == [
            ("default", "claude-*"),
            ("qwen", "claude-haiku-*"),
            ("qwen", "claude-sonnet-*"),
        ]
        item = parts.app.main.proxies.item
        assert item is not None
        assert item.alias == "claude-sonnet-*"
        await pilot.press("K", "K")
        await wait_for(pilot, "move proxy")
        assert parts.live.value == CONFIGURATION


async def test_making_a_group_active(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("1", "g", "A")
        await wait_for(pilot, "active: default")
        assert "● default" in region_text(parts.app, "#groups")
        assert "● qwen" not in region_text(parts.app, "#groups")


async def test_testing_a_provider(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("4")
        for ok, failure, words in (
            (True, "", 'answered in 0.8 s: "Hello"'),
            (False, "", "local: status 401"),
            (True, "nothing listens there", "test local: nothing listens there"),
        ):
            parts.upstreams.ok, parts.upstreams.failure = ok, failure
            await pilot.press("t")
            await wait_for(pilot, words)


async def test_copying_what_is_worth_having(parts: Fake, clipboard: list[str]) -> None:
    async with parts.run(NARROW) as pilot:
        for keys, what, text in (
            (("1", "y"), "group qwen", "http://127.0.0.1:11435/qwen"),
            (("2", "y"), "proxy claude-sonnet-*", "claude-sonnet-*"),
            (("1", "g", "y"), "group default", "http://127.0.0.1:11435"),
            (("3", "y"), "key ClaudeCode", TOKEN),
            (("4", "y"), "provider local", "http://127.0.0.1:8080/v1"),
        ):
            clipboard.clear()
            await pilot.press(*keys)
            await wait_for(pilot, f"{what}: copied")
            assert clipboard == [text]
            assert TOKEN not in screen_text(parts.app)


async def test_an_empty_list_names_the_key_that_fills_it(parts: Fake) -> None:
    await parts.live.apply(edits.delete_provider(CONFIGURATION, "local"), "delete")
    await parts.live.apply(edits.delete_provider(parts.live.value, "vendor"), "delete")
    async with parts.run(WIDE) as pilot:
        await pilot.press("4", "e")
        await wait_for(pilot, "No provider is selected; a adds one.")
        assert "a adds one." in region_text(parts.app, "#providers")
        assert "a adds one." in region_text(parts.app, "#proxies")


async def test_filtering_a_list_but_not_by_secrets(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        await pilot.press("4", "slash")
        await type_text(pilot, "vend")
        await wait_for(pilot, "1 of 2 · /vend")
        assert "local" not in region_text(parts.app, "#providers")
        await pilot.press("enter", "space")
        await wait_for(pilot, "disable provider vendor")
        await pilot.press("escape")
        await wait_until_gone(pilot, "1 of 2")
        assert "local" in region_text(parts.app, "#providers")
        await pilot.press("4", "slash")
        await type_text(pilot, "verysecret")
        await wait_for(pilot, "0 of 2")


async def test_an_edit_is_repeated_on_what_another_process_saved(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        await pilot.press("1", "a")
        await wait_for(pilot, "New group")
        elsewhere = edits.put_group(CONFIGURATION, Group(name="elsewhere"))
        await parts.live._store.save(elsewhere, parts.live.snapshot.revision)
        await type_text(pilot, "coder")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "add group coder · u undoes")
        names = [group.name for group in parts.live.value.groups]
        assert names == ["default", "qwen", "spare", "elsewhere", "coder"]


async def test_a_dot_says_what_was_used_in_this_run(parts: Fake) -> None:
    parts.records.calls = [made_call(1)]
    async with parts.run(WIDE) as pilot:
        await wait_for(pilot, "1 call")
        for pane in ("#keys", "#providers", "#proxies"):
            assert "●" not in region_text(parts.app, pane)
        call = made_call(2, key="ci", phase=Phase.STREAMING, duration=None)
        parts.tell(call, made_call(3, provider="vendor", phase=Phase.FAILED, status=502))
        await wait_for(pilot, "● ci")
        assert "● ClaudeCode" in region_text(parts.app, "#keys")
        assert "● local" in region_text(parts.app, "#providers")
        assert "◐ vendor" in region_text(parts.app, "#providers")
        assert "● claude-sonnet-*" in region_text(parts.app, "#proxies")
        assert "● claude-haiku-*" not in region_text(parts.app, "#proxies")
        call.phase = Phase.DONE
        parts.tell(call)
        await wait_for(pilot, "▲ 0 live")
        assert "● ci" in region_text(parts.app, "#keys")


async def test_names_go_before_other_columns_and_spare_room_is_used(tmp_path: Path) -> None:
    local = CONFIGURATION.providers[0].model_copy(update={"name": "a-rather-long-one"})
    group = CONFIGURATION.groups[0].model_copy(update={"description": "Whoever names none"})
    value = edits.put_provider(CONFIGURATION, local, replaces="local")
    value = edits.put_group(value, group, replaces="default")
    async with fake(tmp_path, value) as parts, parts.run((120, 36)) as pilot:
        await wait_for(pilot, "a-rather-long-one")
        assert "claude-sonnet-* 2: " in region_text(parts.app, "#proxies")
        await pilot.press("2")
        await pilot.resize_terminal(*NARROW)
        await wait_for(pilot, "a-rather-long-one/qwen3-coder, a-rather-long-one/glm")
        await pilot.press("1")
        await wait_for(pilot, "Whoever names none")
        await pilot.press("4")
        await wait_for(pilot, "http://127.0.0.1:8080/v1")


async def test_what_limits_a_key_is_said_and_an_expired_one_looks_off(tmp_path: Path) -> None:
    today = datetime.now().astimezone().date()
    first = CONFIGURATION.keys[0].model_copy(
        update={"groups": ("qwen",), "expires": today, "requests_per_minute": 30,
                "tokens_per_day": 2_000_000, "money_per_day": 5.0}
    )  # fmt: skip
    gone = CONFIGURATION.keys[1].model_copy(update={"expires": today - timedelta(days=1)})
    value = edits.put_key(CONFIGURATION, first, "ClaudeCode")
    value = edits.put_key(value, gone, "ci")
    async with fake(tmp_path, value) as parts, parts.run(WIDE) as pilot:
        await wait_for(pilot, "– ci (expired)")
        parts.tell(made_call(1), made_call(2, key="ci"))
        await wait_for(pilot, "● ClaudeCode")
        assert "– ci (expired)" in region_text(parts.app, "#keys")
        await pilot.resize_terminal(120, 24)
        await pilot.press("3")
        await wait_for(pilot, f"until {today}, 30/min, 2.0M tok/day, $5/day, only qwen")


async def test_a_list_is_not_filtered_by_passwords_of_http_proxies(tmp_path: Path) -> None:
    vendor = CONFIGURATION.providers[1].model_copy(
        update={"http_proxies": ("http://u:hiddenword@gate:1",)}
    )
    value = edits.put_provider(CONFIGURATION, vendor, "vendor")
    async with fake(tmp_path, value) as parts, parts.run(WIDE) as pilot:
        await pilot.press("4", "slash")
        await type_text(pilot, "hiddenword")
        await wait_for(pilot, "0 of 2")


async def test_a_filter_that_leaves_another_group_shows_its_proxies(tmp_path: Path) -> None:
    value = edits.put_group(CONFIGURATION, Group(name="seldom"))
    async with fake(tmp_path, value) as parts, parts.run(WIDE) as pilot:
        await pilot.press("1", "g", "slash")
        await type_text(pilot, "seldom")
        await pilot.press("enter")
        await wait_for(pilot, "2 Proxies · seldom")
        await pilot.press("1", "escape")
        await wait_until_gone(pilot, "/seldom")
        assert parts.app.main.groups.item == Group(name="seldom")
