from dataclasses import replace
from typing import Any

import pytest
from multidict import CIMultiDict

from ccproxy_tui.protocols import claude
from ccproxy_tui.protocols.base import Address, Asked, BadRequestError, Operation, Route
from ccproxy_tui.protocols.hub import (
    Document,
    Image,
    Opaque,
    Reasoning,
    RedactedThinking,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)

AT_MESSAGES = Address(claude.routes[0])


def body(**fields: Any) -> dict[str, Any]:
    return {
        "model": "claude-x",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "hi"}],
        **fields,
    }


def said(*content: Any, role: str = "user") -> dict[str, Any]:
    return body(messages=[{"role": role, "content": list(content)}])


@pytest.mark.parametrize(
    ("request_body", "field"),
    [
        ([], "body"),
        (body(model=""), "model"),
        (body(model=7), "model"),
        (body(messages=[]), "messages"),
        (body(messages="hi"), "messages"),
        (body(messages=["hi"]), "messages[0]"),
        (body(messages=[{"content": "x"}]), "messages[0].role"),
        (body(messages=[{"role": "user"}]), "messages[0].content"),
        (said("text"), "messages[0].content[0]"),
        (said({"type": "text", "text": "x"}, {"text": "x"}), "messages[0].content[1].type"),
        (body(max_tokens=0), "max_tokens"),
        (body(max_tokens=True), "max_tokens"),
        (body(max_tokens="9"), "max_tokens"),
        (body(stream="yes"), "stream"),
        (body(tools={}), "tools"),
        (body(tools=["Bash"]), "tools[0]"),
        (body(system=5), "system"),
        (body(system=["x"]), "system[0]"),
    ],
)
def test_what_is_wrong_is_named(request_body: Any, field: str) -> None:
    with pytest.raises(BadRequestError) as bad:
        claude.check_request(request_body)
    assert bad.value.field == field
    assert str(bad.value).startswith(f"{field}: must be ")


def test_a_limit_is_needed_to_generate_but_not_to_count() -> None:
    request = body()
    del request["max_tokens"]
    with pytest.raises(BadRequestError, match="max_tokens"):
        claude.check_request(request)
    assert claude.check_request(request, Operation.COUNT_TOKENS) is request


def test_unknown_fields_are_fine() -> None:
    request = body(context_management={"edits": []}, from_the_future=1, tools=[{"x": 1}])
    assert claude.check_request(request) is request


def test_what_a_client_asks_for() -> None:
    asked = Asked(Operation.GENERATE, "claude-x")
    assert claude.read_asked(body(from_the_future=1), AT_MESSAGES) == asked
    assert claude.read_asked(body(stream=True), AT_MESSAGES) == replace(asked, stream=True)
    count = Address(Route("POST", "/v1/messages/count_tokens", Operation.COUNT_TOKENS))
    assert claude.read_asked(body(), count).operation is Operation.COUNT_TOKENS


@pytest.mark.parametrize(
    ("fields", "headers", "session"),
    [
        ({}, {"x-claude-code-session-id": "s1"}, "s1"),
        ({"metadata": {"user_id": '{"device_id":"d","session_id":"s2"}'}}, {}, "s2"),
        ({"metadata": {"user_id": "user_abc_account__session_12-34"}}, {}, "12-34"),
        ({"metadata": {"user_id": "somebody"}}, {}, ""),
        ({"metadata": {"user_id": "{broken"}}, {}, ""),
        ({"metadata": {"user_id": 5}}, {}, ""),
        ({}, {}, ""),
    ],
)
def test_sessions(fields: dict[str, Any], headers: dict[str, str], session: str) -> None:
    address = replace(AT_MESSAGES, headers=headers)
    assert claude.read_asked(body(**fields), address).session == session


def test_all_kinds_of_blocks() -> None:
    picture = {"type": "base64", "media_type": "image/png", "data": "AA=="}
    content: list[dict[str, Any]] = [
        {"type": "text", "text": "t", "cache_control": {"type": "ephemeral"}},
        {"type": "image", "source": picture},
        {"type": "image", "source": {"type": "url", "url": "https://x/i.png"}},
        {"type": "image", "source": {"type": "file", "file_id": "f"}},
        {"type": "document", "source": {**picture, "media_type": "application/pdf"}, "title": "T"},
        {"type": "document", "source": {"type": "text", "data": "words"}},
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "zzz"},
        {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"a": 1}},
        {"type": "from_the_future", "x": 1},
    ]
    (turn,) = claude.read_request(said(*content)).turns
    assert turn.content == [
        Text("t", {"type": "ephemeral"}),
        Image("image/png", "AA=="),
        Image(url="https://x/i.png"),
        Opaque(content[3], "claude"),
        Document("application/pdf", "AA==", title="T"),
        Document("text/plain", text="words"),
        Thinking("hm", "sig", "claude"),
        RedactedThinking("zzz"),
        ToolUse("t1", "Bash", {"a": 1}),
        Opaque(content[9], "claude"),
    ]


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ({"content": "ok"}, [Text("ok")]),
        ({}, []),
        ({"content": None}, []),
        ({"content": []}, []),
        (
            {
                "content": [
                    {"type": "text", "text": "see"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": "AA"},
                    },
                ]
            },
            [Text("see"), Image("image/png", "AA")],
        ),
        (
            {"content": [{"type": "tool_reference", "tool_name": "Web"}]},
            [Text("The tool Web is available now.")],
        ),
    ],
)
def test_tool_results_keep_what_they_hold(result: dict[str, Any], content: list[Any]) -> None:
    """Failure 28: images of tool results are not lost."""
    request = said({"type": "tool_result", "tool_use_id": "t1", "is_error": True, **result})
    assert claude.read_request(request).turns[0].content == [ToolResult("t1", content, True)]


@pytest.mark.parametrize(
    ("block", "field"),
    [
        ({"type": "text"}, "messages[0].content[0].text"),
        ({"type": "tool_use", "id": "x"}, "messages[0].content[0].name"),
        ({"type": "tool_result"}, "messages[0].content[0].tool_use_id"),
        (
            {"type": "tool_result", "tool_use_id": "x", "content": [{"type": "text"}]},
            "messages[0].content[0].content[0].text",
        ),
        (
            {"type": "tool_result", "tool_use_id": "x", "content": 5},
            "messages[0].content[0].content",
        ),
    ],
)
def test_blocks_that_cannot_be_understood_are_named(block: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequestError) as bad:
        claude.read_request(said(block))
    assert bad.value.field == field


def test_a_system_message_in_the_middle_stays_there() -> None:
    """Failure 25: hoisting it would break the prefix that servers cache."""
    request = body(
        messages=[
            {"role": "user", "content": "a"},
            {"role": "system", "content": [{"type": "text", "text": "b"}]},
            {"role": "system", "content": "c"},
        ]
    )
    assert claude.read_request(request).turns == [
        Turn("user", [Text("a")]),
        Turn("system", [Text("b")]),
        Turn("system", [Text("c")]),
    ]


def test_the_rest_of_a_request() -> None:
    schema = {"type": "object"}
    conversation = claude.read_request(
        body(
            system="be nice",
            temperature=0.5,
            top_p=0.9,
            top_k=40,
            stop_sequences=["END"],
            tools=[
                {"name": "A", "description": "d", "input_schema": schema, "strict": True},
                {"type": "custom", "name": "B", "input_schema": schema},
                {"type": "web_search_20250305", "name": "web_search", "max_uses": 8},
            ],
            tool_choice={"type": "any", "disable_parallel_tool_use": True},
            output_config={"format": {"type": "json_schema", "schema": schema}},
            metadata={"user_id": "me"},
        )
    )
    assert conversation.system == [Text("be nice")]
    assert (conversation.temperature, conversation.top_p, conversation.top_k) == (0.5, 0.9, 40)
    assert conversation.stop == ["END"]
    assert conversation.max_tokens == 1000
    assert conversation.tools[:2] == [Tool("A", "d", schema, True), Tool("B", "", schema)]
    assert conversation.tools[2].raw is not None
    assert conversation.tool_choice == ToolChoice("any", parallel=False)
    assert conversation.output_schema == schema
    assert conversation.user == "me"
    assert conversation.notes == []


@pytest.mark.parametrize(
    ("fields", "reasoning"),
    [
        ({}, None),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, Reasoning("adaptive")),
        (
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
            Reasoning("adaptive", effort="high"),
        ),
        ({"thinking": {"type": "enabled", "budget_tokens": 31999}}, Reasoning("on", 31999)),
        (
            {"thinking": {"type": "disabled"}, "output_config": {"effort": "low"}},
            Reasoning("off", effort="low"),
        ),
        ({"thinking": {"type": "of the future"}}, Reasoning("adaptive")),
    ],
)
def test_thinking_and_effort(fields: dict[str, Any], reasoning: Reasoning | None) -> None:
    """Failure 22: every form of thinking is understood."""
    assert claude.read_request(body(**fields)).reasoning == reasoning


def test_deferred_tools_are_shown_once_a_result_names_them() -> None:
    tools = [
        {"name": "ToolSearch", "input_schema": {}},
        {"name": "WebFetch", "input_schema": {}, "defer_loading": True},
        {"name": "Placeholder", "input_schema": {}, "defer_loading": True},
    ]
    found = {"type": "tool_reference", "tool_name": "WebFetch"}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [found]}
    first = claude.read_request(body(tools=tools))
    later = claude.read_request({**said(result), "tools": tools})
    assert [tool.name for tool in first.tools] == ["ToolSearch"]
    assert [tool.name for tool in later.tools] == ["ToolSearch", "WebFetch"]


def test_fields_that_nobody_reads_are_noted() -> None:
    conversation = claude.read_request(
        body(context_management={}, service_tier="auto", stream=True)
    )
    assert conversation.notes == ["fields left out: context_management, service_tier"]


def test_a_schema_by_its_older_name() -> None:
    schema = {"type": "object"}
    form = {"type": "json_schema", "schema": schema}
    assert claude.read_request(body(output_format=form)).output_schema == schema
    assert claude.read_request(body(output_format={"type": "text"})).output_schema is None


@pytest.mark.parametrize(
    ("headers", "claimed"),
    [
        ({"anthropic-version": "2023-06-01"}, True),
        ({"x-api-key": "k"}, True),
        ({"User-Agent": "claude-code/2.1"}, True),
        ({"User-Agent": "Anthropic/Python 0.7"}, True),
        ({"Authorization": "Bearer k", "User-Agent": "OpenAI/Python 2"}, False),
        ({}, False),
    ],
)
def test_a_shared_route_is_claimed_by_what_the_headers_say(
    headers: dict[str, str], claimed: bool
) -> None:
    listing = Route("GET", "/v1/models", Operation.LIST_MODELS)
    assert claude.claims(Address(listing, headers=CIMultiDict(headers))) is claimed
