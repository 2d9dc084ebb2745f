"""Several calls, several grammars, thoughts, results that the model made up."""

from typing import Final

from tests.compat.corpus.case import Case, bash, read, write


def _tagged(path: str) -> str:
    return (
        "<cs:tool_use>\n<name>Read</name>\n<args>\n"
        f'<arg name="file_path" type="string">{path}</arg>\n</args>\n</cs:tool_use>'
    )


def _hermes(path: str) -> str:
    return f'<tool_call>\n{{"name": "Read", "arguments": {{"file_path": "{path}"}}}}\n</tool_call>'


_SEVERAL: Final = [
    Case("two", f"{_tagged('/a')}\n\n{_tagged('/b')}", "", [read("/a"), read("/b")]),
    Case(
        "three without anything between",
        _tagged("/a") + _tagged("/b") + _tagged("/c"),
        "",
        [read("/a"), read("/b"), read("/c")],
    ),
    Case(
        "text before, between and behind",
        f"First a.\n\n{_tagged('/a')}\n\nThen b.\n\n{_tagged('/b')}\n\nThat is all.\n",
        "First a.Then b.That is all.\n",
        [read("/a"), read("/b")],
    ),
    Case(
        "the same call twice",
        f"{_hermes('/a')}\n{_hermes('/a')}",
        "",
        [read("/a"), read("/a")],
    ),
    Case(
        "two grammars",
        f"{_tagged('/a')}\n{_hermes('/b')}\n",
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "all grammars",
        f"{_hermes('/a')}\n<function=Bash>\n<parameter=command>\nls\n</parameter>\n</function>\n"
        '<invoke name="Bash"><parameter name="command">pwd</parameter></invoke>\n'
        '```json\n{"name": "Bash", "arguments": {"command": "id"}}\n```\n'
        '{"name": "Bash", "arguments": {"command": "df"}}\n'
        f'[TOOL_CALLS]Bash[ARGS]{{"command": "env"}}\n{_tagged("/b")}',
        "",
        [
            read("/a"),
            bash("ls"),
            bash("pwd"),
            bash("id"),
            bash("df"),
            bash("env"),
            read("/b"),
        ],
    ),
    Case(
        "code as text and then a call",
        f"I'd change it to:\n\n```python\nx = {{'a': 1}}\n```\n\n{_tagged('/a')}",
        "I'd change it to:\n\n```python\nx = {'a': 1}\n```",
        [read("/a")],
    ),
    Case(
        "inline code and then a call",
        f"I'll use `<cs:tool_use>` for `Read`:\n{_tagged('/a')}",
        "I'll use `<cs:tool_use>` for `Read`:",
        [read("/a")],
    ),
    Case(
        "HTML as text and then a call",
        f"<p>Hello</p>\n{_hermes('/a')}",
        "<p>Hello</p>",
        [read("/a")],
    ),
    Case(
        "a call, then a fence as text",
        f"{_hermes('/a')}\n\n```sh\nls\n```\n",
        "```sh\nls\n```\n",
        [read("/a")],
    ),
    Case(
        "a call, then JSON as text",
        f'{_hermes("/a")}\n{{"ok": true}}\n',
        '{"ok": true}\n',
        [read("/a")],
    ),
    Case(
        "text and tags with carriage returns",
        f"One.\n\n{_tagged('/a')}\n\nTwo.\n".replace("\n", "\r\n"),
        "One.Two.\r\n",
        [read("/a")],
    ),
    Case(
        "letters of the world around it",
        f"我先读文件。🙂\n{_hermes('/数据/a.txt')}\n然后继续。",
        "我先读文件。🙂然后继续。",
        [read("/数据/a.txt")],
    ),
]

_THOUGHTS: Final = [
    Case(
        "thoughts, then a call",
        f"<think>\nI need /a.\n</think>\n\n{_tagged('/a')}",
        "<think>\nI need /a.\n</think>",
        [read("/a")],
    ),
    Case(
        "a call in thoughts, then the real one",
        f"<think>\nMaybe\n{_hermes('/wrong')}\nor so.\n</think>\n{_hermes('/a')}",
        f"<think>\nMaybe\n{_hermes('/wrong')}\nor so.\n</think>",
        [read("/a")],
    ),
    Case(
        "a fence that is open at the end of thoughts",
        f"<think>\n```json\n{{\n</think>\nOk.\n{_hermes('/a')}",
        "<think>\n```json\n{\n</think>\nOk.",
        [read("/a")],
    ),
    Case(
        "thoughts, text, a call, text",
        f"<think>Hm.</think>I'll read it.\n{_hermes('/a')}\nOk.",
        "<think>Hm.</think>I'll read it.Ok.",
        [read("/a")],
    ),
    Case(
        "thoughts in a value",
        '<cs:tool_use><name>Write</name><args><arg name="file_path">/a</arg><arg name="content"><think>x</arg></args></cs:tool_use>',
        "",
        [write("/a", "<think>x")],
    ),
]

_RESULTS: Final = [
    Case(
        "a result made up behind the call",
        f'{_tagged("/a")}\n<cs:tool_result id="1">\nprint("hello")\n</cs:tool_result>\n\nThe file says hello.',
        "",
        [read("/a")],
    ),
    Case(
        "a result made up right behind the call",
        f'{_tagged("/a")}<cs:tool_result id="1">x</cs:tool_result>',
        "",
        [read("/a")],
    ),
    Case(
        "a whole conversation made up",
        f"Ok.\n{_tagged('/a')}\n\n<cs:tool_result>\nx = 1\n</cs:tool_result>\n\nNow b.\n{_tagged('/b')}\n\n<cs:tool_result>\n",
        "Ok.",
        [read("/a")],
    ),
    Case(
        "a result made up behind two calls",
        f'{_tagged("/a")}\n{_tagged("/b")}\n<cs:tool_result id="1">',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "a result made up behind a call of another grammar",
        f"{_hermes('/a')}\n<cs:tool_result>\nx\n</cs:tool_result>\nDone.",
        "",
        [read("/a")],
    ),
    Case(
        "a result that is written to a file",
        '<cs:tool_use>\n<name>Write</name>\n<args>\n<arg name="file_path">/a</arg>\n<arg name="content">\n<cs:tool_result id="1">\nx\n</cs:tool_result>\n</arg>\n</args>\n</cs:tool_use>\nDone.',
        "Done.",
        [write("/a", '\n<cs:tool_result id="1">\nx\n</cs:tool_result>\n')],
    ),
    Case(
        "a result talked of behind a call",
        f"{_hermes('/a')}\nI wait for <cs:tool_result> now.",
        "I wait for <cs:tool_result> now.",
        [read("/a")],
    ),
]

CASES: Final = _SEVERAL + _THOUGHTS + _RESULTS
