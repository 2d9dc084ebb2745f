"""What a conversation is like once it fits its target, whatever a client has sent."""

import re
from copy import deepcopy
from typing import Any

import pytest

from ccproxy_tui.protocols.fitting import (
    NOTHING,
    fit,
    fit_fields,
    fit_max_tokens,
    fit_tool_choice,
    note_left_out,
    own_tools,
    plain_result,
    say_output_schema,
)
from ccproxy_tui.protocols.hub import (
    Audio,
    Block,
    Conversation,
    Document,
    Image,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile, drop_fields
from tests.protocols.fits import (
    assert_nothing_blank,
    call,
    ids_of,
    model,
    result,
    system,
    texts_of,
    user,
)

PICTURE = Image("image/png", "AAAA")
SOUND = Audio("audio/wav", "AAAA")
PDF = Document("application/pdf", "AAAA", title="T")
CLOSED = Text("This call was interrupted and has no result.")


def fitted(*turns: Turn, **flags: Any) -> tuple[list[Turn], list[str]]:
    """Give the turns as they are afterwards, and the notes."""
    conversation = Conversation("m", turns=list(turns))
    fit(conversation, Profile(**flags))
    return conversation.turns, conversation.notes


# --- turns


def test_what_fits_stays_as_it_is() -> None:
    turns = [
        user("a", PICTURE),
        model(Thinking("hm"), "b", call("1"), call("2")),
        user(result("2", "two"), result("1", "one"), "c"),
        model("d"),
    ]
    assert fitted(*deepcopy(turns), reasoning_replay="reasoning_content") == (turns, [])


def test_turns_of_one_role_become_one() -> None:
    turns, notes = fitted(user("a"), user("b"), model("c"), model("d"), user("e"))
    assert turns == [user("a", "b"), model("c", "d"), user("e")]
    assert notes == []


def test_blanks_and_turns_of_nothing_else_are_left_out() -> None:
    """Failure 29: empty text blocks are refused."""
    turns, _ = fitted(user("a", "", " \n"), model(""), user("b"), model("\t"), model("c", " "))
    assert turns == [user("a", "b"), model("c")]


def test_a_turn_of_nothing_but_reasoning_is_left_out() -> None:
    own = Thinking("hm", "sig", "claude")
    turns, _ = fitted(user("a"), model(own), user("b"), protocol="claude")
    assert turns == [user("a", "b")]


def test_a_user_begins_where_the_target_insists_on_it() -> None:
    turns, _ = fitted(model("a"), user("b"), user_first=True)
    assert [turn.role for turn in turns] == ["user", "assistant", "user"]
    assert [turn.role for turn in fitted(model("a"), user("b"))[0]] == ["assistant", "user"]
    assert fitted(user("a"), user_first=True)[0] == [user("a")]
    assert [turn.role for turn in fitted(user_first=True)[0]] == ["user"]
    assert [turn.role for turn in fitted()[0]] == ["user"], "no vendor takes an empty conversation"
    turns, _ = fitted(system("s"), model("a"), user_first=True)
    assert [turn.role for turn in turns] == ["user", "assistant"]


def test_a_user_begins_even_where_a_system_message_could() -> None:
    for start in ([system("s"), model("a")], [system("s"), user("a")]):
        turns, _ = fitted(*start, user_first=True, system_in_turns=True)
        assert turns[0].role == "user"


def test_a_system_message_stays_in_its_place() -> None:
    """Failure 25: hoisting it would break the prefix that servers cache."""
    told = [user("a"), system("s", "t"), user("b"), model("c"), system("u")]
    reminder = "<system-reminder>\ns\n\nt\n</system-reminder>"
    assert fitted(*deepcopy(told))[0] == [
        user("a", reminder, "b"),
        model("c"),
        user("<system-reminder>\nu\n</system-reminder>"),
    ]
    allowed, _ = fitted(*deepcopy(told), system_in_turns=True)
    assert allowed == [user("a"), system("s\n\nt"), user("b"), model("c"), system("u")]


def test_the_clients_note_to_its_vendor_is_no_prompt() -> None:
    """Failure 26."""
    note = "x-anthropic-billing-header: cc_version=2.1;"
    conversation = Conversation("m", [Text(note), Text("s"), Text(" ")], [system(note), user("a")])
    fit(conversation, Profile())
    assert conversation.system == [Text("s")]
    assert conversation.turns == [user("a")]


# --- calls and results


def test_results_come_first_and_only_for_the_calls_right_before() -> None:
    turns, notes = fitted(
        user("a"),
        model(call("1"), call("2")),
        user("b", result("2", "two"), PICTURE, result("1", "one"), result("0", "none")),
    )
    assert turns[2] == user(
        result("2", "two"),
        result("1", "one"),
        "b",
        PICTURE,
        "Result of an earlier tool call:\nnone",
    )
    assert notes == []


def test_results_that_come_in_several_turns_are_one() -> None:
    turns, _ = fitted(
        model(call("1"), call("2")), user(result("1")), system("s"), user("b", result("2"))
    )
    reminder = "<system-reminder>\ns\n</system-reminder>"
    assert turns[1:] == [user(result("1"), result("2"), reminder, "b")]


def test_calls_that_nobody_answered_are_closed() -> None:
    turns, notes = fitted(model(call("1"), call("2")), user(result("2", "two"), "stop"), model("b"))
    closed = ToolResult("1", [CLOSED])
    assert turns[1] == user(result("2", "two"), closed, "stop")
    assert notes == ["1 unanswered tool calls closed"]
    turns, notes = fitted(user("a"), model(call("1"), call("2")))
    assert turns[2] == Turn("user", [ToolResult("1", [CLOSED]), ToolResult("2", [CLOSED])])
    assert notes == ["2 unanswered tool calls closed"]


def test_a_second_result_is_said_in_words() -> None:
    turns, _ = fitted(model(call("1")), user(result("1", "one"), result("1", "again")))
    assert turns[1] == user(result("1", "one"), "Result of an earlier tool call:\nagain")


def test_a_result_without_a_call_is_said_in_words() -> None:
    orphan = ToolResult("gone", [Text("42"), PICTURE], is_error=True)
    turns, _ = fitted(user(orphan), tool_images=True)
    assert turns == [user("Result of an earlier tool call:\nError: 42", PICTURE)]
    assert fitted(user(result("gone")))[0] == [user(f"Result of an earlier tool call:\n{NOTHING}")]


def test_two_turns_of_the_model_are_one_before_their_calls_are_answered() -> None:
    """The Messages API takes them for one, so the results that follow are in time."""
    turns, notes = fitted(
        user("a"), model(call("1")), model("b", call("2")), user(result("1", "x"), result("2", "y"))
    )
    assert turns[1:] == [
        model(call("1"), "b", call("2")),
        user(result("1", "x"), result("2", "y")),
    ]
    assert notes == []


def test_no_two_calls_have_the_same_id() -> None:
    """Some servers call everything `call_0`, and Anthropic refuses that in the whole request."""
    told = [
        model(call("0"), call("0")),
        user(result("0", "one"), result("0", "two")),
        model(call("0")),
        user(result("0", "three")),
    ]
    turns, _ = fitted(*deepcopy(told))
    ids = ids_of(turns)
    assert ids[0] == "0"
    assert len(set(ids)) == 3
    assert turns[1] == user(result(ids[0], "one"), result(ids[1], "two"))
    assert turns[3] == user(result(ids[2], "three"))
    longer, _ = fitted(*deepcopy(told), model(call("0")), user("stop"))
    assert ids_of(longer)[:3] == ids, "a new id would spoil the servers' prefix caches"


def test_a_long_id_that_comes_twice_does_not_become_too_long() -> None:
    longest = "x" * 40
    first, second = ids_of(fitted(model(call(longest), call(longest)))[0])
    assert first == longest
    assert second != longest
    assert len(second) <= 40


@pytest.mark.parametrize("id_", ["", "functions.Read:0", "x" * 41, "ä", "\ud83d"])
def test_ids_are_such_as_every_vendor_takes(id_: str) -> None:
    """A session that Kimi began goes on with Claude."""
    turns, _ = fitted(model(call(id_)), user(ToolResult(id_, [Text("r"), PICTURE])))
    (sent,) = ids_of(turns)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", sent)
    assert turns[1] == user(result(sent, "r"), f"Attachment of tool result {sent}:", PICTURE)
    assert ids_of(fitted(user("a"), model(call(id_)))[0]) == [sent], "it changes with its place"


def test_ids_that_fit_stay() -> None:
    for id_ in ("toolu_01A-b_c", "x" * 40):
        assert ids_of(fitted(model(call(id_)))[0]) == [id_]


@pytest.mark.parametrize("arguments", ["{bad", [1], None, 7])
def test_arguments_are_always_an_object(arguments: Any) -> None:
    turns, _ = fitted(model(ToolUse("1", "A", arguments)))
    assert turns[0].content == [ToolUse("1", "A", {"malformed_arguments": arguments})]


# --- kinds of blocks


def test_images_of_results_move_behind_the_results_where_they_cannot_stand_inside() -> None:
    """Failure 28."""
    told = (model(call("1"), call("2")), user(result("1", "see", PICTURE), result("2", PDF), "b"))
    turns, notes = fitted(*deepcopy(told), documents=True)
    assert turns[1] == user(
        result("1", "see"),
        result("2", "(see the attachment that follows)"),
        "Attachment of tool result 1:",
        PICTURE,
        "Attachment of tool result 2:",
        PDF,
        "b",
    )
    assert notes == []
    assert fitted(*deepcopy(told), documents=True, tool_images=True)[0] == list(told)


@pytest.mark.parametrize(
    ("block", "flags", "words", "note"),
    [
        (PICTURE, {"images": False}, "image", "1 images replaced by a note"),
        (SOUND, {}, "sound", "1 sounds replaced by a note"),
        (PDF, {}, "document", "1 documents replaced by a note"),
        (Document(url="https://x/a.pdf"), {}, "https://x/a.pdf", "1 documents replaced by a note"),
        (Document(), {"documents": True}, "document", "1 documents replaced by a note"),
    ],
)
def test_what_the_target_does_not_take_is_replaced_by_a_note(
    block: Block, flags: dict[str, Any], words: str, note: str
) -> None:
    for told in ([user(block)], [model(call("1")), user(result("1", block))]):
        turns, notes = fitted(*told, **flags)
        (text,) = (one.text for one in texts_of(turns) if isinstance(one, Text))
        assert words in text
        assert "AAAA" not in str(turns)
        assert notes == [f"{note}: the target takes none"]


@pytest.mark.parametrize(
    ("block", "flags"), [(PICTURE, {}), (SOUND, {"audio": True}), (PDF, {"documents": True})]
)
def test_what_the_target_takes_stays(block: Block, flags: dict[str, Any]) -> None:
    assert fitted(user(block), **flags) == ([user(block)], [])


@pytest.mark.parametrize(
    ("block", "named"), [(PICTURE, "images"), (SOUND, "sounds"), (PDF, "documents")]
)
def test_what_a_model_drew_does_not_go_back_and_is_noted(block: Block, named: str) -> None:
    """No vendor takes such a thing in a turn of the model's."""
    told = [user("a"), model("b", block), user("c"), model(block), user("d")]
    turns, notes = fitted(*told, audio=True, documents=True)
    assert not any(isinstance(one, type(block)) for turn in turns for one in turn.content)
    assert {"a", "b", "c", "d"} <= {one.text for one in texts_of(turns)}
    (note,) = notes
    assert note.startswith(f"2 {named} ")


def test_documents_of_text_are_text_where_no_documents_are_taken() -> None:
    plain, titled = Document("text/plain", text="words"), Document(text="words", title="T")
    assert fitted(user(plain, titled)) == ([user("words", "T\nwords")], [])
    assert fitted(user(plain, titled), documents=True) == ([user(plain, titled)], [])


def test_a_blank_document_is_no_blank_text() -> None:
    for documents in (False, True):
        turns, _ = fitted(user(Document("text/plain", text=" \n"), "a"), documents=documents)
        assert_nothing_blank(turns)


def test_reasoning_keeps_its_proof_only_for_its_maker() -> None:
    """Failure 20."""
    thoughts = [Thinking("a", "s", "claude"), Thinking("b", "s", "gemini"), Thinking("c")]
    turns, notes = fitted(model(*deepcopy(thoughts), "x"), protocol="gemini")
    assert turns == [model(Thinking("b", "s", "gemini"), "x")]
    assert notes == ["2 thinking blocks left out: the target takes back only its own"]
    turns, notes = fitted(
        model(*deepcopy(thoughts), "x"), protocol="gemini", reasoning_replay="reasoning"
    )
    assert turns == [model(Thinking("a"), Thinking("b", "s", "gemini"), Thinking("c"), "x")]
    assert notes == []
    bare = [Thinking("", "s", "claude"), Thinking("", "s", "gemini")]
    turns, _ = fitted(model(*bare, "x"), protocol="gemini")
    assert turns == [model(bare[1], "x")]


def test_what_only_its_vendor_can_read_goes_to_its_vendor() -> None:
    hidden, block = RedactedThinking("z", "claude"), Opaque({"type": "search", "q": 1}, "claude")
    told = [model(hidden, block, "a"), user(block)]
    assert fitted(*deepcopy(told), protocol="claude") == (told, [])
    turns, notes = fitted(*deepcopy(told), protocol="openai")
    assert turns == [model("a"), user('{"type":"search","q":1}')]
    assert notes == [
        "1 redacted thinking blocks left out: the target cannot read them",
        "1 search blocks left out: the target cannot read them",
        "1 search blocks said as JSON",
    ]
    huge = Opaque({"type": "search", "q": "x" * 30_000}, "claude")
    turns, notes = fitted(user(huge), protocol="openai")
    assert turns == [user("[a block of type search was here]")]
    assert notes == ["1 search blocks replaced by a note: the target cannot read them"]


def test_blocks_of_nobody_are_nobodys() -> None:
    """A target without a name of its protocol is not the maker of what has none."""
    assert fitted(user(Opaque({"type": "x"})), protocol="")[0] == [user('{"type":"x"}')]


def test_the_same_note_is_counted() -> None:
    _, notes = fitted(user(PICTURE, SOUND), model("a"), user(PICTURE), images=False)
    assert notes == [
        "2 images replaced by a note: the target takes none",
        "1 sounds replaced by a note: the target takes none",
    ]


@pytest.mark.parametrize(
    "told",
    [
        [model("a", result("1", "lost"))],
        [user(call("lost"))],
        [user(Thinking("lost"), "a")],
        [model(call("1")), user(result("1", result("2", "lost")))],
        [user("a"), system("b", result("1", "lost"))],
        [user("a"), system("b", PICTURE)],
    ],
)
def test_nothing_is_lost_in_silence_where_a_client_has_misplaced_it(told: list[Turn]) -> None:
    """A reader of the Messages API takes any block in any role."""
    turns, notes = fitted(*told)
    assert notes or "lost" in str(turns)


# --- the rest


@pytest.mark.parametrize(
    ("content", "is_error", "said"),
    [
        ([Text("a"), Text("b")], False, "a\n\nb"),
        ([], False, NOTHING),
        ([], True, "Error: the tool failed"),
        ([Text("no")], True, "Error: no"),
        ([Text("Error: no")], True, "Error: no"),
        ([Text("<tool_use_error>no")], True, "<tool_use_error>no"),
        ([Text("Error: no")], False, "Error: no"),
    ],
)
def test_results_in_words(content: list[Block], is_error: bool, said: str) -> None:
    assert plain_result(ToolResult("1", content, is_error)) == said


@pytest.mark.parametrize(
    ("limit", "estimate", "profile", "sent"),
    [
        (None, 0, Profile(max_output_tokens=10), None),
        (5, 0, Profile(max_output_tokens=10), 5),
        (50, 0, Profile(max_output_tokens=10), 10),
        (50, 0, Profile(), 50),
        (9000, 2000, Profile(context_window=10_000), 8000),
        (9000, 0, Profile(context_window=10_000), 9000),
        (9000, 9900, Profile(context_window=10_000), 1024),
        (500, 9900, Profile(context_window=10_000), 500),
        (9000, 50_000, Profile(context_window=10_000), 1024),
        (9000, 2000, Profile(context_window=10_000, max_output_tokens=4096), 4096),
        (9000, 7000, Profile(context_window=10_000, max_output_tokens=4096), 3000),
    ],
)
def test_limits(limit: int | None, estimate: int, profile: Profile, sent: int | None) -> None:
    """Failure 7."""
    conversation = Conversation("m", max_tokens=limit, input_estimate=estimate)
    fit_max_tokens(conversation, profile)
    assert conversation.max_tokens == sent
    assert conversation.notes == ([] if sent == limit else [f"max_tokens {limit} → {sent}"])


def test_tools_that_a_vendor_would_run_are_left_out_and_noted() -> None:
    """Failure 29."""
    hosted = [Tool(name, raw={"type": name}) for name in ("web_search", "bash")]
    conversation = Conversation("m", tools=[hosted[0], Tool("A"), hosted[1]])
    assert own_tools(conversation) == [Tool("A")]
    assert conversation.notes == ["server tools left out: web_search, bash"]


@pytest.mark.parametrize(
    ("choice", "modes", "sent"),
    [
        (None, ("auto",), None),
        (ToolChoice("any", parallel=False), ("auto", "any"), ToolChoice("any", parallel=False)),
        (ToolChoice("any", parallel=False), ("auto",), ToolChoice("auto", parallel=False)),
        (ToolChoice("tool", "A"), ("auto", "tool"), ToolChoice("tool", "A")),
        (ToolChoice("tool", "gone"), ("auto", "tool"), ToolChoice("auto")),
        (ToolChoice("none"), ("auto", "none"), ToolChoice("none")),
    ],
)
def test_a_tool_choice_is_one_that_the_target_takes(
    choice: ToolChoice | None, modes: Any, sent: ToolChoice | None
) -> None:
    conversation = Conversation("m", tools=[Tool("A")], tool_choice=choice)
    assert fit_tool_choice(conversation, Profile(tool_choice=modes)) == sent
    noted = choice is not None and sent is not None and choice.mode != sent.mode
    assert bool(conversation.notes) is noted


def test_there_is_no_choice_without_a_tool_of_the_clients_own() -> None:
    hosted = Tool("web_search", raw={"type": "web_search"})
    for tools in ([], [hosted]):
        conversation = Conversation("m", tools=tools, tool_choice=ToolChoice("any"))
        assert fit_tool_choice(conversation, Profile()) is None


def test_a_server_tool_cannot_be_chosen() -> None:
    hosted = Tool("web_search", raw={"type": "web_search"})
    choice = ToolChoice("tool", "web_search")
    conversation = Conversation("m", tools=[Tool("A"), hosted], tool_choice=choice)
    assert fit_tool_choice(conversation, Profile()) == ToolChoice("auto")


def test_a_schema_is_said_in_words_once_where_there_is_no_field() -> None:
    for how in ("object", "none"):
        conversation = Conversation("m", [Text("s")], output_schema={"a": 1})
        fit(conversation, Profile(output_schema=how))
        assert [text.text.count('{"a":1}') for text in conversation.system] == [0, 1]
        assert len(conversation.notes) == 1
    conversation = Conversation("m", [Text("s")], output_schema={"a": 1})
    fit(conversation, Profile())
    assert conversation.system == [Text("s")]
    say_output_schema(Conversation("m"))


def test_only_what_a_client_has_set_is_noted_as_left_out() -> None:
    conversation = Conversation("m", top_k=0, shared={"store": True, "metadata": {}})
    note_left_out(conversation, ("seed", "top_k", "shared"))
    assert conversation.notes == [
        "left out, as the target has no such field: top_k, store, metadata"
    ]
    quiet = Conversation("m")
    note_left_out(quiet, ("seed", "top_k", "shared"))
    assert quiet.notes == []


# --- what a model cannot do at all


def test_calls_are_told_as_text_to_a_model_that_makes_none() -> None:
    conversation = Conversation(
        "m",
        turns=[
            user("a"),
            model("b", ToolUse("1", "Read", {"path": "/x"}), ToolUse("2", "Bash", "{bad")),
            user(result("1", "one", PICTURE), result("2", "two"), "c"),
            model("d"),
        ],
        tools=[Tool("Read"), Tool("search", raw={"type": "web_search"})],
        tool_choice=ToolChoice("any"),
    )
    fit(conversation, Profile(tools=False))
    assert (conversation.tools, conversation.tool_choice) == ([], None)
    assert conversation.turns == [
        user("a"),
        model(
            "b",
            '[called Read with {"path":"/x"}]',
            '[called Bash with {"malformed_arguments":"{bad"}]',
        ),
        user(
            "Result of an earlier tool call:\none",
            "Attachment of tool result 1:",
            PICTURE,
            "Result of an earlier tool call:\ntwo",
            "c",
        ),
        model("d"),
    ]
    assert conversation.notes == [
        "2 tools left out: the model calls no functions",
        "2 tool calls said as text: the model calls no functions",
    ]


def test_the_profiles_fields_are_added_and_what_it_refuses_is_taken_out() -> None:
    options = {"seed": 1, "top_k": 2}
    profile = Profile(
        fields={"options": options, "user": "u"},
        drop=("options.topK", "temperature", "not_there", "inner.only", "user.name"),
    )
    conversation = Conversation("m")
    inner = {"only": 1}
    body = {"temperature": 1, "inner": inner, "top_p": 1}
    fit_fields(conversation, body, profile)
    assert body == {"top_p": 1, "options": {"seed": 1}, "user": "u"}
    assert (options, inner) == ({"seed": 1, "top_k": 2}, {"only": 1}), "others hold them as well"
    assert conversation.notes == [
        "left out, as the target refuses the fields: options.topK, temperature, inner.only"
    ]


def test_fields_are_taken_out_of_a_clients_own_request_under_any_spelling() -> None:
    config = {"top_k": 1, "topP": 2}
    body = {"generation_config": config, "generationConfig": {"topK": 3}, "contents": []}
    profile = Profile(drop=("generationConfig.topK",))
    assert drop_fields(body, profile) == [
        "left out, as the target refuses the fields: generationConfig.topK"
    ]
    assert body == {"generation_config": {"topP": 2}, "contents": []}
    assert drop_fields(body, profile) == []
    assert config == {"top_k": 1, "topP": 2}
