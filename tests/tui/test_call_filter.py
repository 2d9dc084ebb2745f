"""What may be typed as the log's filter: its grammar, its fields, what it says when it is wrong."""

import time
from datetime import datetime, timedelta
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.traffic.attempt import Attempt
from ccproxy_tui.traffic.call import Call, Phase, Tokens
from ccproxy_tui.tui.filters.call_filter import CallFilter, parse
from ccproxy_tui.tui.filters.fields import FIELDS, STATES, NumberField, StateField
from ccproxy_tui.tui.filters.terms import FilterError, split, written
from tests.tui.fake import made_call

TWICE = [Attempt("a/b", 0.0), Attempt("c/d", 1.0)]
NOW = time.time()


def some_calls() -> list[Call]:
    return [
        made_call(
            1, tokens=Tokens(6000, 54_000, 0, 900), cost=0.25, tools=("Bash", "Edit"), marked=True,
            session="aaa-1", started_at=NOW - 3600,
        ),
        made_call(
            2, requested="claude-haiku-4-5", alias="claude-haiku-*", key="ci", model="glm",
            duration=95.0, ttft=None, tools=("BashOutput",), started_at=NOW - 900, streaming=False,
            notes=["top_p left out: not beside a temperature"],
        ),
        made_call(
            3, status=529, phase=Phase.FAILED, error="upstream is overloaded, try later", group="x",
            provider="", model="", attempts=TWICE, remark="Ask the vendor", started_at=NOW - 60,
        ),
        made_call(
            4, status=0, phase=Phase.WAITING, duration=None, key="", notes=[], agent="a7",
            replay_of=1, started_at=time.time() - 30, ttft=None, tokens=Tokens(),
        ),
        made_call(
            50, operation="count tokens", tokens=Tokens(700, estimated=True), started_at=NOW - 3,
            phase=Phase.CANCELLED, session="",
        ),
    ]  # fmt: skip


SOME = some_calls()


def found(text: str) -> list[int]:
    wanted = parse(text)
    return [call.id for call in some_calls() if wanted is None or wanted.matches(call)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [1, 2, 3, 4, 50]),
        ("   ", [1, 2, 3, 4, 50]),
        ("haiku", [2]),
        ("HAIKU Done", [2]),
        ('"is overloaded"', [3]),
        ('"overloaded is"', []),
        ("bash", [1, 2]),
        ("local/glm", [2]),
        ("#5", [50]),
        ("529", [3]),
        ("vendor", [3]),
        ("!haiku -overloaded", [1, 4, 50]),
        ("!!haiku", [2]),
        ("count", [50]),
        # numbers
        ("status:>=400", [3]),
        ("status>=400", [3]),
        ("status:200", [1, 2, 50]),
        ("status:5xx", [3]),
        ("!status:2XX", [3, 4]),
        ("status:<400", [1, 2, 50]),
        ("status:529,200", [1, 2, 3, 50]),
        ("status:300..600", [3]),
        ("tokens:>50k", [1]),
        ("in:60k", [1]),
        ("in:59k", []),
        ("in:..1k", [4, 50]),
        ("out:900", [1]),
        ("cached:>=90%", [1]),
        ("cached:<50", [2, 3]),
        ("cost:>0.1", [1]),
        ("cost:$0.25", [1]),
        ("cost:0.3", [1]),
        ("!cost:>0", [2, 3, 4, 50]),
        ("dur:>40s", [2]),
        ("dur:1m35", [2]),
        ("dur:>=1m30s", [2]),
        ("dur:1s..5s key:ClaudeCode", [1, 3, 50]),
        ("dur:3200ms key:ClaudeCode", [1, 3, 50]),
        ("ttft:>100ms ttft:<0.5", [1, 3, 50]),
        ("try:>1", [3]),
        ("id:#3", [3]),
        ("id:2..4", [2, 3, 4]),
        # words
        ("model:*sonnet*", [1, 3, 4, 50]),
        ("model:sonnet", [1, 3, 4, 50]),
        ("model:sonnet*", []),
        ("model:gl?", [2]),
        ("MODEL:GLM", [2]),
        ('model:"gl?"', []),
        ("group:qwen key:ci", [2]),
        ("key:ci,nobody", [2]),
        ("key:=c", []),
        ("key:=CI", [2]),
        ('key:""', [4]),
        ('!error:""', [3]),
        ('error:"overloaded, try"', [3]),
        ("tool:Bash", [1, 2]),
        ("tool:=bash", [1]),
        ("tool:bash*", [1, 2]),
        ('tool:""', [3, 4, 50]),
        ("alias:claude-haiku-*", [2]),
        ("target:local/*", [1, 2, 4, 50]),
        ("provider:local", [1, 2, 4, 50]),
        ("session:aaa", [1]),
        ("agent:a7", [4]),
        ("protocol:openai", [1, 2, 3, 4, 50]),
        ("path:*/messages", [1, 2, 3, 4, 50]),
        ('note:"left out"', [2]),
        ("remark:vendor", [3]),
        # states
        ("is:live", [4]),
        ("is:error", [3]),
        ("is:done,failed", [1, 2, 3]),
        ("is:cancelled", [50]),
        ("is:count", [50]),
        ("is:agent", [4]),
        ("is:retried", [3]),
        ("is:marked", [1]),
        ("is:noted", [3]),
        ("is:replay", [4]),
        ("is:priced", [1]),
        ("is:estimated", [50]),
        ("is:degraded", [2]),
        ("is:changed", [1, 2, 3, 50]),
        ("!is:stream", [2]),
        # times
        ("since:10m", [3, 4, 50]),
        ("since:0.5h", [2, 3, 4, 50]),
        ("until:10m", [1, 2]),
        ("since:20m until:5m", [2]),
        ("!since:10m", [1, 2]),
    ],
)  # fmt: skip
def test_what_a_filter_lets_by(text: str, ids: list[int]) -> None:
    assert found(text) == ids


def test_days_and_times_of_day() -> None:
    now = datetime.now().astimezone().replace(microsecond=0)
    day = timedelta(days=1)
    times = {1: now - 2 * day, 2: now - day, 3: now - timedelta(seconds=5), 4: now}
    calls = [made_call(number, started_at=at.timestamp()) for number, at in times.items()]

    def since(text: str) -> list[int]:
        wanted = parse(text)
        assert wanted is not None
        return [call.id for call in calls if wanted.matches(call)]

    today, yesterday = (f"{at:%Y-%m-%d}" for at in (now, now - day))
    assert since("since:today") == [
        number for number, at in times.items() if at.date() == now.date()
    ]
    assert since(f"since:{yesterday} until:{yesterday}") == since("since:yesterday until:yesterday")
    assert since(f"until:{yesterday}") == [
        number for number, at in times.items() if at.date() < now.date()
    ]
    assert since(f"since:{now:%H:%M:%S}") == [4]
    assert since(f"since:{today}T{now:%H:%M:%S}") == [4]
    assert since(f'since:"{today} {now:%H:%M:%S}"') == [4]
    tomorrow = f"since:{now + timedelta(seconds=10):%H:%M:%S}"
    assert since(tomorrow) == [3, 4], "a time that has not come yet was yesterday"
    assert since("since:3d") == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "problem", "part"),
    [
        ("colour:red", '"colour" is no field', "colour:"),
        ("qwen statu:400 x", "did you mean status:?", "statu:"),
        ("duration:5s", "did you mean dur:?", "duration:"),
        ("qwen status:high", "status: takes a number, as in status:>=400", "high"),
        ("key:a,b dur:5s,5parsecs", "dur: takes a time", "5parsecs"),
        ("is:odd", "is: takes live, error", "odd"),
        ("is:erorr", "did you mean is:error?", "erorr"),
        ("model:>x", "model: takes words", "x"),
        ("since:soon", "since: takes an age or a time", "soon"),
        ("since:>10m", "since: takes an age or a time", "10m"),
        ("since:2026-13-01", "since: takes", "2026-13-01"),
        ('body:"x"y', "a space is missing", "y"),
        ('body:""', "body: takes text", '""'),
        ("status:", "status: takes a value, as in status:>=400", "status:"),
        ("status:>=", "status: takes a value", "status:>="),
        ("key:a, x", "key: takes a value", "key:a,"),
        ('a "b c', "the quotes do not end", '"b c'),
        ("x ! y", "a term must follow", "!"),
        ('""', "there is nothing in the quotes", '""'),
        ("@slow", "there is no saved filter slow", "@slow"),
    ],
)
def test_a_filter_that_is_wrong_says_what_and_where(text: str, problem: str, part: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text)
    assert problem in str(raised.value)
    assert text[raised.value.start : raised.value.end] == part


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("stat", ""),
        ("status:", ""),
        ("status:>=", ""),
        ("group:x status:", "group:x"),
        ("group:x !", "group:x"),
        ("group:x is:err", "group:x"),
        ("key:ci,", ""),
        ("dur:1m", "dur:1m"),
        ("cost:0.", ""),
        ("since:1", ""),
        ("since:14:", ""),
        ("since:2026-1", ""),
        ("since:tod", ""),
        ('group:x body:"over', "group:x"),
        ("group:x @sl", "group:x"),
        ("stat ", "stat"),
        ("haik", "haik"),
    ],
)
def test_a_last_term_that_is_being_typed_says_nothing_yet(text: str, same_as: str) -> None:
    begun, whole = parse(text, typing=True), parse(same_as + " ")
    for call in some_calls():
        assert (begun is None or begun.matches(call)) == (whole is None or whole.matches(call))


def test_only_the_last_term_may_be_unfinished() -> None:
    with pytest.raises(FilterError, match="takes a value"):
        parse("status: group:x", typing=True)
    with pytest.raises(FilterError, match="takes a value"):
        parse("status: ", typing=True)


PIECES = st.sampled_from(
    [*FIELDS, *STATES, ":", ">=", "<", "=", "..", ",", '"', "\\", "!", "-", " ", "@", "*", "5", "k",
     "10m", "14:30", "4xx", "é", "#", "$", "%", "today", "2026-11-30", ".", "\n", "s"]
)  # fmt: skip


def outcome(text: str, *, typing: bool) -> tuple[CallFilter | None, FilterError | None]:
    try:
        return parse(text, typing=typing), None
    except FilterError as problem:
        return None, problem


@given(st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=10).map("".join)), st.booleans())
def test_whatever_is_typed_is_a_filter_or_a_problem_with_its_place(text: str, typing: bool) -> None:
    wanted, problem = outcome(text, typing=typing)
    if problem is not None:
        assert str(problem)
        assert 0 <= problem.start <= problem.end <= len(text)
    elif wanted is not None:
        assert {wanted.matches(call) for call in SOME} <= {True, False}


@given(st.text(min_size=1, max_size=20), st.sampled_from(["key", "group", "note"]))
def test_what_is_written_is_read_as_it_is(value: str, name: str) -> None:
    (term,) = split(f"{name}:={written(value)}")
    (read,) = term.values
    assert (term.field, read.text, read.test) == (name, value, "=")
    wanted = parse(f"!key:={written(value)}")
    assert wanted is not None
    assert not wanted.matches(made_call(1, key=value))
    assert wanted.matches(made_call(1, key=value + "x"))


def test_examples_and_states_of_the_help_are_understood() -> None:
    for field in FIELDS.values():
        assert field.help.endswith(".")
        for example in field.examples:
            assert parse(f"{field.name}:{example}") is not None, (field.name, example)
        if isinstance(field, NumberField):
            assert parse(f"{field.name}:>1") is not None
    assert isinstance(FIELDS["is"], StateField)
    for state in STATES:
        assert parse(f"is:{state}") is not None


def test_a_hundred_thousand_calls_are_judged_in_no_time() -> None:
    kinds = [
        made_call(n, session=f"s{n}", tools=("Bash", "Edit"), started_at=NOW - n)
        for n in range(2_000)
    ]
    calls = kinds * 50
    for text in (
        "two nosuchwords",
        "key:Claude* model:sonnet tool:Bash tokens:>1k !is:error dur:>1s",
    ):
        wanted = parse(text)
        assert wanted is not None
        best = 9.0
        for _ in range(3):
            began = thread_time()
            sum(map(wanted.matches, calls))
            best = min(best, thread_time() - began)
        assert best < 0.6, (text, best)
