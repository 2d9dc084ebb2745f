"""`[TOOL_CALLS]`, as Mistral's models write it when their server does not read it."""

from typing import Final

from tests.compat.corpus.case import Case, bash, prose, read, write

CASES: Final = [
    Case(
        "an array",
        '[TOOL_CALLS][{"name": "Read", "arguments": {"file_path": "/a.py"}}]',
        "",
        [read("/a.py")],
    ),
    Case(
        "an array after a space",
        '[TOOL_CALLS] [{"name": "Read", "arguments": {"file_path": "/a.py"}}]\n',
        "",
        [read("/a.py")],
    ),
    Case(
        "two in an array, with ids",
        '[TOOL_CALLS] [{"name": "Read", "arguments": {"file_path": "/a"}, "id": "9Ae3bDc2F"}, {"name": "Bash", "arguments": {"command": "ls"}, "id": "x8Ae3bDc2"}]',
        "",
        [read("/a"), bash("ls")],
    ),
    Case(
        "one object",
        '[TOOL_CALLS] {"name": "Glob", "arguments": {"pattern": "src/**/*.[jt]s"}}',
        "",
        [("Glob", {"pattern": "src/**/*.[jt]s"})],
    ),
    Case(
        "a name and ARGS",
        '[TOOL_CALLS]Read[ARGS]{"file_path": "/a.py", "limit": 3}',
        "",
        [read("/a.py", limit=3)],
    ),
    Case("a name and JSON", '[TOOL_CALLS]Bash{"command": "ls -a"}', "", [bash("ls -a")]),
    Case(
        "a name and ARGS, twice",
        '[TOOL_CALLS]Read[ARGS]{"file_path": "/a"}[TOOL_CALLS]Read[ARGS]{"file_path": "/b"}',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "a name and JSON, twice, on two lines",
        '[TOOL_CALLS]Read{"file_path": "/a"}\n[TOOL_CALLS]Read{"file_path": "/b"}\n',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "text before it",
        'Je vais lire le fichier.\n\n[TOOL_CALLS][{"name": "Read", "arguments": {"file_path": "/été.txt"}}]',
        "Je vais lire le fichier.",
        [read("/été.txt")],
    ),
    Case(
        "text right before it",
        'I will list the files.[TOOL_CALLS]Bash[ARGS]{"command": "ls"}',
        "I will list the files.",
        [bash("ls")],
    ),
    Case(
        "text behind it",
        '[TOOL_CALLS][{"name": "Bash", "arguments": {"command": "ls"}}]\n\nNow I wait.',
        "Now I wait.",
        [bash("ls")],
    ),
    Case(
        "pretty printed",
        """\
[TOOL_CALLS][
  {
    "name": "Grep",
    "arguments": {
      "pattern": "[TOOL_CALLS]",
      "path": "/src"
    }
  }
]""",
        "",
        [("Grep", {"pattern": "[TOOL_CALLS]", "path": "/src"})],
    ),
    Case(
        "arguments as a string of JSON",
        r'[TOOL_CALLS][{"name": "Bash", "arguments": "{\"command\": \"echo \\\"hi\\\"\"}"}]',
        "",
        [bash('echo "hi"')],
    ),
    Case(
        "brackets in strings",
        '[TOOL_CALLS]Bash[ARGS]{"command": "echo ]}[ARGS] | jq \'.[0]\'"}',
        "",
        [bash("echo ]}[ARGS] | jq '.[0]'")],
    ),
    Case(
        "a file",
        r'[TOOL_CALLS]Write[ARGS]{"file_path": "/a.py", "content": "def f(x: list[int]) -> dict[str, int]:\n    return {\"n\": len(x)}\n"}',
        "",
        [write("/a.py", 'def f(x: list[int]) -> dict[str, int]:\n    return {"n": len(x)}\n')],
    ),
    Case(
        "nothing to say",
        "[TOOL_CALLS]list_tabs[ARGS]{}",
        "",
        [("list_tabs", {})],
    ),
    Case(
        "the array has no end",
        '[TOOL_CALLS][{"name": "Bash", "arguments": {"command": "ls"}}',
        "",
        [bash("ls")],
    ),
    prose("in inline code", "Mistral puts a `[TOOL_CALLS]` token before the calls."),
    prose(
        "marks that only look like it",
        "[TOOL_CALL] and [TOOL CALLS] and [TOOLS] are not it.\n[1]: x",
    ),
]
