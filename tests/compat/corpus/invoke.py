"""`<invoke name="…">`, with or without something around it."""

from typing import Final

from tests.compat.corpus.case import Case, bash, prose, read, write

_READ: Final = '<invoke name="Read">\n<parameter name="file_path">/a.py</parameter>\n</invoke>'

CASES: Final = [
    Case("in function_calls", f"<function_calls>\n{_READ}\n</function_calls>", "", [read("/a.py")]),
    Case(
        "in minimax:tool_call",
        f"<minimax:tool_call>\n{_READ}\n</minimax:tool_call>",
        "",
        [read("/a.py")],
    ),
    Case("alone", f"Let me see.\n\n{_READ}\n", "Let me see.", [read("/a.py")]),
    Case("behind a stray word", f"court\n{_READ}", "court", [read("/a.py")]),
    Case(
        "two in one",
        '<function_calls>\n<invoke name="Read">\n<parameter name="file_path">/a.py</parameter>\n</invoke>\n<invoke name="Bash">\n<parameter name="command">ls</parameter>\n<parameter name="timeout">5000</parameter>\n</invoke>\n</function_calls>\n',
        "",
        [read("/a.py"), bash("ls", timeout=5000.0)],
    ),
    Case(
        "text behind it",
        f"<function_calls>\n{_READ}\n</function_calls>\n\nThat shows the bug.",
        "That shows the bug.",
        [read("/a.py")],
    ),
    Case(
        "newlines are content",
        '<invoke name="Write">\n<parameter name="file_path">/a.txt</parameter>\n<parameter name="content">\nfirst\n\n</parameter>\n</invoke>',
        "",
        [write("/a.txt", "\nfirst\n\n")],
    ),
    Case(
        "on one line, single quotes",
        "<invoke name='Read'><parameter name='file_path'>/a.py</parameter><parameter name='limit'>2</parameter></invoke>",
        "",
        [read("/a.py", limit=2)],
    ),
    Case(
        "what is around it is not closed",
        f"<function_calls>\n{_READ}\n",
        "",
        [read("/a.py")],
    ),
    Case(
        "the last parameter is not closed",
        '<invoke name="Bash">\n<parameter name="command">ls -l</invoke>',
        "",
        [bash("ls -l")],
    ),
    Case(
        "no parameters",
        '<function_calls><invoke name="list_tabs"></invoke></function_calls>',
        "",
        [("list_tabs", {})],
    ),
    Case(
        "generics",
        '<invoke name="Edit">\n<parameter name="file_path">/A.java</parameter>\n<parameter name="old_string">List<String> a = new ArrayList<>();</parameter>\n<parameter name="new_string">Map<String, List<? extends T>> a = Map.of();</parameter>\n</invoke>',
        "",
        [
            (
                "Edit",
                {
                    "file_path": "/A.java",
                    "old_string": "List<String> a = new ArrayList<>();",
                    "new_string": "Map<String, List<? extends T>> a = Map.of();",
                },
            )
        ],
    ),
    Case(
        "a closing tag as content",
        '<invoke name="Write"><parameter name="file_path">/a.md</parameter><parameter name="content">`</parameter>` ends it.\n</parameter></invoke>',
        "",
        [write("/a.md", "`</parameter>` ends it.\n")],
    ),
    Case(
        "todos as JSON",
        '<function_calls>\n<invoke name="TodoWrite">\n<parameter name="todos">[{"content": "A", "status": "pending", "activeForm": "Doing A"}]</parameter>\n</invoke>\n</function_calls>',
        "",
        [
            (
                "TodoWrite",
                {"todos": [{"content": "A", "status": "pending", "activeForm": "Doing A"}]},
            )
        ],
    ),
    Case(
        "entities are no one's but the file's",
        '<invoke name="Bash"><parameter name="command">cat a.txt &amp;&amp; wc -l &lt; a.txt</parameter></invoke>',
        "",
        [bash("cat a.txt &amp;&amp; wc -l &lt; a.txt")],
    ),
    prose("in inline code", 'It wrote `<invoke name="Read">` and stopped.'),
    prose(
        "words that only look like it", "<invoker name='x'> and <function_call> are tags of others."
    ),
]
