"""Replies as Ollama's clients read them, validated by the vendor's own types."""

from typing import Any

import orjson
import pytest
from ollama._types import (
    ChatResponse,
    GenerateResponse,
    ListResponse,
    ProcessResponse,
    ShowResponse,
)

from ccproxy_tui.protocols import ollama
from ccproxy_tui.protocols.base import Address, Asked, Failure, ModelCard, Operation
from ccproxy_tui.protocols.collect import ReplyBrokeError
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW, OUTPUT_LIMIT, read_failure
from ccproxy_tui.protocols.hub import Event, ReplyError, StopReason, Usage
from ccproxy_tui.protocols.stream import ReplyMachine

CHAT = Asked(Operation.GENERATE, "m", stream=True)
BARE = Asked(Operation.COMPLETE, "m", stream=True)


def events(
    reason: StopReason = "end_turn", usage: Usage | None = None, *, tools: bool = True
) -> list[Event]:
    machine = ReplyMachine("openai")
    machine.start("id", "other", usage)
    machine.thinking("hm ")
    machine.thinking("ü")
    machine.signature("sig")
    machine.text('so "\n')
    machine.text("!")
    if tools:
        machine.tool(0, "call_1", "a")
        for piece in '{"x": [1,', "2]}":
            machine.arguments(0, piece)
        machine.tool(1, "call_2", "b")
        machine.arguments(1, "{broken")
    machine.finish(reason)
    machine.done()
    return machine.take()


def lines_of(data: bytes) -> list[dict[str, Any]]:
    assert data.endswith(b"\n")
    lines = data.split(b"\n")[:-1]
    assert all(lines), "a blank line breaks the clients"
    return [orjson.loads(line) for line in lines]


def streamed(asked: Asked, said: list[Event], estimate: int = 0) -> list[dict[str, Any]]:
    encoder = ollama.encoder(asked, estimate)
    assert encoder.content_type == "application/x-ndjson"
    return lines_of(b"".join(encoder.encode([event]) for event in said))


CALLS = [
    {"id": "call_1", "function": {"index": 0, "name": "a", "arguments": {"x": [1, 2]}}},
    {
        "id": "call_2",
        "function": {"index": 1, "name": "b", "arguments": {"malformed_arguments": "{broken"}},
    },
]


def test_a_chat_stream() -> None:
    lines = streamed(CHAT, events(usage=Usage(5, 3, 2, 9)))
    parts = [ChatResponse.model_validate(line) for line in lines]
    assert [line["message"] for line in lines] == [
        {"role": "assistant", "content": "", "thinking": "hm "},
        {"role": "assistant", "content": "", "thinking": "ü"},
        {"role": "assistant", "content": 'so "\n'},
        {"role": "assistant", "content": "!"},
        {"role": "assistant", "content": "", "tool_calls": CALLS[:1]},
        {"role": "assistant", "content": "", "tool_calls": CALLS[1:]},
        {"role": "assistant", "content": ""},
    ]
    assert {part.model for part in parts} == {"m"}
    assert [part.done for part in parts] == [False] * 6 + [True]
    end = parts[-1]
    assert (end.done_reason, end.prompt_eval_count, end.eval_count) == ("stop", 10, 9)
    assert end.prompt_eval_duration is not None
    assert end.eval_duration is not None
    assert end.total_duration == end.prompt_eval_duration + end.eval_duration > 0


def test_a_generate_stream() -> None:
    lines = streamed(BARE, events(tools=False))
    assert all("message" not in line for line in lines)
    parts = [GenerateResponse.model_validate(line) for line in lines]
    assert [(part.response, part.thinking) for part in parts] == [
        ("", "hm "),
        ("", "ü"),
        ('so "\n', None),
        ("!", None),
        ("", None),
    ]
    assert parts[-1].done


def test_whole_replies() -> None:
    body = ollama.write_reply(events(usage=Usage(5, 3, 2, 9)), CHAT)
    chat = ChatResponse.model_validate(body)
    assert body["message"] == {
        "role": "assistant",
        "content": 'so "\n!',
        "thinking": "hm ü",
        "tool_calls": CALLS,
    }
    assert (chat.done, chat.done_reason, chat.prompt_eval_count, chat.eval_count) == (
        True,
        "stop",
        10,
        9,
    )
    bare = GenerateResponse.model_validate(ollama.write_reply(events(tools=False), BARE))
    assert (bare.response, bare.thinking, bare.done) == ('so "\n!', "hm ü", True)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("overflow", "length"),
        ("stop_sequence", "stop"),
        ("refusal", "stop"),
    ],
)
def test_reasons(reason: StopReason, said: str) -> None:
    assert streamed(CHAT, events(reason, tools=False))[-1]["done_reason"] == said
    assert ollama.write_reply(events(reason, tools=False), CHAT)["done_reason"] == said


def test_estimates_stand_where_usage_is_not_known() -> None:
    end = streamed(CHAT, events(tools=False), 77)[-1]
    assert (end["prompt_eval_count"], end["eval_count"]) == (77, 3)
    whole = ollama.write_reply(events(tools=False), CHAT, 77)
    assert (whole["prompt_eval_count"], whole["eval_count"]) == (77, 3)


def test_an_error_is_the_last_line_and_one_that_the_sdk_raises() -> None:
    said = [*events()[:4], ReplyError(502, "it broke")]
    assert streamed(CHAT, said)[-1] == {"error": "it broke"}
    with pytest.raises(ReplyBrokeError):
        ollama.write_reply(said, CHAT)


@pytest.mark.parametrize("asked", [CHAT, BARE])
def test_a_ping_says_nothing(asked: Asked) -> None:
    [line] = lines_of(ollama.encoder(asked).ping())
    assert line["done"] is False
    kind = GenerateResponse if asked is BARE else ChatResponse
    kind.model_validate(line)
    assert (line.get("response") or line.get("message", {}).get("content") or "") == ""


def test_failures() -> None:
    assert ollama.write_failure(Failure(429, "slow down")) == (429, {"error": "slow down"})
    assert ollama.write_failure(Failure(529, "busy", "overloaded_error"))[0] == 529
    for message, words in (
        (
            "prompt is too long: 205000 tokens > 200000 maximum",
            " of 200000 tokens: the prompt has 205000 tokens",
        ),
        ("prompt is too long", ""),
    ):
        status, body = ollama.write_failure(Failure(400, message, CONTEXT_OVERFLOW))
        said = "prompt too long; exceeded max context length" + words
        assert (status, body) == (400, {"error": said})
        again = read_failure(status, orjson.dumps(body), {})
        assert again.kind == CONTEXT_OVERFLOW
        assert again.message.startswith(message), "another proxy would read other numbers"
    message = "max_tokens: 9000 > 8192, which is the maximum"
    status, body = ollama.write_failure(Failure(400, message, OUTPUT_LIMIT))
    assert status == 400
    assert "9000 > 8192" in body["error"]
    assert read_failure(status, orjson.dumps(body), {}).kind == OUTPUT_LIMIT


CARD = ModelCard("qwen3-coder:30b", images=False, thinking=True, context_window=9000)


def described(path: str, *cards: ModelCard) -> Any:
    route = next(route for route in ollama.routes if route.path == path)
    return ollama.describe(Address(route), cards)


def test_models_are_listed() -> None:
    body = described("/api/tags", CARD, ModelCard("org/x"))
    listed = ListResponse.model_validate(body)
    assert [model.model for model in listed.models] == ["qwen3-coder:30b", "org/x"]
    assert [model["name"] for model in body["models"]] == ["qwen3-coder:30b", "org/x"]
    assert body["models"][0]["details"]["family"] == "qwen3"
    assert len(body["models"][0]["digest"]) == 64
    assert body == described("/api/tags", CARD, ModelCard("org/x")), "digests stay the same"
    running = ProcessResponse.model_validate(described("/api/ps", CARD))
    assert running.models[0].context_length == 9000


def test_a_model_is_described() -> None:
    shown = ShowResponse.model_validate(described("/api/show", CARD))
    assert shown.capabilities == ["completion", "tools", "thinking"]
    assert shown.modelinfo is not None
    assert shown.modelinfo["general.architecture"] == "qwen3"
    assert shown.modelinfo["qwen3.context_length"] == 9000
    plain = ShowResponse.model_validate(described("/api/show", ModelCard("???")))
    assert plain.capabilities == ["completion", "tools", "vision"]
    assert set(plain.modelinfo or {}) == {"general.architecture", "general.basename"}


def test_the_version_is_one_that_codex_takes() -> None:
    version = described("/api/version")["version"]
    assert tuple(int(part) for part in version.split(".")) >= (0, 13, 4)


def test_a_count() -> None:
    assert ollama.write_token_count(3) == {"prompt_eval_count": 3}
