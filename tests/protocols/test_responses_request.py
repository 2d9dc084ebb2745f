from typing import Any

import orjson
import pytest
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter

from ccproxy_tui.protocols import responses
from ccproxy_tui.protocols.base import Operation
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
from ccproxy_tui.protocols.profiles import Profile, find_profile

PROFILE = find_profile("responses", "https://api.openai.com/v1", "gpt-4.1")
STRICT: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsNonStreaming)
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "$schema": "x"}


def thinker(**fields: Any) -> Profile:
    return Profile("responses", efforts=("low", "medium", "high"), **fields)


def conversation(*turns: Turn, **fields: Any) -> Conversation:
    return Conversation("gpt-5", turns=list(turns) or [Turn("user", [Text("hi")])], **fields)


def write(said: Conversation, profile: Profile = PROFILE) -> JsonObject:
    """Write a request, and check it against the vendor's own types.

    They want id and status of the model's own messages, which the vendor itself does not.
    """
    body, _ = responses.write_request(said, profile)
    named = {"id": "msg_1", "status": "completed"}
    given = [
        {**named, **item} if item.get("role") == "assistant" else item for item in body["input"]
    ]
    STRICT.validate_python({**body, "input": given, "stream": False})
    orjson.dumps(body)
    return body


def items(*turns: Turn, profile: Profile = PROFILE) -> list[JsonObject]:
    found = write(conversation(*turns), profile)["input"]
    assert isinstance(found, list)
    return found


def test_a_plain_request() -> None:
    body = write(conversation(system=[Text("a"), Text("b")], stream=True, max_tokens=100))
    assert body == {
        "model": "gpt-5",
        "instructions": "a\n\nb",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
        ],
        "max_output_tokens": 100,
        "store": False,
        "stream": True,
    }


def test_turns() -> None:
    written = items(
        Turn("user", [Text("do")]),
        Turn(
            "assistant",
            [Thinking("hm", "rs_1:enc", "responses"), Text("ok"), ToolUse("c1", "read", {"a": 1})],
        ),
        Turn("user", [ToolResult("c1", [Text("x")], is_error=True), Text("go on")]),
        Turn("system", [Text("mind")]),
    )
    assert written[1:] == [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}], "id": "rs_1",
         "encrypted_content": "enc"},
        {"type": "message", "role": "assistant",
         "content": [{"type": "output_text", "text": "ok", "annotations": []}]},
        {"type": "function_call", "call_id": "c1", "name": "read", "arguments": '{"a":1}'},
        {"type": "function_call_output", "call_id": "c1", "output": "Error: x"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go on"}]},
        {"type": "message", "role": "developer", "content": "mind"},
    ]  # fmt: skip


def test_images_and_files_also_inside_of_results() -> None:
    picture, paper = Image("image/png", "AAAA"), Document("application/pdf", "JV", title="a.pdf")
    written = items(
        Turn("user", [picture, Image(url="https://x/y", detail="low"), paper]),
        Turn("assistant", [ToolUse("c1", "f", {}), ToolUse("c2", "f", {})]),
        Turn("user", [ToolResult("c1", [Text("see"), picture]), ToolResult("c2", [picture])]),
    )
    image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"}
    assert written[0]["content"] == [
        image,
        {"type": "input_image", "image_url": "https://x/y", "detail": "low"},
        {"type": "input_file", "filename": "a.pdf",
         "file_data": "data:application/pdf;base64,JV"},
    ]  # fmt: skip
    assert written[3]["output"] == [{"type": "input_text", "text": "see"}, image]
    assert written[4]["output"] == [image]


def test_sounds_and_documents_in_other_forms() -> None:
    blocks: list[Block] = [
        Audio("audio/mpeg", "AA"), Document(url="https://x/a"), Document(text="t", title="T"),
    ]  # fmt: skip
    body, _ = responses.write_request(
        conversation(Turn("user", blocks)), Profile("responses", documents=True, audio=True)
    )
    assert body["input"][0]["content"] == [
        {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
        {"type": "input_file", "file_url": "https://x/a"},
        {"type": "input_text", "text": "T\nt"},
    ]


def test_reasoning_of_another_vendor() -> None:
    said = conversation(
        Turn("user", [Text("a")]),
        Turn("assistant", [Thinking("hm", "sig", "claude"), Text("b")]),
        Turn("user", [Text("c")]),
    )
    assert [item["type"] for item in write(said)["input"]] == ["message"] * 3
    assert said.notes == ["1 thinking blocks left out: the target takes back only its own"]
    open_model = Profile("responses", reasoning_replay="reasoning", system_in_turns=True)
    again = items(
        Turn("user", [Text("a")]), Turn("assistant", [Thinking("hm"), Text("b")]),
        profile=open_model,
    )  # fmt: skip
    assert again[1]["content"] == [{"type": "reasoning_text", "text": "hm"}]


def test_items_of_this_protocol_are_said_again() -> None:
    search = {"type": "web_search_call", "id": "ws", "status": "completed",
              "action": {"type": "search", "query": "q"}}  # fmt: skip
    shell = {"type": "local_shell_call_output", "id": "x", "output": "y"}
    written = items(
        Turn("user", [Text("a")]),
        Turn("assistant", [Opaque(search, "responses"), Text("b")]),
        Turn("user", [Opaque(shell, "responses"), Opaque({"type": "input_file", "file_id": "f"}, "responses")]),
    )  # fmt: skip
    assert written[1] == search
    assert written[3] == shell
    assert written[4]["content"] == [{"type": "input_file", "file_id": "f"}]


def test_ids_of_calls_are_not_too_long() -> None:
    id_ = "x" * 65
    written = items(
        Turn("user", [Text("a")]),
        Turn("assistant", [ToolUse(id_, "f", {})]),
        Turn("user", [ToolResult(id_, [Text("b")])]),
    )
    assert written[1]["call_id"] == written[2]["call_id"] != id_
    assert len(written[1]["call_id"]) <= 64


CLOSED: JsonObject = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}


def test_tools() -> None:
    tools = [Tool("read", "d", dict(SCHEMA)), Tool("x" * 70, schema=CLOSED, strict=True),
             Tool("web_search_20250305", raw={"type": "web_search_20250305"}),
             Tool("web_search", raw={"type": "web_search"})]  # fmt: skip
    said = conversation(tools=tools, tool_choice=ToolChoice("tool", "x" * 70, parallel=False))
    body, names = responses.write_request(said, PROFILE)
    read, long = body["tools"]
    assert read == {
        "type": "function",
        "name": "read",
        "description": "d",
        "parameters": {"type": "object", "properties": {"a": {"type": "string"}}},
        "strict": False,
    }
    assert long["strict"] is True
    assert len(long["name"]) <= 64
    assert names.original(long["name"]) == "x" * 70
    assert body["tool_choice"] == {"type": "function", "name": long["name"]}
    assert body["parallel_tool_calls"] is False
    assert said.notes == ["server tools left out: web_search_20250305, web_search"]


@pytest.mark.parametrize(
    ("choice", "written"),
    [
        (None, None),
        (ToolChoice(), "auto"),
        (ToolChoice("any"), "required"),
        (ToolChoice("none"), "none"),
        (ToolChoice("tool", "unknown"), "auto"),
    ],
)
def test_tool_choice(choice: ToolChoice | None, written: Any) -> None:
    assert write(conversation(tools=[Tool("f")], tool_choice=choice)).get("tool_choice") == written


def test_a_choice_that_the_model_cannot_take() -> None:
    said = conversation(tools=[Tool("f")], tool_choice=ToolChoice("any"))
    profile = Profile("responses", tool_choice=("auto", "none"))
    assert write(said, profile)["tool_choice"] == "auto"
    assert said.notes == ["tool_choice any → auto"]


def test_what_this_protocol_cannot_say() -> None:
    said = conversation(
        temperature=0.5, top_p=0.9, top_k=3, seed=1, presence_penalty=0.1, stop=["x"], max_tokens=1
    )
    body = write(said)
    assert (body["temperature"], body["top_p"], body["max_output_tokens"]) == (0.5, 0.9, 16)
    assert not body.keys() & {"top_k", "seed", "stop", "presence_penalty"}
    assert said.notes == [
        "max_tokens 1 → 16",
        "left out, as the target has no such field: top_k, seed, presence_penalty, stop",
    ]


def test_models_without_sampling() -> None:
    said = conversation(temperature=0.5)
    assert "temperature" not in write(said, Profile("responses", sampling=False))
    assert said.notes == ["temperature left out: the model takes none"]


@pytest.mark.parametrize(
    ("asked", "profile", "written"),
    [
        (None, thinker(), None),
        (Reasoning(effort="xhigh"), thinker(), {"effort": "high", "summary": "auto"}),
        (Reasoning("on", budget=10_000), thinker(), {"effort": "medium", "summary": "auto"}),
        (Reasoning("off"), thinker(), {"effort": "low"}),
        (Reasoning(), thinker(), {"summary": "auto"}),
        (Reasoning(), Profile("responses", thinking=True), {"summary": "auto"}),
        (Reasoning(effort="low"), PROFILE, None),
    ],
)
def test_reasoning(asked: Reasoning | None, profile: Profile, written: Any) -> None:
    said = conversation(reasoning=asked)
    body = write(said, profile)
    assert body.get("reasoning") == written
    proved = ["reasoning.encrypted_content"]
    assert body.get("include") == (proved if written or profile.thinking else None)
    unknown = ["reasoning left out: the model is not known to take it"]
    assert said.notes == (unknown if asked and written is None else [])


@pytest.mark.parametrize(
    ("how", "form"),
    [
        ("schema", {"type": "json_schema", "name": "n", "strict": True,
                    "schema": {"type": "object", "properties": {"a": {"type": "string"}}}}),
        ("object", {"type": "json_object"}),
        ("none", None),
    ],
)  # fmt: skip
def test_output_schema(how: Any, form: Any) -> None:
    said = conversation(output_schema=dict(SCHEMA), output_name="n", output_strict=True,
                        shared={"verbosity": "low"})  # fmt: skip
    body = write(said, Profile("responses", output_schema=how))
    assert body["text"].get("format") == form
    assert body["text"]["verbosity"] == "low"
    assert ('"properties":' in body.get("instructions", "")) == (how != "schema")


def test_any_json() -> None:
    body = write(conversation(output_schema={"type": "object"}))
    assert body["text"] == {"format": {"type": "json_object"}}


def test_shared_fields_and_those_of_the_profile() -> None:
    said = conversation(
        user="u", shared={"metadata": {"a": "b"}, "prompt_cache_key": "k", "store": True}
    )
    known = find_profile("responses", "https://api.openai.com/v1", "m").shared
    body = write(
        said, Profile("responses", fields={"truncation": "auto", "store": False}, shared=known)
    )
    assert (body["metadata"], body["prompt_cache_key"], body["store"]) == ({"a": "b"}, "k", True)
    assert (body["user"], body["truncation"]) == ("u", "auto")


def test_addresses() -> None:
    def url(base: str, operation: Operation) -> str | None:
        return responses.url(base, "m", operation, stream=True)

    assert url("https://x", Operation.GENERATE) == "https://x/v1/responses"
    assert url("https://x/api/", Operation.LIST_MODELS) == "https://x/api/models"
    assert url("https://x", Operation.EMBED) == "https://x/v1/embeddings"
    assert responses.credentials("k") == {"authorization": "Bearer k"}
    assert responses.credentials("") == {}
    assert responses.read_models({"data": [{"id": "a"}, {"name": "b"}, 3]}) == ["a", "b"]


def kept(proof: str | None, id_: str | None = "rs_a", **fields: Any) -> JsonObject:
    item = {"type": "reasoning", "summary": [], "encrypted_content": proof, **fields}
    return item if id_ is None else {**item, "id": id_}


@pytest.mark.parametrize(
    ("item", "left"),
    [
        (kept("enc"), kept("enc")),
        (kept("ccproxy:claude:sig"), None),
        (kept("ccproxy:responses:rs_1:enc"), kept("enc", "rs_1")),
        (kept("ccproxy:responses::enc"), kept("enc", None)),
        (kept(None), kept(None)),
        (kept(None, "rs_ccproxy_1"), None),
        (kept(None, None), None),
        (kept(None, None, content=[{"type": "reasoning_text", "text": "hm"}]),) * 2,
    ],
)
def test_a_request_for_the_same_vendor_has_what_that_made(
    item: JsonObject, left: JsonObject | None
) -> None:
    words = {"role": "user", "content": "a"}
    before = [item, words]
    body: JsonObject = {"model": "x", "input": before}
    responses.retarget(body, "y")
    assert body == {"model": "y", "input": [words] if left is None else [left, words]}
    assert before == [item, words]
    assert (body["input"] is before) == (item == left)
