import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.demo.upstream import ScriptedUpstream
from tests.e2e.command import next_json, next_line, rest, run, start
from tests.gateway.proxy import request

TOKEN = "cs-token-of-the-tests"


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    async with ScriptedUpstream() as running:
        yield running


def write_configuration(folder: Path, base_url: str, group: str = "qwen") -> str:
    file = folder / "in.toml"
    file.write_text(
        f"""
        [[providers]]
        name = "local"
        base_url = "{base_url}"
        [[groups]]
        name = "{group}"
        [[proxies]]
        group = "{group}"
        alias = "claude-*"
        targets = ["local/m"]
        [[keys]]
        name = "tests"
        token = "{TOKEN}"
        """
    )
    return str(file)


async def ask(url: str, group: str = "qwen") -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{url}/{group}/v1/messages", json=request(), headers={"x-api-key": TOKEN}
        ) as response,
    ):
        await response.read()
        return response.status


async def test_serve_says_where_it_listens_and_a_line_a_call(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    await run(tmp_path, "import", write_configuration(tmp_path, upstream.base_url), "--yes")
    serving = await start(tmp_path, "serve", "--port", "0")
    listening = await next_line(serving)
    url = listening.split()[3].rstrip(";")
    assert await ask(url) == 200
    line = await next_line(serving)
    for part in ("#1", "200", "tests", "qwen", "claude-sonnet-4-5 → local/m", "done"):
        assert part in line
    serving.send_signal(signal.SIGINT)
    assert TOKEN not in await rest(serving)
    assert serving.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_running_calls_end(
    tmp_path: Path, upstream: ScriptedUpstream, number: signal.Signals
) -> None:
    upstream.script = Reply(text="slow and steady", hang_after=3)
    await run(tmp_path, "import", write_configuration(tmp_path, upstream.base_url), "--yes")
    serving = await start(tmp_path, "serve", "--port", "0", "--json")
    url = (await next_json(serving))["url"]
    asking = asyncio.ensure_future(ask(url))
    (received,) = await upstream.wait_for_calls(1)
    serving.send_signal(number)
    assert "waiting for 1 running call" in await next_line(serving)
    received.release.set()
    assert await asking == 200
    call = await next_json(serving)
    assert (call["event"], call["phase"], call["status"]) == ("call", "done", 200)
    await rest(serving)
    assert serving.returncode == 0


async def test_a_second_signal_stops_them(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    upstream.script = Reply(text="for ever", hang_after=3)
    await run(tmp_path, "import", write_configuration(tmp_path, upstream.base_url), "--yes")
    serving = await start(tmp_path, "serve", "--port", "0", "--json")
    url = (await next_json(serving))["url"]
    asking = asyncio.ensure_future(ask(url))
    (received,) = await upstream.wait_for_calls(1)
    serving.terminate()
    await next_line(serving)
    serving.terminate()
    with pytest.raises(aiohttp.ClientError):
        await asking
    call = await next_json(serving)
    assert call["phase"] == "cancelled"
    await rest(serving)
    assert serving.returncode == 0
    await asyncio.wait_for(received.ended.wait(), 5)


async def test_edits_by_another_process_hold_soon_without_a_restart(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    serving = await start(tmp_path, "serve", "--port", "0", "--json")
    url = (await next_json(serving))["url"]
    assert await ask(url) == 401
    await run(tmp_path, "import", write_configuration(tmp_path, upstream.base_url), "--yes")
    async with asyncio.timeout(10):
        while await ask(url) != 200:
            await asyncio.sleep(0.1)
    serving.terminate()
    await rest(serving)


async def test_the_first_start_needs_no_account(tmp_path: Path) -> None:
    serving = await start(tmp_path, "serve", "--port", "0")
    url = (await next_line(serving)).split()[3].rstrip(";")
    assert "export --secrets" in await next_line(serving)
    exported = await run(tmp_path, "export", "--secrets")
    token = next(
        line.split('"')[1] for line in exported.output.splitlines() if line.startswith("token")
    )
    assert len(token) == 64
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            url + "/v1/messages", json=request(stream=False), headers={"x-api-key": token}
        ) as response,
    ):
        body = await response.json()
    assert response.status == 200
    assert "demo model" in body["content"][0]["text"]
    serving.terminate()
    await rest(serving)


async def test_a_busy_port_is_a_clear_error_and_never_a_silent_move(tmp_path: Path) -> None:
    first = await start(tmp_path / "a", "serve", "--port", "0", "--json")
    port = (await next_json(first))["url"].rpartition(":")[2]
    second = await run(tmp_path / "b", "serve", "--port", port)
    assert second.code == 1
    assert f"127.0.0.1:{port} is in use" in second.output
    assert "--port" in second.output
    assert "Traceback" not in second.output
    same_home = await run(tmp_path / "a", "serve", "--port", "0")
    assert same_home.code == 1
    assert "CCPROXY_HOME" in same_home.output
    first.terminate()
    await rest(first)
    again = await start(tmp_path / "a", "serve", "--port", port, "--json")
    assert (await next_json(again))["event"] == "listening"
    again.terminate()
    await rest(again)


async def test_only_the_owner_can_read_the_data(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    home = tmp_path / "deep" / "home"
    home.parent.mkdir()
    await run(home, "import", write_configuration(tmp_path, upstream.base_url), "--yes")
    serving = await start(home, "serve", "--port", "0", "--json")
    url = (await next_json(serving))["url"]
    assert await ask(url) == 200
    modes = {file.name: file.stat().st_mode & 0o777 for file in home.iterdir()}
    assert home.stat().st_mode & 0o777 == 0o700
    assert len(modes) >= 4
    assert set(modes.values()) == {0o600}, modes
    serving.terminate()
    await rest(serving)
    journal = sqlite3.connect(home / "journal.db")
    assert journal.execute("select status from call").fetchall() == [(200,)]
    journal.close()
    assert TOKEN.encode() not in (home / "journal.db").read_bytes()


async def test_a_damaged_journal_stops_nobody(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    await run(tmp_path, "import", write_configuration(tmp_path, upstream.base_url), "--yes")
    (tmp_path / "journal.db").write_bytes(b"this is no database" * 1000)
    serving = await start(tmp_path, "serve", "--port", "0")
    said = await next_line(serving)
    (aside,) = tmp_path.glob("journal-damaged-*.db")
    assert said == f"the journal is damaged; it is {aside} now, and a new one begins\n"
    url = (await next_line(serving)).split()[3].rstrip(";")
    assert await ask(url) == 200, "the configuration is there"
    serving.terminate()
    await rest(serving)
