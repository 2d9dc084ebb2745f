"""What fills the window: parts by kind and by tool, the largest first, counted once."""

import time

import orjson
import pytest

from ccproxy_tui.inspection.context import Contents, Part, measure
from ccproxy_tui.inspection.reading import UnreadableError
from ccproxy_tui.protocols.tokens import count_text
from ccproxy_tui.traffic.call import Call, Exchange, Message

PNG = "iVBORw0KGgo="


def call() -> Call:
    return Call(1, 0.0, operation="generate", protocol="claude", upstream_protocol="claude")


def contents(request: dict[str, object]) -> Contents:
    message = Message("POST /v1/messages", (), [orjson.dumps(request)])
    return measure(call(), Exchange(upstream_request=message))


def tree(parts: list[Part]) -> dict[str, object]:
    """Return the names of parts and of what is in them."""
    return {part.name: tree(part.parts) for part in parts}


REQUEST: dict[str, object] = {
    "model": "m",
    "max_tokens": 10,
    "system": [{"type": "text", "text": "short"}, {"type": "text", "text": "long " * 200}],
    "tools": [
        {"name": name, "description": "does things " * size, "input_schema": {"type": "object"}}
        for name, size in (("Read", 5), ("Bash", 30), ("mcp__web__get", 9), ("mcp__web__put", 2))
    ],
    "messages": [
        {"role": "user", "content": "do it"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm " * 20, "signature": "s"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "1", "name": "Bash", "input": {"command": "ls"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "1",
                    "content": [
                        {"type": "text", "text": "file " * 500},
                        {
                            "type": "image",
                            "source": {"type": "base64", "media_type": "image/png", "data": PNG},
                        },
                    ],
                },
                {"type": "tool_result", "tool_use_id": "lost", "content": "what?"},
            ],
        },
    ],
}


def test_it_is_sorted_by_kind_and_size() -> None:
    assert tree(contents(REQUEST).parts) == {
        "history (3 messages)": {
            "images, documents, audio": {"message 3": {}},
            "tool results": {
                "Bash (1)": {"message 3": {}},
                "unknown tool (1)": {"message 3": {}},
            },
            "thinking": {"message 2": {}},
            "tool calls": {"Bash (1)": {"message 2": {}}},
            "assistant's text": {"message 2": {}},
            "user's text": {"message 1": {}},
        },
        "system prompt": {"block 2": {}, "block 1": {}},
        "tools (4)": {"Bash": {}, "MCP web (2)": {"get": {}, "put": {}}, "Read": {}},
    }
    assert list(tree(contents(REQUEST).parts)) == [
        "history (3 messages)", "system prompt", "tools (4)",
    ]  # fmt: skip


def test_parts_add_up() -> None:
    def check(part: Part) -> None:
        if part.parts:
            assert part.tokens == sum(one.tokens for one in part.parts)
            assert part.bytes == sum(one.bytes for one in part.parts)
            assert part.tokens > 0
            for one in part.parts:
                check(one)

    found = contents(REQUEST)
    assert found.tokens == sum(part.tokens for part in found.parts)
    for part in found.parts:
        check(part)
    system = next(part for part in found.parts if part.key == "system")
    assert (system.parts[0].tokens, system.parts[0].bytes) == (count_text("long " * 200), 1000)


def test_bytes_are_those_of_utf_8() -> None:
    request = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "größer"}]}
    assert contents(request).bytes == 8


def test_the_clients_request_stands_in_for_one_that_cannot_be_read() -> None:
    client = Message("POST /v1/messages", (), [orjson.dumps(REQUEST)])
    found = measure(call(), Exchange(client_request=client))
    assert found.of_client
    assert found.tokens == contents(REQUEST).tokens
    with pytest.raises(UnreadableError):
        measure(call(), Exchange(Message("POST /v1/messages", (), [b"{broken"])))


def test_a_session_that_grows_is_not_counted_anew() -> None:
    def taken(words: list[str]) -> float:
        messages = [{"role": "user", "content": text} for text in words]
        begun = time.perf_counter()
        contents({"model": "m", "max_tokens": 1, "messages": messages})
        return time.perf_counter() - begun

    words = [" ".join(str(number * 7919 + at) for at in range(1500)) for number in range(30)]
    assert sum(map(len, words)) > 200_000
    contents(REQUEST)
    first = taken(words)
    assert first < 0.8
    assert taken([*words, "one more"]) < first / 2


@pytest.mark.parametrize("role", ["developer", "calls", "results", "", "narrator"])
def test_text_of_a_role_that_nobody_knows_is_measured_all_the_same(role: str) -> None:
    request: dict[str, object] = {
        "model": "m",
        "max_tokens": 10,
        "messages": [{"role": role, "content": "Who speaks?"}],
    }
    assert tree(contents(request).parts) == {
        "history (1 message)": {"other blocks": {"message 1": {}}}
    }
