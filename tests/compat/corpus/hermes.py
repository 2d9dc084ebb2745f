"""`<tool_call>{json}</tool_call>`, as Hermes and Qwen were trained to write it."""

from typing import Final

from tests.compat.corpus.case import Case, bash, prose, read, write

_READ: Final = '{"name": "Read", "arguments": {"file_path": "/src/app.py"}}'
_APP: Final = read("/src/app.py")

CASES: Final = [
    Case("as Qwen writes it", f"<tool_call>\n{_READ}\n</tool_call>", "", [_APP]),
    Case("on one line", f"<tool_call>{_READ}</tool_call>", "", [_APP]),
    Case(
        "text before it",
        f"I'll check the file.\n\n<tool_call>\n{_READ}\n</tool_call>",
        "I'll check the file.",
        [_APP],
    ),
    Case(
        "text right before and behind it",
        f"Reading<tool_call>{_READ}</tool_call>and waiting.",
        "Readingand waiting.",
        [_APP],
    ),
    Case(
        "two tags",
        '<tool_call>\n{"name": "Glob", "arguments": {"pattern": "**/*.py"}}\n</tool_call>\n<tool_call>\n{"name": "Grep", "arguments": {"pattern": "TODO", "-n": true}}\n</tool_call>',
        "",
        [("Glob", {"pattern": "**/*.py"}), ("Grep", {"pattern": "TODO", "-n": True})],
    ),
    Case(
        "two objects in one tag",
        '<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n{"name": "Read", "arguments": {"file_path": "/b"}}\n</tool_call>',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "an array in one tag",
        '<tool_call>\n[{"name": "Read", "arguments": {"file_path": "/a"}}, {"name": "list_tabs", "arguments": {}}]\n</tool_call>',
        "",
        [read("/a"), ("list_tabs", {})],
    ),
    Case(
        "around a Qwen coder call",
        "<tool_call>\n<function=Read>\n<parameter=file_path>\n/src/app.py\n</parameter>\n</function>\n</tool_call>",
        "",
        [_APP],
    ),
    Case(
        "around an invoke",
        '<tool_call>\n<invoke name="Read">\n<parameter name="file_path">/src/app.py</parameter>\n</invoke>\n</tool_call>',
        "",
        [_APP],
    ),
    Case("never closed", f"Sure.\n<tool_call>\n{_READ}\n", "Sure.", [_APP]),
    Case(
        "pretty printed",
        """\
<tool_call>
{
  "name": "Bash",
  "arguments": {
    "command": "pytest -q tests/ 2>&1 | tail -n 20",
    "timeout": 60000,
    "run_in_background": false
  }
}
</tool_call>
""",
        "",
        [
            bash(
                "pytest -q tests/ 2>&1 | tail -n 20",
                timeout=60000.0,
                run_in_background=False,
            )
        ],
    ),
    Case(
        "parameters in place of arguments",
        '<tool_call>{"name": "Read", "parameters": {"file_path": "/a"}}</tool_call>',
        "",
        [read("/a")],
    ),
    Case(
        "arguments before the name",
        '<tool_call>{"arguments": {"file_path": "/a"}, "name": "Read"}</tool_call>',
        "",
        [read("/a")],
    ),
    Case(
        "arguments as a string of JSON",
        r'<tool_call>{"name": "Read", "arguments": "{\"file_path\": \"/a b\", \"limit\": 5}"}</tool_call>',
        "",
        [read("/a b", limit=5)],
    ),
    Case(
        "an id and a type, as chat completions have them",
        '<tool_call>\n{"id": "call_1", "type": "function", "function": {"name": "Read", "arguments": "{\\"file_path\\": \\"/a\\"}"}}\n</tool_call>',
        "",
        [read("/a")],
    ),
    Case(
        "tool_calls inside",
        '<tool_call>{"tool_calls": [{"name": "Read", "arguments": {"file_path": "/a"}}, {"name": "Read", "arguments": {"file_path": "/b"}}]}</tool_call>',
        "",
        [read("/a"), read("/b")],
    ),
    Case(
        "tool and input in place of name and arguments",
        '<tool_call>{"tool": "Bash", "input": {"command": "git status --short"}}</tool_call>',
        "",
        [bash("git status --short")],
    ),
    Case(
        "no arguments at all",
        '<tool_call>\n{"name": "list_tabs"}\n</tool_call>',
        "",
        [("list_tabs", {})],
    ),
    Case(
        "empty arguments",
        '<tool_call>\n{"name": "list_tabs", "arguments": {}}\n</tool_call>',
        "",
        [("list_tabs", {})],
    ),
    Case(
        "code as a JSON string",
        r"""<tool_call>
{"name": "Write", "arguments": {"file_path": "/src/main.rs", "content": "fn main() {\n    let v: Vec<u8> = vec![b'\\n', 0x22];\n    println!(\"{:?}\", v);\n}\n"}}
</tool_call>""",
        "",
        [
            write(
                "/src/main.rs",
                "fn main() {\n    let v: Vec<u8> = vec![b'\\n', 0x22];\n"
                '    println!("{:?}", v);\n}\n',
            )
        ],
    ),
    Case(
        "HTML as a JSON string",
        r"""<tool_call>{"name": "Write", "arguments": {"file_path": "/i.html", "content": "<!DOCTYPE html>\n<a href=\"/x?a=1&amp;b=2\" class='c'>&lt;Home&gt;<\/a>\n"}}</tool_call>""",
        "",
        [
            write(
                "/i.html",
                "<!DOCTYPE html>\n<a href=\"/x?a=1&amp;b=2\" class='c'>&lt;Home&gt;</a>\n",
            )
        ],
    ),
    Case(
        "its own closing tag inside a string",
        r'<tool_call>{"name": "Write", "arguments": {"file_path": "/doc.md", "content": "End it with </tool_call>.\nSo.\n"}}</tool_call>',
        "",
        [write("/doc.md", "End it with </tool_call>.\nSo.\n")],
    ),
    Case(
        "an opening tag inside a string",
        r'<tool_call>{"name": "Write", "arguments": {"file_path": "/doc.md", "content": "<tool_call>{\"name\": \"x\"}</tool_call>"}}</tool_call>',
        "",
        [write("/doc.md", '<tool_call>{"name": "x"}</tool_call>')],
    ),
    Case(
        "braces and brackets inside a string",
        r'<tool_call>{"name": "Grep", "arguments": {"pattern": "\\}\\]\\s*\\{[^\"]"}}</tool_call>',
        "",
        [("Grep", {"pattern": r'\}\]\s*\{[^"]'})],
    ),
    Case(
        "escapes of letters",
        r'<tool_call>{"name": "Write", "arguments": {"file_path": "/t.txt", "content": "caf\u00e9 \ud83d\ude00 \u4f60\u597d\t\/"}}</tool_call>',
        "",
        [write("/t.txt", "café 😀 你好\t/")],
    ),
    Case(
        "letters as they are",
        '好的，我来写。\n<tool_call>\n{"name": "Write", "arguments": {"file_path": "/文档/说明.txt", "content": "你好，世界 👋🏽"}}\n</tool_call>',
        "好的，我来写。",
        [write("/文档/说明.txt", "你好，世界 👋🏽")],
    ),
    Case(
        "a Windows path",
        r'<tool_call>{"name": "Read", "arguments": {"file_path": "C:\\Users\\dev\\new\\table.txt"}}</tool_call>',
        "",
        [read("C:\\Users\\dev\\new\\table.txt")],
    ),
    Case(
        "todos",
        '<tool_call>\n{"name": "TodoWrite", "arguments": {"todos": [{"content": "Add route", "status": "completed", "activeForm": "Adding route"}, {"content": "Test", "status": "pending", "activeForm": "Testing"}]}}\n</tool_call>',
        "",
        [
            (
                "TodoWrite",
                {
                    "todos": [
                        {
                            "content": "Add route",
                            "status": "completed",
                            "activeForm": "Adding route",
                        },
                        {"content": "Test", "status": "pending", "activeForm": "Testing"},
                    ]
                },
            )
        ],
    ),
    Case(
        "in an xml fence",
        f"```xml\n<tool_call>\n{_READ}\n</tool_call>\n```\n",
        "",
        [_APP],
    ),
    Case(
        "a name with a prefix and in another case",
        '<tool_call>{"name": "default_api.multi_edit", "arguments": {"file_path": "/a", "edits": []}}</tool_call>',
        "",
        [("MultiEdit", {"file_path": "/a", "edits": []})],
    ),
    Case(
        "keys in the same order as they came",
        '<tool_call>{"name": "Bash", "arguments": {"description": "List files", "command": "ls"}}</tool_call>',
        "",
        [("Bash", {"description": "List files", "command": "ls"})],
    ),
    prose(
        "a tag that is only talked of",
        "The model wraps calls in <tool_call> and </tool_call> tags, see the docs.",
    ),
    prose(
        "a tag in inline code",
        'Write `<tool_call>{"name": "Read", "arguments": {"file_path": "/a"}}</tool_call>` to read.',
    ),
    prose(
        "an example in a fence that begins with a comment",
        '```xml\n<!-- how to call -->\n<tool_call>\n{"name": "Read", "arguments": {"file_path": "/a"}}\n</tool_call>\n```\n',
    ),
    Case(
        "talked of, and then done",
        f"I will use the <tool_call> syntax now.\n<tool_call>\n{_READ}\n</tool_call>",
        "I will use the <tool_call> syntax now.",
        [_APP],
    ),
]
