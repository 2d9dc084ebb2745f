"""The scripted client looks like Claude Code on the wire, and copes with what comes back."""

import asyncio
from collections import Counter

import pytest

from ccproxy_tui.demo.client import DemoClient
from ccproxy_tui.demo.lively import Lively
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply, ToolCall
from ccproxy_tui.demo.session import Habits
from ccproxy_tui.demo.strict import find_fault
from ccproxy_tui.demo.upstream import ScriptedUpstream

PLAIN = Habits(cancel=0, count_tokens=0, wrong_model=0, pace=0)
AT_ONCE = 1_000_000.0


def client(upstream: ScriptedUpstream, habits: Habits = PLAIN, sessions: int = 1) -> DemoClient:
    return DemoClient(upstream.origin, "cs-demo", sessions=sessions, habits=habits)


def turns(upstream: ScriptedUpstream) -> list[ReceivedRequest]:
    return [call for call in upstream.calls if call.tools]


async def test_wears_the_headers_and_the_size_of_the_real_one() -> None:
    async with ScriptedUpstream(Reply(text="Hello."), strict=True) as upstream:
        await client(upstream).run(conversations=1)
    first = turns(upstream)[0]
    assert 50_000 < len(first.body) < 60_000
    assert len(first.tools) == 12
    assert first.query == "beta=true"
    assert first.api_key == "cs-demo"
    assert first.headers["user-agent"].startswith("claude-cli/")
    assert first.headers["x-app"] == "cli"
    system = first.json["system"]
    assert len(system) == 3
    assert system[0]["text"].startswith("x-anthropic-billing-header: ")
    assert "cache_control" not in system[0]
    assert system[1]["cache_control"] == system[2]["cache_control"] == {"type": "ephemeral"}
    session = first.headers["x-claude-code-session-id"]
    assert session in first.json["metadata"]["user_id"]
    titles = [call for call in upstream.calls if call.answer_schema]
    assert [call.headers["x-claude-code-session-id"] for call in titles] == [session]


async def test_follows_tool_calls_and_keeps_the_history() -> None:
    replies = [
        Reply(
            thinking="Read first.", tools=[ToolCall("Read", {"file_path": "/a"}), ToolCall("Bash")]
        ),
        Reply(text="Done."),
    ]

    def script(request: ReceivedRequest) -> Reply:
        return Reply(text="{}") if request.answer_schema else replies[bool(request.last_tool_calls)]

    async with ScriptedUpstream(script, strict=True) as upstream:
        await client(upstream).run(conversations=1)
    second = turns(upstream)[1]
    assert [name for name, _ in second.last_tool_calls] == ["Read", "Bash"]
    assert len(second.last_tool_results) == 2
    assert all(result.text for result in second.last_tool_results)
    assert second.json["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}
    assert second.json["messages"][2]["content"][0]["signature"]


async def test_helpers_run_at_the_same_time_and_say_whose_they_are() -> None:
    together = asyncio.Event()
    helping: list[ReceivedRequest] = []

    async def script(request: ReceivedRequest) -> Reply:
        if "x-claude-code-agent-id" in request.headers:
            helping.append(request)
            if len(helping) == 2:
                together.set()
            await together.wait()
            return Reply(text=f"Helper {len(helping)} is done.")
        if request.answer_schema or request.last_tool_results or together.is_set():
            return Reply(text="Fine.")
        return Reply(tools=[ToolCall("Agent", {"prompt": "Look."})] * 2)

    async with ScriptedUpstream(script, strict=True) as upstream:
        async with asyncio.timeout(10):
            await client(upstream).run(conversations=1)
    first, second = helping
    session = first.headers["x-claude-code-session-id"]
    assert second.headers["x-claude-code-session-id"] == session
    assert first.headers["x-claude-code-parent-agent-id"] == session
    assert first.headers["x-claude-code-agent-id"] != second.headers["x-claude-code-agent-id"]
    assert "Agent" not in first.tools


async def test_escape_closes_the_connection_in_mid_stream() -> None:
    def script(request: ReceivedRequest) -> Reply:
        long = ["word "] * 200
        return Reply(text="{}") if request.answer_schema else Reply(text=long, hang_after=100)

    async with ScriptedUpstream(script) as upstream:
        await client(upstream, Habits(cancel=1, count_tokens=0, wrong_model=0, pace=0)).run(1)
        async with asyncio.timeout(5):
            for call in turns(upstream):
                await call.ended.wait()
    assert turns(upstream)
    assert all(call.disconnected for call in turns(upstream))


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=429, error="slow down"),
        Reply(status=529, error="overloaded"),
        Reply(close_before_headers=True),
        Reply(text="a", cut_after=2),
        Reply(text="a", no_finish=True),
        Reply(text="a", error_after=2),
        Reply(raw_chunks=[b"data: {}\n\n"]),
    ],
)
async def test_tries_again_after(fault: Reply) -> None:
    faults = [fault]

    def script(request: ReceivedRequest) -> Reply:
        return faults.pop() if faults and request.tools else Reply(text="Better.")

    async with ScriptedUpstream(script) as upstream:
        await client(upstream).run(conversations=1)
    first, second = turns(upstream)[:2]
    assert second.messages == first.messages


async def test_does_not_insist_after_a_refusal() -> None:
    async with ScriptedUpstream(Reply(status=404, error="no such model")) as upstream:
        await client(upstream).run(conversations=1)
    assert len(turns(upstream)) > 1
    for call in turns(upstream):
        assert [message["role"] for message in call.messages] == ["user", "system"]


async def test_runs_until_cancelled() -> None:
    async with ScriptedUpstream(Reply(text="Hello.", hang_after=0)) as upstream:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(client(upstream, sessions=3).run())
            await upstream.wait_for_calls(6)
            running.cancel()
        sessions = {call.headers["x-claude-code-session-id"] for call in upstream.calls}
    assert len(sessions) == 3


@pytest.mark.timeout(30)
async def test_client_and_lively_script_keep_each_other_busy() -> None:
    lively = Lively(seed=5, speed=AT_ONCE, failures=0.1)
    habits = Habits(cancel=0.1, count_tokens=0.3, wrong_model=0, pace=0)
    async with ScriptedUpstream(lively, strict=True, keep=5_000) as upstream:
        await client(upstream, habits, sessions=3).run(conversations=6)
        seen = Counter(name for call in upstream.calls for name, _ in call.last_tool_calls)
        assert [fault for call in upstream.requests if (fault := find_fault(call))] == []
        assert {"Read", "Grep", "Edit", "Agent"} <= seen.keys()
        assert any(call.disconnected for call in upstream.calls)
        assert any(call.path.endswith("count_tokens") for call in upstream.requests)
        assert any(len(call.body) > 65_000 for call in upstream.calls)
        assert any("x-claude-code-agent-id" in call.headers for call in upstream.calls)


def test_the_token_is_not_shown() -> None:
    assert "cs-secret" not in repr(DemoClient("http://x", "cs-secret"))


async def test_a_new_look_at_git_spoils_the_cache_once() -> None:
    lively = Lively(seed=5, speed=AT_ONCE, failures=0)
    usages: list[tuple[str, int]] = []

    def script(request: ReceivedRequest) -> Reply:
        reply = lively(request)
        if request.tools and len(request.turns) > 4 and reply.usage is not None:
            usages.append((request.system_text, reply.usage.cached))
        return reply

    habits = Habits(cancel=0, count_tokens=0, wrong_model=0, new_status=1, pace=0)
    async with ScriptedUpstream(script) as upstream:
        await client(upstream, habits).run(conversations=2)
    missed = [system for system, cached in usages if not cached]
    assert missed
    assert len(set(missed)) == len(missed)
    assert any(cached for system, cached in usages if system in missed)
