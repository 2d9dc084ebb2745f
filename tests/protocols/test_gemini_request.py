"""Conversations written for a Gemini upstream, and everything else it is asked with."""

from typing import Any

import pytest
from google.genai import types

from ccproxy_tui.protocols import gemini
from ccproxy_tui.protocols.base import Operation
from ccproxy_tui.protocols.gemini.signed import DUMMY, seal
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    JsonObject,
    Opaque,
    Reasoning,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile

PLAIN = Profile(protocol="gemini", user_first=True, documents=True, audio=True)
LEVELS = Profile(protocol="gemini", efforts=("low", "high"), tool_images=True, call_signatures=True)
BUDGETS = Profile(protocol="gemini", budgets=(128, 32768))
HI = Turn("user", [Text("hi")])


def written(profile: Profile = PLAIN, **fields: Any) -> tuple[JsonObject, list[str]]:
    conversation = Conversation("m", **{"turns": [HI], **fields})
    body, _ = gemini.write_request(conversation, profile)
    types.GenerateContentConfig.model_validate(
        {
            **body.get("generationConfig", {}),
            **{key: value for key, value in body.items() if key in ("tools", "toolConfig")},
            "systemInstruction": body.get("systemInstruction"),
        }
    )
    for content in body["contents"]:
        types.Content.model_validate(content)
    return body, conversation.notes


def contents(*turns: Turn, profile: Profile = PLAIN) -> list[JsonObject]:
    body, _ = written(profile, turns=list(turns))
    found: list[JsonObject] = body["contents"]
    return found


def exchange(*said: Block) -> list[Turn]:
    """Give a turn of the model's with its results."""
    uses = [block for block in said if isinstance(block, ToolUse)]
    results: list[Block] = [ToolResult(use.id, [Text("done")]) for use in uses]
    return [HI, Turn("assistant", list(said)), Turn("user", results)]


def test_a_request_has_neither_model_nor_stream() -> None:
    body, notes = written(system=[Text("s")], stream=True)
    assert body == {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "systemInstruction": {"parts": [{"text": "s"}]},
    }
    assert notes == []


def test_calls_and_results() -> None:
    turns = exchange(Text("look"), ToolUse("a", "f", {"x": 1}), ToolUse("b", "g", {}))
    turns[2].content = [
        ToolResult("b", [], is_error=True),
        ToolResult("a", [Text("1"), Text("2")]),
        Text("go on"),
    ]
    assert contents(*turns)[1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "look"},
                {"functionCall": {"id": "a", "name": "f", "args": {"x": 1}}},
                {"functionCall": {"id": "b", "name": "g", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {
                    "functionResponse": {
                        "id": "b",
                        "name": "g",
                        "response": {"error": "(no output)"},
                    }
                },
                {"functionResponse": {"id": "a", "name": "f", "response": {"output": "1\n\n2"}}},
                {"text": "go on"},
            ],
        },
    ]


def test_an_own_signature_goes_back_to_its_call() -> None:
    turns = exchange(
        Thinking("hm", "U0lH", "gemini"),
        ToolUse("a", "f", {}),
        ToolUse("b", "f", {}),
        Thinking("", "T1RI", "gemini"),
        ToolUse("c", "f", {}),
    )
    parts = contents(*turns, profile=LEVELS)[1]["parts"]
    assert parts[0] == {"text": "hm", "thought": True}
    assert [part.get("thoughtSignature") for part in parts] == [None, "U0lH", None, "T1RI"]
    last = contents(HI, Turn("assistant", [Text("a"), Thinking("", "U0lH", "gemini")]), HI)[1]
    assert last["parts"] == [{"text": "a"}]


def test_a_signature_that_no_call_follows_stays_away() -> None:
    """The API refuses one on a part that it was not made for."""
    turns = exchange(Thinking("hm", "U0lH", "gemini"), Text("a"), ToolUse("a", "f", {}))
    assert contents(*turns)[1]["parts"] == [
        {"text": "hm", "thought": True},
        {"text": "a"},
        {"functionCall": {"id": "a", "name": "f", "args": {}}},
    ]


def test_foreign_thoughts_stay_away_and_calls_get_the_dummy_where_a_signature_is_missed() -> None:
    turns = exchange(Thinking("hm", "sig", "claude"), ToolUse("a", "f", {}), ToolUse("b", "f", {}))
    for profile, signatures in ((LEVELS, [DUMMY, None]), (PLAIN, [None, None])):
        parts = contents(*turns, profile=profile)[1]["parts"]
        assert [part.get("thoughtSignature") for part in parts] == signatures


def test_files() -> None:
    user = Turn(
        "user",
        [
            Image("image/png", "QQ=="),
            Image(url="https://x/a.webp?b=c.png"),
            Image(url="https://x/a"),
            Document("", "QQ=="),
            Document(text="body", title="t"),
            Document(url="https://x/a.PDF"),
            Audio("audio/wav", "QQ=="),
            Opaque({"executableCode": {"code": "1"}}, "gemini"),
        ],
    )
    assert contents(user)[0]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
        {"fileData": {"mimeType": "image/webp", "fileUri": "https://x/a.webp?b=c.png"}},
        {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://x/a"}},
        {"inlineData": {"mimeType": "application/pdf", "data": "QQ=="}},
        {"text": "t\nbody"},
        {"fileData": {"mimeType": "application/pdf", "fileUri": "https://x/a.PDF"}},
        {"inlineData": {"mimeType": "audio/wav", "data": "QQ=="}},
        {"executableCode": {"code": "1"}},
    ]


def test_images_of_a_result_are_inside_where_the_model_takes_them_there() -> None:
    turns = exchange(ToolUse("a", "f", {}))
    image = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}}
    for profile in (LEVELS, PLAIN):
        turns[2].content = [ToolResult("a", [Text("see"), Image("image/png", "QQ==")])]
        first, *rest = contents(*turns, profile=profile)[2]["parts"]
        inside = first["functionResponse"].get("parts", [])
        assert (inside, image in rest) == (([image], False) if profile is LEVELS else ([], True))


def test_tools_and_choice() -> None:
    long = "mcp__" + "x" * 90
    tools = [
        Tool("f", "F", {"type": "object", "properties": {"a": {"type": "string"}}}),
        Tool(long, schema={}),
        Tool("web_search", raw={"type": "web_search"}),
    ]
    body, notes = written(tools=tools, tool_choice=ToolChoice("tool", long, parallel=False))
    (entry,) = body["tools"]
    first, second = entry["functionDeclarations"]
    assert (first["name"], first["description"]) == ("f", "F")
    assert first["parameters"]["properties"]["a"]["type"].lower() == "string"
    assert "parameters" not in second  # the API refuses an object without properties
    assert len(second["name"]) <= 64
    assert body["toolConfig"]["functionCallingConfig"] == {
        "mode": "ANY",
        "allowedFunctionNames": [second["name"]],
    }
    assert notes == [
        "server tools left out: web_search",
        "parallel tool calls stay allowed: not in this protocol",
    ]


@pytest.mark.parametrize(
    ("choice", "mode", "notes"),
    [
        (ToolChoice("any"), "ANY", []),
        (ToolChoice("none"), "NONE", []),
        (ToolChoice("auto"), "AUTO", []),
        (ToolChoice("tool", "no"), "AUTO", ["tool_choice tool → auto"]),
    ],
)
def test_modes(choice: ToolChoice, mode: str, notes: list[str]) -> None:
    body, said = written(tools=[Tool("f")], tool_choice=choice)
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": mode}}
    assert said == notes


def test_a_mode_that_the_model_does_not_know_becomes_auto() -> None:
    profile = Profile(protocol="gemini", tool_choice=("auto",))
    body, notes = written(profile, tools=[Tool("f")], tool_choice=ToolChoice("any"))
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}
    assert notes == ["tool_choice any → auto"]
    assert "toolConfig" not in written(tool_choice=ToolChoice("any"))[0]


def test_sampling_and_limits() -> None:
    fields = {
        "max_tokens": 100_000,
        "temperature": 0.0,
        "top_p": 0.5,
        "top_k": 4,
        "stop": list("abcdef"),
        "seed": 1,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "shared": {"store": True},
    }
    body, notes = written(Profile(max_output_tokens=65_536), **fields)
    assert body["generationConfig"] == {
        "maxOutputTokens": 65_536,
        "stopSequences": list("abcde"),
        "temperature": 0.0,
        "topP": 0.5,
        "topK": 4,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "seed": 1,
    }
    assert notes == [
        "max_tokens 100000 → 65536",
        "stop sequences beyond 5 left out",
        "left out, as the target has no such field: store",
    ]
    body, notes = written(Profile(sampling=False), temperature=1.0, seed=2**40)
    assert "generationConfig" not in body
    assert notes == [
        "temperature left out: the model takes none",
        "seed left out: it has more than 32 bits",
    ]


@pytest.mark.parametrize(
    ("reasoning", "level", "budget"),
    [
        (None, None, None),
        (Reasoning("off"), {"thinkingLevel": "LOW"}, {"thinkingBudget": 128}),
        (Reasoning("adaptive"), {"includeThoughts": True}, {"thinkingBudget": -1, "includeThoughts": True}),
        (
            Reasoning("adaptive", effort="medium"),
            {"thinkingLevel": "LOW", "includeThoughts": True},
            {"thinkingBudget": 16_384, "includeThoughts": True},
        ),
        (
            Reasoning("on", 50_000),
            {"thinkingLevel": "HIGH", "includeThoughts": True},
            {"thinkingBudget": 32_768, "includeThoughts": True},
        ),
    ],
)  # fmt: skip
def test_thinking(reasoning: Reasoning | None, level: Any, budget: Any) -> None:
    for profile, wanted in ((LEVELS, level), (BUDGETS, budget), (PLAIN, None)):
        config = written(profile, reasoning=reasoning)[0].get("generationConfig", {})
        assert config.get("thinkingConfig") == wanted


def test_thinking_that_is_left_out_is_noted() -> None:
    note = "thinking left out: the model is not known to think"
    assert written(reasoning=Reasoning("on"))[1] == [note]
    assert written(reasoning=Reasoning("off"))[1] == []


def test_the_replys_schema() -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    config = written(output_schema=schema)[0]["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["responseSchema"]["properties"]["a"]["nullable"] is True
    config = written(output_schema={"type": "object"})[0]["generationConfig"]
    assert config == {"responseMimeType": "application/json"}
    for fields, profile in (
        ({"tools": [Tool("f")]}, PLAIN),
        ({}, Profile(output_schema="none")),
    ):
        body, notes = written(profile, output_schema=schema, **fields)
        assert "generationConfig" not in body
        assert "JSON schema" in body["systemInstruction"]["parts"][0]["text"]
        assert notes == ["the reply's JSON schema is said in words"]
    body, _ = written(Profile(output_schema="object"), output_schema=schema)
    assert body["generationConfig"] == {"responseMimeType": "application/json"}
    assert "JSON schema" in body["systemInstruction"]["parts"][0]["text"]


def test_fields_of_the_profile_are_merged() -> None:
    profile = Profile(
        fields={"generationConfig": {"topK": 1, "temperature": 0}, "safetySettings": []}
    )
    body, _ = written(profile, temperature=1.0)
    assert body["generationConfig"] == {"temperature": 1.0, "topK": 1}
    assert body["safetySettings"] == []


# --- addresses


@pytest.mark.parametrize("base", ["https://g", "https://g/", "https://g/v1beta"])
def test_addresses(base: str) -> None:
    def address(operation: Operation, model: str = "m", *, stream: bool = False) -> str | None:
        return gemini.url(base, model, operation, stream=stream)

    root = "https://g/v1beta/models"
    assert address(Operation.GENERATE) == f"{root}/m:generateContent"
    assert address(Operation.GENERATE, stream=True) == f"{root}/m:streamGenerateContent?alt=sse"
    assert address(Operation.COUNT_TOKENS) == f"{root}/m:countTokens"
    assert address(Operation.EMBED) == f"{root}/m:batchEmbedContents"
    assert address(Operation.LIST_MODELS) == f"{root}?pageSize=1000"
    assert address(Operation.LIST_RUNNING) is None
    assert address(Operation.GENERATE, "a/q 3:8b?") == f"{root}/a/q%203%3A8b%3F:generateContent"
    tuned = address(Operation.GENERATE, "tunedModels/x")
    assert tuned == "https://g/v1beta/tunedModels/x:generateContent"
    assert address(Operation.GENERATE, "models/m") == f"{root}/m:generateContent"


def test_the_key_is_in_a_header() -> None:
    assert gemini.credentials("k") == {"x-goog-api-key": "k"}
    assert gemini.credentials("") == {}


def test_model_lists() -> None:
    listing = {"models": [{"name": "models/a"}, {"name": "tunedModels/b"}, {"x": 1}, 3]}
    assert gemini.read_models(listing) == ["a", "tunedModels/b"]
    assert gemini.read_models({}) == []
    assert gemini.read_token_count({"totalTokens": True}) is None
    assert gemini.read_token_count({}) is None


# --- the faithful lane


def test_retarget_takes_foreign_signatures_out_and_leaves_the_clients_own_objects() -> None:
    foreign = seal("sig", "claude")
    parts: list[dict[str, Any]] = [
        {"text": "hm", "thought": True, "thoughtSignature": foreign},
        {"text": "own", "thought": True, "thoughtSignature": "U0lH"},
        {"text": "a", "thought_signature": foreign},
        {"functionCall": {"name": "f"}, "thoughtSignature": foreign},
        {"text": "", "thoughtSignature": foreign},
    ]
    contents = [{"role": "model", "parts": parts}, {"role": "model", "parts": parts[:1]}]
    body = {"contents": contents}
    gemini.retarget(body, "m")
    assert body == {
        "contents": [
            {
                "role": "model",
                "parts": [
                    parts[1],
                    {"text": "a"},
                    {"functionCall": {"name": "f"}, "thoughtSignature": DUMMY},
                ],
            }
        ]
    }
    assert len(parts) == 5
    assert parts[3]["thoughtSignature"] == foreign


def test_retarget_names_the_model_where_a_body_does() -> None:
    requests: list[dict[str, Any]] = [{"model": "models/old", "content": {}}]
    body: dict[str, Any] = {"requests": requests, "model": "models/old"}
    gemini.retarget(body, "new")
    assert body == {"requests": [{"model": "models/new", "content": {}}], "model": "models/new"}
    assert requests[0]["model"] == "models/old"
    plain = {"contents": [{"parts": [{"text": "a"}]}]}
    gemini.retarget(plain, "new")
    assert plain == {"contents": [{"parts": [{"text": "a"}]}]}
