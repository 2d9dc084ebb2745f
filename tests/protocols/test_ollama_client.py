"""What clients ask of Ollama's API, read into the hub."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.protocols import ollama
from ccproxy_tui.protocols.base import (
    Address,
    Asked,
    BadRequestError,
    Operation,
    Route,
    Rules,
)
from ccproxy_tui.protocols.hub import (
    Conversation,
    Image,
    Reasoning,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
TOOL = {
    "type": "function",
    "function": {"name": "look", "description": "d", "parameters": {"type": "object"}},
}


def read(messages: list[Any], **fields: Any) -> Conversation:
    body = {"model": "m", "messages": messages, **fields}
    return ollama.read_request(ollama.check_request(body))


def generate(**fields: Any) -> Conversation:
    body = {"model": "m", **fields}
    return ollama.read_request(ollama.check_request(body, Operation.COMPLETE))


def call(name: str, id_: str | None = None, **arguments: Any) -> dict[str, Any]:
    written: dict[str, Any] = {"function": {"name": name, "arguments": arguments}}
    return written if id_ is None else {**written, "id": id_}


def pairs(conversation: Conversation) -> list[tuple[str, str]]:
    """Give each result's text with the argument of the call that it answers."""
    blocks = [block for turn in conversation.turns for block in turn.content]
    calls = {block.id: block.input["x"] for block in blocks if isinstance(block, ToolUse)}
    assert len(calls) == sum(isinstance(block, ToolUse) for block in blocks)
    return [
        (calls[block.tool_use_id], block.content[0].text)
        for block in blocks
        if isinstance(block, ToolResult) and isinstance(block.content[0], Text)
    ]


def test_a_chat_is_read() -> None:
    conversation = read(
        [
            {"role": "system", "content": "be"},
            {"role": "system", "content": "kind"},
            {"role": "user", "content": "see", "images": [PNG]},
            {
                "role": "assistant",
                "content": "so",
                "thinking": "hm",
                "tool_calls": [call("look", "c1", x=1)],
            },
            {"role": "tool", "content": "seen", "tool_name": "look"},
            {"role": "system", "content": "now"},
        ],
        tools=[TOOL],
    )
    assert conversation.system == [Text("be"), Text("kind")]
    assert conversation.turns == [
        Turn("user", [Text("see"), Image("image/png", PNG)]),
        Turn("assistant", [Thinking("hm"), Text("so"), ToolUse("c1", "look", {"x": 1})]),
        Turn("user", [ToolResult("c1", [Text("seen")])]),
        Turn("system", [Text("now")]),
    ]
    assert [tool.name for tool in conversation.tools] == ["look"]
    assert conversation.notes == []


def test_results_find_their_calls_by_id_by_name_and_by_order() -> None:
    calls = [call("a", "1", x="1"), call("b", "2", x="2"), call("a", "3", x="3"), call("c", x="4")]
    conversation = read(
        [
            {"role": "assistant", "content": "", "tool_calls": calls},
            {"role": "tool", "content": "third", "tool_call_id": "3"},
            {"role": "tool", "content": "second", "tool_name": "b"},
            {"role": "tool", "content": "first"},
            {"role": "tool", "content": "fourth", "name": "misspelt"},
        ]
    )
    assert pairs(conversation) == [("3", "third"), ("2", "second"), ("1", "first"), ("4", "fourth")]
    assert [turn.role for turn in conversation.turns] == ["assistant", "user"]


def test_ids_that_come_again_are_told_apart_and_stay_the_same() -> None:
    turn = [
        {"role": "assistant", "content": "", "tool_calls": [call("a", "123", x="1")]},
        {"role": "tool", "content": "one", "tool_call_id": "123"},
        {"role": "assistant", "content": "", "tool_calls": [call("a", "123", x="2")]},
        {"role": "tool", "content": "two", "tool_call_id": "123"},
        {"role": "assistant", "content": "", "tool_calls": [call("a", x="3")]},
        {"role": "tool", "content": "three"},
    ]
    assert pairs(read(turn)) == [("1", "one"), ("2", "two"), ("3", "three")]
    assert read(turn).turns == read(turn).turns
    assert read(turn[:4]).turns == read(turn).turns[:4]


def test_a_reply_that_was_kept_line_by_line_is_one_turn() -> None:
    conversation = read(
        [
            {"role": "assistant", "content": "", "tool_calls": [call("a", x="1")]},
            {"role": "assistant", "content": "", "tool_calls": [call("a", x="2")]},
            {"role": "tool", "content": "one"},
            {"role": "tool", "content": "two"},
        ]
    )
    assert pairs(conversation) == [("1", "one"), ("2", "two")]
    assert len(conversation.turns) == 2


def test_a_result_is_not_that_of_an_earlier_turn() -> None:
    conversation = read(
        [
            {"role": "assistant", "content": "", "tool_calls": [call("a", "old", x="1")]},
            {"role": "user", "content": "never mind"},
            {"role": "assistant", "content": "", "tool_calls": [call("a", "new", x="2")]},
            {"role": "tool", "content": "two", "tool_name": "a"},
        ]
    )
    assert pairs(conversation) == [("2", "two")]


def test_a_role_that_there_is_not_is_told_which_there_are() -> None:
    with pytest.raises(BadRequestError, match="must be system, user, assistant or tool"):
        read([{"role": "developer", "content": "a"}])


def test_arguments_may_be_text() -> None:
    written = {"function": {"name": "a", "arguments": '{"x": 1}'}}
    [turn] = read([{"role": "assistant", "content": "", "tool_calls": [written]}]).turns
    assert turn.content == [ToolUse("call_0", "a", {"x": 1})]


def test_options_are_read_and_the_others_named() -> None:
    options = {
        "temperature": 0.5,
        "num_predict": 9,
        "top_p": 0.9,
        "top_k": 40,
        "stop": "END",
        "seed": 7,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "num_ctx": 8192,
        "min_p": 0.1,
    }
    said = [{"role": "user", "content": "a"}]
    conversation = read(said, options=options, keep_alive="5m", logprobs=True)
    assert conversation.temperature == 0.5
    assert conversation.max_tokens == 9
    assert (conversation.top_p, conversation.top_k) == (0.9, 40)
    assert (conversation.stop, conversation.seed) == (["END"], 7)
    assert (conversation.presence_penalty, conversation.frequency_penalty) == (0.1, 0.2)
    assert conversation.notes == ["fields left out: logprobs", "options left out: min_p, num_ctx"]
    assert read(said, options={"stop": ["a", "b"]}).stop == ["a", "b"]


@pytest.mark.parametrize("limit", [-1, -2, 0, None])
def test_no_limit_is_no_limit(limit: int | None) -> None:
    said = [{"role": "user", "content": "a"}]
    assert read(said, options={"num_predict": limit}).max_tokens is None


@pytest.mark.parametrize(
    ("think", "reasoning"),
    [
        (None, None),
        (True, Reasoning("on")),
        (False, Reasoning("off")),
        ("low", Reasoning("on", effort="low")),
        ("high", Reasoning("on", effort="high")),
    ],
)
def test_think(think: Any, reasoning: Reasoning | None) -> None:
    assert generate(prompt="a", think=think).reasoning == reasoning


def test_format() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert generate(prompt="a", format="json").output_schema == {"type": "object"}
    assert generate(prompt="a", format=schema).output_schema == schema
    assert generate(prompt="a", format="").output_schema is None


def test_generate_is_a_conversation_of_one_turn() -> None:
    conversation = generate(
        prompt="a", system="s", images=[PNG], suffix="z", template="t", raw=True, context=[1]
    )
    assert conversation.system == [Text("s")]
    assert conversation.turns == [Turn("user", [Text("a"), Image("image/png", PNG)])]
    assert conversation.notes == ["fields left out: context, raw, suffix, template"]
    assert generate(prompt="a", raw=False, context=[], suffix="").notes == []


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        ("data:image/x;base64," + PNG, "image/png"),
        ("/9j/4AAQSkZJRgABAQAAAQABAAD/", "image/jpeg"),
        ("R0lGODlhAQABAAAAACw=", "image/gif"),
        ("UklGRiIAAABXRUJQVlA4IBYAAAAw", "image/webp"),
        ("AAAA", "application/octet-stream"),
    ],
)
def test_images_are_known_by_their_first_bytes(data: str, kind: str) -> None:
    [turn] = generate(prompt="", images=[data]).turns
    assert turn.content == [Image(kind, data.partition(",")[2] or data)]


def test_loading_a_model_is_no_bad_request_until_it_is_to_be_answered() -> None:
    for body, operation, field in (
        ({"model": "m"}, Operation.COMPLETE, "prompt"),
        ({"model": "m", "prompt": ""}, Operation.COMPLETE, "prompt"),
        ({"model": "m", "messages": []}, Operation.GENERATE, "messages"),
    ):
        checked = ollama.check_request(body, operation)
        with pytest.raises(BadRequestError, match="nothing to answer") as caught:
            ollama.read_request(checked)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("body", "operation", "field"),
    [
        ([], Operation.GENERATE, "body"),
        ({"messages": []}, Operation.GENERATE, "model"),
        ({"model": "m", "stream": "yes"}, Operation.GENERATE, "stream"),
        ({"model": "m", "options": [1]}, Operation.COMPLETE, "options"),
        ({"model": "m", "tools": [1]}, Operation.GENERATE, "tools[0]"),
        ({"model": "m", "messages": {"a": 1}}, Operation.GENERATE, "messages"),
        ({"model": "m", "messages": [{"role": 1}]}, Operation.GENERATE, "messages[0].role"),
        (
            {"model": "m", "messages": [{"role": "user", "content": [{}]}]},
            Operation.GENERATE,
            "messages[0].content",
        ),
        ({"model": "m", "prompt": 3}, Operation.COMPLETE, "prompt"),
        ({"model": "m", "prompt": "a", "system": 3}, Operation.COMPLETE, "system"),
        ({"model": "m"}, Operation.EMBED, "input"),
        ({"model": "m", "input": [1]}, Operation.EMBED, "input"),
        ({"model": 3}, Operation.DESCRIBE_MODEL, "model"),
    ],
)
def test_what_is_no_request_is_refused_by_name(body: Any, operation: Operation, field: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        ollama.check_request(body, operation)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"role": "robot", "content": "a"}, "messages[0].role"),
        ({"role": "user", "content": "a", "images": "x"}, "messages[0].images"),
        ({"role": "user", "content": "a", "images": ["?"]}, "messages[0].images[0]"),
        ({"role": "assistant", "thinking": 3}, "messages[0].thinking"),
        ({"role": "assistant", "tool_calls": 3}, "messages[0].tool_calls"),
        ({"role": "assistant", "tool_calls": [3]}, "messages[0].tool_calls[0].function"),
        (
            {"role": "assistant", "tool_calls": [{"function": {}}]},
            "messages[0].tool_calls[0].function.name",
        ),
    ],
)
def test_what_is_no_message_is_refused_by_name(message: Any, field: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        read([message])
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"think": "much"}, "think"),
        ({"think": 1}, "think"),
        ({"format": "xml"}, "format"),
        ({"options": {"temperature": "hot"}}, "options.temperature"),
        ({"options": {"num_predict": 1.5}}, "options.num_predict"),
        ({"options": {"top_k": float("inf")}}, "options.top_k"),
        ({"options": {"seed": True}}, "options.seed"),
        ({"options": {"stop": [1]}}, "options.stop"),
        ({"tools": [{"type": "function"}]}, "tools[0].function.name"),
    ],
)
def test_fields_that_cannot_be_read_are_refused_by_name(fields: Any, field: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        read([{"role": "user", "content": "a"}], **fields)
    assert caught.value.field == field


def junk() -> st.SearchStrategy[Any]:
    names = st.sampled_from(
        [
            "model",
            "messages",
            "role",
            "content",
            "images",
            "tool_calls",
            "function",
            "name",
            "arguments",
            "options",
            "stop",
            "tools",
            "think",
            "format",
            "prompt",
            "system",
            "input",
            "type",
            "id",
            "tool_name",
            "thinking",
            "num_predict",
            "seed",
            "stream",
        ]
    )
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
    words = st.sampled_from(["user", "assistant", "tool", "system", "json", "m", PNG])
    return st.recursive(
        plain | words,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
        max_leaves=25,
    )


MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool", "system"])},
    optional={
        "content": st.text(max_size=3) | junk(),
        "images": junk(),
        "thinking": junk(),
        "tool_calls": junk()
        | st.lists(
            st.fixed_dictionaries(
                {"function": st.fixed_dictionaries({"name": st.just("a"), "arguments": junk()})},
                optional={"id": junk()},
            ),
            max_size=2,
        ),
        "tool_name": junk(),
        "tool_call_id": junk(),
    },
)
BODY = junk() | st.fixed_dictionaries(
    {"model": st.just("m")},
    optional={
        "messages": st.lists(MESSAGE, max_size=4) | junk(),
        "prompt": junk(),
        "system": junk(),
        "images": junk(),
        "input": junk(),
        "options": junk(),
        "tools": junk(),
        "think": junk(),
        "format": junk(),
    },
)


@given(BODY, st.sampled_from(ollama.routes))
def test_junk_is_a_bad_request_or_none(body: Any, route: Route) -> None:
    operation = route.operation
    try:
        checked = dict(ollama.check_request(body, operation))
        assert isinstance(ollama.read_asked(checked, Address(route)), Asked)
        if operation in (Operation.GENERATE, Operation.COMPLETE):
            rules = Rules(
                replacements=(("a", ""),),
                inject="x",
                inject_always=True,
                tool_filter=("a*",),
                temperature_ratio=0.5,
            )
            ollama.apply_rules(dict(checked), replace(rules, position="user"))
            ollama.apply_rules(checked, rules)
            ollama.read_request(checked)
    except BadRequestError:
        pass


def asked(method: str, path: str, **body: Any) -> Asked:
    route = next(r for r in ollama.routes if (r.method, r.path) == (method, path))
    return ollama.read_asked(body, Address(route, headers={"x-session-id": "s"}))


def test_replies_stream_unless_the_client_says_otherwise() -> None:
    for path in ("/api/chat", "/api/generate"):
        assert asked("POST", path, model="m").stream
        assert asked("POST", path, model="m", stream=None).stream
        assert asked("POST", path, model="m", stream=True).stream
        assert not asked("POST", path, model="m", stream=False).stream
    assert not asked("POST", "/api/embed", model="m").stream


def test_what_is_asked() -> None:
    chat = asked("POST", "/api/chat", model="m")
    assert (chat.operation, chat.model, chat.session) == (Operation.GENERATE, "m", "s")
    assert asked("POST", "/api/show", name="m").model == "m"
    assert asked("GET", "/api/version").operation is Operation.TELL_VERSION
    assert asked("GET", "/api/tags").model == ""
