"""Each real client does a task through the proxy, on upstreams that speak what it does not."""

from pathlib import Path

import pytest

from ccproxy_tui.config.models import Protocol
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.upstream import ScriptedUpstream
from tests.clients import agent, proxy
from tests.clients.agent import Agent
from tests.clients.agents import AGENTS, DONE
from tests.clients.install import INSTALL_SECONDS

pytestmark = [pytest.mark.clients, pytest.mark.timeout(INSTALL_SECONDS + 120)]

PATHS: dict[Protocol, str] = {
    "claude": "/v1/messages",
    "openai": "/v1/chat/completions",
    "responses": "/v1/responses",
    "gemini": f"/v1beta/models/{proxy.MODELS['gemini']}:streamGenerateContent",
    "ollama": "/api/chat",
}


@pytest.mark.parametrize(
    ("client", "protocol"),
    [
        pytest.param(client, protocol, id=f"{client.name}-on-{protocol}")
        for client in AGENTS
        for protocol in client.upstreams
    ],
)
async def test_writes_a_file_and_answers(
    client: Agent, protocol: Protocol, home: Path, project: Path
) -> None:
    client.install()
    async with ScriptedUpstream(
        client.script, accepted_keys=["sk-upstream"], strict=True
    ) as upstream:
        async with proxy.running(
            home,
            protocol=protocol,
            upstream_url=upstream.base_url_of(protocol),
            alias=client.model,
        ) as served:
            outcome = await agent.run(
                client,
                f"create {project}/hello.txt with the text hello",
                project=project,
                url=served.url,
                token=proxy.TOKEN,
            )
        calls = upstream.calls
    assert outcome.exit_code == 0, outcome
    assert DONE in outcome.answer, outcome
    assert (project / "hello.txt").read_text().strip() == "hello"
    for call in calls:
        assert call.path == PATHS[protocol]
        assert call.model == proxy.MODELS[protocol]
        assert call.api_key == "sk-upstream"
        assert call.system_text.count(proxy.ADDED_PROMPT) == (1 if call.tools else 0)
    if client.has_tools:
        _assert_it_came_back(calls[-1])
    if client.keeps_proof and protocol in ("claude", "responses", "gemini"):
        assert calls[-1].signatures, "the proof of the model's thinking is lost"
    told = served.answers
    assert [entry["status"] for entry in told] == [200] * len(calls), told
    for entry in told:
        assert entry["phase"] == "done"
        assert entry["key"] == "Agent"
        assert entry["group"] == proxy.GROUP
        assert entry["tokens"]["output"] > 0
        assert entry["tokens"]["input"] + entry["tokens"]["cache_write"] > 0
        assert not entry["tokens"]["estimated"]
    sessions = {entry["session"] for entry in told}
    assert len(sessions) == 1
    assert all(sessions) is client.names_session


def _assert_it_came_back(call: ReceivedRequest) -> None:
    """Assert that the model's first answer is in the next request, whole."""
    said = next(turn for turn in reversed(call.turns) if turn.role == "assistant")
    assert said.text == "I will create that file for you."
    assert len(said.calls) == 1
    assert len(call.last_tool_results) == 1
