"""Any conversation keeps its meaning through hub, protocol and hub; any reply through all of it."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccproxy_tui import json_bytes
from ccproxy_tui.protocols.base import Address, Asked, ProtocolModule
from ccproxy_tui.protocols.collect import collect
from ccproxy_tui.protocols.fitting import fit
from ccproxy_tui.protocols.hub import (
    Block,
    Conversation,
    Event,
    Image,
    ReplyStop,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile, find_profile
from ccproxy_tui.protocols.registry import PROTOCOLS
from ccproxy_tui.protocols.stream import ReplyMachine
from tests.protocols.examples import REQUESTS
from tests.protocols.validity import assert_valid_events

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30
).filter(lambda text: text.strip() == text and not text.startswith("x-anthropic-billing"))
ARGUMENTS = st.dictionaries(
    WORDS,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)
PICTURE = Image("image/png", "iVBORw0KGgo=")
NAMES = st.sampled_from(["read_file", "mcp__server__" + "x" * 60, "with.dot", "ü"])


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    turns: list[Turn] = []
    for number in range(draw(st.integers(1, 4))):
        asked: list[Block] = [Text(text) for text in draw(st.lists(WORDS, min_size=1, max_size=2))]
        if draw(st.booleans()):
            asked.append(PICTURE)
        turns.append(Turn("user", asked))
        said: list[Block] = [Text(text) for text in draw(st.lists(WORDS, max_size=1))]
        calls = draw(st.lists(st.tuples(NAMES, ARGUMENTS, WORDS, st.booleans()), max_size=2))
        said += [
            ToolUse(f"call_{number}_{at}", name, arguments)
            for at, (name, arguments, _, _) in enumerate(calls)
        ]
        if said:
            turns.append(Turn("assistant", said))
        if calls:
            results: list[Block] = [
                ToolResult(f"call_{number}_{at}", [Text(text)], is_error)
                for at, (_, _, text, is_error) in enumerate(calls)
            ]
            turns.append(Turn("user", results))
    turns.append(Turn("user", [Text(draw(WORDS))]))
    schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    return Conversation(
        "m",
        system=[Text(text) for text in draw(st.lists(WORDS, max_size=2))],
        turns=turns,
        tools=[Tool(name, draw(WORDS), deepcopy(schema)) for name in ("read_file", "x" * 70)],
        tool_choice=draw(st.sampled_from([None, ToolChoice("auto"), ToolChoice("any")])),
        max_tokens=draw(st.integers(100, 9000)),
        temperature=draw(st.none() | st.sampled_from([0.0, 0.5, 1.0])),
        stop=draw(st.lists(st.sampled_from(["END", "STOP"]), max_size=1)),
    )


def profile_of(protocol: ProtocolModule) -> Profile:
    return replace(find_profile(protocol.name, "", "m"), images=True)


def meaning(conversation: Conversation, names: dict[str, str]) -> list[Any]:
    """What was said by whom, without ids that a protocol may not have, and texts joined."""
    order: dict[str, int] = {}
    found: list[Any] = []

    def add(who: str, what: Any) -> None:
        if (
            isinstance(what, str)
            and found
            and found[-1][0] == who
            and isinstance(found[-1][1], str)
        ):
            found[-1] = (who, f"{found[-1][1]}\n\n{what}")
        else:
            found.append((who, what))

    add("system", "\n\n".join(text.text for text in conversation.system))
    for turn in conversation.turns:
        # a message of some protocols has its pictures beside its text
        for block in sorted(turn.content, key=lambda block: isinstance(block, Image)):
            match block:
                case Text(text):
                    add(turn.role, text)
                case Image(media_type, data):
                    add(turn.role, (media_type, data))
                case ToolUse(id, name, arguments):
                    order[id] = len(order)
                    add(turn.role, (order[id], names.get(name, name), arguments))
                case ToolResult(id, content, is_error):
                    said = "".join(one.text for one in content if isinstance(one, Text))
                    if said.startswith("Error: ") and is_error is False:
                        said, is_error = said.removeprefix("Error: "), True
                    add("tool", (order.get(id), said, is_error))
    return found


@pytest.mark.parametrize("name", PROTOCOLS)
@given(conversations())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_conversation_keeps_its_meaning(name: str, conversation: Conversation) -> None:
    protocol = PROTOCOLS[name]
    profile = profile_of(protocol)
    written, wire = protocol.write_request(deepcopy(conversation), profile)
    body = json_bytes.read(json_bytes.write(written))
    read = protocol.read_request(protocol.check_request(body))
    fitted = deepcopy(conversation)
    fit(fitted, profile)
    sent = {wire.wire(tool.name): tool.name for tool in conversation.tools}
    for turn in fitted.turns:
        for block in turn.content:
            if isinstance(block, ToolUse):
                sent[wire.wire(block.name)] = block.name
    assert meaning(read, sent) == meaning(fitted, {})
    assert [(sent.get(tool.name, tool.name), tool.description) for tool in read.tools] == [
        (tool.name, tool.description) for tool in conversation.tools
    ]
    assert all(tool.schema["required"] == ["path"] for tool in read.tools)
    assert (read.max_tokens, read.temperature) == (
        conversation.max_tokens,
        conversation.temperature,
    )
    if name != "responses":
        assert read.stop == conversation.stop
    if name != "ollama":
        assert read.tool_choice == conversation.tool_choice


# --- replies


@st.composite
def replies(draw: st.DrawFn) -> list[Event]:
    """A reply with a bit of anything, in pieces."""
    machine = ReplyMachine()
    machine.start("id", "m")
    for piece in draw(st.lists(WORDS, max_size=2)):
        machine.thinking(piece)
    for piece in draw(st.lists(WORDS, max_size=3)):
        machine.text(piece)
    for at, arguments in enumerate(draw(st.lists(ARGUMENTS, max_size=2))):
        machine.tool(at, f"call_12345_{at}", "read_file")
        said = json_bytes.write(arguments).decode()
        half = draw(st.integers(0, len(said)))
        machine.arguments(at, said[:half])
        machine.arguments(at, said[half:])
    machine.finish(draw(st.sampled_from(["end_turn", "max_tokens"])))
    machine.done()
    return assert_valid_events(machine.take())


def asked(protocol: ProtocolModule) -> Asked:
    body = protocol.check_request(deepcopy(REQUESTS[protocol.name]))
    return protocol.read_asked(body, Address(protocol.routes[0], {"model": "m"}))


def said(events: list[Event]) -> tuple[Any, ...]:
    reply = collect(events)
    return (
        "".join(block.text for block in reply.content if isinstance(block, Thinking)),
        "".join(block.text for block in reply.content if isinstance(block, Text)),
        [(one.name, one.input) for one in reply.content if isinstance(one, ToolUse)],
        reply.stop_reason,
    )


@pytest.mark.parametrize("name", PROTOCOLS)
@given(events=replies(), cut=st.integers(0, 10**6))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_stream_says_the_same_however_it_is_cut(name: str, events: list[Event], cut: int) -> None:
    protocol = PROTOCOLS[name]
    data = protocol.encoder(asked(protocol)).encode(events)
    at = cut % (len(data) + 1)
    decoder = protocol.decoder()
    again = decoder.feed(data[:at]) + decoder.feed(data[at:]) + decoder.end()
    assert said(assert_valid_events(again)) == said(events)
    single = protocol.decoder()
    bytewise = [event for byte in range(len(data)) for event in single.feed(data[byte : byte + 1])]
    assert said(assert_valid_events(bytewise + single.end())) == said(events)


@pytest.mark.parametrize("name", PROTOCOLS)
@given(events=replies(), cut=st.integers(0, 10**6))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_stream_that_breaks_off_is_never_complete(
    name: str, events: list[Event], cut: int
) -> None:
    """Failure 13."""
    protocol = PROTOCOLS[name]
    encoder = protocol.encoder(asked(protocol))
    data = encoder.encode(events[:-1])
    whole = data + encoder.encode(events[-1:])
    at = cut % (len(data) + 1)
    decoder = protocol.decoder()
    last = (decoder.feed(whole[:at]) + decoder.end())[-1]
    assert not isinstance(last, ReplyStop)


@pytest.mark.parametrize("name", PROTOCOLS)
@given(events=replies())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_whole_reply_says_the_same(name: str, events: list[Event]) -> None:
    protocol = PROTOCOLS[name]
    body = json_bytes.read(json_bytes.write(protocol.write_reply(events, asked(protocol))))
    assert said(assert_valid_events(protocol.read_reply(body))) == said(events)
