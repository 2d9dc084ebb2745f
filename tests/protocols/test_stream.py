from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy_tui.protocols.base import Asked
from ccproxy_tui.protocols.claude.encode import encoder
from ccproxy_tui.protocols.collect import ReplyBrokeError, collect
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    BlockStart,
    BlockStop,
    Opaque,
    RedactedThinking,
    ReplyError,
    ReplyStart,
    ReplyStop,
    StopReason,
    Text,
    TextDelta,
    Thinking,
    ToolUse,
    Usage,
)
from ccproxy_tui.protocols.stream import ObjectEnd, ReplyMachine
from tests.protocols.validity import assert_valid_claude_stream, assert_valid_events


@pytest.fixture
def machine() -> ReplyMachine:
    machine = ReplyMachine()
    machine.start("m1", "model")
    return machine


def reply_of(machine: ReplyMachine) -> Any:
    machine.done()
    return collect(assert_valid_events(machine.take()))


def test_text_is_sent_as_it_comes(machine: ReplyMachine) -> None:
    machine.text("Hel")
    assert machine.take() == [
        ReplyStart("m1", "model"),
        BlockStart(0, "text"),
        TextDelta(0, "Hel"),
    ]
    machine.text("lo")
    assert machine.take() == [TextDelta(0, "lo")]
    machine.finish("end_turn")
    assert machine.take() == []
    machine.usage(Usage(3, output=2))
    machine.done()
    assert machine.take() == [BlockStop(0), ReplyStop("end_turn", Usage(3, output=2))]


def test_a_tool_is_sent_as_it_comes(machine: ReplyMachine) -> None:
    machine.take()
    machine.tool(0, "t1", "Write")
    machine.arguments(0, '{"a":')
    assert machine.take() == [
        BlockStart(0, "tool_use", "t1", "Write"),
        ArgumentsDelta(0, '{"a":'),
    ]


def test_a_second_tool_goes_live_when_the_first_is_complete(machine: ReplyMachine) -> None:
    machine.tool(0, "t1", "A")
    machine.arguments(0, '{"a":"}"}')
    machine.take()
    machine.tool(1, "t2", "B")
    machine.arguments(1, '{"b"')
    assert machine.take() == [
        BlockStop(0),
        BlockStart(1, "tool_use", "t2", "B"),
        ArgumentsDelta(1, '{"b"'),
    ]


def test_a_waiting_tool_goes_live_as_soon_as_the_first_is_complete(machine: ReplyMachine) -> None:
    machine.tool(0, "t1", "A")
    machine.arguments(0, '{"a":')
    machine.tool(1, "t2", "B")
    machine.tool(1, "", "Other")
    machine.tool(1, "", "")
    machine.arguments(1, '{"b"')
    machine.take()
    machine.arguments(0, "1}")
    assert machine.take() == [
        ArgumentsDelta(0, "1}"),
        BlockStop(0),
        BlockStart(1, "tool_use", "t2", "B"),
        ArgumentsDelta(1, '{"b"'),
    ]


def test_a_call_without_arguments_has_an_empty_object(machine: ReplyMachine) -> None:
    machine.tool(0, "t1", "A")
    machine.take()
    machine.close(0)
    assert machine.take() == [ArgumentsDelta(0, "{}"), BlockStop(0)]


def test_interleaved_tools_are_not_mixed(machine: ReplyMachine) -> None:
    """Failure 9: parallel calls keep their own arguments and blocks."""
    for key, name in enumerate("ABC"):
        machine.tool(key, f"t{name}", name)
    for piece in ('{"x"', ":", "1", "}"):
        for key in (2, 0, 1):
            machine.arguments(key, piece)
    reply = reply_of(machine)
    assert reply.content == [ToolUse(f"t{name}", name, {"x": 1}) for name in "ABC"]


def test_text_between_tools_keeps_its_place(machine: ReplyMachine) -> None:
    machine.tool(0, "a", "A")
    machine.arguments(0, '{"x":')
    machine.text("between")
    machine.arguments(0, "1}")
    machine.tool(1, "b", "B")
    machine.text("after")
    reply = reply_of(machine)
    assert reply.content == [
        ToolUse("a", "A", {"x": 1}),
        Text("between"),
        ToolUse("b", "B", {}),
        Text("after"),
    ]


def test_the_first_id_and_name_count(machine: ReplyMachine) -> None:
    """Failure 10: continuations with an empty or another id and name change nothing."""
    machine.tool(0, "real", "Real")
    machine.tool(0, "", "")
    machine.tool(0, "other", "Other")
    assert reply_of(machine).content == [ToolUse("real", "Real", {})]


def test_a_name_that_comes_late_is_waited_for(machine: ReplyMachine) -> None:
    machine.tool(0, "t")
    machine.arguments(0, '{"a":1}')
    machine.tool(0, "", "Late")
    assert reply_of(machine).content == [ToolUse("t", "Late", {"a": 1})]


def test_a_call_without_a_name_keeps_its_arguments(machine: ReplyMachine) -> None:
    machine.arguments(0, '{"a":1}')
    machine.tool(1, "t2", "Known")
    first, second = reply_of(machine).content
    assert (first.name, first.input) == ("unknown", {"a": 1})
    assert second == ToolUse("t2", "Known", {})


def test_a_call_of_which_nothing_came_is_no_call(machine: ReplyMachine) -> None:
    """Failure 12: `tool_use` without a call would stop the agent's loop silently."""
    machine.tool(0, "t")
    machine.finish("tool_use")
    reply = reply_of(machine)
    assert reply.content == []
    assert reply.stop_reason == "end_turn"


def test_missing_and_repeated_ids_are_made_up(machine: ReplyMachine) -> None:
    machine.tool(0, "", "A")
    machine.tool(1, "same", "B")
    machine.tool(2, "same", "C")
    ids = [block.id for block in reply_of(machine).content]
    assert ids[0].startswith("toolu_")
    assert ids[1] == "same"
    assert ids[2].startswith("toolu_")


def test_what_follows_whole_arguments_is_left_out(machine: ReplyMachine) -> None:
    machine.tool(0, "t", "A")
    machine.arguments(0, ' \n{"a":{"b":"\\\\"}}')
    machine.arguments(0, '{"a":{"b":"\\\\"}}')
    assert reply_of(machine).content == [ToolUse("t", "A", {"a": {"b": "\\"}})]


@pytest.mark.parametrize(
    ("said", "with_tool", "heard"),
    [
        ("end_turn", True, "tool_use"),
        ("tool_use", True, "tool_use"),
        ("tool_use", False, "end_turn"),
        ("stop_sequence", True, "tool_use"),
        ("max_tokens", True, "max_tokens"),
        ("refusal", True, "refusal"),
        ("max_tokens", False, "max_tokens"),
        ("stop_sequence", False, "stop_sequence"),
    ],
)
def test_the_reason_agrees_with_the_blocks(
    machine: ReplyMachine, said: StopReason, with_tool: bool, heard: str
) -> None:
    """Failure 12: an agent stops or goes on by the stop reason."""
    if with_tool:
        machine.tool(0, "t", "A")
    machine.finish(said)
    machine.finish("pause_turn")
    assert reply_of(machine).stop_reason == heard


def test_blank_text_makes_no_block(machine: ReplyMachine) -> None:
    """Failure 29: empty text blocks are refused when they come back."""
    machine.thinking("\n\n")
    machine.text("")
    machine.text("\n\n")
    machine.tool(0, "t", "A")
    machine.text(" \n")
    assert reply_of(machine).content == [ToolUse("t", "A", {})]


def test_blanks_before_text_are_kept(machine: ReplyMachine) -> None:
    machine.text("  ")
    machine.text("\n")
    machine.text("indented")
    assert reply_of(machine).content == [Text("  \nindented")]


def test_signed_reasoning_is_not_continued(machine: ReplyMachine) -> None:
    machine.thinking("one")
    machine.signature("s1")
    machine.thinking("two")
    machine.close()
    machine.signature("s2")
    assert reply_of(machine).content == [Thinking("one", "s1"), Thinking("two"), Thinking("", "s2")]


def test_two_signatures_are_never_one(machine: ReplyMachine) -> None:
    """Gemini signs a thought, and then the call that follows it."""
    machine.thinking("one")
    machine.signature("s1")
    machine.signature("s2")
    machine.tool(0, "t", "A")
    assert reply_of(machine).content == [
        Thinking("one", "s1"),
        Thinking("", "s2"),
        ToolUse("t", "A", {}),
    ]


def test_a_signature_tells_whose_it_is() -> None:
    machine = ReplyMachine("gemini")
    machine.start()
    machine.thinking("one")
    machine.signature("s1")
    machine.whole("redacted_thinking", {"data": "z"})
    machine.whole("opaque", {"type": "x"})
    assert reply_of(machine).content == [
        Thinking("one", "s1", "gemini"),
        RedactedThinking("z", "gemini"),
        Opaque({"type": "x"}, "gemini"),
    ]


@pytest.mark.parametrize("id_", ["functions.Read:0", "x" * 65, "ä"])
def test_an_id_that_a_vendor_would_refuse_is_replaced(machine: ReplyMachine, id_: str) -> None:
    """Kimi's; Anthropic refuses it when the client takes the session there unconverted."""
    machine.tool(0, id_, "A")
    machine.tool(1, "call_0-A", "B")
    first, second = (block.id for block in reply_of(machine).content)
    assert first.startswith("toolu_")
    assert second == "call_0-A"


def test_an_end_without_a_reason_is_an_error(machine: ReplyMachine) -> None:
    """Failure 13: what is cut off is not complete."""
    machine.text("half a sen")
    machine.end()
    last = assert_valid_events(machine.take())[-1]
    assert isinstance(last, ReplyError)
    assert last.status == 502
    assert "middle of its reply" in last.message


def test_an_end_after_a_reason_is_a_stop(machine: ReplyMachine) -> None:
    machine.text("whole")
    machine.finish("end_turn")
    machine.end()
    assert isinstance(machine.take()[-1], ReplyStop)


def test_a_reply_that_never_began_is_an_error() -> None:
    machine = ReplyMachine()
    machine.done()
    (error,) = machine.take()
    assert isinstance(error, ReplyError)
    machine = ReplyMachine()
    machine.end()
    (error,) = machine.take()
    assert isinstance(error, ReplyError)


def test_nothing_follows_an_error(machine: ReplyMachine) -> None:
    machine.fail(529, "overloaded", "overloaded_error")
    machine.text("more")
    machine.tool(0, "t", "A")
    machine.fail(500, "again")
    machine.done()
    machine.end()
    assert machine.take()[1:] == [ReplyError(529, "overloaded", "overloaded_error")]


def test_collecting_a_broken_reply_says_why(machine: ReplyMachine) -> None:
    machine.text("half")
    events = machine.take()
    with pytest.raises(ReplyBrokeError, match="middle"):
        collect(events)
    machine.fail(429, "slow down")
    with pytest.raises(ReplyBrokeError, match="slow down") as broken:
        collect([*events, *machine.take()])
    assert broken.value.error.status == 429


def test_the_end_of_an_object_is_found_wherever_it_is_cut() -> None:
    text = '{"a":"}\\"}\\\\","b":[{"c":"\\\\\\""},{}],"d":1}'
    orjson.loads(text)
    for at in range(len(text) + 1):
        end = ObjectEnd()
        assert end.take(text[:at]) + end.take(text[at:] + "tail") == text
        assert end.reached
        assert not ObjectEnd().take(text[:-1]).endswith("tail")


ARGUMENTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(st.text(max_size=8) | st.integers(-9, 9) | st.none(), st.lists),
    max_size=3,
)
LOOSE = st.one_of(
    st.tuples(st.just("text"), st.text(alphabet="ab \n", max_size=4)),
    st.tuples(st.just("thinking"), st.text(alphabet="cd \n", max_size=4)),
    st.tuples(st.just("signature"), st.text(alphabet="s", max_size=2)),
    st.tuples(
        st.just("tool"),
        st.integers(0, 3),
        st.sampled_from(["", "i1", "i2"]),
        st.sampled_from(["", "N"]),
    ),
    st.tuples(st.just("arguments"), st.integers(0, 3), st.text(alphabet='{}":\\a1 ', max_size=4)),
    st.tuples(st.just("close"), st.sampled_from([None, 0, 1, 2])),
    st.tuples(st.just("finish"), st.sampled_from(["end_turn", "tool_use", "max_tokens"])),
    st.tuples(
        st.just("whole"),
        st.just("redacted_thinking"),
        st.just({"type": "redacted_thinking", "data": "x"}),
    ),
    st.tuples(
        st.just("server_tool"),
        st.just(9),
        st.just({"type": "server_tool_use", "id": "s", "name": "w"}),
    ),
    st.tuples(st.just("fail"), st.just(500), st.just("broken")),
    st.tuples(st.just("done")),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LOOSE, max_size=25), st.booleans())
def test_whatever_is_said_the_stream_is_valid(said: list[tuple[Any, ...]], done: bool) -> None:
    machine, writer = ReplyMachine(), encoder(Asked(model="m"), 5)
    machine.start("x", "y")
    events, written = [], []
    for call, *arguments in said:
        getattr(machine, call)(*arguments)
        new = machine.take()
        events += new
        written.append(writer.encode(new))
    if done:
        machine.done()
    else:
        machine.end()
    new = machine.take()
    assert_valid_events(events + new)
    assert_valid_claude_stream(b"".join([*written, writer.encode(new)]))


@settings(max_examples=60, deadline=None)
@given(st.lists(ARGUMENTS, min_size=1, max_size=4), st.data())
def test_parallel_calls_lose_and_mix_nothing(
    calls: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Failure 9, for any way in which the pieces may be shuffled."""
    pieces: dict[int, list[str]] = {}
    for key, arguments in enumerate(calls):
        text = orjson.dumps(arguments).decode()
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
        pieces[key] = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    machine = ReplyMachine()
    machine.start()
    order = [key for key, texts in pieces.items() for _ in texts]
    for key in data.draw(st.permutations(order)):
        machine.tool(key, f"t{key}", f"N{key}")
        machine.arguments(key, pieces[key].pop(0))
    content = reply_of(machine).content
    assert {block.id: block.input for block in content} == {
        f"t{key}": arguments for key, arguments in enumerate(calls)
    }
