"""Each question about a request has the same answer in all five dialects."""

from typing import Any

import pytest

from ccproxy_tui.demo.received import Dialect, ReceivedRequest
from ccproxy_tui.demo.routing import route
from ccproxy_tui.demo.upstream import ScriptedUpstream
from tests.demo.asking import asked

PNG = "iVBORw0KGgo="
JPEG = "/9j/4AAQ"
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
ARGUMENTS = {"path": "a.png"}
REMINDER = "<system-reminder>Be kind.</system-reminder>"


def _claude_image(media_type: str, data: str) -> dict[str, Any]:
    return {
        "type": "image",
        "source": {"type": "base64", "media_type": media_type, "data": data},
    }


def _openai_image(media_type: str, data: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}


def _input_image(media_type: str, data: str) -> dict[str, Any]:
    return {"type": "input_image", "image_url": f"data:{media_type};base64,{data}"}


def _inline(media_type: str, data: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": data}}


CONVERSATIONS: dict[Dialect, dict[str, Any]] = {
    "claude": {
        "system": [{"type": "text", "text": "Be brief."}],
        "tools": [{"name": "Read", "input_schema": SCHEMA}],
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "Look."}, _claude_image("image/png", PNG)],
            },
            {"role": "system", "content": "Be quick."},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "sig="},
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "1", "name": "Read", "input": ARGUMENTS},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "1",
                        "content": [
                            {"type": "text", "text": "a picture"},
                            _claude_image("image/jpeg", JPEG),
                        ],
                    },
                    {"type": "text", "text": REMINDER},
                ],
            },
        ],
    },
    "openai": {
        "tools": [{"type": "function", "function": {"name": "Read", "parameters": SCHEMA}}],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [{"type": "text", "text": "Look."}, _openai_image("image/png", PNG)],
            },
            {"role": "developer", "content": [{"type": "text", "text": "Be quick."}]},
            {
                "role": "assistant",
                "content": "I look.",
                "reasoning_content": "Hm.",
                "tool_calls": [
                    {"id": "1", "function": {"name": "Read", "arguments": '{"path":"a.png"}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": "a picture"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": REMINDER},
                    _openai_image("image/jpeg", JPEG),
                ],
            },
        ],
    },
    "responses": {
        "instructions": "Be brief.",
        "tools": [{"type": "function", "name": "Read", "parameters": SCHEMA}, {"type": "mcp"}],
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Look."},
                    _input_image("image/png", PNG),
                ],
            },
            {"role": "developer", "content": "Be quick."},
            {
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": "Hm."}],
                "encrypted_content": "sig=",
            },
            {"role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            {
                "type": "function_call",
                "call_id": "1",
                "name": "Read",
                "arguments": '{"path":"a.png"}',
            },
            {
                "type": "function_call_output",
                "call_id": "1",
                "output": [
                    {"type": "input_text", "text": "a picture"},
                    _input_image("image/jpeg", JPEG),
                ],
            },
            {"role": "user", "content": REMINDER},
        ],
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": "Be brief."}, {"text": "Be quick."}]},
        "tools": [{"functionDeclarations": [{"name": "Read", "parameters": SCHEMA}]}],
        "contents": [
            {"role": "user", "parts": [{"text": "Look."}, _inline("image/png", PNG)]},
            {
                "role": "model",
                "parts": [
                    {"text": "Hm.", "thought": True},
                    {"text": "I look."},
                    {
                        "functionCall": {"name": "Read", "args": ARGUMENTS},
                        "thoughtSignature": "sig=",
                    },
                ],
            },
            {
                "role": "user",
                "parts": [
                    {
                        "functionResponse": {
                            "name": "Read",
                            "response": {"output": "a picture"},
                            "parts": [_inline("image/jpeg", JPEG)],
                        }
                    },
                    {"text": REMINDER},
                ],
            },
        ],
    },
    "ollama": {
        "tools": [{"type": "function", "function": {"name": "Read", "parameters": SCHEMA}}],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Look.", "images": [PNG]},
            {"role": "system", "content": "Be quick."},
            {
                "role": "assistant",
                "content": "I look.",
                "thinking": "Hm.",
                "tool_calls": [{"function": {"name": "Read", "arguments": ARGUMENTS}}],
            },
            {"role": "tool", "content": "a picture", "images": [JPEG]},
            {"role": "user", "content": REMINDER},
        ],
    },
}
UNSIGNED = ("openai", "ollama")
"""Dialects whose reasoning has no proof."""


@pytest.fixture(params=list(CONVERSATIONS))
def request_(request: pytest.FixtureRequest) -> ReceivedRequest:
    dialect: Dialect = request.param
    return asked(dialect, CONVERSATIONS[dialect])


def test_the_answers_are_the_same(request_: ReceivedRequest) -> None:
    assert request_.system_text == "Be brief.\n\nBe quick."
    assert request_.tools == {"Read": SCHEMA}
    assert request_.last_user_text == "Look."
    assert request_.last_tool_calls == [("Read", ARGUMENTS)]
    assert [(one.text, one.is_error) for one in request_.last_tool_results] == [
        ("a picture", False)
    ]
    assert request_.thinking_texts == ["Hm."]
    assert request_.signatures == ([] if request_.dialect in UNSIGNED else ["sig="])
    assert request_.images == [("image/png", PNG), ("image/jpeg", JPEG)]
    assert request_.answer_schema is None


def test_an_image_may_be_an_address() -> None:
    url = "https://example.org/a.png"
    part = {"type": "image_url", "image_url": {"url": url}}
    found = asked("openai", {"messages": [{"role": "user", "content": [part]}]})
    assert found.images == [("", url)]


@pytest.mark.parametrize("dialect", list(CONVERSATIONS))
@pytest.mark.parametrize("junk", [5, "x", [5], {"a": 5}, [[]], [{}], [{"content": 5, "parts": 5}]])
def test_junk_is_left_out(dialect: Dialect, junk: object) -> None:
    names = "system messages tools input instructions contents systemInstruction prompt format text"
    found = asked(dialect, dict.fromkeys(names.split(), junk))
    assert found.last_tool_results == []
    assert found.last_tool_calls == []
    assert found.images == []
    assert set(found.tools) <= {""}
    assert isinstance(found.system_text + found.last_user_text, str)
    assert found.answer_schema in (None, junk)


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("POST", "/v1/messages", {}, ("claude", "answer")),
        ("POST", "/v1/messages/count_tokens", {}, ("claude", "count")),
        ("POST", "/v1/chat/completions", {}, ("openai", "answer")),
        ("POST", "/v1/embeddings", {}, ("openai", "embed")),
        ("POST", "/v1/responses", {}, ("responses", "answer")),
        ("POST", "/v1/models/m:generateContent", {}, ("gemini", "answer")),
        ("POST", "/v1beta/models/a/b:8b:streamGenerateContent", {}, ("gemini", "answer")),
        ("POST", "/v1beta/models/m:countTokens", {}, ("gemini", "count")),
        ("POST", "/v1beta/models/m:embedContent", {}, ("gemini", "embed")),
        ("POST", "/v1beta/models/m:batchEmbedContents", {}, ("gemini", "embed")),
        ("POST", "/v1beta/models/m:predict", {}, ("gemini", "unknown")),
        ("GET", "/v1beta/models", {}, ("gemini", "list")),
        ("GET", "/v1beta/models/m", {}, ("gemini", "describe")),
        ("GET", "/v1/models", {}, ("openai", "list")),
        ("GET", "/v1/models", {"x-api-key": "k"}, ("claude", "list")),
        ("GET", "/v1/models", {"anthropic-version": "1"}, ("claude", "list")),
        ("GET", "/v1/models", {"x-goog-api-key": "k"}, ("gemini", "list")),
        ("POST", "/api/chat", {}, ("ollama", "answer")),
        ("POST", "/api/generate", {}, ("ollama", "answer")),
        ("POST", "/api/embed", {}, ("ollama", "embed")),
        ("POST", "/api/embeddings", {}, ("ollama", "embed")),
        ("GET", "/api/tags", {}, ("ollama", "list")),
        ("POST", "/api/show", {}, ("ollama", "describe")),
        ("GET", "/api/version", {}, ("ollama", "version")),
        ("GET", "/api/chat", {}, ("ollama", "unknown")),
        ("POST", "/v1/elsewhere", {}, ("openai", "unknown")),
    ],
)
def test_routes(
    method: str, path: str, headers: dict[str, str], expected: tuple[Dialect, str]
) -> None:
    assert route(method, path, headers, {}) == expected


@pytest.mark.parametrize(
    ("path", "model", "streams"),
    [
        ("/v1beta/models/m-1:generateContent", "m-1", False),
        ("/v1/models/a/b:8b:streamGenerateContent", "a/b:8b", True),
        ("/v1beta/models/qwen3:latest", "qwen3:latest", False),
        ("/v1beta/models/m:batchEmbedContents", "m", False),
    ],
)
def test_geminis_path_names_the_model(path: str, model: str, streams: bool) -> None:
    found = asked("gemini", {"model": "other", "stream": True}, path=path)
    assert (found.model, found.streams) == (model, streams)


def test_base_urls(upstream: ScriptedUpstream) -> None:
    assert upstream.base_url_of("gemini") == upstream.gemini_url == f"{upstream.origin}/v1beta"
    assert upstream.base_url_of("ollama") == upstream.ollama_url == upstream.origin
    for dialect in ("claude", "openai", "responses"):
        assert upstream.base_url_of(dialect) == f"{upstream.origin}/v1"
