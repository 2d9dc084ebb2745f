"""What a recorded call would become: from a group's form as it is edited, and from the log."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
from textual.app import App

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Settings
from ccproxy_tui.fullscreen import GatewayPreviews
from ccproxy_tui.gateway.pool.pool import Pool
from ccproxy_tui.runtime import Service
from ccproxy_tui.traffic.call import Call, Exchange, Message
from ccproxy_tui.tui.preview_text import LONGEST_LINE
from ccproxy_tui.tui.previews import Preview
from tests.tui.fake import CONFIGURATION, Fake, FakePreviews, fake, made_call
from tests.tui.screen_text import screen_text, type_text, wait_for, wait_until_gone

NARROW = (80, 24)
WIDE = (160, 48)
SYSTEM = "You are terse.\nNever explain."


def tool(name: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"q": {"type": "string"}}}
    return {"name": name, "description": f"{name}s things", "input_schema": schema}


def request(*tools: str, system: str = SYSTEM) -> dict[str, Any]:
    return {
        "model": "claude-sonnet-4-5",
        "max_tokens": 100,
        "system": [{"type": "text", "text": system}],
        "messages": [{"role": "user", "content": "Say hello."}],
        "temperature": 1,
        **({"tools": [tool(name) for name in tools]} if tools else {}),
    }


def record(parts: Fake, number: int, body: dict[str, Any] | None, **facts: Any) -> Call:
    call = made_call(number, started_at=1_700_000_000 + number, **facts)
    parts.records.calls.append(call)
    if body is not None:
        sent = Message(f"POST {call.path}", (), [orjson.dumps(body)])
        parts.records.exchanges[number] = Exchange(client_request=sent)
    return call


def with_gateway(parts: Fake) -> Fake:
    """Let previews be the gateway's own."""
    service = cast("Service", SimpleNamespace(pool=Pool()))
    parts.previews = GatewayPreviews(service)
    return parts


def record_some(parts: Fake) -> None:
    record(parts, 1, request("Read"))
    record(parts, 2, request("Read", "WebSearch", "WebFetch"))
    record(parts, 3, request())
    record(parts, 4, request("Grep"), group="default", path="/v1/messages")
    record(parts, 5, request("Read"), operation="count tokens")
    record(parts, 6, None)


async def open_form(pilot: Any, group: int = 1) -> None:
    """Open the form of a group: the default one is the first."""
    await pilot.press("1", "g", *["j"] * group, "e")
    await wait_for(pilot, "System prompt")


async def test_the_group_as_edited_is_previewed_and_nothing_is_saved(parts: Fake) -> None:
    record_some(parts)
    before = parts.live.value
    async with with_gateway(parts).run(WIDE) as pilot:
        await wait_for(pilot, "6 calls")
        await open_form(pilot)
        assert "^r Preview" in screen_text(parts.app)
        await pilot.press("tab", "tab", "tab")
        await type_text(pilot, "Kindly. ")
        await pilot.press("tab", "tab")
        await type_text(pilot, "Web*")
        await pilot.press("ctrl+r")
        shown = await wait_for(pilot, "Preview · group qwen as edited")
        shown = await wait_for(pilot, "@@ system")
        assert "#2 · " in shown, "the newest of the group that carries tools"
        assert "claude-sonnet-4-5 · claude client · 3 tools" in shown
        assert "goes to   local/qwen3-coder (openai, converted)" in shown
        assert "prompt added (17 characters)" in shown
        assert "tools removed: WebSearch, WebFetch" in shown
        assert "temperature 1 → 0.7" in shown
        assert '+   {"type": "text", "text": "Kindly. Be brief."}' in shown
        assert '-     "name": "WebFetch"' in shown
        assert '- "temperature": 1' in shown
        assert '+ "temperature": 0.7' in shown
        assert "max_tokens" not in shown, "what is far from any change is left out"
        assert parts.live.value is before
        await pilot.press("escape")
        shown = await wait_until_gone(pilot, "Preview · group")
        assert "Kindly. Be brief." in shown, "the form is as it was"


async def test_one_key_shows_the_whole_request_upstream(parts: Fake) -> None:
    record_some(parts)
    async with with_gateway(parts).run(NARROW) as pilot:
        await open_form(pilot)
        await pilot.press("ctrl+r")
        shown = await wait_for(pilot, "+++ under the rules of the group")
        assert "esc Back" in shown
        assert "tab Group" not in shown, "it is this group that is edited"
        await pilot.press("w")
        shown = await wait_for(pilot, "POST http://127.0.0.1:8080/v1/chat/completions")
        assert "+++" not in shown
        assert '"model": "qwen3-coder"' in shown
        lines = [line.strip("│ ") for line in shown.splitlines()]
        at = lines.index("You are terse.")
        assert lines[at : at + 2] == ["You are terse.", "Never explain."]
        await pilot.press("G")
        await wait_for(pilot, '"temperature": 0.7')
        await pilot.press("w")
        await wait_for(pilot, "+++ under the rules of the group")


async def test_one_steps_through_the_group_s_calls(parts: Fake) -> None:
    record_some(parts)
    async with with_gateway(parts).run(NARROW) as pilot:
        await open_form(pilot)
        await pilot.press("ctrl+r")
        shown = await wait_for(pilot, "call 3 of 4, the newest first")
        assert "[ Older  ] Newer" in shown
        await pilot.press("[")
        shown = await wait_for(pilot, "#1 · ")
        assert "· 1 tool " in shown
        assert "Older" not in shown, "there is none"
        await pilot.press("[", "]", "]")
        shown = await wait_for(pilot, "#3 · ")
        assert "· no tools" in shown
        assert "prompt added" not in shown, "its prompt is for calls with tools"
        await pilot.press("]")
        shown = await wait_for(pilot, "The messages of this call were not kept")
        assert "#6 · " in shown
        assert "] Newer" not in shown
        assert "Copy" not in shown


async def test_without_calls_of_its_own_a_group_is_shown_those_of_others(parts: Fake) -> None:
    record(parts, 1, request("Read"))
    async with with_gateway(parts).run(NARROW) as pilot:
        await open_form(pilot, 2)
        await pilot.press("ctrl+r")
        await wait_for(pilot, "group spare as edited")
        shown = await wait_for(pilot, "#1 · ")
        assert 'but       the group "spare" is disabled; enable it in the Groups pane' in shown
        assert "changes   nothing is changed" in shown
        assert "No rule of the group changes what the client sends" in shown
        await pilot.press("w")
        await wait_for(pilot, "Nothing would go upstream.")


async def test_where_nothing_was_recorded_it_says_what_to_do(parts: Fake) -> None:
    async with with_gateway(parts).run(NARROW) as pilot:
        await open_form(pilot)
        await pilot.press("ctrl+r")
        shown = await wait_for(pilot, "Let a client ask something, then look again.")
        assert "esc Back" in shown
        assert "Older" not in shown


async def test_a_form_with_mistakes_has_no_preview(parts: Fake) -> None:
    record_some(parts)
    async with with_gateway(parts).run(NARROW) as pilot:
        await open_form(pilot)
        await pilot.press("x", "space")
        await type_text(pilot, "/ /")
        await pilot.press("ctrl+r")
        shown = await wait_for(pilot, "Mend first what the form says is wrong.")
        assert "Group qwen" in shown


async def test_the_log_shows_a_call_under_any_group_as_saved(parts: Fake) -> None:
    record_some(parts)
    async with with_gateway(parts).run(NARROW) as pilot:
        await wait_for(pilot, "6 calls")
        await pilot.press("5", "g", "j", "v")
        shown = await wait_for(pilot, "Preview · group qwen ")
        shown = await wait_for(pilot, "@@ system")
        assert "as edited" not in shown
        assert "#2 · " in shown
        assert "tab Group" in shown
        assert "esc Back" in shown
        await pilot.press("tab")
        shown = await wait_for(pilot, "Preview · group spare")
        shown = await wait_for(pilot, 'the group "spare" is disabled')
        await pilot.press("tab")
        shown = await wait_for(pilot, "goes to   vendor/sonnet (claude, passed through)")
        assert "changes   nothing but what the target needs, such as the model's name" in shown
        assert "+++ as it goes upstream" in shown
        assert '- "model": "claude-sonnet-4-5"' in shown
        assert '+ "model": "sonnet"' in shown
        await pilot.press("q")
        await wait_until_gone(pilot, "Preview · ")


async def test_a_call_that_is_not_in_the_journal_yet_is_previewed(parts: Fake) -> None:
    record(parts, 1, request("Read"))
    record(parts, 3, request("Read"))
    running = made_call(2, exchange=Exchange(client_request=Message("", (), [b"{"])))
    async with with_gateway(parts).run(NARROW) as pilot:
        parts.tell(running)
        await wait_for(pilot, "3 calls")
        await pilot.press("5", "G", "k", "v")
        shown = await wait_for(pilot, "but       body: not valid JSON")
        assert "#2 · " in shown
        assert "call 2 of 3" in shown
        assert "changes" not in shown


async def test_signs_are_plain_where_asked_for(tmp_path: Path) -> None:
    settings = Settings(ascii=True, theme="ccproxy-ansi", active_group="qwen")
    async with fake(tmp_path, edits.put_settings(CONFIGURATION, settings)) as parts:
        record_some(parts)
        async with with_gateway(parts).run(NARROW) as pilot:
            await open_form(pilot)
            await pilot.press("ctrl+r")
            shown = await wait_for(pilot, "@@ system")
            assert shown.isascii()
            assert "temperature 1 -> 0.7" in shown
            assert '+   {"type": "text", "text": "Be brief."}' in shown
            await pilot.press("G")
            shown = await wait_for(pilot, '- "temperature": 1')
            await pilot.press("w")
            assert (await wait_for(pilot, "POST http")).isascii()


async def test_it_is_copied_and_opened_in_full(
    parts: Fake, clipboard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, str]] = []

    async def view_text(_app: App[Any], text: str, suffix: str) -> None:
        opened.append((text, suffix))

    monkeypatch.setattr("ccproxy_tui.tui.screens.preview.view_text", view_text)
    picture = "a" * (LONGEST_LINE + 5_000)
    record(parts, 1, request("Read"))
    sent = {"model": "m", "picture": picture}
    changed = {"model": "m", "picture": picture + "b"}
    assert isinstance(parts.previews, FakePreviews)
    parts.previews.answer = Preview(sent, changed, url="http://x", upstream=changed, target="a/b")
    async with parts.run(NARROW) as pilot:
        await open_form(pilot)
        await pilot.press("ctrl+r")
        await wait_for(pilot, "@@ picture @@")
        await pilot.press("G")
        shown = await wait_for(pilot, "characters more: o opens all of it")
        assert "5.0k" in shown
        await pilot.press("y", "ctrl+o")
        await wait_for(pilot, "the preview: copied")
        await pilot.press("w")
        await wait_for(pilot, "POST http://x")
        await pilot.press("o")
        await pilot.pause()
    assert f"-   {picture}\n+   {picture}b\n" in clipboard[0]
    assert opened[0] == (clipboard[0], ".diff")
    text, suffix = opened[1]
    assert f"  {picture}b\n" in text
    assert suffix == ".txt"


async def test_words_are_found_in_it(parts: Fake) -> None:
    record_some(parts)
    async with with_gateway(parts).run(NARROW) as pilot:
        await open_form(pilot)
        await pilot.press("ctrl+r")
        await wait_for(pilot, "@@ system")
        await pilot.press("w")
        await wait_for(pilot, "POST http")
        await pilot.press("slash")
        await type_text(pilot, "websearch")
        await wait_for(pilot, "1 of 2 lines")
        await pilot.press("enter", "n")
        await wait_for(pilot, "2 of 2 lines")
        await pilot.press("escape")
        await wait_for(pilot, "call 3 of 4")
        await pilot.press("escape")
        await wait_until_gone(pilot, "Preview · ")
