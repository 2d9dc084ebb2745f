"""Every reply of the corpus, whole and in all pieces, gives the calls and the text it must."""

import re
from collections import Counter

import pytest

from ccproxy_tui.compat.reply import PromptedReply
from ccproxy_tui.protocols.hub import BlockStart, BlockStop, Event, ReplyStop, Usage
from ccproxy_tui.protocols.registry import PROTOCOLS
from tests.compat.corpus import CASES, THEMES
from tests.compat.corpus.case import Case
from tests.compat.play import (
    OFFER,
    Said,
    fed,
    gathered,
    played,
    played_in_two,
    reason_of,
    said_by,
    same,
)
from tests.compat.tools import TOOLS
from tests.protocols.chunks import DONE, chunk, one_by_one
from tests.protocols.validity import assert_valid_events

IDS = [f"{theme}: {case.name}" for theme, cases in THEMES.items() for case in cases]
pytestmark = pytest.mark.timeout(30)  # a parser that hangs fails its case, not the whole run
every_case = pytest.mark.parametrize("case", CASES, ids=IDS)

_BEFORE_A_CALL = re.compile(r"^\s*(```\w*\s*)?")
"""What may be held back with a call, although it is not of it."""

BYTES = [
    "tagged: as the prompt asks",
    "hermes: letters as they are",
    "functions: a heredoc",
    "values: emoji, letters that combine, right to left",
    "mixed: letters of the world around it",
]
"""The cases that go through a decoder, cut between bytes."""


def assert_right(case: Case, said: Said) -> None:
    """Check what the client gets, part by part so that a failure says which."""
    assert said.text == case.text
    assert said.calls == case.calls
    assert same([given for _, given in case.calls], [given for _, given in said.calls])
    assert said.reason == reason_of(case)


@every_case
def test_whole(case: Case) -> None:
    reply = PromptedReply(OFFER, again=False)
    events = assert_valid_events(fed(reply, said_by([case.output], case.stop)))
    assert_right(case, gathered(events))
    assert case.problem or reply.problem is None


@every_case
def test_one_character_at_a_time(case: Case) -> None:
    events = assert_valid_events(played(case, case.output))
    assert_right(case, gathered(events))


@every_case
def test_cut_in_two_at_every_place(case: Case) -> None:
    whole = gathered(played(case))
    output = case.output
    for at in range(1, len(output)):
        said = gathered(played_in_two(case, at))
        assert said == whole or _alike(said, whole), f"cut before {output[at : at + 20]!r}"


def test_all_events_in_one_feed() -> None:
    for case in CASES:
        reply = PromptedReply(OFFER, again=False)
        words = re.split(r"(?<=\s)", case.output)
        assert_right(case, gathered(reply.feed(said_by(words, case.stop))))


@every_case
def test_when_the_model_may_be_asked_again(case: Case) -> None:
    for pieces in ([case.output], list(case.output)):
        reply = PromptedReply(OFFER, again=True)
        events = fed(reply, said_by(pieces, case.stop))
        problem = reply.problem
        wanted = case.problem or case.asks
        if not wanted:
            assert problem is None
            assert_right(case, gathered(assert_valid_events(events)))
            continue
        assert problem is not None
        assert problem.words
        assert wanted == "?" or wanted in problem.words
        assert problem.raw
        assert problem.raw in case.output
        if case.problem:
            _assert_nothing_of_it_went_out(case, problem.raw, events)
        else:
            assert not [event for event in events if isinstance(event, BlockStart)]


@pytest.mark.parametrize("name", BYTES)
def test_cut_between_bytes_on_the_way_from_an_upstream(name: str) -> None:
    case = CASES[IDS.index(name)]
    output = case.output
    pieces = [output[at : at + 24] for at in range(0, len(output), 24)]
    stream = b"".join([*(chunk(content=piece) for piece in pieces), chunk(finish="stop"), DONE])
    for at in range(len(stream)):
        assert_right(case, _through_a_decoder(stream[:at], stream[at:]))
    assert_right(case, _through_a_decoder(*one_by_one(stream)))


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(IDS).items() if count > 1] == []


def test_cases_agree_with_themselves() -> None:
    """Guards against slips of the pen: what goes out is part of what came in, in its order."""
    offered = {tool.name for tool in TOOLS}
    for case in CASES:
        at = 0
        for letter in case.text:
            at = case.output.index(letter, at) + 1
        assert {name for name, _ in case.calls} <= offered
        assert case.calls or case.text == case.output


def _alike(said: Said, other: Said) -> bool:
    """Tell whether these differ at most in how their JSON is written."""
    return (said.text, said.calls, said.reason) == (other.text, other.calls, other.reason)


def _assert_nothing_of_it_went_out(case: Case, raw: str, events: list[Event]) -> None:
    said = gathered(assert_valid_events(_ended(events)))
    whole = gathered(played(case))
    assert whole.text.startswith(said.text)
    assert whole.calls[: len(said.calls)] == said.calls
    held = whole.text[len(said.text) :]
    assert _BEFORE_A_CALL.sub("", held).startswith(_BEFORE_A_CALL.sub("", raw))


def _ended(events: list[Event]) -> list[Event]:
    """Give events with an end, as they may have none when the model is asked again."""
    if events and isinstance(events[-1], ReplyStop):
        return events
    opened = sum(isinstance(event, BlockStart) for event in events)
    closed = sum(isinstance(event, BlockStop) for event in events)
    tools = any(isinstance(event, BlockStart) and event.kind == "tool_use" for event in events)
    end: list[Event] = [BlockStop(opened - 1)] if opened > closed else []
    return [*events, *end, ReplyStop("tool_use" if tools else "end_turn", Usage())]


def _through_a_decoder(*pieces: bytes) -> Said:
    decoder, reply = PROTOCOLS["openai"].decoder(), PromptedReply(OFFER, again=False)
    events: list[Event] = []
    for piece in pieces:
        events += reply.feed(decoder.feed(piece))
    return gathered(events + reply.feed(decoder.end()))
