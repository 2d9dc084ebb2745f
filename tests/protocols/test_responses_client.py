from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy_tui.protocols import responses
from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation, Rules
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    JsonObject,
    Opaque,
    Reasoning,
    RedactedThinking,
    Text,
    Thinking,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile

POST, GET = responses.routes
FUNCTION = {"type": "function", "name": "read", "description": "d", "strict": False,
            "parameters": {"type": "object", "properties": {}}}  # fmt: skip
CUSTOM = {"type": "custom", "name": "patch", "description": "Edit.",
          "format": {"type": "grammar", "syntax": "lark", "definition": "start: /x/"}}  # fmt: skip
NAMESPACE = {"type": "namespace", "name": "multi_agent_v1", "description": "n",
             "tools": [{"type": "function", "name": "spawn_agent", "parameters": {}},
                       {"type": "function", "name": "wait", "parameters": {}}]}  # fmt: skip
TOOLS = [FUNCTION, CUSTOM, NAMESPACE, {"type": "web_search"}]
PICTURE = "data:image/png;base64,AAAA"


def body(*items: JsonObject, **fields: Any) -> JsonObject:
    return {"model": "gpt-5", "input": list(items) or "hi", **fields}


def read(*items: JsonObject, **fields: Any) -> Conversation:
    return responses.read_request(responses.check_request(body(*items, **fields)))


def turns(*items: JsonObject) -> list[Turn]:
    return read(*items).turns


def asked(**fields: Any) -> Asked:
    return responses.read_asked(responses.check_request(body(**fields)), Address(POST))


def user(content: Any = "hi") -> JsonObject:
    return {"role": "user", "content": content}


def call(name: str = "read", id_: str = "c1", **fields: Any) -> JsonObject:
    return {"type": "function_call", "call_id": id_, "name": name, "arguments": "{}", **fields}


def output(said: Any, id_: str = "c1") -> JsonObject:
    return {"type": "function_call_output", "call_id": id_, "output": said}


def bad(**fields: Any) -> str:
    with pytest.raises(BadRequestError) as caught:
        responses.read_request(responses.check_request(body(**fields)))
    return str(caught.value)


# --- items --------------------------------------------------------------------------------------


def test_a_bare_text() -> None:
    assert turns() == [Turn("user", [Text("hi")])]


def test_a_conversation_of_an_agent() -> None:
    """As Codex sends it."""
    conversation = read(
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "d1"}]},
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "d2"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "context"}]},
        user("make it"),
        {"type": "reasoning", "id": "rs_1", "encrypted_content": "enc",
         "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "ok"}]},
        call(arguments='{"a":1}'),
        call("spawn_agent", "c2", namespace="multi_agent_v1"),
        {"type": "custom_tool_call", "call_id": "c3", "name": "patch", "input": "*** x"},
        output("one"),
        output([{"type": "input_text", "text": "two"},
                {"type": "input_image", "image_url": PICTURE}], "c2"),
        {"type": "custom_tool_call_output", "call_id": "c3", "output": "three"},
        {"role": "developer", "content": "later"},
        user("next"),
        instructions="top",
    )  # fmt: skip
    assert [text.text for text in conversation.system] == ["top", "d1", "d2"]
    assert conversation.turns == [
        Turn("user", [Text("context"), Text("make it")]),
        Turn(
            "assistant",
            [
                Thinking("hm", "rs_1:enc", "responses"),
                Text("ok"),
                ToolUse("c1", "read", {"a": 1}),
                ToolUse("c2", "multi_agent_v1__spawn_agent", {}),
                ToolUse("c3", "patch", {"input": "*** x"}),
            ],
        ),
        Turn(
            "user",
            [
                ToolResult("c1", [Text("one")]),
                ToolResult("c2", [Text("two"), Image("image/png", "AAAA")]),
                ToolResult("c3", [Text("three")]),
            ],
        ),
        Turn("system", [Text("later")]),
        Turn("user", [Text("next")]),
    ]


@pytest.mark.parametrize(
    ("part", "block"),
    [
        ({"type": "input_text", "text": "a"}, Text("a")),
        ({"type": "refusal", "refusal": "no"}, Text("no")),
        ({"type": "input_image", "image_url": PICTURE, "detail": "low"},
         Image("image/png", "AAAA", detail="low")),
        ({"type": "input_image", "image_url": "https://x/y", "detail": "auto"}, Image(url="https://x/y")),
        ({"type": "input_file", "file_data": "data:application/pdf;base64,JV", "filename": "a.pdf"},
         Document("application/pdf", "JV", title="a.pdf")),
        ({"type": "input_file", "file_url": "https://x/a.pdf"}, Document(url="https://x/a.pdf")),
        ({"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
         Audio("audio/mpeg", "AA")),
        ({"type": "input_file", "file_id": "f"}, Opaque({"type": "input_file", "file_id": "f"}, "responses")),
    ],
)  # fmt: skip
def test_parts(part: JsonObject, block: Block) -> None:
    assert turns(user([part])) == [Turn("user", [block])]


@pytest.mark.parametrize(
    ("kept", "block"),
    [
        (None, Thinking("hm")),
        ("enc", Thinking("hm", "rs_9:enc", "responses")),
        ("ccproxy:responses:rs_1:enc", Thinking("hm", "rs_1:enc", "responses")),
        ("ccproxy:claude:sig", Thinking("hm", "sig", "claude")),
        ("ccproxy:claude:redacted:xyz", RedactedThinking("xyz", "claude")),
    ],
)
def test_reasoning(kept: str | None, block: Block) -> None:
    item = {"type": "reasoning", "id": "rs_9", "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": kept}  # fmt: skip
    assert turns(user(), item)[1:] == [Turn("assistant", [block])]


def test_items_that_only_this_protocol_has() -> None:
    shell = {"type": "local_shell_call", "call_id": "x", "action": {}}
    out = {"type": "local_shell_call_output", "id": "x", "output": "y"}
    assert turns(user(), shell, out)[1:] == [
        Turn("assistant", [Opaque(shell, "responses")]),
        Turn("user", [Opaque(out, "responses")]),
    ]


def test_arguments_that_are_no_json_stay_text() -> None:
    assert turns(user(), call(arguments="{a"))[1].content == [ToolUse("c1", "read", "{a")]


# --- fields -------------------------------------------------------------------------------------


def test_limits_and_forms() -> None:
    conversation = read(
        max_output_tokens=99,
        temperature=0.5,
        top_p=0.9,
        reasoning={"effort": "high", "summary": "auto"},
        text={"verbosity": "low", "format": {"type": "json_schema", "name": "n", "strict": True,
                                             "schema": {"type": "object"}}},
        user="u", store=False, service_tier="flex", prompt_cache_key="k", metadata={"a": "b"},
        safety_identifier="s", include=["reasoning.encrypted_content"], client_metadata={"x": "y"},
        truncation="disabled", max_tool_calls=3, top_logprobs=2, stream_options=None,
    )  # fmt: skip
    assert conversation.max_tokens == 99
    assert (conversation.temperature, conversation.top_p) == (0.5, 0.9)
    assert conversation.reasoning == Reasoning(effort="high")
    assert conversation.output_schema == {"type": "object"}
    assert (conversation.output_name, conversation.output_strict) == ("n", True)
    assert conversation.user == "u"
    assert conversation.shared == {
        "metadata": {"a": "b"},
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "service_tier": "flex",
        "store": False,
        "verbosity": "low",
    }
    assert conversation.notes == ["fields left out: max_tool_calls, top_logprobs"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, None),
        ({}, None),
        ({"summary": "auto"}, Reasoning()),
        ({"effort": "none"}, Reasoning("off")),
        ({"effort": "low"}, Reasoning(effort="low")),
    ],
)
def test_reasoning_asked_for(said: Any, meant: Reasoning | None) -> None:
    assert read(reasoning=said).reasoning == meant


def test_any_json() -> None:
    assert read(text={"format": {"type": "json_object"}}).output_schema == {"type": "object"}
    assert read(text={"format": {"type": "text"}}).output_schema is None


def test_what_is_asked() -> None:
    heads = {"x-other": "1"}
    plain = responses.read_asked(body(prompt_cache_key="k", stream=True), Address(POST))
    assert (plain.operation, plain.model, plain.stream) == (Operation.GENERATE, "gpt-5", True)
    assert plain.session == "k"
    named = responses.read_asked(body(), Address(POST, headers={**heads, "session-id": "s"}))
    assert (named.session, named.stream) == ("s", False)
    socket = responses.read_asked(responses.check_request({}, GET.operation), Address(GET))
    assert socket.operation is Operation.OPEN_SOCKET


def test_the_whole_conversation_is_not_kept_for_the_reply() -> None:
    assert "input" not in asked(instructions="x").form.echo


# --- tools --------------------------------------------------------------------------------------


def test_tools() -> None:
    plain, custom, spawn, wait, search = read(tools=TOOLS).tools
    assert (plain.name, plain.description, plain.strict) == ("read", "d", False)
    assert custom.name == "patch"
    assert "start: /x/" in custom.description
    assert "lark" in custom.description
    assert custom.schema["required"] == ["input"]
    assert (spawn.name, wait.name) == ("multi_agent_v1__spawn_agent", "multi_agent_v1__wait")
    assert search.raw == {"type": "web_search"}
    form = asked(tools=TOOLS).form
    assert form.tool("patch").free_text
    spawned = form.tool("multi_agent_v1__spawn_agent")
    assert (spawned.name, spawned.namespace) == ("spawn_agent", "multi_agent_v1")
    assert form.tool("read").name == "read"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, None),
        ("auto", ToolChoice()),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("any")),
        ({"type": "function", "name": "read"}, ToolChoice("tool", "read")),
        ({"type": "custom", "name": "patch"}, ToolChoice("tool", "patch")),
        ({"type": "web_search"}, ToolChoice()),
        ({"type": "allowed_tools", "mode": "required", "tools": []}, ToolChoice("any")),
    ],
)
def test_tool_choice(said: Any, meant: ToolChoice | None) -> None:
    assert read(tools=TOOLS, tool_choice=said).tool_choice == meant


def test_no_parallel_calls() -> None:
    assert read(tools=TOOLS, parallel_tool_calls=False).tool_choice == ToolChoice(parallel=False)


def test_allowed_tools() -> None:
    allowed = [{"type": "custom", "name": "patch"}, {"type": "web_search"},
               {"type": "namespace", "name": "multi_agent_v1"}]  # fmt: skip
    choice = {"type": "allowed_tools", "mode": "auto", "tools": allowed}
    names = [tool.name for tool in read(tools=TOOLS, tool_choice=choice).tools]
    assert names == ["patch", "multi_agent_v1__spawn_agent", "multi_agent_v1__wait", "web_search"]


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["previous_response_id", "conversation"])
def test_nothing_is_stored_here(name: str) -> None:
    with pytest.raises(BadRequestError, match="send the whole conversation in `input`"):
        responses.check_request(body(**{name: "x"}))
    responses.check_request(body(**{name: None}))


def test_nothing_runs_in_the_background() -> None:
    with pytest.raises(BadRequestError, match="background"):
        responses.check_request(body(background=True))
    responses.check_request(body(background=False))


def test_stored_prompts_pass_in_the_faithful_lane_only() -> None:
    fields = {"model": "m", "prompt": {"id": "p"}}
    assert responses.check_request(fields)
    with pytest.raises(BadRequestError, match="prompt"):
        responses.read_request(fields)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"model": ""}, "model"),
        ({"input": []}, "input"),
        ({"input": [3]}, "input[0]"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0]: nothing is stored here"),
        ({"input": [{}]}, "input[0].type"),
        ({"input": [{"role": "critic", "content": "x"}]}, "input[0].role"),
        ({"input": [user(7)]}, "input[0].content"),
        ({"input": [user([7])]}, "input[0].content[0]"),
        ({"input": [user([{"type": "input_text", "text": 7}])]}, "input[0].content[0].text"),
        ({"input": [user(), call(id_="")]}, "input[1].call_id"),
        ({"input": [user(), call(name="")]}, "input[1].name"),
        ({"input": [user(), call(), output(7)]}, "input[2].output"),
        ({"tools": [3]}, "tools[0]"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [{"type": "namespace", "name": "n", "tools": [3]}]}, "tools[0].tools[0]"),
        ({"tools": [{"type": "namespace", "name": "n", "tools": [{"type": "function"}]}]},
         "tools[0].tools[0].name"),
        ({"tools": [{}]}, "tools[0].type"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"temperature": "hot"}, "temperature"),
        ({"stream": 1}, "stream"),
        ({"instructions": ["x"]}, "instructions"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_says_where(fields: JsonObject, where: str) -> None:
    assert bad(**fields).startswith(where)


JUNK: list[Any] = [None, True, 7, -1.5, "text", "", [], [None], ["x"], {}, {"type": 3}, [{}],
                   {"type": "message"}, [{"type": []}]]  # fmt: skip
WHOLE = body(
    {"role": "developer", "content": [{"type": "input_text", "text": "d"}]},
    user([{"type": "input_text", "text": "a"}, {"type": "input_image", "image_url": PICTURE},
          {"type": "input_file", "file_data": "x", "filename": "f"}]),
    {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hm"}],
     "encrypted_content": "ccproxy:claude:sig"},
    call(namespace="n"),
    {"type": "custom_tool_call", "call_id": "c3", "name": "patch", "input": "x"},
    output([{"type": "input_text", "text": "a"}]),
    {"type": "custom_tool_call_output", "call_id": "c3", "output": "x"},
    {"type": "web_search_call", "id": "ws"},
    tools=TOOLS,
    tool_choice={"type": "allowed_tools", "mode": "auto", "tools": [{"type": "custom", "name": "patch"}]},
    instructions="i", max_output_tokens=5, temperature=1, reasoning={"effort": "low"},
    text={"format": {"type": "json_schema", "name": "n", "schema": {}}, "verbosity": "low"},
    metadata={"a": "b"}, prompt_cache_key="k", user="u", truncation="auto",
)  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [at] if at else []
    for key, one in inner:
        found += paths(one, (*at, key)) if isinstance(one, dict | list) else [(*at, key)]
    return found


@settings(max_examples=600, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(paths(WHOLE)), st.sampled_from(JUNK)), min_size=1, max_size=2
    )
)
def test_junk_is_a_bad_request_at_most(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    changed = deepcopy(WHOLE)
    for path, junk in changes:
        place = changed
        try:
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = junk
        except (KeyError, IndexError, TypeError):
            continue
    try:
        fine = responses.check_request(changed)
    except BadRequestError:
        return
    who = responses.read_asked(fine, Address(POST))
    rules = Rules(inject="inject", tool_filter=("wait", "patch"), temperature_ratio=0.5)
    whole = Rules(inject="inject", replace=True, inject_always=True)
    for one in (rules, whole, replace(whole, position="user", replacements=(("e", ""),))):
        responses.apply_rules({**fine}, one)
    responses.retarget({**fine}, "m")
    responses.encoder(who)
    try:
        conversation = responses.read_request(fine)
    except BadRequestError:
        return
    responses.write_request(conversation, Profile("responses", tool_images=True, documents=True))
