"""`ccproxy route`: by the word of the running proxy, and by what it left behind."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.demo.upstream import ScriptedUpstream
from tests.e2e.command import next_json, rest, run, start
from tests.gateway.proxy import request

TOKEN = "cs-token-of-the-tests"
SECRETS = ("sk-secret-one-123456", "sk-secret-two-123456")


def script(asked: ReceivedRequest) -> Reply:
    if asked.api_key == SECRETS[0]:
        return Reply(status=401, error=f"no such key: {SECRETS[0]}")
    return Reply(text="hello")


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    async with ScriptedUpstream(script) as running:
        yield running


async def configure(home: Path, upstream: ScriptedUpstream) -> None:
    file = home / "in.toml"
    file.write_text(
        f"""
        [[providers]]
        name = "local"
        base_url = "{upstream.base_url}"
        api_keys = {json.dumps(SECRETS)}
        [[groups]]
        name = "qwen"
        [[proxies]]
        group = "qwen"
        alias = "claude-*"
        strategy = "priority"
        targets = ["local/m"]
        [[keys]]
        name = "tests"
        token = "{TOKEN}"
        """
    )
    assert (await run(home, "import", str(file), "--yes")).code == 0


async def ask(url: str, session: str) -> int:
    head = {"x-api-key": TOKEN, "x-claude-code-session-id": session}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/qwen/v1/messages", json=request(), headers=head) as response,
    ):
        await response.read()
        return response.status


async def test_what_the_proxy_knows_is_asked_of_it_and_outlives_it(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    await configure(tmp_path, upstream)
    before = await run(tmp_path, "route", "claude-x", "--group", "qwen")
    assert before.code == 0
    assert "no running ccproxy answers" in before.output

    serving = await start(tmp_path, "serve", "--port", "0", "--json")
    url = (await next_json(serving))["url"]
    for number in range(8):  # some session's hash leads to the key that is refused
        assert await ask(url, f"session {number}") == 200
    asked = len(upstream.calls)
    told = await run(tmp_path, "route", "claude-x", "--group", "qwen", "--session", "s", "--json")
    outlook = json.loads(told.output)
    assert len(upstream.calls) == asked
    assert outlook["running"] is True
    assert outlook["chosen"] == "local/m key 2"
    assert [one["state"] for one in outlook["standings"]] == ["out", "ready"]
    assert "401" in outlook["standings"][0]["reason"]
    assert outlook["standings"][1]["succeeded"] == 8

    serving.send_signal(signal.SIGTERM)
    await rest(serving)
    after = await run(tmp_path, "route", "claude-x", "--group", "qwen")
    assert "no running ccproxy answers" in after.output
    assert "qwen: claude-* → local/m key 2" in after.output
    assert "local/m key 1  out: 401: no such key: •••" in after.output
    written = told.output + after.output + before.output
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("pool.db*"))
    for secret in SECRETS:
        assert secret not in written
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gpt-5", "--group", "qwen"), 'has no alias for the model "gpt-5"'),
        (("claude-x", "--group", "nowhere"), 'there is no group "nowhere"'),
    ],
)
async def test_what_would_be_refused_is_said(
    tmp_path: Path, upstream: ScriptedUpstream, arguments: tuple[str, ...], said: str
) -> None:
    await configure(tmp_path, upstream)
    ended = await run(tmp_path, "route", *arguments)
    assert ended.code == 1
    assert said in ended.output


async def test_there_has_to_be_a_configuration(tmp_path: Path) -> None:
    ended = await run(tmp_path, "route", "claude-x")
    assert ended.code == 1
    assert "there is no configuration yet" in ended.output
