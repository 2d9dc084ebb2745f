"""What is done with a call: cancelled, marked, noted on, copied, saved, sent again, exported."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest
from textual.pilot import Pilot

from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.tui.app import CcproxyApp
from tests.inspection.recorded import SECRET, recorded_exchange
from tests.tui.fake import CONFIGURATION, Fake, fake, made_call
from tests.tui.screen_text import screen_lines, screen_text, type_text, wait_for, wait_until_gone

NARROW = (80, 24)
WIDE = (160, 48)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def folder(in_a_folder_of_its_own: Path) -> Path:
    return in_a_folder_of_its_own


def running(number: int, **facts: Any) -> Call:
    return made_call(
        number, phase=Phase.STREAMING, duration=None, status=200, tokens=Tokens(), **facts
    )


def record(parts: Fake, *numbers: int, **facts: Any) -> None:
    """Tell of calls that are over, with messages in the journal."""
    for number in numbers:
        parts.records.exchanges[number] = recorded_exchange(f"Answer {number}.")
        parts.tell(made_call(number, **facts))


async def begin(pilot: Pilot[Any], count: int) -> None:
    await wait_for(pilot, "1 call" if count == 1 else f"{count} calls")


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let $EDITOR be a shell script that is given the file's name."""
    program = folder.parent / "editor"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(program))
    monkeypatch.setattr("textual.app.App.suspend", lambda _app: _Suspended())


class _Suspended:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


# --- cancelling ----------------------------------------------------------------------------------


async def test_a_running_call_is_cancelled_after_a_question(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.control.runs(running(7))
        await begin(pilot, 1)
        await pilot.press("x")
        shown = await wait_for(pilot, "Cancel call #7?")
        assert "claude-sonnet-4-5 at local/qwen3-coder is running." in shown
        await pilot.press("enter")
        await wait_until_gone(pilot, "Cancel call #7?")
        assert parts.control.cancelled == [], "the safe answer has the focus"
        await pilot.press("x", "y")
        await wait_for(pilot, "Call #7 is cancelled.")
        assert parts.control.cancelled == [7]
        assert parts.app.main.log_pane.signs.cancelled in screen_text(parts.app)


async def test_a_call_that_is_over_is_not_cancelled(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        await pilot.press("x")
        await wait_for(pilot, "Call #7 is over; only a running")
        pilot.app.clear_notifications()
        await pilot.press("ctrl+p")
        await type_text(pilot, "end a running call")
        await wait_for(pilot, "Cancel  (x)")
        await pilot.press("enter")
        await wait_for(pilot, "Call #7 is over; only a running")
        late = running(8)
        parts.tell(late)
        await begin(pilot, 2)
        await pilot.press("G", "x", "y")
        await wait_for(pilot, "Call #8 was over already.")


@pytest.mark.parametrize("pane", ["5", "6"])
async def test_cancel_is_offered_only_while_a_call_runs(parts: Fake, pane: str) -> None:
    async with parts.run(WIDE) as pilot:
        call = parts.control.runs(running(7))
        await begin(pilot, 1)
        await pilot.press("enter", pane)
        await wait_for(pilot, "x Cancel")
        call.phase, call.duration = Phase.DONE, 1.0
        parts.tell(call)
        await wait_until_gone(pilot, "x Cancel")
        assert "r Replay" in screen_lines(parts.app)[-1]
        parts.control.runs(running(8))
        await begin(pilot, 2)
        await pilot.press("5", "G", "enter", pane)
        await wait_for(pilot, "x Cancel")


# --- marks and remarks ---------------------------------------------------------------------------


async def test_marks_and_remarks_are_kept(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        await pilot.press("m", "a")
        await wait_for(pilot, "Remark on call #7")
        await type_text(pilot, "slow [one]")
        await pilot.press("enter")
        await wait_until_gone(pilot, "Remark on call")
        call = parts.app.calls.get(7)
        assert call is not None
        assert (call.marked, call.remark) == (True, "slow [one]")
        await pilot.press("a")
        await wait_for(pilot, "slow [one]")
        await pilot.press("escape", "m")
        await pilot.pause()
        assert parts.records.annotated == [
            (7, True, ""),
            (7, True, "slow [one]"),
            (7, False, "slow [one]"),
        ]


# --- copying -------------------------------------------------------------------------------------


async def test_a_call_is_copied_in_many_forms(parts: Fake, clipboard: list[str]) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        for downs in range(7):
            await pilot.press("Y")
            await wait_for(pilot, "Copy call #7 as")
            await pilot.press(*["j"] * downs, "enter")
            await wait_until_gone(pilot, "Copy call #7 as")
        provider, ccproxy, request, reply, facts, number, session = clipboard
    assert provider.startswith("curl -sSN 'https://api.example.com/v1/messages?n=1'")
    assert '"$ANTHROPIC_API_KEY"' in provider
    assert ccproxy.startswith("curl -sSN 'http://127.0.0.1:11435/qwen/v1/messages?beta=true'")
    assert '"$ANTHROPIC_AUTH_TOKEN"' in ccproxy
    assert '\n  "model": "claude-sonnet-4-5",\n' in request
    assert reply == "Answer 7."
    assert orjson.loads(facts)["alias"] == "claude-sonnet-*"
    assert (number, session) == ("7", "5f0c1a2b-1111")


async def test_what_there_is_not_cannot_be_copied_and_says_why(
    parts: Fake, clipboard: list[str]
) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(7, session=""))
        await begin(pilot, 1)
        await pilot.press("Y")
        shown = await wait_for(pilot, "Copy call #7 as")
        assert shown.count("its messages were not kept") == 4
        assert "it belongs to none" in shown
        await pilot.press("enter")
        assert "Copy call #7 as" in screen_text(parts.app)
        await pilot.press("escape")
        await wait_until_gone(pilot, "Copy call #7 as")
        assert clipboard == []


# --- saving --------------------------------------------------------------------------------------


async def test_a_call_is_saved_for_its_owner_alone(parts: Fake, folder: Path) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        await pilot.press("enter", "W")
        await wait_for(pilot, "ccproxy-call-7.json")
        await pilot.press("enter")
        await wait_for(pilot, "Call #7 is in ccproxy-call-7.json.")
        path = folder / "ccproxy-call-7.json"
        saved = orjson.loads(path.read_bytes())
        assert saved["messages"]["client_request"]["head"] == "POST /qwen/v1/messages?beta=true"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_file_is_replaced_only_after_a_question(parts: Fake, folder: Path) -> None:
    path = folder / "ccproxy-call-7.json"
    path.write_text("mine")
    path.chmod(0o644)
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        await pilot.press("enter", "W", "enter")
        await wait_for(pilot, "Replace ccproxy-call-7.json?")
        await pilot.press("n")
        await wait_until_gone(pilot, "Replace ccproxy")
        assert path.read_text() == "mine"
        await pilot.press("W", "enter")
        await wait_for(pilot, "Replace ccproxy-call-7.json?")
        await pilot.press("y")
        await wait_for(pilot, "Call #7 is in")
        assert path.read_bytes().startswith(b"{")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(folder.iterdir()) == [path]


async def test_a_path_that_will_not_do_says_what_to_do(parts: Fake, folder: Path) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        await pilot.press("enter", "W", "ctrl+u")
        await type_text(pilot, "nowhere/x.json")
        await pilot.press("enter")
        await wait_for(pilot, "there is no folder nowhere; choose another one")
        await pilot.press("ctrl+u")
        await type_text(pilot, str(folder))
        await pilot.press("enter")
        await wait_for(pilot, "this is a folder; name a file in it")


# --- sending again -------------------------------------------------------------------------------


async def test_a_call_is_sent_again_as_it_was_and_compared_live(parts: Fake) -> None:
    async with parts.run(WIDE) as pilot:
        record(parts, 7, cost=0.0123)
        await begin(pilot, 1)
        await pilot.press("r")
        shown = await wait_for(pilot, "Replay call #7")
        assert "Its tokens are paid for again (2,000 in, 340 out, $0.0123)." in shown
        assert "ccproxy runs no tools, so nothing else happens." in shown
        await pilot.press("enter")
        shown = await wait_for(pilot, "Compare #7 and #107")
        [replay] = parts.control.replayed
        assert (replay.call.id, replay.body, replay.group, replay.model, replay.target) == (
            7, None, "", "", "",
        )  # fmt: skip
        assert replay.request.body == parts.records.exchanges[7].client_request.body
        shown = await wait_for(pilot, "Answer 7.")
        assert "Nothing yet." in shown
        new = parts.app.calls.get(107)
        assert new is not None
        assert new.exchange is not None
        new.exchange.client_reply = recorded_exchange("The other answer.").client_reply
        await wait_for(pilot, "The other answer.")
        new.phase, new.duration, new.ttft = Phase.DONE, 1.0, 0.1
        await wait_for(pilot, "✓ 1.0s")
        await pilot.press("escape")
        await wait_until_gone(pilot, "Compare #7")


async def test_a_replay_is_there_at_once_however_much_the_terminal_has_to_show(
    parts: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with parts.run(WIDE) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        monkeypatch.setattr(CcproxyApp, "_lags", True)
        await pilot.press("r")
        await wait_for(pilot, "Replay call #7")
        await pilot.press("enter")
        shown = await wait_for(pilot, "Answer 7.", tries=20)
        assert "#107 local/glm" in shown
        assert "on its way" not in shown


async def test_another_group_model_and_target(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        await pilot.press("r", "tab", "l", "tab", "ctrl+u")
        await type_text(pilot, "other-model")
        await pilot.press("tab")
        await type_text(pilot, "nobody/glm")
        await pilot.press("enter")
        await wait_for(pilot, "there is no provider for nobody/glm")
        await pilot.press("ctrl+t")
        await wait_for(pilot, "Send it to")
        await type_text(pilot, "sonnet")
        await pilot.press("enter")
        await wait_for(pilot, "vendor/sonnet")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "Compare #7 and #107")
        [replay] = parts.control.replayed
        assert (replay.group, replay.model, replay.target) == (
            "default", "other-model", "vendor/sonnet",
        )  # fmt: skip


async def test_the_body_is_edited_and_nothing_is_lost_of_what_is_wrong(
    parts: Fake, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(folder, monkeypatch, 'sed -i \'s/Say hello./Say bye./; s/"messages": /&,/\' "$1"')
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        await pilot.press("r")
        await wait_for(pilot, "Replay call #7")
        await pilot.press("ctrl+o")
        await wait_for(pilot, "line 3, column 15")
        await pilot.press("enter")
        await wait_for(pilot, "it is no JSON yet; ctrl+o opens it again")
        assert parts.control.replayed == []
        editor(folder, monkeypatch, "sed -i 's/: ,/: /' \"$1\"")
        await pilot.press("ctrl+o")
        await wait_for(pilot, "characters of JSON")
        await pilot.press("enter")
        await wait_for(pilot, "Compare #7 and #107")
        [replay] = parts.control.replayed
        assert replay.body is not None
        assert orjson.loads(replay.body) == {
            "model": "claude-sonnet-4-5",
            "messages": [{"role": "user", "content": "Say bye."}],
        }
        await pilot.press("right_square_bracket")
        shown = await wait_for(pilot, "+++ #107 local/glm")
        assert "Say hello." in shown
        assert "Say bye." in shown


async def test_a_replay_that_is_refused_keeps_the_form(parts: Fake) -> None:
    parts.control.failure = "group qwen has no alias for x; name another model"
    async with parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        await pilot.press("r")
        await wait_for(pilot, "Replay call #7")
        await pilot.press("enter")
        shown = await wait_for(pilot, "group qwen has no alias for x")
        assert "Replay call #7" in shown


async def test_what_was_not_kept_cannot_be_sent_again(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        parts.tell(made_call(7))
        await begin(pilot, 1)
        await pilot.press("r")
        await wait_for(pilot, "The request of call #7 was not kept.")


# --- exporting -----------------------------------------------------------------------------------


async def test_the_calls_that_are_shown_are_exported_without_secrets(
    parts: Fake, folder: Path
) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 1, 2, 3)
        record(parts, 4, group="other")
        parts.records.exchanges[2] = recorded_exchange(f"Your key is {SECRET}.")
        await begin(pilot, 4)
        await pilot.press("slash")
        await type_text(pilot, "group:qwen")
        await pilot.press("enter", "E")
        shown = await wait_for(pilot, "Export 3 calls of /group:qwen")
        assert "Secrets are always taken out" in shown
        await pilot.press("enter")
        await wait_for(pilot, "3 calls written to ccproxy-calls.jsonl;")
        path = folder / "ccproxy-calls.jsonl"
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        assert [line["id"] for line in lines] == [1, 2, 3]
        assert "Answer 3." in lines[2]["messages"]["client_reply"]["body"]
        assert SECRET.encode() not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_as_har_with_bodies_redacted(parts: Fake, folder: Path) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 1)
        await begin(pilot, 1)
        await pilot.press("E", "l", "tab", "l")
        await wait_for(pilot, "ccproxy-calls.har")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "1 call written to ccproxy-calls.har;")
        har = orjson.loads((folder / "ccproxy-calls.har").read_bytes())
        assert len(har["log"]["entries"]) == 2
        assert b"[10 characters]" in orjson.dumps(har)
        assert b"Say hello" not in orjson.dumps(har)


async def test_the_export_says_that_enter_begins_where_the_footer_cannot(parts: Fake) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 1)
        await begin(pilot, 1)
        await pilot.press("E")
        await wait_for(pilot, "⏎ Export")
        await pilot.press("tab", "tab")
        shown = await wait_for(pilot, "^s Export")
        assert "~ is your home. enter begins." in shown
        await pilot.press("enter")
        await wait_for(pilot, "1 call written to ccproxy-calls.jsonl;")


async def test_an_export_shows_how_far_it_is_and_is_stopped(parts: Fake, folder: Path) -> None:
    gate = asyncio.Event()
    given = parts.records.exchange

    async def slow(call_id: int) -> Any:
        if call_id == 2:
            await gate.wait()
        return await given(call_id)

    parts.records.exchange = slow  # type: ignore[method-assign] # as a slow disk does
    async with parts.run(NARROW) as pilot:
        record(parts, 1, 2, 3)
        await begin(pilot, 3)
        await pilot.press("E", "enter")
        await wait_for(pilot, "1 of 3 calls written to ccproxy-calls.jsonl")
        await pilot.press("escape")
        await wait_until_gone(pilot, "Export 3 calls")
        await pilot.press("E")
        await wait_for(pilot, "1 of 3 calls written")
        await pilot.press("ctrl+x")
        gate.set()
        await wait_for(pilot, "The export was stopped")
        assert list(folder.iterdir()) == []


async def test_a_place_that_cannot_be_written_to_is_said(parts: Fake, folder: Path) -> None:
    async with parts.run(NARROW) as pilot:
        record(parts, 1)
        await begin(pilot, 1)
        await pilot.press("E", "tab", "tab", "ctrl+u")
        await type_text(pilot, "/proc/nothing.jsonl")
        await pilot.press("enter")
        await wait_for(pilot, "choose another")
        assert list(folder.iterdir()) == []


# --- how it is drawn -----------------------------------------------------------------------------


async def test_in_ascii_dialogs_are_drawn_with_nothing_else(tmp_path: Path) -> None:
    settings = CONFIGURATION.settings.model_copy(update={"ascii": True})
    plain = CONFIGURATION.model_copy(update={"settings": settings})
    async with fake(tmp_path, plain) as parts, parts.run(NARROW) as pilot:
        record(parts, 7)
        await begin(pilot, 1)
        for key, title in {"r": "Replay", "E": "Export", "Y": "Copy", "a": "Remark"}.items():
            await pilot.press(key)
            shown = await wait_for(pilot, f"- {title} ")
            assert shown.isascii(), [one for one in shown if not one.isascii()]
            await pilot.press("escape")
            await wait_until_gone(pilot, f"- {title} ")
