"""Calls as JSON in a code fence, and fences that are none."""

from typing import Final

from tests.compat.corpus.case import Case, bash, prose, read, write

_READ: Final = '{"name": "Read", "arguments": {"file_path": "/src/app.py"}}'
_APP: Final = read("/src/app.py")

_CALLS: Final = [
    Case("json", f"```json\n{_READ}\n```", "", [_APP]),
    Case("no language", f"```\n{_READ}\n```\n", "", [_APP]),
    Case("tool_call", f"```tool_call\n{_READ}\n```", "", [_APP]),
    Case("tool_code", f"```tool_code\n{_READ}\n```", "", [_APP]),
    Case("tool_use", f"```tool_use\n{_READ}\n```", "", [_APP]),
    Case(
        "pretty printed, with text around it",
        """\
To fix this I need to see the file.

```json
{
  "name": "Read",
  "arguments": {
    "file_path": "/src/app.py",
    "limit": 100
  }
}
```

Once I have it, I will go on.""",
        "To fix this I need to see the file.Once I have it, I will go on.",
        [read("/src/app.py", limit=100)],
    ),
    Case(
        "Gemma's shape",
        '```tool_code\n{"name": "Bash", "parameters": {"command": "uname -a"}}\n```',
        "",
        [bash("uname -a")],
    ),
    Case(
        "an array",
        '```json\n[\n  {"name": "Read", "arguments": {"file_path": "/a"}},\n  {"name": "Read", "arguments": {"file_path": "/b"}}\n]\n```',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "one a line",
        '```json\n{"name": "Read", "arguments": {"file_path": "/a"}}\n{"name": "Read", "arguments": {"file_path": "/b"}}\n```',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "two fences with text between",
        '```json\n{"name": "Read", "arguments": {"file_path": "/a"}}\n```\n\nand then\n\n```json\n{"name": "Read", "arguments": {"file_path": "/b"}}\n```',
        "and then",
        [read("/a"), read("/b")],
    ),
    Case(
        "the shape of chat completions",
        '```json\n{"type": "function", "function": {"name": "Bash", "arguments": {"command": "ls"}}}\n```',
        "",
        [bash("ls")],
    ),
    Case(
        "tool_calls",
        '```json\n{"tool_calls": [{"id": "1", "type": "function", "function": {"name": "Bash", "arguments": "{\\"command\\": \\"ls\\"}"}}]}\n```',
        "",
        [bash("ls")],
    ),
    Case(
        "blank lines inside",
        f"```json\n\n  {_READ}\n\n```",
        "",
        [_APP],
    ),
    Case(
        "carriage returns",
        f"Ok.\r\n\r\n```json\r\n{_READ}\r\n```\r\n",
        "Ok.",
        [_APP],
    ),
    Case("the fence is not closed", f"Sure:\n```json\n{_READ}\n", "Sure:", [_APP]),
    Case(
        "fences inside a string",
        r"""```json
{"name": "Write", "arguments": {"file_path": "/README.md", "content": "# App\n\n```bash\nnpm start\n```\n"}}
```
""",
        "",
        [write("/README.md", "# App\n\n```bash\nnpm start\n```\n")],
    ),
    Case(
        "a trailing comma",
        '```json\n{"name": "Bash", "arguments": {"command": "ls",},}\n```',
        "",
        [bash("ls")],
    ),
    Case("JSON in capitals", f"```JSON\n{_READ}\n```", "", [_APP]),
    Case(
        "the name in another case",
        '```json\n{"name": "bash", "arguments": {"command": "ls"}}\n```',
        "",
        [bash("ls")],
    ),
    Case(
        "behind another fence",
        f'Now it is:\n```json\n{{"port": 80}}\n```\nLet me check.\n```json\n{_READ}\n```',
        'Now it is:\n```json\n{"port": 80}\n```\nLet me check.',
        [_APP],
    ),
]

_TEXT: Final = [
    prose(
        "a package.json",
        'Use this:\n\n```json\n{\n  "name": "shop",\n  "version": "1.0.0",\n  "scripts": {"test": "vitest"}\n}\n```\nand install.\n',
    ),
    prose(
        "a call of something that is not offered",
        '```json\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n```',
    ),
    prose(
        "the name of a tool but no arguments",
        '```json\n{"name": "Read", "description": "Reads a file", "schema": {}}\n```\n',
    ),
    prose(
        "arguments that are no object",
        '```json\n{"name": "Read", "arguments": ["/a"]}\n```\n',
    ),
    prose(
        "arguments that are words",
        '```json\n{"name": "Read", "arguments": "the file please"}\n```\n',
    ),
    prose(
        "a value that is of another type",
        '```json\n{"name": "Read", "arguments": {"file_path": "/a", "limit": "many"}}\n```\n',
    ),
    prose(
        "something before the call",
        '```json\n// the call\n{"name": "Read", "arguments": {"file_path": "/a"}}\n```\n',
    ),
    prose(
        "something behind the call",
        '```\n{"name": "Read", "arguments": {"file_path": "/a"}}\nis what I would send\n```\n',
    ),
    prose(
        "a call that is part of more",
        '```json\n{"steps": [{"name": "Read", "arguments": {"file_path": "/a"}}]}\n```\n',
    ),
    prose(
        "one of two is not offered",
        '```json\n[{"name": "Read", "arguments": {"file_path": "/a"}}, {"name": "Fly", "arguments": {}}]\n```\n',
    ),
    prose("code of Gemma", '```tool_code\nprint(Read(file_path="/a"))\n```\n'),
    prose("an empty fence", "```json\n```\n"),
    prose("an empty object", "```json\n{}\n```"),
    prose("a list of numbers", "```json\n[1, 2, 3]\n```\n\nThat is all."),
    prose(
        "JSON that is broken beyond repair",
        '```json\n{"name": "Read", "arguments": {\n  ...\n}\n```',
    ),
    prose(
        "a call in the middle of a shell session",
        '```bash\ncurl -d @- localhost <<EOF\n{"name": "Read", "arguments": {"file_path": "/a"}}\nEOF\n```\n',
    ),
    prose(
        "an example inside a longer fence",
        '````markdown\n```json\n{"name": "Read", "arguments": {"file_path": "/a"}}\n```\n````\n',
    ),
    prose("three backticks in a line", 'Say ```{"name": "Read", "arguments": {}}``` to me.'),
]

CASES: Final = _CALLS + _TEXT
