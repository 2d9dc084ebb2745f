"""Two calls compared: which is better where that can be told, and their replies as documents."""

import pytest

from ccproxy_tui.inspection.comparison import compare, reply_sections, request_sections
from ccproxy_tui.inspection.difference import difference
from ccproxy_tui.inspection.reading import read_client_reply
from ccproxy_tui.traffic.call import Call, Message, Phase, Tokens
from tests.inspection.recorded import claude_stream, recorded_call, recorded_exchange


def better(left: Call, right: Call) -> dict[str, str]:
    return {fact.name: fact.better for fact in compare(left, right, 1_700_000_010.0) if fact.better}


def test_the_better_one_is_told_fact_by_fact() -> None:
    left = recorded_call(7)
    right = recorded_call(8, ttft=0.2, duration=4.0, cost=0.05, tokens=Tokens(100, 0, 0, 80))
    assert better(left, right) == {
        "ttft": "right",
        "duration": "left",
        "tok/s": "left",
        "cached": "left",
        "cost": "left",
    }


def test_what_is_about_the_same_or_unknown_is_no_better() -> None:
    left = recorded_call(7, ttft=0.500, cost=None)
    right = recorded_call(8, ttft=0.505)
    assert better(left, right) == {}


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.CANCELLED])
def test_a_call_that_failed_is_better_in_nothing(phase: Phase) -> None:
    failed = recorded_call(8, phase=phase, status=500, duration=0.1, cost=0.0, ttft=0.1)
    assert better(recorded_call(7), failed) == {"status": "left"}
    assert better(failed, recorded_call(7)) == {"status": "right"}
    assert better(failed, failed) == {}


def test_while_one_runs_nothing_is_decided() -> None:
    running = recorded_call(
        8, phase=Phase.STREAMING, duration=None, output_so_far=12, tokens=Tokens()
    )
    facts = {fact.name: fact for fact in compare(recorded_call(7), running, 1_700_000_010.0)}
    assert better(recorded_call(7), running) == {}
    assert facts["duration"].right == 9.75
    assert facts["out"].right == 12
    assert facts["tok/s"].right is None


def test_replies_are_compared_block_by_block() -> None:
    left = read_client_reply(recorded_call(), recorded_exchange("One\ntwo\nthree"))
    right = read_client_reply(recorded_call(), recorded_exchange("One\n2\nthree"))
    changes = difference(reply_sections(left), reply_sections(right))
    assert [(one.sign, one.text) for one in changes if one.sign in "+-"] == [
        ("-", "two"),
        ("+", "2"),
    ]


def test_a_reply_that_broke_off_is_shown_as_far_as_it_came() -> None:
    exchange = recorded_exchange()
    exchange.client_reply.chunks = [claude_stream("So far", stop=None)]
    reply = read_client_reply(recorded_call(), exchange)
    assert reply_sections(reply)[0].lines == ("--- text ---", "So far")


def test_a_request_that_is_no_json_is_compared_by_its_lines() -> None:
    [section] = request_sections(Message("POST /", (), [b"a\nb\xff"]))
    assert section.lines == ("a", "b\ufffd")
    assert request_sections(Message("POST /")) == []
