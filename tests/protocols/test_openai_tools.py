"""Tools, calls and results of chat completions clients in all forms that the protocol has had."""

from typing import Any

import httpx2
import openai as sdk
import orjson
import pytest

from ccproxy_tui.protocols import openai
from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation, Route
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Event,
    ReplyStart,
    ReplyStop,
    Text,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
    Usage,
)
from ccproxy_tui.protocols.openai.client import Form
from tests.protocols.test_junk import spoiled

JsonObject = dict[str, Any]

LARK = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /x/"}}
PATCH: JsonObject = {
    "type": "custom",
    "custom": {"name": "patch", "description": "Change files.", "format": LARK},
}
READ: JsonObject = {"type": "function", "function": {"name": "read", "parameters": {}}}
SEARCH: JsonObject = {"type": "web_search"}
CUSTOM = {
    "model": "m",
    "messages": [
        {"role": "user", "content": "x"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "*** Begin"}},
                {"id": "d", "type": "function", "function": {"name": "read", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c", "content": "done"},
        {"role": "tool", "tool_call_id": "d", "content": "text"},
    ],
    "tools": [PATCH, READ],
    "tool_choice": {"type": "custom", "custom": {"name": "patch"}},
}
LEGACY: JsonObject = {
    "model": "m",
    "messages": [
        {"role": "user", "content": "x"},
        {
            "role": "assistant",
            "content": None,
            "function_call": {"name": "f", "arguments": '{"a":1}'},
        },
        {"role": "function", "name": "f", "content": "one"},
        {"role": "assistant", "content": "Again.", "function_call": {"name": "f"}},
        {"role": "function", "name": "f", "content": "two"},
        {"role": "function", "name": "g", "content": "lost"},
    ],
    "functions": [
        {"name": "f", "description": "d", "parameters": {"type": "object"}},
        {"name": "g"},
    ],
    "function_call": {"name": "f"},
}


def allowed(*tools: JsonObject, mode: str = "auto") -> JsonObject:
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": list(tools)}}


def body(**fields: Any) -> JsonObject:
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}], **fields}


def asked(request: JsonObject) -> Asked:
    return openai.read_asked(openai.check_request(request), Address(openai.routes[0]))


def called(*calls: tuple[str, str, str]) -> list[Event]:
    """Give a reply with calls, each of an id, a name and arguments, which come in two pieces."""
    events: list[Event] = [ReplyStart()]
    for at, (id_, name, said) in enumerate(calls):
        events += [
            BlockStart(at, "tool_use", id_, name),
            ArgumentsDelta(at, said[:7]),
            ArgumentsDelta(at, said[7:]),
            BlockStop(at),
        ]
    return [*events, ReplyStop("tool_use", Usage(1, output=1))]


def streamed(events: list[Event], request: JsonObject) -> list[JsonObject]:
    """Give the choices of a stream's chunks, as the vendor's SDK reads them."""
    writer = openai.encoder(asked(request))
    data = b"".join(writer.encode([event]) for event in events)

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=data, headers={"content-type": writer.content_type})

    client = sdk.OpenAI(
        api_key="k", http_client=httpx2.Client(transport=httpx2.MockTransport(answer))
    )
    chunks = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "x"}], stream=True
    )
    return [chunk.choices[0].model_dump(exclude_unset=True) for chunk in chunks if chunk.choices]


def test_tools_that_take_free_text_have_one_string() -> None:
    conversation = openai.read_request(openai.check_request(CUSTOM))
    patch = conversation.tools[0]
    assert patch.name == "patch"
    assert patch.description.startswith("Change files.\n\n")
    assert patch.description.endswith("lark grammar:\nstart: /x/")
    assert patch.schema["required"] == ["input"]
    assert patch.schema["properties"]["input"]["type"] == "string"
    assert conversation.tool_choice == ToolChoice("tool", "patch")
    assert conversation.turns[1:] == [
        Turn(
            "assistant",
            [ToolUse("c", "patch", {"input": "*** Begin"}), ToolUse("d", "read", {})],
        ),
        Turn("user", [ToolResult("c", [Text("done")]), ToolResult("d", [Text("text")])]),
    ]


def test_calls_of_such_tools_come_back_as_free_text() -> None:
    events = called(("c", "patch", '{"input":"*** Begin\\n"}'), ("d", "read", '{"path":"x"}'))
    message = openai.write_reply(events, asked(CUSTOM))["choices"][0]["message"]
    assert message["tool_calls"] == [
        {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "*** Begin\n"}},
        {
            "id": "d",
            "type": "function",
            "function": {"name": "read", "arguments": '{"path":"x"}'},
        },
    ]


def test_calls_of_such_tools_are_streamed_as_free_text() -> None:
    events = called(("c", "patch", '{"input":"*** Begin\\n"}'), ("d", "read", '{"path":"x"}'))
    deltas = [choice["delta"] for choice in streamed(events, CUSTOM)]
    assert [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta] == [
        {"index": 0, "id": "c", "type": "custom", "custom": {"name": "patch", "input": ""}},
        {"index": 0, "custom": {"input": "*** Begin\n"}},
        {
            "index": 1,
            "id": "d",
            "type": "function",
            "function": {"name": "read", "arguments": ""},
        },
        {"index": 1, "function": {"arguments": '{"path"'}},
        {"index": 1, "function": {"arguments": ':"x"}'}},
    ]


@pytest.mark.parametrize(
    ("said", "text"),
    [('{"input":"a"}', "a"), ('"a"', "a"), ("a {", "a {"), ("", ""), ("{}", ""), ("[1]", "[1]")],
)
def test_free_text_that_a_model_said_in_another_way(said: str, text: str) -> None:
    events = called(("c", "patch", said))
    whole = openai.write_reply(events, asked(CUSTOM))["choices"][0]["message"]["tool_calls"]
    assert whole[0]["custom"]["input"] == text
    deltas = [choice["delta"] for choice in streamed(events, CUSTOM)]
    pieces = [call["custom"]["input"] for delta in deltas for call in delta.get("tool_calls", ())]
    assert "".join(pieces) == text


def test_the_older_form_of_calls_is_read() -> None:
    conversation = openai.read_request(openai.check_request(LEGACY))
    assert conversation.tools == [Tool("f", "d", {"type": "object"}), Tool("g")]
    assert conversation.tool_choice == ToolChoice("tool", "f", parallel=False)
    assert conversation.notes == []
    assert conversation.turns[1:] == [
        Turn("assistant", [ToolUse("call_1", "f", {"a": 1})]),
        Turn("user", [ToolResult("call_1", [Text("one")])]),
        Turn("assistant", [Text("Again."), ToolUse("call_3", "f", {})]),
        Turn("user", [ToolResult("call_3", [Text("two")]), ToolResult("", [Text("lost")])]),
    ]


@pytest.mark.parametrize(("choice", "mode"), [(None, "auto"), ("auto", "auto"), ("none", "none")])
def test_the_older_form_of_a_choice(choice: Any, mode: Any) -> None:
    conversation = openai.read_request({**LEGACY, "function_call": choice})
    assert conversation.tool_choice == ToolChoice(mode, parallel=False)


def test_a_client_of_the_older_form_gets_one_call_in_it() -> None:
    events = called(("c", "f", '{"path":"x"}'), ("d", "g", '{"path":"y"}'))
    (choice,) = openai.write_reply(events, asked(LEGACY))["choices"]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"] == {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "f", "arguments": '{"path":"x"}'},
    }
    choices = streamed(events, LEGACY)
    assert [one["delta"] for one in choices[1:-1]] == [
        {"function_call": {"name": "f", "arguments": ""}},
        {"function_call": {"arguments": '{"path"'}},
        {"function_call": {"arguments": ':"x"}'}},
    ]
    assert choices[-1]["finish_reason"] == "function_call"


def test_whoever_offers_tools_too_gets_calls_in_their_form() -> None:
    events = called(("c", "read", "{}"))
    (choice,) = openai.write_reply(events, asked({**LEGACY, "tools": [READ]}))["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert "function_call" not in choice["message"]


def test_only_allowed_tools_are_offered() -> None:
    choice = allowed(
        {"type": "function", "function": {"name": "read"}},
        {"type": "custom", "custom": {"name": "patch"}},
        {"type": "function", "function": {"name": "gone"}},
    )
    other = {"type": "function", "function": {"name": "other"}}
    conversation = openai.read_request(
        body(tools=[other, READ, PATCH, SEARCH], tool_choice=choice, parallel_tool_calls=False)
    )
    assert [tool.name for tool in conversation.tools] == ["read", "patch"]
    assert conversation.tool_choice == ToolChoice("auto", parallel=False)
    choice = allowed(SEARCH, mode="required")
    conversation = openai.read_request(body(tools=[READ, SEARCH], tool_choice=choice))
    assert [tool.name for tool in conversation.tools] == ["web_search"]
    assert conversation.tool_choice == ToolChoice("any")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tools": [{"type": "custom"}]}, "tools[0].custom.name"),
        ({"tools": [{"type": 5}]}, "tools[0].type"),
        ({"functions": {"f": {}}}, "functions"),
        ({"functions": ["x"]}, "functions[0]"),
        ({"functions": [{}]}, "functions[0].name"),
        ({"functions": [{"name": "f"}], "function_call": 5}, "function_call"),
        ({"tool_choice": {"type": "allowed_tools"}}, "tool_choice.allowed_tools.tools"),
        ({"tool_choice": allowed("x")}, "tool_choice.allowed_tools.tools"),  # type: ignore[arg-type]
        ({"tool_choice": allowed(mode="often")}, "tool_choice.allowed_tools.mode"),
    ],
)
def test_what_is_wrong_with_tools_is_named(fields: JsonObject, field: str) -> None:
    with pytest.raises(BadRequestError) as bad:
        openai.read_request(openai.check_request(body(**fields)))
    assert bad.value.field == field


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"tool_calls": [{"type": "custom"}]}, "tool_calls[0].custom.name"),
        (
            {"tool_calls": [{"type": "custom", "custom": {"name": "f", "input": 5}}]},
            "tool_calls[0].custom.input",
        ),
        ({"tool_calls": [5]}, "tool_calls[0]"),
        ({"function_call": 5}, "function_call.name"),
        ({"function_call": {"name": 5}}, "function_call.name"),
        ({"role": "function", "content": "x"}, "name"),
    ],
)
def test_what_is_wrong_with_calls_is_named(message: JsonObject, field: str) -> None:
    with pytest.raises(BadRequestError) as bad:
        openai.read_request(body(messages=[{"role": "assistant", **message}]))
    assert bad.value.field == f"messages[0].{field}"


@pytest.mark.parametrize("request_body", [CUSTOM, LEGACY, body(tool_choice=allowed(READ))])
def test_junk(request_body: JsonObject) -> None:
    refused = passed = 0
    for bad in spoiled(request_body):
        try:
            writer = openai.encoder(asked(bad))
            openai.read_request(bad)
        except BadRequestError:
            refused += 1
        else:
            passed += 1
            assert orjson.loads(writer.encode([ReplyStart()])[6:])
    assert refused
    assert passed


def test_tools_mean_nothing_to_embeddings() -> None:
    address = Address(Route("POST", "/v1/embeddings", Operation.EMBED))
    assert openai.read_asked({"model": "m", "input": "x", "tools": 5}, address).form == Form()
