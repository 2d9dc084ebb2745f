"""What was changed between the stages of a call, and that each change has its reason."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy_tui import json_bytes
from ccproxy_tui.demo.reply import Reply
from ccproxy_tui.inspection.stages import Comparison, compare_replies, compare_requests
from ccproxy_tui.protocols.hub import Conversation
from ccproxy_tui.protocols.tool_names import ToolNames
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase
from tests.gateway.proxy import RunningProxy
from tests.inspection import scenarios
from tests.inspection.scenarios import (
    CONVERSATIONS,
    PROTOCOLS,
    REPLIES,
    UNKNOWN,
    all_pairs,
    ask,
    client_body,
)

module_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningProxy]:
    async with all_pairs(tmp_path_factory.mktemp("stages")) as running:
        yield running


async def made(
    proxy: RunningProxy,
    client: str,
    group: str,
    make: Callable[[], Conversation],
    reply: Reply = REPLIES[0],
    *,
    stream: bool = False,
    **fields: Any,
) -> tuple[Call, Exchange]:
    proxy.upstream.script = reply
    for health in proxy.pool.healths.values():
        health.reset(0)
    proxy.pool.lessons.learned.clear()
    body = client_body(client, make(), stream=stream) | fields
    return await ask(proxy, client, group, body, stream=stream)


def reasons(found: Comparison) -> dict[str, str]:
    return {hunk.place: hunk.reason for hunk in found.hunks}


def lines(found: Comparison, place: str) -> list[str]:
    return [
        f"{one.sign}{one.text.strip()}"
        for hunk in found.hunks
        if hunk.place == place
        for one in hunk.changes
        if one.sign != " "
    ]


@module_loop
@pytest.mark.parametrize("client", PROTOCOLS)
@pytest.mark.parametrize("upstream", PROTOCOLS)
async def test_every_change_has_a_reason(proxy: RunningProxy, client: str, upstream: str) -> None:
    groups = [(upstream, make) for make in CONVERSATIONS]
    groups += [(f"{upstream}-{end}", scenarios.working) for end in scenarios.ENDS]
    for number, (group, make) in enumerate(groups):
        reply = REPLIES[number % len(REPLIES)]
        unknown = UNKNOWN[client] if make is scenarios.tuned else {}
        call, exchange = await made(
            proxy, client, group, make, reply, stream=number % 2 == 0, **unknown
        )
        for found in (compare_requests(call, exchange), compare_replies(call, exchange)):
            assert not found.problem, (group, make.__name__, found.problem)
            for hunk in found.hunks:
                assert hunk.reason, (group, make.__name__, hunk, call.notes)
        assert (
            "model" in reasons(compare_requests(call, exchange)) or client == upstream == "gemini"
        )


@module_loop
async def test_what_no_note_and_no_protocol_explains_is_said_to_have_no_reason(
    proxy: RunningProxy,
) -> None:
    for group in ("openai-ruled", "claude-ruled"):
        call, exchange = await made(proxy, "claude", group, scenarios.plain)
        assert all(reasons(compare_requests(call, exchange)).values())
        call.notes = []
        without = [
            place for place, said in reasons(compare_requests(call, exchange)).items() if not said
        ]
        assert without
        assert all(place.startswith("system") for place in without)


@module_loop
async def test_a_conversion_shows_what_it_lost_and_gained(proxy: RunningProxy) -> None:
    call, exchange = await made(proxy, "claude", "openai-ruled", scenarios.working)
    found = compare_requests(call, exchange)
    assert found.how == "claude and openai have no JSON in common: what it means is compared"
    assert found.same == "2 tools, 3 messages"
    said = reasons(found)
    assert said["model"] == (
        "the alias * of the group openai-ruled leads to openai/kimi-qwen3-vl-thinking"
    )
    assert said["tools[1] Bash"] == "tools removed: Bash, by the group openai-ruled"
    assert said["temperature"] == "temperature 0.8 → 0.4"
    assert lines(found, "temperature") == ['-"temperature": 0.8', '+"temperature": 0.4']
    first, last = [hunk for hunk in found.hunks if hunk.place == "system"]
    assert first.reason.startswith("Claude Code's note to its own vendor")
    assert first.reason.endswith("system prompt: 1 replacement, by the group openai-ruled")
    assert last.reason == "prompt added (29 characters), by the group openai-ruled"
    assert "+  This was added." in [f"{one.sign}{one.text}" for one in last.changes]


@module_loop
async def test_ids_and_names_that_had_to_change_are_told_of_once(proxy: RunningProxy) -> None:
    call, exchange = await made(proxy, "claude", "openai", scenarios.thinking)
    found = compare_requests(call, exchange)
    assert lines(found, "tool names") == [
        f"-{scenarios.LONG_NAME}",
        f"+{ToolNames().wire(scenarios.LONG_NAME)}",
    ]
    assert not [place for place in reasons(found) if place.startswith("tools[")]
    body = orjson.loads(exchange.client_request.body)
    body["messages"][1]["content"][-1]["id"] = body["messages"][2]["content"][0]["tool_use_id"] = (
        "a.b"
    )
    call, exchange = await ask(proxy, "claude", "openai", body, stream=False)
    removed, added = lines(compare_requests(call, exchange), "ids of calls")
    assert removed == "-a.b"
    assert added.startswith("+call_")


@module_loop
@pytest.mark.parametrize("stream", [True, False])
async def test_a_faithful_reply_is_passed_on_byte_for_byte(
    proxy: RunningProxy, stream: bool
) -> None:
    for name in PROTOCOLS:
        call, exchange = await made(proxy, name, name, scenarios.plain, stream=stream)
        assert compare_replies(call, exchange) == Comparison(how="passed on byte for byte")


@module_loop
async def test_a_faithful_request_is_compared_as_json(proxy: RunningProxy) -> None:
    call, exchange = await made(proxy, "openai", "openai-user", scenarios.working)
    found = compare_requests(call, exchange)
    assert found.how == "both are in openai: their JSON is compared"
    said = {place.partition("[")[0]: reason for place, reason in reasons(found).items()}
    assert said["model"].startswith("the alias *")
    assert said["tools"] == "tools removed: Bash, by the group openai-user"
    by_place = reasons(found)
    assert by_place["messages[4] user"] == (
        "prompt added to the last user message (29 characters), by the group openai-user"
    )
    assert (
        by_place["messages[0] system"] == "system prompt: 1 replacement, by the group openai-user"
    )


@module_loop
async def test_marks_for_the_cache_and_signatures_say_why_they_go(proxy: RunningProxy) -> None:
    call, exchange = await made(proxy, "claude", "ollama", scenarios.thinking)
    found = compare_requests(call, exchange)
    assert reasons(found)["cache_control"].startswith("ollama has no marks for the cache")
    call, exchange = await made(proxy, "openai", "claude", scenarios.plain)
    found = compare_requests(call, exchange)
    assert reasons(found)["cache_control"].startswith("the vendor caches only up to a mark")


@module_loop
@pytest.mark.parametrize(
    ("upstream", "reason"),
    [("claude", "strict left out of tools: Exact"), ("gemini", "gemini has no strict tools")],
)
async def test_a_strict_tool_that_is_none_upstream_says_why(
    proxy: RunningProxy, upstream: str, reason: str
) -> None:
    call, exchange = await made(proxy, "openai", upstream, scenarios.unanswered)
    assert reason in reasons(compare_requests(call, exchange))["tools[3] Exact"]


@module_loop
async def test_an_error_of_another_protocol_keeps_its_words(proxy: RunningProxy) -> None:
    call, exchange = await made(proxy, "claude", "openai", scenarios.plain, REPLIES[2])
    found = compare_replies(call, exchange)
    assert not found.problem
    assert not found.hunks
    exchange.client_reply.chunks = [exchange.client_reply.body.replace(b"slow down", b"hurry up")]
    assert reasons(compare_replies(call, exchange))["error"] == (
        "the call failed: slow down, please"
    )


@module_loop
async def test_pings_between_the_frames_of_a_stream_are_told_apart(proxy: RunningProxy) -> None:
    call, exchange = await made(proxy, "claude", "claude", scenarios.plain, stream=True)
    ping = b'event: ping\ndata: {"type":"ping"}\n\n'
    first, _, rest = exchange.client_reply.body.partition(b"\n\n")
    exchange.client_reply.chunks = [first, b"\n\n", ping, rest]
    found = compare_replies(call, exchange)
    assert [hunk.place for hunk in found.hunks] == ["stream"]
    assert found.hunks[0].reason.startswith("sent while the upstream was silent")


@module_loop
async def test_embeddings_are_compared_by_what_is_asked_for(proxy: RunningProxy) -> None:
    body = {"model": "asked", "input": ["one", "two"], "user": "me", "encoding_format": "float"}
    await proxy.post("/ollama/v1/embeddings", body)
    call = proxy.last_call()
    assert call.exchange is not None
    found = compare_requests(call, call.exchange)
    assert not found.problem
    assert all(reasons(found).values())
    assert "model" in reasons(found)


def test_what_is_missing_is_said() -> None:
    call = Call(1, 0.0, protocol="claude", phase=Phase.FAILED, error="no key")
    empty = Exchange()
    assert compare_requests(call, empty).problem == "nothing was sent upstream: no key"
    assert compare_replies(call, empty).problem == "the client was told nothing: no key"
    call.phase = Phase.STREAMING
    assert "once it is complete" in compare_replies(call, empty).problem


junk = st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["messages", "contents", "input", "tools", "system", "role", "content", "a"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
).map(json_bytes.write)


@given(junk, junk, st.sampled_from(PROTOCOLS), st.sampled_from(PROTOCOLS), st.booleans())
@settings(max_examples=150, deadline=None)
def test_nothing_that_was_recorded_breaks_it(
    one: bytes, other: bytes, client: str, upstream: str, embeds: bool
) -> None:
    call = Call(
        1,
        0.0,
        protocol=client,
        upstream_protocol=upstream,
        operation="embed" if embeds else "generate",
        phase=Phase.DONE,
    )
    exchange = Exchange(*(Message("200 OK", (), [body]) for body in (one, other, other, one)))
    compare_requests(call, exchange)
    compare_replies(call, exchange)


def test_a_request_that_is_nested_too_deeply_is_none_to_compare() -> None:
    deep = b'{"model": "m", "max_tokens": 1, "messages": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    sent = Message("", (), [b'{"model": "m"}'])
    for upstream in PROTOCOLS:
        call = Call(1, 0.0, protocol="claude", upstream_protocol=upstream, phase=Phase.DONE)
        assert compare_requests(call, Exchange(Message("", (), [deep]), sent)).problem
