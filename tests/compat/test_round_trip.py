"""Calls written in any of the forms, with any values, are read back as they were; text stays text."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ccproxy_tui.compat.call import LONG
from ccproxy_tui.compat.coercion import kind_of
from ccproxy_tui.compat.history import write_call
from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.reply import PromptedReply
from ccproxy_tui.protocols.hub import (
    ArgumentsDelta,
    Event,
    JsonObject,
    ReplyStop,
    StopReason,
    TextDelta,
    Tool,
)
from tests.compat.corpus import CASES
from tests.compat.play import OFFER, Said, fed, gathered, said_by, same
from tests.protocols.validity import assert_valid_events

Call = tuple[str, JsonObject]

pytestmark = pytest.mark.timeout(60)  # a parser that hangs fails its test, not the whole run

few = settings(
    derandomize=True,
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
more = settings(few, max_examples=50)

MOST_HELD: Final = 64
"""Characters of plain text, beside white space, that are held back at most: longer than any mark."""
MOST_HELD_OF_A_STRING: Final = LONG + 64
"""The same of a long string in a call, which may be refused as long as it is short."""

# --- values -------------------------------------------------------------------------------------

NASTY: Final = [
    *("<", ">", "&", '"', "'", "\\", "`", "{", "}", "[", "]", ",", ":", "/", "\n", "\r\n", "\t"),
    *(
        "</arg>",
        "</arg >",
        "</args>",
        "</cs:tool_use>",
        '<arg name="x">',
        "<name>",
        "<cs:tool_use>",
    ),
    *(
        "]]></arg>\n</args>\n</cs:tool_use>",
        "<![CDATA[",
        "]]>",
        "]]]]><![CDATA[>",
        "]]",
        "&amp;",
        "&lt;",
        "&#39;",
        "&nbsp;",
        "&am",
    ),
    *("<tool_call>", "</tool_call>", "</function>", "<function=Bash>", "</parameter>"),
    *("<parameter=k>", "[TOOL_CALLS]", '{"name": "Bash", "arguments": {}}', "```\n", "\n```json\n"),
    *('", "', '"}', '"}}', "\\n", "\\u0041", "\\", "if (a<b && c) return;\n", "<div class='x'>"),
    *("<think>", "</think>", "<cs:tool_result>", "null", "true", "1", "[]", "{}", "\x00", "\x1b"),
    *("\u2028", "\u202e", "שלום", "🧑‍🚀", "e\u0301", "  ", "\n\n", "\ufeff"),
]
LETTERS = st.text(st.characters(codec="utf-8"), max_size=12)
STRINGS = st.lists(st.sampled_from(NASTY) | LETTERS, max_size=6).map("".join)
NUMBERS = (
    st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, -1, 5.0, 1e22, 1e-7, -0.5])
)
KEYS = st.sampled_from(["command", "file_path", "-n", "a.b", "ключ", "x" * 60, "a&b", "<k>", 'q"q'])
TAME_KEYS = st.sampled_from(["command", "file_path", "-n", "a.b", "ключ", "x" * 60])


def values(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Give JSON values of every kind."""
    scalars = st.none() | st.booleans() | NUMBERS
    inside = st.recursive(
        scalars | STRINGS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=4,
    )
    structures = st.lists(inside, max_size=3) | st.dictionaries(keys, inside, max_size=3)
    return STRINGS | scalars | structures


NAMES = st.sampled_from(
    ["Bash", "mcp__server__" + "x" * 51, "with.dot", "with-dash", "über_tool", "функция", "a"]
)
PIECES = st.lists(st.integers(1, 40), min_size=1, max_size=8)
"""Lengths of the pieces in which a reply comes, over and over."""


@st.composite
def calls(
    draw: st.DrawFn,
    keys: st.SearchStrategy[str] = KEYS,
    *,
    all_known: bool = False,
) -> tuple[Call, Tool]:
    """A call, and a tool whose schema allows it, and may know all of its arguments."""
    wanted = values(keys)
    name, arguments = draw(NAMES), draw(st.dictionaries(keys, wanted, max_size=4))
    properties = {key: draw(schemas(value)) for key, value in arguments.items()}
    known = {key: schema for key, schema in properties.items() if schema is not None}
    if all_known:
        known = {key: {} if schema is None else schema for key, schema in properties.items()}
    return (name, arguments), Tool(name, "", {"type": "object", "properties": known})


def schemas(value: Any) -> st.SearchStrategy[JsonObject | None]:
    """Give schemas that allow a value; None: the tool does not know the argument."""
    kind = kind_of(value)
    others = sorted({"string", "array", "null", "integer"} - {kind})
    return st.sampled_from(
        [
            None,
            {},
            {"type": kind},
            {"type": [kind, "null"]},
            {"anyOf": [{"type": other} for other in (*others, kind)]},
        ]
    )


def cut(text: str, lengths: Sequence[int]) -> list[str]:
    """Cut a text into pieces of these lengths, over and over."""
    pieces, at, turn = [], 0, 0
    while at < len(text):
        length = lengths[turn % len(lengths)]
        pieces.append(text[at : at + length])
        at, turn = at + length, turn + 1
    return pieces


def read(text: str, lengths: Sequence[int], offer: Offer, stop: StopReason = "end_turn") -> Said:
    reply = PromptedReply(offer, again=False)
    return gathered(assert_valid_events(fed(reply, said_by(cut(text, lengths), stop))))


def assert_read_back(text: str, lengths: Sequence[int], tool: Tool, call: Call) -> None:
    said = read(text, lengths, Offer.of([tool], None))
    assert [name for name, _ in said.calls] == [call[0]], said
    assert same(call[1], said.calls[0][1]), said.calls
    assert said.text == ""
    assert said.reason == "tool_use"


# --- one call, in each form ---------------------------------------------------------------------


@more
@given(calls(), PIECES)
@example((("a", {"x": "]]></arg>\n</args>\n</cs:tool_use>"}), Tool("a")), [7])
@example((("a", {"x": " <![CDATA[a]]>", "y": "a&lt;b"}), Tool("a")), [7])
def test_what_the_prompt_shows(made: tuple[Call, Tool], lengths: list[int]) -> None:
    (name, arguments), tool = made
    assert_read_back(write_call(name, arguments, 3), lengths, tool, (name, arguments))


Form = Callable[[str, JsonObject, bool], str]


def _object(name: str, arguments: JsonObject, ascii_only: bool) -> str:
    return json.dumps({"name": name, "arguments": arguments}, ensure_ascii=ascii_only)


def _indented(name: str, arguments: JsonObject, ascii_only: bool) -> str:
    call = {"name": name, "arguments": arguments}
    return json.dumps(call, ensure_ascii=ascii_only, indent=2)


def _compact(name: str, arguments: JsonObject, ascii_only: bool) -> str:
    call = {"name": name, "arguments": arguments}
    return json.dumps(call, ensure_ascii=ascii_only, separators=(",", ":"))


def _as_text(name: str, arguments: JsonObject, ascii_only: bool) -> str:
    inner = json.dumps(arguments, ensure_ascii=ascii_only)
    call = {"type": "function", "function": {"name": name, "arguments": inner}}
    return json.dumps(call, ensure_ascii=ascii_only)


FORMS: Final[dict[str, Form]] = {
    "hermes": lambda *call: f"<tool_call>\n{_object(*call)}\n</tool_call>",
    "hermes, on a line": lambda *call: f"<tool_call>{_compact(*call)}</tool_call>",
    "hermes, indented": lambda *call: f"<tool_call>\n{_indented(*call)}\n</tool_call>",
    "fenced": lambda *call: f"```json\n{_object(*call)}\n```",
    "fenced, indented": lambda *call: f"```\n{_indented(*call)}\n```\n",
    "bare": _object,
    "bare, indented": _indented,
    "mistral": lambda *call: f"[TOOL_CALLS][{_object(*call)}]",
    "mistral, new": lambda name, arguments, ascii_only: (
        f"[TOOL_CALLS]{name}[ARGS]{json.dumps(arguments, ensure_ascii=ascii_only)}"
    ),
    "llama": lambda name, arguments, ascii_only: (
        f"<function={name}>{json.dumps(arguments, ensure_ascii=ascii_only)}</function>"
    ),
}


@pytest.mark.parametrize("form", FORMS)
@few
@given(made=calls(TAME_KEYS, all_known=True), lengths=PIECES, ascii_only=st.booleans())
def test_json(form: str, made: tuple[Call, Tool], lengths: list[int], ascii_only: bool) -> None:
    (name, arguments), tool = made
    assert_read_back(FORMS[form](name, arguments, ascii_only), lengths, tool, (name, arguments))


@few
@given(calls(TAME_KEYS), PIECES, st.booleans())
def test_json_in_json(made: tuple[Call, Tool], lengths: list[int], ascii_only: bool) -> None:
    (name, arguments), tool = made
    text = f"<tool_call>\n{_as_text(name, arguments, ascii_only)}\n</tool_call>"
    assert_read_back(text, lengths, tool, (name, arguments))


OWN_TAGS: Final = re.compile(r"</?(?:parameter|function|tool_call|invoke|args)\b", re.IGNORECASE)
VERBATIM = STRINGS.filter(
    lambda text: (
        not OWN_TAGS.search(text)
        and not re.search(r"&(?:amp|lt|gt|quot|apos|#39|#34);", text)
        and not text.lstrip().startswith("<![CDATA[")
        and not text.endswith("\r")
    )
)
"""Strings that these forms can say, as nothing is escaped in them."""


@st.composite
def strings_called(draw: st.DrawFn) -> tuple[Call, Tool]:
    name, arguments = draw(NAMES), draw(st.dictionaries(TAME_KEYS, VERBATIM, max_size=3))
    properties = {key: {"type": "string"} for key in arguments}
    return (name, arguments), Tool(name, "", {"type": "object", "properties": properties})


@more
@given(strings_called(), PIECES, st.booleans())
def test_parameters(made: tuple[Call, Tool], lengths: list[int], around: bool) -> None:
    (name, arguments), tool = made
    said = "".join(
        f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in arguments.items()
    )
    text = f"<function={name}>\n{said}</function>"
    if around:
        text = f"<tool_call>\n{text}\n</tool_call>"
    assert_read_back(text, lengths, tool, (name, arguments))


@few
@given(strings_called(), PIECES)
def test_invoke(made: tuple[Call, Tool], lengths: list[int]) -> None:
    (name, arguments), tool = made
    said = "".join(
        f'<parameter name="{key}">{value}</parameter>\n' for key, value in arguments.items()
    )
    text = f'<function_calls>\n<invoke name="{name}">\n{said}</invoke>\n</function_calls>'
    assert_read_back(text, lengths, tool, (name, arguments))


# --- several calls, and texts -------------------------------------------------------------------

PROSE = st.lists(
    st.sampled_from(["I look", " at it", ".\n", "\n\n", "a < b", " & so", "** on **", ", é 🧑‍🚀"]),
    min_size=1,
    max_size=6,
).map("".join)


@few
@given(
    st.lists(st.tuples(calls(TAME_KEYS), PROSE, st.sampled_from([*FORMS, "own"])), max_size=3),
    PROSE,
    PIECES,
)
def test_calls_with_texts_between(
    rows: list[tuple[tuple[Call, Tool], str, str]], last: str, lengths: list[int]
) -> None:
    tools: dict[str, Tool] = {}
    wanted, texts, written = [], [], ""
    for ((name, arguments), _), text, form in rows:
        tools[name] = Tool(name, "", {"type": "object", "properties": {}})
        wanted.append((name, arguments))
        said = (
            write_call(name, arguments, 1) if form == "own" else FORMS[form](name, arguments, True)
        )
        texts.append(text.strip())
        written += f"{text.strip()}\n\n{said}\n\n"
    written += last.strip()
    said_ = read(written, lengths, Offer.of([*tools.values(), Tool("other")], None))
    assert [name for name, _ in said_.calls] == [name for name, _ in wanted]
    assert all(same(one, other) for (_, one), (_, other) in zip(wanted, said_.calls, strict=True))
    assert said_.text == "".join([*texts, last.strip()])


# --- text ---------------------------------------------------------------------------------------

SOUP: Final = [
    *("word ", "a < b ", "&", "<", ">", "{", "}", "[", "]", "`", "``", "```\n", "```py\n", "\n"),
    *(
        "<div>",
        "</div>",
        "<name>x</name>",
        "<arg>",
        "</arg>",
        "<args>",
        "</tool_call>",
        "<tool_call>",
    ),
    *('"', '": ', '"name"', ' {"a": 1}', '{"name": "x"}', '[{"id": 1}]', "- ", "> ", "    ", "\t"),
    *("<cs:", "<cs:tool_", "<invok", "<functio", "[TOOL_", "[TOOL_CALL", "<think>", "</think>"),
    *("<tools>", "Read", "arguments", "\r\n", "<![CDATA[", "🧑‍🚀", "é"),
]
BROKEN: Final = [
    "<cs:tool_use>",
    "<cs:tool_use><name>Fly</name>",
    '<tool_call>{"name": "Fly", "arguments": {}}',
    "<tool_call>{",
    "<function=Fly><parameter=a>",
    '<invoke name="Fly"><parameter name="a">',
    "[TOOL_CALLS]Fly{",
    '{"name": "Fly", "arguments": {"a": "b',
    '{"name": "Read", "description": "x"}',
    "</cs:tool_use>",
    "</function>",
    '"}}',
]
"""Beginnings and ends of calls; no row of them is a call, as there is no such tool."""
TEXTS = st.lists(st.sampled_from(SOUP), max_size=25).map("".join)
BROKEN_TEXTS = st.lists(st.sampled_from([*SOUP, *BROKEN]), max_size=20).map("".join)


def assert_same_text(said: Said, output: str) -> None:
    assert said.calls == []
    assert said.text == output or (output.isspace() and not said.text)


@more
@given(TEXTS | st.text(st.characters(codec="utf-8")), PIECES)
def test_text_stays_as_it_is(output: str, lengths: list[int]) -> None:
    reply = PromptedReply(OFFER, again=True)
    events = assert_valid_events(fed(reply, said_by(cut(output, lengths), "end_turn")))
    assert_same_text(gathered(events), output)
    assert reply.problem is None


@more
@given(BROKEN_TEXTS, PIECES, st.sampled_from(["end_turn", "max_tokens"]))
def test_what_is_no_call_stays_as_it_is(output: str, lengths: list[int], stop: StopReason) -> None:
    assert_same_text(read(output, lengths, OFFER, stop), output)


# --- what is held back --------------------------------------------------------------------------

PLAIN: Final = [
    *("Some words of text. ", "a < b && c > d ", 'said "so"', "x = {1: 2}; ", "[link](to) ", "\n"),
    *("`code` ", "```py\nf(x)\n```\n", "<div id='a'>text</div>\n", '{"a": {"b": [1]}}\n', "é🧑‍🚀 "),
    *("- item\n", "    indented\n", "<tool_call> is a tag. ", "a[0] = {}\n", "1 < 2\n", "{\n"),
]


@more
@given(st.lists(st.sampled_from(PLAIN), max_size=60).map("".join), PIECES)
def test_text_goes_out_at_once(output: str, lengths: list[int]) -> None:
    reply, seen, out = PromptedReply(OFFER, again=True), "", ""
    start, opened, *rest = said_by(cut(output, lengths), "end_turn")
    reply.feed([start, opened])
    for event in rest[:-2]:
        assert isinstance(event, TextDelta)
        seen += event.text
        out += _text_of(reply.feed([event]))
        assert seen.startswith(out)
        assert len(seen[len(out) :].strip()) <= MOST_HELD


LONG_STRINGS = st.lists(
    st.sampled_from(["a line of it\n", "if (a < b && c)\n", "\t'x'\n", "<div>\n", "é🧑‍🚀 "]),
    min_size=40,
    max_size=120,
).map("".join)
STREAMED: Final[dict[str, Callable[[str], tuple[str, str, str]]]] = {
    "own": lambda text: (
        '<cs:tool_use>\n<name>Write</name>\n<args>\n<arg name="content">',
        text,
        "</arg>\n</args>\n</cs:tool_use>",
    ),
    "hermes": lambda text: (
        '<tool_call>\n{"name": "Write", "arguments": {"content": "',
        json.dumps(text, ensure_ascii=False)[1:-1],
        '"}}\n</tool_call>',
    ),
    "functions": lambda text: (
        "<function=Write>\n<parameter=content>\n",
        text,
        "\n</parameter>\n</function>",
    ),
    "invoke": lambda text: (
        '<invoke name="Write">\n<parameter name="content">',
        text,
        "</parameter>\n</invoke>",
    ),
    "bare": lambda text: (
        '{"name": "Write", "arguments": {"content": "',
        json.dumps(text, ensure_ascii=False)[1:-1],
        '"}}',
    ),
}


@pytest.mark.parametrize("form", STREAMED)
@few
@given(text=LONG_STRINGS, lengths=PIECES)
def test_a_long_string_goes_out_while_it_is_written(
    form: str, text: str, lengths: list[int]
) -> None:
    before, inside, after = STREAMED[form](text)
    reply, seen, out = PromptedReply(OFFER, again=True), 0, ""
    start, opened, *_ = said_by([], "end_turn")
    reply.feed([start, opened, TextDelta(0, before)])
    for piece in cut(inside, lengths):
        seen += len(piece)
        out += _json_of(reply.feed([TextDelta(0, piece)]))
        said = _decoded(out.removeprefix('{"content":"'))
        assert text.startswith(said)
        assert seen - len(json.dumps(said, ensure_ascii=False)) <= MOST_HELD_OF_A_STRING
    *_, stopped, ended = said_by([], "end_turn")
    out += _json_of(reply.feed([TextDelta(0, after), stopped, ended]))
    assert json.loads(out) == {"content": text}


def _text_of(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def _json_of(events: Sequence[Event]) -> str:
    return "".join(event.json for event in events if isinstance(event, ArgumentsDelta))


def _decoded(begun: str) -> str:
    return str(json.loads(f'"{begun}"')) if begun else ""


# --- anything at all ----------------------------------------------------------------------------

OUTPUTS: Final = [case.output for case in CASES]
_CALL: Final = r"\s*(?:```+[\w-]*\s*)?(?:[<{\[](?s:.)*?)?\s*"
"""What stands where a call was; nothing new where several came from one place."""


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A reply of the corpus, with some harm done to it."""
    output = draw(st.sampled_from(OUTPUTS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(output)))
        to = min(len(output), at + draw(st.integers(0, 30)))
        match draw(st.sampled_from(["cut", "drop", "insert", "repeat", "join"])):
            case "cut":
                output = output[:at] or output
            case "drop":
                output = output[:at] + output[to:]
            case "insert":
                token = draw(st.sampled_from([*NASTY, *SOUP, *BROKEN]))
                output = output[:at] + token + output[at:]
            case "repeat":
                output = output[:to] + output[at:]
            case "join":
                other = draw(st.sampled_from(OUTPUTS))
                output = output[:at] + other[draw(st.integers(0, len(other))) :]
    return output


@settings(few, max_examples=150)
@given(mutants(), PIECES, st.sampled_from(["end_turn", "max_tokens"]))
def test_nothing_is_lost_of_whatever_a_model_writes(
    output: str, lengths: list[int], stop: StopReason
) -> None:
    said = read(output, lengths, OFFER, stop)
    if "<cs:tool_result" in output.lower() or "tool_response>" in output.lower():
        return  # a model that makes up results is not listened to any more
    if not any(tool for tool, _ in said.blocks):
        assert_same_text(said, output)
        return
    _assert_accounted_for(said, output)


@settings(few, max_examples=60)
@given(mutants(), PIECES)
def test_whatever_a_model_writes_it_can_be_asked_again(output: str, lengths: list[int]) -> None:
    reply = PromptedReply(OFFER, again=True)
    events = fed(reply, said_by(cut(output, lengths), "end_turn"))
    if reply.wants_again:
        assert reply.problem is not None
        assert reply.problem.raw
        assert not any(isinstance(event, ReplyStop) for event in events)
        reply.begin_again()
        events += fed(reply, said_by(["I cannot."], "end_turn"))
        assert gathered(events).text.endswith("I cannot.")
    assert_valid_events(events)


def _assert_accounted_for(said: Said, output: str) -> None:
    """Check that texts are parts of the output, in its order, and that calls explain the rest."""
    rest = [_CALL if tool else re.escape(text.strip()) for tool, text in said.blocks]
    assert re.fullmatch(rf"\s*{''.join(rest)}\s*", output), said


# --- faults that were there ---------------------------------------------------------------------

EDITS: Final = [{"old_string": "</function></tool_call>", "new_string": "x"}]


def test_closing_tags_in_nested_strings() -> None:
    text = FORMS["hermes"]("MultiEdit", {"edits": EDITS}, False)
    assert read(text, [9], OFFER).calls == [("MultiEdit", {"edits": EDITS})]


@pytest.mark.parametrize("inside", ["</cs:tool_use>", "</arg></args>", "a &lt; b"])
def test_tags_and_entities_in_nested_strings(inside: str) -> None:
    arguments = {"edits": [{"old_string": inside, "new_string": ""}]}
    assert read(write_call("MultiEdit", arguments, 1), [9], OFFER).calls == [
        ("MultiEdit", arguments)
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<invoke name="Glob"><parameter name="pattern">a &amp; b</parameter></invoke>',
        "<function=Glob><parameter=pattern>\na &amp; b\n</parameter></function>",
    ],
)
def test_entities_in_verbatim_forms(text: str) -> None:
    assert read(text, [9], OFFER).calls == [("Glob", {"pattern": "a &amp; b"})]


@pytest.mark.parametrize(
    "output", ["So [TOOL_CALLS][", "So <tool_call>[", "<tool_call>[]</tool_call>"]
)
def test_arrays_without_calls(output: str) -> None:
    assert_same_text(read(output, [9], OFFER), output)


NO_JSON: Final = [
    ("anything", "NaN"),
    ("anything", "1e999"),
    ("anything", "[1e999]"),
    ("anything", '["\\ud83d b"]'),
    ("anything", "[\"\\ud83d\\ude00\", 'mended']"),
    ("retries", "NaN"),
    ("retries", "1e999"),
    ("retries", "1" * 5000),
    ("codes", "[1e999]"),
    ("codes", f"[{'1' * 5000}]"),
]


@pytest.mark.parametrize(("name", "value"), NO_JSON, ids=lambda text: text[:20])
def test_values_that_are_no_json(name: str, value: str) -> None:
    text = f'<tool_call>{{"name": "configure", "arguments": {{"{name}": {value}}}}}</tool_call>'
    said = read(text, [9], OFFER)
    for _, piece in said.blocks:
        piece.encode()
    assert len(said.calls) + bool(said.text) == 1


@pytest.mark.parametrize("content", ['{"x": "1"}', 'a "b", "c": d'])
def test_quotes_that_were_not_escaped_are_no_end(content: str) -> None:
    text = f'<tool_call>{{"name": "Write", "arguments": {{"content": "{content}"}}}}</tool_call>'
    said = read(text, [9], OFFER)
    assert said.calls in ([], [("Write", {"content": content})])
