"""`<function=name>` with `<parameter=key>` (Qwen coder) or with JSON (Llama)."""

from typing import Final

from tests.compat.corpus.case import Case, bash, prose, read, write

CASES: Final = [
    Case(
        "as Qwen coder writes it",
        "<tool_call>\n<function=Read>\n<parameter=file_path>\n/src/app.py\n</parameter>\n<parameter=limit>\n50\n</parameter>\n</function>\n</tool_call>",
        "",
        [read("/src/app.py", limit=50)],
    ),
    Case(
        "without the tag around it",
        "I'll look.\n\n<function=Read>\n<parameter=file_path>\n/src/app.py\n</parameter>\n</function>",
        "I'll look.",
        [read("/src/app.py")],
    ),
    Case(
        "the tag around it was closed but not opened",
        "<function=Bash>\n<parameter=command>\necho hello\n</parameter>\n</function>\n</tool_call>",
        "",
        [bash("echo hello")],
    ),
    Case(
        "values on the tags' line",
        "<function=Read><parameter=file_path>/src/app.py</parameter><parameter=offset>7</parameter></function>",
        "",
        [read("/src/app.py", offset=7)],
    ),
    Case(
        "one newline on each side is layout, others are not",
        "<function=Write>\n<parameter=file_path>\n/a.py\n</parameter>\n<parameter=content>\n\nimport os\n\n\n</parameter>\n</function>",
        "",
        [write("/a.py", "\nimport os\n\n")],
    ),
    Case(
        "indentation is content",
        "<function=Edit>\n<parameter=file_path>\n/a.py\n</parameter>\n<parameter=old_string>\n    return x  \n</parameter>\n<parameter=new_string>\n    return x + 1\n</parameter>\n</function>",
        "",
        [
            (
                "Edit",
                {
                    "file_path": "/a.py",
                    "old_string": "    return x  ",
                    "new_string": "    return x + 1",
                },
            )
        ],
    ),
    Case(
        "an empty value",
        "<function=Edit>\n<parameter=file_path>\n/a.py\n</parameter>\n<parameter=old_string>\nx\n</parameter>\n<parameter=new_string>\n</parameter>\n</function>",
        "",
        [("Edit", {"file_path": "/a.py", "old_string": "x", "new_string": ""})],
    ),
    Case(
        "a page of HTML",
        """\
<tool_call>
<function=Write>
<parameter=file_path>
/site/index.html
</parameter>
<parameter=content>
<!DOCTYPE html>
<html>
  <head><script>if (a < b && c > d) { run("</p>"); }</script></head>
  <body onload='go()'>&copy; 2024 &lt;me&gt;</body>
</html>
</parameter>
</function>
</tool_call>
""",
        "",
        [
            write(
                "/site/index.html",
                '<!DOCTYPE html>\n<html>\n  <head><script>if (a < b && c > d) { run("</p>"); }'
                "</script></head>\n  <body onload='go()'>&copy; 2024 &lt;me&gt;</body>\n</html>",
            )
        ],
    ),
    Case(
        "a heredoc",
        "<function=Bash>\n<parameter=command>\ncat > /tmp/a.sh <<'EOF'\n#!/bin/sh\nfor f in *.txt; do\n\tsed -i 's/<b>/\\&lt;/g' \"$f\"\ndone\nEOF\nchmod +x /tmp/a.sh\n</parameter>\n</function>",
        "",
        [
            bash(
                "cat > /tmp/a.sh <<'EOF'\n#!/bin/sh\nfor f in *.txt; do\n"
                "\tsed -i 's/<b>/\\&lt;/g' \"$f\"\ndone\nEOF\nchmod +x /tmp/a.sh"
            )
        ],
    ),
    Case(
        "edits as JSON",
        '<function=MultiEdit>\n<parameter=file_path>\n/a.ts\n</parameter>\n<parameter=edits>\n[{"old_string": "a<T>", "new_string": "b<T>", "replace_all": true}]\n</parameter>\n</function>',
        "",
        [
            (
                "MultiEdit",
                {
                    "file_path": "/a.ts",
                    "edits": [{"old_string": "a<T>", "new_string": "b<T>", "replace_all": True}],
                },
            )
        ],
    ),
    Case(
        "a boolean as Python writes it",
        "<function=Bash>\n<parameter=command>\nnpm run dev\n</parameter>\n<parameter=run_in_background>\nTrue\n</parameter>\n</function>",
        "",
        [bash("npm run dev", run_in_background=True)],
    ),
    Case(
        "no parameters",
        "<function=list_tabs>\n</function>",
        "",
        [("list_tabs", {})],
    ),
    Case(
        "no parameters, with the tag around it",
        "<tool_call>\n<function=list_tabs>\n</function>\n</tool_call>\n",
        "",
        [("list_tabs", {})],
    ),
    Case(
        "the last parameter is not closed",
        "<function=Read>\n<parameter=file_path>\n/src/app.py\n</function>\n</tool_call>",
        "",
        [read("/src/app.py")],
    ),
    Case(
        "the function is not closed",
        "<tool_call>\n<function=Read>\n<parameter=file_path>\n/src/app.py\n</parameter>\n</tool_call>",
        "",
        [read("/src/app.py")],
    ),
    Case(
        "a closing tag as content",
        "<function=Edit>\n<parameter=file_path>\n/p.xml\n</parameter>\n<parameter=old_string>\n<a></parameter> b\n</parameter>\n<parameter=new_string>\n<a/>\n</parameter>\n</function>",
        "",
        [
            (
                "Edit",
                {"file_path": "/p.xml", "old_string": "<a></parameter> b", "new_string": "<a/>"},
            )
        ],
    ),
    Case(
        "CDATA",
        "<function=Write>\n<parameter=file_path>\n/a.xml\n</parameter>\n<parameter=content>\n<![CDATA[<a>&lt;</a>\n]]>\n</parameter>\n</function>",
        "",
        [write("/a.xml", "<a>&lt;</a>\n")],
    ),
    Case(
        "carriage returns as layout",
        "<function=Read>\r\n<parameter=file_path>\r\n/src/app.py\r\n</parameter>\r\n</function>\r\n",
        "",
        [read("/src/app.py")],
    ),
    Case(
        "two of them",
        "First both files.\n<function=Read>\n<parameter=file_path>\n/a\n</parameter>\n</function>\n<function=Read>\n<parameter=file_path>\n/b\n</parameter>\n</function>\n",
        "First both files.",
        [read("/a"), read("/b")],
    ),
    Case(
        "two in two tags with text between",
        "<tool_call>\n<function=Read>\n<parameter=file_path>\n/a\n</parameter>\n</function>\n</tool_call>\nand\n<tool_call>\n<function=Read>\n<parameter=file_path>\n/b\n</parameter>\n</function>\n</tool_call>",
        "and",
        [read("/a"), read("/b")],
    ),
    Case(
        "as Llama writes it",
        '<function=Read>{"file_path": "/src/app.py", "limit": 10}</function>',
        "",
        [read("/src/app.py", limit=10)],
    ),
    Case(
        "as Llama writes it, on lines of their own",
        '<function=Bash>\n{"command": "make -j4 && ctest"}\n</function>\n',
        "",
        [bash("make -j4 && ctest")],
    ),
    Case(
        "as Llama writes it, without an end",
        '<function=Bash>{"command": "ls -la"}',
        "",
        [bash("ls -la")],
    ),
    Case(
        "as Llama writes it, numbers as strings",
        '<function=Read>{"file_path": "/a", "limit": "25"}</function>',
        "",
        [read("/a", limit=25)],
    ),
    Case(
        "as Llama writes it, nothing in it",
        "<function=list_tabs>{}</function>",
        "",
        [("list_tabs", {})],
    ),
    Case(
        "as Llama writes it, its own end in a string",
        '<function=Bash>{"command": "echo \'</function>\' > a"}</function>Done',
        "Done",
        [bash("echo '</function>' > a")],
    ),
    Case(
        "the name in another case",
        "<function=bash>\n<parameter=command>\ngrep -r \"percentage\" . --include='*.py'\n</parameter>\n</function>",
        "",
        [bash("grep -r \"percentage\" . --include='*.py'")],
    ),
    prose(
        "in inline code",
        "Qwen writes `<function=Read><parameter=file_path>/a</parameter></function>` here.",
    ),
    prose(
        "functions of other languages",
        'std::function<int(int)> f; <function name="x"/> and if (function=1) or <functions>.',
    ),
]
