"""Replies that end inside of a call, and why they did."""

from typing import Final

from tests.compat.corpus.case import Case, bash, prose, read, write

_TAGGED: Final = (
    "Let me read.\n\n<cs:tool_use>\n<name>Read</name>\n<args>\n"
    '<arg name="file_path" type="string">/src/app.py</arg>\n</args>\n</cs:tool_use>'
)
_APP: Final = read("/src/app.py")


def _until(end: str) -> str:
    return _TAGGED[: _TAGGED.index(end) + len(end)]


def _ended(name: str, end: str) -> Case:
    """Give a tagged call that ends with this, and is closed there."""
    return Case(name, _until(end), "Let me read.", [_APP])


def _unfinished(name: str, end: str) -> Case:
    """Give a tagged call that ran out of tokens after this."""
    return prose(name, _until(end), "max_tokens")


_STOPPED: Final = [
    _ended("before the call's end tag", "</args>\n"),
    _ended("in the call's end tag", "</args>\n</cs:tool_"),
    _ended("at the first character of the call's end tag", "</args>\n<"),
    _ended("in the args' end tag", "</arg>\n</ar"),
    _ended("before the args' end tag", "</arg>"),
    _ended("in the arg's end tag", ".py</ar"),
    _ended("at the first characters of the arg's end tag", ".py</"),
    Case("in the last value", _until(".py"), _until(".py"), [], problem="middle of a value"),
    Case(
        "a stop sequence that is the end tag",
        '<cs:tool_use>\n<name>Read</name>\n<args>\n<arg name="file_path">/a</arg>\n</args>\n',
        "",
        [read("/a")],
        stop="stop_sequence",
    ),
    Case(
        "a stop sequence that is Hermes' end tag",
        'Ok.\n<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n',
        "Ok.",
        [read("/a")],
        stop="stop_sequence",
    ),
    Case(
        "the upstream says that it calls tools",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n</tool_call>',
        "",
        [read("/a")],
        stop="tool_use",
    ),
    Case(
        "the upstream says that it calls tools, and the call has no end",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}',
        "",
        [read("/a")],
        stop="tool_use",
    ),
    Case(
        "in Hermes' end tag",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n</tool_c',
        "",
        [read("/a")],
    ),
    Case(
        "the brackets of Hermes' JSON are missing",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"',
        "",
        [read("/a")],
    ),
    Case(
        "before the function's end",
        "<tool_call>\n<function=Read>\n<parameter=file_path>\n/a\n</parameter>\n",
        "",
        [read("/a")],
    ),
    Case(
        "in the function's end tag",
        "<function=Read>\n<parameter=file_path>\n/a\n</parameter>\n</func",
        "",
        [read("/a")],
    ),
    Case(
        "in the parameter's end tag",
        "<function=Bash>\n<parameter=command>\nls -l\n</param",
        "",
        [bash("ls -l")],
    ),
    Case(
        "before the invoke's end",
        '<function_calls>\n<invoke name="Read">\n<parameter name="file_path">/a</parameter>\n',
        "",
        [read("/a")],
    ),
    Case(
        "Mistral's object has no end",
        '[TOOL_CALLS]Bash[ARGS]{"command": "ls"',
        "",
        [bash("ls")],
    ),
    Case(
        "a fence that ends in its last line",
        '```json\n{"name": "Bash", "arguments": {"command": "ls"}}\n``',
        "",
        [bash("ls")],
    ),
    Case(
        "a value with an end tag inside, at the end",
        '<cs:tool_use><name>Write</name><args><arg name="file_path">/f</arg><arg name="content">a</arg> b</arg>',
        "",
        [write("/f", "a</arg> b")],
    ),
]

_OUT_OF_TOKENS: Final = [
    _unfinished("no tokens: in the marker", "<cs:tool"),
    _unfinished("no tokens: behind the marker", "<cs:tool_use>"),
    _unfinished("no tokens: in the name", "<name>Re"),
    _unfinished("no tokens: in an arg's tag", '<arg name="file_'),
    _unfinished("no tokens: in a value", "/src/a"),
    _unfinished("no tokens: in a value's end tag", ".py</a"),
    _unfinished("no tokens: before the call's end tag", "</args>\n"),
    _unfinished("no tokens: in the call's end tag", "</cs:tool_us"),
    Case(
        "no tokens: right behind the call",
        _TAGGED,
        "Let me read.",
        [_APP],
        stop="max_tokens",
    ),
    Case(
        "no tokens: in text behind a call",
        _TAGGED + "\n\nThen I wi",
        "Let me read.Then I wi",
        [_APP],
        stop="max_tokens",
    ),
    Case(
        "no tokens: in the second call",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n</tool_call>\n<tool_call>\n{"name": "Rea',
        '<tool_call>\n{"name": "Rea',
        [read("/a")],
        stop="max_tokens",
    ),
    prose(
        "no tokens: in Hermes' JSON",
        'Ok.\n\n<tool_call>\n{"name": "Write", "arguments": {"file_path": "/a", "content": "x',
        "max_tokens",
    ),
    prose("no tokens: behind Hermes' marker", "Ok.\n\n<tool_call>\n", "max_tokens"),
    prose(
        "no tokens: in a function's value",
        "Ok.\n\n<function=Bash>\n<parameter=command>\nrm -rf /tmp/a",
        "max_tokens",
    ),
    prose(
        "no tokens: in an invoke's value",
        'Ok.\n<function_calls>\n<invoke name="Bash">\n<parameter name="command">rm -rf /',
        "max_tokens",
    ),
    prose("no tokens: in Mistral's array", '[TOOL_CALLS][{"name": "Bash", "arg', "max_tokens"),
    prose(
        "no tokens: in Mistral's JSON", '[TOOL_CALLS]Bash[ARGS]{"command": "rm -rf /', "max_tokens"
    ),
    prose(
        "no tokens: in a fence",
        'Ok.\n\n```json\n{"name": "Bash", "arguments": {"command": "rm -rf /',
        "max_tokens",
    ),
    prose(
        "no tokens: in bare JSON",
        'Ok.\n{"name": "Bash", "arguments": {"command": "rm -rf /',
        "max_tokens",
    ),
    prose("no tokens: in plain text", "The answer is that", "max_tokens"),
    prose("no tokens: at the start of what could be a call", "Ok.\n\n```js", "max_tokens"),
]

_NO_CALL: Final = [
    prose("text that stops at a sequence", "One, two,", "stop_sequence"),
    prose("the upstream says that it calls tools, and there are none", "I did it.", "tool_use"),
    prose("text that is refused", "I cannot", "refusal"),
    prose("the start of a marker at the end", "Tags begin with <cs:tool_"),
    prose("the start of Hermes' marker at the end", "Tags begin with <tool_c"),
    prose("the start of Mistral's mark at the end", "It is called [TOOL_"),
    prose("the start of a fence at the end", "Like so:\n``"),
    prose("less than at the end", "a <"),
]

CASES: Final = _STOPPED + _OUT_OF_TOKENS + _NO_CALL
