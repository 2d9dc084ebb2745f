"""A preview is what a real call then becomes: the same JSON upstream, the same words."""

from typing import Any, Final, get_args

import orjson
import pytest

from ccproxy_tui.config import edits
from ccproxy_tui.config.models import Configuration, Group, Protocol, Replacement
from ccproxy_tui.config.snapshot import Snapshot
from ccproxy_tui.gateway.pool.lessons import Lesson
from ccproxy_tui.gateway.preview import Previewed, Recorded, preview
from ccproxy_tui.protocols.lacks import Lack
from ccproxy_tui.traffic.call import Call
from tests.gateway.five import ask, lead_to_all
from tests.gateway.proxy import Answer, RunningProxy

CLIENTS: Final[tuple[Protocol, ...]] = get_args(Protocol)
SCHEMA: Final = {"type": "object", "properties": {"path": {"type": "string"}}}
NAMES: Final = ("Read", "WebSearch")
HI: Final = {"role": "user", "content": "hello"}
FUNCTIONS: Final = [
    {"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in NAMES
]
OWN: Final = "You are the client.\nBe good."
BODIES: Final[dict[str, dict[str, Any]]] = {
    "claude": {
        "system": [{"type": "text", "text": OWN, "cache_control": {"type": "ephemeral"}}],
        "tools": [{"name": name, "input_schema": SCHEMA} for name in NAMES],
        "temperature": 1.0,
    },
    "openai": {
        "messages": [{"role": "system", "content": OWN}, HI],
        "tools": FUNCTIONS,
        "temperature": 1.0,
    },
    "responses": {
        "instructions": OWN,
        "tools": [
            {"type": "function", "name": name, "parameters": SCHEMA, "strict": False}
            for name in NAMES
        ],
        "temperature": 1.0,
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": OWN}]},
        "tools": [{"functionDeclarations": [{"name": name} for name in NAMES]}],
        "generationConfig": {"temperature": 1.0},
    },
    "ollama": {
        "messages": [{"role": "system", "content": OWN}, HI],
        "tools": FUNCTIONS,
        "options": {"temperature": 1.0},
    },
}
RULES: Final[dict[str, Any]] = {
    "prompt_injection": "enhance",
    "prompt_text": "Added by the group.",
    "replacements": (Replacement(find="Be good.", replace="Be brief."),),
    "tool_filter": ("Web*",),
    "temperature_ratio": 0.5,
}


async def send(proxy: RunningProxy, client: str, lane: str, *, stream: bool = True) -> Call:
    answer = await ask(proxy, client, lane, stream=stream, **BODIES[client])
    assert answer.status == 200, answer.body
    return proxy.last_call()


def look(
    proxy: RunningProxy, configuration: Configuration, call: Call, group: str = ""
) -> Previewed:
    assert call.exchange is not None
    request = call.exchange.client_request
    recorded = Recorded(call.method, call.path, call.protocol, request.headers, request.body)
    snapshot = Snapshot(configuration, 0)
    return preview(snapshot, proxy.pool.lessons, group or call.group, recorded)


def edited(proxy: RunningProxy, name: str, **changes: Any) -> Configuration:
    """The configuration as a form has it, which is saved nowhere."""
    group = Group.model_validate({"name": name, **changes})
    return edits.put_group(proxy.live.value, group, replaces=name)


@pytest.mark.parametrize("mode", ["native", "compat"])
@pytest.mark.parametrize("lane", CLIENTS)
@pytest.mark.parametrize("client", CLIENTS)
async def test_it_is_what_the_upstream_then_receives(
    proxy: RunningProxy, client: Protocol, lane: Protocol, mode: str
) -> None:
    await lead_to_all(proxy)
    call = await send(proxy, client, lane)
    asked = len(proxy.upstream.calls)
    wanted = edited(proxy, lane, **RULES, tool_mode=mode)
    told = look(proxy, wanted, call)
    assert len(proxy.upstream.calls) == asked, "nothing is sent"
    await proxy.configure(groups=wanted.groups)
    real = await send(proxy, client, lane)
    received = proxy.upstream.calls[-1]
    assert told.problem == ""
    assert orjson.dumps(told.upstream) == received.body
    assert "Added by the group." in received.body.decode()
    assert received.path in told.url
    assert list(told.notes) == real.notes
    assert told.notes
    assert (told.target, told.upstream_protocol) == (f"{lane}/m", lane)
    assert told.converted is (client != lane or mode == "compat")
    assert told.tools == 2
    assert bool(received.tools) is (mode == "native")


async def test_the_path_that_asks_for_tools_in_words_is_minded(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    body = {"model": "asked", "max_tokens": 100, "messages": [HI], **BODIES["claude"]}
    assert (await proxy.post("/claude/compat/v1/messages", body)).status == 200
    told = look(proxy, proxy.live.value, proxy.last_call())
    assert orjson.dumps(told.upstream) == proxy.upstream.calls[-1].body
    assert "tools" not in (told.upstream or {})
    assert told.converted
    native = look(proxy, edited(proxy, "claude", tool_mode="native"), proxy.last_call())
    assert "tools" in (native.upstream or {})


@pytest.mark.parametrize("position", ["system", "user"])
async def test_the_client_s_own_json_before_and_after(proxy: RunningProxy, position: str) -> None:
    await lead_to_all(proxy)
    call = await send(proxy, "claude", "openai")
    told = look(proxy, edited(proxy, "openai", **RULES, prompt_position=position), call)
    assert told.sent is not None
    assert told.changed is not None
    assert told.sent["system"][0]["text"] == OWN
    assert [tool["name"] for tool in told.sent["tools"]] == list(NAMES)
    assert [tool["name"] for tool in told.changed["tools"]] == ["Read"]
    assert told.changed["model"] == "asked", "it is still the client's"
    where = told.changed["system"] if position == "system" else told.changed["messages"]
    assert "Added by the group." in orjson.dumps(where).decode()


async def test_where_lanes_are_the_same_what_is_changed_is_what_is_sent(
    proxy: RunningProxy,
) -> None:
    await lead_to_all(proxy)
    call = await send(proxy, "claude", "claude")
    told = look(proxy, edited(proxy, "claude"), call)
    assert told.changed == told.upstream
    assert told.sent == {**(told.upstream or {}), "model": "asked"}
    assert told.notes == ()


async def test_what_a_model_was_found_not_to_do_is_minded(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    call = await send(proxy, "openai", "openai")
    (candidate,) = proxy.live.snapshot.groups["openai"].routes[0].candidates
    before = look(proxy, proxy.live.value, call)
    learned = proxy.pool.lessons.learned
    lesson = Lesson(Lack("no tools", {"tools": False}), 1e12)
    learned[candidate.provider.name, candidate.model] = (lesson,)
    told = look(proxy, proxy.live.value, call)
    await send(proxy, "openai", "openai")
    assert orjson.dumps(told.upstream) == proxy.upstream.calls[-1].body
    assert (before.converted, told.converted) == (False, True)


async def test_refusals_are_said_and_the_rules_are_shown_all_the_same(
    proxy: RunningProxy,
) -> None:
    await lead_to_all(proxy)
    call = await send(proxy, "claude", "openai")
    off = look(proxy, edited(proxy, "openai", **RULES, disabled=True), call)
    assert off.problem == 'the group "openai" is disabled; enable it in the Groups pane'
    new = edits.put_group(proxy.live.value, Group.model_validate({"name": "new", **RULES}))
    bare = look(proxy, new, call, "new")
    assert 'the group "new" has no alias for the model "asked"' in bare.problem
    providers = tuple(
        one.model_copy(update={"disabled": True}) for one in proxy.live.value.providers
    )
    empty = edited(proxy, "openai", **RULES).model_copy(update={"providers": providers})
    nobody = look(proxy, empty, call)
    assert nobody.problem == "no target of the alias * is enabled"
    for told in (off, bare, nobody):
        assert told.upstream is None
        assert told.changed is not None
        assert "tools removed: WebSearch" in told.notes
    gone = look(proxy, proxy.live.value, call, "gone")
    assert 'there is no group "gone"' in gone.problem
    assert gone.changed is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"model": ', "body: not valid JSON"),
        (b"[]", "body: must be a JSON object"),
        (b'{"model": "m", "max_tokens": 1, "messages": "no"}', "messages: must be"),
        (b'{"model":"m","max_tokens":1,"messages":' + b"[" * 99_999 + b"]" * 99_999 + b"}", "deep"),
    ],
)
async def test_what_cannot_be_read_is_said_in_the_words_of_the_client_s_protocol(
    proxy: RunningProxy, body: bytes, words: str
) -> None:
    answer: Answer = await proxy.post("/openai/v1/messages", body)
    assert answer.status == 400
    told = look(proxy, proxy.live.value, proxy.last_call())
    assert words in told.problem
    assert told.upstream is None


async def test_a_count_has_no_preview(proxy: RunningProxy) -> None:
    body = {"model": "claude-x", "messages": [HI]}
    assert (await proxy.post("/openai/v1/messages/count_tokens", body)).status == 200
    told = look(proxy, proxy.live.value, proxy.last_call())
    assert told.problem == "this call asks for no reply, so a group's rules do not matter"


async def test_no_key_is_in_it(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    told = look(proxy, proxy.live.value, await send(proxy, "gemini", "gemini"))
    assert "sk-upstream" not in repr(told)
    assert "sk-upstream" not in told.url


async def test_it_says_why_no_text_is_added(proxy: RunningProxy) -> None:
    await lead_to_all(proxy)
    call = await send(proxy, "claude", "claude")
    rules = {"prompt_injection": "enhance", "prompt_text": "x", "prompt_models": ("gpt-*",)}
    told = look(proxy, edited(proxy, "claude", **rules), call)
    assert told.notes == ("no prompt: asked is none of the models that it is for",)
    told = look(proxy, edited(proxy, "claude", **rules | {"prompt_models": ("ask*",)}), call)
    assert told.notes == ("prompt added (1 characters)",)
