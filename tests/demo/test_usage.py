"""Estimated usage adds up, and earlier turns are read from the cache."""

import orjson

from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import Reply, ToolCall, Usage
from ccproxy_tui.demo.usage import count_input, usage_of

SYSTEM = "Rules of the house. " * 1_000
FIRST = {"role": "user", "content": "Hello?"}
LATER = [FIRST, {"role": "assistant", "content": "Hello!"}, {"role": "user", "content": "Go on."}]


def asked(*messages: object, system: str = SYSTEM) -> ReceivedRequest:
    body = orjson.dumps({"system": system, "messages": messages})
    return ReceivedRequest("POST", "", "", {}, body, "claude")


def test_first_turn_writes_the_cache_and_later_ones_read_it() -> None:
    first = usage_of(Reply(text="a"), asked(FIRST))
    later = usage_of(Reply(text="a"), asked(*LATER))
    assert first.cached == 0
    assert first.cache_written > 4_000
    assert later.cached > 4_000
    assert later.cache_written == 0
    assert first.input < 20
    assert later.input < 20


def test_the_parts_add_up_to_the_whole_prompt() -> None:
    for request in (asked(FIRST), asked(*LATER), asked(FIRST, system="")):
        usage = usage_of(Reply(text="a"), request)
        assert usage.input + usage.cached + usage.cache_written == count_input(request)


def test_short_prompts_are_not_cached() -> None:
    usage = usage_of(Reply(text="a"), asked(*LATER, system="short"))
    assert (usage.cached, usage.cache_written) == (0, 0)


def test_output_covers_thinking_text_and_arguments() -> None:
    plain = usage_of(Reply(text="x" * 400), asked(FIRST))
    assert (plain.output, plain.thinking) == (100, 0)
    full = Reply(text="x" * 400, thinking="y" * 80, tools=[ToolCall("Read", "z" * 40)])
    usage = usage_of(full, asked(FIRST))
    assert usage.thinking == 20
    assert usage.output > 100 + 20 + 10


def test_a_given_usage_is_not_touched() -> None:
    given = Usage(input=1, output=2)
    assert usage_of(Reply(usage=given), asked(FIRST)) is given
