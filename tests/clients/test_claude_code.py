"""What the real Claude Code CLI makes of harder answers than one file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccproxy_tui.config.models import Protocol
from ccproxy_tui.demo.assistant import assistant
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply, ToolCall
from ccproxy_tui.demo.upstream import ScriptedUpstream
from tests.clients import agent, proxy
from tests.clients.agent import Agent
from tests.clients.agents import CLAUDE, CLAUDE_OLD, DONE
from tests.clients.install import INSTALL_SECONDS

pytestmark = [pytest.mark.clients, pytest.mark.timeout(INSTALL_SECONDS + 120)]

PROMPT = "create hello.txt with the text hello"


@pytest.fixture(params=[CLAUDE, CLAUDE_OLD], ids=lambda client: client.name)
def claude(request: pytest.FixtureRequest) -> Agent:
    found: Agent = request.param
    found.install()
    return found


@pytest.fixture(params=["openai", "claude"])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    found: Protocol = request.param
    return found


async def test_rules_hold(claude: Agent, protocol: Protocol, home: Path, project: Path) -> None:
    async with (
        ScriptedUpstream(strict=True) as upstream,
        proxy.running(
            home, protocol=protocol, upstream_url=upstream.base_url, alias=claude.model
        ) as served,
    ):
        outcome = await agent.run(
            claude, PROMPT, project=project, url=served.url, token=proxy.TOKEN
        )
        calls = upstream.calls
    assert (outcome.exit_code, outcome.answer) == (0, DONE), outcome
    assert len(calls) == 2
    for call in calls:
        assert "Write" in call.tools
        assert not {"WebFetch", "WebSearch", "CronCreate", "Workflow"} & call.tools.keys()
        attribution = "x-anthropic-billing-header"
        assert call.body.count(attribution.encode()) == (1 if call.dialect == "claude" else 0)
        if call.dialect == "claude":
            assert call.json["system"][0]["text"].startswith(attribution)


async def test_parallel_tool_calls_all_arrive(
    claude: Agent, protocol: Protocol, home: Path, project: Path
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
        proxy.running(
            home, protocol=protocol, upstream_url=upstream.base_url, alias=claude.model
        ) as served,
    ):
        outcome = await agent.run(
            claude, "create three files", project=project, url=served.url, token=proxy.TOKEN
        )
    assert (outcome.exit_code, outcome.answer) == (0, "All three are there."), outcome
    assert {path.name: path.read_text() for path in project.iterdir()} == files


async def test_recovers_from_a_lost_upstream_connection(
    claude: Agent, protocol: Protocol, home: Path, project: Path
) -> None:
    faults: Iterator[Reply] = iter([Reply(text="I will never finish this.", cut_after=3)])

    async with (
        ScriptedUpstream(lambda request: next(faults, None) or assistant(request)) as upstream,
        proxy.running(
            home, protocol=protocol, upstream_url=upstream.base_url, alias=claude.model
        ) as served,
    ):
        outcome = await agent.run(
            claude, PROMPT, project=project, url=served.url, token=proxy.TOKEN
        )
        count = len(upstream.calls)
    assert (outcome.exit_code, outcome.answer) == (0, DONE), outcome
    assert (project / "hello.txt").exists()
    assert count == 3


async def test_a_wrong_key_ends_at_once(claude: Agent, home: Path, project: Path) -> None:
    async with ScriptedUpstream() as upstream:
        async with proxy.running(
            home, protocol="openai", upstream_url=upstream.base_url, alias=claude.model
        ) as served:
            outcome = await agent.run(
                claude, PROMPT, project=project, url=served.url, token="cs-wrong"
            )
        assert upstream.requests == []
    assert outcome.exit_code == 1
    assert [call["status"] for call in served.answers] == [401], "the CLI must not retry"
