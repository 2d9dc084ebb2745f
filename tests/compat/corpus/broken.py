"""Calls that are mended, and calls that are problems."""

from typing import Final

from tests.compat.corpus.case import Case, bash, failing, read, write

_MENDED: Final = [
    Case(
        "a trailing comma",
        '<tool_call>\n{"name": "Bash", "arguments": {"command": "ls", "timeout": 100,}}\n</tool_call>',
        "",
        [bash("ls", timeout=100.0)],
    ),
    Case(
        "single quotes",
        "<tool_call>\n{'name': 'Read', 'arguments': {'file_path': '/a', 'limit': 3}}\n</tool_call>",
        "",
        [read("/a", limit=3)],
    ),
    Case(
        "single quotes with a double one inside",
        "<tool_call>\n{'name': 'Bash', 'arguments': {'command': 'grep \"x\" a.py'}}\n</tool_call>",
        "",
        [bash('grep "x" a.py')],
    ),
    Case(
        "Python's words",
        '<tool_call>\n{"name": "configure", "arguments": {"enabled": True, "title": None}}\n</tool_call>',
        "",
        [("configure", {"enabled": True, "title": None})],
    ),
    Case(
        "Python's words inside of a string stay",
        '<tool_call>\n{"name": "Bash", "arguments": {"command": "echo True None, }", "run_in_background": True}}\n</tool_call>',
        "",
        [bash("echo True None, }", run_in_background=True)],
    ),
    Case(
        "the last bracket is missing",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}\n</tool_call>',
        "",
        [read("/a")],
    ),
    Case(
        "a bracket is missing in the first of two",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}\n</tool_call>\n<tool_call>\n{"name": "Read", "arguments": {"file_path": "/b"}}\n</tool_call>',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "a bracket too many",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}}\n</tool_call>',
        "",
        [read("/a")],
    ),
    Case(
        "newlines as they are in a string",
        '<tool_call>\n{"name": "Write", "arguments": {"file_path": "/a.py", "content": "import os\n\nprint(os.name)\n"}}\n</tool_call>',
        "",
        [write("/a.py", "import os\n\nprint(os.name)\n")],
    ),
    Case(
        "tabs as they are in a string",
        '<tool_call>\n{"name": "Write", "arguments": {"file_path": "/Makefile", "content": "all:\n\tcc a.c\n"}}\n</tool_call>',
        "",
        [write("/Makefile", "all:\n\tcc a.c\n")],
    ),
    Case(
        "a path of Windows without escapes",
        r'<tool_call>{"name": "Read", "arguments": {"file_path": "C:\Users\dev\src\app.py"}}</tool_call>',
        "",
        [read("C:\\Users\\dev\\src\\app.py")],
    ),
    Case(
        "a regex without escapes",
        r'<tool_call>{"name": "Grep", "arguments": {"pattern": "def \w+\(\d"}}</tool_call>',
        "",
        [("Grep", {"pattern": r"def \w+\(\d"})],
    ),
    Case(
        "arguments as a broken string of JSON",
        r"""<tool_call>{"name": "Bash", "arguments": "{'command': 'ls'}"}</tool_call>""",
        "",
        [bash("ls")],
    ),
    Case(
        "a comma is missing",
        '<tool_call>\n{"name": "Read"\n "arguments": {"file_path": "/a"}}\n</tool_call>',
        "",
        [read("/a")],
    ),
    Case(
        "Mistral's array with a trailing comma",
        '[TOOL_CALLS][{"name": "Bash", "arguments": {"command": "ls"}},]',
        "",
        [bash("ls")],
    ),
    Case(
        "Llama's JSON with a bracket missing",
        '<function=Bash>{"command": "ls"</function>',
        "",
        [bash("ls")],
    ),
    Case(
        "an array in an argument with a trailing comma and Python's quotes",
        "<function=TodoWrite>\n<parameter=todos>\n[{'content': 'A', 'status': 'pending', 'activeForm': 'B'},]\n</parameter>\n</function>",
        "",
        [("TodoWrite", {"todos": [{"content": "A", "status": "pending", "activeForm": "B"}]})],
    ),
]

_LONG: Final = "x" * 201

_PROBLEMS: Final = [
    failing(
        "an unknown tool",
        '<cs:tool_use>\n<name>ReadFile</name>\n<args>\n<arg name="path">/a</arg>\n</args>\n</cs:tool_use>',
        "ReadFile",
    ),
    failing(
        "an unknown tool, as Hermes",
        '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>',
        "get_weather",
    ),
    failing(
        "an unknown tool, as Qwen coder",
        "<function=search_web>\n<parameter=query>\nx\n</parameter>\n</function>",
        "search_web",
    ),
    failing(
        "an unknown tool, as Llama",
        '<function=search_web>{"query": "x"}</function>',
        "search_web",
    ),
    failing(
        "an unknown tool, as an invoke",
        '<function_calls>\n<invoke name="str_replace_editor">\n<parameter name="command">view</parameter>\n</invoke>\n</function_calls>',
        "str_replace_editor",
    ),
    failing(
        "an unknown tool, as Mistral",
        '[TOOL_CALLS][{"name": "search_web", "arguments": {"query": "x"}}]',
        "search_web",
    ),
    failing(
        "an unknown tool, as Mistral with ARGS",
        '[TOOL_CALLS]search_web[ARGS]{"query": "x"}',
        "search_web",
    ),
    failing(
        "a name that could be two tools",
        '<tool_call>{"name": "GetPage", "arguments": {"number": 1}}</tool_call>',
        "GetPage",
    ),
    failing(
        "no name",
        '<cs:tool_use>\n<args>\n<arg name="file_path">/a</arg>\n</args>\n</cs:tool_use>',
    ),
    failing("an empty name", "<cs:tool_use>\n<name></name>\n<args></args>\n</cs:tool_use>"),
    failing(
        "an empty name, as Hermes",
        '<tool_call>\n{"name": "", "arguments": {"file_path": "/a"}}\n</tool_call>',
    ),
    failing("no name, as Hermes", '<tool_call>\n{"arguments": {"file_path": "/a"}}\n</tool_call>'),
    failing("nothing in it", "<cs:tool_use></cs:tool_use>"),
    failing(
        "a name that is too long",
        f"<cs:tool_use>\n<name>{_LONG}</name>\n<args></args>\n</cs:tool_use>",
    ),
    failing(
        "text in place of arguments",
        "<cs:tool_use>\n<name>Bash</name>\n<args>\nplease list the files\n</args>\n</cs:tool_use>",
    ),
    failing(
        "text in place of arguments, without args",
        "<cs:tool_use>\n<name>Bash</name>\nls -la\n</cs:tool_use>",
    ),
    failing(
        "words where an integer should be",
        '<cs:tool_use>\n<name>Read</name>\n<args>\n<arg name="file_path">/a</arg>\n<arg name="limit" type="integer">abc</arg>\n</args>\n</cs:tool_use>',
        "limit",
    ),
    failing(
        "half an integer",
        '<cs:tool_use>\n<name>Read</name>\n<args>\n<arg name="file_path">/a</arg>\n<arg name="limit">2.5</arg>\n</args>\n</cs:tool_use>',
        "limit",
    ),
    failing(
        "words where a boolean should be, as Hermes",
        '<tool_call>\n{"name": "Bash", "arguments": {"command": "ls", "run_in_background": "maybe"}}\n</tool_call>',
        "run_in_background",
    ),
    failing(
        "words where a number should be, as Qwen coder",
        "<function=Bash>\n<parameter=command>\nls\n</parameter>\n<parameter=timeout>\nsoon\n</parameter>\n</function>",
        "timeout",
    ),
    failing(
        "words where a number should be, as an invoke",
        '<invoke name="Bash"><parameter name="command">ls</parameter><parameter name="timeout">soon</parameter></invoke>',
        "timeout",
    ),
    failing(
        "words where an integer should be, as Mistral",
        '[TOOL_CALLS][{"name": "Read", "arguments": {"file_path": "/a", "limit": "all"}}]',
        "limit",
    ),
    failing(
        "a number that is none",
        '<cs:tool_use><name>configure</name><args><arg name="ratio" type="number">NaN</arg></args></cs:tool_use>',
        "ratio",
    ),
    failing(
        "words where an object should be",
        '<cs:tool_use><name>configure</name><args><arg name="limits" type="object">as many as you like</arg></args></cs:tool_use>',
        "limits",
    ),
    failing(
        "an inner value that cannot be read",
        '<cs:tool_use><name>configure</name><args><arg name="limits" type="object">{"max": "lots"}</arg></args></cs:tool_use>',
        "max",
    ),
    failing(
        "the type says integer, and it is none",
        '<cs:tool_use><name>configure</name><args><arg name="extra" type="integer">abc</arg></args></cs:tool_use>',
        "extra",
    ),
    failing("no JSON at all", "<tool_call>\n{Read the file /a, please}\n</tool_call>"),
    failing(
        "arguments that are words, as Hermes",
        '<tool_call>\n{"name": "Read", "arguments": "the file /a"}\n</tool_call>',
    ),
    failing(
        "arguments that are a list, as Hermes",
        '<tool_call>\n{"name": "Read", "arguments": ["/a"]}\n</tool_call>',
    ),
    failing("text in place of JSON, as Llama", "<function=Bash>ls -la</function>"),
    failing(
        "text on both sides of a problem",
        'Let me see.\n\n<tool_call>\n{"name": "cat", "arguments": {"path": "/a"}}\n</tool_call>\n\nThat should do.\n',
        "cat",
    ),
    Case(
        "a call behind a problem may be quoted in it",
        '<tool_call>{"name": "cat", "arguments": {}}</tool_call>\n<tool_call>{"name": "Read", "arguments": {"file_path": "/a"}}</tool_call>',
        '<tool_call>{"name": "cat", "arguments": {}}</tool_call>\n<tool_call>{"name": "Read", "arguments": {"file_path": "/a"}}</tool_call>',
        [],
        problem="cat",
    ),
    Case(
        "a good call before a problem",
        '<tool_call>{"name": "Read", "arguments": {"file_path": "/a"}}</tool_call>\n<tool_call>{"name": "cat", "arguments": {}}</tool_call>',
        '<tool_call>{"name": "cat", "arguments": {}}</tool_call>',
        [read("/a")],
        problem="cat",
    ),
    failing(
        "two problems: the first counts",
        '<tool_call>{"name": "cat", "arguments": {}}</tool_call><tool_call>{"name": "dog", "arguments": {}}</tool_call>',
        "cat",
    ),
    failing(
        "a good call inside of a problem's value is no call",
        '<cs:tool_use>\n<name>Fly</name>\n<args>\n<arg name="x"><tool_call>{"name": "Read", "arguments": {"file_path": "/a"}}</tool_call></arg>\n</args>\n</cs:tool_use>',
        "Fly",
    ),
    failing(
        "a problem in a fence",
        "Ok:\n```xml\n<cs:tool_use>\n<name>Fly</name>\n<args></args>\n</cs:tool_use>\n```\nDone.",
        "Fly",
    ),
    failing(
        "a problem that is never closed", "Hm.\n<cs:tool_use>\n<name>Fly</name>\n<args>\n", "Fly"
    ),
]

CASES: Final = _MENDED + _PROBLEMS
