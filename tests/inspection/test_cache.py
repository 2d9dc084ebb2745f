"""Why a prompt was not read from the cache: the first difference, and all that is no difference."""

import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy_tui import json_bytes
from ccproxy_tui.inspection.cache import Diagnosis, diagnose
from ccproxy_tui.traffic.attempt import Attempt
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.traffic.prices import Rates
from ccproxy_tui.tui.sheets.cache import CacheSheet
from ccproxy_tui.tui.sheets.sheet import Subject

Json = dict[str, Any]
ANTHROPIC = "https://api.anthropic.com/v1/messages"
RELAY = "https://relay.example.com/v1/messages"
SONNET = "claude-sonnet-4-20250514"
"""Its list prices are 3, 0.30 and 3.75 dollars a million tokens read, cached and written."""
MARK = {"cache_control": {"type": "ephemeral"}}
MISS = Tokens(input=400, cache_write=30_000, output=300)


def text(said: str, **more: Any) -> Json:
    return {"type": "text", "text": said, **more}


BODY: Json = {
    "model": "m",
    "system": [
        text("x-anthropic-billing-header: cc=1"),
        text("Long. " * 800 + "It is Monday.", **MARK),
    ],
    "tools": [{"name": name, "description": f"Does {name}."} for name in ("Bash", "Read", "Edit")],
    "messages": [
        {"role": "assistant" if at % 2 else "user", "content": [text(f"message {at} " * 20)]}
        for at in range(15)
    ],
}


def made_call(number: int, **facts: Any) -> Call:
    call = Call(
        number,
        started_at=number * 10.0,
        operation="generate",
        protocol="claude",
        upstream_protocol="claude",
        provider="vendor",
        model=SONNET,
        phase=Phase.DONE,
        duration=3.0,
        tokens=MISS,
        attempts=[Attempt(f"vendor/{SONNET} key 1", 0.0)],
    )
    for name, value in facts.items():
        setattr(call, name, value)
    return call


def made_exchange(body: Any, url: str = RELAY, usage: Json | None = None) -> Exchange:
    counted = {"input_tokens": 400, "output_tokens": 300, "cache_read_input_tokens": 0}
    reply: Json = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": "end_turn",
        "usage": counted if usage is None else usage,
    }
    return Exchange(
        upstream_request=Message(f"POST {url}", (), [orjson.dumps(body)]),
        upstream_reply=Message("200 OK", (), [orjson.dumps(reply)]),
    )


def later(change: Callable[[Json], object] = lambda _: None) -> Json:
    """The same conversation, two messages on, with a change."""
    body = deepcopy(BODY)
    body["messages"] += [
        {"role": "assistant", "content": "fine"},
        {"role": "user", "content": "go"},
    ]
    change(body)
    return body


def found(
    change: Callable[[Json], object] = lambda _: None, url: str = RELAY, **facts: Any
) -> Diagnosis:
    return diagnose(
        made_call(2, **facts),
        made_exchange(later(change), url),
        made_call(1),
        made_exchange(BODY, url),
    )


def edit_system(body: Json) -> None:
    block = body["system"][1]
    block["text"] = block["text"].replace("Monday", "Tuesday")


def move_mark(body: Json) -> None:
    del body["system"][1]["cache_control"]
    body["messages"][0]["content"] = body["messages"][0]["content"][0]["text"]
    body["messages"][-1]["content"] = [text("go", **MARK)]


def reorder(body: Json) -> None:
    body["tools"].reverse()


def rewrite(body: Json) -> None:
    body["messages"][3]["content"][0]["text"] = "summary"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (edit_system, "system block 2 changed at character 4,807: 'Mon' → 'Tues'"),
        (lambda b: b["tools"][0].update(description="Runs."), "tools: Bash's description changed"),
        (lambda b: b["tools"].pop(1), "tools: Read is gone"),
        (lambda b: b["tools"].pop(2), "tools: Edit is gone"),
        (lambda b: b["tools"].append({"name": "New"}), "tools: New is new"),
        (reorder, "tools: their order changed, Edit stands where Bash stood"),
        (rewrite, "message 4 (assistant) changed in its block 1"),
        (lambda b: b.update(tool_choice={"type": "any"}), "tool_choice is new"),
        (lambda b: b["system"].pop(1), "system block 2 is gone"),
    ],
)
def test_the_first_difference_is_named(change: Callable[[Json], object], words: str) -> None:
    diagnosis = found(change)
    assert diagnosis.outcome == "miss"
    assert any(cause.startswith(words) for cause in diagnosis.causes)
    assert diagnosis.difference is not None
    assert diagnosis.difference.parting is not None


def test_the_byte_and_both_sides_of_it_are_shown() -> None:
    body = later(edit_system)
    difference = found(edit_system).difference
    assert difference is not None
    parting = difference.parting
    assert parting is not None
    assert parting.offset == orjson.dumps(body).index(b"Tuesday")
    excerpt = parting.excerpt
    assert excerpt is not None
    assert (excerpt.old, excerpt.new) == ("Mon", "Tues")
    assert excerpt.before.endswith("It is ")
    assert excerpt.old_after == excerpt.new_after == "day."


def test_tokens_and_money_are_split_at_the_difference() -> None:
    difference = found(edit_system).difference
    assert difference is not None
    assert difference.kept + difference.lost == pytest.approx(30_400, rel=0.03)
    assert 0 < difference.lost < difference.kept, "most stands before the system prompt's end"
    assert difference.cost == pytest.approx(difference.lost * (3.75 - 0.30) / 1e6, rel=0.01)
    unpriced = found(edit_system, model="mine").difference
    assert unpriced is not None
    assert unpriced.cost is None


def test_marks_for_the_cache_and_the_form_of_a_text_are_no_difference() -> None:
    diagnosis = found(move_mark)
    assert diagnosis.difference is not None
    assert diagnosis.difference.words == "nothing before the new messages has changed (2 are new)"
    assert diagnosis.causes[0].startswith("nothing in the request explains it")


def test_claude_codes_note_counts_everywhere_but_at_its_own_vendor() -> None:
    def change(body: Json) -> None:
        body["system"][0]["text"] += "2"

    elsewhere = found(change)
    assert elsewhere.causes[0] == "system block 1 changed at character 33: '' → '2'"
    assert "CLAUDE_CODE_ATTRIBUTION_HEADER=0" in elsewhere.causes[1]
    at_home = found(change, ANTHROPIC)
    assert at_home.difference is not None
    assert at_home.difference.parting is None


def test_a_hit_says_what_it_saved_and_needs_no_cause() -> None:
    hit = found(tokens=Tokens(input=400, cache_read=29_600, cache_write=400))
    assert (hit.outcome, hit.causes) == ("hit", [])
    assert hit.saved == pytest.approx(29_600 * (3 - 0.30) / 1e6)
    assert found(tokens=Tokens(input=9_000, cache_read=9_000)).outcome == "part"
    grown = found(tokens=Tokens(input=20_000, cache_read=30_000))
    assert (grown.outcome, grown.causes) == ("hit", []), "all that there was before"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"model": "other"}, "it went to vendor/other, the call before to"),
        ({"attempts": [Attempt("vendor/x key 2", 0.0)]}, "it went to vendor/x key 2"),
        ({"started_at": 1_000.0}, "16 minutes passed since the call before"),
        ({"tokens": Tokens(input=500, cache_write=1)}, "the prompt is short"),
        ({"tokens": Tokens(), "error": "no route"}, "the upstream has counted nothing: no route"),
    ],
)
def test_what_is_no_matter_of_the_prompt_comes_first(facts: Json, words: str) -> None:
    assert found(**facts).causes[0].startswith(words)


def test_a_cache_of_an_hour_lasts_that_long() -> None:
    def mark(body: Json) -> None:
        body["system"][1]["cache_control"] = {"type": "ephemeral", "ttl": "1h"}

    assert "minutes passed" not in found(mark, started_at=1_000.0).causes[0]
    assert found(mark, started_at=5_000.0).causes[0].endswith("for about an hour")


def test_no_mark_no_number_and_no_call_before_are_said() -> None:
    def unmark(body: Json) -> None:
        del body["system"][1]["cache_control"]

    assert found(unmark).causes[0].startswith("no cache_control in the request")
    tokens = Tokens(input=30_000)
    silent = diagnose(
        made_call(2, tokens=tokens),
        made_exchange(BODY, usage={"input_tokens": 30_000, "output_tokens": 1}),
        made_call(1),
        made_exchange(BODY),
    )
    assert silent.outcome == "silent"
    assert silent.causes[0].startswith("the upstream gives no number for cached tokens")
    first = diagnose(made_call(2), made_exchange(BODY), None, None)
    assert first.causes == [
        "the first call of its session, agent and model that is known: no call before has its prompt"
    ]


def test_a_rule_of_the_group_that_has_changed_is_named() -> None:
    added = "prompt added (29 characters)"
    diagnosis = found(lambda b: b["system"].append(text("By the group.")), notes=[added])
    assert diagnosis.causes[1] == f"what the group does has changed: it was nothing, and is {added}"


def test_a_call_of_another_kind_is_no_change_of_the_rules() -> None:
    diagnosis = found(lambda b: b.pop("tools"), notes=["prompt added (29 characters)"])
    assert diagnosis.causes == [
        "tools: Bash is gone",
        "the call before, #1, is of another kind: one of both offers no tools",
    ]
    counting = found(operation="count tokens")
    assert (counting.outcome, counting.causes) == ("none", [])


@pytest.mark.parametrize("protocol", ["openai", "responses", "gemini", "ollama"])
def test_tools_come_before_the_messages_wherever_the_json_has_them(protocol: str) -> None:
    said = {"gemini": "contents", "responses": "input"}.get(protocol, "messages")
    tools: dict[str, Json] = {
        "gemini": {"functionDeclarations": [{"name": "Read", "description": "a"}]},
        "responses": {"type": "function", "name": "Read", "description": "a"},
    }
    tool = tools.get(
        protocol, {"type": "function", "function": {"name": "Read", "description": "a"}}
    )
    body = {said: [{"role": "user", "content": "hi"}], "tools": [tool]}
    other = orjson.loads(orjson.dumps(body).replace(b'"a"', b'"b"').replace(b"hi", b"ho"))
    call, before = (made_call(n, upstream_protocol=protocol) for n in (2, 1))
    diagnosis = diagnose(call, made_exchange(other), before, made_exchange(body))
    assert diagnosis.difference is not None
    assert diagnosis.difference.words == "tools: Read's description changed: 'a' → 'b'"
    assert diagnosis.difference.parting is not None
    offset = diagnosis.difference.parting.offset
    assert offset is not None
    assert orjson.dumps(other)[offset:].startswith(b'b"')


def test_a_long_prompt_is_compared_at_once() -> None:
    body = later()
    body["messages"] = [
        {"role": "user", "content": [text(f"{at} " + "words of all kinds, " * 50)]}
        for at in range(220)
    ]
    other = deepcopy(body)
    other["messages"][200]["content"][0]["text"] += "."
    call, before = made_call(2), made_call(1)
    diagnose(call, made_exchange(other), before, made_exchange(other))  # loads tokenizer and prices
    one, two = made_exchange(body), made_exchange(other)
    assert len(one.upstream_request.body) > 200_000
    started = time.process_time()
    diagnosis = diagnose(call, two, before, one)
    assert time.process_time() - started < 0.3
    assert diagnosis.causes[0].startswith("message 201 (user) changed in its block 1")


junk = st.binary(max_size=40) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["messages", "contents", "tools", "system", "function", "name", "content"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
).map(json_bytes.write)


@given(junk, junk, st.sampled_from(["claude", "openai", "responses", "gemini", "ollama", "?"]))
@settings(max_examples=150, deadline=None)
def test_nothing_that_was_recorded_breaks_it(one: bytes, other: bytes, protocol: str) -> None:
    exchanges = [
        Exchange(*(Message("POST x", (), [body]) for body in (one, sent, one, other)))
        for sent in (one, other)
    ]
    call, before = (made_call(n, upstream_protocol=protocol) for n in (2, 1))
    diagnose(call, exchanges[0], before, exchanges[1])


@pytest.mark.parametrize("own", [None, Rates(1, 2, 3, 4)])
def test_numbers_of_any_size_do_not_break_it(own: Rates | None) -> None:
    huge = Tokens(10**400, 10**400, 10**400, 10**400)
    sides = made_exchange(later()), made_exchange(later(edit_system))
    for tokens in (huge, Tokens(1, 10**400), Tokens(10**400, 1), Tokens(-(10**400), 10**400)):
        call, before = (made_call(number, tokens=tokens) for number in (2, 1))
        found = diagnose(call, sides[0], before, sides[1], own)
        assert found.outcome in ("hit", "part")
        assert CacheSheet().draw(Subject(call, sides[0], before, sides[1]))


def test_a_request_that_is_nested_too_deeply_is_none_to_compare() -> None:
    deep = made_exchange({})
    deep.upstream_request.chunks = [b'{"messages": ' + b"[" * 900 + b"]" * 900 + b"}"]
    diagnose(made_call(2), deep, made_call(1), made_exchange(BODY))
