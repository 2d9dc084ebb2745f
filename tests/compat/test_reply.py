"""What the corpus cannot say: long strings, limits, several parts of a reply, requests in words."""

from typing import Any

import pytest

from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.prompt import write_guide
from ccproxy_tui.compat.reply import PromptedReply
from ccproxy_tui.compat.request import say_tools
from ccproxy_tui.protocols.collect import collect
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Conversation,
    Event,
    Image,
    ReplyStart,
    ReplyStop,
    SignatureDelta,
    StopReason,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
    Usage,
)
from tests.compat.play import OFFER, fed, said_by
from tests.compat.tools import TOOLS
from tests.protocols.validity import assert_valid_events

LONG = "".join(f"line {number} with some words\n" for number in range(40))
OPENINGS = {
    "tagged": '<cs:tool_use><name>Write</name><args><arg name="content">',
    "hermes": '<tool_call>{"name": "Write", "arguments": {"content": "',
    "function": "<function=Write>\n<parameter=content>\n",
    "bare": '{"name": "Write", "arguments": {"content": "',
}
ENDINGS = {
    "tagged": "</arg></args></cs:tool_use>",
    "hermes": '"}}</tool_call>',
    "function": "\n</parameter>\n</function>",
    "bare": '"}}',
}


def play(pieces: list[str], stop: StopReason = "end_turn", *, again: bool = True) -> list[Event]:
    return fed(PromptedReply(OFFER, again=again), said_by(pieces, stop))


def written(form: str) -> str:
    return LONG.replace("\n", "\\n") if form in ("hermes", "bare") else LONG


def stop_of(events: list[Event]) -> str:
    assert isinstance(events[-1], ReplyStop)
    return events[-1].reason


@pytest.mark.parametrize("form", OPENINGS)
def test_a_long_string_goes_out_while_it_is_written(form: str) -> None:
    reply = PromptedReply(OFFER, again=True)
    fed(reply, [ReplyStart(), BlockStart(0, "text")])
    out = fed(reply, [TextDelta(0, OPENINGS[form] + written(form))])
    said = "".join(event.json for event in out if isinstance(event, ArgumentsDelta))
    assert said.startswith('{"content":"line 0 with')
    assert "line 39" in said
    out += fed(reply, [TextDelta(0, ENDINGS[form]), BlockStop(0), ReplyStop("end_turn", Usage())])
    (call,) = collect([ReplyStart(), *out]).content
    assert isinstance(call, ToolUse)
    assert call.input["content"].rstrip("\n") == LONG.rstrip("\n")


@pytest.mark.parametrize("form", OPENINGS)
@pytest.mark.parametrize("stop", ["end_turn", "max_tokens"])
def test_half_of_a_long_string_is_never_taken_for_the_whole(form: str, stop: StopReason) -> None:
    events = assert_valid_events(play([OPENINGS[form] + written(form)], stop))
    assert stop_of(events) == "max_tokens"
    (call,) = collect(events).content
    assert isinstance(call, ToolUse)
    assert isinstance(call.input, str), "it is no whole JSON"


def test_what_is_wrong_behind_a_long_string_is_left_to_the_client() -> None:
    opening = OPENINGS["tagged"].replace("Write", "Read").replace("content", "file_path")
    said = f'{opening}{LONG}</arg><arg name="limit">many</arg></args></cs:tool_use>'
    (call,) = collect(play([said])).content
    assert isinstance(call, ToolUse)
    assert call.input == {"file_path": LONG, "limit": "many"}


def test_a_value_that_never_ends_is_given_up() -> None:
    opening = '<cs:tool_use><name>TodoWrite</name><args><arg name="todos">['
    reply = PromptedReply(OFFER, again=True)
    fed(reply, [ReplyStart(), BlockStart(0, "text"), TextDelta(0, opening)])
    for _ in range(5):
        fed(reply, [TextDelta(0, '{"content": "x"},' * 60_000)])
    assert reply.problem is not None
    assert "more than" in reply.problem.words


def test_thinking_and_native_calls_keep_their_places() -> None:
    events: list[Event] = [
        ReplyStart("m1", "model"),
        BlockStart(0, "thinking"),
        ThinkingDelta(0, "hm"),
        SignatureDelta(0, "proof", "claude"),
        BlockStop(0),
        BlockStart(1, "text"),
        TextDelta(1, "See: "),
        TextDelta(1, '<tool_call>{"name": "Read", "arguments": {"file_path": "/a"}}</tool_call>'),
        BlockStop(1),
        BlockStart(2, "tool_use", "call_9", "Bash"),
        ArgumentsDelta(2, '{"command":"ls"}'),
        BlockStop(2),
        ReplyStop("end_turn", Usage(output=9)),
    ]
    out = fed(PromptedReply(OFFER, again=True, maker="claude"), events)
    thought, text, read, bash = collect(assert_valid_events(out)).content
    assert thought == Thinking("hm", "proof", "claude")
    assert text == Text("See:")
    assert isinstance(read, ToolUse)
    assert isinstance(bash, ToolUse)
    assert (read.name, read.input) == ("Read", {"file_path": "/a"})
    assert (bash.id, bash.name, bash.input) == ("call_9", "Bash", {"command": "ls"})
    assert stop_of(out) == "tool_use"


def test_a_reply_to_a_request_without_tools_is_left_alone() -> None:
    said = '<tool_call>{"name": "Read", "arguments": {}}</tool_call> <cs:tool_result>'
    reply = PromptedReply(Offer.of([]), again=True)
    (text,) = collect(fed(reply, said_by([said], "end_turn"))).content
    assert text == Text(said)


# --- the request ---


def conversation(**fields: Any) -> Conversation:
    return Conversation("m", tools=list(TOOLS), **fields)


def test_each_part_of_a_schema_is_told() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "mode": {"type": "string", "enum": ["fast", "slow"], "default": "fast"},
            "many": {
                "type": "array",
                "description": "All of them.",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {"deep": {"$ref": "#/$defs/Deep"}},
                    "required": ["deep"],
                },
            },
            "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
        "required": ["many"],
        "$defs": {"Deep": {"type": "string", "pattern": "^x"}},
    }
    guide = write_guide([Tool("deep", "Does <b>deep</b> things.", schema)])
    assert (
        '<cs:tools>\n<cs:tool name="deep">\n'
        "Does <b>deep</b> things.\n"
        '<arg name="mode" type="string"><schema>{"enum":["fast","slow"],"default":"fast"}</schema>'
        "</arg>\n"
        '<arg name="many" type="array" required="true">All of them.<schema>{"minItems":1,"items":'
        '{"type":"object","properties":{"deep":{"$ref":"#/$defs/Deep"}},"required":["deep"]}}'
        "</schema></arg>\n"
        '<arg name="either" type="integer|null"><schema>{"anyOf":[{"type":"integer"},'
        '{"type":"null"}]}</schema></arg>\n'
        '<schema>{"$defs":{"Deep":{"type":"string","pattern":"^x"}}}</schema>\n'
        "</cs:tool>\n</cs:tools>\n"
    ) in guide


def test_past_calls_and_results_are_paired_and_stay_as_they_are() -> None:
    def turns(extra: list[Turn]) -> list[Turn]:
        return [
            Turn("user", [Text("look")]),
            Turn("assistant", [Text("I look."), ToolUse("toolu_b", "Read", {"file_path": "/a"})]),
            Turn("user", [ToolResult("toolu_b", [Text("1"), Image("image/png", "AAAA")])]),
            Turn("assistant", [ToolUse("toolu_a", "Bash", {"command": "ls", "timeout": 5})]),
            Turn("user", [ToolResult("toolu_a", [], is_error=True), Text("go on")]),
            *extra,
        ]

    first, second = conversation(turns=turns([])), conversation(turns=turns([Turn("user", [])]))
    say_tools(first)
    say_tools(second)
    assert second.turns[:5] == first.turns
    assert second.system == first.system
    assert first.tools == []
    assert first.turns[1].content == [
        Text(
            'I look.\n<cs:tool_use id="1">\n<name>Read</name>\n<args>\n'
            '<arg name="file_path" type="string">/a</arg>\n</args>\n</cs:tool_use>'
        )
    ]
    assert first.turns[2].content == [
        Text('<cs:tool_result id="1">\n1\n'),
        Image("image/png", "AAAA"),
        Text("</cs:tool_result>"),
    ]
    assert '<arg name="timeout" type="integer">5</arg>' in str(first.turns[3].content)
    assert first.turns[4].content == [
        Text('<cs:tool_result id="2" error="true">\n(no output)\n</cs:tool_result>'),
        Text("go on"),
    ]


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (ToolChoice(), []),
        (ToolChoice("any"), ["must call at least one tool"]),
        (ToolChoice("tool", "Bash"), ["must call the tool Bash"]),
        (ToolChoice("none"), ["Do not call any tool"]),
        (ToolChoice(parallel=False), ["at most one tool"]),
        (ToolChoice("any", parallel=False), ["at least one", "at most one"]),
    ],
)
def test_the_choice_is_said_last(choice: ToolChoice, words: list[str]) -> None:
    asked = conversation(turns=[Turn("user", [Text("hi")])], tool_choice=choice)
    offer = say_tools(asked)
    assert asked.tool_choice is None
    assert offer.forbidden == (choice.mode == "none")
    said = [block.text for block in asked.turns[-1].content if isinstance(block, Text)]
    assert len(said) == (2 if words else 1)
    assert all(word in said[-1] for word in words)


FENCED = f"See:\n```python\nx = 1\n\n{'<cs:tool_use><name>Read</name><args></args></cs:tool_use>'}"


def test_a_call_in_a_code_block_that_is_never_closed_is_asked_for_again() -> None:
    reply = PromptedReply(OFFER, again=True)
    fed(reply, said_by([FENCED], "end_turn"))
    assert reply.wants_again
    assert reply.problem is not None
    assert "code block" in reply.problem.words


@pytest.mark.parametrize(("end", "again"), [("", False), ("\n```", True), ("\n```\nDone.", True)])
def test_else_it_is_text(end: str, again: bool) -> None:
    reply = PromptedReply(OFFER, again=again)
    (text,) = collect(fed(reply, said_by([FENCED + end], "end_turn"))).content
    assert text == Text(FENCED + end)


CALL = '<cs:tool_use><name>Bash</name><args><arg name="command">rm x</arg></args></cs:tool_use>'
QUOTED_CALL = '{"name": "Bash", "arguments": {"command": "rm x"}}'


@pytest.mark.parametrize(
    "said",
    [
        f"`e.g. {CALL}`",
        f"`` {CALL} ``",
        f"1. ```xml\n   it is\n{CALL}\n```\n",
        f"**Code:** ```python\nx\n{CALL}\n```\n",
        f"~~~\nas in\n{CALL}\n~~~\n",
        f'You write "{CALL}".',
        f"> {CALL}\n> {CALL}\n",
        f"<!-- {CALL} -->\n",
        f"<thinking>I could {CALL}</thinking>\n",
        f"````md\nas in\n```\n{CALL}\n```\n````\n",
        '[{"name": "Glob", "parameters": {"type": "object", "properties": {}}},\n'
        ' {"name": "Bash", "parameters": {"type": "object"}}]',
        '{"name": "Bash", "arguments": {}}',
        '{"name": "Bash", "arguments": {"command": "x", "colour": "y"}}',
        "So [TOOL_CALLS][",
        f"Not a code block: ```{QUOTED_CALL}``` it was.",
    ],
)
def test_what_is_only_spoken_of_is_never_called(said: str) -> None:
    for pieces in ([said], list(said)):
        events = play(pieces, again=False)
        (text,) = collect(events).content
        assert text == Text(said)


def test_a_call_can_follow_code_and_quotes() -> None:
    said = f"Use `x` or it's `` y ` z ``:\n> quoted\n\n1. ```py\nx\n```\nA ` alone.\n{CALL}"
    text, call = collect(play([said])).content
    assert text == Text(said.removesuffix(f"\n{CALL}"))
    assert isinstance(call, ToolUse)
    assert call.input == {"command": "rm x"}


@pytest.mark.parametrize(
    "said",
    [
        '<cs:tool_use><name>Write</name><args><arg name="content">as in\n'
        f"{CALL}\n</arg></args></cs:tool_use>",
        "<function=Write>\n<parameter=content>\nas in\n<function=Bash>\n<parameter=command>\nrm x\n"
        "</parameter>\n</function>\n</parameter>\n</function>",
        '<invoke name="Write"><parameter name="content">as in <invoke name="Bash"><parameter '
        'name="command">rm x</parameter></invoke></parameter></invoke>',
    ],
)
def test_a_call_that_is_written_into_a_file_is_no_end(said: str) -> None:
    for pieces in ([said], list(said)):
        reply = PromptedReply(OFFER, again=True)
        events = fed(reply, said_by(pieces, "end_turn"))
        assert not [event for event in events if isinstance(event, BlockStart)]
        assert reply.problem is not None
        assert "CDATA" in reply.problem.words


@pytest.mark.parametrize("inside", [f"as in\n{CALL}\n", "</arg></args></cs:tool_use>"])
def test_in_cdata_it_is_read(inside: str) -> None:
    said = (
        f'<cs:tool_use><name>Write</name><args><arg name="content"><![CDATA[{inside}]]></arg>'
        '<arg name="file_path">/a</arg></args></cs:tool_use>'
    )
    (call,) = collect(play([said])).content
    assert isinstance(call, ToolUse)
    assert call.input == {"content": inside, "file_path": "/a"}


@pytest.mark.parametrize("form", OPENINGS)
@pytest.mark.parametrize("stop", ["end_turn", "max_tokens"])
def test_in_a_whole_reply_half_a_call_is_none(form: str, stop: StopReason) -> None:
    said = OPENINGS[form] + written(form)
    reply = PromptedReply(OFFER, again=False, whole=True)
    (text,) = collect(fed(reply, said_by([said], stop))).content
    assert text == Text(said)


def test_what_comes_at_once_is_one_event() -> None:
    said = f"{OPENINGS['tagged']}{LONG}{'a < b > c < ' * 20}{ENDINGS['tagged']}"
    pieces = [event for event in play([said]) if isinstance(event, ArgumentsDelta)]
    assert len(pieces) == 2, "all of it, and the brace once it is sure that the call has ended"
