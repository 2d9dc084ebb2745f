"""A group's rules mean the same for every client, on both lanes, in every form of a system prompt."""

from copy import deepcopy
from typing import Any

import aiohttp
import orjson
import pytest

from ccproxy_tui.demo.reply import Reply
from tests.pairs.conftest import ADDED, PROTOCOLS, TOKEN, Stage
from tests.pairs.said import SCHEMA

pytestmark = pytest.mark.asyncio(loop_scope="module")

OWN = "You are the client's own prompt."
TEXT = {"type": "text", "text": OWN}
FUNCTIONS = [
    {"type": "function", "function": {"name": name, "parameters": SCHEMA}}
    for name in ("get_weather", "read_file")
]
DECLARATIONS = [{"name": "get_weather"}, {"name": "read_file"}]
CLAUDE = {
    "model": "m",
    "max_tokens": 99,
    "messages": [{"role": "user", "content": "hi"}],
    "tools": [{"name": name, "input_schema": SCHEMA} for name in ("get_weather", "read_file")],
    "temperature": 0.8,
}
CHAT = {"model": "m", "tools": FUNCTIONS, "temperature": 0.8}
HI = {"role": "user", "content": "hi"}
RESPONSES = {
    "model": "m",
    "input": [HI],
    "tools": [
        {"type": "function", "name": name, "parameters": SCHEMA, "strict": False}
        for name in ("get_weather", "read_file")
    ],
    "temperature": 0.8,
}
GEMINI = {
    "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
    "tools": [{"functionDeclarations": DECLARATIONS}],
    "generationConfig": {"temperature": 0.8},
}
OLLAMA = {"model": "m", "tools": FUNCTIONS, "options": {"temperature": 0.8}, "stream": False}

FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("claude", "/v1/messages", {**CLAUDE, "system": OWN}),
    ("claude", "/v1/messages", {**CLAUDE, "system": [TEXT]}),
    (
        "openai",
        "/v1/chat/completions",
        {**CHAT, "messages": [{"role": "system", "content": OWN}, HI]},
    ),
    (
        "openai",
        "/v1/chat/completions",
        {**CHAT, "messages": [{"role": "system", "content": [TEXT]}, HI]},
    ),
    (
        "openai",
        "/v1/chat/completions",
        {**CHAT, "messages": [{"role": "developer", "content": OWN}, HI]},
    ),
    ("responses", "/v1/responses", {**RESPONSES, "instructions": OWN}),
    (
        "responses",
        "/v1/responses",
        {
            **RESPONSES,
            "input": [
                {"role": "developer", "content": [{"type": "input_text", "text": OWN}]},
                HI,
            ],
        },
    ),
    (
        "gemini",
        "/v1beta/models/m:generateContent",
        {**GEMINI, "systemInstruction": {"parts": [{"text": OWN}]}},
    ),
    (
        "gemini",
        "/v1beta/models/m:generateContent",
        {**GEMINI, "system_instruction": {"parts": [{"text": OWN}]}},
    ),
    ("ollama", "/api/chat", {**OLLAMA, "messages": [{"role": "system", "content": OWN}, HI]}),
    ("ollama", "/api/generate", {**OLLAMA, "prompt": "hi", "system": OWN}),
]
WITHOUT: list[tuple[str, str, dict[str, Any]]] = [
    ("claude", "/v1/messages", CLAUDE),
    ("openai", "/v1/chat/completions", {**CHAT, "messages": [HI]}),
    ("responses", "/v1/responses", RESPONSES),
    ("gemini", "/v1beta/models/m:generateContent", GEMINI),
    ("ollama", "/api/chat", {**OLLAMA, "messages": [HI]}),
]


async def ask(stage: Stage, group: str, path: str, body: dict[str, Any]) -> None:
    stage.upstream.script = Reply(text="fine")
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{stage.url}/{group}{path}",
            data=orjson.dumps(body),
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as reply,
    ):
        assert reply.status == 200, await reply.text()


@pytest.mark.parametrize(("client", "path", "body"), FORMS)
@pytest.mark.parametrize("upstream", PROTOCOLS)
@pytest.mark.parametrize("injection", ["enhance", "replace"])
async def test_prompt_tools_and_temperature(
    stage: Stage, client: str, path: str, body: dict[str, Any], upstream: str, injection: str
) -> None:
    sent = deepcopy(body)
    if path == "/api/generate" and upstream == "ollama":
        del sent["tools"]  # a bare prompt has none, so nothing is added to it
        await ask(stage, f"{upstream}-{injection}", path, sent)
        assert ADDED not in stage.upstream.calls[-1].system_text
        return
    await ask(stage, f"{upstream}-{injection}", path, sent)
    received = stage.upstream.calls[-1]
    assert received.system_text.count(ADDED) == 1
    assert received.system_text.count(OWN) == (1 if injection == "enhance" else 0)
    assert set(received.tools) == {"get_weather"}
    assert "0.4" in received.body.decode()
    assert "0.8" not in received.body.decode()
    notes = stage.last_call().notes
    assert any(note.startswith("tools removed: read_file") for note in notes)
    assert "temperature 0.8 → 0.4" in notes


@pytest.mark.parametrize(("client", "path", "body"), WITHOUT)
@pytest.mark.parametrize("upstream", PROTOCOLS)
async def test_a_client_without_a_prompt_gets_one(
    stage: Stage, client: str, path: str, body: dict[str, Any], upstream: str
) -> None:
    await ask(stage, f"{upstream}-enhance", path, deepcopy(body))
    assert stage.upstream.calls[-1].system_text == ADDED
