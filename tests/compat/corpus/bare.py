"""Calls as JSON without anything around it, and JSON that is none."""

from typing import Final

from tests.compat.corpus.case import Case, bash, prose, read, write

_READ: Final = '{"name": "Read", "arguments": {"file_path": "/src/app.py"}}'
_APP: Final = read("/src/app.py")

_CALLS: Final = [
    Case("the whole reply, as Qwen2.5 coder does", _READ, "", [_APP]),
    Case(
        "pretty printed",
        '{\n  "name": "Read",\n  "arguments": {\n    "file_path": "/src/app.py"\n  }\n}\n',
        "",
        [_APP],
    ),
    Case("behind text", f"I'll read it:\n\n{_READ}", "I'll read it:", [_APP]),
    Case("before text", f"{_READ}\n\nThis reads the file.", "This reads the file.", [_APP]),
    Case("behind spaces", f"Ok\n    {_READ}", "Ok", [_APP]),
    Case("behind blank lines", f"\n\n{_READ}\n", "", [_APP]),
    Case(
        "one a line",
        '{"name": "Read", "arguments": {"file_path": "/a"}}\n{"name": "Read", "arguments": {"file_path": "/b"}}\n',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "an array",
        '[{"name": "Read", "arguments": {"file_path": "/a"}}, {"name": "Bash", "arguments": {"command": "ls"}}]',
        "",
        [read("/a"), bash("ls")],
    ),
    Case(
        "an array over lines behind text",
        'Doing both.\n[\n  {"name": "Read", "arguments": {"file_path": "/a"}},\n  {"name": "Bash", "arguments": {"command": "ls"}}\n]\n',
        "Doing both.",
        [read("/a"), bash("ls")],
    ),
    Case(
        "Llama's shape",
        '{"name": "Read", "parameters": {"file_path": "/a", "limit": "20"}}',
        "",
        [read("/a", limit=20)],
    ),
    Case(
        "Llama's shape with a type",
        '{"type": "function", "name": "Bash", "parameters": {"command": "df -h"}}',
        "",
        [bash("df -h")],
    ),
    Case(
        "the name under function",
        '{"function": "Bash", "parameters": {"command": "df -h"}}',
        "",
        [bash("df -h")],
    ),
    Case("tool and args", '{"tool": "Bash", "args": {"command": "df -h"}}', "", [bash("df -h")]),
    Case(
        "tool_name and params",
        '{"tool_name": "Bash", "params": {"command": "df -h"}}',
        "",
        [bash("df -h")],
    ),
    Case("name and input", '{"name": "Bash", "input": {"command": "df -h"}}', "", [bash("df -h")]),
    Case(
        "the shape of chat completions",
        '{"type": "function", "function": {"name": "Bash", "arguments": {"command": "df -h"}}}',
        "",
        [bash("df -h")],
    ),
    Case(
        "tool_calls",
        '{"tool_calls": [{"function": {"name": "Bash", "arguments": "{\\"command\\": \\"df\\"}"}, "type": "function"}, {"name": "Read", "arguments": {"file_path": "/a"}}]}',
        "",
        [bash("df"), read("/a")],
    ),
    Case(
        "other keys before the name",
        '{"id": 1, "thought": "I should look {here}.", "name": "Read", "arguments": {"file_path": "/a"}}',
        "",
        [read("/a")],
    ),
    Case(
        "nothing to say",
        '{"name": "list_tabs", "arguments": {}}',
        "",
        [("list_tabs", {})],
    ),
    Case(
        "a file",
        r'{"name": "Write", "arguments": {"file_path": "/src/App.jsx", "content": "export default () => (\n  <ul>\n    {items.map(i => <li key={i}>{`#${i}`}</li>)}\n  </ul>\n);\n"}}',
        "",
        [
            write(
                "/src/App.jsx",
                "export default () => (\n  <ul>\n    {items.map(i => <li key={i}>{`#${i}`}</li>)}\n"
                "  </ul>\n);\n",
            )
        ],
    ),
    Case(
        "lines of its own file that look like calls",
        r'{"name": "Write", "arguments": {"file_path": "/a.jsonl", "content": "{\"name\": \"Read\", \"arguments\": {}}\n{\"name\": \"Read\", \"arguments\": {}}\n"}}',
        "",
        [
            write(
                "/a.jsonl",
                '{"name": "Read", "arguments": {}}\n{"name": "Read", "arguments": {}}\n',
            )
        ],
    ),
    Case(
        "the tag around it was closed but not opened",
        f"{_READ}\n</tool_call>",
        "",
        [_APP],
    ),
    Case(
        "tags of Qwen's around it",
        f"<tools>\n{_READ}\n</tools>",
        "",
        [_APP],
    ),
    Case(
        "marks of LM Studio around it",
        f"[TOOL_REQUEST]\n{_READ}\n[END_TOOL_REQUEST]",
        "",
        [_APP],
    ),
    Case(
        "behind the end of thoughts that the template began",
        f"So I need the file.\n</think>\n\n{_READ}",
        "So I need the file.\n</think>",
        [_APP],
    ),
    Case(
        "behind thoughts",
        f"<think>\nThe user wants the file.\n</think>\n\n{_READ}",
        "<think>\nThe user wants the file.\n</think>",
        [_APP],
    ),
    Case(
        "Python's words and quotes",
        "{'name': 'Bash', 'arguments': {'command': 'ls', 'run_in_background': False}}",
        "",
        [bash("ls", run_in_background=False)],
    ),
    Case(
        "a bracket is missing", '{"name": "Bash", "arguments": {"command": "ls"}', "", [bash("ls")]
    ),
]

_TEXT: Final = [
    prose("not offered", '{"name": "get_weather", "arguments": {"city": "Oslo"}}'),
    prose("not at the start of a line", f"The call is {_READ} here."),
    Case("behind a mark of Llama's", f"<|python_tag|>{_READ}", "", [_APP]),
    prose("behind a list's mark", f"- {_READ}\n"),
    prose("no arguments", '{"name": "Read", "description": "Reads a file"}\n'),
    prose("arguments that are no object", '{"name": "Read", "arguments": 5}\n'),
    prose(
        "a value of another type",
        '{"name": "Read", "arguments": {"file_path": "/a", "limit": "x"}}',
    ),
    prose("a configuration", '{\n  "servers": {"a": {"name": "Read"}},\n  "args": ["-v"]\n}\n'),
    prose("an answer in JSON", '{"answer": 42, "sources": []}'),
    prose("an array of data", '[\n  {"name": "Ann", "age": 3},\n  {"name": "Bob", "age": 4}\n]\n'),
    prose("numbers", "[1, 2, 3]\n[4, 5, 6]\n"),
    prose("a block of code without a fence", "{\n  int a = b[0];\n  return {a};\n}\n"),
    prose("links and boxes", "[docs](https://a.example)\n[ ] one\n[x] two\n[^1]: note\n"),
    prose("templates", "{% if a %}\n{{ name }}\n{% endif %}\n{ }\n"),
    prose("a brace at the very end", "The block opens with\n{"),
    prose("a bracket at the very end", "An array opens with\n["),
    prose("JSON that is never closed", '{"a": [1, 2, {"b": "c"'),
    prose(
        "JSON lines of a log",
        '{"level":"info","msg":"up"}\n{"level":"warn","msg":"slow","args":{"ms":9}}\n',
    ),
    prose("calls inside of JSON", '{"plan": [{"name": "Read", "arguments": {"file_path": "/a"}}]}'),
    prose("the name of a tool is a number", '{"name": 5, "arguments": {}}'),
    prose("an empty name", '{"name": "", "arguments": {}}'),
]

CASES: Final = _CALLS + _TEXT
