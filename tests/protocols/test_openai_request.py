from typing import Any

import orjson
import pytest

from ccproxy_tui.protocols.hub import (
    Audio,
    Conversation,
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
from ccproxy_tui.protocols.openai.request import write_request
from ccproxy_tui.protocols.profiles import Profile, find_profile

CALL = ToolUse("c1", "Read", {"path": "it's"})
WRITTEN_CALL = {
    "id": "c1",
    "type": "function",
    "function": {"name": "Read", "arguments": '{"path":"it\'s"}'},
}
ASKED = {"role": "assistant", "content": None, "tool_calls": [WRITTEN_CALL]}
PICTURE = Image("image/png", "AAAA")
WRITTEN_PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}}


def written(profile: Profile | None = None, **fields: Any) -> dict[str, Any]:
    return write_request(Conversation("qwen3", **fields), profile or Profile())[0]


def messages(*turns: Turn, profile: Profile | None = None, **fields: Any) -> list[dict[str, Any]]:
    written_messages: list[dict[str, Any]] = written(profile, turns=list(turns), **fields)[
        "messages"
    ]
    return written_messages


def user(*content: Any) -> Turn:
    return Turn("user", [Text(block) if isinstance(block, str) else block for block in content])


def model(*content: Any) -> Turn:
    return Turn("assistant", [Text(b) if isinstance(b, str) else b for b in content])


def test_the_system_prompt_comes_first_without_the_attribution() -> None:
    """Failure 26: the attribution block changes with every call and spoils the prefix cache."""
    system = [
        Text("x-anthropic-billing-header: cc_version=2.1;"),
        Text("You are an agent.", {"type": "ephemeral"}),
        Text("Be brief."),
    ]
    assert messages(user("hi"), system=system) == [
        {"role": "system", "content": "You are an agent.\n\nBe brief."},
        {"role": "user", "content": "hi"},
    ]
    assert messages(user("hi"), system=system[:1]) == [{"role": "user", "content": "hi"}]


def test_a_system_message_in_the_middle_becomes_a_reminder() -> None:
    """Failure 25."""
    turns = [user("a"), Turn("system", [Text("b")]), model("c"), Turn("system", [Text("d")])]
    assert messages(*turns) == [
        {"role": "user", "content": "a\n\n<system-reminder>\nb\n</system-reminder>"},
        {"role": "assistant", "content": "c"},
        {"role": "user", "content": "<system-reminder>\nd\n</system-reminder>"},
    ]
    as_system = messages(*turns, profile=Profile(system_in_turns=True))
    assert [message["role"] for message in as_system] == ["user", "system", "assistant", "system"]


def test_results_follow_their_calls_and_come_before_the_users_words() -> None:
    second = ToolUse("c2", "Bash", {})
    turn = user("and now?", ToolResult("c2", [Text("two")]), ToolResult("c1", [Text("one")]))
    assert messages(model(CALL, second), turn)[1:] == [
        {"role": "tool", "tool_call_id": "c2", "content": "two"},
        {"role": "tool", "tool_call_id": "c1", "content": "one"},
        {"role": "user", "content": "and now?"},
    ]


@pytest.mark.parametrize(
    ("result", "content"),
    [
        (ToolResult("c1", [Text("a"), Text("b")]), "a\n\nb"),
        (ToolResult("c1", []), "(no output)"),
        (ToolResult("c1", [Text("no such file")], is_error=True), "Error: no such file"),
        (ToolResult("c1", [Text("Error: gone")], is_error=True), "Error: gone"),
        (ToolResult("c1", [], is_error=True), "Error: the tool failed"),
        (ToolResult("c1", [Opaque({"type": "x", "a": 1}, "claude")]), '{"type":"x","a":1}'),
        (ToolResult("c1", [Document("text/plain", text="words", title="T")]), "T\nwords"),
    ],
)
def test_results_in_words(result: ToolResult, content: str) -> None:
    assert messages(model(CALL), user(result)) == [
        ASKED,
        {"role": "tool", "tool_call_id": "c1", "content": content},
    ]


def test_images_of_results_move_to_the_users_message() -> None:
    """Failure 28: neither dropped nor sent as text."""
    result = ToolResult("c1", [Text("see"), PICTURE])
    assert messages(model(CALL), user(result, "what is it?"))[1:] == [
        {"role": "tool", "tool_call_id": "c1", "content": "see"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Attachment of tool result c1:"},
                WRITTEN_PICTURE,
                {"type": "text", "text": "what is it?"},
            ],
        },
    ]


def test_a_model_that_sees_nothing_gets_a_placeholder() -> None:
    conversation = Conversation("m", turns=[user(PICTURE, Image(url="https://x/i.png"), "hm")])
    (message,) = write_request(conversation, Profile(images=False))[0]["messages"]
    assert message["content"].count("[an image was here") == 2
    assert "AAAA" not in message["content"]
    assert conversation.notes == ["2 images replaced by a note: the target takes none"]


def test_addresses_of_images_are_passed_on() -> None:
    (message,) = messages(user(Image(url="https://x/i.png")))
    assert message["content"] == [{"type": "image_url", "image_url": {"url": "https://x/i.png"}}]


def test_how_closely_to_look_at_an_image_is_passed_on() -> None:
    (message,) = messages(user(Image(url="https://x/i.png", detail="low")))
    shown = {"url": "https://x/i.png", "detail": "low"}
    assert message["content"] == [{"type": "image_url", "image_url": shown}]


def test_sounds() -> None:
    sound = Audio("audio/x-wav", "AAAA")
    (message,) = messages(user(sound, "hear"), profile=Profile(audio=True))
    assert message["content"] == [
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "text", "text": "hear"},
    ]
    (message,) = messages(user(sound))
    assert message["content"] == "[a sound was here, which this model cannot hear]"


def test_an_image_of_the_models_own_is_never_lost_in_silence() -> None:
    """A Gemini model draws, and the session goes on with a model that cannot be told so."""
    conversation = Conversation("m", turns=[user("draw"), model(PICTURE), user("and?")])
    body, _ = write_request(conversation, Profile())
    for message in body["messages"]:
        assert message["content"], "the vendor refuses a message without content or calls"
    assert conversation.notes != [] or "AAAA" in str(body)


def test_documents() -> None:
    pdf = Document("application/pdf", "AAAA", title="a.pdf")
    (message,) = messages(user(pdf))
    assert message["content"] == "[a document was here, which this model cannot read: a.pdf]"
    (message,) = messages(user(pdf), profile=Profile(documents=True))
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}
    assert message["content"] == [{"type": "file", "file": file}]
    (message,) = messages(
        user(Document(url="https://x/a.pdf", title="T")), profile=Profile(documents=True)
    )
    assert message["content"] == "T\nhttps://x/a.pdf"


def test_reasoning_goes_back_only_where_the_model_wants_it() -> None:
    """Failures 20 and 21: no foreign reasoning by default; where it is wanted, on every turn."""
    turns = [
        model(Thinking("hm", "signature"), RedactedThinking("x"), CALL),
        user(ToolResult("c1")),
        model("said"),
        user("on"),
        model(CALL),
        user(ToolResult("c1")),
    ]
    plain = messages(*turns)
    assert all("reasoning_content" not in message for message in plain)
    replayed = messages(*turns, profile=Profile(reasoning_replay="reasoning_content"))
    said = [m.get("reasoning_content") for m in replayed if m["role"] == "assistant"]
    assert said == ["hm", None, ""]
    other = messages(*turns, profile=Profile(reasoning_replay="reasoning"))
    assert other[0]["reasoning"] == "hm"


def test_a_turn_of_nothing_but_reasoning_is_left_out() -> None:
    assert messages(user("a"), model(Thinking("hm")), user("b")) == [
        {"role": "user", "content": "a\n\nb"}
    ]


def test_calls_without_a_result_are_closed() -> None:
    conversation = Conversation("m", turns=[model(CALL), user("never mind")])
    assert write_request(conversation, Profile())[0]["messages"][1:] == [
        {
            "role": "tool",
            "tool_call_id": "c1",
            "content": "This call was interrupted and has no result.",
        },
        {"role": "user", "content": "never mind"},
    ]
    assert conversation.notes == ["1 unanswered tool calls closed"]


def test_results_without_a_call_become_words() -> None:
    assert messages(user(ToolResult("gone", [Text("42")]))) == [
        {"role": "user", "content": "Result of an earlier tool call:\n42"}
    ]


def test_a_reminder_does_not_come_between_call_and_result() -> None:
    turns = [model(CALL), Turn("system", [Text("r")]), user(ToolResult("c1", [Text("one")]))]
    for profile in (Profile(), Profile(system_in_turns=True)):
        roles = [message["role"] for message in messages(*turns, profile=profile)]
        assert roles == ["assistant", "tool", "user"]


def test_broken_arguments_are_sent_as_json() -> None:
    (message, _) = messages(model(ToolUse("c", "A", "{bad")))
    arguments = message["tool_calls"][0]["function"]["arguments"]
    assert orjson.loads(arguments) == {"malformed_arguments": "{bad"}


def test_tools_and_choice() -> None:
    long = "mcp__" + "x" * 100
    body, names = write_request(
        Conversation(
            "m",
            tools=[
                Tool(
                    "A", "does a", {"$schema": "s", "properties": {"$schema": {"type": "string"}}}
                ),
                Tool(long),
                Tool("web_search", raw={"type": "web_search_20250305"}),
            ],
            tool_choice=ToolChoice("tool", long, parallel=False),
        ),
        Profile(),
    )
    first, second = body["tools"]
    assert first == {
        "type": "function",
        "function": {
            "name": "A",
            "description": "does a",
            "parameters": {"type": "object", "properties": {"$schema": {"type": "string"}}},
        },
    }
    wire = second["function"]["name"]
    assert len(wire) <= 64
    assert names.original(wire) == long
    assert body["tool_choice"] == {"type": "function", "function": {"name": wire}}
    assert body["parallel_tool_calls"] is False


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (ToolChoice("auto"), "auto"),
        (ToolChoice("any"), "required"),
        (ToolChoice("none"), "none"),
        (ToolChoice("tool", "A"), {"type": "function", "function": {"name": "A"}}),
        (ToolChoice("tool", "gone"), "auto"),
    ],
)
def test_choices(choice: ToolChoice, sent: object) -> None:
    body = written(tools=[Tool("A")], tool_choice=choice)
    assert body["tool_choice"] == sent
    assert "parallel_tool_calls" not in body


def test_a_choice_that_the_target_does_not_know_becomes_free() -> None:
    for choice in (ToolChoice("any", parallel=False), ToolChoice("tool", "A", parallel=False)):
        conversation = Conversation("m", tools=[Tool("A")], tool_choice=choice)
        body, _ = write_request(conversation, Profile(tool_choice=("auto", "none")))
        assert body["tool_choice"] == "auto"
        assert body["parallel_tool_calls"] is False
        assert conversation.notes == [f"tool_choice {choice.mode} → auto"]


def test_server_tools_alone_leave_no_tools_and_a_note() -> None:
    """Failure 29: said, not silently turned into a tool that never answers."""
    search = Tool("web_search", raw={"type": "web_search_20250305", "name": "web_search"})
    conversation = Conversation("m", tools=[search], tool_choice=ToolChoice("any"))
    body, _ = write_request(conversation, Profile())
    assert "tools" not in body
    assert "tool_choice" not in body
    assert conversation.notes == ["server tools left out: web_search"]


def test_limits_are_fitted() -> None:
    """Failure 7."""
    conversation = Conversation("m", max_tokens=128000)
    profile = Profile(max_output_tokens=8192, max_tokens_field="max_completion_tokens")
    body, _ = write_request(conversation, profile)
    assert body["max_completion_tokens"] == 8192
    assert "max_tokens" not in body
    assert conversation.notes == ["max_tokens 128000 → 8192"]
    assert written(max_tokens=500)["max_tokens"] == 500
    assert "max_tokens" not in written()


def test_sampling_and_stops() -> None:
    fields = {"temperature": 0.5, "top_p": 0.9, "top_k": 3, "stop": list("abcde")}
    conversation = Conversation("m", **fields)  # type: ignore[arg-type]
    body, _ = write_request(conversation, Profile())
    assert (body["temperature"], body["top_p"], body["stop"]) == (0.5, 0.9, list("abcd"))
    assert "top_k" not in body
    assert len(conversation.notes) == 2
    body, _ = write_request(Conversation("m", temperature=0.5, top_p=0.9), Profile(sampling=False))
    assert not {"temperature", "top_p"} & set(body)


def test_what_chat_completions_have_of_their_own() -> None:
    conversation = Conversation(
        "m",
        seed=7,
        presence_penalty=0.5,
        frequency_penalty=-0.5,
        shared={"service_tier": "flex", "metadata": {"a": "b"}},
    )
    body, _ = write_request(conversation, Profile(shared=("service_tier", "metadata")))
    assert body["seed"] == 7
    assert (body["presence_penalty"], body["frequency_penalty"]) == (0.5, -0.5)
    assert body["service_tier"] == "flex"
    assert body["metadata"] == {"a": "b"}
    assert conversation.notes == []
    body, _ = write_request(conversation, Profile())
    assert not {"service_tier", "metadata"} & body.keys(), "most servers refuse what they lack"
    assert "service_tier" in conversation.notes[0]
    assert "metadata" in find_profile("openai", "https://api.openai.com/v1", "m").shared


def test_what_is_not_said_is_noted() -> None:
    """Nothing is left out in silence."""
    conversation = Conversation("m", temperature=0.5, presence_penalty=1.0, top_k=3)
    body, _ = write_request(conversation, Profile(sampling=False))
    assert not {"temperature", "presence_penalty", "top_k"} & set(body)
    for name in ("temperature", "presence_penalty", "top_k"):
        assert any(name in note for note in conversation.notes), name


def test_the_targets_own_fields_are_added_where_none_are() -> None:
    profile = Profile(fields={"chat_template_kwargs": {"a": 1}, "stream": True, "top_p": 0.5})
    conversation = Conversation("m", top_p=0.9)
    body, _ = write_request(conversation, profile)
    assert body["chat_template_kwargs"] == {"a": 1}
    assert body["stream"] is False
    assert body["top_p"] == 0.9
    deep = Profile(fields={"metadata": {"a": "theirs", "b": "more"}}, shared=("metadata",))
    own = {"a": "own"}
    body, _ = write_request(Conversation("m", shared={"metadata": own}), deep)
    assert body["metadata"] == {"a": "own", "b": "more"}
    assert own == {"a": "own"}, "the client's own object was changed"
    assert deep.fields == {"metadata": {"a": "theirs", "b": "more"}}


def test_usage_is_asked_for() -> None:
    """Failure 5: without it most servers count nothing in a stream."""
    assert written(stream=True)["stream_options"] == {"include_usage": True}
    body = written()
    assert body["stream"] is False
    assert "stream_options" not in body


EFFORTS = ("low", "medium", "high")


@pytest.mark.parametrize(
    ("reasoning", "profile", "fields"),
    [
        (None, Profile(efforts=EFFORTS), {}),
        (Reasoning("adaptive", effort="high"), Profile(), {}),
        (Reasoning("adaptive"), Profile(efforts=EFFORTS), {}),
        (
            Reasoning("adaptive", effort="max"),
            Profile(efforts=EFFORTS),
            {"reasoning_effort": "high"},
        ),
        (Reasoning("on", 31999), Profile(efforts=EFFORTS), {"reasoning_effort": "high"}),
        (Reasoning("on", 2000), Profile(efforts=EFFORTS), {"reasoning_effort": "low"}),
        (Reasoning("off"), Profile(efforts=EFFORTS), {"reasoning_effort": "low"}),
        (
            Reasoning("off"),
            Profile(thinking_off={"enable_thinking": False}),
            {"enable_thinking": False},
        ),
        (
            Reasoning("on", 5),
            Profile(thinking_on={"enable_thinking": True}),
            {"enable_thinking": True},
        ),
        (Reasoning("adaptive"), Profile(thinking_on={"enable_thinking": True}), {}),
    ],
)
def test_reasoning(reasoning: Reasoning | None, profile: Profile, fields: dict[str, Any]) -> None:
    """Failures 22 and 24: what only the vendor understands is not sent to others."""
    body = written(profile, reasoning=reasoning)
    assert {k: v for k, v in body.items() if k not in ("model", "messages", "stream")} == fields


def test_output_schemas() -> None:
    body = written(output_schema=SCHEMA)
    form = {"type": "json_schema", "json_schema": {"name": "reply", "schema": SCHEMA}}
    assert body["response_format"] == form
    named = written(output_schema=SCHEMA, output_name="title", output_strict=True)
    assert named["response_format"]["json_schema"] == {
        "name": "title",
        "schema": SCHEMA,
        "strict": True,
    }
    body = written(output_schema={"type": "object"})
    assert body["response_format"] == {"type": "json_object"}
    body = written(Profile(output_schema="object"), output_schema=SCHEMA, system=[Text("s")])
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][0]["content"].count("JSON schema") == 1
    body = written(Profile(output_schema="none"), output_schema=SCHEMA)
    assert "response_format" not in body
    assert '"title"' in body["messages"][0]["content"]


def test_long_user_ids_are_not_sent() -> None:
    assert written(user="me")["user"] == "me"
    assert "user" not in written(user="x" * 65)


def test_a_strict_tool_stays_so_where_its_schema_is_closed() -> None:
    """A schema that is not would make the model say null where the client expects nothing."""
    closed = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    loose = {**closed, "required": []}
    body = written(
        tools=[Tool("A", schema=closed, strict=True), Tool("B", schema=loose, strict=True)]
    )
    first, second = (tool["function"] for tool in body["tools"])
    assert first["strict"] is True
    assert "strict" not in second
    assert second["parameters"]["required"] == []


def test_a_wish_to_think_that_cannot_be_said_is_noted() -> None:
    for reasoning, noted in (
        (Reasoning("on", 5000), True),
        (Reasoning("adaptive", effort="high"), True),
        (Reasoning("adaptive"), False),
        (Reasoning("off"), True),
    ):
        conversation = Conversation("m", reasoning=reasoning)
        write_request(conversation, Profile())
        assert bool(conversation.notes) is noted, reasoning
