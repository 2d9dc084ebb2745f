"""A recorded call as a conversation: who says what, what is new of it, and how the reply grows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest

from ccproxy_tui.inspection.arguments import tell_arguments
from ccproxy_tui.inspection.asides import split_asides
from ccproxy_tui.inspection.conversation import Request, tell_end, tell_reply_block, tell_request
from ccproxy_tui.inspection.entries import Entry
from ccproxy_tui.inspection.live import LiveReply
from ccproxy_tui.inspection.reading import ReadReply, UnreadableError, read_reply
from ccproxy_tui.protocols.hub import (
    Conversation,
    Event,
    Image,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import find_profile
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.protocols.stream import ReplyMachine
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase
from tests.protocols.test_junk import ASKED

TURNS = [
    Turn("user", [Text("Fix the test."), Image("image/png", "iVBORw0KGgo=")]),
    Turn("assistant", [Text("I look."), ToolUse("call_1", "Bash", {"command": "pytest -q"})]),
    Turn("user", [ToolResult("call_1", [Text("1 failed")], is_error=True)]),
]
ASK = Conversation(
    "m",
    system=[Text("You are terse.")],
    turns=TURNS,
    tools=[Tool("Bash", "Runs a command.", {"type": "object", "properties": {"command": {}}})],
    max_tokens=100,
)


def made_call(protocol: str = "claude", **facts: Any) -> Call:
    known: dict[str, Any] = {"id": 7, "operation": "generate", "phase": Phase.DONE}
    return Call(started_at=0.0, protocol=protocol, **known | facts)


def asking(body: Any) -> Exchange:
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    return Exchange(Message("POST /", (), [sent]))


def written(conversation: Conversation, protocol: str = "claude") -> Exchange:
    module = PROTOCOLS[protocol]
    profile = replace(find_profile(protocol, "", "m"), images=True)
    return asking(module.write_request(conversation, profile)[0])


def labels(entries: Sequence[Entry]) -> list[str]:
    return [entry.label for entry in entries]


def of_claude(*messages: dict[str, Any], **fields: Any) -> Exchange:
    return asking({"model": "m", "max_tokens": 9, "messages": list(messages), **fields})


def user(*texts: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": text} for text in texts]}


# --- the request --------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_is_read(protocol: str) -> None:
    told = tell_request(made_call(protocol), written(ASK, protocol))
    assert labels(told.settings) == ["system", "tools"]
    assert "You are terse." in told.settings[0].full()
    assert (told.settings[1].brief, told.settings[1].hint) == ("1", "Bash")
    assert "Runs a command." in told.settings[1].full()
    assert sorted(labels(told.new)) == ["Bash", "assistant", "image", "result of Bash", "user"]
    said = {entry.label: entry.text.removeprefix("Error: ") for entry in told.new if entry.text}
    assert said == {
        "user": "Fix the test.",
        "assistant": "I look.",
        "Bash": "pytest -q",
        "result of Bash": "1 failed",
    }


def test_an_image_and_a_failed_result_say_so() -> None:
    told = tell_request(made_call(), written(ASK))
    found = {entry.label: entry for entry in told.new}
    assert found["image"].brief == "image/png, 9 bytes"
    assert found["result of Bash"].failed
    assert not found["Bash"].failed


def test_a_long_conversation_without_a_previous_call_shows_its_end() -> None:
    told = tell_request(made_call(), of_claude(*(user(f"say {n}") for n in range(10))))
    assert [entry.text for entry in told.new] == ["say 6", "say 7", "say 8", "say 9"]
    assert told.messages == len(told.earlier) == 6
    assert told.heading == ""


def marked(message: dict[str, Any]) -> dict[str, Any]:
    """End the cache with a message, as the client does with the last one of each call."""
    *others, last = message["content"]
    return {**message, "content": [*others, last | {"cache_control": {"type": "ephemeral"}}]}


def since(before: Exchange, after: Exchange) -> Request:
    return tell_request(made_call(), after, made_call(id=6), before)


def test_only_what_the_previous_call_had_not_is_new() -> None:
    before = of_claude(user("one"), user("two"), marked(user("three")))
    told = since(before, of_claude(user("one"), user("two"), user("three"), marked(user("four"))))
    assert [entry.text for entry in told.earlier] == ["one", "two", "three"]
    assert [entry.text for entry in told.new] == ["four"]
    assert told.heading == "new in this call, since call #6"


def test_a_history_that_was_changed_says_so() -> None:
    before = of_claude(user("one"), user("two"), user("three"))
    told = since(before, of_claude(user("one"), user("other")))
    assert [entry.text for entry in told.new] == ["other"]
    assert told.heading == "new in this call, in place of the last 2 of call #6"
    told = since(before, of_claude(user("other")))
    assert told.heading == "new in this call: call #6 had none of these messages"
    told = since(before, before)
    assert (told.new, told.heading) == ([], "nothing new since call #6")


def test_another_system_prompt_and_other_tools_say_so() -> None:
    tools: list[dict[str, Any]] = [{"name": name, "input_schema": {}} for name in ("A", "B", "C")]
    before = of_claude(user("one"), system="Old.", tools=tools[:2])
    told = since(before, of_claude(user("one"), system="New.", tools=tools[1:]))
    assert [entry.brief for entry in told.settings] == [
        "4 characters, not as in the call before",
        "2, 1 more, 1 fewer",
    ]


def test_a_previous_call_that_cannot_be_read_counts_as_none() -> None:
    assert since(asking(b"{"), of_claude(user("one"))).heading == ""


@pytest.mark.parametrize(
    ("exchange", "operation", "said"),
    [
        (Exchange(), "generate", ["there is no body"]),
        (asking(b'{"model": "m", "mess'), "generate", ["it is no request", '"mess']),
        (asking({"model": "m"}), "generate", ["messages: must be a non-empty list", '"model"']),
        (asking({"input": "a text"}), "embed", ['"input": "a text"']),
    ],
)
def test_what_cannot_be_read_is_shown_as_it_is(
    exchange: Exchange, operation: str, said: list[str]
) -> None:
    told = tell_request(made_call(operation=operation), exchange)
    for entry, words in zip(told.new, said, strict=True):
        assert words in entry.text


# --- texts and arguments ------------------------------------------------------------------------


def test_what_a_client_wraps_into_tags_is_told_from_the_users_words() -> None:
    text = "<system-reminder>\nBe kind.\n</system-reminder>\n\nHello <b-c>.\n<no-end>\nBye."
    assert list(split_asides(text)) == [
        ("system-reminder", "Be kind."),
        ("", "Hello <b-c>.\n<no-end>\nBye."),
    ]
    assert list(split_asides("<div>\nx\n</div>")) == [("", "<div>\nx\n</div>")]
    assert list(split_asides("")) == [("", "")]


def test_a_reminder_within_a_result_is_set_apart() -> None:
    result = "line\n<system-reminder>\nBe kind.\n</system-reminder>"
    content = [{"type": "tool_result", "tool_use_id": "x", "content": result}]
    (entry,) = tell_request(made_call(), of_claude({"role": "user", "content": content})).new
    assert (entry.label, entry.text) == ("result of call x", "line")
    assert [(part.label, part.text) for part in entry.inside()] == [("system-reminder", "Be kind.")]


def test_arguments() -> None:
    assert tell_arguments({"file_path": "/a.py", "limit": 3}) == (
        "file_path: /a.py, limit: 3",
        "",
        [],
    )
    brief, text, parts = tell_arguments({"command": "ls\npwd", "description": "Look"})
    assert (brief, text, labels(parts)) == ("", "ls\npwd", ["description"])
    assert tell_arguments({"command": ["git", "commit", "-m", "a b"]})[1] == "git commit -m 'a b'"
    brief, text, parts = tell_arguments({"path": "/a", "content": "one\ntwo", "command": 5})
    assert brief == "path: /a, command: 5"
    assert [(part.label, part.text) for part in parts] == [("content", "one\ntwo")]
    assert tell_arguments("{broken") == ("arguments that are no JSON", "{broken", [])


def test_arguments_are_read_while_they_come() -> None:
    said = '{"path": "/a", "content": "one\\ntwo", "last": 1}'
    seen = [tell_arguments(said[:end], running=True) for end in range(len(said))]
    assert seen[0] == seen[5] == ("", "", [])
    assert seen[13][0] == "path: /a"
    assert [part.text for part in seen[34][2]] == ["one\ntw"]


def test_a_call_gives_its_arguments_as_json() -> None:
    told = tell_request(made_call(), written(ASK))
    call = next(entry for entry in told.new if entry.label == "Bash")
    assert orjson.loads(call.full()) == {"command": "pytest -q"}


# --- the reply ----------------------------------------------------------------------------------


def spoken() -> list[Event]:
    machine = ReplyMachine("claude")
    machine.start("id", "m")
    for piece in ("I wonder", " about it."):
        machine.thinking(piece)
    for piece in ("Hello,", " you – ", "там."):
        machine.text(piece)
    machine.tool("a", "call_9", "Write")
    for piece in ('{"file_path": "/a.py"', ', "content": "x = 1\\ny', ' = 2\\n"}'):
        machine.arguments("a", piece)
    machine.close("a")
    machine.finish("tool_use")
    machine.done()
    return machine.take()


def streamed(protocol: str) -> bytes:
    encoder = PROTOCOLS[protocol].encoder(ASKED[protocol], 1)
    return b"".join(encoder.encode([event]) for event in spoken())


def meaning(read: ReadReply) -> list[Any]:
    found: list[Any] = []
    for block in read.blocks:
        match block:
            case Text(text) | Thinking(text) if text:
                found.append(text)
            case ToolUse(_, name, arguments):
                found.append((name, arguments))
    return found


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_reply_is_read_as_it_grows_whatever_its_pieces(protocol: str) -> None:
    message, data = Message("200 OK"), streamed(protocol)
    live = LiveReply(protocol, message)
    sizes = []
    for at in range(0, len(data), 4):
        message.keep(data[at : at + 4])
        sizes.append(sum(len(str(said)) for said in meaning(live.read(ended=False))))
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 3
    read = live.read(ended=True)
    assert meaning(read)[-2:] == [
        "Hello, you – там.",
        ("Write", {"file_path": "/a.py", "content": "x = 1\ny = 2\n"}),
    ]
    assert (read.complete, read.stop_reason, live.running) == (True, "tool_use", False)
    assert meaning(read_reply(protocol, message)) == meaning(read)


def test_what_was_read_is_not_read_again() -> None:
    message, data = Message("200 OK"), streamed("claude")
    live = LiveReply("claude", message)
    middle = data.index(b"Hello")
    message.keep(data[:middle])
    before = meaning(live.read(ended=False))
    message.chunks[0] = b"nobody looks at this again"
    message.keep(data[middle:])
    after = meaning(live.read(ended=True))
    assert before == after[:1] == ["I wonder about it."]
    assert len(after) == 3


def test_the_open_block_is_running() -> None:
    message, data = Message("200 OK"), streamed("claude")
    live = LiveReply("claude", message)
    message.keep(data[: data.index(b" = 2")])
    read = live.read(ended=False)
    assert (live.running, read.complete) == (True, False)
    (entry,) = tell_reply_block(2, read.blocks[2], running=True)
    assert (entry.label, entry.brief, entry.running) == ("Write", "file_path: /a.py", True)
    read = live.read(ended=True)
    assert (live.running, read.complete) == (True, False)
    assert tell_end(made_call(error="the client went away"), read).text == "the client went away"


def test_a_stream_that_is_an_array_is_read() -> None:
    element = {"candidates": [{"content": {"role": "model", "parts": [{"text": 'a "}" b'}]}}]}
    last = {"candidates": [{"content": {"parts": [{"text": "!"}]}, "finishReason": "STOP"}]}
    data = b"[" + orjson.dumps(element, option=orjson.OPT_INDENT_2) + b",\r\n"
    data += orjson.dumps(last) + b"]"
    message = Message("200 OK")
    live = LiveReply("gemini", message)
    for at in range(len(data)):
        message.keep(data[at : at + 1])
        if at == len(data) - 5:
            assert meaning(live.read(ended=False)) == ['a "}" b']
    read = live.read(ended=True)
    assert (meaning(read), read.complete) == (['a "}" b!'], True)
    assert meaning(read_reply("gemini", Message("200 OK", (), [data]))) == ['a "}" b!']


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_whole_reply_and_an_error_are_read(protocol: str) -> None:
    module = PROTOCOLS[protocol]
    body = orjson.dumps(module.write_reply(spoken(), ASKED[protocol], 1))
    read = LiveReply(protocol, Message("200", (), [body])).read(ended=True)
    assert meaning(read)[-1][0] == "Write"
    assert read.complete
    error = orjson.dumps({"error": {"type": "overloaded_error", "message": "Overloaded."}})
    live = LiveReply(protocol, Message("529", (), [error]))
    assert live.read(ended=False) == ReadReply()
    assert tell_end(made_call(), live.read(ended=True)).text == "Overloaded."


def test_a_message_in_place_of_another_is_told_apart() -> None:
    message = Message("200")
    live = LiveReply("claude", message)
    assert live.follows("claude", message)
    assert not live.follows("openai", message)
    assert not live.follows("claude", Message("200"))
    message.chunks = [b"{}"]
    assert not live.follows("claude", message)


def test_a_protocol_that_is_none_has_no_reader() -> None:
    with pytest.raises(UnreadableError, match="nothing went there"):
        LiveReply("", Message())
