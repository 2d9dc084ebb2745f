"""The tabs "What changed" and "Cache", as the lines that they show."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from ccproxy_tui.config.prices import ModelPrice
from ccproxy_tui.traffic.attempt import Attempt, Outcome
from ccproxy_tui.traffic.call import Call, Exchange, Message, Phase, Tokens
from ccproxy_tui.tui.outline import Node
from ccproxy_tui.tui.sheets.cache import CacheSheet
from ccproxy_tui.tui.sheets.changes import ChangesSheet
from ccproxy_tui.tui.sheets.sheet import Subject
from ccproxy_tui.tui.widgets.lines import wrap
from tests.tui.fake import CONFIGURATION, made_call

CLIENT = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 100,
    "temperature": 1.0,
    "system": "You are terse.",
    "messages": [{"role": "user", "content": "Say hello."}],
}
UPSTREAM = {
    "model": "qwen3-coder",
    "max_tokens": 100,
    "temperature": 0.7,
    "messages": [
        {"role": "system", "content": "You are terse.\n\nBe brief."},
        {"role": "user", "content": "Say hello."},
    ],
    "stream": False,
}
ANSWER = {
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 20, "completion_tokens": 2},
}
REPLY = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "Hi."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 20, "output_tokens": 2},
}
NOTES = ["prompt added (9 characters)", "temperature 1.0 → 0.7"]


def message(head: str, body: Any) -> Message:
    return Message(head, (), [orjson.dumps(body)])


def exchange(**bodies: Any) -> Exchange:
    return Exchange(
        message("POST /qwen/v1/messages", bodies.get("client", CLIENT)),
        message("POST https://x.example/v1/chat/completions", bodies.get("upstream", UPSTREAM)),
        message("200 OK", bodies.get("answer", ANSWER)),
        message("200", bodies.get("reply", REPLY)),
    )


def call(**facts: Any) -> Call:
    return made_call(7, operation="generate", notes=NOTES, **facts)


def shown(nodes: Sequence[Node]) -> Iterator[str]:
    """Give the lines that are seen without unfolding anything."""
    for node in nodes:
        yield node.line.text
        if node.open and node.can_open:
            below = node.children
            yield from shown(below() if callable(below) else below)


def unfold(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        below = node.children
        yield from unfold(below() if callable(below) else below)


def draw(subject: Subject) -> list[str]:
    return list(shown(ChangesSheet().draw(subject)))


def test_the_four_stages_stand_in_their_order_with_what_changed_between_them() -> None:
    lines = draw(Subject(call(), exchange()))
    order = ["1 from the client", "  request:", "2 to the upstream", "  answer:", "3 from the", "  reply:",
             "4 to the client"]  # fmt: skip
    places = [next(at for at, line in enumerate(lines) if line.startswith(one)) for one in order]
    assert places == sorted(places)
    assert "  request: client → upstream  3 changes" in lines
    assert "  reply: upstream → client  no change" in lines
    assert "1 from the client  claude · 142 B · POST /qwen/v1/messages" in lines
    assert (
        "  answer: status 200 · 2.0k tokens read, 800 of them cached, 340 written · stop reason end_turn"
        in lines
    )


def test_each_change_has_its_reason_before_it_and_a_sign_of_its_own() -> None:
    lines = draw(Subject(call(), exchange()))
    at = lines.index("temperature: temperature 1.0 → 0.7")
    assert lines[at + 1 : at + 3] == ['- "temperature": 1.0', '+ "temperature": 0.7']
    assert "model: the alias claude-sonnet-* of the group qwen leads to local/qwen3-coder" in lines
    assert "system: prompt added (9 characters), by the group qwen" in lines
    assert "+   Be brief." in lines


def test_a_change_without_a_reason_is_shown_as_such() -> None:
    subject = Subject(call(), exchange())
    subject.call.notes = NOTES[1:]
    nodes = ChangesSheet().draw(subject)
    unknown = next(node for node in unfold(nodes) if "no reason is on record" in node.line.text)
    assert unknown.line.text == "system: no reason is on record"
    assert unknown.line.tone == "warn"


def test_many_changes_of_one_reason_are_one_line_that_unfolds() -> None:
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}
    names = [f"tool_{number}" for number in range(12)]
    clean = {**schema, "properties": {"a": {"type": "integer", "enum": [1]}}}
    client = {**CLIENT, "tools": [{"name": name, "input_schema": schema} for name in names]}
    functions = [{"name": name, "parameters": clean} for name in names]
    tools = [{"type": "function", "function": function} for function in functions]
    nodes = ChangesSheet().draw(
        Subject(call(), exchange(client=client, upstream={**UPSTREAM, "tools": tools}))
    )
    group = next(node for node in unfold(nodes) if node.line.text.startswith("tools, 12 places"))
    assert (
        group.line.text
        == "tools, 12 places: the schema is written with the keywords that openai takes"
    )
    assert not group.open
    places = group.children() if callable(group.children) else group.children
    assert [node.line.text for node in places][:2] == ["tools[0] tool_0", "tools[1] tool_1"]
    text = group.text() if callable(group.text) else group.text
    assert text is not None
    assert "@@ tools[11] tool_11 @@" in text


def test_whole_stages_unfold_and_can_be_copied() -> None:
    stage = ChangesSheet().draw(Subject(call(), exchange()))[0]
    below = stage.children() if callable(stage.children) else stage.children
    assert any("claude-sonnet-4-5" in node.line.text for node in below)
    text = stage.text() if callable(stage.text) else stage.text
    assert text is not None
    assert text.startswith("POST /qwen/v1/messages\n")


def test_notes_that_explain_no_change_are_still_said() -> None:
    subject = Subject(call(), exchange())
    subject.call.notes = [*NOTES, "asking again has failed: status 500"]
    assert draw(subject)[-1] == "also on record: asking again has failed: status 500"


def test_several_attempts_say_whose_messages_these_are() -> None:
    tried = [Attempt("a/b", 0.0, 1.0, 500, Outcome.OVERLOAD), Attempt("c/d", 1.0, 1.0, 200)]
    assert draw(Subject(call(attempts=tried), exchange()))[0] == (
        "2 attempts: the messages are those of the last one, c/d."
    )


def test_a_running_call_shows_what_is_there() -> None:
    running = call(phase=Phase.STREAMING, duration=None)
    lines = draw(Subject(running, exchange()))
    assert "  request: client → upstream  3 changes" in lines
    assert any("once it is complete" in line for line in lines)


def test_what_was_compared_is_compared_once() -> None:
    system = "\n".join(f"line {number}" for number in range(20_000))
    body = {**CLIENT, "system": system}
    other = {**UPSTREAM, "messages": [{"role": "system", "content": system + "\nand"}]}
    sheet, subject = ChangesSheet(), Subject(call(), exchange(client=body, upstream=other))
    first = time.process_time()
    sheet.draw(subject)
    again = time.process_time()
    sheet.draw(subject)
    assert (time.process_time() - again) < (again - first) / 3


def test_nothing_from_outside_controls_the_terminal() -> None:
    evil = {**CLIENT, "system": "\x1b[31mred\x07 [bold]x[/]", "model": "\x1b]0;t\x07"}
    for node in unfold(
        ChangesSheet().draw(Subject(call(requested="\x1b[1m"), exchange(client=evil)))
    ):
        assert all(line.text.isprintable() for line in wrap([node.line], 60))


def cache_lines(tokens: Tokens, one: Exchange, other: Exchange | None) -> list[str]:
    previous = made_call(6, operation="generate") if other is not None else None
    subject = Subject(call(tokens=tokens), one, previous, other)
    return list(shown(CacheSheet().draw(subject)))


def test_the_cache_says_what_has_changed_and_shows_it_in_brackets() -> None:
    upstream = orjson.loads(orjson.dumps(UPSTREAM).replace(b"terse", b"loud"))
    tokens = Tokens(input=2_000, cache_write=100)
    lines = cache_lines(tokens, exchange(upstream=upstream), exchange())
    assert lines[0] == "miss: 0% of the prompt came from the cache, 0 of 2,100 tokens"
    assert (
        "1. Message 1 (system) changed in its block 1 at character 9: 'ters' → 'loud'." not in lines
    )
    assert "1. Message 1 (system) changed in its block 1 at character 9: 'terse' → 'loud'." in lines
    assert "- …You are [terse]. Be brief." not in lines
    assert "- …You are [terse].  Be brief." in lines
    assert "+ …You are [loud].  Be brief." in lines
    assert any(line.startswith("the first byte that differs is byte ") for line in lines)
    assert any("the model has no price" in line for line in lines)


def test_a_hit_says_so_in_words_and_as_a_bar() -> None:
    lines = cache_lines(Tokens(input=20, cache_read=1_980), exchange(), exchange())
    assert lines[0] == "hit: 99% of the prompt came from the cache, 1,980 of 2,000 tokens"
    assert "█" in lines[1]
    assert any("nothing before the new messages has changed" in line for line in lines)


def test_a_first_call_is_said() -> None:
    lines = cache_lines(Tokens(input=2_000, cache_write=1), exchange(), None)
    assert any(line.startswith("1. The first call of its session") for line in lines)


def test_prices_that_the_user_states_count_for_the_cache() -> None:
    provider = CONFIGURATION.providers[0].model_copy(
        update={"prices": (ModelPrice(model="qwen*", input=2, output=4, cache_read=0.5),)}
    )
    sheet = CacheSheet()
    tokens = Tokens(input=100, cache_read=2_000_000)
    subject = Subject(call(tokens=tokens), exchange(), made_call(6), exchange())
    assert not any("it saved" in line for line in shown(sheet.draw(subject)))
    sheet.providers = [provider]
    assert any("it saved $3.0000" in line for line in shown(sheet.draw(subject)))
