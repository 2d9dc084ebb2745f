"""What a call's record tells of its way while it runs: times, tools, window, agents."""

import asyncio

import pytest

from ccproxy_tui.config.models import Provider
from ccproxy_tui.config.profiles import ModelProfile
from ccproxy_tui.demo.reply import Reply, ToolCall
from ccproxy_tui.protocols.base import MOST_TOOLS
from ccproxy_tui.traffic.call import Phase
from tests.gateway.five import PROTOCOLS, ask, lead_to_all
from tests.gateway.proxy import RunningProxy, request
from tests.gateway.test_cancel import reach
from tests.gateway.test_compat import CALL, READ

CALLS = [ToolCall("Bash", {"command": "ls"}), ToolCall("Read", {}), ToolCall("Bash", {"x": 1})]
SAYS = '"name":"Fake" "tool_use" "functionCall" "tool_calls" content_block_start'


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("client", PROTOCOLS)
@pytest.mark.parametrize("same", [True, False])
async def test_tools_are_named_once_in_their_order(
    proxy: RunningProxy, client: str, same: bool, stream: bool
) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = Reply(text=SAYS, tools=CALLS)
    lane = client if same else ("openai" if client == "claude" else "claude")
    await ask(proxy, client, lane, stream=stream)
    assert proxy.last_call().tools == ("Bash", "Read")
    proxy.upstream.script = Reply(text=SAYS)
    await ask(proxy, client, lane, stream=stream)
    assert proxy.last_call().tools == ()


@pytest.mark.parametrize("client", ["claude", "openai"])
async def test_no_more_tools_are_named_than_anybody_reads(proxy: RunningProxy, client: str) -> None:
    named = [ToolCall(f"tool_{number}", {}) for number in range(MOST_TOOLS + 50)]
    proxy.upstream.script = Reply(tools=named)
    await proxy.ask(client)
    assert proxy.last_call().tools == tuple(one.name for one in named[:MOST_TOOLS])


@pytest.mark.parametrize("client", ["claude", "openai", "responses"])
@pytest.mark.parametrize("same", [True, False])
async def test_a_tool_is_named_while_its_call_is_written(
    proxy: RunningProxy, client: str, same: bool
) -> None:
    await lead_to_all(proxy)
    proxy.upstream.script = Reply(tools=[ToolCall("Write", {"text": "word " * 200})], hang_after=6)
    lane = client if same else ("openai" if client == "claude" else "claude")
    asking = asyncio.ensure_future(ask(proxy, client, lane, stream=True))
    call = await reach(proxy, Phase.STREAMING)
    async with asyncio.timeout(5):
        while not call.tools:
            await asyncio.sleep(0.005)
    assert call.tools == ("Write",)
    assert call.live
    proxy.upstream.calls[0].release.set()
    await asking


async def test_a_tool_that_is_called_in_words_is_named(proxy: RunningProxy) -> None:
    proxy.upstream.script = Reply(text=CALL)
    await proxy.post("/openai/compat/v1/messages", request(tools=[READ]))
    assert proxy.last_call().tools == ("Read",)


@pytest.mark.parametrize("stream", [True, False])
async def test_an_attempt_is_timed(proxy: RunningProxy, stream: bool) -> None:
    proxy.upstream.script = Reply(text="hello", delay=0.05)
    await proxy.ask("claude", stream=stream)
    (attempt,) = proxy.last_call().attempts
    assert attempt.connected is not None
    assert attempt.first_byte is not None
    assert attempt.seconds is not None
    assert 0 <= attempt.connected < attempt.first_byte <= attempt.seconds
    assert attempt.first_byte >= 0.05


async def test_an_attempt_without_a_connection_has_no_times(proxy: RunningProxy) -> None:
    nowhere = Provider(name="claude", protocol="claude", base_url="http://127.0.0.1:9/v1")
    others = [one for one in proxy.live.value.providers if one.name != "claude"]
    await proxy.configure(providers=(*others, nowhere))
    await proxy.ask("claude")
    (attempt,) = proxy.last_call().attempts
    assert (attempt.connected, attempt.first_byte) == (None, None)


async def test_asking_again_leaves_the_attempts_times(proxy: RunningProxy) -> None:
    broken = CALL.replace("Read", "Fly")
    proxy.upstream.script = [Reply(text=f"Reading.\n{broken}"), Reply(text=CALL, delay=0.1)]
    await proxy.post("/openai/compat/v1/messages", request(tools=[READ]))
    assert len(proxy.upstream.calls) == 2
    (attempt,) = proxy.last_call().attempts
    assert attempt.connected is not None
    assert attempt.first_byte is not None
    assert attempt.seconds is not None
    assert attempt.connected < attempt.first_byte < attempt.seconds - 0.1


async def test_the_window_is_the_profiles_else_the_lists(proxy: RunningProxy) -> None:
    proxy.upstream.token_count = 7
    claude = next(one for one in proxy.live.value.providers if one.name == "claude")
    others = [one for one in proxy.live.value.providers if one.name != "claude"]
    await proxy.ask("claude")
    assert proxy.last_call().window is None
    profile = ModelProfile(model="m", context_window=4096)
    await proxy.configure(providers=(*others, claude.model_copy(update={"profiles": (profile,)})))
    await proxy.ask("claude")
    assert proxy.last_call().window == 4096
    await proxy.post("/claude/v1/messages/count_tokens", request())
    assert proxy.last_call().window == 4096


async def test_agents_are_on_record(proxy: RunningProxy) -> None:
    await proxy.post(
        "/claude/v1/messages",
        request(),
        x_claude_code_agent_id="a-2",
        x_claude_code_parent_agent_id="a-1",
    )
    call = proxy.last_call()
    assert (call.agent, call.parent_agent) == ("a-2", "a-1")
