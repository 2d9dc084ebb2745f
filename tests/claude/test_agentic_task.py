"""The real Claude Code CLI does a task through the proxy, whatever the upstream speaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccproxy_tui.demo.assistant import assistant
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply, ToolCall
from ccproxy_tui.demo.upstream import ScriptedUpstream
from tests.claude import cli, proxy

pytestmark = [pytest.mark.claude, pytest.mark.timeout(cli.INSTALL_SECONDS + 120)]

PROMPT = "create hello.txt with the text hello"
PATHS = {"openai": "/v1/chat/completions", "claude": "/v1/messages"}


@pytest.fixture(scope="session", params=["latest", "2.1.197"])
def claude(request: pytest.FixtureRequest) -> Path:
    return cli.install(str(request.param))


@pytest.fixture(params=["openai", "claude"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "ccproxy"
    folder.mkdir()
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


async def test_writes_a_file_and_answers(
    claude: Path, protocol: str, home: Path, project: Path
) -> None:
    async with ScriptedUpstream(accepted_keys=["sk-upstream"], strict=True) as upstream:
        async with proxy.running(home, protocol=protocol, upstream_url=upstream.base_url) as served:
            outcome = await cli.run(
                claude,
                PROMPT,
                project=project,
                base_url=f"{served.url}/qwen",
                token=proxy.TOKEN,
            )
        calls = upstream.calls
    assert outcome.exit_code == 0, outcome
    assert outcome.answer == "Done: I created hello.txt."
    assert (project / "hello.txt").read_text().strip() == "hello"
    assert [call.path for call in calls] == [PATHS[protocol]] * 2
    for call in calls:
        _assert_rules_held(call)
    told = [call for call in served.calls if call["operation"] == "generate"]
    assert [call["status"] for call in told] == [200, 200]
    assert {call["key"] for call in told} == {"ClaudeCode"}
    assert {call["group"] for call in told} == {"qwen"}
    assert len({call["session"] for call in told}) == 1
    assert all(call["tokens"]["output"] > 0 for call in told)


async def test_parallel_tool_calls_all_arrive(
    claude: Path, protocol: str, home: Path, project: Path
) -> None:
    files = {name: f"text of {name}, long enough to be cut" for name in ("a.txt", "b.txt", "c.txt")}

    def write_all(request: ReceivedRequest) -> Reply:
        if request.last_tool_results:
            return Reply(text="All three are there.")
        tools = [
            ToolCall("Write", {"file_path": str(project / name), "content": content})
            for name, content in files.items()
        ]
        return Reply(thinking="Three at once.", tools=tools, interleave_tools=protocol == "openai")

    async with (
        ScriptedUpstream(write_all, strict=True) as upstream,
        proxy.running(home, protocol=protocol, upstream_url=upstream.base_url) as served,
    ):
        outcome = await cli.run(
            claude,
            "create three files",
            project=project,
            base_url=f"{served.url}/qwen",
            token=proxy.TOKEN,
        )
    assert (outcome.exit_code, outcome.answer) == (0, "All three are there."), outcome
    assert {path.name: path.read_text() for path in project.iterdir()} == files


async def test_recovers_from_a_lost_upstream_connection(
    claude: Path, protocol: str, home: Path, project: Path
) -> None:
    faults: Iterator[Reply] = iter([Reply(text="I will never finish this.", cut_after=3)])

    async with (
        ScriptedUpstream(lambda request: next(faults, None) or assistant(request)) as upstream,
        proxy.running(home, protocol=protocol, upstream_url=upstream.base_url) as served,
    ):
        outcome = await cli.run(
            claude,
            PROMPT,
            project=project,
            base_url=f"{served.url}/qwen",
            token=proxy.TOKEN,
        )
        count = len(upstream.calls)
    assert (outcome.exit_code, outcome.answer) == (0, "Done: I created hello.txt."), outcome
    assert (project / "hello.txt").exists()
    assert count == 3


async def test_a_wrong_key_ends_at_once(claude: Path, home: Path, project: Path) -> None:
    async with ScriptedUpstream() as upstream:
        async with proxy.running(home, protocol="openai", upstream_url=upstream.base_url) as served:
            outcome = await cli.run(
                claude,
                PROMPT,
                project=project,
                base_url=f"{served.url}/qwen",
                token="cs-wrong",
            )
        assert upstream.requests == []
    assert outcome.exit_code == 1
    refused = [call["status"] for call in served.calls if call["operation"] == "generate"]
    assert refused == [401], "the CLI must not retry"


def _assert_rules_held(call: ReceivedRequest) -> None:
    assert call.model == "scripted-model"
    assert call.api_key == "sk-upstream"
    assert call.system_text.count(proxy.ADDED_PROMPT) == 1
    assert "Write" in call.tools
    assert not {"WebFetch", "WebSearch", "CronCreate", "Workflow"} & call.tools.keys()
    attribution = "x-anthropic-billing-header"
    assert call.body.count(attribution.encode()) == (1 if call.dialect == "claude" else 0)
    if call.dialect == "claude":
        assert call.json["system"][0]["text"].startswith(attribution)
