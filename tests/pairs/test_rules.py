"""A group's rules mean the same for every client, on both lanes, in every form of a system prompt."""

from copy import deepcopy
from typing import Any

import aiohttp
import orjson
import pytest

from ccproxy_tui.demo.reply import Reply
from tests.pairs.conftest import ADDED, EMPTIED, PROTOCOLS, REPLACED, TOKEN, Stage
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
GEMINI: dict[str, Any] = {
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
CALL = {"name": "get_weather", "arguments": {"city": "Bern"}}
CALL_TEXT = {"name": "get_weather", "arguments": '{"city":"Bern"}'}
IN_THE_MIDDLE: list[tuple[str, str, dict[str, Any]]] = [
    (
        "claude",
        "/v1/messages",
        {
            **CLAUDE,
            "messages": [
                HI,
                {
                    "role": "assistant",
                    "content": [
                        {"type": "tool_use", "id": "c1", "name": CALL["name"], "input": {}},
                        {"type": "tool_use", "id": "c2", "name": CALL["name"], "input": {}},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "c1", "content": "sun"},
                        {"type": "tool_result", "tool_use_id": "c2", "content": "rain"},
                    ],
                },
            ],
        },
    ),
    (
        "openai",
        "/v1/chat/completions",
        {
            **CHAT,
            "messages": [
                HI,
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {"id": "c1", "type": "function", "function": CALL_TEXT},
                        {"id": "c2", "type": "function", "function": CALL_TEXT},
                    ],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "sun"},
                {"role": "tool", "tool_call_id": "c2", "content": "rain"},
            ],
        },
    ),
    (
        "responses",
        "/v1/responses",
        {
            **RESPONSES,
            "input": [
                HI,
                {"type": "function_call", "call_id": "c1", **CALL_TEXT},
                {"type": "function_call", "call_id": "c2", **CALL_TEXT},
                {"type": "function_call_output", "call_id": "c1", "output": "sun"},
                {"type": "function_call_output", "call_id": "c2", "output": "rain"},
            ],
        },
    ),
    (
        "gemini",
        "/v1beta/models/m:generateContent",
        {
            **GEMINI,
            "contents": [
                *GEMINI["contents"],
                {
                    "role": "model",
                    "parts": [
                        {"functionCall": {"name": CALL["name"], "args": {"city": "Bern"}}},
                        {"functionCall": {"name": CALL["name"], "args": {"city": "Bern"}}},
                    ],
                },
                {
                    "role": "user",
                    "parts": [
                        {"functionResponse": {"name": CALL["name"], "response": {"output": said}}}
                        for said in ("sun", "rain")
                    ],
                },
            ],
        },
    ),
    (
        "ollama",
        "/api/chat",
        {
            **OLLAMA,
            "messages": [
                HI,
                {"role": "assistant", "content": "", "tool_calls": [{"function": CALL}] * 2},
                {"role": "tool", "tool_name": CALL["name"], "content": "sun"},
                {"role": "tool", "tool_name": CALL["name"], "content": "rain"},
            ],
        },
    ),
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


@pytest.mark.parametrize(("client", "path", "body"), FORMS)
@pytest.mark.parametrize("upstream", PROTOCOLS)
async def test_replacements_and_a_text_in_the_last_user_message(
    stage: Stage, client: str, path: str, body: dict[str, Any], upstream: str
) -> None:
    sent = deepcopy(body)
    if path == "/api/generate":
        del sent["tools"]
    await ask(stage, f"{upstream}-user", path, sent)
    received = stage.upstream.calls[-1]
    assert received.system_text == OWN.replace(REPLACED.find, REPLACED.replace)
    assert received.last_user_text == f"{ADDED}\n\nhi"
    notes = stage.last_call().notes
    assert notes[:2] == [
        "system prompt: 1 replacement",
        f"prompt added to the last user message ({len(ADDED)} characters)",
    ]


@pytest.mark.parametrize(("client", "path", "body"), FORMS)
@pytest.mark.parametrize("upstream", PROTOCOLS)
async def test_a_prompt_of_which_nothing_remains_is_refused_by_nobody(
    stage: Stage, client: str, path: str, body: dict[str, Any], upstream: str
) -> None:
    sent = orjson.loads(orjson.dumps(body).replace(OWN.encode(), EMPTIED.find.encode()))
    if path == "/api/generate":
        del sent["tools"]
    await ask(stage, f"{upstream}-user", path, sent)
    assert stage.upstream.calls[-1].system_text == ""
    assert "system prompt: 1 replacement" in stage.last_call().notes


@pytest.mark.parametrize(("client", "path", "body"), IN_THE_MIDDLE)
@pytest.mark.parametrize("upstream", PROTOCOLS)
async def test_in_the_middle_of_a_task_the_results_stay_first(
    stage: Stage, client: str, path: str, body: dict[str, Any], upstream: str
) -> None:
    await ask(stage, f"{upstream}-user", path, deepcopy(body))
    received = stage.upstream.calls[-1]
    assert [result.text for result in received.last_tool_results] == ["sun", "rain"]
    assert received.body.decode().count(ADDED) == 1
    assert received.system_text == ""
    said = [turn.text for turn in received.turns if turn.role == "user" and turn.text]
    if client in ("claude", "gemini"):
        assert said == ["hi", ADDED]
        if upstream in ("claude", "gemini"):
            last = received.messages[-1]
            assert (last.get("content") or last["parts"])[-1]["text"] == ADDED
    else:
        assert said == [f"{ADDED}\n\nhi"]
